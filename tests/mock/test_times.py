"""RFC 3339 timestamps."""

import pytest

from samsara_qualifications.mock import times
from samsara_qualifications.mock.messages import Refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-27T10:20:30Z", "2025-08-27T10:20:30Z"),
        ("2025-08-27t10:20:30z", "2025-08-27T10:20:30Z"),
        ("2025-08-27T10:20:30+02:00", "2025-08-27T08:20:30Z"),
        ("2025-08-27T10:20:30-00:00", "2025-08-27T10:20:30Z"),
        ("2025-08-27T10:20:30.5Z", "2025-08-27T10:20:30.500Z"),
        ("2025-08-27T10:20:30.123456789Z", "2025-08-27T10:20:30.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_timestamp_is_shown_in_utc(text: str, expected: str) -> None:
    """Every spelling of an instant comes out the same way."""
    assert expected == times.render(times.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "9999-12-31T23:59:60Z",
    ],
)
def test_an_instant_out_of_range_is_refused(text: str) -> None:
    """What Python's datetime cannot hold is the caller's mistake, not the mock's crash."""
    with pytest.raises(Refused, match="outside the years 1 to 9999") as caught:
        times.parse(text)

    assert caught.value.status == 400


def test_a_sortable_time_sorts_as_instants_do() -> None:
    """Whatever their years, fractions and offsets."""
    texts = [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:01.000002Z",
        "2026-01-01T00:30:00+01:00",
        "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ]

    assert texts == sorted(set(texts), key=times.sortable)
