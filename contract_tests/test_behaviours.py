"""One short story for each row of the mock's table of behaviours: documented or assumed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contract_tests import (
    adapt,
    instants,
    reads,
    test_fields,
    test_limits,
    test_model,
    test_protocol,
    test_streams,
)
from contract_tests.strategies import SENTINELS
from samsara_qualifications.mock import BEHAVIOURS

if TYPE_CHECKING:
    from contract_tests.story import Story

behaviour = pytest.mark.behaviour
LATER = "2031-05-06T07:08:09.123456Z"


@behaviour("update_is_partial")
@behaviour("external_ids_after_write")
def test_each_property_alone(story: Story, entity: str) -> None:
    """An update changes the property that it names, in this record, and nothing else."""
    bystander = story.new(entity, expirationDate=LATER, externalIds={"hr": "by"})
    record = story.new(entity, expirationDate="2027-01-01T00:00:00Z", externalIds={"hr": "own"})
    owners = story.facts.owners[entity]
    for name, value in {
        "issueDate": "2020-02-29T23:59:59Z",
        "expirationDate": LATER,
        "owner": {"entityType": entity, "id": owners[-1]},
        "fields": adapt.every_field(story.facts, entity),
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
    record = story.new(entity, expirationDate=LATER)
    story.update(record, expirationDate=text)
    story.update(record, expirationDate=text)
    story.update(record, expirationDate="1970-01-01T00:00:01Z")
    story.update(record, issueDate="1970-01-01T00:00:00Z")


@behaviour("epoch_on_create")
def test_the_epoch_on_creation(story: Story, entity: str) -> None:
    """A record that is created with the clear value has no expiration date."""
    story.new(entity, expirationDate=instants.CLEAR)


@behaviour("external_ids_merge")
@behaviour("external_ids_unique")
@behaviour("external_ids_conflict")
@behaviour("external_ids_on_request")
def test_external_ids(story: Story, entity: str) -> None:
    """External ids merge by key, are unique, and are given on request only."""
    first = story.new(entity, externalIds={"hr": "1", "payroll": "a"})
    second = story.new(entity, externalIds={"hr": "2"})
    story.update(first, externalIds={"hr": "3"})
    story.update(second, externalIds={"hr": "3"})
    story.update(second, externalIds={"payroll": "2", "hr": "1"})
    story.update(first, externalIds={"hr": "3"})
    story.update(first, externalIds={})
    story.create(adapt.minimal_record(story.facts, entity, externalIds={"payroll": "2"}))
    reads.by_external_id(story, second)
    reads.external_ids_on_request(story, first)
    story.mark("delete", second)
    story.new(entity, externalIds={"payroll": "2"})


@behaviour("update_accepts_external_id")
@behaviour("unknown_get")
def test_wrong_ids(story: Story, entity: str) -> None:
    """A write to no record is refused; an external id in an update, as the choices say."""
    record = story.new(entity, externalIds={"hr": "1"})
    story.update(f"hr:{story.external_id('1')}", issueDate=LATER)
    story.update("nobody", issueDate=LATER)
    story.mark("archive", "nobody")
    story.mark("delete", f"{record}x")
    reads.unknown_id(story, "nobody")


@behaviour("archive_twice")
@behaviour("archived_can_change")
def test_archiving(story: Story, entity: str) -> None:
    """An archived record can be read and changed, and stays archived until it is unarchived."""
    record, other = story.new(entity), story.new(entity)
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
    record, other = story.new(entity), story.new(entity)
    story.mark("delete", record)
    story.update(record, issueDate=LATER)
    for operation in ("archive", "unarchive", "delete"):
        story.mark(operation, record)
    reads.deleted_id(story, record)
    reads.stream(story, entity)
    for asked in ("true", "false"):
        reads.stream(story, entity, includeDeleted=asked)
    story.mark("archive", other)


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
    record = story.new(entity)
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
    modules = (test_fields, test_limits, test_model, test_protocol, test_streams)
    functions = [*globals().values(), *(item for m in modules for item in vars(m).values())]
    marks = [mark for item in functions for mark in getattr(item, "pytestmark", [])]
    marks += [mark for m in modules for mark in getattr(m, "pytestmark", [])]
    shown = {mark.args[0] for mark in marks if mark.name == "behaviour"}
    assert {row.name for row in BEHAVIOURS} == shown
