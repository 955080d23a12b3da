"""Short stories of the lists: the stream with its window, filters and pages, and the types."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness.facts import ENTITIES
from samsara_qualifications_contract.oracle.spec import MAX_IDS
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUIDS

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
    reads.stream(story, entity, endTime=reads.FAR_FUTURE, includeExternalIds="false")
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
    for name, value in adapt.full_changes(story.facts, entity, externalIds={"x": "1"}).items():
        story.update(records[1], **{name: value})
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


@pytest.mark.needs("records")
def test_more_than_a_page(story: Story) -> None:
    """A hundred records are read at once; pages forget no parameter, and no record that is left."""
    facts, end = story.facts, ""
    entity = next(filter(facts.usable, ENTITIES))
    plain, ids = adapt.minimal_record(facts, entity), (str(n) for n in range(MAX_IDS + 1))
    bodies = [{**plain, "externalIds": {"hr": number}} for number in ids]
    bodies += [adapt.full_record(facts.preferring(kind), entity, 1) for kind in facts.kinds(entity)]
    for body in bodies:
        made = story.create(body, look=False)
        assert made
        end = story.changed[made]  # so that the last one lies outside
        if story.api.waited and not story.own_server:
            pytest.skip("the server limits its writes: a page of records takes too long to make")
    story.look()
    query = {"ownerIds": plain["owner"]["id"], "qualificationTypeIds": facts.preferred[entity]}
    reads.stream(story, entity, endTime=end, includeExternalIds="true", **query)

    def write(shown: list[str]) -> None:
        for operation, record in zip(("delete", "archive"), shown, strict=False):
            story.mark(operation, record)

    reads.between_pages(story, entity, end, write)


@behaviour("stream_window")
@behaviour("stream_start")
def test_the_streams_window(story: Story, entity: str) -> None:
    """The start is included, the end is not."""
    records = [story.new(entity) for _ in range(4)]
    times = [story.changed[record] for record in records]
    reads.stream(story, entity, startTime=times[1], endTime=times[3])
    reads.stream(story, entity, startTime=_at(times[1], 330), endTime=_at(times[3], -210))
    reads.stream(story, entity, startTime=times[2])
    reads.stream(story, entity, startTime=times[2], endTime=times[2])


def _at(time: str, minutes: int) -> str:
    """Return a time as a clock shows it that is so many minutes ahead of UTC."""
    return datetime.fromisoformat(time).astimezone(timezone(timedelta(minutes=minutes))).isoformat()


@behaviour("type_filter")
@behaviour("any_owner")
def test_the_streams_filters(story: Story, entity: str) -> None:
    """Owners, types and entity types choose; two filters both hold."""
    owners, kinds = story.facts.owners[entity][:2], story.facts.kinds(entity)
    mine = [story.new(entity, turn, kind) for kind in kinds for turn, _ in enumerate(owners)]
    story.mark("archive", mine[0])
    story.mark("delete", mine[-1])
    types = [kind["id"] for kind in kinds]
    for name, ids in (("ownerIds", owners), ("qualificationTypeIds", types)):
        for chosen in (*([one] for one in ids), ids, UNKNOWN_UUIDS, [*UNKNOWN_UUIDS, *ids[::-1]]):
            reads.stream(story, entity, **{name: ",".join(chosen)}, includeDeleted="true")
        query = {
            "ownerIds": f"{owners[-1][:-1] or 0},{owners[0]}",
            "qualificationTypeIds": types[0],
        }
        reads.stream(story, entity, **{**query, name: ",".join(ids)})
    reads.stream(story, "asset" if entity == "worker" else "worker")


def test_types(story: Story, entity: str) -> None:
    """The types are listed by entity, over all pages, and by id."""
    reads.types(story, entity)
