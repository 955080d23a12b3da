"""Short stories of the lists: the stream with its window, filters and pages, and the types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests import reads
from contract_tests.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from contract_tests.story import Story

behaviour = pytest.mark.behaviour
LATER = "2031-05-06T07:08:09.123456Z"


@behaviour("changes_are_ordered")
@behaviour("every_write_is_later")
@behaviour("stream_open_end")
@behaviour("page_size")
def test_the_stream_gives_each_change_once(story: Story, entity: str) -> None:
    """Over all pages each record comes once, at the place of its last change."""
    records = [story.new(entity) for _ in range(7)]
    story.update(records[2], issueDate=LATER)
    story.mark("archive", records[0])
    reads.stream(story, entity)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE)
    reads.stream(story, entity, endTime=reads.FAR_FUTURE, includeExternalIds="true")


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
