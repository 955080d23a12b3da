"""Kinds of change, each in every position where it can stand, in the forms of 3.0 and 3.1."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from upkeep.change_kinds import Verdict
from upkeep.family_diff import FamilyDiff, compare_family

Document = dict[str, Any]
Schema = Any

SAME, NOTED, MINOR, MAJOR = Verdict
TEXT: Schema = {"type": "string"}
REQUESTS = ("body", "item", "query", "header", "map", "both")
RESPONSES = ("answer", "answered item", "error")


def holder(position: str, schema: Schema) -> Document:
    """Build an operation with a schema at a position."""
    listed = {"type": "object", "properties": {"rows": {"type": "array", "items": schema}}}
    mapped = {"type": "object", "additionalProperties": {"allOf": [schema]}}
    wrapped = {"body": schema, "item": listed, "map": mapped, "both": schema}.get(position)
    answered = {"answer": schema, "answered item": listed}.get(position, TEXT)
    parameter = {"name": "X-It", "in": position, "schema": schema}
    operation: Document = {
        "responses": {
            "200": json(answered),
            "404": json(schema if position == "error" else TEXT),
        }
    }
    if wrapped is not None:
        operation["requestBody"] = json(wrapped)
    if position in {"query", "header"}:
        operation["parameters"] = [parameter]
    return operation


def json(schema: Schema) -> Document:
    """Carry a schema as JSON, under a property."""
    whole = {"type": "object", "properties": {"it": schema}}
    return {"content": {"application/json": {"schema": whole}}}


def document(operation: Document, **more: Any) -> Document:
    """Build a document of one operation."""
    parts = {"Text": TEXT, "Red": {"const": "red"}, "Blue": {"const": "blue"}}
    return {"paths": {"/things": {"post": operation}}, "components": {"schemas": parts}} | more


def difference(position: str, before: Schema, after: Schema) -> FamilyDiff:
    """Compare two schemas at a position."""
    return compare_family(*(document(holder(position, schema)) for schema in (before, after)))


def obj(**properties: Schema) -> Schema:
    """Describe an object."""
    return {"type": "object", "properties": {"id": TEXT, **properties}}


RED_OR_BLUE = {"type": "string", "enum": ["red", "blue"]}
CONSTS = [{"const": "red"}, {"const": "blue"}]
TITLED = [{"const": "red", "title": "Red"}, {"const": "blue", "description": "Cold"}]
REFS = [{"$ref": f"#/components/schemas/{name}"} for name in ("Blue", "Red")]
NULLABLE = {"type": "string", "nullable": True}
READ, WRITE = {**TEXT, "readOnly": True}, {**TEXT, "writeOnly": True}
NOT = {"type": "string", "not": {"const": "x"}}

KINDS: list[tuple[str, Schema, Schema, Verdict, Verdict]] = [
    # name, before, after, in a request, in a response
    ("enum as oneOf of const", RED_OR_BLUE, {"type": "string", "oneOf": CONSTS}, SAME, SAME),
    ("enum as anyOf of const", RED_OR_BLUE, {"anyOf": CONSTS}, SAME, SAME),
    ("enum as titled const", RED_OR_BLUE, {"oneOf": TITLED}, SAME, SAME),
    ("enum as const by reference", RED_OR_BLUE, {"oneOf": REFS}, SAME, SAME),
    ("enum as enums of one", RED_OR_BLUE,
     {"oneOf": [{"type": "string", "enum": [value]} for value in ("red", "blue")]}, SAME, SAME),
    ("nullable enum as oneOf", {**RED_OR_BLUE, "nullable": True},
     {"oneOf": [*CONSTS, {"type": "null"}]}, SAME, SAME),
    ("enum of numbers as oneOf", {"enum": [1, 2]}, {"oneOf": [{"const": 1}, {"const": 2}]},
     SAME, SAME),
    ("a value deprecated", {"oneOf": CONSTS},
     {"oneOf": [CONSTS[0], {**CONSTS[1], "deprecated": True}]}, MINOR, MINOR),
    ("null gone from an enum", {"type": ["string", "null"], "enum": ["red", None]},
     {"enum": ["red"]}, MAJOR, MINOR),
    ("const added to oneOf", RED_OR_BLUE, {"oneOf": [*CONSTS, {"const": "new"}]}, MINOR, MINOR),
    ("const gone from oneOf", {"oneOf": CONSTS}, {"const": "red"}, MAJOR, MAJOR),
    ("no longer nullable", NULLABLE, TEXT, MAJOR, MINOR),
    ("no longer null, 3.1", {"type": ["string", "null"]}, TEXT, MAJOR, MINOR),
    ("no longer null, anyOf", {"anyOf": [TEXT, {"type": "null"}]}, TEXT, MAJOR, MINOR),
    ("no longer null, object", {**obj(), "nullable": True}, obj(), MAJOR, MINOR),
    ("nullable", TEXT, NULLABLE, MAJOR, MAJOR),
    ("format that nobody reads, added", TEXT, {**TEXT, "format": "hostname"}, NOTED, NOTED),
    ("format that nobody reads, changed", {**TEXT, "format": "uri"}, {**TEXT, "format": "email"},
     NOTED, NOTED),
    ("format that nobody reads, gone", {**TEXT, "format": "password"}, TEXT, NOTED, NOTED),
    ("format of a number", {"type": "integer"}, {"type": "integer", "format": "int64"},
     NOTED, NOTED),
    ("format of a number, other", {"type": "integer", "format": "int32"},
     {"type": "integer", "format": "int64"}, NOTED, NOTED),
    ("format as encoding", {**TEXT, "format": "byte"}, {**TEXT, "contentEncoding": "base64"},
     SAME, SAME),
    ("format that is read, added", TEXT, {**TEXT, "format": "date"}, MAJOR, MAJOR),
    ("format that is read, to one that is not", {**TEXT, "format": "date-time"},
     {**TEXT, "format": "iso"}, MAJOR, MAJOR),
    ("property becomes readOnly", obj(a=TEXT), obj(a=READ), MAJOR, SAME),
    ("property becomes writeOnly", obj(a=TEXT), obj(a=WRITE), SAME, MAJOR),
    ("readOnly by allOf", obj(a=TEXT), obj(a={"allOf": [TEXT], "readOnly": True}), MAJOR, SAME),
    ("readOnly beside a reference", obj(a=TEXT),
     obj(a={"$ref": "#/components/schemas/Text", "readOnly": True}), MAJOR, SAME),
    ("readOnly and required", {**obj(a=TEXT), "required": ["a"]},
     {**obj(a=READ), "required": ["a"]}, MAJOR, SAME),
    ("no longer readOnly", obj(a=READ), obj(a=TEXT), MINOR, SAME),
    ("no longer writeOnly", obj(a=WRITE), obj(a=TEXT), SAME, MINOR),
    ("readOnly property added", obj(), obj(a=READ), SAME, MINOR),
    ("writeOnly property added", obj(), obj(a=WRITE), MINOR, SAME),
    ("not readOnly", obj(a=TEXT), obj(a={**TEXT, "readOnly": False}), SAME, SAME),
    ("coarser multiple, decimal", {"type": "number", "multipleOf": 0.1},
     {"type": "number", "multipleOf": 0.3}, MAJOR, NOTED),
    ("finer multiple, decimal", {"type": "number", "multipleOf": 0.3},
     {"type": "number", "multipleOf": 0.1}, MINOR, NOTED),
    ("finer multiple, small", {"type": "number", "multipleOf": 1},
     {"type": "number", "multipleOf": 1e-7}, MINOR, NOTED),
    ("multiples of both", {"type": "number", "multipleOf": 1.2},
     {"type": "number", "allOf": [{"multipleOf": 0.4}, {"multipleOf": 0.6}]}, SAME, SAME),
    ("whole numbers of numbers", {"type": "integer"},
     {"allOf": [{"type": "number"}, {"type": "integer"}]}, SAME, SAME),
]  # fmt: skip
UNKNOWN: list[tuple[str, Schema, Schema]] = [
    ("not", TEXT, NOT),
    ("not", NOT, {"type": "string", "not": {"const": "y"}}),
    ("not", obj(a=TEXT), obj(a=False)),
    ("dependentRequired", obj(), {**obj(), "dependentRequired": {"id": ["name"]}}),
    ("dependentSchemas", obj(), {**obj(), "dependentSchemas": {"id": obj(a=TEXT)}}),
    ("unevaluatedProperties", obj(), {**obj(), "unevaluatedProperties": False}),
    ("propertyNames", obj(), {**obj(), "propertyNames": {"pattern": "^a"}}),
    ("patternProperties", obj(), {**obj(), "patternProperties": {"^x": TEXT}}),
    ("prefixItems", {"type": "array"}, {"type": "array", "prefixItems": [TEXT]}),
    ("contains", {"type": "array", "items": TEXT},
     {"type": "array", "items": TEXT, "contains": {"const": "a"}}),
    ("if", obj(), {**obj(), "if": {"required": ["id"]}}),
    ("discriminator", {"oneOf": [obj(), TEXT]},
     {"oneOf": [obj(), TEXT], "discriminator": {"propertyName": "id"}}),
    ("discriminator", {"oneOf": [obj(), TEXT], "discriminator": {"propertyName": "id"}},
     {"oneOf": [obj(), TEXT], "discriminator": {"propertyName": "kind"}}),
    ("contentMediaType", TEXT, {**TEXT, "contentMediaType": "image/png"}),
    ("nullabel", TEXT, {**TEXT, "nullabel": True}),
]  # fmt: skip


@pytest.mark.parametrize("position", REQUESTS + RESPONSES)
@pytest.mark.parametrize(
    ("before", "after", "request_", "response"), [pytest.param(*case, id=n) for n, *case in KINDS]
)
def test_kind(
    position: str, before: Schema, after: Schema, request_: Verdict, response: Verdict
) -> None:
    """A change weighs what its side feels, wherever it stands."""
    expected = request_ if position in REQUESTS else response
    diff = difference(position, before, after)
    said = [(c.place, c.what, c.before, c.after) for c in diff.changes]
    assert expected == diff.verdict, said


@pytest.mark.parametrize("position", REQUESTS + RESPONSES)
@pytest.mark.parametrize(("keyword", "before", "after"), UNKNOWN)
def test_what_is_not_understood_is_named(
    position: str, keyword: str, before: Schema, after: Schema
) -> None:
    """Added, changed or gone: never silent, and never passed off as understood."""
    for first, second in ((before, after), (after, before)):
        diff = difference(position, first, second)
        named = [c for c in diff.changes if c.what == "not understood"]
        assert named
        assert all(keyword in (c.before, c.after) for c in named)
        assert diff.verdict >= MINOR


@pytest.mark.parametrize("keyword", ["title", "description", "example", "default", "x-note"])
def test_words_are_no_change(keyword: str) -> None:
    """Neither are examples, defaults and extensions."""
    assert SAME == difference("body", TEXT, {**TEXT, keyword: "a"}).verdict


def test_what_is_not_understood_may_have_other_words_and_names() -> None:
    """Its schemas are compared by what they say."""
    worded = {"type": "string", "not": {"enum": ["x"], "description": "Never this."}}
    assert SAME == difference("body", NOT, worded).verdict


HEADERS: list[tuple[str, Any, Any, Verdict]] = [
    ("added", {}, {"X-Left": {"schema": TEXT}}, NOTED),
    ("other type", {"X-Left": {"schema": TEXT}}, {"X-Left": {"schema": RED_OR_BLUE}}, NOTED),
    ("now required", {"X-Left": {"schema": TEXT}}, {"X-Left": {"schema": TEXT, "required": True}},
     SAME),
    ("not understood", {"X-Left": {"schema": TEXT}}, {"X-Left": {"schema": NOT}}, NOTED),
    ("other words and case", {"X-Left": {"schema": TEXT}},
     {"x-left": {"schema": TEXT, "description": "How many."}}, SAME),
    ("ours alone", {"X-Left": {"schema": TEXT}}, {}, SAME),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [pytest.param(*case, id=name) for name, *case in HEADERS]
)
def test_headers_of_responses(before: Any, after: Any, expected: Verdict) -> None:
    """What upstream says of them is noted; that ours says more is no change."""
    first, second = (document(copy.deepcopy(OPERATION)) for _ in range(2))
    for whole, headers in ((first, before), (second, after)):
        whole["paths"]["/things"]["post"]["responses"]["200"]["headers"] = headers
    assert expected == compare_family(first, second).verdict


# Of operations.

HERE, THERE = "https://api.example.com", "https://api.example.eu"
URL = [{"url": HERE}]
OPERATION: Document = {"responses": {"200": json(TEXT)}}
SCHEMES: Document = {
    "token": {"type": "http", "scheme": "bearer"},
    "same": {"type": "http", "scheme": "Bearer", "description": "Words"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "other": {"type": "apiKey", "in": "query", "name": "key"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a/t"}}},
    "moved": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://b/t"}}},
}


def served(level: str, **more: Any) -> Document:
    """Say servers or security at a level of a document, with others at the levels above."""
    whole = document(copy.deepcopy(OPERATION), servers=URL, security=[{"token": []}])
    whole["components"]["securitySchemes"] = SCHEMES
    item = whole["paths"]["/things"]
    target = {"document": whole, "path": item, "operation": item["post"]}[level]
    target.update(copy.deepcopy(more))
    return whole


SERVERS: list[tuple[str, list[Document], Verdict]] = [
    ("moved to a version", [{"url": f"{HERE}/v2"}], MAJOR),
    ("moved to a host", [{"url": THERE}], MAJOR),
    ("moved to another scheme", [{"url": "http://api.example.com"}], MAJOR),
    ("relative", [{"url": "/v2"}], MAJOR),
    ("one more", [*URL, {"url": THERE}], MINOR),
    ("other words", [{"url": HERE, "description": "us"}], SAME),
    ("slash and case", [{"url": "https://API.example.com/"}], SAME),
    ("twice", [*URL, *URL], SAME),
    ("variable", [{"url": "https://{host}", "variables": {"host": {"default": "api.example.com"}}}],
     SAME),
    ("variable with values",
     [{"url": "https://api.example.{tld}",
       "variables": {"tld": {"default": "com", "enum": ["com", "eu"]}}}], MINOR),
    ("variable elsewhere",
     [{"url": "{host}/v2", "variables": {"host": {"default": HERE}}}], MAJOR),
]  # fmt: skip


@pytest.mark.parametrize("level", ["document", "path", "operation"])
@pytest.mark.parametrize(
    ("servers", "expected"), [pytest.param(*case, id=name) for name, *case in SERVERS]
)
def test_servers(level: str, servers: list[Document], expected: Verdict) -> None:
    """The innermost level that names servers counts."""
    diff = compare_family(served("document"), served(level, servers=servers))
    assert expected == diff.verdict
    back = compare_family(served(level, servers=servers), served("document"))
    assert (back.verdict == SAME) == (expected == SAME)


def test_a_server_that_is_gone_breaks_its_callers() -> None:
    """Though others stay, and though the same server stands at another level."""
    two = served("document", servers=[*URL, {"url": THERE}])
    assert MAJOR == compare_family(two, served("document")).verdict
    assert SAME == compare_family(served("document"), served("operation", servers=URL)).verdict
    assert SAME == compare_family(served("document"), served("operation", servers=[])).verdict


SECURITY: list[tuple[str, list[Document], list[Document], Verdict]] = [
    ("other scheme", [{"token": []}], [{"key": []}], MAJOR),
    ("other name of it", [{"token": []}], [{"same": []}], SAME),
    ("key elsewhere", [{"key": []}], [{"other": []}], MAJOR),
    ("tokens from elsewhere", [{"oauth": []}], [{"moved": []}], MAJOR),
    ("other scope", [{"oauth": ["read"]}], [{"oauth": ["write"]}], MAJOR),
    ("one scope more", [{"oauth": ["read"]}], [{"oauth": ["read", "write"]}], MAJOR),
    ("one scope less", [{"oauth": ["read", "write"]}], [{"oauth": ["read"]}], NOTED),
    ("scopes in another order", [{"oauth": ["a", "b"]}], [{"oauth": ["b", "a"]}], SAME),
    ("another alternative", [{"token": []}], [{"token": []}, {"key": []}], NOTED),
    ("an alternative gone", [{"token": []}, {"key": []}], [{"token": []}], MAJOR),
    ("both needed", [{"token": []}], [{"token": [], "key": []}], MAJOR),
    ("none needed", [{"token": []}], [], NOTED),
    ("none needed, as alternative", [{"token": []}], [{"token": []}, {}], NOTED),
    ("needed now", [], [{"token": []}], MAJOR),
    ("not described", [{"gone": []}], [{"lost": []}], MAJOR),
]


@pytest.mark.parametrize("level", ["document", "operation"])
@pytest.mark.parametrize(
    ("before", "after", "expected"), [pytest.param(*case, id=name) for name, *case in SECURITY]
)
def test_security(
    level: str, before: list[Document], after: list[Document], expected: Verdict
) -> None:
    """Schemes count by what they ask for, alternatives by who can still call."""
    diff = compare_family(served(level, security=before), served(level, security=after))
    assert expected == diff.verdict


def test_a_scheme_that_changes_under_its_name() -> None:
    """The operations say what they said before, and mean something else."""
    after = served("document")
    after["components"]["securitySchemes"] = {**SCHEMES, "token": SCHEMES["key"]}
    assert MAJOR == compare_family(served("document"), after).verdict


@pytest.mark.parametrize(
    ("ref", "place"),
    [
        ("#/components/pathItems/Things", ("components", "pathItems", "Things")),
        ("#/paths/~1hidden", ("paths", "/hidden")),
        ("#/x-items/Things", ("x-items", "Things")),
    ],
)
def test_a_path_item_by_reference_is_followed(ref: str, place: tuple[str, ...]) -> None:
    """3.0 and 3.1 put it elsewhere; what stands beside the reference counts, too."""
    whole = document(OPERATION)
    item = whole["paths"].pop("/things")
    whole["paths"]["/things"] = {"$ref": ref, "description": "Ours"}
    parent = whole
    for step in place[:-1]:
        parent = parent.setdefault(step, {})
    parent[place[-1]] = item
    assert [] == compare_family(document(OPERATION), whole).changes
    whole["paths"]["/things"]["parameters"] = [{"name": "a", "in": "query", "schema": TEXT}]
    assert MINOR == compare_family(document(OPERATION), whole).verdict


def test_what_an_operation_says_that_is_not_understood_is_named() -> None:
    """Callbacks, encodings, reserved characters."""
    parameter = {"name": "a", "in": "query", "schema": TEXT}
    before = document({**OPERATION, "parameters": [parameter], "requestBody": json(TEXT)})
    for name, place in {
        "callbacks": lambda d: d["paths"]["/things"]["post"],
        "allowReserved": lambda d: d["paths"]["/things"]["post"]["parameters"][0],
        "encoding": lambda d: d["paths"]["/things"]["post"]["requestBody"]["content"][
            "application/json"
        ],
        "links": lambda d: d["paths"]["/things"]["post"]["responses"]["200"],
    }.items():
        after = copy.deepcopy(before)
        place(after)[name] = {"a": {"b": True}}
        diff = compare_family(before, after)
        assert [("not understood", name)] == [(c.what, c.after) for c in diff.changes]


FAMILY = {
    "/things": {"post": {"operationId": "make", **OPERATION}},
    "/things/archive": {"post": {"operationId": "archive", "requestBody": json(obj())}},
    "/things/stream": {"get": OPERATION},
}


@pytest.mark.parametrize(
    ("moved", "method", "to", "near"),
    [
        ("/things/archive", "post", "/things/put-away", "POST /things/put-away"),
        ("/things/stream", "get", "/v2/things/stream", "GET /v2/things/stream"),
        ("/things/stream", "get", "/things/feed", "GET /things/feed"),
        ("/things/archive", "put", "/things/archive", "PUT /things/archive"),
        ("/things/archive", "post", "/fleet/shelf", "POST /fleet/shelf"),
    ],
)
def test_a_moved_operation_names_the_nearest(moved: str, method: str, to: str, near: str) -> None:
    """Wherever it went, by its id, its shape or its path."""
    before, after = ({"paths": copy.deepcopy(FAMILY), "components": {}} for _ in range(2))
    (operation,) = after["paths"].pop(moved).values()
    after["paths"].setdefault(to, {})[method] = operation
    after["paths"]["/others"] = {"get": {}, "post": {}, "put": {}}
    (gone,) = (c for c in compare_family(before, after).changes if c.what == "operation removed")
    assert f"nearest: {near}" == gone.after


def test_an_operation_that_is_gone_for_good_names_none() -> None:
    """A path that has nothing to do with it is no hint."""
    after = {"paths": {key: FAMILY[key] for key in ("/things", "/things/archive")}}
    after["paths"]["/reports"] = {"post": {"responses": {}}}
    (gone,) = compare_family({"paths": FAMILY}, after).changes
    assert ("operation removed", "") == (gone.what, gone.after)
