"""Faults of the lists: reads by id, the stream, the types, and their pages."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.exchange import (
    Change,
    after,
    before,
    drop,
    each,
    page,
    put,
    query,
    turn,
    where,
)
from samsara_qualifications_contract.mutants.fault import Make, Table, switch

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = "components/schemas/Pagination"


def _items(operation: str, change: Callable[[list[Any]], list[Any]]) -> Make:
    return page(operation, turn("data", change))


def _later(name: str) -> Change:
    return turn(name, lambda t: t.replace("Z", "1Z" if "." in t else ".000001Z"))


def _has(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda given: name in given


def _by_external_id(given: dict[str, str]) -> bool:
    return ":" in given.get("ids", "") and "," not in given["ids"]


ALWAYS_WORKERS = turn("entityType", lambda entity: "worker" if entity == "asset" else entity)
AHEAD = base64.urlsafe_b64encode(b"after 2999").decode()
FIRST = turn("ids", lambda ids: ids.partition(",")[0])

FAULTS: Table = {
    ("stream", "the window: stream_window (documented), stream_start (assumed)"): {
        "the end of the window is included": query("stream", _later("endTime")),
        "the start of the window is left out": query("stream", _later("startTime")),
        "the end of the window is ignored": query(
            "stream", turn("endTime", lambda _: "3000-01-01T00:00:00Z")
        ),
        "a stream without end ends": switch("stream_open_end", "ends"),
        "the offset of its start is ignored": query(
            "stream", turn("startTime", lambda text: re.sub(r"[+-]\d\d:\d\d$", "Z", text))
        ),
    },
    ("stream", "its parameters"): {
        "the filter by owner is ignored": query("stream", drop("ownerIds")),
        "the filter by type is ignored": query("stream", drop("qualificationTypeIds")),
        "the filter by type drops that by owner": query(
            "stream", where(_has("qualificationTypeIds"), drop("ownerIds"))
        ),
        "a filter takes its first id only": query(
            "stream", turn("ownerIds", lambda ids: ids.partition(",")[0])
        ),
        "a filter by type takes its last id only": query(
            "stream", turn("qualificationTypeIds", lambda ids: ids.rpartition(",")[2])
        ),
        "workers are always streamed": query("stream", ALWAYS_WORKERS),
    },
    ("stream", "deleted_on_request (documented)"): {
        "deleted records are never given": query("stream", drop("includeDeleted")),
        "deleted records are always given": query(
            "stream", lambda given: given.setdefault("includeDeleted", "true")
        ),
        "deleted records are given when told not to": query(
            "stream", turn("includeDeleted", lambda _: "true")
        ),
    },
    ("stream", "streamQualificationRecords"): {
        "the latest change comes first": _items("stream", lambda items: items[::-1]),
        "archived records are left out": _items(
            "stream", lambda items: [i for i in items if i["recordStatus"] != "archived"]
        ),
    },
    ("stream", PAGES): {
        "a page lacks its last record": _items("stream", lambda items: items[:-1]),
        "a page repeats its last record": _items("stream", lambda items: items + items[-1:]),
        "there is one page only": page(
            "stream", put(pagination={"endCursor": "", "hasNextPage": False})
        ),
        "the cursor is ignored": query("stream", drop("after")),
        "a page says that another follows, which does not": page(
            "stream",
            where(
                lambda p: p["data"] and not p["pagination"]["hasNextPage"],
                put(pagination={"endCursor": "b25jZSBtb3Jl", "hasNextPage": True}),
            ),
        ),
        "the cursor of an empty page lies ahead": page(
            "stream",
            where(
                lambda p: not p["data"] and p["pagination"]["hasNextPage"],
                put(pagination={"endCursor": AHEAD, "hasNextPage": True}),
            ),
        ),
        "pages have no cursor": page("stream", lambda p: p["pagination"].pop("endCursor")),
    },
    ("types", "its parameters"): {
        "the filter by id is ignored": query("list", drop("ids")),
        "of several types the first is listed": query("list", FIRST),
        "types of workers are always listed": query("list", ALWAYS_WORKERS),
    },
    ("types", PAGES): {
        "a page repeats its last type": _items("list", lambda items: items + items[-1:]),
    },
    ("types", "components/schemas/QualificationType"): {
        "a type by its id lacks its fields": after(
            "list",
            where(lambda x: x.query.get("ids"), lambda x: each("data", put(fields=[]))(x.payload)),
        ),
        "a type without fields leaves the list of them out": page(
            "list", each("data", drop("fields"))
        ),
    },
    ("reads", "parameter ids"): {
        "a read gives the first record only": query("get", FIRST),
        "a read by external id ignores the key": query(
            "get", where(_by_external_id, turn("ids", lambda ids: "hr:" + ids.partition(":")[2]))
        ),
        "a read by external id finds nothing": before(
            "get", where(lambda x: ":" in x.query.get("ids", ""), lambda x: x.refuse(404))
        ),
    },
    ("reads", "unknown_get (assumed)"): {
        "with external ids, what is unknown is left out": query(
            "get",
            where(
                lambda given: given.get("includeExternalIds") == "true",
                turn("ids", lambda ids: re.sub(",nobody$", "", ids)),
            ),
        ),
    },
    ("reads", "getQualificationRecords"): {
        "the second of two external ids is not looked up": query(
            "get", turn("ids", lambda ids: re.sub("^([^,]+:[^,]+),[^,]+:[^,]+$", r"\1", ids))
        ),
        "a read gives a record twice": _items("get", lambda items: items + items[:1]),
    },
}
