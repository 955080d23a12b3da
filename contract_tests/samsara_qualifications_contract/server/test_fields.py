"""Short stories of custom fields: each kind of value, what fits and what does not."""

from __future__ import annotations

import base64
import itertools
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from samsara_qualifications_contract.harness.facts import can_be_made
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.model import BAD_REQUEST
from samsara_qualifications_contract.oracle.values import input_of
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.reads import FAR_FUTURE
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.api import Reply
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
    0,
    -0.0,
    16777217,
    99999.995,
    1e16,
]
MOMENTS = """
2027-03-14T02:30:00Z 2027-03-28T02:30:00Z 2027-10-31T01:30:00Z
2027-11-07T01:30:00-08:00 2024-02-29T23:59:59.999Z 2027-12-31T23:30:00-11:30
1969-12-31T23:59:59.5Z 1900-02-28T12:00:00Z 2038-01-19T03:14:08Z
2262-04-11T23:47:17Z
"""
"""Where calendars of some places skip or repeat an hour, and where counters end."""
KEYS = ("with.dot", "with-dash", "with_score", "k" * 64, "Ünïcode", "9", *"abcdefghi")


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
    for text, number, moment in itertools.zip_longest(TEXTS, NUMBERS, MOMENTS.split()):
        given = [_with_values(item, text, number, moment) for item in last]
        named: Json = {} if not text or "," in text else {"externalIds": {"hr": text}}
        if moment:
            named |= {"issueDate": moment, "expirationDate": moment}
        story.update(record, fields=given, **named)
    story.update(record, externalIds={key: f"{key} {n}" for n, key in enumerate(KEYS)})
    reads.by_external_id(story, record)


def test_signs_that_text_may_lack(story: Story, entity: str) -> None:
    """Control characters in a text are kept, or the whole is refused: none is dropped."""
    record = story.new(entity)
    last = adapt.full_fields(story.facts, entity)
    for text in ("a\0b", "".join(map(chr, (*range(1, 32), 127)))):
        given = [_with_values(item, text, None, None) for item in last]
        if story.api.update({"id": record, "fields": given}).status == BAD_REQUEST:
            story.look()
        else:
            story.update(record, fields=given)


def _with_values(item: Json, text: str | None, number: float | None, moment: str | None) -> Json:
    """Return a field or cell with another text, number or moment, also in its rows."""
    if item["type"] == "datetime" and moment is not None:
        return {**item, "dateTimeValue": {"value": moment}}
    if item["type"] == "text" and text is not None:
        return {**item, "textValue": {"value": text}}
    if item["type"] == "number" and number is not None:
        return {**item, "numberValue": {"value": number}}
    if item["type"] == "table":
        rows = [
            {**row, "cells": [_with_values(cell, text, number, moment) for cell in row["cells"]]}
            for row in item["tableValue"]["rows"]
        ]
        return {**item, "tableValue": {"rows": rows}}
    return item


@behaviour("media_processing")
def test_uploads(story: Story, entity: str) -> None:
    """Each file that is uploaded comes back as one, with an id and a URL of its own."""
    ids: set[str] = set()
    for record in (story.new(entity), story.new(entity)):
        for turn in ("first", "second"):
            text = f"{record} {turn}"
            sent = [_file(f"{text} a"), _file(text * 2000, "application/pdf"), _file(f"{text} b")]
            sent.append(sent[0])
            given = [
                input_of(item, sent if item["type"] == "media" else sent[0])
                for item in story.facts.kind(entity)["fields"]
                if item["type"] in {"media", "signature"}
            ]
            if not given:
                pytest.skip(f"the type of the {entity} takes no files")
            reply = story.update(record, fields=given)
            assert reply
            for item in reply.data["fields"]:
                if item["type"] in {"media", "signature"}:
                    files = item.get("mediaList") or [item["signatureValue"]["media"]]
                    _check_files(reply, files, ids)


def _file(text: str, media_type: str = "image/png") -> Json:
    return {"mediaType": media_type, "base64Payload": base64.b64encode(text.encode()).decode()}


def _check_files(reply: Reply, files: list[Json], ids: set[str]) -> None:
    """Fail unless each file has an id that no other has, and once finished, a URL that holds."""
    for file in files:
        reply.must(file["id"] not in ids, f"an id for each upload, came {file['id']} again")
        ids.add(file["id"])
        if file["processingStatus"] == "finished":
            reply.must(file.get("url"), f"a URL of the finished file {file['id']}")
            until = instants.parse(file.get("urlExpiresAt", FAR_FUTURE))
            later = until > instants.parse(reply.data["updatedAtTime"])
            reply.must(later, f"a URL that holds after the write, came {file['urlExpiresAt']}")
    urls = {file["url"] for file in files if "url" in file}
    reply.must(len(files) == 1 or len(urls) != 1, "a URL for each file, came one for all")


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
        [{"id": str(UUID(int=number)), "cells": cells} for number in range(1, 30)],
        [],
    ):
        story.update(record, fields=[{**frame, "tableValue": {"rows": rows}}])
    person = next((cell for cell in cells if cell["type"] == "person"), None)
    if person:
        value = {"person": {"polymorphicUserId": "nobody"}}
        rows = [{"id": UNKNOWN_UUID, "cells": [{**person, "personValue": value}]}]
        story.update(record, fields=[{**frame, "tableValue": {"rows": rows}}])


@behaviour("date_in_utc")
def test_a_date_is_the_day_in_utc(story: Story) -> None:
    """`dateValue` is the day of the moment, in UTC, wherever in the day that is."""
    found = (
        (kind, item)
        for kind in story.facts.types.values()
        for item in kind["fields"]
        if item.get("allowedDateTimeValueType") == "date" and can_be_made(kind)
        if story.facts.usable(kind["entityType"])
    )
    nothing: tuple[Json, Json] = ({}, {})
    kind, item = next(found, nothing)
    if not kind:
        pytest.skip("no type has a date")
    record = adapt.minimal_record(story.facts, kind["entityType"])
    required = [adapt.plain_input(other) for other in kind["fields"] if other["isRequired"]]
    made = story.create({**record, "qualificationType": {"id": kind["id"]}, "fields": required})
    assert made is not None
    for text in ("2024-03-01T00:30:00+05:30", "2024-03-01T00:00:01Z", "2024-02-29T23:59:59Z"):
        given = {"id": item["id"], "type": "datetime", "dateTimeValue": {"value": text}}
        story.update(made, fields=[given])
