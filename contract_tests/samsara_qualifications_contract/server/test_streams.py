"""Short stories of the lists: the stream with its window, filters and pages, and the types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.server.story import Story

behaviour = pytest.mark.behaviour
LATER = "2031-05-06T07:08:09.123456Z"


@behaviour("changes_are_ordered")
@behaviour("every_write_is_later")
@behaviour("stream_open_end")
@behaviour("page_size")
def test_the_stream_gives_each_change_once(story: Story, entity: str) -> None:
    """Over all pages each record comes once, at the place of its last change."""
    records = [story.new(entity, number % 2) for number in range(12)]
    story.update(records[2], issueDate=LATER)
    story.mark("archive", records[0])
    reads.stream(story, entity)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE, includeExternalIds="true")


@behaviour("every_write_is_later")
@pytest.mark.parametrize("goes_on", ["from its cursor", "from the last change"])
def test_a_reader_that_comes_again(story: Story, entity: str, goes_on: str) -> None:
    """Who reads on sees each change since, also a deletion, as it is then."""
    by_cursor = goes_on == "from its cursor"
    if by_cursor and story.facts.choices["stream_open_end"] != "polls":
        pytest.skip("the target's YAML file says that its streams end")
    records = [story.new(entity) for _ in range(4)]
    reader = reads.Reader(story, entity, by_cursor=by_cursor)
    reader.sees(*records)
    reader.sees()
    story.update(records[1], **adapt.full_changes(story.facts, entity))
    reader.sees(records[1])
    story.mark("delete", records[1])
    reader.sees(records[1])
    for operation in ("archive", "unarchive"):
        story.mark(operation, records[0])
        reader.sees(records[0])
    story.mark("delete", records[2])
    story.update(records[3], expirationDate="1970-01-01T00:00:00Z")
    reader.sees(records[2], records[3])
    reader.sees()


def test_writes_between_pages(story: Story, entity: str) -> None:
    """What is changed or deleted while somebody reads moves no other record off the pages."""
    for _ in range(8):
        story.new(entity)

    def write(shown: list[str]) -> None:
        story.mark("delete", shown[0])
        story.update(shown[1], **adapt.full_changes(story.facts, entity))

    reads.between_pages(story, entity, write)


@behaviour("stream_window")
@behaviour("stream_start")
def test_the_streams_window(story: Story, entity: str) -> None:
    """The start is included, the end is not."""
    records = [story.new(entity) for _ in range(4)]
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
        story.new(entity, owner={"entityType": entity, "id": owner})
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
