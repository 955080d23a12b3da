"""Writes new wire shapes as OpenAPI 3.0 schemas in the spec's manner: named, described, shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spec_rules import GAP
from upkeep.component_names import object_name, part_name
from upkeep.schema_facts import LOWER, UPPER
from upkeep.wire_shape import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upkeep.openapi_document import JsonObject
    from upkeep.wire_diff import Pair
    from upkeep.wire_node import Node

Schema = dict[str, Any]
_REF = "#/components/schemas/"


class NotWritable(Exception):
    """A shape cannot be written automatically; the message says why."""


class SchemaWriter:
    """
    Turns upstream's nodes into schemas, and names what must have a name.

    Args:
        spec: The maintained spec.
        upstream: The upstream document, for its names.
        pairs: The places that both have: what upstream's schemas are called in the spec.

    Attributes:
        components: The new components that the schemas written so far refer to.
    """

    def __init__(self, spec: JsonObject, upstream: JsonObject, pairs: Iterable[Pair]) -> None:
        self._ours = _names(spec)
        self._theirs = _names(upstream)
        self.components: dict[str, Schema] = {}
        self._known: dict[tuple[Node, bool], str] = {}
        self._alike: dict[tuple[str, str], str] = {}
        for pair in pairs:
            name = self.name_of(pair.ours)
            if name:
                sent = is_sent(pair.path)
                self._known.setdefault((pair.theirs, sent), name)
                if "enum" not in pair.theirs.facts:
                    self._alike.setdefault((pair.path[-1][1], fingerprint(pair.theirs)), name)

    def name_of(self, node: Node) -> str:
        """
        Find the spec's component for one of its nodes.

        Args:
            node: A node of the spec's wire shape.

        Returns:
            The component's name; empty if the node is none.
        """
        return self._ours.get(id(node.sources[-1]), "") if len(node.sources) == 1 else ""

    def write(self, node: Node, owner: str, name: str, *, sent: bool) -> Schema:
        """
        Write the schema of a new place.

        Args:
            node: Upstream's node.
            owner: The component that holds the place.
            name: The place's own name, such as the property's.
            sent: Whether callers send it.

        Returns:
            A schema, or a reference to a component, known or new.

        Raises:
            NotWritable: It needs a decision, such as alternatives.
        """
        components, known = dict(self.components), dict(self._known)
        try:
            return self._write(node, owner, name, sent=sent)
        except NotWritable:
            self.components, self._known = components, known
            raise

    def _write(self, node: Node, owner: str, name: str, *, sent: bool) -> Schema:
        known = self._known.get((node, sent)) or self._alike.get((name, fingerprint(node)))
        if known:
            return {"$ref": _REF + known}
        facts = node.facts
        if node.alternatives or len(facts.get("type", [])) > 1:
            raise NotWritable("it has several alternatives")
        if facts.get("type") != ["object"] and "enum" not in facts:
            return self._schema(node, owner, name, sent=sent)
        title = self._title(node, owner, name, sent=sent)
        self._known[node, sent] = title
        self.components[title] = {}  # its place in the order: before what it refers to
        self.components[title] = self._schema(node, title, name, sent=sent)
        return {"$ref": _REF + title}

    def _title(self, node: Node, owner: str, name: str, *, sent: bool) -> str:
        taken = {*self._ours.values(), *self.components}
        has_properties = any(kind == "property" for kind, _ in node.children)
        if "enum" in node.facts or not has_properties:
            return part_name(owner, name, taken)
        upstream = self._theirs.get(id(node.sources[-1]), "")
        return object_name(upstream, name, taken, sent=sent)

    def _schema(self, node: Node, owner: str, name: str, *, sent: bool) -> Schema:
        schema = _plain(node.facts, _values(node))
        required = [key[1] for key in node.children if key in node.required]
        if required:
            schema["required"] = required
        for (kind, child_name), child in node.children.items():
            below = self._write(child, owner, child_name or name, sent=sent)
            if kind == "property":
                schema.setdefault("properties", {})[child_name] = below
            else:
                below.pop("description", None)  # the array or map describes its content
                schema["items" if kind == "items" else "additionalProperties"] = below
        return schema


def is_sent(path: Iterable[tuple[str, str]]) -> bool:
    """
    Tell requests from responses.

    Args:
        path: A place as edges from the root.

    Returns:
        Whether callers send what stands there.
    """
    return all(kind != "response" for kind, _ in path)


def _names(document: JsonObject) -> dict[int, str]:
    """Index the named schemas by identity, as nodes hold the very objects of the document."""
    schemas = document.get("components", {}).get("schemas", {})
    return {id(schema): name for name, schema in schemas.items()}


def _values(node: Node) -> list[Any]:
    """List an enum's values in upstream's order."""
    return [value for part in node.sources for value in part.get("enum", ()) if value is not None]


def _plain(facts: dict[str, Any], values: list[Any]) -> Schema:
    """Write facts as keywords of OpenAPI 3.0, the type and a gap for the description first."""
    if len(facts.get("pattern", [])) > 1:
        raise NotWritable("it must match several patterns at once")
    first = {name: facts[name][0] for name in ("type", *LOWER, *UPPER, "pattern") if name in facts}
    schema: Schema = {name: first.pop(name) for name in ("type",) if name in first}
    schema |= {name: facts[name] for name in ("format",) if name in facts}
    schema["description"] = GAP
    schema |= {"enum": values} if values else {}
    schema |= first
    for name, exclusive in (("minimum", 1), ("maximum", 0)):
        if name in facts and facts[name][1] == exclusive:
            schema[f"exclusive{name.capitalize()}"] = True
    schema |= {name: facts[name] for name in ("multipleOf",) if name in facts}
    flags = {"null": "nullable", "uniqueItems": "uniqueItems", "deprecated": "deprecated"}
    schema |= {keyword: True for name, keyword in flags.items() if name in facts}
    return schema | ({"additionalProperties": False} if "closed" in facts else {})
