"""Absent, set, cleared: `UNSET`, `CLEAR`, and how to read a date that may be cleared."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Final

from samsara_qualifications_api import models
from samsara_qualifications_api.types import UNSET, Unset

__all__ = ["CLEAR", "EPOCH", "UNSET", "Clear", "Unset", "expiration_of"]


class Clear(Enum):
    """The type of `CLEAR`."""

    CLEAR = "CLEAR"

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR: Final = Clear.CLEAR
"""
Removes the expiration date from a record.

It goes out as `1970-01-01T00:00:00Z`, which clears the date, as Samsara's API documentation says.
"""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
