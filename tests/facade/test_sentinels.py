"""Absent, set, cleared: identity that survives every copy."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from samsara_qualifications import CLEAR, UNSET, expiration_of, models
from samsara_qualifications.sentinels import Clear, Exactly, Unset


@pytest.mark.parametrize("sentinel", [CLEAR, UNSET], ids=repr)
def test_a_sentinel_is_one_object(sentinel: Any) -> None:
    """`is` works after a copy, a pickle, and another way in."""
    twins = [pickle.loads(pickle.dumps(sentinel, n)) for n in range(6)]  # noqa: S301
    twins += [copy.copy(sentinel), copy.deepcopy(sentinel), type(sentinel)(sentinel.value)]
    assert all(twin is sentinel for twin in twins)
    assert [sentinel] == list(type(sentinel))


def test_sentinels_show_their_names() -> None:
    """In a message, a repr tells which one it is."""
    assert ["CLEAR", "UNSET"] == [repr(CLEAR), repr(UNSET)]
    assert (Clear, Unset) == (type(CLEAR), type(UNSET))
    assert not UNSET


def test_a_meant_value_is_a_value() -> None:
    """Equal by content, frozen, copied and pickled."""
    meant = Exactly("")
    for twin in [copy.copy(meant), copy.deepcopy(meant), pickle.loads(pickle.dumps(meant))]:  # noqa: S301
        assert (meant, Exactly) == (twin, type(twin))
    assert "Exactly(value='')" == repr(meant)
    with pytest.raises(AttributeError):
        meant.value = "x"  # type: ignore[misc]


def record(**changes: Any) -> models.QualificationRecord:
    """Return a record of which only the expiration date matters."""
    whole: Any = object.__new__(models.QualificationRecord)
    whole.expiration_date = changes.get("expiration_date", UNSET)
    return whole


def test_a_record_without_a_date_never_expires() -> None:
    """Absent, and cleared, are the same to a reader."""
    assert expiration_of(record()) is None
    assert expiration_of(record(expiration_date=datetime(1970, 1, 1, tzinfo=UTC))) is None
    when = datetime(2027, 1, 1, tzinfo=UTC)
    assert when == expiration_of(record(expiration_date=when))
