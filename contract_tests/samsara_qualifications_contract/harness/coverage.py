"""Which keywords of the spec were tried, at which path, with valid and with invalid values."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.harness.outcomes import Keyword
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.oracle.spec import Json, Operation

_CHECKED_FORMATS = {"date-time", "date", "uuid", "uri"}
"""Those that a value can break; `double` and `int64` break no number."""


class Coverage:
    """Counts what was tried."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()

    def note(self, operation: Operation, side: str, value: Any) -> None:
        """Count the keywords that a body, or the values of a query, met or broke."""
        for path, keyword, valid, invalid in _walk(_schema(operation.id, side), "", [value]):
            self._counts[operation.id, side, path, keyword, "valid"] += valid
            self._counts[operation.id, side, path, keyword, "invalid"] += invalid

    def dump(self) -> list[Any]:
        """Return the counts as plain data."""
        return [[list(key), count] for key, count in self._counts.items() if count]

    def load(self, rows: list[Any]) -> None:
        """Add counts that `dump` gave."""
        for key, count in rows:
            self._counts[tuple(key)] += count

    def keywords(self) -> list[Keyword]:
        """Return all keywords of the spec, in requests and in the answers of successes."""
        places = (
            (operation.id, side, path, keyword)
            for operation in spec.OPERATIONS.values()
            for side in ("request", "response")
            for path, keyword, *_ in _walk(_schema(operation.id, side), "", [])
            if operation.body_schema or side == "response" or keyword != "type"  # a query is text
        )
        counts = self._counts
        return [Keyword(*at, counts[*at, "valid"], counts[*at, "invalid"]) for at in places]


@cache
def _schema(operation_id: str, side: str) -> Any:
    operation = spec.OPERATIONS[operation_id]
    if side == "response":
        return operation.response_schema(operation.success)
    return operation.body_schema or {
        "type": "object",
        "properties": {name: node["schema"] for name, node in operation.parameters.items()},
        "required": [name for name, node in operation.parameters.items() if node.get("required")],
    }


def _walk(schema: Json | None, path: str, values: list[Any]) -> Iterator[tuple[str, str, int, int]]:
    """Yield each keyword, and how many values met and broke it; with no values, all keywords."""
    if schema is None:
        return
    schema = spec.resolve(schema)
    right = values
    for keyword in ("type", "format", "enum"):
        if keyword in schema and (keyword != "format" or schema["format"] in _CHECKED_FORMATS):
            part: Json = {"type": schema["type"], keyword: schema[keyword]}
            met = [value for value in right if not spec.breaches(part, value)]
            yield path, keyword, len(met), len(right) - len(met)
            right = met if keyword == "type" else right
    for name in schema.get("required", []):
        there = sum(name in value for value in right)
        yield f"{path}.{name}", "required", there, len(right) - there
    for step, inner, found in _parts(schema, right):
        if found or not values:
            yield from _walk(inner, f"{path}{step}", found)


def _parts(schema: Json, values: list[Any]) -> Iterator[tuple[str, Json, list[Any]]]:
    """Yield what is inside objects and lists: the step to it, its schema, the values there."""
    properties = schema.get("properties", {})
    for name, part in properties.items():
        yield f".{name}", part, [value[name] for value in values if name in value]
    if "items" in schema:
        yield "[]", schema["items"], [item for value in values for item in value]
    if "additionalProperties" in schema:
        others = [v for value in values for n, v in value.items() if n not in properties]
        yield ".*", schema["additionalProperties"], others
