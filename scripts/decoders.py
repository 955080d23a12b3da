"""Write the decoders of the generated package: a function for each object in an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import ClassName, PythonIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]

MODULES = {"decode.py": "/qualification-records", "decode_types.py": "/qualification-types"}
"""Each module, and where the paths begin whose answers it reads: a caller of one loads no other."""

FORMATS = {"date": "calendar_day", "date-time": "date_time", "uuid": "uuid"}
"""The formats of a string that are checked and converted, and which function of reading.py does."""

_HEAD = '''"""
Read the API's answers: check, convert and build the models from parsed JSON, in one pass.

They are read tolerantly: what the API may add passes, what cannot be trusted does not.

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

Each function raises `reading.Unreadable`. It fills a model attribute by attribute, which is faster
than its constructor; `at` says where it is, for the path of a value that is refused.
"""

from __future__ import annotations

from typing import Any

from . import reading as read
from .types import UNSET
'''
_OBJECT = """
def {function}(value: Any) -> {model}:
    it = {model}.__new__({model})
    at = ""
    try:
        rest = read.members(value)
        {properties}
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {{}}
    return it
"""
_MAP = """
def {function}(value: Any) -> {model}:
    it = {model}.__new__({model})
    it.additional_properties = read.mapping(value, {reader})
    return it
"""
_SCHEMAS = "#/components/schemas/"
_LOCALS = {"at", "item", "it", "read", "rest", "value"}


class NotDecodable(Exception):
    """The spec has a schema for which no decoder can be written; the message shows it."""


def sources(document: Schema) -> dict[str, str]:
    """
    Return the source of each module.

    Args:
        document: The OpenAPI document.

    Raises:
        NotDecodable: An answer has a schema of a kind that this writer does not know, or a path
            belongs to no module.
    """
    for path in document["paths"]:
        if not path.startswith(tuple(MODULES.values())):
            raise NotDecodable(
                f"path {path}: MODULES of scripts/decoders.py names no module for it"
            )
    return {module: source(document, start) for module, start in MODULES.items()}


def source(document: Schema, start: str = "/") -> str:
    """Return the source of what reads the answers of all paths with that start."""
    writer = _Writer(document["components"]["schemas"])
    found = _names_in_answers(document, start)
    names = [name for name in writer.schemas if name in found and writer.is_class(name)]
    enums = [
        f"{_function(name).upper()} = read.Enumeration({_model(name)})"
        for name in names
        if writer.is_enum(name)
    ]
    head = [_HEAD, f"from .models import {', '.join(map(_model, names))}", *enums]
    functions = [writer.function(name) for name in names if writer.is_object(name)]
    return "\n".join(head + functions)


def _names_in_answers(document: Schema, start: str) -> set[str]:
    """Return the names of the components that an answer of success leads to."""
    names: set[str] = set()
    todo: list[Any] = [
        answer
        for path, operations in document["paths"].items()
        if path.startswith(start)
        for operation in operations.values()
        if "responses" in operation
        for status, answer in operation["responses"].items()
        if str(status).startswith("2")
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            todo += node.values()
        elif isinstance(node, list):
            todo += node
        elif isinstance(node, str) and node.startswith("#/components/") and node not in names:
            names.add(node)
            todo.append(_at(document, node))
    return {name.removeprefix(_SCHEMAS) for name in names}


def _at(document: Schema, ref: str) -> Any:
    node: Any = document
    for step in ref.removeprefix("#/").split("/"):
        node = node[step]
    return node


class _Writer:
    def __init__(self, schemas: dict[str, Schema]) -> None:
        self.schemas = schemas

    def is_class(self, name: str) -> bool:
        """Tell whether the component has a class of its own."""
        return self.is_object(name) or self.is_enum(name)

    def is_object(self, name: str) -> bool:
        """Tell whether the component is read by a function of its own."""
        return self.schemas[name].get("type") == "object"

    def is_enum(self, name: str) -> bool:
        """Tell whether the component is one of several words."""
        return "enum" in self.schemas[name]

    def function(self, name: str) -> str:
        """Return the function that reads an object."""
        try:
            template, parts = self._object(self.schemas[name])
        except NotDecodable as error:
            raise NotDecodable(f"schema {name}: a decoder can read {error}") from None
        return template.format(function=_function(name), model=_model(name), **parts)

    def _object(self, schema: Schema) -> tuple[str, dict[str, str]]:
        others: Any = schema.get("additionalProperties", True)
        if "properties" in schema and others is True:
            return _OBJECT, {"properties": "\n        ".join(self._properties(schema))}
        if "properties" not in schema and others is not True:
            return _MAP, {"reader": self._reader(others)}
        raise NotDecodable("properties, or any names with one schema, not both or neither")

    def _properties(self, schema: Schema) -> Iterator[str]:
        for name, inner in schema["properties"].items():
            key, attribute = json.dumps(name), PythonIdentifier(name, "field_")
            yield f"at = {json.dumps('.' + name)}"
            if name in schema.get("required", []):
                yield f"it.{attribute} = {self._read(inner, f'rest.pop({key})')}"
            else:  # null reads as absent
                plain = {key: part for key, part in inner.items() if key != "nullable"}
                yield f"item = rest.pop({key}, None)"
                yield f"it.{attribute} = UNSET if item is None else {self._read(plain, 'item')}"

    def _reader(self, schema: Schema) -> str:
        """Return what reads a value when it is called with it."""
        call = self._read(schema, "value")
        name = call.removesuffix("(value)")
        return name if name != call else f"lambda value: {call}"

    def _read(self, schema: Schema, value: str) -> str:
        """Return the expression that reads a value."""
        match schema:
            case {"nullable": True}:
                raise NotDecodable("no null, but for an optional property")
            case {"$ref": str(ref)}:
                return self._read_component(ref.removeprefix(_SCHEMAS), value)
            case {"type": "array", "items": items}:
                return f"read.array({value}, {self._reader(items)})"
            case {"type": "string"} if "enum" not in schema:
                return f"read.{FORMATS.get(schema.get('format', ''), 'string')}({value})"
            case {"type": "number" | "integer" | "boolean" as kind}:
                return f"read.{kind}({value})"
            case _:
                raise NotDecodable(f"no {json.dumps(schema):.200}")

    def _read_component(self, name: str, value: str) -> str:
        if self.is_enum(name):
            return f"{_function(name).upper()}[read.string({value})]"
        if self.is_object(name):
            return f"{_function(name)}({value})"
        return self._read(self.schemas[name], value)


def _model(name: str) -> str:
    return ClassName(name, "")


def _function(name: str) -> str:
    function = PythonIdentifier(_model(name), "field_")
    if function in _LOCALS:
        raise NotDecodable(f"schema {name}: each decoder calls something {function}; rename it")
    return function
