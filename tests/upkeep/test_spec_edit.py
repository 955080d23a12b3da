"""Safe changes are written into the spec in place; for all else a person must decide."""

from __future__ import annotations

import copy
import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

import spec_rules
from upkeep.error_statuses import component_name, proposed_description
from upkeep.spec_edit import Plan, plan_edit
from upkeep.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, Any]

TEXT = (Path(__file__).parents[2] / "openapi" / "qualification-records.yaml").read_text("utf-8")
SPEC: Document = YAML(typ="safe", pure=True).load(TEXT)
STRING = {"type": "string"}
ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def planned(change: Callable[[Document], object]) -> Plan:
    """Plan for an upstream document that says what the spec says, but for a change."""
    upstream = copy.deepcopy(SPEC)
    change(upstream)
    return plan_edit(TEXT, upstream)[1]


def properties(document: Document, schema: str) -> Document:
    """Find the properties of a schema."""
    found: Document = document["components"]["schemas"][schema]["properties"]
    return found


def operations(document: Document) -> Iterator[Document]:
    """List the operations of a document."""
    for item in document["paths"].values():
        yield from item.values()


def new_lines(plan: Plan) -> list[str]:
    """List the lines that a plan adds; expect that it removes none."""
    lines = list(difflib.ndiff(TEXT.splitlines(), plan.text.splitlines()))
    assert [] == [line for line in lines if line.startswith("- ")]
    return [line[2:] for line in lines if line.startswith("+ ")]


def written(plan: Plan) -> Document:
    """Read the new spec; expect that all is taken in and that only descriptions are missing."""
    assert {} == plan.open
    assert plan.applied
    document: Document = YAML(typ="safe", pure=True).load(plan.text)
    wrong = [line for line in spec_rules.violations(document) if spec_rules.GAP not in line]
    assert [] == wrong
    return document


def reasons(plan: Plan) -> set[str]:
    """List why changes are open; expect that nothing was written."""
    assert plan.text == TEXT
    assert [] == plan.applied
    return set(plan.open.values())


def test_no_change_writes_nothing() -> None:
    """The text stays as it is, to the byte."""
    assert set() == reasons(planned(lambda _: None))


def test_a_property_stands_after_the_others_and_comments_stay() -> None:
    """The new lines follow the last property, and an empty line still follows the object."""
    plan = planned(lambda d: properties(d, "TableCellInput").update(extra=STRING))
    written(plan)
    new = f"        extra:\n          type: string\n          description: {spec_rules.GAP}\n"
    above, below = plan.text.split(new)
    assert above + below == TEXT
    last = list(properties(SPEC, "TableCellInput"))[-1]
    assert f"        {last}:\n" in above[-100:]
    assert below.startswith("\n")
    assert {"PATCH /qualification-records", "POST /qualification-records"} == {
        change.operation for change in plan.applied
    }


def add_required(schema: str) -> Callable[[Document], None]:
    """Add a required property to a schema."""

    def change(document: Document) -> None:
        properties(document, schema)["extra"] = STRING
        document["components"]["schemas"][schema].setdefault("required", []).append("extra")

    return change


@pytest.mark.parametrize("schema", ["QualificationRecord", "Field", "Action"])
def test_a_required_property_of_an_answer_is_listed_as_required(schema: str) -> None:
    """A list of required properties is extended, in block or flow style."""
    document = written(planned(add_required(schema)))
    assert "extra" in document["components"]["schemas"][schema]["required"]


def test_a_first_required_property_begins_the_list() -> None:
    """A schema without required properties gets the list."""
    bare = "    Bare:\n      type: object\n      description: None.\n      properties:\n"
    bare += "        a:\n          type: string\n          description: A.\n"
    text = TEXT + bare
    text = text.replace(
        '        updatedBy:\n          $ref: "#/components/schemas/UserReference"\n',
        '        updatedBy:\n          $ref: "#/components/schemas/UserReference"\n'
        '        bare:\n          $ref: "#/components/schemas/Bare"\n',
        1,
    )
    upstream = YAML(typ="safe", pure=True).load(text)
    add_required("Bare")(upstream)
    plan = plan_edit(text, upstream)[1]
    assert {} == plan.open
    assert "      required: [extra]\n      properties:\n        a:" in plan.text


def test_a_required_property_of_a_request_is_left_to_a_person() -> None:
    """Callers must send it, so it breaks them."""
    assert {"it breaks callers"} == reasons(planned(add_required("OwnerInput")))


def test_new_objects_and_enums_get_names_of_ours() -> None:
    """Upstream's names lose their noise, requests end in Input, enums follow their owner."""

    def change(document: Document) -> None:
        schemas = document["components"]["schemas"]
        entry = {"type": "object", "required": ["value"], "properties": {"value": STRING}}
        names = {
            "TableCell": ("FormsCodeObjectResponseBody", "FormsCodeValueObjectResponseBody"),
            "TableCellInput": (
                "FormSubmissionRequestCodeObjectRequestBody",
                "FormSubmissionRequestCodeValueObjectRequestBody",
            ),
        }
        for owner, (inner, outer) in names.items():
            schemas[inner] = entry
            ref = {"$ref": f"#/components/schemas/{inner}"}
            kind = {"type": "string", "enum": ["qr", "no", "ean"]}
            outer_properties = {"codes": {"type": "array", "items": ref}, "kind": kind}
            schemas[outer] = {"type": "object", "properties": outer_properties}
            properties(document, owner)["codeValue"] = {"$ref": f"#/components/schemas/{outer}"}

    plan = planned(change)
    schemas = written(plan)["components"]["schemas"]
    new = [name for name in schemas if name not in SPEC["components"]["schemas"]]
    assert [
        "CodeInput",
        "CodeItemInput",
        "CodeValue",
        "Code",
        "CodeInputKind",
        "CodeValueKind",
    ] == new
    assert ["qr", "no", "ean"] == schemas["CodeInputKind"]["enum"]
    assert list(schemas)[list(schemas).index("TableCellInput") + 1] == "CodeInput"
    assert list(schemas)[-2:] == ["CodeInputKind", "CodeValueKind"]
    assert {"$ref": "#/components/schemas/CodeItemInput"} == (
        schemas["CodeInput"]["properties"]["codes"]["items"]
    )
    new_lines(plan)


def test_all_facts_of_a_new_property_are_written() -> None:
    """Limits, null, maps, closed and recursive objects come out as they went in."""

    def change(document: Document) -> None:
        schemas = document["components"]["schemas"]
        schemas["Rules"] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "count": {"type": "integer", "minimum": 1, "exclusiveMinimum": True, "maximum": 9},
                "step": {"type": "number", "multipleOf": 0.5, "exclusiveMaximum": 7},
                "code": {"type": "string", "pattern": "^a:", "maxLength": 5, "deprecated": True},
                "when": {"type": ["string", "null"], "format": "date"},
                "tags": {"type": "array", "uniqueItems": True, "items": STRING},
                "any": {},
                "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                "rules": {"$ref": "#/components/schemas/Rules"},
            },
        }
        properties(document, "Owner")["rules"] = {"$ref": "#/components/schemas/Rules"}

    schemas = written(planned(change))["components"]["schemas"]
    rules = schemas["Rules"]["properties"]
    assert {"$ref": "#/components/schemas/Rules"} == rules["rules"]
    assert {"$ref": "#/components/schemas/RulesLabels"} == rules["labels"]
    assert rules["step"]["exclusiveMaximum"] is True
    assert rules["when"]["nullable"] is True


def test_what_is_known_is_referred_to() -> None:
    """A schema of ours that upstream uses again is not written again, nor a map of that name."""

    def change(document: Document) -> None:
        external_ids = document["components"]["schemas"]["ExternalIds"]
        properties(document, "TableRow").update(
            photo={"$ref": "#/components/schemas/MediaRecord"},
            externalIds=copy.deepcopy(external_ids),
        )

    schemas = written(planned(change))["components"]["schemas"]
    row = schemas["TableRow"]["properties"]
    assert {"$ref": "#/components/schemas/MediaRecord"} == row["photo"]
    assert {"$ref": "#/components/schemas/ExternalIds"} == row["externalIds"]
    assert list(SPEC["components"]["schemas"]) == list(schemas)


def test_enum_values_follow_the_others() -> None:
    """In flow and in block style, wherever the enum is used."""

    def change(document: Document) -> None:
        for name in ("EntityType", "FieldDefinitionType"):
            document["components"]["schemas"][name]["enum"].append("new")

    schemas = written(planned(change))["components"]["schemas"]
    for name in ("EntityType", "FieldDefinitionType"):
        assert [*SPEC["components"]["schemas"][name]["enum"], "new"] == schemas[name]["enum"]


def test_a_change_at_some_places_of_a_shared_schema_is_left_to_a_person() -> None:
    """Ours would change everywhere, upstream has changed requests alone."""

    def change(document: Document) -> None:
        properties(document, "OwnerInput")["entityType"] = {
            "type": "string",
            "enum": ["worker", "asset", "site"],
        }

    plan = planned(change)
    assert {"our schema is shared with places that upstream has left as they were"} == reasons(plan)


def test_a_shared_schema_that_breaks_callers_elsewhere_is_left_to_a_person() -> None:
    """A new property of an object that goes both ways is required: requests break."""

    def change(document: Document) -> None:
        document["components"]["schemas"]["ExternalIds"] = {
            "type": "object",
            "required": ["new"],
            "properties": {"new": STRING},
            "additionalProperties": STRING,
        }

    plan = planned(change)
    assert {"it breaks callers"} == reasons(plan)
    assert {"request", "response"} == {change.side for change in plan.open}


def test_safe_changes_are_written_beside_open_ones() -> None:
    """A removed property waits for a person, an added one does not."""

    def change(document: Document) -> None:
        properties(document, "Owner")["extra"] = STRING
        del properties(document, "Owner")["externalIds"]

    plan = planned(change)
    assert {"it breaks callers"} == set(plan.open.values())
    assert {"removed"} == {change.what for change in plan.open}
    assert {"added, optional"} == {change.what for change in plan.applied}
    assert 3 == len(new_lines(plan))


def test_alternatives_are_left_to_a_person_whole() -> None:
    """Nothing of an object is written if a part of it cannot be."""

    def change(document: Document) -> None:
        both = {"oneOf": [STRING, {"type": "integer"}]}
        inner = {"type": "object", "properties": {"a": STRING}}
        properties(document, "Owner")["extra"] = {
            "type": "object",
            "properties": {"inner": inner, "both": both},
        }

    expected = "it cannot be written automatically: it has several alternatives"
    assert {expected} == reasons(planned(change))


def test_several_patterns_are_left_to_a_person() -> None:
    """OpenAPI 3.0 has room for one."""
    parts = [{"type": "string", "pattern": "^a"}, {"pattern": "z$"}]
    plan = planned(lambda d: properties(d, "Owner").update(extra={"allOf": parts}))
    assert {
        "it cannot be written automatically: it must match several patterns at once"
    } == reasons(plan)


def test_a_parameter_is_added() -> None:
    """To an operation with parameters, and to one without; its enum gets a name."""
    parameter = {
        "name": "sortBy",
        "in": "query",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": ["id", "date"]}},
    }

    def change(document: Document) -> None:
        document["paths"]["/qualification-types"]["get"]["parameters"].append(parameter)
        document["paths"]["/qualification-records"]["patch"]["parameters"] = [parameter]

    document = written(planned(change))
    listed = document["paths"]["/qualification-types"]["get"]["parameters"]
    assert [spec_rules.GAP, False] == [listed[-1]["description"], listed[-1]["explode"]]
    assert {"$ref": "#/components/schemas/SortBy"} == listed[-1]["schema"]["items"]
    patch = document["paths"]["/qualification-records"]["patch"]["parameters"]
    assert "sortBy" == patch[0]["name"]


def test_an_error_status_is_one_component_of_all_operations() -> None:
    """The response stands in numeric order and carries the shared error."""

    def change(document: Document) -> None:
        for operation in operations(document):
            operation["responses"]["409"] = ERROR

    document = written(planned(change))
    shared = document["components"]["responses"]["Conflict"]
    assert {"description": proposed_description("409"), **ERROR} == shared
    for operation in operations(document):
        statuses = list(operation["responses"])
        assert "409" == statuses[statuses.index("405") + 1]
        assert {"$ref": "#/components/responses/Conflict"} == operation["responses"]["409"]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("4XX", "Status4xx"),
        ("100", "Continue"),
        ("409", "Conflict"),
        ("422", "UnprocessableContent"),
        ("431", "RequestHeaderFieldsTooLarge"),
        ("499", "Status499"),
    ],
)
def test_every_error_status_has_a_name(status: str, name: str) -> None:
    """A range has no phrase, and a status below all others comes first."""

    def change(document: Document) -> None:
        document["paths"]["/qualification-types"]["get"]["responses"][status] = {"content": {}}

    assert name in written(planned(change))["components"]["responses"]


def test_a_status_has_its_name_with_every_python() -> None:
    """Python 3.11 and 3.13 disagree on that of 413."""
    assert ("ContentTooLarge", "RateLimited") == (component_name("413"), component_name("429"))


def test_a_known_response_is_used_again_if_its_body_is_the_same() -> None:
    """An operation gets a status that others have; another body is left to a person."""
    text = TEXT.replace(
        '        "404":\n          $ref: "#/components/responses/NotFound"\n', "", 1
    )
    plan = plan_edit(text, copy.deepcopy(SPEC))[1]
    assert plan.text == TEXT
    upstream = copy.deepcopy(SPEC)
    other = {"content": {"application/json": {"schema": STRING}}}
    upstream["paths"]["/qualification-records"]["patch"]["responses"]["404"] = other
    plan = plan_edit(text, upstream)[1]
    expected = "it cannot be written automatically: our response NotFound has another body"
    assert {expected} == set(plan.open.values())
    assert plan.text == text


def test_a_rate_limit_is_rewritten() -> None:
    """Only the numbers that differ change."""

    def change(document: Document) -> None:
        operation = document["paths"]["/qualification-records"]["patch"]
        operation["x-rate-limit"]["requests"] = 200

    plan = planned(change)
    line = "x-rate-limit: {requests: 100, window_seconds: 60}"
    assert TEXT.replace(line, line.replace("100", "200"), 1) == plan.text
    assert {"rate limit changed"} == {change.what for change in plan.applied}


def test_a_rate_limit_that_the_spec_does_not_state_is_left_to_a_person() -> None:
    """There is not a number to replace."""
    text = TEXT.replace("      x-rate-limit: {requests: 100, window_seconds: 60}\n", "", 1)
    plan = plan_edit(text, copy.deepcopy(SPEC))[1]
    assert ["it cannot be written automatically: the spec states no x-rate-limit there"] == [
        *plan.open.values()
    ]


def test_deprecation_is_marked() -> None:
    """On operations, properties, parameters and objects."""

    def change(document: Document) -> None:
        document["paths"]["/qualification-types"]["get"]["deprecated"] = True
        properties(document, "Owner")["id"]["deprecated"] = True
        document["components"]["schemas"]["Action"]["deprecated"] = True
        document["components"]["parameters"]["IncludeExternalIds"]["deprecated"] = True

    document = written(planned(change))
    assert document["paths"]["/qualification-types"]["get"]["deprecated"] is True
    assert properties(document, "Owner")["id"]["deprecated"] is True
    assert document["components"]["schemas"]["Action"]["deprecated"] is True
    assert document["components"]["parameters"]["IncludeExternalIds"]["deprecated"] is True


def test_a_place_that_several_schemas_describe_is_left_to_a_person() -> None:
    """Nobody but a person knows which of them to change."""
    text = TEXT.replace(
        "    Owner:\n      type: object\n",
        "    Owner:\n      allOf: [{properties: {x: {type: string}}}]\n      type: object\n",
    )
    upstream = YAML(typ="safe", pure=True).load(text)
    properties(upstream, "Owner")["extra"] = STRING
    plan = plan_edit(text, upstream)[1]
    assert {"it cannot be written automatically: 2 schemas of ours describe the place"} == set(
        plan.open.values()
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["paths"].update({"/qualification-records/new": {"get": {"responses": {}}}}),
        lambda d: d["components"]["schemas"]["QualificationType"]["required"].remove("name"),
        lambda d: d["components"]["schemas"]["FieldInput"]["required"].remove("type"),
        lambda d: d["paths"]["/qualification-types"]["get"].update(requestBody=ERROR),
    ],
)
def test_what_is_no_addition_is_left_to_a_person(change: Callable[[Document], None]) -> None:
    """A new operation, optional properties, a body: reported, never written."""
    by_hand = "operations and their bodies are added and changed by hand"
    assert reasons(planned(change)) <= {by_hand, "it is not a pure addition", "it breaks callers"}
    assert planned(change).open


def test_a_new_operation_is_said_to_be_added_by_hand() -> None:
    """It is an addition, but what it is for only a person can say."""
    diff = planned(
        lambda d: d["paths"].update({"/qualification-records/new": {"get": {"responses": {}}}})
    )
    assert {"operations and their bodies are added and changed by hand"} == reasons(diff)


def test_an_edit_that_fails_to_say_what_it_should_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The written text is compared with upstream anew before anything is saved."""
    monkeypatch.setattr(YamlEdit, "append_item", lambda *_: None)
    plan = planned(lambda d: d["components"]["schemas"]["RecordStatus"]["enum"].append("new"))
    assert re.search("enum value added.*make the change by hand", plan.failure)
    assert {f"the spec cannot be edited automatically: {plan.failure}"} == reasons(plan)


@pytest.mark.parametrize(
    "value",
    ["on hold, paused", "a: b", "a #b", "end ", " start", "[x]", "{x", "yes", "1", "", "ä, ö",
     "é", "- a", "a\nb", "a\u2028b", "a\x85b", "\t", "\u00a0", "'", '"', "\\", "*a", "&a", "!a",
     "%", "@", "a]", "2027-01-01", "null", "~"],
)  # fmt: skip
def test_any_text_can_be_an_enum_value(value: str) -> None:
    """In flow and in block style it is quoted where it must be."""

    def change(document: Document) -> None:
        for name in ("EntityType", "FieldDefinitionType"):
            document["components"]["schemas"][name]["enum"].append(value)
        properties(document, "Owner")["extra"] = {"type": "string", "enum": ["a", value]}

    schemas = written(planned(change))["components"]["schemas"]
    for name in ("EntityType", "FieldDefinitionType", "OwnerExtra"):
        assert value == schemas[name]["enum"][-1]


def test_an_enum_value_is_written_as_what_it_is() -> None:
    """A number is no text, though the report writes it alike."""
    text = TEXT + "    Level:\n      type: integer\n      description: L.\n      enum: [1, 2]\n"
    text = text.replace(
        '        updatedBy:\n          $ref: "#/components/schemas/UserReference"\n',
        '        updatedBy:\n          $ref: "#/components/schemas/UserReference"\n'
        '        level:\n          $ref: "#/components/schemas/Level"\n',
        1,
    )
    upstream = YAML(typ="safe", pure=True).load(text)
    upstream["components"]["schemas"]["Level"]["enum"] += [3, -4]
    plan = plan_edit(text, upstream)[1]
    assert {} == plan.open
    assert "enum: [1, 2, 3, -4]" in plan.text


def test_an_enum_of_const_is_written_as_an_enum() -> None:
    """The spec is 3.0, whose generator knows no `const`."""
    options = [{"const": "b", "title": "B"}, {"const": "a"}]

    def change(document: Document) -> None:
        properties(document, "Owner")["extra"] = {"oneOf": options}

    assert ["b", "a"] == written(planned(change))["components"]["schemas"]["OwnerExtra"]["enum"]


def test_what_is_not_understood_is_left_to_a_person() -> None:
    """At a place of ours, and within something new."""
    plan = planned(lambda d: properties(d, "Owner").update(extra={**STRING, "not": {"const": ""}}))
    assert {"it cannot be written automatically: a person must look, as not is not understood"} == (
        reasons(plan)
    )
    plan = planned(lambda d: d["components"]["schemas"]["Owner"].update(propertyNames=STRING))
    assert {"a person must look, as nothing here understands propertyNames"} == reasons(plan)


def test_the_edited_spec_is_stable() -> None:
    """A second run on the edited spec finds nothing to do."""

    def change(document: Document) -> None:
        properties(document, "Owner")["extra"] = STRING

    upstream = copy.deepcopy(SPEC)
    change(upstream)
    once = plan_edit(TEXT, upstream)[1].text
    again = plan_edit(once, upstream)[1]
    assert once == again.text
    assert [] == again.applied
    assert once == YamlEdit(once).text()
