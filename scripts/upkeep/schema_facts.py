"""What schemas that hold together at one place say of it, with 3.0 and 3.1 made alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from upkeep.openapi_document import JsonObject, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Key = tuple[str, str]
"""An edge of a wire shape: its kind, and its name (empty where the kind says all)."""

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_SAYS_NOTHING = ("minLength", "minItems", "minProperties")  # where they are 0
COUNTS = frozenset(
    {"type", "nullable", "format", "enum", "const", "properties", "required", "items", "anyOf"}
    | {"oneOf", "additionalProperties", "exclusiveMinimum", "exclusiveMaximum", "pattern"}
    | {"multipleOf", "uniqueItems", "deprecated", *LOWER, *UPPER}
)


def deprecated(sources: Iterable[JsonObject]) -> dict[str, Any]:
    """
    Read the mark of deprecation.

    Args:
        sources: Operations, parameters or schemas.

    Returns:
        The fact if one of them has the mark, else none.
    """
    return {"deprecated": True} if any(source.get("deprecated") for source in sources) else {}


def alternatives(schema: JsonObject) -> list[Any]:
    """
    List the schemas of `oneOf` and `anyOf`.

    Args:
        schema: One schema.

    Returns:
        All of them but null, which is a fact of the place.
    """
    listed = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return [option for option in listed if not _is_null(option)]


def _is_null(schema: object) -> bool:
    return is_object(schema) and schema.get("type") == "null"


def required(schema: JsonObject) -> Iterator[Key]:
    """
    List the properties that must be there.

    Args:
        schema: One schema.

    Returns:
        Their edges.
    """
    names = schema.get("required", ())
    return (("property", name) for name in names)


def subschemas(parts: list[Any]) -> dict[Key, list[Any]]:
    """
    Collect the schemas one step below a place.

    Args:
        parts: The schemas of the place.

    Returns:
        Those below it, by edge; none for a property that is only listed as required.
    """
    found: dict[Key, list[Any]] = {}
    for part in parts:
        for name, schema in part.get("properties", {}).items():
            found.setdefault(("property", name), []).append(schema)
        for key in required(part):
            found.setdefault(key, [])
        for keyword, kind in (("items", "items"), ("additionalProperties", "values")):
            if is_object(part.get(keyword)) and part[keyword]:
                found.setdefault((kind, ""), []).append(part[keyword])
    return found


def facts_of(parts: list[Any]) -> dict[str, Any]:
    """
    Merge what several schemas say of one place itself.

    Args:
        parts: The schemas; a value must suit them all.

    Returns:
        Facts by name, as JSON-like values that are equal where the meaning is; of limits the
        tightest.
    """
    facts: dict[str, Any] = deprecated(parts)
    types, null = _types(parts)
    if types:
        facts["type"] = sorted(types)
    if null:
        facts["null"] = True
    enums = [_enum(part) for part in parts if "enum" in part or "const" in part]
    if enums:
        facts["enum"] = sorted(_common(enums))
    for name in ("format", "multipleOf"):
        for part in parts:
            if name in part:
                facts[name] = _number(part[name])
    patterns = {part["pattern"] for part in parts if "pattern" in part}
    if patterns:
        facts["pattern"] = sorted(patterns)
    if any(part.get("uniqueItems") for part in parts):
        facts["uniqueItems"] = True
    if any(part.get("additionalProperties") is False for part in parts):
        facts["closed"] = True
    return facts | _bounds(parts)


def _types(parts: list[Any]) -> tuple[set[str], bool]:
    said = [types for part in parts if (types := _own_types(part))]
    types = _common(said)
    null = "null" in types or any(
        not _own_types(part)
        and (
            part.get("nullable")
            or any(map(_is_null, (*part.get("oneOf", ()), *part.get("anyOf", ()))))
        )
        for part in parts
    )
    return types - {"null"}, null


def _own_types(part: JsonObject) -> set[str]:
    listed = part.get("type", [])
    types: set[str] = {listed} if isinstance(listed, str) else set(listed)
    if not types:
        types = _implied_types(part)
    return types | {"null"} if types and part.get("nullable") else types


def _implied_types(part: JsonObject) -> set[str]:
    if "enum" in part or "const" in part:
        values: list[object] = part.get("enum", [part.get("const")])
        return {_JSON_TYPES.get(type(value), "string") for value in values}
    if "properties" in part or is_object(part.get("additionalProperties")):
        return {"object"}
    return {"array"} if "items" in part else set()


def _common(sets: list[set[str]]) -> set[str]:
    return set[str].intersection(*sets) if sets else set()


_JSON_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def _enum(part: JsonObject) -> set[str]:
    """Write each value as JSON text, which tells `1`, `true` and `"1"` apart."""
    values = part["enum"] if "enum" in part else [part["const"]]
    return {json.dumps(_number(value), sort_keys=True) for value in values if value is not None}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bounds(parts: list[Any]) -> dict[str, Any]:
    """
    Read lower and upper bounds as `[value, strictness]`, which compare like the bounds do.

    The greater lower bound and the lesser upper bound are the tighter ones.
    """
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
    exclusive = part.get(
        {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(name, "")
    )
    if name in part and not (name in _SAYS_NOTHING and part[name] == 0):
        yield part[name], exclusive is True
    if exclusive is not None and not isinstance(exclusive, bool):
        yield exclusive, True
