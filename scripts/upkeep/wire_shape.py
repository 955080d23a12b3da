"""
What an OpenAPI document says goes over the wire, whatever it calls things.

A wire shape is a graph of `Node`s: root, operations, parameters, bodies, responses, schemas.
It holds parameters (name, place, required, style, explode), requests and responses by status
and media type, and of each schema: type, null, format, enum, required, limits, pattern,
deprecated, and whether other properties are refused.

Not in it, since they do not change what a caller of ours sends or reads: names of components
and operations, descriptions, examples, defaults, order, tags, servers, security, and response
headers (our `Retry-After` on 429 is knowledge that upstream does not document). A media type
without a schema says nothing and counts as absent.

3.0 and 3.1 give equal nodes where they mean the same: `nullable` and `type: [x, "null"]`, both
forms of `exclusiveMinimum`, `const` and an enum of one. `allOf` is merged, a `$ref` replaced by
its target. Recursive schemas become cycles in the graph.
"""

from __future__ import annotations

import functools
import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from upkeep.openapi_document import DocumentError, JsonObject, is_object
from upkeep.schema_facts import (
    COUNTS,
    Key,
    alternatives,
    deprecated,
    facts_of,
    required,
    subschemas,
)
from upkeep.wire_node import Node
from upkeep.wire_words import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_FINGERPRINT_DEPTH = 48  # levels; the family's deepest place lies 12 below its operation


def operations(document: JsonObject) -> list[str]:
    """
    Name every operation of a document, as in `"PATCH /qualification-records"`.

    Args:
        document: An OpenAPI document.

    Returns:
        Method and path of each, in the document's order.
    """
    return [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        if is_object(item)
        for method in item
        if method in METHODS
    ]


def wire_shape(document: JsonObject, names: Iterable[str] | None = None) -> Node:
    """
    Walk a document's operations.

    Args:
        document: An OpenAPI 3.0 or 3.1 document, plain data or ruamel's.
        names: The operations to walk, as `operations` names them; those that the document lacks
            are left out. All by default.

    Returns:
        The root, whose children are the operations.

    Raises:
        DocumentError: A `$ref` points to nothing, outside the document, or to itself; or an
            operation has another form than OpenAPI's.
    """
    present = operations(document)
    wanted = present if names is None else [name for name in names if name in present]
    walk = _Walk(document)
    root = Node()
    for name in wanted:
        try:
            root.children["operation", name] = walk.operation(name)
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise DocumentError(
                f"{name}: is not described as OpenAPI says ({error!r}); run openapi-spec-validator "
                "on the document to find the place."
            ) from error
    return root


@functools.lru_cache(maxsize=2**16)
def fingerprint(node: Node, depth: int = _FINGERPRINT_DEPTH) -> str:
    """
    Hash a wire shape, to a depth that is beyond any real document's.

    Equal shapes have equal fingerprints even if one of them unrolls a recursion further.

    Args:
        node: Where to start.
        depth: How many levels count.

    Returns:
        64 hexadecimal digits.
    """
    below = depth - 1
    content = [
        sorted(node.facts.items()),
        sorted([*key, key in node.required] for key in node.children),
        [fingerprint(child, below) for _, child in sorted(node.children.items(), key=_by_key)]
        if depth
        else [],
        sorted({fingerprint(option, below) for option in node.alternatives}) if depth else [],
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _by_key(child: tuple[Key, Node]) -> Key:
    return child[0]


class _Walk:
    """One pass over a document; each schema becomes one node, however often it is reached."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._nodes: dict[tuple[int, ...], Node] = {}

    def operation(self, name: str) -> Node:
        method, path = name.split(" ", 1)
        item = self._document["paths"][path]
        operation = item[method.lower()]
        node = Node(facts=deprecated([operation]), sources=(operation,))
        for place, listed in (("path item", item), ("operation", operation)):
            for parameter in listed.get("parameters", []):
                self._parameter(node, parameter, f"{name}, parameter of the {place}")
        if "requestBody" in operation:
            body = self._resolve(operation["requestBody"], f"{name}, request body")
            self._add(node, ("body", ""), self._content(body, f"{name}, request body"), body)
        for status, response in operation.get("responses", {}).items():
            place = f"{name}, response {status}"
            node.children["response", str(status).upper().replace("DEFAULT", "default")] = (
                self._content(self._resolve(response, place), place)
            )
        return node

    def _parameter(self, operation: Node, listed: JsonObject, place: str) -> None:
        parameter = self._resolve(listed, place)
        where, name = parameter["in"], parameter["name"]
        if where == "header":
            name = name.lower()
            if name in {"accept", "content-type", "authorization"}:
                return  # OpenAPI: such a definition is ignored
        style = parameter.get("style", "form" if where in {"query", "cookie"} else "simple")
        node = Node(
            facts={
                "style": style,
                "explode": parameter.get("explode", style == "form"),
                **deprecated([parameter]),
            },
            sources=(parameter,),
        )
        schema = parameter.get("schema")
        if schema is None:
            node.children.update(self._content(parameter, f"{place} {name}").children)
        else:
            node.children["schema", ""] = self._schema([schema], f"{place} {name}")
        operation.required.discard((where, name))
        self._add(operation, (where, name), node, parameter)

    def _content(self, holder: JsonObject, place: str) -> Node:
        return Node(
            children={
                ("media type", media_type.partition(";")[0].strip().lower()): self._schema(
                    [media["schema"]], f"{place}, {media_type}"
                )
                for media_type, media in holder.get("content", {}).items()
                if media.get("schema")
            },
            sources=(holder,),
        )

    @staticmethod
    def _add(parent: Node, key: Key, child: Node, source: JsonObject) -> None:
        parent.children[key] = child
        if source.get("required"):
            parent.required.add(key)

    def _schema(self, schemas: list[Any], place: str) -> Node:
        """Make or find the node at which all of `schemas` hold."""
        parts = list({id(p): p for s in schemas for p in self._parts(s, place)}.values())
        identity = tuple(id(part) for part in parts)
        if identity in self._nodes:
            return self._nodes[identity]
        node = self._nodes[identity] = Node(facts=facts_of(parts), sources=tuple(parts))
        for key, below in subschemas(parts).items():
            node.children[key] = self._schema(below, f"{place}{step(key)}")
        node.required.update(key for part in parts for key in required(part))
        for part in parts:
            options = alternatives(part)
            if len(options) > 1:
                node.alternatives += [self._schema([option], f"{place}|") for option in options]
        return node

    def _parts(self, schema: Any, place: str, trail: tuple[int, ...] = ()) -> Iterator[Any]:
        """Find the schemas that hold together: through `$ref`, `allOf`, a sole alternative."""
        if not is_object(schema):
            return  # 3.1's `true`, which says nothing
        if id(schema) in trail:
            raise DocumentError(
                f"{place}: a $ref or allOf leads back to itself and so describes nothing; "
                "mend the document there."
            )
        trail = (*trail, id(schema))
        if "$ref" in schema:
            yield from self._parts(self._target(schema["$ref"], place), place, trail)
        for part in schema.get("allOf", ()):
            yield from self._parts(part, place, trail)
        options = alternatives(schema)
        if len(options) == 1:
            yield from self._parts(options[0], place, trail)
        if not COUNTS.isdisjoint(schema):
            yield schema

    def _resolve(self, value: JsonObject, place: str) -> JsonObject:
        seen: list[str] = []
        while "$ref" in value:
            if value["$ref"] in seen:
                raise DocumentError(f"{place}: $ref {value['$ref']!r} leads back to itself.")
            seen.append(value["$ref"])
            value = self._target(value["$ref"], place)
        return value

    def _target(self, ref: str, place: str) -> Any:
        if not ref.startswith("#/"):
            raise DocumentError(
                f"{place}: $ref {ref!r} leaves the document; bundle it into one file first."
            )
        target: Any = self._document
        for step_ in ref[2:].split("/"):
            name = unquote(step_).replace("~1", "/").replace("~0", "~")
            if not is_object(target) or name not in target:
                raise DocumentError(
                    f"{place}: $ref {ref!r} points to nothing (no {name!r}); "
                    "the document is broken or cut off: download it again."
                )
            target = target[name]
        return target
