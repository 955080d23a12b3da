"""RFC 3339 timestamps as whole nanoseconds, which Python's datetime cannot hold."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

SECOND = 10**9
MICROSECOND = 1000
CLEAR = "1970-01-01T00:00:00Z"
BEFORE_ALL = -(10**20)
EPOCH_DAY = date(1970, 1, 1).toordinal()

_PATTERN = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def parse(text: str) -> int:
    """Return the nanoseconds since the epoch; digits below are cut off."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 timestamp")
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups("")
    if year == "0000":
        return BEFORE_ALL
    days = date(int(year), int(month), int(day)).toordinal() - EPOCH_DAY
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    return seconds * SECOND + int(f"{fraction:0<9}"[:9])


def moment(value: Any) -> Any:
    """Return the nanoseconds of a timestamp; any other value as it is."""
    try:
        return parse(value)
    except (TypeError, ValueError):
        return value


FIRST = parse("0001-01-01T00:00:00Z")
LAST = parse("9999-12-31T23:59:59.999999999Z")


def representable(nanoseconds: int) -> bool:
    """Tell whether an instant lies in the years 1 to 9999, in UTC."""
    return FIRST <= nanoseconds <= LAST


def render(nanoseconds: int) -> str:
    """Return an instant of the years 1 to 9999 as text in UTC."""
    seconds, fraction = divmod(nanoseconds, SECOND)
    minutes, second = divmod(seconds % 86400, 60)
    time = f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
    digits = f".{fraction:09d}".rstrip("0").rstrip(".")
    return f"{day_of(nanoseconds).isoformat()}T{time}{digits}Z"


def day_of(nanoseconds: int) -> date:
    """Return the calendar day in UTC."""
    return date.fromordinal(nanoseconds // (86400 * SECOND) + EPOCH_DAY)
