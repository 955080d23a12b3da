"""One short story for each row of the mock's table of behaviours: documented or assumed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import adapt, instants, reads, test_limits, test_model, test_protocol
from contract_tests.facts import settable
from contract_tests.story import Story
from contract_tests.strategies import SENTINELS, UNKNOWN_UUID
from samsara_qualifications.mock import BEHAVIOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec import Json
    from contract_tests.targets import Target

behaviour = pytest.mark.behaviour
LATER = "2031-05-06T07:08:09.123456Z"


@pytest.fixture(params=["worker", "asset"])
def entity(request: pytest.FixtureRequest, target: Target) -> str:
    """An entity type."""
    name: str = request.param
    if not target.facts.usable(name):
        pytest.skip("; ".join(target.facts.missing()))
    return name


@pytest.fixture
def story(target: Target) -> Iterator[Story]:
    """A fresh story."""
    with target.open() as api:
        yield Story(api, target.facts, strict_time=target.own_server)


def new(story: Story, entity: str, **more: Any) -> str:
    """Create a record; return its id."""
    made = story.create(adapt.minimal_record(story.facts, entity, **more))
    assert made is not None
    return made


def fields(story: Story, entity: str) -> list[Json]:
    """Return a plain input for every field of the type."""
    kind = story.facts.type_of(entity)
    assert kind is not None
    return [adapt.plain_input(item) for item in kind["fields"] if settable(item)]


@behaviour("update_is_partial")
@behaviour("external_ids_after_write")
def test_each_property_alone(story: Story, entity: str) -> None:
    """An update changes the property that it names, in this record, and nothing else."""
    bystander = new(story, entity, expirationDate=LATER, externalIds={"hr": "by"})
    record = new(story, entity, expirationDate="2027-01-01T00:00:00Z", externalIds={"hr": "own"})
    owners = story.facts.owners[entity]
    for name, value in {
        "issueDate": "2020-02-29T23:59:59Z",
        "expirationDate": LATER,
        "owner": {"entityType": entity, "id": owners[-1]},
        "fields": fields(story, entity),
        "externalIds": {"payroll": "9"},
    }.items():
        story.update(record, **{name: value})
    story.update(record)
    story.update(bystander, issueDate=LATER)


@behaviour("epoch_clears")
@behaviour("epoch_offset_forms_clear")
@pytest.mark.parametrize("text", SENTINELS)
def test_clearing(story: Story, entity: str, text: str) -> None:
    """The epoch clears the expiration date, also twice; a date set later is there again."""
    record = new(story, entity, expirationDate=LATER)
    story.update(record, expirationDate=text)
    story.update(record, expirationDate=text)
    story.update(record, expirationDate="1970-01-01T00:00:01Z")
    story.update(record, issueDate="1970-01-01T00:00:00Z")


@behaviour("epoch_on_create")
def test_the_epoch_on_creation(story: Story, entity: str) -> None:
    """A record that is created with the clear value has no expiration date."""
    new(story, entity, expirationDate=instants.CLEAR)


@behaviour("fields_merge")
@behaviour("decimals_kept")
@behaviour("cell_id")
@behaviour("one_value")
def test_fields_one_by_one(story: Story, entity: str) -> None:
    """A field that is not named keeps its value; one that is named gets the new one."""
    record = new(story, entity)
    for item in fields(story, entity):
        story.update(record, fields=[item])
    story.update(record, fields=list(reversed(fields(story, entity))))
    for item in fields(story, entity):
        if item["type"] in {"number", "text"}:
            value = {"number": -0.1234567, "text": "Zoë 🚚"}[item["type"]]
            story.update(record, fields=[{**item, f"{item['type']}Value": {"value": value}}])
    story.update(record, fields=[])


@behaviour("media_processing")
def test_uploads(story: Story, entity: str) -> None:
    """Each file that is uploaded comes back as one, with an id of its own."""
    kind = story.facts.type_of(entity)
    assert kind is not None
    media = next((item for item in kind["fields"] if item["type"] == "media"), None)
    if media is None:
        pytest.skip(f"the type of the {entity} has no media field")
    file = {"mediaType": "image/png", "base64Payload": "AP8="}
    given = {"id": media["id"], "type": "media", "mediaValue": {"mediaList": [file, file]}}
    reply = story.update(new(story, entity), fields=[given])
    [field] = [item for item in reply.data["fields"] if item["id"] == media["id"]]
    reply.must(len({item["id"] for item in field["mediaList"]}) == 2, "an id for each file")


@behaviour("field_must_fit")
@behaviour("owner_must_fit")
@behaviour("unknown_type")
@behaviour("create_needs_required_fields")
def test_what_does_not_fit_is_refused(story: Story, entity: str) -> None:
    """Wrong fields, owners and types are refused, and change nothing."""
    record = new(story, entity)
    for wrong in ("owner", "field", "value"):
        story.update(record, **test_model.wrong_changes(story.facts, entity, wrong))
    plain = adapt.minimal_record(story.facts, entity)
    story.create({**plain, "qualificationType": {"id": UNKNOWN_UUID}})
    story.create({**plain, "fields": []})
    other = "asset" if entity == "worker" else "worker"
    story.create({**plain, "owner": {"entityType": other, "id": "1"}})
    story.create(
        {**plain, "fields": [*plain["fields"], {**fields(story, entity)[0], "id": UNKNOWN_UUID}]}
    )


@behaviour("one_value")
def test_values_of_another_type(story: Story, entity: str) -> None:
    """A field's value must be the one that its type names, and no other beside it."""
    record = new(story, entity)
    for item in fields(story, entity):
        bare = {"id": item["id"], "type": item["type"]}
        story.update(record, fields=[bare])
        extra = "textValue" if item["type"] != "text" else "numberValue"
        value = {"value": "x"} if extra == "textValue" else {"value": 1}
        story.update(record, fields=[{**item, extra: value}])
        story.update(record, fields=[{**bare, extra: value}])


@behaviour("field_must_fit")
def test_options_that_are_none(story: Story, entity: str) -> None:
    """An option that the field does not have is refused."""
    record = new(story, entity)
    for item in fields(story, entity):
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
    kind = story.facts.type_of(entity)
    assert kind is not None
    table = next((item for item in kind["fields"] if item["type"] == "table"), None)
    if table is None:
        pytest.skip(f"the type of the {entity} has no table")
    record = new(story, entity)
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
    [field] = [entry for entry in reply.data["fields"] if entry["id"] == item["id"]]
    day = field["dateTimeValue"]["dateValue"]
    reply.must(day == "2024-02-29", f"dateValue 2024-02-29, not {day}")


@behaviour("external_ids_merge")
@behaviour("external_ids_unique")
@behaviour("external_ids_conflict")
@behaviour("external_ids_on_request")
def test_external_ids(story: Story, entity: str) -> None:
    """External ids merge by key, are unique, and are given on request only."""
    first = new(story, entity, externalIds={"hr": "1", "payroll": "a"})
    second = new(story, entity, externalIds={"hr": "2"})
    story.update(first, externalIds={"hr": "3"})
    story.update(second, externalIds={"hr": "3"})
    story.update(second, externalIds={"payroll": "2", "hr": "1"})
    story.update(first, externalIds={"hr": "3"})
    story.update(first, externalIds={})
    story.create(adapt.minimal_record(story.facts, entity, externalIds={"payroll": "2"}))
    reads.by_external_id(story, second)
    reads.external_ids_on_request(story, first)
    story.mark("delete", second)
    new(story, entity, externalIds={"payroll": "2"})


@behaviour("update_accepts_external_id")
@behaviour("unknown_get")
def test_wrong_ids(story: Story, entity: str) -> None:
    """A write to no record is refused; an external id in an update, as the choices say."""
    record = new(story, entity, externalIds={"hr": "1"})
    story.update("hr:1", issueDate=LATER)
    story.update("nobody", issueDate=LATER)
    story.mark("archive", "nobody")
    story.mark("delete", f"{record}x")
    reads.unknown_id(story, "nobody")


@behaviour("archive_twice")
@behaviour("archived_can_change")
def test_archiving(story: Story, entity: str) -> None:
    """An archived record can be read and changed, and stays archived until it is unarchived."""
    record, other = new(story, entity), new(story, entity)
    for operation in ("unarchive", "archive", "archive"):
        story.mark(operation, record)
    story.update(record, issueDate=LATER)
    story.mark("archive", other)
    story.mark("unarchive", record)


@behaviour("deleted_cannot_change")
@behaviour("deleted_get")
@behaviour("deleted_on_request")
def test_deleting(story: Story, entity: str) -> None:
    """A deleted record is gone for all but the stream that asks for deleted ones."""
    record, other = new(story, entity), new(story, entity)
    story.mark("delete", record)
    story.update(record, issueDate=LATER)
    for operation in ("archive", "unarchive", "delete"):
        story.mark(operation, record)
    reads.deleted_id(story, record)
    reads.stream(story, entity)
    for asked in ("true", "false"):
        reads.stream(story, entity, includeDeleted=asked)
    story.mark("archive", other)


@behaviour("changes_are_ordered")
@behaviour("every_write_is_later")
@behaviour("stream_open_end")
@behaviour("page_size")
def test_the_stream_gives_each_change_once(story: Story, entity: str) -> None:
    """Over all pages each record comes once, at the place of its last change."""
    records = [new(story, entity) for _ in range(7)]
    story.update(records[2], issueDate=LATER)
    story.mark("archive", records[0])
    reads.stream(story, entity)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE, includeExternalIds="true")


@behaviour("stream_window")
@behaviour("stream_start")
def test_the_streams_window(story: Story, entity: str) -> None:
    """The start is included, the end is not."""
    records = [new(story, entity) for _ in range(4)]
    times = [story.changed[record] for record in records]
    reads.stream(story, entity, startTime=times[1], endTime=times[3])
    reads.stream(story, entity, startTime=times[2])
    reads.stream(story, entity, startTime=times[2], endTime=times[2])


@behaviour("type_filter")
@behaviour("any_owner")
def test_the_streams_filters(story: Story, entity: str) -> None:
    """Owners, types and entity types choose; two filters both hold."""
    kinds = sorted(k for k, v in story.facts.types.items() if v["entityType"] == entity)
    for owner in story.facts.owners[entity][:2]:
        new(story, entity, owner={"entityType": entity, "id": owner})
    for owner in story.facts.owners[entity][:2]:
        reads.stream(story, entity, ownerIds=owner)
        reads.stream(story, entity, ownerIds=f"nobody,{owner}", qualificationTypeIds=kinds[0])
    for kind in kinds:
        reads.stream(story, entity, qualificationTypeIds=f"{UNKNOWN_UUID},{kind}")
    reads.stream(story, entity, ownerIds="nobody")
    reads.stream(story, "asset" if entity == "worker" else "worker")


def test_types(story: Story, entity: str) -> None:
    """The types are listed by entity, over all pages, and by id."""
    reads.types(story, entity)


@behaviour("time_range")
@behaviour("times_in_utc")
@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2024-02-29T05:29:59.1234567+05:30",
        "2024-02-29t00:00:00.5z",
    ],
)
def test_times(story: Story, entity: str, text: str) -> None:
    """Times are kept to the microsecond; those that UTC cannot hold are refused."""
    record = new(story, entity)
    story.update(record, issueDate=text)
    reply = story.update(record, expirationDate=text)
    if reply.status == 200:
        shown = [reply.data[name] for name in ("issueDate", "expirationDate", "updatedAtTime")]
        in_utc = all(_offset(item) == timedelta() for item in shown)
        reply.must(in_utc, "times in UTC", "behaviour times_in_utc (assumed)")


def _offset(text: str) -> timedelta | None:
    return datetime.fromisoformat(text).utcoffset()


def test_every_behaviour_has_a_story() -> None:
    """Each row of the table is shown by some test that is marked with its name."""
    modules = (test_limits, test_model, test_protocol)
    functions = [*globals().values(), *(item for m in modules for item in vars(m).values())]
    marks = [mark for item in functions for mark in getattr(item, "pytestmark", [])]
    marks += [mark for m in modules for mark in getattr(m, "pytestmark", [])]
    shown = {mark.args[0] for mark in marks if mark.name == "behaviour"}
    assert {row.name for row in BEHAVIOURS} == shown
