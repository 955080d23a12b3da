"""Get, stream and list."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.mock import MockServer, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api


def ids(body: dict[str, Any]) -> list[str]:
    """Return the ids of the items on a page."""
    return [item["id"] for item in body["data"]]


def pages(read: Callable[..., tuple[int, Any]], **query: str) -> list[list[str]]:
    """Return the ids of all pages."""
    status, body = read(**query)
    found = [ids(body)]
    while body["pagination"]["hasNextPage"]:
        status, body = read(**query, after=body["pagination"]["endCursor"])
        found.append(ids(body))
        assert len(found) < 20, "the pages do not end"
    assert status == 200
    return found


def test_get_answers_in_the_order_asked_each_record_once(api: Api) -> None:
    """Ids and external ids may be mixed."""
    first, second = list(api.server.records)[:2]
    external = "hr:licence-281475"  # the second's

    assert [second, first] == ids(api.get(second, first, second, external)[1])


@pytest.mark.parametrize(("asked", "shown"), [("true", True), ("false", False), (None, False)])
def test_external_ids_are_shown_on_request(api: Api, asked: str | None, *, shown: bool) -> None:
    """They stand on the record and on its owner, or on neither."""
    query = {"includeExternalIds": asked} if asked else {}

    [record] = api.get("workshop:T-0042", **query)[1]["data"]
    [streamed] = api.stream(entityType="asset", ownerIds="212014918", **query)[1]["data"]

    assert record == streamed
    assert ({"workshop": "T-0042"} if shown else None) == record.get("externalIds")
    assert ({"plate": "LK-42-TR"} if shown else None) == record["owner"].get("externalIds")


@pytest.mark.parametrize("unknown", ["nothing", "hr:nothing", "nokey:x", ":", ""])
def test_an_unknown_id_answers_404_for_all(api: Api, unknown: str) -> None:
    """One unknown id spoils the whole read."""
    assert api.get(api.seed, unknown)[0] == 404


def test_an_unknown_id_can_be_omitted(new_api: Callable[..., Api]) -> None:
    """With the switch, the known records come back."""
    api = new_api(behaviours={"unknown_get": "omitted"})

    assert (200, [api.seed]) == ((found := api.get("nothing", api.seed))[0], ids(found[1]))


@pytest.mark.parametrize(("choice", "status"), [("unknown", 404), ("returned", 200)])
def test_reading_a_deleted_record(new_api: Callable[..., Api], choice: str, status: int) -> None:
    """It is unknown, or with the switch it comes back as deleted."""
    api = new_api(behaviours={"deleted_get": choice})
    api.write("DELETE", "/qualification-records", id=api.seed)

    answer, body = api.get(api.seed)

    assert status == answer
    assert choice == "unknown" or ["deleted"] == [r["recordStatus"] for r in body["data"]]


def test_reading_an_archived_record(api: Api) -> None:
    """It comes back as archived."""
    api.write("POST", "/qualification-records/archive", id=api.seed)

    assert "archived" == api.get(api.seed)[1]["data"][0]["recordStatus"]


def test_ids_are_100_at_most_and_one_at_least(new_api: Callable[..., Api]) -> None:
    """The limit is on the list, whatever is in it."""
    api = new_api(behaviours={"unknown_get": "omitted"})
    many = [str(number) for number in range(101)]

    assert api.get(*many[:100])[0] == 200
    assert api.get(*many)[0] == 400
    assert api.get()[0] == 400
    assert api.types(ids=",".join(many))[0] == 400
    assert api.stream(ownerIds=",".join(many))[0] == 400
    assert api.stream(qualificationTypeIds=",".join(many))[0] == 400


def test_the_stream_is_sorted_by_last_change(api: Api) -> None:
    """A record that changes moves to the end."""
    before = ids(api.stream()[1])
    assert api.seed == before[0]

    api.update()

    assert [*before[1:], api.seed] == ids(api.stream()[1])
    times = [record["updatedAtTime"] for record in api.stream()[1]["data"]]
    assert sorted(times) == times


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"startTime": "2022-03-02T08:00:00Z"}, 3),  # one changed just then
        ({"startTime": "2022-03-02T08:00:00.001Z"}, 2),
        ({"endTime": "2022-03-02T08:00:00Z"}, 1),
        ({"endTime": "2022-03-02T08:00:00.001Z"}, 2),
        ({"startTime": "2022-03-02T10:00:00+02:00", "endTime": "2022-03-02T08:00:01Z"}, 1),
        ({"startTime": "2030-01-01T00:00:00Z", "endTime": "2029-01-01T00:00:00Z"}, 0),
        ({"ownerIds": "281475"}, 2),
        ({"ownerIds": "281475,281474,nobody"}, 4),
        ({"ownerIds": "nobody"}, 0),
        ({"ownerIds": ""}, 4),
        ({"qualificationTypeIds": "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"}, 2),
        ({"qualificationTypeIds": "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7", "ownerIds": "281475"}, 1),
        ({"entityType": "asset"}, 2),
        ({"entityType": "asset", "ownerIds": "281475"}, 0),
    ],
)
def test_the_stream_is_filtered(api: Api, query: dict[str, str], count: int) -> None:
    """Start included, end excluded; owners and types are sets; entity types are apart."""
    status, body = api.stream(**query)

    assert (200, count) == (status, len(body["data"]))


@pytest.mark.parametrize(("asked", "shown"), [("true", True), ("false", False), (None, False)])
def test_the_stream_shows_deleted_records_on_request(
    api: Api, asked: str | None, *, shown: bool
) -> None:
    """They come as deleted, or not at all."""
    api.write("DELETE", "/qualification-records", id=api.seed)
    query = {"includeDeleted": asked} if asked else {}

    found = {record["id"]: record["recordStatus"] for record in api.stream(**query)[1]["data"]}

    assert ("deleted" if shown else None) == found.get(api.seed)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_a_bounded_stream_ends(new_api: Callable[..., Api], size: int) -> None:
    """All records come once, in order, on pages that are full but for the last."""
    whole = ids(new_api().stream()[1])
    api = new_api(page_size=size)

    found = pages(api.stream)

    assert [whole[place : place + size] for place in range(0, len(whole), size)] == found
    assert {"endCursor": "", "hasNextPage": False} == new_api().stream()[1]["pagination"]


def test_ten_thousand_records_stream_in_seconds(
    new_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record's time is read once, not once for each page."""
    api = new_api(seed_data={})
    blank = MockServer().records[api.seed] | {"fields": []}
    for second in range(10_000):
        changed = times.render(times.EPOCH + timedelta(seconds=second))
        record = blank | {"id": f"{second}", "updatedAtTime": changed}
        api.server.records[record["id"]] = record
    read: list[str] = []
    parse = times.parse
    times.sortable.cache_clear()
    monkeypatch.setattr(times, "parse", lambda text: read.append(text) or parse(text))
    start = time.process_time()

    status, body = api.stream(startTime="1970-01-01T00:00:00Z")
    found = ids(body)
    while body["pagination"]["hasNextPage"]:
        after = body["pagination"]["endCursor"]
        status, body = api.stream(startTime="1970-01-01T00:00:00Z", after=after)
        found += ids(body)

    assert (200, [str(number) for number in range(10_000)]) == (status, found)
    assert 10_000 + 1 == len(read)  # and the window's end
    assert time.process_time() - start < 5


def open_stream(api: Api, **query: str) -> tuple[list[str], dict[str, Any]]:
    """Stream without an end."""
    start = {"entityType": "worker", "startTime": "2000-01-01T00:00:00Z"}
    status, body = api.read("/qualification-records/stream", **start | query)
    assert status == 200
    return ids(body), body["pagination"]


def test_an_open_stream_polls_for_ever(new_api: Callable[..., Api]) -> None:
    """Each page promises a next; an empty one keeps the place, and later changes follow it."""
    api = new_api(page_size=3)
    first, page = open_stream(api)
    second, page = open_stream(api, after=page["endCursor"])
    third, same = open_stream(api, after=page["endCursor"])

    assert (3, 1, 0) == (len(first), len(second), len(third))
    assert page == same
    assert page["hasNextPage"] is True

    api.update()
    changed, _ = open_stream(api, after=same["endCursor"])
    assert [api.seed] == changed


def test_an_open_stream_of_nothing_has_a_cursor(api: Api) -> None:
    """What changes from the start time on follows it."""
    nothing, page = open_stream(api, startTime="2026-01-01T00:00:00Z")
    api.update()  # at this very time

    assert [] == nothing
    assert [api.seed] == open_stream(api, after=page["endCursor"])[0]


def test_an_open_stream_can_end(new_api: Callable[..., Api]) -> None:
    """With the switch, the last page is the last."""
    api = new_api(behaviours={"stream_open_end": "ends"}, page_size=3)
    first, page = open_stream(api)
    second, last = open_stream(api, after=page["endCursor"])

    assert (3, True, 1) == (len(first), page["hasNextPage"], len(second))
    assert {"endCursor": "", "hasNextPage": False} == last


@pytest.mark.parametrize(
    "cursor",
    ["x", "%%%", "äöü", base64.urlsafe_b64encode(b"somewhere").decode(), "_w==", "YWZ0ZXIg_w=="],
)
def test_a_cursor_that_no_page_gave_is_refused(api: Api, cursor: str) -> None:
    """It is a mistake of the client, so it must not look like an empty page."""
    assert api.stream(after=cursor)[0] == 400
    assert api.types(after=cursor)[0] == 400


def test_an_empty_cursor_is_the_first_page(api: Api) -> None:
    """A last page gives an empty one."""
    assert api.stream() == api.stream(after="")


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(("entity", "count"), [("worker", 3), ("asset", 2)])
def test_types_are_listed_by_entity(
    new_api: Callable[..., Api], entity: str, count: int, size: int
) -> None:
    """All types of the entity come once, on pages."""
    api = new_api(page_size=size)
    expected = {k["id"] for k in api.server.types.values() if k["entityType"] == entity}

    found = [item for page in pages(api.types, entityType=entity) for item in page]

    assert count == len(found)
    assert expected == set(found)


def test_types_are_shown_whole(api: Api) -> None:
    """The list shows each type as it is stored."""
    assert [api.server.types[kind["id"]] for kind in api.types()[1]["data"]] == api.types()[1][
        "data"
    ]


def test_types_are_filtered_by_id(api: Api) -> None:
    """Unknown ids, and those of the other entity, match nothing."""
    trailer = api.kind("Trailer Annual Inspection")["id"]

    assert [api.seed] == ids(api.types(ids=f"{api.seed},unknown,{trailer}")[1])
    assert [] == ids(api.types(ids="unknown")[1])
    assert 3 == len(ids(api.types(ids="")[1]))
