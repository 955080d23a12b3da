"""The spec as the mock reads it: operations, parameters, and rules for bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .. import _wire

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

    from .messages import Json

MAX_MESSAGE = 300
_EXTRA = "the mock needs: pip install 'samsara-qualifications[mock]'"
_NAMES = {operation.operation_id: operation.name for operation in _wire.ALL}


@dataclass(frozen=True)
class Rule:
    """A schema of the spec, ready to check values."""

    validator: Draft202012Validator

    def breach(self, value: object) -> str | None:
        """Return where and how the value first breaks the rule, or `None` where it does not."""
        try:
            self.validator.validate(value)
        except ValueError as error:  # a ValidationError, or what no JSON can hold
            return _told(error)
        return None

    def breaches(self, value: object) -> list[str]:
        """Return where and how a JSON value breaks the rule, all of it."""
        return [_told(error) for error in self.validator.iter_errors(value)]


@dataclass(frozen=True)
class Operation:
    """
    One operation of the spec, under its operationId and the name of the client's method.

    Parameters have their JSON types; responses are by status or `default`, no body counts as null.
    """

    id: str
    name: str
    success: int
    parameters: Mapping[str, str]
    query: Rule
    body: Rule | None
    responses: Mapping[str, Rule]


def _told(error: ValueError) -> str:
    path: list[str | int] = getattr(error, "instance_path", [])
    place = ".".join(map(str, path)) or "the whole"
    message: str = getattr(error, "message", str(error))
    if options := getattr(getattr(error, "kind", None), "options", None):  # it names two only
        allowed = ", ".join(map(str, filter(None, options)))
        message = f"{message.partition(' is not one of ')[0]} is not one of {allowed}"
    return f"{place}: {message}"[:MAX_MESSAGE]


@cache
def operations() -> dict[str, dict[str, Operation]]:
    """Return the operations by path, then by method."""
    return {
        path: {method.upper(): _operation(node) for method, node in item.items()}
        for path, item in _wire.spec()["paths"].items()
    }


def rule(schema: Json) -> Rule:
    """Return the rule for a schema, which may refer to the spec's components."""
    return _compiled(json.dumps(schema))


def component(name: str) -> Rule:
    """Return the rule for a component."""
    return rule({"$ref": f"#/components/schemas/{name}"})


def _operation(node: Json) -> Operation:
    parameters = [_resolved(parameter) for parameter in node.get("parameters", [])]
    responses = node["responses"]
    return Operation(
        id=node["operationId"],
        name=_NAMES[node["operationId"]],
        success=next(int(status) for status in responses if status.startswith("2")),
        parameters={p["name"]: _resolved(p["schema"])["type"] for p in parameters},
        query=rule(
            {
                "properties": {p["name"]: p["schema"] for p in parameters},
                "required": [p["name"] for p in parameters if p.get("required", False)],
            }
        ),
        body=_content(node["requestBody"]) if "requestBody" in node else None,
        responses={status: _content(_resolved(node)) for status, node in responses.items()},
    )


def _resolved(node: Json) -> Json:
    if "$ref" not in node:
        return node
    target = _wire.spec()
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target


def _content(node: Json) -> Rule:
    media = node.get("content", {}).get("application/json", {})
    return rule(media.get("schema", {"type": "null"}))


@cache
def _compiled(schema: str) -> Rule:
    for package in ("jsonschema_rs", "uvicorn"):
        if find_spec(package) is None:
            raise ModuleNotFoundError(f"no {package}; {_EXTRA}")
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415  of the extra

    rooted = {**json.loads(schema), "components": _wire.spec()["components"]}
    return Rule(Draft202012Validator(rooted, validate_formats=True))
