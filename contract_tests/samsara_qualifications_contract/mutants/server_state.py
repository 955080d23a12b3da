"""Faults of the server's state: what writes do to records, dates apart."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.fault import (
    Fault,
    on_request,
    on_response,
    swap,
    switch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.mutants.fault import Exchange

PARTIAL = "update_is_partial (documented)"
STATE = "mock.state:State"


def body(operation: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes the body of an operation's valid requests."""

    def apply(exchange: Exchange) -> None:
        if exchange.name == operation:
            change(exchange.body)

    return on_request(apply)


def after(operation: str, change: Callable[[Exchange], object]) -> Callable[[], None]:
    """Return what happens after an operation has succeeded."""

    def apply(exchange: Exchange) -> None:
        if exchange.name == operation and exchange.success:
            change(exchange)

    return on_response(apply)


def _cut(name: str, keep: Callable[[Any], Any]) -> Callable[[dict[str, Any]], object]:
    def change(body: dict[str, Any]) -> None:
        if name in body:
            body[name] = keep(body[name])

    return change


def restore(exchange: Exchange, *names: str) -> None:
    """Put properties of the record back to what they were; all of them without names."""
    assert exchange.before is not None
    for name in names or tuple(exchange.before):
        exchange.stored[name] = exchange.before[name]


def _neighbour(exchange: Exchange) -> dict[str, Any]:
    others = [r for r in exchange.server.records.values() if r["id"] != exchange.body["id"]]
    return others[-1]


def _wrong_record(exchange: Exchange) -> None:
    _neighbour(exchange)["issueDate"] = exchange.stored["issueDate"]


def _revive(exchange: Exchange) -> None:
    if exchange.before and exchange.name == "update":
        record = exchange.server.records[exchange.body["id"]]
        record["recordStatus"] = record["recordStatus"].replace("deleted", "active")


def _refuse_archived(exchange: Exchange) -> None:
    if exchange.name == "update" and (exchange.before or {}).get("recordStatus") == "archived":
        exchange.refuse(404)


def store(exchange: Exchange, **values: Any) -> None:
    """Set properties in the state and in the answer."""
    exchange.stored.update(values)
    exchange.payload["data"].update(copy.deepcopy(values))


def _without(name: str) -> Callable[[Exchange], object]:
    def change(exchange: Exchange) -> None:
        if name not in exchange.body:
            store(exchange, **{name: [] if name == "fields" else {}})

    return change


def _forget_creation(exchange: Exchange) -> None:
    del exchange.server.records[exchange.payload["data"]["id"]]


def _second_delete_succeeds(exchange: Exchange) -> None:
    if exchange.name == "delete" and exchange.response.status == 404 and exchange.before:
        exchange.response = type(exchange.response)(status=200)


def _empty_external_ids_clear(exchange: Exchange) -> None:
    if exchange.body.get("externalIds") == {}:
        store(exchange, externalIds={})


FAULTS = [
    Fault(
        "fields",
        "fields that are not named are dropped",
        "fields_merge (assumed)",
        switch("fields_merge", "replace"),
    ),
    Fault(
        "fields",
        "an update without fields drops them",
        PARTIAL,
        after("update", _without("fields")),
    ),
    Fault(
        "fields",
        "only the first field is applied",
        PARTIAL,
        body("update", _cut("fields", lambda v: v[:1])),
    ),
    Fault(
        "fields",
        "fields are ignored in updates",
        PARTIAL,
        body("update", lambda b: b.pop("fields", None)),
    ),
    Fault(
        "fields",
        "required fields may be missing",
        "create_needs_required_fields (documented)",
        swap("mock.fields:missing", lambda *_: []),
    ),
    Fault(
        "external ids",
        "keys that are not named are dropped",
        "external_ids_merge (assumed)",
        switch("external_ids_merge", "replace"),
    ),
    Fault(
        "external ids",
        "external ids are ignored in updates",
        PARTIAL,
        body("update", lambda b: b.pop("externalIds", None)),
    ),
    Fault(
        "external ids",
        "external ids are ignored in creations",
        "createQualificationRecord",
        body("create", lambda b: b.pop("externalIds", None)),
    ),
    Fault(
        "external ids",
        "an empty map removes all",
        "external_ids_merge (assumed)",
        after("update", _empty_external_ids_clear),
    ),
    Fault(
        "external ids",
        "an update without external ids drops them",
        PARTIAL,
        after("update", _without("externalIds")),
    ),
    Fault(
        "external ids",
        "two records may share a value",
        "external_ids_unique (documented)",
        swap(f"{STATE}._check_unique", lambda *_: None),
    ),
    Fault(
        "external ids",
        "an external id names the record to update",
        "update_accepts_external_id (assumed)",
        switch("update_accepts_external_id", "yes"),
    ),
    Fault(
        "owner",
        "a change of owner is ignored",
        PARTIAL,
        body("update", lambda b: b.pop("owner", None)),
    ),
    Fault(
        "owner",
        "a change of owner is answered but not stored",
        PARTIAL,
        after("update", lambda x: restore(x, "owner")),
    ),
    Fault("persistence", "an update is answered but not stored", PARTIAL, after("update", restore)),
    Fault(
        "persistence",
        "a creation is answered but not stored",
        "createQualificationRecord",
        after("create", _forget_creation),
    ),
    Fault(
        "persistence",
        "an update changes another record, too",
        PARTIAL,
        after("update", _wrong_record),
    ),
    Fault(
        "persistence",
        "an update moves the time of creation",
        PARTIAL,
        after("update", lambda x: store(x, createdAtTime=x.stored["updatedAtTime"])),
    ),
    Fault(
        "persistence",
        "an update leaves the time of change",
        "every_write_is_later (assumed)",
        after("update", lambda x: store(x, updatedAtTime=(x.before or {})["updatedAtTime"])),
    ),
    Fault(
        "status",
        "archiving is not stored",
        "archiveQualificationRecord",
        after("archive", restore),
    ),
    Fault(
        "status",
        "archiving deletes",
        "archiveQualificationRecord",
        after("archive", lambda x: x.stored.update(recordStatus="deleted")),
    ),
    Fault(
        "status",
        "unarchiving is not stored",
        "unarchiveQualificationRecord",
        after("unarchive", restore),
    ),
    Fault(
        "status",
        "unarchiving works for other records, too",
        "unarchiveQualificationRecord",
        after("unarchive", lambda x: _neighbour(x).update(recordStatus="active")),
    ),
    Fault(
        "status", "deleting is not stored", "deleteQualificationRecord", after("delete", restore)
    ),
    Fault(
        "status",
        "deleting archives",
        "deleteQualificationRecord",
        after("delete", lambda x: x.stored.update(recordStatus="archived")),
    ),
    Fault(
        "status",
        "deleting twice succeeds",
        "deleted_cannot_change (assumed)",
        on_response(_second_delete_succeeds),
    ),
    Fault(
        "status",
        "an update revives a deleted record",
        "deleted_cannot_change (assumed)",
        on_request(_revive),
    ),
    Fault(
        "status",
        "an archived record cannot be updated",
        "archived_can_change (assumed)",
        on_request(_refuse_archived),
    ),
    Fault(
        "status",
        "an update unarchives",
        "archived_can_change (assumed)",
        after("update", lambda x: store(x, recordStatus="active")),
    ),
]
