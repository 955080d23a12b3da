"""Writes new wire shapes as OpenAPI 3.0 schemas in the spec's manner: named, described, shared."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from spec_rules import GAP
from upkeep.schema_facts import LOWER, UPPER
from upkeep.wire_shape import Node, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upkeep.openapi_document import JsonObject
    from upkeep.wire_diff import Pair

Schema = dict[str, Any]
_REF = "#/components/schemas/"
_NOISE = re.compile(
    r"^(FormSubmissionRequest|Forms|Qualifications)(?=[A-Z])|(Request|Response)Body$"
)


class NotWritable(Exception):
    """A shape cannot be written automatically; the message says why."""


class SchemaWriter:
    """
    Turns upstream's nodes into schemas, and names what must have a name.

    `components` are the new ones that the schemas written so far refer to; the pairs of places that
    both documents have tell what upstream's schemas are called in the spec.
    """

    def __init__(self, spec: JsonObject, upstream: JsonObject, pairs: Iterable[Pair]) -> None:
        self._ours = _names(spec)
        self._theirs = _names(upstream)
        self.components: dict[str, Schema] = {}
        self.known: dict[tuple[Node, bool], str] = {}
        self._alike: dict[tuple[str, str], str] = {}
        for pair in pairs:
            name = self.name_of(pair.ours)
            if name:
                sent = all(kind != "response" for kind, _ in pair.path)
                self.known.setdefault((pair.theirs, sent), name)
                if "enum" not in pair.theirs.facts:
                    self._alike.setdefault((pair.path[-1][1], fingerprint(pair.theirs)), name)

    def name_of(self, node: Node) -> str:
        """Find the spec's component for one of its nodes; empty if it is none."""
        return self._ours.get(id(node.sources[-1]), "") if len(node.sources) == 1 else ""

    def write(self, node: Node, owner: str, name: str, *, sent: bool) -> Schema:
        """
        Write the schema of a new place, or a reference to a component, known or new.

        Raises NotWritable where it needs a decision, such as between alternatives; `components` and
        `known` are to be put back then.
        """
        known = self.known.get((node, sent)) or self._alike.get((name, fingerprint(node)))
        if known:
            return {"$ref": _REF + known}
        facts = node.facts
        if unread := [keyword for kind, keyword in node.children if kind == "keyword"]:
            raise NotWritable(f"a person must look, as {unread[0]} is not understood")
        if node.alternatives or len(facts.get("type", [])) > 1:
            raise NotWritable("it has several alternatives")
        if facts.get("type") != ["object"] and "enum" not in facts:
            return self._schema(node, owner, name, sent=sent)
        title = self._title(node, owner, name, sent=sent)
        self.known[node, sent] = title
        self.components[title] = {}  # its place in the order: before what it refers to
        self.components[title] = self._schema(node, title, name, sent=sent)
        return {"$ref": _REF + title}

    def _title(self, node: Node, owner: str, name: str, *, sent: bool) -> str:
        """
        Name an enum or map after what holds it, such as `TableCellType`, an object as upstream.

        `FormsBarcodeValueObjectResponseBody` gives `BarcodeValue`; sent, `BarcodeInput`. Where that
        is taken, `Item` or a number tells them apart.
        """
        own, ending = _capitalised(name), ""
        base = owner + own
        if "enum" not in node.facts and any(kind == "property" for kind, _ in node.children):
            base = _capitalised(self._theirs.get(id(node.sources[-1]), "")) or own
            while base != (shorter := _NOISE.sub("", base)):
                base = shorter
            base = base.removesuffix("Object") or own
            if sent:
                base, ending = base.removesuffix("Value").removesuffix("Input"), "Input"
        taken = {*self._ours.values(), *self.components}
        names = (f"{base}{middle}{ending}" for middle in ("", "Item", *range(2, 100)))
        return next(title for title in names if title not in taken)

    def _schema(self, node: Node, owner: str, name: str, *, sent: bool) -> Schema:
        schema = _plain(node.facts)
        if required := [key[1] for key in node.children if key in node.required]:
            schema["required"] = required
        for (kind, child_name), child in node.children.items():
            below = self.write(child, owner, child_name or name, sent=sent)
            if kind == "property":
                schema.setdefault("properties", {})[child_name] = below
            else:
                below.pop("description", None)  # the array or map describes its content
                schema["items" if kind == "items" else "additionalProperties"] = below
        return schema


def _names(document: JsonObject) -> dict[int, str]:
    """Index the named schemas by identity, as nodes hold the very objects of the document."""
    schemas = document.get("components", {}).get("schemas", {})
    return {id(schema): name for name, schema in schemas.items()}


def _plain(facts: dict[str, Any]) -> Schema:
    """Write facts as keywords of OpenAPI 3.0, the type and a gap for the description first."""
    if len(facts.get("pattern", [])) > 1:
        raise NotWritable("it must match several patterns at once")
    first = {name: facts[name][0] for name in ("type", *LOWER, *UPPER, "pattern") if name in facts}
    schema: Schema = {"type": first.pop("type")} if "type" in first else {}
    schema |= {"format": facts["format"]} if "format" in facts else {}
    schema["description"] = GAP
    schema |= {"enum": list(map(json.loads, facts["enum"]))} if "enum" in facts else {}
    schema |= first
    for name, exclusive in (("minimum", 1), ("maximum", 0)):
        if name in facts and facts[name][1] == exclusive:
            schema[f"exclusive{name.capitalize()}"] = True
    schema |= {"multipleOf": facts["multipleOf"]} if "multipleOf" in facts else {}
    flags = {"null": "nullable", "uniqueItems": "uniqueItems", "deprecated": "deprecated"}
    schema |= {keyword: True for name, keyword in flags.items() if name in facts}
    return schema | ({"additionalProperties": False} if "closed" in facts else {})


def _capitalised(name: str) -> str:
    """Write a name in any style, such as `sort-by`, as a class name."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))
