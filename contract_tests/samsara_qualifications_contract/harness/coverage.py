"""Which keywords of the spec were tried, at which path, with valid and with invalid values."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.oracle.mutator import Mutation
    from samsara_qualifications_contract.oracle.spec import Json, Operation

Key = tuple[str, str, str, str]
"""Operation, `request` or `response`, path in the value, keyword."""


CHECKED_FORMATS = {"date-time", "date", "uuid", "uri"}
"""Those that a value can break; `double` and `int64` break no number."""


class Coverage:
    """Counts what was tried."""

    def __init__(self) -> None:
        self.valid: Counter[Key] = Counter()
        self.invalid: Counter[Key] = Counter()

    def note(self, operation: Operation, side: str, value: Any) -> None:
        """Count the keywords that a body, or the values of a query, met or broke."""
        schema = _schema(operation, side)
        if schema is not None:
            for path, keyword, fits in _tried(schema, value, ""):
                counter = self.valid if fits else self.invalid
                counter[operation.id, side, path, keyword] += 1

    def note_mutation(self, operation: Operation, side: str, mutation: Mutation) -> None:
        """Count the keyword that a mutation touches, where it is one that is counted."""
        schema = _schema(operation, side)
        assert schema is not None
        key = (operation.id, side, _place(schema, mutation.path), mutation.keyword)
        if key in _countable():
            counter = self.invalid if spec.breaches(schema, mutation.value) else self.valid
            counter[key] += 1

    def dump(self) -> list[list[Any]]:
        """Return the counts as plain data."""
        keys = sorted(self.valid.keys() | self.invalid.keys())
        return [[*key, self.valid[key], self.invalid[key]] for key in keys]

    def load(self, rows: list[list[Any]]) -> None:
        """Add counts that `dump` gave."""
        for *key, valid, invalid in rows:
            operation, side, path, keyword = key
            self.valid[operation, side, path, keyword] += valid
            self.invalid[operation, side, path, keyword] += invalid


def every_key() -> list[Key]:
    """Return all keywords of the spec, in requests and in the answers of successes."""
    return [
        (operation.id, side, path, keyword)
        for operation in spec.OPERATIONS.values()
        for side in ("request", "response")
        if (schema := _schema(operation, side)) is not None
        for path, keyword in _keys(schema, "")
        if operation.body_schema or side == "response" or keyword != "type"  # a query is all text
    ]


@cache
def _countable() -> frozenset[Key]:
    return frozenset(every_key())


def _place(schema: Json, path: tuple[str | int, ...]) -> str:
    """Return a path without indices and without the keys of maps."""
    place = ""
    for step in path:
        schema = spec.resolve(schema)
        if isinstance(step, int):
            schema, place = schema["items"], f"{place}[]"
        elif step in schema.get("properties", {}):
            schema, place = schema["properties"][step], f"{place}.{step}"
        else:
            schema, place = schema.get("additionalProperties", {}), f"{place}.*"
    return place


def _schema(operation: Operation, side: str) -> Json | None:
    if side == "response":
        return operation.response_schema(operation.success)
    return operation.body_schema or _query_schema(operation.id)


@cache
def _query_schema(operation_id: str) -> Json:
    parameters = spec.OPERATIONS[operation_id].parameters
    return {
        "type": "object",
        "properties": {name: node["schema"] for name, node in parameters.items()},
        "required": [name for name, node in parameters.items() if node.get("required")],
    }


def _keys(schema: Json, path: str) -> Iterator[tuple[str, str]]:
    schema = spec.resolve(schema)
    yield path, "type"
    if schema.get("format") in CHECKED_FORMATS:
        yield path, "format"
    if "enum" in schema:
        yield path, "enum"
    if schema["type"] == "array":
        yield from _keys(schema["items"], f"{path}[]")
    for name in schema.get("required", []):
        yield f"{path}.{name}", "required"
    for name, part in schema.get("properties", {}).items():
        yield from _keys(part, f"{path}.{name}")
    if "additionalProperties" in schema:
        yield from _keys(schema["additionalProperties"], f"{path}.*")


def _tried(schema: Json, value: Any, path: str) -> Iterator[tuple[str, str, bool]]:
    schema = spec.resolve(schema)
    fits = not spec.breaches({"type": schema["type"]}, value)
    yield path, "type", fits
    if not fits:
        return
    for keyword in ("format", "enum"):
        if keyword in schema:
            part = {"type": schema["type"], keyword: schema[keyword]}
            yield path, keyword, not spec.breaches(part, value)
    if schema["type"] == "array":
        for item in value:
            yield from _tried(schema["items"], item, f"{path}[]")
    elif schema["type"] == "object":
        yield from _tried_object(schema, value, path)


def _tried_object(schema: Json, value: Json, path: str) -> Iterator[tuple[str, str, bool]]:
    for name in schema.get("required", []):
        yield f"{path}.{name}", "required", name in value
    properties = schema.get("properties", {})
    for name, item in value.items():
        if name in properties:
            yield from _tried(properties[name], item, f"{path}.{name}")
        elif "additionalProperties" in schema:
            yield from _tried(schema["additionalProperties"], item, f"{path}.*")
