"""Absent, set, cleared, meant: `UNSET`, `CLEAR`, `Exactly`, and the date that may be cleared."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Final, Generic, NamedTuple, TypeVar

from samsara_qualifications_api import models
from samsara_qualifications_api.types import UNSET, Unset

__all__ = ["CLEAR", "EPOCH", "UNSET", "Clear", "Exactly", "Unset", "expiration_of"]

_T_co = TypeVar("_T_co", covariant=True)


class Clear(Enum):
    """The type of `CLEAR`."""

    CLEAR = "CLEAR"

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR: Final = Clear.CLEAR
"""
Removes the expiration date from a record, or the text from a text field.

For the date `1970-01-01T00:00:00Z` goes out, which clears it, as Samsara's API documentation says;
for a text the empty text, which is assumed to.
"""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Exactly(NamedTuple, Generic[_T_co]):
    """
    A value that is meant, although it looks like an empty cell: `TextField(field_id, Exactly(""))`.

    It goes out as it is, where without it the value would be refused: a blank text, the epoch, or
    the date that another system writes for no date.

    Attributes:
        value: The value.
    """

    value: _T_co


def expiration_of(record: models.QualificationRecord) -> datetime | None:
    """
    Return when a record expires.

    Args:
        record: A record as the client returned it.

    Returns:
        An aware datetime, or `None` where the record never expires: the date is absent, or it is
        the value that clears (that a server might return it is assumed).
    """
    date = record.expiration_date
    return None if isinstance(date, Unset) or date == EPOCH else date
