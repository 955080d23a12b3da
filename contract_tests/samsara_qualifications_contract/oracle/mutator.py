"""Single-point mutations: change a valid JSON value at one path, by one keyword of its schema."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.oracle.spec import Json

Path = tuple[str | int, ...]
Reading = Literal["refused", "kept", "absent", "date-time"]

OF_EACH_TYPE: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "number": 1.5,
    "string": "text",
    "array": [],
    "object": {},
}
NO_DATE_TIMES = {
    "no offset": "2024-08-08T18:53:23",
    "a date alone": "2024-08-08",
    "words": "yesterday",
    "empty": "",
    "month 13": "2024-13-08T18:53:23Z",
    "no such day": "2023-02-29T18:53:23Z",
    "hour 25": "2024-08-08T25:53:23Z",
    "minute 60": "2024-08-08T18:60:23Z",
    "no seconds": "2024-08-08T18:53Z",
    "year 10000": "10000-01-01T00:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "before year 1 in UTC": "0001-01-01T00:00:00+00:01",
    "after year 9999 in UTC": "9999-12-31T23:59:59-00:01",
    "half an offset": "2024-08-08T18:53:23+2:00",
    "offset of a day": "2024-08-08T18:53:23+24:00",
    "a comma": "2024-08-08T18:53:23,5Z",
    "basic form": "20240808T185323Z",
    "other digits": "٢٠٢٤-08-08T18:53:23Z",
    "epoch seconds": "1723143203",
}
DATE_TIMES = {
    "UTC as offset": "2024-08-08T18:53:23+00:00",
    "unknown offset": "2024-08-08T18:53:23-00:00",
    "half an hour": "2024-08-09T00:23:23+05:30",
    "west": "2024-08-08T10:53:23-08:00",
    "lower case": "2024-08-08t18:53:23z",
    "a blank": "2024-08-08 18:53:23Z",
    "milliseconds": "2024-08-08T18:53:23.120Z",
    "nanoseconds": "2024-08-08T18:53:23.123456789Z",
    "picoseconds": "2024-08-08T18:53:23.999999999999Z",
    "leap second": "2016-12-31T23:59:60Z",
    "leap second elsewhere": "2016-12-31T15:59:60.5-08:00",
    "year 1": "0001-01-01T00:00:00Z",
    "year 9999": "9999-12-31T23:59:59.999999Z",
    "the clear value": "1970-01-01T00:00:00Z",
}
NO_DATES = ["2024-02-30", "08/08/2024", "", "2024-08-08T00:00:00Z", "20240808", "2024-W32-4"]
NO_UUIDS = [
    "",
    "text",
    "9814a1faf0c6408bbf8551dc3bc71ac7",
    "{9814a1fa-f0c6-408b-bf85-51dc3bc71ac7}",
]
STRINGS = ["", "Zoë", "🚚𝄞", "\x00", "a\u2028b", "1970-01-01T00:00:00Z", "null", "x" * 5000]
NO_NUMBERS = [10**400]
NUMBERS = [0, -0.0, 1e308, -5e-324, 2**53 + 1, 10**30, 0.1]
INTEGERS = [0, -1, 2**63 - 1, 2**70]


@dataclass(frozen=True)
class Mutation:
    """
    One change.

    Attributes:
        path: Where it is; of a missing property, where that was.
        keyword: The keyword of the schema that it touches.
        name: What it is.
        reading: What a tolerant reader must make of it: refuse the whole, keep the value, read it
            as absent, or read it as the instant that it is.
        value: The whole value after the change.
    """

    path: Path
    keyword: str
    name: str
    reading: Reading
    value: Any

    @property
    def place(self) -> str:
        """The path as errors write it, such as `data.fields[0].id`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).lstrip(".")

    def __str__(self) -> str:
        """Return what was changed and where."""
        return f"{self.place or 'the whole'}: {self.keyword}: {self.name}"


_Change = tuple[str, str, Any, Any]


def mutations(schema: Json, value: Any) -> Iterator[Mutation]:
    """Yield every mutation of a valid value."""
    yield from _walk(schema, value, (), value, optional=False)


def _walk(
    schema: Json, value: Any, path: Path, whole: Any, *, optional: bool
) -> Iterator[Mutation]:
    schema = spec.resolve(schema)
    for keyword, name, reading, changed in _changes(schema, optional=optional):
        yield Mutation(path, keyword, name, reading, _set(whole, path, changed))
    if schema["type"] == "object":
        yield from _object(schema, value, path, whole)
    elif schema["type"] == "array":
        twice = _set(whole, path, value * 2)
        yield Mutation(path, "items", "each twice", "kept", twice)
        for index, item in enumerate(value):
            yield from _walk(schema["items"], item, (*path, index), whole, optional=False)


def _object(schema: Json, value: Json, path: Path, whole: Any) -> Iterator[Mutation]:
    required: list[str] = schema.get("required", [])
    extra = schema.get("additionalProperties", {})
    for name, item in value.items():
        optional = "properties" in schema and name not in required
        part = schema["properties"][name] if "properties" in schema else extra
        yield from _walk(part, item, (*path, name), whole, optional=optional)
        reading: Reading = "refused" if name in required else "kept"
        without = {key: kept for key, kept in value.items() if key != name}
        yield Mutation((*path, name), "required", "missing", reading, _set(whole, path, without))
    if "properties" in schema:
        for name, new in (("xNew", {"a": [1, None]}), ("null", None), ("", "empty")):
            more = _set(whole, path, {**value, name: new})
            yield Mutation(path, "additionalProperties", f"new property {name!r}", "kept", more)
    else:
        more = _set(whole, path, {**value, "": "", "schlüssel": "🚚"})
        yield Mutation(path, "additionalProperties", "odd keys", "kept", more)


def _changes(schema: Json, *, optional: bool) -> Iterator[_Change]:
    kind = schema["type"]
    for name, value in OF_EACH_TYPE.items():
        if name != kind and not (kind == "integer" and name == "string"):
            absent = name == "null" and optional
            yield ("type", f"{name} for {kind}", "absent" if absent else "refused", value)
    if "enum" in schema:
        yield from (("enum", f"new {text!r}", "kept", text) for text in ("brandNew", ""))
    elif kind == "string":
        yield from _strings(schema.get("format"))
    elif kind == "number":
        yield from (("type", f"{number!r:.20}", "kept", number) for number in NUMBERS)
        yield from (("type", "10**400", "refused", number) for number in NO_NUMBERS)
    elif kind == "integer":
        yield from (("type", f"{number!r:.20}", "kept", number) for number in INTEGERS)
        yield ("type", "as 3.0", "kept", 3.0)
        yield ("type", "a string", "refused", "3")
    elif kind == "array":
        yield ("items", "empty", "kept", [])


def _strings(form: str | None) -> Iterator[_Change]:
    match form:
        case "date-time":
            for name, text in NO_DATE_TIMES.items():
                yield ("format", name, "refused", text)
            for name, text in DATE_TIMES.items():
                yield ("format", name, "date-time", text)
        case "date":
            yield from (("format", repr(text), "refused", text) for text in NO_DATES)
            yield ("format", "another day", "kept", "0001-12-31")
        case "uuid":
            yield from (("format", repr(text), "refused", text) for text in NO_UUIDS)
            upper = "9814A1FA-F0C6-408B-BF85-51DC3BC71AC7"
            yield ("format", "upper case", "kept", upper)
        case "uri":
            yield ("format", "no URI", "kept", "not a uri ::")
        case _:
            yield from (("type", f"{text!r:.20}", "kept", text) for text in STRINGS)


def _set(whole: Any, path: Path, value: Any) -> Any:
    """Return a copy of the whole with another value at the path; the rest is shared."""
    if not path:
        return value
    step, *rest = path
    changed = copy.copy(whole)
    changed[step] = _set(whole[step], tuple(rest), value)
    return changed
