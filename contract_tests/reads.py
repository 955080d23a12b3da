"""Checks of what the lists give: reads by id, the stream with its filters and pages, the types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests import instants
from contract_tests.model import MODEL_SOURCE, NOT_FOUND, OK

if TYPE_CHECKING:
    from contract_tests.api import Reply
    from contract_tests.spec import Json
    from contract_tests.story import Story

MAX_PAGES = 200
FAR_FUTURE = "2999-01-01T00:00:00Z"


def unknown_id(story: Story, unknown: str) -> None:
    """Read an id that no live record has, alone and beside one that has."""
    live = [record.id for record in story.model.live()][:1]
    reply = story.api.get(*live, unknown)
    if story.facts.choices["unknown_get"] == "404":
        reply.answers(NOT_FOUND, source="behaviour unknown_get (assumed)")
    else:
        ids = [record["id"] for record in reply.answers(OK).data]
        reply.must(ids == live, f"the records {live} alone", "behaviour unknown_get (assumed)")


def deleted_id(story: Story, record_id: str) -> None:
    """Read a deleted record by its id."""
    if story.facts.choices["deleted_get"] == "unknown":
        unknown_id(story, record_id)
    else:
        reply = story.api.get(record_id).answers(OK)
        statuses = [record["recordStatus"] for record in reply.data]
        reply.must(statuses == ["deleted"], "the deleted record", "behaviour deleted_get (assumed)")


def by_external_id(story: Story, record_id: str) -> None:
    """Read a record by each of its external ids, and by its own id, at once."""
    record = story.model.records[record_id]
    for key, value in record.external_ids.items():
        if "," in key + value or ":" in key:
            continue
        reply = story.api.get(f"{key}:{value}").answers(OK)
        ids = [item["id"] for item in reply.data]
        reply.must(ids == [record_id], f"the record {record_id} for {key}:{value}")


def external_ids_on_request(story: Story, record_id: str) -> None:
    """Read a record without asking for its external ids."""
    for query in ({}, {"includeExternalIds": "false"}):
        reply = story.api.get(record_id, **query).answers(OK)
        [record] = reply.data
        absent = "externalIds" not in record and "externalIds" not in record["owner"]
        source = "behaviour external_ids_on_request (documented)"
        reply.must(absent, "no external ids, since none were asked for", source)


def stream(story: Story, entity: str, **query: str) -> None:
    """Read the stream, all pages, and compare what it gives of the story's records."""
    start = query.setdefault("startTime", min(story.changed.values(), default=FAR_FUTURE))
    end = query.get("endTime")
    with_deleted = query.get("includeDeleted") == "true"
    wanted = {
        record.id
        for record in story.model.records.values()
        if record.owner[0] == entity
        and (record.status != "deleted" or with_deleted)
        and record.owner[1] in query.get("ownerIds", record.owner[1]).split(",")
        and record.type_id in query.get("qualificationTypeIds", record.type_id).split(",")
        and (record.status == "deleted" or _within(story.changed[record.id], start, end))
    }
    reply, items = _pages(story, {"entityType": entity, **query})
    ids = [item["id"] for item in items]
    ours = [identity for identity in ids if identity in story.model.records]
    judged = ids if story.own_server else ours  # others' records may change between pages
    reply.must(len(judged) == len(set(judged)), "each record once over all pages")
    optional = {r.id for r in story.model.records.values() if r.status == "deleted" and end}
    reply.must(
        wanted - optional <= set(ours) <= wanted, f"the records {sorted(wanted)}", MODEL_SOURCE
    )
    times = [instants.parse(item["updatedAtTime"]) for item in items]
    reply.must(times == sorted(times), "records by time of last change")
    for item in items:
        _check_item(story, reply, item, entity, query)


def types(story: Story, entity: str) -> None:
    """List the types of an entity, all and by id."""
    known = {key: kind for key, kind in story.facts.types.items() if kind["entityType"] == entity}
    chosen = sorted(known)[:1]
    for query, wanted in (({}, set(known)), ({"ids": ",".join(chosen)}, set(chosen))):
        found: list[Json] = []
        page = {"entityType": entity, **query}
        while True:
            reply = story.api.types(**page).answers(OK)
            found += reply.data
            if not reply.pagination["hasNextPage"]:
                break
            page["after"] = reply.pagination["endCursor"]
        ids = [kind["id"] for kind in found]
        reply.must(len(ids) == len(wanted), f"{len(wanted)} types over all pages, each once")
        reply.must(set(ids) == wanted, f"the types {sorted(wanted)} of each {entity}")
        for kind in found:
            reply.must(kind == known[kind["id"]], f"the type {kind['id']} as it was before")


def _pages(story: Story, query: dict[str, str]) -> tuple[Reply, list[Json]]:
    items: list[Json] = []
    cursors: set[str] = set()
    polls = "endTime" not in query and story.facts.choices["stream_open_end"] == "polls"
    while True:
        reply = story.api.stream(**query).answers(OK)
        items += reply.data
        cursor = reply.pagination["endCursor"]
        if polls:
            source = "behaviour stream_open_end (documented)"
            reply.must(reply.pagination["hasNextPage"], "a next page, without endTime", source)
        if not reply.pagination["hasNextPage"] or (polls and not reply.data):
            return reply, items
        reply.must(cursor, "a cursor for the next page")
        reply.must(cursor not in cursors, f"another cursor than {cursor!r} again")
        cursors.add(cursor)
        reply.must(len(cursors) < MAX_PAGES, f"an end of the pages, after {MAX_PAGES}")
        query["after"] = cursor


def _check_item(story: Story, reply: Reply, item: Json, entity: str, query: dict[str, str]) -> None:
    reply.must(item["owner"]["entityType"] == entity, f"records of each {entity} only")
    within = _within(item["updatedAtTime"], query["startTime"], query.get("endTime"))
    reply.must(within, "only records that changed in the time asked for")
    asked = query.get("includeExternalIds") == "true"
    expected = story.model.records.get(item["id"])
    if expected is None:
        return
    came = item.get("externalIds")
    wanted = expected.external_ids if asked else None
    reply.must(came == wanted, f"externalIds of {item['id']}: expected {wanted}, came {came}")
    reply.must(
        item["recordStatus"] == expected.status, f"{item['id']} is {expected.status}", MODEL_SOURCE
    )


def _within(changed: str, start: str, end: str | None) -> bool:
    when = instants.parse(changed)
    return instants.parse(start) <= when and (end is None or when < instants.parse(end))
