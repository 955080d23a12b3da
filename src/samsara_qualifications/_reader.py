"""
Read a response as a tolerant reader: what the API may add passes, what cannot be trusted does not.

Refused, with the path of the first such value: a missing required property; a value of another
JSON type than the spec's; a number that is no finite double; a date-time without offset or outside
the years 1 to 9999 in UTC; a date or UUID that is none.

Tolerated, by these rules:
- unknown properties and enum values are kept;
- `null` for an optional property is read as absent;
- a fraction of a second beyond microseconds is cut, and a leap second is the last microsecond of
  its minute, since Python's datetime knows neither;
- an integer may be written as `1.0`;
- a URI is any string, and a blank may stand for the `T` of a date-time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from . import _wire
from ._values import UUID_TEXT, is_finite

_Reader = Callable[[Any], Any]

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class UnreadableError(ValueError):
    """A value in a response that cannot be read. `path` grows from the inside out."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.path = path

    def under(self, parent: str) -> UnreadableError:
        """Return this error seen from the parent."""
        return UnreadableError(str(self), parent + self.path)


def read(body: bytes, component: str) -> dict[str, Any]:
    """
    Parse a response's body and check it against a component of the spec.

    Args:
        body: The bytes of the body.
        component: The name of the component, such as `"QualificationRecordResponse"`.

    Returns:
        The parsed body, in the form that the generated models read.

    Raises:
        UnreadableError: The body is no JSON, or a value breaks the rules above.
    """
    try:
        checked: dict[str, Any] = _component(component)(parse(body))
    except RecursionError:  # of a reader, or of a message's json.dumps
        raise UnreadableError("is nested too deeply") from None
    except UnreadableError as error:
        raise UnreadableError(str(error), error.path.lstrip(".")) from None
    return checked


def parse(body: bytes) -> Any:
    """Return the JSON value of a body."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    except ValueError as error:
        raise UnreadableError(f"is no JSON: {error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


@cache
def _component(name: str) -> _Reader:
    return _compile(_wire.spec()["components"]["schemas"][name])


def _compile(schema: dict[str, Any]) -> _Reader:
    if "$ref" in schema:
        return _component(schema["$ref"].rpartition("/")[2])
    match schema["type"]:
        case "object" if "properties" in schema:
            return _object(schema["properties"], schema.get("required", []))
        case "object":
            return _map(_compile(schema["additionalProperties"]))
        case "array":
            return _array(_compile(schema["items"]))
        case "string":
            return _string(_FORMATS.get(schema.get("format", "")))
        case kind:
            return _SCALARS[kind]


def _object(properties: dict[str, dict[str, Any]], required: list[str]) -> _Reader:
    readers = {name: _compile(schema) for name, schema in properties.items()}

    def read_object(value: Any) -> dict[str, Any]:
        _expect(isinstance(value, dict), "an object", value)
        for name in required:
            if name not in value:
                raise UnreadableError("is missing", f".{name}")
        return {
            name: _read_under(f".{name}", readers[name], item) if name in readers else item
            for name, item in value.items()
            if not (item is None and name in readers and name not in required)
        }

    return read_object


def _map(reader: _Reader) -> _Reader:
    def read_map(value: Any) -> dict[str, Any]:
        _expect(isinstance(value, dict), "an object", value)
        return {name: _read_under(f".{name}", reader, item) for name, item in value.items()}

    return read_map


def _array(reader: _Reader) -> _Reader:
    def read_array(value: Any) -> list[Any]:
        _expect(isinstance(value, list), "an array", value)
        return [_read_under(f"[{index}]", reader, item) for index, item in enumerate(value)]

    return read_array


def _read_under(path: str, reader: _Reader, value: Any) -> Any:
    try:
        return reader(value)
    except UnreadableError as error:
        raise error.under(path) from None


def _string(check: Callable[[str], str] | None) -> _Reader:
    def read_string(value: Any) -> str:
        _expect(isinstance(value, str), "a string", value)
        return check(value) if check else value

    return read_string


def _number(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _expect(number and is_finite(value), "a number", value)
    return value


def _integer(value: Any) -> int:
    _expect(_number(value) == int(value), "an integer", value)
    return int(value)


def _boolean(value: Any) -> Any:
    _expect(isinstance(value, bool), "a boolean", value)
    return value


def _expect(fits: object, what: str, value: Any) -> None:
    if not fits:
        raise UnreadableError(f"should be {what}, not {json.dumps(value):.60}")


def _date_time(value: str) -> str:
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise UnreadableError(f"should be an RFC 3339 date-time with an offset, not {value!r:.60}")
    day, minute, second, fraction, offset = match.groups(default="")
    if second == "60":
        second, fraction = "59", ".999999"
    text = f"{day}T{minute}:{second}{fraction}{offset.upper()}"
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"should be a date-time, not {value!r:.60}: {error}") from None
    return text


def _date(value: str) -> str:
    try:
        day = date.fromisoformat(value).isoformat()
    except ValueError:
        day = None
    _expect(day == value, "a date such as 2024-08-08", value)
    return value


def _uuid(value: str) -> str:
    _expect(UUID_TEXT.fullmatch(value) is not None, "a UUID", value)
    return value


_FORMATS: dict[str, Callable[[str], str]] = {
    "date-time": _date_time,
    "date": _date,
    "uuid": _uuid,
}
_SCALARS: dict[str, _Reader] = {"number": _number, "integer": _integer, "boolean": _boolean}
