"""
What an OpenAPI document says goes over the wire, whatever it calls things, as a graph of `Node`s.

In it are servers, security, parameters (name, place, required, style, explode), requests and
responses by status and media type, and of each schema all that limits its values. What is
`readOnly` is in no request, what is `writeOnly` in no response. What is not understood is an edge.

Not in it, since they do not change what a caller of ours sends or reads: names of components,
operations and schemes, words, examples, defaults, order, tags and `x-` extensions. A media type or
header without a schema says nothing. 3.0 and 3.1 give equal nodes where they mean the same. `allOf`
is merged, a `$ref` replaced by its target; recursive schemas become cycles.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spec_rules import METHODS
from upkeep.openapi_document import DocumentError, JsonObject, is_list, is_object, resolve, target
from upkeep.schema_facts import (
    KNOWN,
    Key,
    alternatives,
    as_enum,
    check_schema,
    counts,
    deprecated,
    expect,
    facts_of,
    required,
    step,
    subschemas,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

MAX_PLACES = 20_000  # the whole upstream document has a fifth
_FINGERPRINT_DEPTH = 48  # levels; the family's deepest place lies 12 below its operation
_MAX_SERVERS = 100
_NEVER: JsonObject = {"not": {}}  # what 3.1's schema `false` says
_ANYTHING: JsonObject = {}  # and `true`
_OF_A_SCHEMA = frozenset(
    {"not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems"}
    | {"unevaluatedProperties", "additionalItems", "contentSchema"}
)
_OF_SCHEMAS = frozenset({"prefixItems", "patternProperties", "dependentSchemas"})
_KNOWN = {
    "operation": {"tags", "summary", "description", "externalDocs", "operationId", "parameters"}
    | {"requestBody", "responses", "deprecated", "security", "servers"},
    "parameter": {"name", "in", "required", "style", "explode", "schema", "content", "deprecated"}
    | {"description", "example", "examples"},
    "body": {"description", "content", "required"},
    "response": {"description", "content", "headers"},
    "media type": {"schema", "example", "examples"},
}


@dataclass(eq=False, slots=True)
class Node:
    """
    A place in a wire shape: what is said of it itself, the places below it, which must be there.

    `alternatives` are the schemas of a `oneOf` or `anyOf`, without null; `sources` the objects in
    the document that say so: what an edit of the document must change.
    """

    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    children: dict[Key, Node] = field(default_factory=dict[Key, "Node"])
    required: set[Key] = field(default_factory=set[Key])
    alternatives: list[Node] = field(default_factory=list["Node"])
    sources: tuple[Any, ...] = ()


Operations = dict[str, tuple[JsonObject, JsonObject]]
"""Path item and operation by name, such as `PATCH /records`."""


def operations(document: JsonObject, wanted: Callable[[str], bool] = lambda _: True) -> Operations:
    """Find the operations of the wanted paths."""
    found: Operations = {}
    for path, listed in document["paths"].items():
        if is_object(listed) and wanted(path):
            item = {**resolve(document, listed, path), **listed} if "$ref" in listed else listed
            methods = [method for method in item if method in METHODS]
            found |= {f"{method.upper()} {path}": (item, item[method]) for method in methods}
    return found


def wire_shape(document: JsonObject, names: Iterable[str] | None = None) -> Node:
    """Walk the named operations that a document has, or all; raises DocumentError."""
    known = set(operations(document) if names is None else names)
    walk, root = _Walk(document), Node()
    found = operations(document, {name.partition(" ")[2] for name in known}.__contains__)
    for name in filter(known.__contains__, found):
        try:
            root.children["operation", name] = walk.operation(name, *found[name])
        except RecursionError:
            raise DocumentError(
                f"{name}: its schemas lead from one to the next too deeply; mend the document."
            ) from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DocumentError(
                f"{name}: is not described as OpenAPI says ({error!r}); run openapi-spec-validator "
                "on the document to find the place."
            ) from error
    return root


@functools.cache
def fingerprint(node: Node, depth: int = _FINGERPRINT_DEPTH) -> str:
    """Hash a wire shape to a depth that is beyond any real one's, however a recursion unrolls."""
    below = depth - 1
    content = [
        sorted((name, sorted(v) if name == "enum" else v) for name, v in node.facts.items()),
        sorted([*key, key in node.required] for key in node.children),
        depth and [fingerprint(node.children[key], below) for key in sorted(node.children)],
        depth and sorted({fingerprint(option, below) for option in node.alternatives}),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class _Walk:
    """One pass over a document; each schema becomes one node on either side."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._nodes: dict[tuple[Any, ...], Node] = {}
        self._hidden = ""  # the keyword that hides a property on the side at hand

    def operation(self, name: str, item: JsonObject, operation: JsonObject) -> Node:
        expect(operation, name, "an object")
        node = self._node(operation, "operation", name, **deprecated([operation]))
        servers: Any = operation.get("servers") or item.get("servers")
        for url in _servers(servers or self._document.get("servers") or [], f"{name}, servers"):
            node.children["server", url] = Node(facts={"text": url})
        for text, needs in self._security(operation, name):
            node.children["security", text] = Node(facts={"text": text, "needs": needs})
        self._hidden = "readOnly"
        for place, listed in (("path item", item), ("operation", operation)):
            for parameter in expect(listed.get("parameters", []), f"{name}, parameters", "a list"):
                self._parameter(node, parameter, f"{name}, parameter of the {place}")
        if "requestBody" in operation:
            place = f"{name}, request body"
            body = resolve(self._document, operation["requestBody"], place)
            self._add(node, ("body", ""), self._content(body, "body", place), body)
        self._hidden = "writeOnly"
        responses = expect(operation.get("responses", {}), f"{name}, responses", "an object")
        for status, listed in responses.items():
            place = f"{name}, response {status}"
            response = resolve(self._document, listed, place)
            if not str(status).startswith("x-"):
                key = ("response", str(status).upper().replace("DEFAULT", "default"))
                node.children[key] = self._content(response, "response", place)
        return node

    def _security(self, operation: JsonObject, name: str) -> Iterator[tuple[str, list[str]]]:
        """List the alternatives: in words, and as all that each needs."""
        place = f"{name}, security"
        listed = operation.get("security", self._document.get("security", []))
        options: list[Any] = expect(listed, place, "a list of objects") or [{}]
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        for option in options:
            needs: dict[str, list[str]] = {}
            for scheme, scopes in option.items():
                described = resolve(self._document, schemes.get(scheme), place)
                same = needs.setdefault(_scheme(scheme, described), [])
                same[:] = sorted({*same, *(scopes or ())})
            words = [f"{s} with {', '.join(needs[s])}" if needs[s] else s for s in sorted(needs)]
            flat = [*needs, *(f"{s}: {scope}" for s, scopes in needs.items() for scope in scopes)]
            yield " and ".join(words) or "no token", sorted(flat)

    def _parameter(self, operation: Node, listed: Any, place: str) -> None:
        parameter = expect(resolve(self._document, listed, place), place, "an object")
        where = expect(parameter.get("in"), f"{place}, in", "a text")
        name = expect(parameter.get("name"), f"{place}, name", "a text")
        if where == "header":
            name = name.lower()
            if name in {"accept", "content-type", "authorization"}:
                return  # OpenAPI: such a definition is ignored
        place = f"{place} {name}"
        style = parameter.get("style", "form" if where in {"query", "cookie"} else "simple")
        facts = {"style": style, "explode": parameter.get("explode", style == "form")}
        node = self._node(parameter, "parameter", place, **facts, **deprecated([parameter]))
        if "schema" in parameter:
            node.children["schema", ""] = self._schema([parameter["schema"]], place)
        else:
            node.children.update(self._content(parameter, "parameter", place).children)
        operation.required.discard((where, name))
        self._add(operation, (where, name), node, parameter)

    def _content(self, holder: Any, kind: str, place: str) -> Node:
        expect(holder, place, "an object")
        node = self._node(holder, kind, place)
        content = expect(holder.get("content", {}), f"{place}, content", "an object")
        for media_type, media in content.items():
            expect(media, f"{place}, {media_type}", "an object")
            if media.get("schema") not in (None, {}, True):
                key = ("media type", media_type.partition(";")[0].strip().lower())
                node.children[key] = self._schema([media["schema"]], f"{place}, {media_type}")
            self._note(node, media, _KNOWN["media type"], place)
        headers: Any = holder.get("headers", {}) if kind == "response" else {}
        for name, listed in expect(headers, f"{place}, headers", "an object").items():
            header = resolve(self._document, listed, f"{place}, header {name}")
            child = self._content(header, "parameter", f"{place}, header {name}")
            if "schema" in header:
                child.children["schema", ""] = self._schema([header["schema"]], place)
            if child.children:
                node.children["response header", name.lower()] = child
        return node

    def _node(self, source: JsonObject, kind: str, place: str, **facts: Any) -> Node:
        node = Node(facts=facts, sources=(source,))
        self._note(node, source, _KNOWN[kind], place)
        return node

    @staticmethod
    def _add(parent: Node, key: Key, child: Node, source: JsonObject) -> None:
        parent.children[key] = child
        if source.get("required"):
            parent.required.add(key)

    def _schema(self, schemas: list[Any], place: str) -> Node:
        """Make or find the node at which all of `schemas` hold."""
        parts = self._parts(schemas, place)
        identity = (self._hidden, *map(id, parts))
        if identity in self._nodes:
            return self._nodes[identity]
        if len(self._nodes) == MAX_PLACES:
            raise DocumentError(f"{place}: is beyond {MAX_PLACES:,} different places; check it.")
        node = self._nodes[identity] = Node(facts=facts_of(parts), sources=tuple(parts))
        for key, below in subschemas(parts).items():
            child = f"{place}{step(key)}"
            if key[0] == "property" and any(
                part.get(self._hidden) for part in self._parts(below, child)
            ):
                continue
            node.children[key] = self._schema(below, child)
        node.required = {key for part in parts for key in required(part)} & node.children.keys()
        for part in parts:
            self._note(node, part, KNOWN, place)
            listed = alternatives(part)
            if len(listed) > 1:
                options = [self._schema([each], f"{place}|") for each in listed]
                plain = not any(option.children or option.alternatives for option in options)
                enum = as_enum(node.facts, [option.facts for option in options]) if plain else None
                node.facts = enum or node.facts
                node.alternatives += [] if enum else options
        return node

    def _parts(self, schemas: list[Any], place: str) -> list[Any]:
        """Find the schemas that hold together: through `$ref`, `allOf`, a sole alternative."""
        found: dict[int, Any] = {}  # none where a schema is under way, or says nothing itself
        for schema in schemas:
            self._collect(schema, place, found, ())
        return [part for part in found.values() if part]

    def _collect(
        self, schema: Any, place: str, found: dict[int, Any], trail: tuple[int, ...]
    ) -> None:
        expect(schema, place, "a schema")
        schema = _NEVER if schema is False else _ANYTHING if schema is True else schema
        here = id(schema)
        if here in trail:
            raise DocumentError(
                f"{place}: a $ref or allOf leads back to itself and so describes nothing; "
                "mend the document there."
            )
        if here in found:
            return
        check_schema(schema, place)
        options = alternatives(schema)
        below = [target(self._document, schema["$ref"], place)] if "$ref" in schema else []
        for part in (*below, *schema.get("allOf", ()), *(options if len(options) == 1 else ())):
            self._collect(part, place, found, (*trail, here))
        found[here] = schema if counts(schema) else None

    def _note(self, node: Node, source: JsonObject, known: Container[str], place: str) -> None:
        """Give a node an edge for each keyword of a source that is not understood."""
        for keyword in source:
            if keyword in known or keyword.startswith("x-"):
                continue
            value = self._value(source[keyword], keyword, f"{place}, {keyword}")
            other = node.children.get(("keyword", keyword))
            node.children["keyword", keyword] = (
                Node(alternatives=[other, value]) if other else value
            )

    def _value(self, value: Any, keyword: str, place: str) -> Node:
        """Turn any value into a node: schemas in it count by what they say, all else as it is."""
        if keyword in _OF_A_SCHEMA:
            return self._schema([value], place)
        if isinstance(value, str) and value.startswith("#/"):
            return self._schema([target(self._document, value, place)], place)
        inner = "not" if keyword in _OF_SCHEMAS else ""
        items = (
            dict(value) if is_object(value) else dict(enumerate(value if is_list(value) else []))
        )
        if is_object(value) or any(is_object(item) or is_list(item) for item in items.values()):
            below = {str(key): self._value(item, inner, place) for key, item in items.items()}
            return Node(children={("keyword", key): node for key, node in below.items()})
        plain = sorted(map(json.dumps, value)) if is_list(value) else json.dumps(value)
        return Node(facts={"text": plain})


def _servers(listed: Any, place: str) -> Iterator[str]:
    """List the addresses, with the values that their variables can have; `/` if there are none."""
    servers: list[Any] = expect(listed, place, "a list of objects") or [{"url": "/"}]
    for server in servers:
        url: str = expect(server.get("url"), f"{place}, url", "a text")
        values = [
            [(f"{{{name}}}", str(value)) for value in variable.get("enum", [variable["default"]])]
            for name, variable in server.get("variables", {}).items()
        ]
        for chosen in itertools.islice(itertools.product(*values), _MAX_SERVERS):
            whole = functools.reduce(lambda text, pair: text.replace(*pair), chosen, url)
            parts = urlsplit(whole)
            lower = {"scheme": parts.scheme.lower(), "netloc": parts.netloc.lower()}
            yield parts._replace(**lower, path=parts.path.rstrip("/")).geturl() or "/"


def _scheme(name: str, scheme: Any) -> str:
    """Say what a security scheme asks for, in words that are equal where it is."""
    if not is_object(scheme):
        return f"{name} (not described)"
    words = [str(scheme.get("type")), str(scheme.get("scheme", "")).lower()]
    words += [str(scheme.get(key, "")) for key in ("in", "name", "openIdConnectUrl")]
    for flow, urls in sorted(scheme.get("flows", {}).items()):
        words += [flow, *(str(url) for key, url in sorted(urls.items()) if key.endswith("Url"))]
    return " ".join(word for word in words if word)
