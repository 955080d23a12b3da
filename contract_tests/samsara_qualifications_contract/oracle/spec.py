"""The spec as the suite reads it: operations, and validators for what goes over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeGuard

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
FILE = "openapi/qualification-records.yaml"
JSON_TYPE = "application/json"
VERSION = "2025-10-23"
"""What the developer pages recommend to send as `X-Samsara-Version`, always."""


def _load() -> Json:
    source = resources.files("samsara_qualifications_api").joinpath("openapi.json")
    document: Json = json.loads(source.read_text("utf-8"))
    return document


DOCUMENT = _load()
SCHEMAS: Json = DOCUMENT["components"]["schemas"]


@dataclass(frozen=True)
class Operation:
    """
    One operation of the spec.

    Attributes:
        id: Its operationId.
        method: Its HTTP method, in capitals.
        path: Its path.
        node: Its part of the document.
    """

    id: str
    method: str
    path: str
    node: Json

    @property
    def place(self) -> str:
        """Where the operation stands in the spec."""
        return f"{FILE}#/paths/{self.path.replace('/', '~1')}/{self.method.lower()}"

    @property
    def success(self) -> int:
        """The status of its success."""
        return next(int(status) for status in self.node["responses"] if status.startswith("2"))

    @property
    def limit(self) -> tuple[int, float]:
        """Its documented limit: requests, and in how many seconds."""
        return self.node["x-rate-limit"]["requests"], self.node["x-rate-limit"]["window_seconds"]

    @property
    def body_schema(self) -> Json | None:
        """The schema of its request body; `None` where it takes none."""
        if "requestBody" not in self.node:
            return None
        schema: Json = self.node["requestBody"]["content"][JSON_TYPE]["schema"]
        return schema

    @property
    def parameters(self) -> dict[str, Json]:
        """Its query parameters by name."""
        nodes = [resolve(node) for node in self.node.get("parameters", [])]
        return {node["name"]: node for node in nodes}

    def response_schema(self, status: int) -> Json | None:
        """Return the schema of the answer with this status; `None` where it has no content."""
        responses = self.node["responses"]
        response = resolve(responses.get(str(status), responses["default"]))
        content: Json = response.get("content", {})
        return content[JSON_TYPE]["schema"] if content else None


def strict_json(content: bytes, charset: str | None = None) -> Any:
    """
    Return a JSON text's value.

    Args:
        content: The text.
        charset: What its header calls its encoding, if anything.

    Raises:
        ValueError: It is no JSON in UTF-8, or readers of other languages may read it otherwise.
    """
    text = content.decode()
    try:
        same = charset is None or content.decode(charset) == text
    except LookupError:
        same = False
    if not same:
        raise ValueError(f"it is UTF-8, and not {charset}")
    value = json.loads(text, parse_constant=_no_json, object_pairs_hook=_unique)
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    return value


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a name stands twice among {', '.join(name for name, _ in pairs)}")
    return found


def resolve(node: Json) -> Json:
    """Follow a reference to its target."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


OPERATIONS: dict[str, Operation] = {
    node["operationId"]: Operation(node["operationId"], method.upper(), path, node)
    for path, item in DOCUMENT["paths"].items()
    for method, node in item.items()
}
READS = [operation for operation in OPERATIONS.values() if not operation.body_schema]
WRITES = [operation for operation in OPERATIONS.values() if operation.body_schema]
MAX_IDS = 100
"""That a list of ids in a query may hold."""


def is_object(value: Any) -> TypeGuard[Json]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Tell whether a JSON value is a list."""
    return isinstance(value, list)


def mapped(value: Any, text: Callable[[str], Any], *, drop_nulls: bool = False) -> Any:
    """Return a JSON value with each string replaced, perhaps without properties that are null."""
    if is_object(value):
        return {
            name: mapped(item, text, drop_nulls=drop_nulls)
            for name, item in value.items()
            if not (drop_nulls and item is None)
        }
    if is_list(value):
        return [mapped(item, text, drop_nulls=drop_nulls) for item in value]
    return text(value) if isinstance(value, str) else value


def find(method: str, path: str) -> Operation | None:
    """Return the operation that method and path name, if they name one."""
    return next((op for op in OPERATIONS.values() if (op.method, op.path) == (method, path)), None)


def methods(path: str) -> set[str]:
    """Return the methods that a path knows; none where there is no such path."""
    return {op.method for op in OPERATIONS.values() if op.path == path}


def breaches(schema: Json, value: object) -> list[str]:
    """Return how a value breaks a schema, each with the path in the value."""
    errors = _validator(json.dumps(schema)).iter_errors(value)
    return [f"{'.'.join(map(str, e.instance_path)) or 'the whole'}: {e.message}" for e in errors]


def has_unknown(schema: Json, value: Any) -> bool:
    """Tell whether a valid value has a property that the spec does not name."""
    schema = resolve(schema)
    if is_list(value):
        return any(has_unknown(schema["items"], item) for item in value)
    if not is_object(value) or "properties" not in schema:
        return False
    known = schema["properties"]
    return any(name not in known or has_unknown(known[name], item) for name, item in value.items())


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    rooted = {**json.loads(schema), "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(rooted, validate_formats=True)
