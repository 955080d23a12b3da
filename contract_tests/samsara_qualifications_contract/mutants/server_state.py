"""Faults of the server's state: what writes do to records, dates apart."""

from __future__ import annotations

from typing import Any

from samsara_qualifications_contract.mutants.exchange import (
    Change,
    Exchange,
    after,
    before,
    body,
    drop,
    on_response,
    put,
    stored,
    turn,
    where,
)
from samsara_qualifications_contract.mutants.fault import Table, swap, switch

PARTIAL = "update_is_partial (documented)"
CREATE = "createQualificationRecord"
STATE = "mock.state:State"


def store(**values: Any) -> Change:
    """Return what sets properties in the state and in the answer."""

    def apply(exchange: Exchange) -> None:
        put(**values)(exchange.stored)
        put(**values)(exchange.payload["data"])

    return apply


def restore(*names: str) -> Change:
    """Return what puts properties back to what they were; all of them without names."""
    return lambda x: x.stored.update({name: x.before[name] for name in names or x.before})


def _neighbour(exchange: Exchange) -> dict[str, Any]:
    return [r for r in exchange.server.records.values() if r["id"] != exchange.body["id"]][-1]


def _revive(exchange: Exchange) -> None:
    record = exchange.server.records[exchange.body["id"]]
    turn("recordStatus", lambda status: status.replace("deleted", "active"))(record)


FAULTS: Table = {
    ("fields", "fields_merge (assumed)"): {
        "fields that are not named are dropped": switch("fields_merge", "replace"),
    },
    ("fields", PARTIAL): {
        "an update without fields drops them": after(
            "update", where(lambda x: "fields" not in x.body, store(fields=[]))
        ),
        "only the first field is applied": body("update", turn("fields", lambda v: v[:1], list)),
        "fields are ignored in updates": body("update", drop("fields")),
    },
    ("fields", "create_needs_required_fields (documented)"): {
        "required fields may be missing": swap("mock.fields:missing", lambda *_: []),
    },
    ("external ids", "external_ids_merge (assumed)"): {
        "keys that are not named are dropped": switch("external_ids_merge", "replace"),
        "an empty map removes all": after(
            "update", where(lambda x: x.body.get("externalIds") == {}, store(externalIds={}))
        ),
    },
    ("external ids", PARTIAL): {
        "external ids are ignored in updates": body("update", drop("externalIds")),
        "an update without external ids drops them": after(
            "update", where(lambda x: "externalIds" not in x.body, store(externalIds={}))
        ),
    },
    ("external ids", CREATE): {
        "external ids are ignored in creations": body("create", drop("externalIds")),
    },
    ("external ids", "external_ids_unique (documented)"): {
        "two records may share a value": swap(f"{STATE}._check_unique", lambda *_: None),
    },
    ("external ids", "update_accepts_external_id (assumed)"): {
        "an external id names the record to update": switch("update_accepts_external_id", "yes"),
    },
    ("owner", PARTIAL): {
        "a change of owner is ignored": body("update", drop("owner")),
        "a change of owner is answered but not stored": after("update", restore("owner")),
    },
    ("persistence", PARTIAL): {
        "an update is answered but not stored": after("update", restore()),
        "an update changes another record, too": after(
            "update", lambda x: put(issueDate=x.stored["issueDate"])(_neighbour(x))
        ),
        "an update moves the time of creation": after(
            "update", lambda x: store(createdAtTime=x.stored["updatedAtTime"])(x)
        ),
        "an update leaves the time of change": after(
            "update", lambda x: store(updatedAtTime=x.before["updatedAtTime"])(x)
        ),
    },
    ("persistence", CREATE): {
        "a creation is answered but not stored": after(
            "create", lambda x: x.server.records.pop(x.payload["data"]["id"])
        ),
    },
    ("status", "archiveQualificationRecord"): {
        "archiving is not stored": after("archive", restore()),
        "archiving deletes": stored("archive", put(recordStatus="deleted")),
    },
    ("status", "unarchiveQualificationRecord"): {
        "unarchiving is not stored": after("unarchive", restore()),
        "unarchiving works for other records, too": after(
            "unarchive", lambda x: put(recordStatus="active")(_neighbour(x))
        ),
    },
    ("status", "deleteQualificationRecord"): {
        "deleting is not stored": after("delete", restore()),
        "deleting archives": stored("delete", put(recordStatus="archived")),
    },
    ("status", "deleted_cannot_change (assumed)"): {
        "deleting twice succeeds": on_response(
            where(
                lambda x: x.name == "delete" and x.response.status == 404 and x.before,
                lambda x: x.answer(200),
            )
        ),
        "an update revives a deleted record": before("update", where(lambda x: x.before, _revive)),
    },
    ("status", "archived_can_change (assumed)"): {
        "an archived record cannot be updated": before(
            "update",
            where(lambda x: x.before.get("recordStatus") == "archived", lambda x: x.refuse(404)),
        ),
        "an update unarchives": after("update", store(recordStatus="active")),
    },
}
