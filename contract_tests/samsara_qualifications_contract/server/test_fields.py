"""Short stories of custom fields: each kind of value, what fits and what does not."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.server import adapt
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.oracle.spec import Json
    from samsara_qualifications_contract.server.story import Story

behaviour = pytest.mark.behaviour
TEXTS = [
    "",
    "x" * 300,
    "long 🚚 " * 10_000,
    "e\u0301 \u00e9 \u212b \ufb01 \u1100\u1161",
    "\ufeffa\u200d\u200fb\u00a0c\u2028d",
    "one\r\ntwo\rthree\n\nfour\n",
    "\ttab  two  blanks ",
    "  ",
    "007",
    "1e5",
    "null",
    "2024-02-30T07:08:09.1",
    "<b>&amp; \"quoted\" 'single' \\ % %20 + {0} $1</b>",
    "ſßİıÅ 🚚👩‍🔧𝄞",
]
NUMBERS = [
    1e21,
    -1e21,
    1.7e308,
    5e-324,
    -1e-7,
    2**53,
    -(2**31) - 1,
    0.1 + 0.2,
    16777217,
    99999.995,
    1e16,
]


@behaviour("fields_merge")
@behaviour("decimals_kept")
@behaviour("cell_id")
@behaviour("one_value")
def test_fields_one_by_one(story: Story, entity: str) -> None:
    """A field that is not named keeps its value; one that is named gets the new one."""
    record = story.new(entity)
    for item in adapt.every_field(story.facts, entity):
        story.update(record, fields=[item])
    story.update(record, fields=list(reversed(adapt.full_fields(story.facts, entity, 1))))
    story.update(record, fields=[])


@behaviour("decimals_kept")
@behaviour("cell_id")
def test_values_come_back_as_they_were(story: Story, entity: str) -> None:
    """No number is clipped, no text composed, cut or tidied: in fields, cells and external ids."""
    record = story.new(entity, externalIds={})
    last = adapt.full_fields(story.facts, entity)
    for text, number in itertools.zip_longest(TEXTS, NUMBERS, fillvalue=None):
        given = [_with_values(item, text, number) for item in last]
        named = {} if text is None or not text or "," in text else {"externalIds": {"hr": text}}
        story.update(record, fields=given, **named)


def _with_values(item: Json, text: str | None, number: float | None) -> Json:
    """Return a field or cell with another text or number, also in its rows."""
    if item["type"] == "text" and text is not None:
        return {**item, "textValue": {"value": text}}
    if item["type"] == "number" and number is not None:
        return {**item, "numberValue": {"value": number}}
    if item["type"] == "table":
        rows = [
            {**row, "cells": [_with_values(cell, text, number) for cell in row["cells"]]}
            for row in item["tableValue"]["rows"]
        ]
        return {**item, "tableValue": {"rows": rows}}
    return item


@behaviour("media_processing")
def test_uploads(story: Story, entity: str) -> None:
    """Each file that is uploaded comes back as one, with an id of its own."""
    fields = story.facts.kind(entity)["fields"]
    media = next((item for item in fields if item["type"] == "media"), None)
    if media is None:
        pytest.skip(f"the type of the {entity} has no media field")
    file = {"mediaType": "image/png", "base64Payload": "AP8="}
    given = {"id": media["id"], "type": "media", "mediaValue": {"mediaList": [file, file]}}
    reply = story.update(story.new(entity), fields=[given])
    assert reply
    [field] = [item for item in reply.data["fields"] if item["id"] == media["id"]]
    reply.must(len({item["id"] for item in field["mediaList"]}) == 2, "an id for each file")


@behaviour("create_needs_required_fields")
def test_records_of_each_type(story: Story, entity: str) -> None:
    """Records of each type keep what they are given, and need what their type requires."""
    for kind in story.facts.kinds(entity):
        facts = story.facts.preferring(kind)
        record = story.new(entity, 0, kind)
        story.update(record, **adapt.full_changes(facts, entity))
        full = adapt.full_record(facts, entity)
        for left in (item for item in kind["fields"] if item["isRequired"]):
            fields = [item for item in full["fields"] if item["id"] != left["id"]]
            story.create({**full, "fields": fields})
        del full["fields"]
        story.create(full)


@behaviour("field_must_fit")
@behaviour("owner_must_fit")
@behaviour("unknown_type")
def test_what_does_not_fit_is_refused(story: Story, entity: str) -> None:
    """Wrong fields, owners and types are refused, and change nothing."""
    record = story.new(entity)
    for wrong in ("owner", "field", "value"):
        story.update(record, **adapt.wrong_changes(story.facts, entity, wrong))
    plain = adapt.minimal_record(story.facts, entity)
    story.create({**plain, "qualificationType": {"id": UNKNOWN_UUID}})
    story.create({**plain, "fields": []})
    other = "asset" if entity == "worker" else "worker"
    story.create({**plain, "owner": {"entityType": other, "id": "1"}})
    story.create(
        {
            **plain,
            "fields": [
                *plain["fields"],
                {**adapt.every_field(story.facts, entity)[0], "id": UNKNOWN_UUID},
            ],
        }
    )


@behaviour("one_value")
def test_values_of_another_type(story: Story, entity: str) -> None:
    """A field's value must be the one that its type names, and no other beside it."""
    record = story.new(entity)
    for item in adapt.every_field(story.facts, entity):
        bare = {"id": item["id"], "type": item["type"]}
        story.update(record, fields=[bare])
        extra = "textValue" if item["type"] != "text" else "numberValue"
        value = {"value": "x"} if extra == "textValue" else {"value": 1}
        story.update(record, fields=[{**item, extra: value}])
        story.update(record, fields=[{**bare, extra: value}])


@behaviour("field_must_fit")
def test_options_that_are_none(story: Story, entity: str) -> None:
    """An option that the field does not have is refused."""
    record = story.new(entity)
    for item in adapt.every_field(story.facts, entity):
        if item["type"] == "multiple_choice":
            story.update(
                record, fields=[{**item, "multipleChoiceValue": {"valueId": UNKNOWN_UUID}}]
            )
        if item["type"] == "check_boxes":
            given = [*item["checkBoxesValue"]["valueIds"], UNKNOWN_UUID]
            story.update(record, fields=[{**item, "checkBoxesValue": {"valueIds": given}}])


@behaviour("person_id")
@behaviour("cell_id")
@behaviour("field_must_fit")
def test_tables(story: Story, entity: str) -> None:
    """A table's cells come back by column; a later table replaces the one before."""
    fields = story.facts.kind(entity)["fields"]
    table = next((item for item in fields if item["type"] == "table"), None)
    if table is None:
        pytest.skip(f"the type of the {entity} has no table")
    record = story.new(entity)
    cells = [adapt.plain_input(column) for column in table["columns"] if adapt.is_cell(column)]
    frame = {"id": table["id"], "type": "table"}
    for rows in (
        [{"id": UNKNOWN_UUID, "cells": cells}],
        [{"id": UNKNOWN_UUID, "cells": cells[:1]}, {"id": table["id"], "cells": cells[1:]}],
        [{"id": UNKNOWN_UUID, "cells": [{**cells[0], "id": UNKNOWN_UUID}]}],
        [],
    ):
        story.update(record, fields=[{**frame, "tableValue": {"rows": rows}}])
    person = next((cell for cell in cells if cell["type"] == "person"), None)
    if person:
        value = {"person": {"polymorphicUserId": "nobody"}}
        rows = [{"id": UNKNOWN_UUID, "cells": [{**person, "personValue": value}]}]
        story.update(record, fields=[{**frame, "tableValue": {"rows": rows}}])


@behaviour("date_in_utc")
@pytest.mark.needs("own_server")
def test_a_date_is_the_day_in_utc(story: Story) -> None:
    """`dateValue` is the day of the moment, in UTC."""
    kind, item = next(
        (kind, item)
        for kind in story.facts.types.values()
        for item in kind["fields"]
        if item.get("allowedDateTimeValueType") == "date" and kind["entityType"] == "worker"
    )
    record = adapt.minimal_record(story.facts, "worker")
    required = [adapt.plain_input(other) for other in kind["fields"] if other["isRequired"]]
    made = story.create({**record, "qualificationType": {"id": kind["id"]}, "fields": required})
    assert made is not None
    value = {"value": "2024-03-01T00:30:00+05:30"}
    given = {"id": item["id"], "type": "datetime", "dateTimeValue": value}
    reply = story.update(made, fields=[given])
    assert reply
    [field] = [entry for entry in reply.data["fields"] if entry["id"] == item["id"]]
    day = field["dateTimeValue"]["dateValue"]
    reply.must(day == "2024-02-29", f"dateValue: expected 2024-02-29, came {day}")
