"""The maintained spec: valid OpenAPI, true examples, and the rules of this project."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from ruamel.yaml.constructor import DuplicateKeyError

import spec_rules

Node = dict[str, Any]

DOCUMENT = spec_rules.load()
SHARED = Path(__file__).parents[2] / "shared"
SEED = SHARED / "seed" / "update-qualification-record.txt"
UPSTREAM = sorted((SHARED / "upstream").glob("*.json"))
JSON = "application/json"
WRITE = {"requests": 100, "window_seconds": 60}
READ = {"requests": 5, "window_seconds": 1}
PATCH = ("paths", "/qualification-records", "patch")
GET = ("paths", "/qualification-records", "get")
SCHEMAS = ("components", "schemas")
EXPIRATION = (*SCHEMAS, "UpdateQualificationRecordRequest", "properties", "expirationDate")
ABSENT = object()


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Every operation with its method and path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def examples() -> Iterator[Any]:
    """Every example of a request or response, with its schema."""
    for _, _, operation in operations(DOCUMENT):
        messages = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for message, body in messages.items():
            for content in body.get("content", {}).values():
                for name, example in content.get("examples", {}).items():
                    label = f"{operation['operationId']}-{message}-{name}"
                    yield pytest.param(content["schema"], example["value"], id=label)


def validator(schema: Node) -> jsonschema_rs.Draft202012Validator:
    """OpenAPI 3.0 schemas without `nullable` mean what they mean in JSON Schema."""
    rooted = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(rooted, validate_formats=True)


def seed() -> tuple[Node, Node]:
    """The source document's request and response."""
    if not SEED.exists():
        pytest.skip("the source document is not on this machine")
    text = SEED.read_text("utf-8")
    decoder = json.JSONDecoder()
    start = text.index("{")
    request, length = decoder.raw_decode(text[start:])
    response, _ = decoder.raw_decode(text[text.index("{", start + length) :])
    return request, response


def broken(place: tuple[str | int, ...], value: object) -> Node:
    """A copy of the spec with another value, or none, at one place."""
    document: Node = copy.deepcopy(DOCUMENT)
    node: Any = document
    for key in place[:-1]:
        node = node[key]
    if value is ABSENT:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return document


def test_it_is_valid_openapi() -> None:
    """The document is OpenAPI 3.0.3, as openapi-spec-validator understands it."""
    validate(DOCUMENT)

    assert "3.0.3" == DOCUMENT["openapi"]


def test_invalid_openapi_is_noticed() -> None:
    """openapi-spec-validator does look inside operations."""
    document = broken((*PATCH, "responses"), ABSENT)

    with pytest.raises(OpenAPIValidationError, match=r"responses\W is a required property"):
        validate(document)


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    """A key that stands twice would silently hide its first value."""
    path = tmp_path / "spec.yaml"
    path.write_text("openapi: 3.0.3\nopenapi: 3.1.0\n", "utf-8")

    with pytest.raises(DuplicateKeyError, match="openapi"):
        spec_rules.load(path)


def test_the_operations_and_their_limits() -> None:
    """The eight operations stand at their methods and paths, with the published limits."""
    assert {
        "updateQualificationRecord": ("PATCH", "/qualification-records", WRITE),
        "createQualificationRecord": ("POST", "/qualification-records", WRITE),
        "deleteQualificationRecord": ("DELETE", "/qualification-records", WRITE),
        "archiveQualificationRecord": ("POST", "/qualification-records/archive", WRITE),
        "unarchiveQualificationRecord": ("POST", "/qualification-records/unarchive", WRITE),
        "getQualificationRecords": ("GET", "/qualification-records", READ),
        "streamQualificationRecords": ("GET", "/qualification-records/stream", READ),
        "listQualificationTypes": ("GET", "/qualification-types", READ),
    } == {
        operation["operationId"]: (method, path, operation["x-rate-limit"])
        for method, path, operation in operations(DOCUMENT)
    }


def test_the_limits_over_all_endpoints() -> None:
    """The limits per token and per organisation stand at the top."""
    assert {
        "token": {"requests": 150, "window_seconds": 1},
        "organization": {"requests": 200, "window_seconds": 1},
    } == DOCUMENT["x-rate-limits"]


def test_retry_after_may_be_a_fraction() -> None:
    """The documented header of a 429, such as 0.40235, fits its schema; a negative one does not."""
    header = DOCUMENT["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]

    assert validator(header["schema"]).is_valid(0.40235)
    assert not validator(header["schema"]).is_valid(-1)


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_examples_fit_their_schemas(schema: Node, value: Node) -> None:
    """What the spec shows is what it says."""
    validator(schema).validate(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 7},
        {"issueDate": "2025-08-27"},
        {"issueDate": "2025-08-27T10:20:30"},
        {"owner": {"entityType": "robot", "id": "1"}},
        {"owner": {"entityType": "worker"}},
        {"fields": [{"id": "no-uuid", "type": "text"}]},
        {"externalIds": {"hr": 7}},
    ],
    ids=str,
)
def test_what_does_not_fit_is_noticed(wrong: Node) -> None:
    """Types, formats, enums, required properties and maps are checked, through references."""
    content = DOCUMENT["paths"]["/qualification-records"]["patch"]["requestBody"]["content"][JSON]
    example = content["examples"]["seed"]["value"]

    with pytest.raises(jsonschema_rs.ValidationError):
        validator(content["schema"]).validate({**example, **wrong})


def test_the_seed_stands_as_example() -> None:
    """The update's examples are the source document's request and response, value by value."""
    request, response = seed()
    update = DOCUMENT["paths"]["/qualification-records"]["patch"]

    assert request == update["requestBody"]["content"][JSON]["examples"]["seed"]["value"]
    assert response == update["responses"]["200"]["content"][JSON]["examples"]["seed"]["value"]


@pytest.mark.parametrize("rule", spec_rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rules_hold(rule: Callable[[Node], Iterator[str]]) -> None:
    """The spec keeps every rule of this project."""
    assert [] == list(rule(DOCUMENT))


def test_the_words_are_our_own() -> None:
    """No sentence is upstream's."""
    if not UPSTREAM:
        pytest.skip("the upstream documents are not on this machine")
    originals = [json.loads(path.read_text("utf-8")) for path in UPSTREAM]

    assert [] == list(spec_rules.borrowed_sentences(DOCUMENT, originals))


@pytest.mark.parametrize(
    ("rule", "place", "value", "report"),
    [
        ("incomplete_operations", (*PATCH, "operationId"), ABSENT, "patch: has no operationId"),
        ("incomplete_operations", (*PATCH, "tags"), [], "patch: has no tags"),
        ("incomplete_operations", (*PATCH, "summary"), "", "patch: has no summary"),
        ("incomplete_operations", (*PATCH, "description"), ABSENT, "patch: has no description"),
        ("incomplete_operations", (*PATCH, "x-rate-limit"), ABSENT, "no valid x-rate-limit"),
        ("incomplete_operations", (*PATCH, "x-rate-limit", "requests"), 0, "no valid x-rate"),
        ("unshared_errors", (*PATCH, "responses", "429"), ABSENT, "patch > responses > 429: is"),
        (
            "unshared_errors",
            (*GET, "responses", "default", "$ref"),
            "#/components/responses/NotFound",
            'get > responses > default: is not the shared error; write `$ref: "#/components/resp',
        ),
        (
            "missing_examples",
            (*PATCH, "requestBody", "content", JSON, "examples"),
            {},
            "patch > requestBody > application/json: has no example",
        ),
        ("missing_descriptions", (*PATCH, "requestBody", "description"), ABSENT, "requestBody: "),
        (
            "missing_descriptions",
            (*GET, "parameters", 0, "description"),
            ABSENT,
            "get > parameters > ids: has no description",
        ),
        (
            "missing_descriptions",
            ("components", "parameters", "After", "description"),
            " ",
            "stream > get > parameters > 3: has no description",
        ),
        (
            "missing_descriptions",
            (*SCHEMAS, "Error", "properties", "message", "description"),
            ABSENT,
            "Error > properties > message: has no description",
        ),
        (
            "missing_descriptions",
            (*SCHEMAS, "Owner", "description"),
            ABSENT,
            "QualificationRecord > properties > owner: has no description",
        ),
        ("gaps", (*PATCH, "summary"), "Update (description missing)", "patch > summary: still"),
        ("gaps", (*SCHEMAS, "Owner", "description"), "(description missing)", "Owner > descr"),
        ("html_tags", (*PATCH, "description"), "A <b>limit</b>", "contains the HTML <b>"),
        (
            "html_tags",
            (*SCHEMAS, "Error", "properties", "message", "description"),
            "Line<br/>",
            "message > description: contains the HTML <br/>",
        ),
        (
            "inline_shapes",
            (*SCHEMAS, "QualificationRecordResponse", "properties", "data"),
            {"type": "object", "description": "A record."},
            "data: is an inline object",
        ),
        (
            "inline_shapes",
            (*SCHEMAS, "TableRow", "properties", "cells", "items"),
            {"properties": {}},
            "cells > items: is an inline object",
        ),
        (
            "inline_shapes",
            (*SCHEMAS, "ExternalIds", "additionalProperties"),
            {"type": "string", "enum": ["7"]},
            "additionalProperties: is an inline enum",
        ),
        (
            "inline_shapes",
            ("components", "parameters", "EntityType", "schema"),
            {"type": "string", "enum": ["worker"]},
            "EntityType > schema: is an inline enum",
        ),
        (
            "unused_components",
            (*SCHEMAS, "Loop"),
            {"type": "array", "items": {"$ref": "#/components/schemas/Loop"}},
            "components > schemas > Loop: is not used",
        ),
        (
            "unused_components",
            ("security",),
            [],
            "components > securitySchemes > token: is not used",
        ),
        (
            "broken_refs",
            (*SCHEMAS, "Owner", "properties", "entityType", "$ref"),
            "#/components/schemas/Entity",
            "entityType: refers to #/components/schemas/Entity, which is not there",
        ),
        ("unclear_clear_values", (*EXPIRATION, "x-clear-value"), ABSENT, "has no x-clear-value"),
        (
            "unclear_clear_values",
            (*EXPIRATION, "description"),
            "When it expires.",
            "expirationDate: does not describe its x-clear-value; name 1970-01-01T00:00:00Z",
        ),
    ],
)
def test_a_broken_rule_is_reported(
    rule: str, place: tuple[str | int, ...], value: object, report: str
) -> None:
    """Each rule names the place at which the spec breaks it, and is among those that lint runs."""
    document = broken(place, value)

    lines = list(getattr(spec_rules, rule)(document))

    assert [line for line in lines if report in line], lines
    assert set(lines) <= set(spec_rules.violations(document))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(
            (*SCHEMAS, "Owner", "properties", "tags"),
            {"type": "array", "description": "Labels.", "items": {"type": "string"}},
            id="a property that is called tags",
        ),
        pytest.param(
            (*PATCH, "requestBody", "content", JSON, "examples", "seed", "value", "description"),
            "<b>",
            id="HTML in an example's value",
        ),
        pytest.param(
            ("paths", "/qualification-records", "parameters"),
            [{"$ref": "#/components/parameters/After"}],
            id="parameters of a whole path",
        ),
    ],
)
def test_what_breaks_no_rule_is_not_reported(place: tuple[str | int, ...], value: object) -> None:
    """The rules know data from schemas, and names from keywords."""
    assert [] == spec_rules.violations(broken(place, value))


def test_a_borrowed_sentence_is_reported() -> None:
    """A sentence counts as borrowed whatever its line breaks, markup and neighbours are."""
    original = {
        "info": {"description": "Hello. <b>Rate limit:</b> one hundred requests a minute.<br>"}
    }
    ours = "Sets values.\n\n**Rate limit:** one\nhundred requests a minute."
    document = broken((*PATCH, "description"), ours)

    (line,) = spec_rules.borrowed_sentences(document, [original])

    assert (
        "paths > /qualification-records > patch > description: repeats upstream's "
        "'rate limit: one hundred requests a minute'; say it in your own words"
    ) == line


def test_lint_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints nothing and returns 0 for the spec."""
    assert (0, "") == (spec_rules.main(), capsys.readouterr().out)


def test_lint_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints each violation on a line and returns 1."""
    path = tmp_path / "spec.yaml"
    path.write_text(json.dumps(broken((*PATCH, "summary"), ABSENT)), "utf-8")

    assert 1 == spec_rules.main(path)
    assert (
        "paths > /qualification-records > patch: has no summary; add one\n"
        == capsys.readouterr().out
    )
