"""Single changes of a document, each with the verdict, the side and the operations it hits."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from upkeep.change_kinds import KINDS, Verdict
from upkeep.wire_diff import compare, verdict
from upkeep.wire_shape import wire_shape

Document = dict[str, Any]
Found = set[tuple[str, str, str, str]]
Change = Callable[[Document], None]

PATCH, POST, GET, STREAM = "PATCH /records", "POST /records", "GET /records", "GET /records/stream"


def ref(name: str) -> dict[str, str]:
    """Refer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(name: str) -> dict[str, Any]:
    """Carry a schema as JSON."""
    return {"content": {"application/json": {"schema": ref(name)}}}


def errors() -> dict[str, Any]:
    """Answer errors as every operation does."""
    return {"404": body("Error"), "default": body("Error")}


def base() -> Document:
    """
    Build a document with nested and shared schemas.

    Cells lie in a table, `Person` goes both ways, `Entry` is merged of two, `Tree` recurs.
    """
    return {
        "openapi": "3.0.3",
        "paths": {
            "/records": {
                "patch": {
                    "requestBody": {"required": True, **body("Update")},
                    "responses": {"200": body("Answer"), **errors()},
                },
                "post": {
                    "requestBody": {"required": True, **body("Create")},
                    "responses": {"201": body("Answer"), **errors()},
                },
                "get": {
                    "parameters": [
                        {
                            "name": "ids",
                            "in": "query",
                            "required": True,
                            "explode": False,
                            "schema": {"type": "array", "maxItems": 9, "items": {"type": "string"}},
                        },
                        {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
                        {"name": "kind", "in": "query", "schema": {"enum": ["a", "b"]}},
                    ],
                    "responses": {"200": body("Page"), **errors()},
                },
            },
            "/records/stream": {"get": {"responses": {"200": body("Page"), **errors()}}},
        },
        "components": {
            "schemas": {
                "Update": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "date": {"type": "string", "format": "date-time"},
                        "note": {"type": "string", "maxLength": 10, "pattern": "^a"},
                        "count": {"type": "integer", "minimum": 1, "multipleOf": 2},
                        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                        "table": ref("TableIn"),
                        "owner": ref("Person"),
                    },
                },
                "Create": {
                    "type": "object",
                    "required": ["owner"],
                    "properties": {"owner": ref("Person"), "table": ref("TableIn")},
                },
                "TableIn": {
                    "type": "object",
                    "properties": {"rows": {"type": "array", "items": ref("CellIn")}},
                },
                "CellIn": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"type": "string", "enum": ["text", "number"]},
                        "text": {"type": "string"},
                    },
                },
                "Answer": {"type": "object", "properties": {"data": ref("Record")}},
                "Page": {
                    "type": "object",
                    "properties": {"data": {"type": "array", "items": ref("Record")}},
                },
                "Record": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "state": {"type": "string", "enum": ["open", "shut"]},
                        "made": {"type": "string", "format": "date-time"},
                        "size": {"type": "integer", "maximum": 5},
                        "owner": ref("Person"),
                        "cells": {"type": "array", "items": ref("CellOut")},
                        "byKey": {"type": "object", "additionalProperties": ref("Entry")},
                        "tree": ref("Tree"),
                    },
                },
                "CellOut": {
                    "type": "object",
                    "properties": {"kind": {"type": "string", "enum": ["text", "number"]}},
                },
                "Entry": {
                    "allOf": [
                        ref("Person"),
                        {"type": "object", "properties": {"rank": {"type": "integer"}}},
                    ]
                },
                "Person": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
                },
                "Tree": {"type": "object", "properties": {"next": ref("Tree")}},
                "Error": {"type": "object", "properties": {"message": {"type": "string"}}},
            }
        },
    }


def at(document: Document, path: str) -> Any:
    """Find a part of a document, such as `Update.properties.id` or `/records.get`."""
    first, *steps = path.split(".")
    node = (document["paths"] if first.startswith("/") else document["components"]["schemas"])[
        first
    ]
    for step in steps:
        node = node[int(step) if step.isdigit() and isinstance(node, list) else step]
    return node


def put(path: str, value: Any) -> Change:
    """Set a key of a document."""

    def change(document: Document) -> None:
        parent, _, key = path.rpartition(".")
        node = at(document, parent)
        node[key] = value

    return change


def drop(path: str) -> Change:
    """Delete a key of a document, or an item by its number."""

    def change(document: Document) -> None:
        parent, _, key = path.rpartition(".")
        node = at(document, parent)
        del node[int(key) if isinstance(node, list) else key]

    return change


def append(path: str, value: Any) -> Change:
    """Append to a list of a document."""
    return lambda document: at(document, path).append(value)


def both(first: Change, second: Change) -> Change:
    """Make two changes."""

    def change(document: Document) -> None:
        first(document)
        second(document)

    return change


def under(operations: str, side: str, place: str, what: str) -> Found:
    """Expect a change under several operations, `*` in the place being the success status."""
    status = {PATCH: "200.data", POST: "201.data", GET: "200.data[]", STREAM: "200.data[]"}
    names = {"P": PATCH, "C": POST, "G": GET, "S": STREAM}
    return {
        (names[letter], side, place.replace("*", status[names[letter]]), what)
        for letter in operations
    }


PERSON_OUT = ("*.owner", "*.byKey{}")


def person(what: str, name: str) -> Found:
    """Expect a change of the schema that goes both ways, everywhere."""
    places = [under("PCGS", "response", f"{place}.{name}", what) for place in PERSON_OUT]
    return under("PC", "request", f"body.owner.{name}", what).union(*places)


STRING = {"type": "string"}
OUT, IN = "response", "request"
CELL_IN, CELL_OUT = "body.table.rows[]", "*.cells[]"

CASES: list[tuple[str, Change, Verdict, Found]] = [
    # Of requests, the properties.
    ("in: optional property", put("Update.properties.new", STRING), Verdict.MINOR,
     under("P", IN, "body.new", "added, optional")),
    ("in: property in cells", put("CellIn.properties.new", STRING), Verdict.MINOR,
     under("PC", IN, f"{CELL_IN}.new", "added, optional")),
    ("in: required property in cells",
     both(put("CellIn.properties.new", STRING), append("CellIn.required", "new")),
     Verdict.MAJOR, under("PC", IN, f"{CELL_IN}.new", "added, required")),
    ("in: property removed", drop("Update.properties.date"), Verdict.MAJOR,
     under("P", IN, "body.date", "removed")),
    ("in: cell property removed", drop("CellIn.properties.text"), Verdict.MAJOR,
     under("PC", IN, f"{CELL_IN}.text", "removed")),
    ("in: now required", append("Update.required", "date"), Verdict.MAJOR,
     under("P", IN, "body.date", "now required")),
    ("in: now optional", drop("CellIn.required.0"), Verdict.MINOR,
     under("PC", IN, f"{CELL_IN}.kind", "now optional")),
    # Of requests, the values.
    ("in: enum value added in cells", append("CellIn.properties.kind.enum", "code"), Verdict.MINOR,
     under("PC", IN, f"{CELL_IN}.kind", "enum value added")),
    ("in: enum value removed", drop("CellIn.properties.kind.enum.0"), Verdict.MAJOR,
     under("PC", IN, f"{CELL_IN}.kind", "enum value removed")),
    ("in: enum dropped", drop("CellIn.properties.kind.enum"), Verdict.MAJOR,
     under("PC", IN, f"{CELL_IN}.kind", "type changed")),
    ("in: type changed", put("Update.properties.note.type", "integer"), Verdict.MAJOR,
     under("P", IN, "body.note", "type changed")),
    ("in: format changed", put("Update.properties.date.format", "date"), Verdict.MAJOR,
     under("P", IN, "body.date", "format changed")),
    ("in: format dropped", drop("Update.properties.date.format"), Verdict.MAJOR,
     under("P", IN, "body.date", "format changed")),
    ("in: null allowed", put("Update.properties.date.nullable", value=True), Verdict.MAJOR,
     under("P", IN, "body.date", "null allowed")),
    ("in: map values", put("Update.properties.tags.additionalProperties.type", "integer"),
     Verdict.MAJOR, under("P", IN, "body.tags{}", "type changed")),
    ("in: array to scalar", put("TableIn.properties.rows", STRING), Verdict.MAJOR,
     under("PC", IN, "body.table.rows", "type changed")
     | under("PC", IN, "body.table.rows[]", "type changed")),
    # Of requests, the limits.
    ("in: maxLength less", put("Update.properties.note.maxLength", 5), Verdict.MAJOR,
     under("P", IN, "body.note", "limit tightened")),
    ("in: maxLength more", put("Update.properties.note.maxLength", 50), Verdict.MINOR,
     under("P", IN, "body.note", "limit loosened")),
    ("in: maxLength gone", drop("Update.properties.note.maxLength"), Verdict.MINOR,
     under("P", IN, "body.note", "limit loosened")),
    ("in: minimum more", put("Update.properties.count.minimum", 2), Verdict.MAJOR,
     under("P", IN, "body.count", "limit tightened")),
    ("in: minimum exclusive", put("Update.properties.count.exclusiveMinimum", value=True),
     Verdict.MAJOR, under("P", IN, "body.count", "limit tightened")),
    ("in: minimum less", put("Update.properties.count.minimum", 0), Verdict.MINOR,
     under("P", IN, "body.count", "limit loosened")),
    ("in: pattern changed", put("Update.properties.note.pattern", "^b"), Verdict.MAJOR,
     under("P", IN, "body.note", "limit tightened")),
    ("in: pattern gone", drop("Update.properties.note.pattern"), Verdict.MINOR,
     under("P", IN, "body.note", "limit loosened")),
    ("in: coarser multiple", put("Update.properties.count.multipleOf", 4), Verdict.MAJOR,
     under("P", IN, "body.count", "limit tightened")),
    ("in: finer multiple", put("Update.properties.count.multipleOf", 1), Verdict.MINOR,
     under("P", IN, "body.count", "limit loosened")),
    ("in: other properties refused", put("CellIn.additionalProperties", value=False), Verdict.MAJOR,
     under("PC", IN, CELL_IN, "limit tightened")),
    # Of requests, the bodies and parameters.
    ("in: body optional", put("/records.patch.requestBody.required", value=False), Verdict.MINOR,
     under("P", IN, "body", "now optional")),
    ("in: body removed", drop("/records.patch.requestBody"), Verdict.MAJOR,
     under("P", IN, "body", "removed")),
    ("in: body added", put("/records.get.requestBody", {"required": True, **body("Create")}),
     Verdict.MAJOR, under("G", IN, "body", "added, required")),
    ("in: media type added",
     lambda d: at(d, "/records.post.requestBody.content").update({"text/csv": {"schema": STRING}}),
     Verdict.MINOR, under("C", IN, "body (text/csv)", "media type added")),
    ("parameter added",
     append("/records.get.parameters", {"name": "x", "in": "query", "schema": STRING}),
     Verdict.MINOR, under("G", IN, "query x", "added, optional")),
    ("parameter added, required",
     append("/records.get.parameters",
            {"name": "x", "in": "header", "required": True, "schema": STRING}),
     Verdict.MAJOR, under("G", IN, "header x", "added, required")),
    ("parameter removed", drop("/records.get.parameters.1"), Verdict.MAJOR,
     under("G", IN, "query deep", "removed")),
    ("parameter now required", put("/records.get.parameters.1.required", value=True), Verdict.MAJOR,
     under("G", IN, "query deep", "now required")),
    ("parameter moved", put("/records.get.parameters.1.in", "header"), Verdict.MAJOR,
     under("G", IN, "query deep", "removed") | under("G", IN, "header deep", "added, optional")),
    ("parameter joined otherwise", put("/records.get.parameters.0.explode", value=True),
     Verdict.MAJOR, under("G", IN, "query ids", "serialisation changed")),
    ("parameter's type", put("/records.get.parameters.1.schema.type", "string"), Verdict.MAJOR,
     under("G", IN, "query deep", "type changed")),
    ("parameter's enum value", append("/records.get.parameters.2.schema.enum", "c"), Verdict.MINOR,
     under("G", IN, "query kind", "enum value added")),
    ("parameter's limit", put("/records.get.parameters.0.schema.maxItems", 5), Verdict.MAJOR,
     under("G", IN, "query ids", "limit tightened")),
    ("parameter's items", put("/records.get.parameters.0.schema.items.format", "uuid"),
     Verdict.MAJOR, under("G", IN, "query ids[]", "format changed")),
    # Of responses, the properties.
    ("out: optional property", put("Record.properties.new", STRING), Verdict.MINOR,
     under("PCGS", OUT, "*.new", "added, optional")),
    ("out: required property",
     both(put("CellOut.properties.new", STRING), put("CellOut.required", ["new"])),
     Verdict.MINOR, under("PCGS", OUT, f"{CELL_OUT}.new", "added, required")),
    ("out: property removed", drop("Record.properties.made"), Verdict.MAJOR,
     under("PCGS", OUT, "*.made", "removed")),
    ("out: now required", append("Record.required", "made"), Verdict.MINOR,
     under("PCGS", OUT, "*.made", "now required")),
    ("out: now optional", drop("Record.required.0"), Verdict.MAJOR,
     under("PCGS", OUT, "*.id", "now optional")),
    ("out: of one operation only", put("Answer.required", ["data"]), Verdict.MINOR,
     {(PATCH, OUT, "200.data", "now required"), (POST, OUT, "201.data", "now required")}),
    # Of responses, the values.
    ("out: enum value added", append("Record.properties.state.enum", "lost"), Verdict.MINOR,
     under("PCGS", OUT, "*.state", "enum value added")),
    ("out: enum value in cells", append("CellOut.properties.kind.enum", "code"), Verdict.MINOR,
     under("PCGS", OUT, f"{CELL_OUT}.kind", "enum value added")),
    ("out: enum value removed", drop("CellOut.properties.kind.enum.1"), Verdict.MAJOR,
     under("PCGS", OUT, f"{CELL_OUT}.kind", "enum value removed")),
    ("out: enum introduced", put("Record.properties.id.enum", ["1"]), Verdict.MAJOR,
     under("PCGS", OUT, "*.id", "type changed")),
    ("out: type changed", put("Record.properties.size.type", "number"), Verdict.MAJOR,
     under("PCGS", OUT, "*.size", "type changed")),
    ("out: format added", put("Record.properties.id.format", "uuid"), Verdict.MAJOR,
     under("PCGS", OUT, "*.id", "format changed")),
    ("out: null allowed", put("Record.properties.made.nullable", value=True), Verdict.MAJOR,
     under("PCGS", OUT, "*.made", "null allowed")),
    ("out: limit tightened", put("Record.properties.size.maximum", 4), Verdict.NOTED,
     under("PCGS", OUT, "*.size", "limit tightened")),
    ("out: limit loosened", drop("Record.properties.size.maximum"), Verdict.NOTED,
     under("PCGS", OUT, "*.size", "limit loosened")),
    ("out: property in map values, by allOf", put("Entry.allOf.1.properties.new", STRING),
     Verdict.MINOR, under("PCGS", OUT, "*.byKey{}.new", "added, optional")),
    ("out: in a recursive schema", put("Tree.properties.new", STRING), Verdict.MINOR,
     under("PCGS", OUT, "*.tree.new", "added, optional")),
    ("out: format that nobody reads", put("Record.properties.id.format", "slug"), Verdict.NOTED,
     under("PCGS", OUT, "*.id", "other format changed")),
    ("out: keyword not understood", put("Record.unevaluatedProperties", value=False),
     Verdict.MINOR, under("PCGS", OUT, "*", "not understood")),
    # Of schemas that go both ways.
    ("shared: property added", put("Person.properties.new", STRING), Verdict.MINOR,
     person("added, optional", "new")),
    ("shared: now required", append("Person.required", "name"), Verdict.MAJOR,
     person("now required", "name")),
    ("shared: now optional", drop("Person.required.0"), Verdict.MAJOR,
     person("now optional", "id")),
    ("shared: deprecated", put("Person.properties.name.deprecated", value=True), Verdict.MINOR,
     person("deprecated", "name")),
    # Of statuses.
    ("error status added", put("/records.get.responses.429", body("Error")), Verdict.MINOR,
     under("G", OUT, "429", "error status added")),
    ("error status removed", drop("/records.get.responses.404"), Verdict.NOTED,
     under("G", OUT, "404", "error status removed")),
    ("success status changed",
     both(put("/records.post.responses.200", body("Answer")), drop("/records.post.responses.201")),
     Verdict.MAJOR,
     under("C", OUT, "200", "success status added")
     | under("C", OUT, "201", "success status removed")),
    ("error body", put("Error.properties.requestId", STRING), Verdict.MINOR,
     under("PCGS", OUT, "404.requestId", "added, optional")
     | under("PCGS", OUT, "default.requestId", "added, optional")),
    ("media type of an answer removed", put("/records.get.responses.200.content", {}),
     Verdict.MAJOR, under("G", OUT, "200", "media type removed")),
    ("header of an answer", put("/records.get.responses.200.headers", {"X": {"schema": STRING}}),
     Verdict.NOTED, under("G", OUT, "200 header", "response header added")),
    # Of operations.
    ("server moved", lambda d: d.update(servers=[{"url": "https://b.example"}]), Verdict.MAJOR,
     under("PCGS", "operation", "servers", "server added")
     | under("PCGS", "operation", "servers", "server removed")),
    ("token needed", put("/records.get.security", [{"token": []}]), Verdict.MAJOR,
     under("G", "operation", "security", "security replaced")
     | under("G", "operation", "security", "security alternative added")),
    ("operation added", put("/records.put", {"responses": {"200": {}}}), Verdict.MINOR,
     {("PUT /records", "operation", "", "operation added")}),
    ("operation removed", drop("/records/stream.get"), Verdict.MAJOR,
     under("S", "operation", "", "operation removed")),
    ("operation deprecated", put("/records.get.deprecated", value=True), Verdict.MINOR,
     under("G", "operation", "", "deprecated")),
    # What does not count.
    ("description", put("Record.description", "Other words"), Verdict.SAME, set()),
    ("example", put("Record.properties.id.example", "x"), Verdict.SAME, set()),
    ("operationId", put("/records.get.operationId", "other"), Verdict.SAME, set()),
    ("enum order", put("CellOut.properties.kind.enum", ["number", "text"]), Verdict.SAME, set()),
    ("required order", put("Person.required", ["id"]), Verdict.SAME, set()),
    ("unused schema", lambda d: d["components"]["schemas"].update(Unused=STRING),
     Verdict.SAME, set()),
    ("inlined", lambda d: put("Update.properties.owner", copy.deepcopy(at(d, "Person")))(d),
     Verdict.SAME, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "weight", "expected"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_single_change(change: Change, weight: Verdict, expected: Found) -> None:
    """A change has its verdict, its side, and is listed under every operation it reaches."""
    before, after = base(), base()
    change(after)
    changes = compare(wire_shape(before), wire_shape(after))
    assert expected == {(c.operation, c.side, c.place, c.what) for c in changes}
    assert weight == verdict(changes)
    assert len(expected) == len(changes)


def test_every_row_of_the_table_is_met() -> None:
    """No kind of change is in the table for nothing: single changes, or their undoing, meet all."""
    met = {"rate limit changed"}  # read from texts, where its own test is
    for _, change, _, _ in CASES:
        before, after = wire_shape(base()), base()
        change(after)
        changed = wire_shape(after)
        met |= {c.what for c in (*compare(before, changed), *compare(changed, before))}
    met.add("response header changed")  # likewise
    assert set(KINDS) == met


def test_one_change_of_a_shared_schema_is_one_group() -> None:
    """The occurrences of one change have one group on each side, and other changes have others."""
    after = base()
    put("Person.properties.new", STRING)(after)
    append("CellOut.properties.kind.enum", "code")(after)
    changes = compare(wire_shape(base()), wire_shape(after))
    groups = {
        group: {(c.side, c.what) for c in changes if c.group == group}
        for group in {c.group for c in changes}
    }
    assert [
        {(IN, "added, optional")},
        {(OUT, "added, optional")},
        {(OUT, "added, optional")},  # merged by allOf into another object
        {(OUT, "enum value added")},
    ] == sorted(groups.values(), key=sorted)
