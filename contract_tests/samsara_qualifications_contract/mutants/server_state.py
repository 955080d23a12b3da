"""Faults of the server's state: what writes do to records, and to their dates."""

from __future__ import annotations

import copy
import json
import re
import time
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.exchange import (
    HANDLE,
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
from samsara_qualifications_contract.mutants.fault import Make, Table, swap, switch, wrap
from samsara_qualifications_contract.oracle.instants import CLEAR, moment, representable

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications.mock import MockServer, Request, Response

    Handle = Callable[[MockServer, Request], Response]

PARTIAL = "update_is_partial (documented)"
CREATE = "createQualificationRecord"
STATE = "mock.state:State"
NEAR = 1_000_000_000


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


def _keep_owner_ids(exchange: Exchange) -> None:
    old = exchange.before["owner"].get("externalIds", {})
    store(owner={**exchange.stored["owner"], "externalIds": old})(exchange)


def _slowly(go: Handle, server: MockServer, request: Request) -> Response:
    """Read, wait, and write all that was read."""
    record = json.loads(request.body).get("id", "") if request.method == "PATCH" else ""
    if (old := copy.deepcopy(server.records.get(record))) is None:
        return go(server, request)
    time.sleep(0.01)
    server.records[record] = old
    return go(server, request)


def _revive(exchange: Exchange) -> None:
    record = exchange.server.records[exchange.body["id"]]
    turn("recordStatus", lambda status: status.replace("deleted", "active"))(record)


def _updated(pattern: str, new: str) -> Make:
    """Return what rewrites the dates of updates."""

    def apply(given: dict[str, Any]) -> None:
        for name in ("issueDate", "expirationDate"):
            turn(name, lambda text: re.sub(pattern, new, text), str)(given)

    return body("update", apply)


def _clear(condition: Callable[[int], bool]) -> Make:
    """Return what clears the expiration date where an instant is like that."""

    def apply(text: str) -> str:
        found = moment(text)
        return CLEAR if found != text and condition(found) else text

    return body("update", turn("expirationDate", apply, str))


def _is_clear(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda given: given.get(name) == CLEAR


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
        "a new owner gets the external ids of the old one": after("update", _keep_owner_ids),
    },
    ("persistence", PARTIAL): {
        "an update is answered but not stored": after("update", restore()),
        "an update changes another record, too": after(
            "update", lambda x: put(issueDate=x.stored["issueDate"])(_neighbour(x))
        ),
        "an update moves the time of creation": after(
            "update", lambda x: store(createdAtTime=x.stored["updatedAtTime"])(x)
        ),
        "of updates at once the last one undoes the others": wrap(HANDLE, _slowly),
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
    ("dates", "epoch_clears (documented)"): {
        "the clear value is stored as a date": swap(f"{STATE}._clears", lambda *_: False),
        "the clear value is ignored": body(
            "update", where(_is_clear("expirationDate"), drop("expirationDate"))
        ),
        "a second around the epoch clears, too": _clear(lambda at: abs(at) <= NEAR),
        "every date before the epoch clears": _clear(lambda at: at <= 0 and representable(at)),
        "the epoch as an issue date is ignored": body(
            "update", where(_is_clear("issueDate"), drop("issueDate"))
        ),
    },
    ("dates", "assumed: epoch_offset_forms_clear, epoch_on_create, times_in_utc"): {
        "only the spelling with Z clears": switch("epoch_offset_forms_clear", "only_z"),
        "created with the clear value, a record expires in 1970": after(
            "create",
            where(lambda x: _is_clear("expirationDate")(x.body), store(expirationDate=CLEAR)),
        ),
        "fractions of a second are dropped": _updated(r"\.\d+", ""),
    },
    ("dates", PARTIAL): {
        "an absent expiration date is cleared": body(
            "update", lambda given: given.setdefault("expirationDate", CLEAR)
        ),
        "setting the expiration date sets the issue date": body(
            "update",
            where(
                lambda given: "expirationDate" in given,
                lambda given: put(issueDate=given["expirationDate"])(given),
            ),
        ),
        "an issue date is ignored": body("update", drop("issueDate")),
        "times are cut to the day": _updated(r"T\d\d:\d\d:\d\d", "T00:00:00"),
    },
    ("dates", "date-time of RFC 3339 (documented)"): {
        "offsets are ignored": _updated(r"[+-]\d\d:\d\d$", "Z"),
        "an hour that summer time skips is moved": _updated("2027-03-14T02", "2027-03-14T03"),
    },
    ("dates", CREATE): {
        "a created record never expires": body("create", drop("expirationDate")),
    },
}
