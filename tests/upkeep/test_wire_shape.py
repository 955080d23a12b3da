"""Documents that mean the same on the wire have equal shapes; broken ones are refused clearly."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from upkeep.openapi_document import DocumentError
from upkeep.wire_diff import compare
from upkeep.wire_shape import Node, fingerprint, operations, wire_shape

Schema = dict[str, Any]


def shape(schema: Any, schemas: Schema | None = None, **operation: Any) -> Node:
    """Walk a document that answers a schema."""
    content = {"application/json": {"schema": schema}}
    get = {"responses": {"200": {"content": content}}, **operation}
    document = {"paths": {"/things": {"get": get}}, "components": {"schemas": schemas or {}}}
    return wire_shape(document)


THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
SCHEMAS = {"Thing": THING, "Text": {"type": "string", "maxLength": 3}}
THING_REF, TEXT_REF = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)

EQUAL: list[tuple[str, Any, Any]] = [
    ("nullable", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ("type list of one", {"type": "string"}, {"type": ["string"]}),
    ("null as alternative", {"type": "string", "nullable": True},
     {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ("null beside a ref", {"allOf": [THING_REF], "nullable": True},
     {"oneOf": [THING_REF, {"type": "null"}]}),
    ("null in an enum", {"type": "string", "nullable": True, "enum": ["a", None]},
     {"type": ["string", "null"], "enum": ["a"]}),
    ("exclusive minimum", {"type": "integer", "minimum": 5, "exclusiveMinimum": True},
     {"type": "integer", "exclusiveMinimum": 5}),
    ("exclusive maximum", {"type": "integer", "maximum": 5, "exclusiveMaximum": True},
     {"type": "integer", "exclusiveMaximum": 5.0}),
    ("not exclusive", {"type": "integer", "minimum": 5, "exclusiveMinimum": False},
     {"type": "integer", "minimum": 5}),
    ("const", {"type": "string", "enum": ["a"]}, {"const": "a"}),
    ("enum implies its type", {"enum": [1, 2]}, {"type": "integer", "enum": [2, 1]}),
    ("properties imply object", THING, {k: v for k, v in THING.items() if k != "type"}),
    ("items imply array", {"type": "array", "items": TEXT_REF}, {"items": TEXT_REF}),
    ("ref and inline", THING_REF, THING),
    ("ref with words", THING_REF, {"allOf": [THING_REF], "description": "Ours"}),
    ("3.1 ref with words", THING_REF, {**THING_REF, "description": "Ours"}),
    ("merged halves", THING,
     {"allOf": [{"type": "object", "required": ["id"]},
                {"properties": {"id": {"type": "string"}}}]}),
    ("merged property", {"type": "object", "properties": {"id": SCHEMAS["Text"]}},
     {"allOf": [{"properties": {"id": {"type": "string"}}}, {"properties": {"id": TEXT_REF}}]}),
    ("tightest limit", {"type": "string", "minLength": 2, "maxLength": 3},
     {"allOf": [TEXT_REF, {"maxLength": 9, "minLength": 1}, {"minLength": 2}]}),
    ("common values", {"type": "string", "enum": ["b"]},
     {"type": "string", "allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}),
    ("limits that say nothing", {"type": "string"}, {"type": "string", "minLength": 0}),
    ("open map", {"type": "object"}, {"type": "object", "additionalProperties": True}),
    ("3.1's true", {"properties": {"a": True}, "items": True}, {"properties": {"a": {}}}),
    ("required elsewhere", {"type": "object", "required": ["x"], "properties": {"x": {}}},
     {"type": "object", "required": ["x"]}),
    ("alternatives in any order", {"oneOf": [THING_REF, TEXT_REF]}, {"oneOf": [TEXT_REF, THING]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [pytest.param(*schemas, id=name) for name, *schemas in EQUAL]
)
def test_equal_on_the_wire(first: Any, second: Any) -> None:
    """Both forms have one shape and one fingerprint."""
    shapes = shape(first, SCHEMAS), shape(second, SCHEMAS)
    assert [] == compare(*shapes)
    assert fingerprint(shapes[0]) == fingerprint(shapes[1])


UNEQUAL: list[tuple[str, Any, Any]] = [
    ("text and number", {"enum": ["1"]}, {"enum": [1]}),
    ("true and one", {"enum": [True]}, {"enum": [1]}),
    ("zero minimum says something", {"type": "integer", "minimum": 0}, {"type": "integer"}),
    ("other alternative", {"oneOf": [THING_REF, TEXT_REF]},
     {"oneOf": [THING_REF, {"type": "string"}]}),
    ("one more alternative", {"oneOf": [THING_REF, TEXT_REF]},
     {"oneOf": [THING_REF, TEXT_REF, {"type": "integer"}]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [pytest.param(*schemas, id=name) for name, *schemas in UNEQUAL]
)
def test_unequal_on_the_wire(first: Any, second: Any) -> None:
    """What looks alike but is not has changes both ways."""
    shapes = shape(first, SCHEMAS), shape(second, SCHEMAS)
    assert compare(*shapes)
    assert compare(*reversed(shapes))
    assert fingerprint(shapes[0]) != fingerprint(shapes[1])


def test_a_recursion_equals_its_unrolled_form_under_any_name() -> None:
    """A schema that refers to itself, and one that does so by a detour, are one shape."""
    direct = {"Tree": {"properties": {"next": {"$ref": "#/components/schemas/Tree"}}}}
    detour: Schema = {
        "Root": {"properties": {"next": {"$ref": "#/components/schemas/Branch"}}},
        "Branch": {"properties": {"next": {"$ref": "#/components/schemas/Root"}}},
    }
    first = shape({"$ref": "#/components/schemas/Tree"}, direct)
    second = shape({"$ref": "#/components/schemas/Root"}, detour)
    assert [] == compare(first, second)
    assert fingerprint(first) == fingerprint(second)
    detour["Branch"]["properties"]["more"] = {"type": "string"}
    third = shape({"$ref": "#/components/schemas/Root"}, detour)
    assert ["200.next.more"] == [change.place for change in compare(first, third)]


def test_parameters_of_the_path_hold_unless_the_operation_has_its_own() -> None:
    """A parameter of the path item counts for each operation, and can be overridden."""
    number, text = {"type": "integer"}, {"type": "string"}
    item = {
        "parameters": [
            {"name": "a", "in": "query", "required": True, "schema": number},
            {"name": "b", "in": "query", "schema": number},
        ],
        "get": {"parameters": [{"name": "a", "in": "query", "schema": text}], "responses": {}},
    }
    plain: dict[str, Any] = {
        "get": {
            "parameters": [
                {"name": "b", "in": "query", "schema": number, "style": "form", "explode": True},
                {"name": "a", "in": "query", "schema": text},
                {"name": "Accept", "in": "header", "schema": text},
            ],
            "responses": {},
        }
    }
    shapes = [wire_shape({"paths": {"/things": whole}}) for whole in (item, plain)]
    assert [] == compare(*shapes)


def test_a_parameter_may_be_described_by_content() -> None:
    """`content` instead of `schema` counts by its media type."""
    whole = {
        "get": {
            "parameters": [
                {"name": "a", "in": "query", "content": {"application/json": {"schema": THING}}}
            ],
            "responses": {},
        }
    }
    root = wire_shape({"paths": {"/things": whole}})
    parameter = root.children["operation", "GET /things"].children["query", "a"]
    assert [("media type", "application/json")] == list(parameter.children)


def test_refs_to_responses_parameters_and_bodies_are_followed() -> None:
    """Shared components of every kind are replaced by what they say."""
    body = {"required": True, "content": {"application/json; charset=utf-8": {"schema": THING}}}
    parameter = {"name": "a", "in": "query", "schema": {"type": "string"}}
    shared = {
        "paths": {
            "/things": {
                "post": {
                    "parameters": [{"$ref": "#/components/parameters/A"}],
                    "requestBody": {"$ref": "#/components/requestBodies/B~1b"},
                    "responses": {200: {"$ref": "#/components/responses/C"}},
                }
            }
        },
        "components": {
            "parameters": {"A": parameter},
            "requestBodies": {"B/b": body},
            "responses": {"C": {"$ref": "#/components/responses/D"}, "D": {"content": {}}},
        },
    }
    inline = {
        "paths": {
            "/things": {
                "post": {
                    "parameters": [parameter],
                    "requestBody": {**body, "content": {"application/json": {"schema": THING}}},
                    "responses": {"200": {"headers": {"X": {}}, "content": {"text/csv": {}}}},
                }
            }
        }
    }
    assert [] == compare(wire_shape(shared), wire_shape(inline))


def test_only_the_named_operations_are_walked() -> None:
    """A broken part elsewhere does no harm, and what the document lacks is left out."""
    broken = {"responses": {"200": {"$ref": "#/nowhere"}}}
    document = {"paths": {"/a": {"get": {"responses": {}}}, "/b": {"get": broken}, "/c": None}}
    assert ["GET /a", "GET /b"] == list(operations(document))
    root = wire_shape(document, ["GET /a", "GET /z"])
    assert [("operation", "GET /a")] == list(root.children)


WRONG_KEYWORDS: list[tuple[dict[str, Any], str]] = [
    ({"enum": "abc"}, "'enum' is 'abc', not a list"),
    ({"enum": {"a": 1}}, "'enum' is {'a': 1}, not a list"),
    ({"maxLength": "ten"}, "'maxLength' is 'ten', not a whole number from 0 on"),
    ({"minItems": -1}, "'minItems' is -1"),
    ({"maxProperties": 1.5}, "'maxProperties' is 1.5"),
    ({"maxItems": True}, "'maxItems' is True"),
    ({"minimum": "1"}, "'minimum' is '1', not a number"),
    ({"exclusiveMaximum": "yes"}, "'exclusiveMaximum' is 'yes'"),
    ({"multipleOf": 0}, "'multipleOf' is 0, not a number above 0"),
    ({"multipleOf": -0.5}, "'multipleOf' is -0.5"),
    ({"multipleOf": None}, "'multipleOf' is None"),
    ({"type": 5}, "'type' is 5"),
    ({"type": ["string", None]}, "'type' is ['string', None]"),
    ({"format": ["date"]}, "'format' is ['date'], not a text"),
    ({"pattern": 1}, "'pattern' is 1"),
    ({"required": True}, "'required' is True, not a list of texts"),
    ({"required": "id"}, "'required' is 'id'"),
    ({"properties": []}, "'properties' is []"),
    ({"properties": {"id": "string"}}, "'properties' is"),
    ({"items": [{"type": "string"}]}, "'items' is"),
    ({"additionalProperties": "no"}, "'additionalProperties' is 'no'"),
    ({"allOf": {}}, "'allOf' is {}"),
    ({"oneOf": ["string"]}, "'oneOf' is ['string']"),
    ({"nullable": "true"}, "'nullable' is 'true', not true or false"),
    ({"readOnly": 1}, "'readOnly' is 1"),
    ({"deprecated": None}, "'deprecated' is None"),
    ({"$ref": 5}, "'$ref' is 5"),
]


@pytest.mark.parametrize(("schema", "words"), WRONG_KEYWORDS)
def test_a_keyword_with_a_wrong_value_is_named_with_its_place(
    schema: dict[str, Any], words: str
) -> None:
    """In an answer, in a request and in a parameter, deep or not."""
    nested = {"type": "array", "items": {"type": "object", "properties": {"a": schema}}}
    body = {"content": {"application/json": {"schema": nested}}}
    for operation, place in (
        ({"responses": {"200": body}}, "response 200, application/json[].a"),
        ({"requestBody": body, "responses": {}}, "request body, application/json[].a"),
        ({"parameters": [{"name": "x", "in": "query", "schema": nested}]},
         "parameter of the operation x[].a"),
    ):  # fmt: skip
        with pytest.raises(DocumentError) as caught:
            wire_shape({"paths": {"/things": {"get": operation}}})
        assert f"GET /things, {place}: {words}" in str(caught.value)
        assert "mend the document there" in str(caught.value)


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        ("text", "GET /things: is 'text', not an object"),
        ({"parameters": {}}, "GET /things, parameters: is {}"),
        ({"parameters": ["x"]}, "GET /things, parameter of the operation: is 'x'"),
        ({"parameters": [{"in": "query"}]}, "parameter of the operation, name: is None"),
        ({"parameters": [{"name": "a"}]}, "parameter of the operation, in: is None"),
        ({"requestBody": 5}, "GET /things, request body: is 5"),
        ({"requestBody": {"content": []}}, "GET /things, request body, content: is []"),
        ({"responses": []}, "GET /things, responses: is []"),
        ({"responses": {"200": "ok"}}, "GET /things, response 200: is 'ok'"),
        ({"responses": {"200": {"content": {"a/b": 1}}}}, "GET /things, response 200, a/b: is 1"),
        ({"servers": [5]}, "GET /things, servers: is [5]"),
        ({"servers": [{}]}, "GET /things, servers, url: is None"),
        ({"security": {"a": []}}, "GET /things, security: is {'a': []}"),
        ({"responses": {"200": {"$ref": "#/paths/~1things/get"}}, "parameters": 1}, "parameters"),
    ],
)
def test_what_is_no_operation_is_named_with_its_place(operation: Any, place: str) -> None:
    """One sentence, and no traceback."""
    with pytest.raises(DocumentError) as caught:
        wire_shape({"paths": {"/things": {"get": operation}}})
    assert place in str(caught.value)


def test_references_that_multiply_are_refused() -> None:
    """Forty schemas that each name the next one twice are a thousand milliards of places."""
    names = [f"S{number}" for number in range(41)]
    next_one = {a: {"$ref": f"#/components/schemas/{b}"} for a, b in itertools.pairwise(names)}
    by_property: Schema = {
        name: {"type": "object", "properties": {"a": ref, "b": ref}}
        for name, ref in next_one.items()
    }
    by_all_of: Schema = {name: {"allOf": [ref, ref]} for name, ref in next_one.items()}
    for schemas in (by_property, by_all_of):
        schemas["S40"] = {"type": "string"}
    wide = shape({"$ref": "#/components/schemas/S0"}, by_property)
    with pytest.raises(DocumentError, match=r"GET /things: has more than 20,000 places"):
        compare(wide, wide)
    assert [] == compare(shape({"$ref": "#/components/schemas/S0"}, by_all_of),
                         shape({"type": "string"}))  # fmt: skip


REFUSED: list[tuple[str, Any, Schema, list[str]]] = [
    ("broken", {"$ref": "#/components/schemas/Gone"}, {}, ["GET /things", "Gone", "download"]),
    ("deep", THING_REF, {"Thing": {"properties": {"a": {"$ref": "#/components/schemas/B"}}}},
     ["GET /things, response 200, application/json.a", "'B'"]),
    ("outside", {"$ref": "other.yaml#/A"}, {}, ["other.yaml#/A", "bundle"]),
    ("to itself", {"$ref": "#/components/schemas/A"}, {"A": {"$ref": "#/components/schemas/A"}},
     ["leads back to itself", "mend"]),
    ("by allOf", {"$ref": "#/components/schemas/A"},
     {"A": {"allOf": [{"type": "object"}, {"$ref": "#/components/schemas/A"}]}},
     ["leads back to itself"]),
    ("no schema", {"type": "object", "properties": ["id"]}, {},
     ["GET /things", "'properties' is", "mend"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "schemas", "words"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_broken_documents(schema: Any, schemas: Schema, words: list[str]) -> None:
    """The message names the place and the way out."""
    with pytest.raises(DocumentError) as caught:
        shape(schema, schemas)
    for word in words:
        assert word in str(caught.value)


def test_a_response_that_refers_to_itself() -> None:
    """A circle of responses is refused."""
    document = {
        "paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/A"}}}}},
        "components": {"responses": {"A": {"$ref": "#/components/responses/A"}}},
    }
    with pytest.raises(DocumentError, match=r"GET /a, response 200.*leads back to itself"):
        wire_shape(document)
