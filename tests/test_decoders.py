"""The writer of the decoders: what it makes of each kind of schema, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

import decoders

TEXT = {"type": "string"}


def document(**schemas: Any) -> dict[str, Any]:
    """Return a spec whose only answer is the first schema."""
    ref = {"$ref": f"#/components/schemas/{next(iter(schemas))}"}
    answer = {"content": {"application/json": {"schema": ref}}}
    responses = {"200": {"$ref": "#/components/responses/Found"}, "default": {}}
    return {
        "paths": {"/records": {"parameters": [], "get": {"responses": responses}}},
        "components": {"schemas": schemas, "responses": {"Found": answer}},
    }


def model(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    """Return the schema of an object."""
    return {"type": "object", "required": required or [], "properties": properties}


def ref(name: str) -> dict[str, str]:
    """Return a reference."""
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schema", "call"),
    [
        (TEXT, "read.string(item)"),
        ({"type": "string", "format": "date-time"}, "read.date_time(item)"),
        ({"type": "string", "format": "email"}, "read.string(item)"),
        ({"type": "string", "nullable": True}, "read.string(item)"),
        ({"type": "integer"}, "read.integer(item)"),
        ({"type": "array", "items": TEXT}, "read.array(item, read.string)"),
        (
            {"type": "array", "items": {"type": "array", "items": ref("Part")}},
            "read.array(item, lambda value: read.array(value, part))",
        ),
        (ref("Part"), "part(item)"),
        (ref("Kind"), "KIND[read.string(item)]"),
        (
            {"type": "array", "items": ref("Kind")},
            "read.array(item, lambda value: KIND[read.string(value)])",
        ),
        (ref("Moment"), "read.date_time(item)"),
    ],
)
def test_each_kind_of_schema_has_its_reader(schema: Any, call: str) -> None:
    """By name, in line, or for items as a function."""
    source = decoders.source(
        document(
            Whole=model(aPart=schema),
            Part=model(["id"], id=TEXT),
            Kind={"type": "string", "enum": ["a"]},
            Moment={"type": "string", "format": "date-time"},
        )
    )
    assert f"it.a_part = UNSET if item is None else {call}\n" in source
    compile(source, "decode.py", "exec")


def test_only_what_an_answer_holds_is_read() -> None:
    """With the models that it takes, and no others."""
    source = decoders.source(document(Answer=model(of=ref("Inner")), Inner=model(), Sent=model()))
    assert "from .models import Answer, Inner\n" in source
    assert "def inner(value: Any) -> Inner:" in source
    assert "Sent" not in source


def test_an_object_whose_names_are_data_is_a_map() -> None:
    """Each value is read."""
    ids = {"type": "object", "additionalProperties": TEXT}
    source = decoders.source(document(Answer=model(ids=ref("Ids")), Ids=ids))
    assert "it.additional_properties = read.mapping(value, read.string)\n" in source


def test_a_path_of_no_module_is_refused() -> None:
    """Its answers would be read by nobody."""
    with pytest.raises(decoders.NotDecodable, match="path /records: MODULES of"):
        decoders.sources(document(Answer=model()))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (model(x={"oneOf": [TEXT]}), ["schema Answer", 'no {"oneOf": [{"type"']),
        (model(x={"type": "string", "enum": ["a"]}), ["schema Answer", '"enum": ["a"]']),
        (model(["x"], x={**TEXT, "nullable": True}), ["schema Answer", "no null"]),
        ({**model(x=TEXT), "additionalProperties": TEXT}, ["schema Answer", "not both"]),
        ({"type": "object"}, ["schema Answer", "or neither"]),
        (model(x=ref("Item")), ["schema Item", "rename it"]),
    ],
    ids=json.dumps,
)
def test_what_cannot_be_read_is_refused_with_its_place(schema: Any, words: list[str]) -> None:
    """Rather than left unchecked."""
    with pytest.raises(decoders.NotDecodable) as caught:
        decoders.source(document(Answer=schema, Item=model()))
    for word in words:
        assert word in str(caught.value)
