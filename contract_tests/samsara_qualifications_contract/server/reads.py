"""Checks of what the lists give: reads by id, the stream with its filters and pages, the types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samsara_qualifications_contract.harness.facts import pages
from samsara_qualifications_contract.harness.failures import MODEL_SOURCE
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.model import NOT_FOUND, OK
from samsara_qualifications_contract.server.story import settled
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUIDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.harness.api import Reply
    from samsara_qualifications_contract.oracle.model import Expected
    from samsara_qualifications_contract.oracle.spec import Json
    from samsara_qualifications_contract.server.story import Story

MAX_PAGES = 200
FAR_FUTURE = "2999-01-01T00:00:00Z"
WITH_EXTERNAL_IDS = {"includeExternalIds": "true"}


def absent(story: Story, *references: str) -> None:
    """Read each of these, by which no live record is found, in every way."""
    for reference in references:
        for query in ({}, WITH_EXTERNAL_IDS):
            for beside in (0, 1):
                unknown_id(story, reference, beside, **query)


def unknown_id(story: Story, unknown: str, beside: int = 1, **query: str) -> None:
    """Read an id that no live record has, beside so many that have one."""
    if story.differs("unknown_get"):
        return
    live = [record.id for record in story.model.live()][:beside]
    reply = story.api.get(*live, unknown, **query)
    if story.facts.choices["unknown_get"] == "404":
        story.answers(reply, NOT_FOUND, ["unknown_get"])
    else:
        story.answers(reply, OK, ["unknown_get"])
        ids = [record["id"] for record in reply.data]
        story.must(reply, ids == live, f"the records {live} alone", ["unknown_get"])


def deleted_id(story: Story, record_id: str) -> None:
    """Read a deleted record by its id."""
    if story.differs("deleted_get"):
        return
    if story.facts.choices["deleted_get"] == "unknown":
        unknown_id(story, record_id)
    else:
        reply = story.api.get(record_id)
        story.answers(reply, OK, ["deleted_get"])
        statuses = [record["recordStatus"] for record in reply.data]
        story.must(reply, statuses == ["deleted"], "the deleted record", ["deleted_get"])


def by_external_id(story: Story, record_id: str) -> None:
    """Read a record by each of its external ids, alone and beside another, also by its own."""
    record = story.model.records[record_id]
    others = [other for other in story.model.live() if other is not record][:1]
    for turn, name in enumerate(_names(record)):
        reply = story.api.get(name).answers(OK)
        ids = [item["id"] for item in reply.data]
        reply.must(ids == [record_id], f"the record {record_id} for {name}")
        story.check_listed(reply, reply.data[0], external_ids=False)
        beside = [[*_names(other), other.id][-turn % 2 - 1] for other in others]
        reply = story.api.get(*beside, name).answers(OK)
        ids = sorted(item["id"] for item in reply.data)
        wanted = sorted([record_id, *(other.id for other in others)])
        reply.must(ids == wanted, f"the records {wanted} for {[*beside, name]}")


def _names(record: Expected) -> list[str]:
    """Return the external ids by which a read can name a record."""
    ids = record.external_ids.items()
    return [f"{key}:{value}" for key, value in ids if "," not in key + value and ":" not in key]


def external_ids_on_request(story: Story, record_id: str) -> None:
    """Read a record without asking for its external ids."""
    for query in ({}, {"includeExternalIds": "false"}):
        reply = story.api.get(record_id, **query).answers(OK)
        [record] = reply.data
        _has_no_external_ids(reply, record)
        story.check_listed(reply, record, external_ids=False)


def stream(story: Story, entity: str, **query: str) -> None:
    """Read the stream, all pages, and compare what it gives with the story's records, whole."""
    start = query.setdefault("startTime", min(story.changed.values(), default=FAR_FUTURE))
    end = query.get("endTime")
    with_deleted = query.get("includeDeleted") == "true"
    chosen = {
        record.id
        for record in story.model.records.values()
        if record.owner[0] == entity
        and (record.status != "deleted" or with_deleted)
        and record.owner[1] in query.get("ownerIds", record.owner[1]).split(",")
        and record.type_id in query.get("qualificationTypeIds", record.type_id).split(",")
    }
    wanted = {id_ for id_ in chosen if _changed_within(story, id_, start, end)}
    optional = {id_ for id_ in chosen if _perhaps_within(story, id_, start, end)}
    read, items = _pages(story, {"entityType": entity, **query})
    reply = read[-1]
    ids = [item["id"] for item in items]
    ours = [identity for identity in ids if identity in story.model.records]
    judged = ids if story.own_server else ours  # others' records may change between pages
    reply.must(len(judged) == len(set(judged)), "each record once over all pages")
    missing, extra = wanted - optional - set(ours), set(ours) - wanted - optional
    if missing or extra:
        there = [page for page in read if extra & {item["id"] for item in page.data}]
        page = [*there, *(page for page in reversed(read) if page.data), reply][0]
        text = [f"also the records {sorted(missing)}"] * bool(missing)
        text += [f"not the records {sorted(extra)}"] * bool(extra)
        raise page.breach(f"among {len(set(ours))} records {', and '.join(text)}", MODEL_SOURCE)
    times = [instants.parse(item["updatedAtTime"]) for item in items]
    reply.must(times == sorted(times), "records by time of last change")


def whole_stream(story: Story) -> None:
    """Read all that the story has changed, deleted records included, and count the records."""
    for entity in {record.owner[0] for record in story.model.records.values()}:
        query = {"includeDeleted": "true", "includeExternalIds": "true"}
        stream(story, entity, startTime=_before(story), **query)


class Reader:
    """
    Reads the changes that came since it read the last time, as a caller does that keeps a copy.

    Args:
        story: What the changes are compared with.
        entity: The entity type.
        by_cursor: Whether it goes on from the last cursor, not from the last change.
    """

    def __init__(self, story: Story, entity: str, *, by_cursor: bool) -> None:
        self._story = story
        self._by_cursor = by_cursor
        self._query = {
            "entityType": entity,
            "startTime": _before(story),
            "includeDeleted": "true",
            "includeExternalIds": "true",
        }
        self._seen: dict[str, Json] = {}

    def sees(self, *records: str) -> None:
        """Read on, and fail unless just these of the story's records have changed."""
        read, items = _pages(self._story, self._query)
        known = self._story.model.records
        ours = {item["id"]: settled(item) for item in items if item["id"] in known}
        changed = sorted(name for name, item in ours.items() if item != self._seen.get(name))
        text = f"the changes of {sorted(records)} since the last look, came {changed}"
        page = [*(page for page in reversed(read) if page.data), read[-1]][0]
        page.must(changed == sorted(records), text)
        self._seen |= ours
        if not self._by_cursor:
            self._query.pop("after", None)
            times = (item["updatedAtTime"] for item in self._seen.values())
            self._query["startTime"] = max(times, key=instants.parse)


def between_pages(story: Story, entity: str, end: str, write: Callable[[list[str]], None]) -> None:
    """Read until two records came, let something be written, and read on: none is left out."""
    query = {"entityType": entity, "startTime": _before(story), "endTime": end}
    live = {r.id for r in story.model.live() if r.owner[0] == entity}
    records = {r for r in live if _within(story.changed[r], query["startTime"], end)}
    shown: list[str] = []
    while len(shown) < min(2, len(records)):  # others may fill whole pages
        page = story.api.stream(**query).answers(OK)
        shown += [item["id"] for item in page.data if item["id"] in records]
        query["after"] = page.pagination["endCursor"]
        if not page.pagination["hasNextPage"]:
            return
    write(shown)
    read, items = _pages(story, query)
    left = records - set(shown) - {item["id"] for item in items}
    read[-1].must(not left, f"the records {sorted(left)}, which no page has shown")


def types(story: Story, entity: str) -> None:
    """List the types of an entity, all and by id."""
    known = {key: kind for key, kind in story.facts.types.items() if kind["entityType"] == entity}
    some = sorted(known)[:2]
    others = [*UNKNOWN_UUIDS, *sorted(story.facts.types.keys() - known)[:1]]
    lists = [some[:1], some, *([] if story.differs("type_filter") else [[*others, *some[::-1]]])]
    for ids in ([], *lists):
        query, wanted = {"ids": ",".join(ids)} if ids else {}, set(ids or known) & known.keys()
        reply, found = pages(story.api.types, {"entityType": entity, **query})
        came = [kind["id"] for kind in found]
        reply.must(len(came) == len(wanted), f"{len(wanted)} types over all pages, each once")
        reply.must(set(came) == wanted, f"the types {sorted(wanted)} of each {entity}")
        for kind in found:
            reply.must(kind == known[kind["id"]], f"the type {kind['id']} as it was before")


def _pages(story: Story, query: dict[str, str]) -> tuple[list[Reply], list[Json]]:
    """Read all pages that follow, and check each record; return the pages, and all records."""
    read: list[Reply] = []
    items: list[Json] = []
    cursors: set[str] = set()
    polls = "endTime" not in query and story.facts.choices["stream_open_end"] == "polls"
    while True:
        reply = story.api.stream(**query).answers(OK)
        read.append(reply)
        items += reply.data
        for item in reply.data:
            _check_item(story, reply, item, query)
        cursor = reply.pagination["endCursor"]
        if polls:
            source = "behaviour stream_open_end (documented)"
            reply.must(reply.pagination["hasNextPage"], "a next page, without endTime", source)
        if not reply.pagination["hasNextPage"]:
            return read, items
        reply.must(cursor, "a cursor for the next page")
        if polls and not reply.data:
            query["after"] = cursor
            return read, items
        reply.must(cursor not in cursors, f"another cursor than {cursor!r} again")
        cursors.add(cursor)
        reply.must(len(cursors) < MAX_PAGES, f"an end of the pages, after {MAX_PAGES}")
        query["after"] = cursor


def _check_item(story: Story, reply: Reply, item: Json, query: dict[str, str]) -> None:
    entity = query["entityType"]
    reply.must(item["owner"]["entityType"] == entity, f"records of each {entity} only")
    within = _within(item["updatedAtTime"], query["startTime"], query.get("endTime"))
    reply.must(within, "only records that changed in the time asked for")
    asked = query.get("includeExternalIds") == "true"
    if not asked:
        _has_no_external_ids(reply, item)
    if item["id"] not in story.model.records:
        creations_and_refusals = [w for w in story.api.writes if w.status != OK]
        made = reply.after(creations_and_refusals, item["issueDate"])
        made.must(not story.twin(item), f"no record {item['id']}, which nobody has made")
        return
    if item["id"] in story.deleted:  # no look has seen what the deletion did
        deletions = [w for w in story.api.writes if w.request.method == "DELETE"]
        reply = reply.after(deletions, item["id"])
    story.check_listed(reply, item, external_ids=asked)
    if item["id"] in story.deleted:
        when, after = instants.parse(item["updatedAtTime"]), story.deleted.pop(item["id"])
        later = when > after or (when == after and not story.own_server)
        reply.must(later, f"a deletion of {item['id']} that is later than the write before")
        story.changed[item["id"]] = item["updatedAtTime"]


def _has_no_external_ids(reply: Reply, record: Json) -> None:
    absent = "externalIds" not in record and "externalIds" not in record["owner"]
    source = "behaviour external_ids_on_request (documented)"
    reply.must(absent, "no external ids, since none were asked for", source)


def _before(story: Story) -> str:
    return instants.render(min(map(instants.parse, story.changed.values())) - instants.SECOND)


def _changed_within(story: Story, record_id: str, start: str, end: str | None) -> bool:
    if record_id in story.deleted:  # after that time, nobody knows when
        return end is None and instants.parse(start) <= story.deleted[record_id]
    return _within(story.changed[record_id], start, end)


def _perhaps_within(story: Story, record_id: str, start: str, end: str | None) -> bool:
    if record_id in story.deleted:
        return not _changed_within(story, record_id, start, end)
    return story.differs("stream_start") and _at(start, story.changed[record_id])


def _at(one: str, other: str) -> bool:
    return instants.parse(one) == instants.parse(other)


def _within(changed: str, start: str, end: str | None) -> bool:
    when = instants.parse(changed)
    return instants.parse(start) <= when and (end is None or when < instants.parse(end))
