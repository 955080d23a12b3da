"""One short story for each row of the mock's table of behaviours: documented or assumed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.harness.facts import ENTITIES
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.strategies import SENTINELS, UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.server.story import Story

behaviour = pytest.mark.behaviour
LATER = "2031-05-06T07:08:09.123456Z"


@behaviour("update_is_partial")
@behaviour("external_ids_after_write")
def test_each_property_alone(story: Story, entity: str) -> None:
    """An update changes the property that it names, in this record, and nothing else."""
    bystander = story.new(entity, expirationDate=LATER, externalIds={"hr": "by"})
    record = story.new(entity)
    owners = story.facts.owners[entity]
    for name, value in {
        "issueDate": "2020-02-29T23:59:59Z",
        "expirationDate": LATER,
        "owner": {"entityType": entity, "id": owners[-1]},
        "fields": adapt.full_fields(story.facts, entity, 1),
        "externalIds": {"payroll": "9"},
    }.items():
        story.update(record, **{name: value})
    story.update(record)
    story.update(bystander, issueDate=LATER)


def test_a_full_record_goes_through_everything(story: Story, entity: str) -> None:
    """Whatever is done to an active or archived record with two of everything, the rest stays."""
    record, other = story.new(entity), story.new(entity, 1, externalIds={"hr": "taken"})
    for turn, operation in ((1, "archive"), (0, "unarchive")):
        new = {"payroll": f"%41+:{turn}", "hr-2": "more"}
        changes = adapt.full_changes(story.facts, entity, turn, externalIds=new)
        date = {"expirationDate": changes["expirationDate"]}
        again = [{"expirationDate": instants.CLEAR}, date, {"externalIds": new}]
        for change in [{}, *({name: value} for name, value in changes.items()), *again]:
            story.update(record, **change)
            reads.external_ids_on_request(story, record)
        story.update(record, externalIds={"hr": "taken"})
        story.mark(operation, record)
        reads.by_external_id(story, record)
        reads.stream(story, entity, ownerIds=changes["owner"]["id"])
    for item in adapt.full_fields(story.facts, entity, 1):
        story.update(record, fields=[item])
    for operation, either in (("delete", record), ("archive", other), ("delete", other)):
        story.mark(operation, either)


def test_a_refused_write_leaves_nothing(story: Story, entity: str) -> None:
    """What is right in a request that is refused is not done either."""
    facts = story.facts
    record, taken = story.new(entity), {"payroll": "not taken", "hr": "taken"}
    story.new(entity, externalIds={"hr": "taken"})
    good = adapt.full_record(facts, entity, 1, externalIds={"hr": "new", "payroll": "new"})
    good["expirationDate"] = "2033-03-03T03:03:03Z"
    kind = good.pop("qualificationType")
    text = {"type": "text", "textValue": {"value": "x"}}
    wrongs: list[dict[str, Any]] = [
        {"owner": {"entityType": "asset" if entity == "worker" else "worker", "id": "1"}},
        {"fields": [*good["fields"], {"id": UNKNOWN_UUID, **text}]},
        {"fields": [*good["fields"], {**good["fields"][0], "barcodeValue": {"barcodes": []}}]},
        {"issueDate": "0001-01-01T00:00:00+00:01"},
        {"expirationDate": "9999-12-31T23:59:59-00:01"},
        {"externalIds": taken},
    ]
    for wrong in wrongs:
        story.update(record, **{**good, **wrong})
        story.create({"qualificationType": kind, **good, **wrong})
        reads.whole_stream(story)
    broken: list[dict[str, Any]] = [{"issueDate": 7}, {"owner": {}}, {"fields": {}}]
    for wrong in [*broken, {"externalIds": [1]}]:
        story.api.update({"id": record, **good, **wrong}).answers(400)
        story.api.create({"qualificationType": kind, **good, **wrong}).answers(400)
    story.create({"qualificationType": {"id": UNKNOWN_UUID}, **good})
    story.create({"qualificationType": kind, **good, "fields": []})
    _send_in_vain(story, record, {"qualificationType": kind, **good})
    story.look()
    story.create({"qualificationType": kind, **good})


def _send_in_vain(story: Story, record: str, good: dict[str, Any]) -> None:
    """Send what is right with a wrong token, with another content type, and cut off."""
    for operation in spec.WRITES:
        content = json.dumps({**good, "id": record}).encode()
        wrong = {"Authorization": f"Bearer {story.api.token}x"}
        story.api.send(operation.method, operation.path, content, headers=wrong).answers(401)
        story.api.send(operation.method, operation.path, content[:-1]).answers(400)
        if not story.differs("content_type"):
            plain = {"Content-Type": "text/plain"}
            story.api.send(operation.method, operation.path, content, headers=plain).answers(415)


@behaviour("external_ids_unique")
@behaviour("update_is_partial")
def test_writes_at_once(story: Story, entity: str) -> None:
    """Of updates of different properties none is lost; of two equal external ids one is refused."""
    record = story.new(entity)
    for turn in (1, 0):
        changes = adapt.full_changes(story.facts, entity, turn)
        story.update_at_once(record, **changes, externalIds={"hr": f"at once {turn}"})
        body = adapt.minimal_record(story.facts, entity, externalIds={"payroll": f"race {turn}"})
        story.create_at_once(body, body, body)


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
    """External ids merge by key, are unique per key as they are spelled, and given on request."""
    free = [f"{key}:{story.external_id(v)}" for key, v in (("hr", "1"), ("hr", "2"), ("hr", "3a"))]
    reads.absent(story, free[0])
    first = story.new(entity, externalIds={"hr": "1", "payroll": "a"})
    reads.by_external_id(story, first)
    second = story.new(entity, externalIds={"hr": "2"})
    story.update(first, externalIds={"hr": "3"})
    for _ in range(3):
        story.update(second, externalIds={"hr": "3"})
    story.update(second, externalIds={"payroll": "2", "hr": "1"})
    story.update(first, externalIds={"hr": "3"})
    story.update(first, externalIds={})
    story.create(adapt.minimal_record(story.facts, entity, externalIds={"payroll": "2"}))
    reads.by_external_id(story, second)
    reads.external_ids_on_request(story, first)
    for ids in ({"HR": "3", "PAYROLL": "2"}, {"hr": "3a"}, {"hr": "3A", "payroll": "1"}):
        story.update(second, externalIds=ids)
    story.update(first, externalIds={"hr": "3a", "k1": "1", "k2": "1", "k3": "1"})
    story.update(first, externalIds={"new": "4", "payroll": "1"})
    story.update(first, externalIds={"hr": "3", "payroll": "a", "k1": "1", "k4": "1"})
    reads.by_external_id(story, second)
    reads.absent(story, *free, f"Hr:{story.external_id('3A')}")
    for other in filter(story.facts.usable, ENTITIES):
        story.create(adapt.full_record(story.facts, other, externalIds={"hr": "3A"}))
    story.mark("archive", second)
    story.create(adapt.full_record(story.facts, entity, externalIds={"hr": "3A", "x": "1"}))
    story.mark("delete", second)
    story.new(entity, externalIds={"payroll": "2", "hr": "3A"})


@behaviour("update_accepts_external_id")
@behaviour("unknown_get")
def test_wrong_ids(story: Story, entity: str) -> None:
    """A write to no record is refused; an external id in an update, as the choices say."""
    record = story.new(entity, externalIds={"hr": "1"})
    date = story.known[record]["issueDate"]
    story.update(f"hr:{story.external_id('1')}", issueDate=date)
    parts = [record[:8], record[:-1]] if len(record) == len(UNKNOWN_UUID) else []
    for wrong in ("nobody", f"{record}x", *parts):  # a part of a number may be another's id
        story.update(wrong, issueDate=date)
        for operation in ("archive", "unarchive", "delete"):
            story.mark(operation, wrong)
    reads.absent(story, "nobody")


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
    record, other = story.new(entity, externalIds={"hr": "1"}), story.new(entity)
    story.mark("delete", record)
    if story.facts.choices["deleted_get"] == "unknown":
        reads.absent(story, record, f"hr:{story.external_id('1')}")
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
    if reply and reply.status == 200:
        shown = [reply.data[name] for name in ("issueDate", "expirationDate", "updatedAtTime")]
        in_utc = all(_offset(item) == timedelta() for item in shown)
        reply.must(in_utc, "times in UTC", "behaviour times_in_utc (assumed)")


def _offset(text: str) -> timedelta | None:
    return datetime.fromisoformat(text).utcoffset()
