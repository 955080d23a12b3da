"""What schemas that hold together at one place say of it, with 3.0 and 3.1 made alike."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from upkeep.openapi_document import DocumentError, JsonObject, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Key = tuple[str, str]
"""An edge of a wire shape: its kind, and its name (empty where the kind says all)."""

_FIXED = {"items": "[]", "values": "{}", "schema": "", "keyword": "", "body": "body"} | {
    "server": "servers",
    "security": "security",
    "response header": " header",
}
LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}


def step(key: Key) -> str:
    """Write an edge as a step of a place: `.id`, `[]` for items, `{}` for a map's values."""
    kind, name = key
    if kind == "property":
        return f".{name}"
    if kind == "media type":
        return "" if name == "application/json" else f" ({name})"
    if kind in {"response", "operation"}:
        return name
    return _FIXED.get(kind, f"{kind} {name}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_schema(value: object) -> bool:
    return is_object(value) or isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list_of(item: Callable[[object], bool]) -> Callable[[Any], bool]:
    return lambda value: is_list(value) and all(map(item, value))


_FORMS: dict[str, Callable[[Any], bool]] = {
    "an object": is_object,
    "a list": is_list,
    "a list of objects": _list_of(is_object),
    "a text": _is_text,
    "a list of texts": _list_of(_is_text),
    "a text or a list of texts": lambda v: _is_text(v) or _list_of(_is_text)(v),
    "a schema": _is_schema,
    "a list of schemas": _list_of(_is_schema),
    "schemas by name": lambda v: is_object(v) and all(map(_is_schema, v.values())),
    "true or false": lambda v: isinstance(v, bool),
    "a number": _is_number,
    "a number or a truth value": lambda v: isinstance(v, int | float),
    "a number above 0": lambda v: _is_number(v) and v > 0,
    "a whole number from 0 on": lambda v: _is_number(v) and v >= 0 and v == int(v),
}
_KEYWORDS = {
    "enum": "a list",
    "required": "a list of texts",
    "type": "a text or a list of texts",
    "properties": "schemas by name",
    "multipleOf": "a number above 0",
    **dict.fromkeys(("format", "pattern", "contentEncoding", "$ref"), "a text"),
    **dict.fromkeys(("allOf", "oneOf", "anyOf"), "a list of schemas"),
    **dict.fromkeys(("items", "additionalProperties"), "a schema"),
    **dict.fromkeys(_EXCLUSIVE, "a number"),
    **dict.fromkeys(_EXCLUSIVE.values(), "a number or a truth value"),
    **dict.fromkeys((*LOWER[1:], *UPPER[1:]), "a whole number from 0 on"),
    **dict.fromkeys(
        ("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems"), "true or false"
    ),
}
WORDS = frozenset(
    {"title", "description", "default", "example", "examples", "externalDocs", "summary", "xml"}
    | {"$comment", "$id", "$schema", "$anchor", "$defs", "definitions"}
)
"""What says nothing about values on the wire."""
KNOWN = WORDS | _KEYWORDS.keys() | {"const"}
"""The keywords of a schema that are read here, or need not be."""


def expect(value: Any, place: str, form: str, keyword: str = "") -> Any:
    """Return what has the form that OpenAPI asks for there; refuse all else."""
    if not _FORMS[form](value):
        said = f"{keyword}is {value!r:.60}, not {form}"
        raise DocumentError(f"{place}: {said}; mend the document there.")
    return value


def check_schema(schema: JsonObject, place: str) -> None:
    """Refuse a keyword with a value that OpenAPI does not allow there."""
    for keyword, value in schema.items():
        if keyword in _KEYWORDS:
            expect(value, place, _KEYWORDS[keyword], f"{keyword!r} ")


def counts(schema: JsonObject) -> bool:
    """Tell whether a schema itself says anything about values, understood or not."""
    return any(key not in WORDS | {"$ref", "allOf"} and not key.startswith("x-") for key in schema)


def deprecated(sources: Iterable[JsonObject]) -> dict[str, Any]:
    """Read the mark of deprecation of operations, parameters or schemas as a fact."""
    return {"deprecated": True} if any(source.get("deprecated") for source in sources) else {}


def alternatives(schema: JsonObject) -> list[Any]:
    """List the schemas of `oneOf` and `anyOf`, but null, which is a fact of the place."""
    listed = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return [option for option in listed if not _is_null(option)]


def _is_null(schema: object) -> bool:
    return is_object(schema) and schema.get("type") == "null"


def required(schema: JsonObject) -> Iterator[Key]:
    """List the edges of the properties that must be there."""
    return (("property", name) for name in schema.get("required", ()))


def subschemas(parts: list[Any]) -> dict[Key, list[Any]]:
    """Collect the schemas below a place by edge; none for what is only listed as required."""
    found: dict[Key, list[Any]] = {}
    for part in parts:
        for name, schema in part.get("properties", {}).items():
            found.setdefault(("property", name), []).append(schema)
        for key in required(part):
            found.setdefault(key, [])
        for keyword, kind in (("items", "items"), ("additionalProperties", "values")):
            below = part.get(keyword)
            if (is_object(below) and below) or (kind == "items" and below is False):
                found.setdefault((kind, ""), []).append(below)
    return found


def facts_of(parts: list[Any]) -> dict[str, Any]:
    """Merge what several schemas say of one place itself, as facts that are equal where it is."""
    types, null = _types(parts)
    enums = [_enum(part) for part in parts if "enum" in part or "const" in part]
    multiples = [Fraction(str(part["multipleOf"])) for part in parts if "multipleOf" in part]
    facts = {
        "type": sorted(types) or None,
        "null": null or None,
        "enum": common_values(enums) if enums else None,
        "format": " and ".join(sorted({*map(_format, parts)} - {""})) or None,
        "multipleOf": _common_multiple(multiples) if multiples else None,
        "pattern": sorted({part["pattern"] for part in parts if "pattern" in part}) or None,
        "uniqueItems": any(part.get("uniqueItems") for part in parts) or None,
        "closed": any(part.get("additionalProperties") is False for part in parts) or None,
    }
    said = {name: value for name, value in facts.items() if value is not None}
    return deprecated(parts) | said | _bounds(parts)


def as_enum(facts: dict[str, Any], options: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Read alternatives that are plain values as an enum; none if one is anything else."""
    plain = {"enum", "type", "null", "deprecated"}
    if not all("enum" in option and option.keys() <= plain for option in options):
        return None
    values = list(dict.fromkeys(value for option in options for value in option["enum"]))
    types = {name for option in options for name in option.get("type", [])}
    merged = facts | {"enum": common_values([facts.get("enum", values), values])}
    merged["type"] = sorted(_common([set(facts.get("type", types)), types]))
    flags = [flag for option in options for flag in ("null", "deprecated") if flag in option]
    return merged | dict.fromkeys(flags, True)


def common_values(enums: list[list[str]]) -> list[str]:
    """List what is in all enums, in the order of the first."""
    first, *others = enums
    common = set(first).intersection(*others)
    return [value for value in first if value in common]


def is_multiple(number: Any, of: Any) -> bool:
    """Tell exactly, as decimal numbers are written."""
    return (Fraction(str(number)) / Fraction(str(of))).denominator == 1


def _common_multiple(numbers: list[Fraction]) -> float | int:
    denominator = math.lcm(*(number.denominator for number in numbers))
    numerator = math.lcm(*(int(number * denominator) for number in numbers))
    result = Fraction(numerator, denominator)
    return int(result) if result.denominator == 1 else float(result)


def _format(part: JsonObject) -> str:
    """Read a format, empty if there is none; 3.1 says `byte` as an encoding."""
    encoding = part.get("contentEncoding", "")
    return str(part.get("format", "byte" if encoding == "base64" else encoding))


def _types(parts: list[Any]) -> tuple[set[str], bool]:
    types = _common([types for part in parts if (types := _own_types(part))])
    if "number" in types:
        types.discard("integer")
    untyped = [part for part in parts if not _own_types(part)]
    options = [o for part in untyped for o in (*part.get("oneOf", ()), *part.get("anyOf", ()))]
    null = any(part.get("nullable") for part in untyped) or any(map(_is_null, options))
    return types - {"null"}, null or "null" in types


def _own_types(part: JsonObject) -> set[str]:
    listed = part.get("type", [])
    types: set[str] = {listed} if isinstance(listed, str) else set(listed)
    if not types:
        types = _implied_types(part)
    if "number" in types:
        types.add("integer")  # so that both have the whole numbers in common
    return types | {"null"} if types and part.get("nullable") else types


def _implied_types(part: JsonObject) -> set[str]:
    if "enum" in part or "const" in part:
        values: list[object] = part.get("enum", [part.get("const")])
        return {"null" if v is None else _JSON_TYPES.get(type(v), "string") for v in values}
    if "properties" in part or is_object(part.get("additionalProperties")):
        return {"object"}
    return {"array"} if "items" in part else set()


def _common(sets: list[set[str]]) -> set[str]:
    return set[str].intersection(*sets) if sets else set()


_JSON_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number"}


def _enum(part: JsonObject) -> list[str]:
    """Write each value as JSON text, which tells `1`, `true` and `"1"` apart."""
    values = part["enum"] if "enum" in part else [part["const"]]
    texts = (json.dumps(_number(value), sort_keys=True) for value in values if value is not None)
    return list(dict.fromkeys(texts))


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bounds(parts: list[Any]) -> dict[str, Any]:
    """Read bounds as `[value, strictness]`, which compare as bounds do; the tightest counts."""
    bounds: dict[str, Any] = {}
    for part in parts:
        for name in (*LOWER, *UPPER):
            for value, exclusive in _bound(part, name):
                strictness = int(exclusive) if name in LOWER else int(not exclusive)
                tighter = max if name in LOWER else min
                bound = [_number(value), strictness]
                bounds[name] = tighter(bounds.get(name, bound), bound)
    return bounds


def _bound(part: JsonObject, name: str) -> Iterator[tuple[float, bool]]:
    exclusive = part.get(_EXCLUSIVE.get(name, ""))
    if name in part and not (name in LOWER[1:] and part[name] == 0):  # 0 items says nothing
        yield part[name], exclusive is True
    if exclusive is not None and not isinstance(exclusive, bool):
        yield exclusive, True
