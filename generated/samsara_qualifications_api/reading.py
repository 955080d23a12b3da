"""Read one JSON value, by the rules that decode.py states: what its functions are made of."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum

T = TypeVar("T")
E = TypeVar("E", bound="StrEnum")

_LONGEST = 60  # characters of a value in a message
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_USUAL_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\dZ", re.ASCII)
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Unreadable(ValueError):
    """
    A value that cannot be read; `str()` is the reason.

    Args:
        reason: What is wrong, such as `should be a string, not 5`.
        path: Where, such as `data.fields[0].id`; empty for the whole.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self._path = path

    @property
    def path(self) -> str:
        """Where the value is, such as `data.fields[0].id`; empty for the whole."""
        return self._path.removeprefix(".")

    def under(self, parent: str) -> Unreadable:
        """Return this error seen from the parent: the path grows from the inside out."""
        self._path = parent + self._path
        return self


def located(fault: KeyError | Unreadable, at: str) -> Unreadable:
    """Return what is wrong with the property at a place; a KeyError says that there is none."""
    return fault.under(at) if isinstance(fault, Unreadable) else Unreadable("is missing", at)


def parse(body: bytes) -> Any:
    """
    Return the JSON value of a response's body.

    Raises:
        Unreadable: The body is not JSON, or is nested too deeply.
    """
    try:
        return _JSON.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"is not JSON: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)


def members(value: Any) -> dict[str, Any]:
    """Return a copy of an object, for a decoder to take from it what it knows."""
    if type(value) is not dict:
        raise _unlike("an object", value)
    return value.copy()


def mapping(value: Any, read: Callable[[Any], T]) -> dict[str, T]:
    """Return an object whose names are data, with each value read."""
    if type(value) is not dict:
        raise _unlike("an object", value)
    result: dict[str, T] = {}
    name = ""
    try:
        for name, item in value.items():  # noqa: B007  it tells where a fault is
            result[name] = read(item)
    except Unreadable as fault:
        raise fault.under(f".{name}") from None
    return result


def array(value: Any, read: Callable[[Any], T]) -> list[T]:
    """Return an array with each item read."""
    if type(value) is not list:
        raise _unlike("an array", value)
    result: list[T] = []
    try:
        for item in value:
            result.append(read(item))  # noqa: PERF401  its length tells where a fault is
    except Unreadable as fault:
        raise fault.under(f"[{len(result)}]") from None
    return result


def string(value: Any) -> str:
    """Return a string."""
    if type(value) is not str:
        raise _unlike("a string", value)
    return value


class Enumeration(dict[str, E]):
    """The members of an enum by their values; a value that is new makes a member of its own."""

    def __init__(self, kind: type[E]) -> None:
        super().__init__({member.value: member for member in kind})
        self._kind = kind

    def __missing__(self, value: str) -> E:
        return self._kind(value)


def boolean(value: Any) -> bool:
    """Return a boolean."""
    if type(value) is not bool:
        raise _unlike("a boolean", value)
    return value


def number(value: Any, expected: str = "a number") -> float:
    """Return a number that a finite double can carry."""
    try:
        if (type(value) is float or type(value) is int) and math.isfinite(value):
            return value
    except OverflowError:  # an int beyond the doubles
        pass
    raise _unlike(expected, value)


def integer(value: Any) -> int:
    """Return a whole number, however it is written."""
    if number(value, "an integer") != int(value):
        raise _unlike("an integer", value)
    return int(value)


def uuid(value: Any) -> UUID:
    """Return a UUID."""
    return _uuid(string(value))


@lru_cache(1024)  # each record of a type has the ids of its fields
def _uuid(text: str) -> UUID:
    if not _UUID.fullmatch(text):  # Python also reads other forms
        raise _unlike("a UUID", text)
    return UUID(text)


def calendar_day(value: Any) -> date:
    """Return a date, which has one form."""
    text = string(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # Python also reads 20240808 and 2024-W32-4
        raise _unlike("a date such as 2024-08-08", value)
    return day


def date_time(value: Any) -> datetime:
    """Return a moment in time."""
    text = string(value)
    plain = text if _USUAL_DATE_TIME.fullmatch(text) else _plain(text)
    try:
        moment = datetime.fromisoformat(plain)
        moment.astimezone(UTC)  # fails where that is outside of the years 1 to 9999
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"should be a date-time, not {_quoted(text)}: {error}") from None
    return moment


def _plain(text: str) -> str:
    """Return a date-time in a form that Python reads."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise Unreadable(f"should be an RFC 3339 date-time with an offset, not {_quoted(text)}")
    day, minute, second, fraction, offset = match.groups(default="")
    if second == "60":
        second, fraction = "59", ".999999"
    return f"{day}T{minute}:{second}{fraction[:7]}{offset.upper()}"


def _quoted(text: str) -> str:
    return f"{text[:_LONGEST]!r:.{_LONGEST}}"


def _unlike(expected: str, value: Any) -> Unreadable:
    """Return the error of a value that is another one than expected."""
    beginning = ""
    for part in _json_parts(value):
        beginning += part
        if len(beginning) > _LONGEST:
            break
    return Unreadable(f"should be {expected}, not {beginning:.{_LONGEST}}")


def _json_parts(value: Any) -> Iterator[str]:
    """Yield a value's JSON text bit by bit: all of it may be too long, or too deep to write."""
    if isinstance(value, dict):
        yield "{"
        for place, (name, item) in enumerate(value.items()):
            yield f"{', ' if place else ''}{json.dumps(name[:_LONGEST])}: "
            yield from _json_parts(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from _json_parts(item)
        yield "]"
    else:
        yield json.dumps(value[:_LONGEST] if isinstance(value, str) else value)
