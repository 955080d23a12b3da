"""Faults of the lists: reads by id, the stream, the types, and their pages."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.fault import Fault, on_request, on_response, switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.mutants.fault import Exchange

STREAM = "streamQualificationRecords"
TYPES = "listQualificationTypes"
GET = "getQualificationRecords"
PAGES = "components/schemas/Pagination"


def _query(operation: str, change: Callable[[dict[str, str]], object]) -> Callable[[], None]:
    return on_request(lambda x: change(x.query) if x.name in {operation, f"{operation}s"} else None)


def _page(operation: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    def apply(exchange: Exchange) -> None:
        if exchange.operation and exchange.operation.id == operation and exchange.success:
            change(exchange.payload)

    return on_response(apply)


def _items(operation: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[], None]:
    return _page(operation, lambda page: page.update(data=change(page["data"])))


def _without(operation: str, name: str) -> Callable[[], None]:
    return _query(operation, lambda query: query.pop(name, None))


def _last_page(page: dict[str, Any]) -> None:
    page["pagination"] = {"endCursor": "", "hasNextPage": False}


def _first_id(query: dict[str, str]) -> None:
    query["ids"] = query.get("ids", "").partition(",")[0]


def _later(text: str) -> str:
    return text.replace("Z", "1Z") if "." in text else text.replace("Z", ".000001Z")


def _move(name: str) -> Callable[[dict[str, str]], object]:
    return lambda query: query.update({name: _later(query[name])}) if name in query else None


def _endless(page: dict[str, Any]) -> None:
    if page["data"] and not page["pagination"]["hasNextPage"]:
        page["pagination"] = {"endCursor": "b25jZSBtb3Jl", "hasNextPage": True}


def _any_key(exchange: Exchange) -> None:
    reference = exchange.query.get("ids", "")
    if exchange.name.startswith("get") and ":" in reference and "," not in reference:
        exchange.query["ids"] = "hr:" + reference.partition(":")[2]


FAULTS = [
    Fault(
        "stream",
        "the end of the window is included",
        "stream_window (documented)",
        _query(STREAM, _move("endTime")),
    ),
    Fault(
        "stream",
        "the start of the window is left out",
        "stream_start (assumed)",
        _query(STREAM, _move("startTime")),
    ),
    Fault(
        "stream",
        "the end of the window is ignored",
        "stream_window (documented)",
        _query(
            STREAM, lambda q: q.update(endTime="3000-01-01T00:00:00Z") if "endTime" in q else None
        ),
    ),
    Fault(
        "stream",
        "the filter by owner is ignored",
        "parameter ownerIds",
        _without(STREAM, "ownerIds"),
    ),
    Fault(
        "stream",
        "the filter by type is ignored",
        "parameter qualificationTypeIds",
        _without(STREAM, "qualificationTypeIds"),
    ),
    Fault(
        "stream",
        "the filter by type drops that by owner",
        "parameters ownerIds and qualificationTypeIds",
        _query(STREAM, lambda q: q.pop("ownerIds", None) if "qualificationTypeIds" in q else None),
    ),
    Fault(
        "stream",
        "a filter takes its last id only",
        "parameter ownerIds",
        _query(
            STREAM,
            lambda q: (
                q.update(ownerIds=q["ownerIds"].partition(",")[0]) if "ownerIds" in q else None
            ),
        ),
    ),
    Fault(
        "stream",
        "workers are always streamed",
        "parameter entityType",
        _query(
            STREAM,
            lambda q: q.update(entityType="worker") if q.get("entityType") == "asset" else None,
        ),
    ),
    Fault(
        "stream",
        "deleted records are never given",
        "deleted_on_request (documented)",
        _without(STREAM, "includeDeleted"),
    ),
    Fault(
        "stream",
        "deleted records are always given",
        "deleted_on_request (documented)",
        _query(STREAM, lambda q: q.setdefault("includeDeleted", "true")),
    ),
    Fault(
        "stream",
        "deleted records are given when told not to",
        "deleted_on_request (documented)",
        _query(
            STREAM, lambda q: q.update(includeDeleted="true") if "includeDeleted" in q else None
        ),
    ),
    Fault(
        "stream",
        "the latest change comes first",
        "changes_are_ordered (documented)",
        _items(STREAM, lambda items: items[::-1]),
    ),
    Fault(
        "stream", "a page lacks its last record", PAGES, _items(STREAM, lambda items: items[:-1])
    ),
    Fault(
        "stream",
        "a page repeats its last record",
        PAGES,
        _items(STREAM, lambda items: items + items[-1:]),
    ),
    Fault("stream", "there is one page only", PAGES, _page(STREAM, _last_page)),
    Fault("stream", "the cursor is ignored", PAGES, _without(STREAM, "after")),
    Fault(
        "stream", "a page says that another follows, which does not", PAGES, _page(STREAM, _endless)
    ),
    Fault(
        "stream",
        "a stream without end ends",
        "stream_open_end (documented)",
        switch("stream_open_end", "ends"),
    ),
    Fault(
        "stream",
        "archived records are left out",
        STREAM,
        _items(STREAM, lambda items: [i for i in items if i["recordStatus"] != "archived"]),
    ),
    Fault(
        "stream",
        "pages have no cursor",
        PAGES,
        _page(STREAM, lambda p: p["pagination"].pop("endCursor")),
    ),
    Fault("types", "the filter by id is ignored", "parameter ids", _without(TYPES, "ids")),
    Fault(
        "types",
        "types of workers are always listed",
        "parameter entityType",
        _query(
            TYPES,
            lambda q: q.update(entityType="worker") if q.get("entityType") == "asset" else None,
        ),
    ),
    Fault(
        "types",
        "a page repeats its last type",
        PAGES,
        _items(TYPES, lambda items: items + items[-1:]),
    ),
    Fault(
        "types",
        "a type by its id lacks its fields",
        "components/schemas/QualificationType",
        on_response(
            lambda x: (
                [k.update(fields=[]) for k in x.payload["data"]]
                if x.query.get("ids") and x.name == TYPES
                else None
            )
        ),
    ),
    Fault(
        "types",
        "a type without fields leaves the list of them out",
        "components/schemas/QualificationType",
        _items(TYPES, lambda items: [{k: v for k, v in i.items() if k != "fields"} for i in items]),
    ),
    Fault("reads", "a read gives the first record only", "parameter ids", _query(GET, _first_id)),
    Fault(
        "reads", "a read gives a record twice", GET, _items(GET, lambda items: items + items[:1])
    ),
    Fault("reads", "a read by external id ignores the key", "parameter ids", on_request(_any_key)),
    Fault(
        "reads",
        "a read by external id finds nothing",
        "parameter ids",
        on_request(
            lambda x: x.refuse(404) if x.name == GET and ":" in x.query.get("ids", "") else None
        ),
    ),
]
