"""The spec as the mock reads it: operations, parameters, and rules for bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .. import _wire
from .extra import needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_rs import Draft202012Validator

    from .messages import Json

MAX_MESSAGE = 300


@dataclass(frozen=True)
class Rule:
    """A schema of the spec, ready to check values."""

    validator: Draft202012Validator

    def breach(self, value: object) -> str | None:
        """Return where and how the value first breaks the rule, or `None` where it does not."""
        try:
            self.validator.validate(value)
        except ValueError as error:  # a ValidationError, or what no JSON can hold
            path: list[str | int] = getattr(error, "instance_path", [])
            place = ".".join(map(str, path)) or "the whole"
            message: str = getattr(error, "message", str(error))
            return f"{place}: {message}"[:MAX_MESSAGE]
        return None


@dataclass(frozen=True)
class Operation:
    """
    One operation of the spec.

    Attributes:
        id: Its operationId.
        rate: Its limit: requests, and the window in seconds.
        success: The status of its success.
        parameters: The JSON type of each query parameter.
        query: The rule for its query.
        body: The rule for its request body, where it takes one.
        responses: The rule for each response body, by status or `default`; no body counts as null.
    """

    id: str
    rate: tuple[float, float]
    success: int
    parameters: Mapping[str, str]
    query: Rule
    body: Rule | None
    responses: Mapping[str, Rule]


@dataclass(frozen=True)
class Spec:
    """
    The whole spec.

    Attributes:
        operations: The operations by path, then by method.
        error: The rule for the body of an error.
        record: The rule for a record.
        owner: The rule for an owner.
        kind: The rule for a qualification type.
        shared: The limits over all operations: requests, and the window in seconds.
    """

    operations: Mapping[str, Mapping[str, Operation]]
    error: Rule
    record: Rule
    owner: Rule
    kind: Rule
    shared: Mapping[str, tuple[float, float]]

    def by_id(self) -> dict[str, Operation]:
        """Return the operations by their ids."""
        return {op.id: op for methods in self.operations.values() for op in methods.values()}


@lru_cache(maxsize=1)
def load() -> Spec:
    """Return the spec that this version was built from."""
    return _Reader(_wire.spec()).spec()


class _Reader:
    def __init__(self, document: Json) -> None:
        with needed():
            from jsonschema_rs import Draft202012Validator  # noqa: PLC0415  of the extra
        self._validator = Draft202012Validator
        self._document = document
        self._rules: dict[str, Rule] = {}

    def spec(self) -> Spec:
        limits = self._document["x-rate-limits"]
        return Spec(
            operations={
                path: {verb.upper(): self._operation(node) for verb, node in item.items()}
                for path, item in self._document["paths"].items()
            },
            error=self._component("Error"),
            record=self._component("QualificationRecord"),
            owner=self._component("Owner"),
            kind=self._component("QualificationType"),
            shared={name: _rate(limit) for name, limit in limits.items()},
        )

    def _operation(self, node: Json) -> Operation:
        parameters = [self._resolved(parameter) for parameter in node.get("parameters", [])]
        responses = node["responses"]
        return Operation(
            id=node["operationId"],
            rate=_rate(node["x-rate-limit"]),
            success=next(int(status) for status in responses if status.startswith("2")),
            parameters={p["name"]: self._resolved(p["schema"])["type"] for p in parameters},
            query=self._rule(
                {
                    "properties": {p["name"]: p["schema"] for p in parameters},
                    "required": [p["name"] for p in parameters if p.get("required", False)],
                }
            ),
            body=self._content(node["requestBody"]) if "requestBody" in node else None,
            responses={status: self._content(self._resolved(r)) for status, r in responses.items()},
        )

    def _resolved(self, node: Json) -> Json:
        if "$ref" not in node:
            return node
        target = self._document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return target

    def _content(self, node: Json) -> Rule:
        media = node.get("content", {}).get("application/json", {})
        return self._rule(media.get("schema", {"type": "null"}))

    def _component(self, name: str) -> Rule:
        return self._rule({"$ref": f"#/components/schemas/{name}"})

    def _rule(self, schema: Json) -> Rule:
        key = json.dumps(schema)
        if key not in self._rules:
            rooted = {**schema, "components": self._document["components"]}
            self._rules[key] = Rule(self._validator(rooted, validate_formats=True))
        return self._rules[key]


def _rate(node: Json) -> tuple[float, float]:
    return node["requests"], node["window_seconds"]
