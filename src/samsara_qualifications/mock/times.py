"""RFC 3339 timestamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .messages import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str) -> datetime:
    """
    Return the instant of a valid RFC 3339 timestamp, in UTC.

    A leap second is taken as the second after it; digits below the microsecond are cut off.
    """
    text = text.upper()
    leap = text[17:19] == "60"
    if leap:
        text = f"{text[:17]}59{text[19:]}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError) as error:
        raise Refused(400, f"{text} is outside the years 1 to 9999") from error


def render(moment: datetime) -> str:
    """Return the instant in UTC with `Z`, and with a fraction where it has one."""
    precision = "auto" if moment.microsecond % 1000 or not moment.microsecond else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


@lru_cache(maxsize=100_000)
def sortable(text: str) -> str:
    """Return a text for a timestamp that sorts as the instants do; a page asks for each record."""
    return parse(text).isoformat(timespec="microseconds")
