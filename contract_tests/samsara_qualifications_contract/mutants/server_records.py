"""Faults of whole records: what is lost, doubled, left behind, or shown otherwise than stored."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import copy
import re
import unicodedata
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from samsara_qualifications.mock import MockServer, Request, Response
from samsara_qualifications.mock.paging import Page
from samsara_qualifications_contract.mutants.fault import (
    Exchange,
    Fault,
    on_request,
    on_response,
    swap,
)
from samsara_qualifications_contract.mutants.server_state import PARTIAL, STATE, after
from samsara_qualifications_contract.mutants.server_values import FIELD, at, fields, inputs, records
from samsara_qualifications_contract.oracle import instants

if TYPE_CHECKING:
    from collections.abc import Callable

STREAM = "streamQualificationRecords"
GET = "getQualificationRecords"
REFUSED = "an error changes nothing"
UNIQUE = "external_ids_unique (documented)"
OFFSET = "b2Zmc2V0"


def streamed(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each record of the stream."""

    def apply(exchange: Exchange) -> None:
        if exchange.name == STREAM and exchange.success:
            for item in exchange.payload["data"]:
                change(item)

    return on_response(apply)


def _as_created(*names: str) -> Callable[[], None]:
    """Return what shows properties in the stream as they were when the record was made."""
    born: dict[str, Any] = {}

    def apply(exchange: Exchange) -> None:
        if exchange.name == "create" and exchange.success:
            born[exchange.payload["data"]["id"]] = copy.deepcopy(exchange.payload["data"])
        if exchange.name == STREAM and exchange.success:
            for item in exchange.payload["data"]:
                old = born.get(item["id"], item)
                item.update({name: old[name] for name in names if name in item and name in old})

    return on_response(apply)


class _Offsets(Page):
    """Pages that count how many items came before."""

    def __init__(self, items: Any, place: Any, after: str | None, size: int, chosen: Any) -> None:
        found = sorted(filter(chosen, items), key=place)
        known = after is not None and after.startswith(OFFSET) and after[len(OFFSET) :].isdigit()
        if not known:
            super().__init__(items, place, after, size, chosen)
        self._count = (int(cast("str", after)[len(OFFSET) :]) if known else 0) + size
        self.items = found[self._count - size : self._count]
        self._left = len(found) > self._count

    def pagination(self, *, endless_from: str | None = None) -> Any:
        more = self._left or endless_from is not None
        at = self._count if self._left else self._count - 3 + len(self.items)
        return {"endCursor": f"{OFFSET}{at}" if more else "", "hasNextPage": more}


def marked(operation: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes the stored record after a deletion, an archiving or its undoing."""
    return after(operation, lambda x: change(_own(x)))


def _own(exchange: Exchange) -> dict[str, Any]:
    """Return the stored record, as a copy that takes its place."""
    record: dict[str, Any] = copy.deepcopy(exchange.stored)
    exchange.server.records[record["id"]] = record
    return record


def _field(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Any], None]:
    def apply(record: dict[str, Any]) -> None:
        for item in record["fields"]:
            if item["type"] == kind:
                change(item)

    return apply


def _new_media(item: dict[str, Any]) -> None:
    for medium in item["mediaList"]:
        medium["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, medium["id"]))


def updated(change: Callable[[dict[str, Any], Exchange], object]) -> Callable[[], None]:
    """Return what changes the stored record, and the answer, after an update."""

    def apply(exchange: Exchange) -> None:
        record = _own(exchange)
        change(record, exchange)
        exchange.payload["data"] = copy.deepcopy(record)

    return after("update", apply)


def refused(
    operation: str, change: Callable[[Exchange], object], statuses: tuple[int, ...] = (400,)
) -> Callable[[], None]:
    """Return what happens although a request was refused."""

    def apply(exchange: Exchange) -> None:
        if exchange.name == operation and exchange.response.status in statuses:
            change(exchange)

    return on_response(apply)


def _keep(*names: str) -> Callable[[Exchange], None]:
    """Return what stores properties of a refused update, where their form is right."""
    forms: dict[str, Callable[[Any], bool]] = {
        "issueDate": _is_time,
        "expirationDate": _is_time,
        "externalIds": lambda v: (
            isinstance(v, dict) and all(isinstance(i, str) for i in v.values())
        ),
        "owner": lambda v: isinstance(v, dict) and isinstance(v.get("id"), str),
    }

    def apply(exchange: Exchange) -> None:
        record = exchange.server.records.get(str(exchange.body.get("id")))
        for name in names if record else ():
            value = exchange.body.get(name)
            if value is None or not forms[name](value):
                continue
            assert record is not None
            if name == "owner":
                record["owner"] = {**record["owner"], "id": value["id"]}
            else:
                record[name] = {**record[name], **value} if isinstance(value, dict) else value

    return apply


def _is_time(value: Any) -> bool:
    try:
        return instants.representable(instants.parse(value))
    except (TypeError, ValueError):
        return False


def _keep_first_field(exchange: Exchange) -> None:
    record = exchange.server.records.get(str(exchange.body.get("id")))
    given = exchange.body.get("fields")
    if record and isinstance(given, list):
        for item in given[:1]:
            if isinstance(item, dict) and item.get("type") == "text" and "textValue" in item:
                for stored in record["fields"]:
                    if stored["id"] == item.get("id"):
                        stored["textValue"] = item["textValue"]


def _touch(exchange: Exchange) -> None:
    record = exchange.server.records.get(str(exchange.body.get("id")))
    if record and record["recordStatus"] != "deleted":
        record["updatedAtTime"] = record["updatedAtTime"].replace("Z", "1Z")


def _twin(exchange: Exchange) -> None:
    identity = exchange.payload["data"]["id"]
    other = str(uuid.uuid5(uuid.NAMESPACE_URL, identity))
    made = {**copy.deepcopy(exchange.server.records[identity]), "id": other, "externalIds": {}}
    exchange.server.records[other] = made


def _half_made(exchange: Exchange) -> None:
    kind = exchange.body.get("qualificationType")
    if not isinstance(kind, dict) or "owner" not in exchange.body or not exchange.server.records:
        return
    last = copy.deepcopy(list(exchange.server.records.values())[-1])
    last["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, exchange.payload["requestId"]))
    exchange.server.records[last["id"]] = {**last, "externalIds": {}, "recordStatus": "active"}


def applied_anyway(*statuses: int) -> Callable[[], None]:
    """Return what applies a request although it is answered with one of these errors."""

    def apply() -> None:
        original = MockServer.handle

        def handle(self: MockServer, request: Request) -> Response:
            response = original(self, request)
            if response.status in statuses and request.method != "GET":
                right = {
                    "authorization": f"Bearer {self.token}",
                    "content-type": "application/json",
                }
                original(self, replace(request, headers={**request.headers, **right}))
            return response

        MockServer.handle = handle  # type: ignore[method-assign]

    return apply


def _move_external_ids(exchange: Exchange) -> None:
    given = exchange.body.get("externalIds")
    taken = given if isinstance(given, dict) else {}
    for record in exchange.server.records.values():
        ids = record.get("externalIds", {})
        if record["id"] != exchange.body.get("id"):
            record["externalIds"] = {k: v for k, v in ids.items() if taken.get(k) != v}


def texts(change: Callable[[str], str]) -> Callable[[], None]:
    """Return what changes the texts of fields in the requests."""
    return inputs(
        "text", at("textValue", "value", lambda v: change(v) if isinstance(v, str) else v)
    )


def numbers(change: Callable[[float], float]) -> Callable[[], None]:
    """Return what changes the numbers of fields in the requests."""
    return inputs(
        "number",
        at(
            "numberValue",
            "value",
            lambda v: change(v) if isinstance(v, float | int) and not isinstance(v, bool) else v,
        ),
    )


def _cells(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    def apply(item: dict[str, Any]) -> None:
        for row in item["tableValue"]["rows"]:
            for cell in row["cells"]:
                if cell["type"] == kind:
                    change(cell)

    return fields("table", apply)


def external_ids(change: Callable[[dict[str, str]], Any]) -> Callable[[], None]:
    """Return what changes the external ids of writes on their way in."""

    def apply(exchange: Exchange) -> None:
        given = exchange.body.get("externalIds")
        if isinstance(given, dict) and all(isinstance(v, str) for v in given.values()):
            exchange.body["externalIds"] = change(given)

    return on_request(apply)


def unique(clash: Callable[[dict[str, Any], dict[str, Any]], bool]) -> Callable[[], None]:
    """Return what finds another record's external ids to be the same."""
    from samsara_qualifications.mock.messages import Refused  # noqa: PLC0415

    def check(state: Any, record: dict[str, Any]) -> None:
        for other in state.records.values():
            live = other["recordStatus"] != "deleted"
            if live and other["id"] != record["id"] and clash(record, other):
                raise Refused(400, "externalIds: taken")

    return swap(f"{STATE}._check_unique", check)


def _pairs(record: dict[str, Any]) -> set[tuple[str, str]]:
    return set(record.get("externalIds", {}).items())


def _folded(record: dict[str, Any]) -> set[tuple[str, str]]:
    return {(key, value.casefold()) for key, value in _pairs(record)}


def _values(record: dict[str, Any]) -> set[str]:
    return set(record.get("externalIds", {}).values())


def _first(record: dict[str, Any]) -> set[tuple[str, str]]:
    return set(list(record.get("externalIds", {}).items())[:1])


def answers(body: bytes, *operations: str) -> Callable[[], None]:
    """Return what puts a text into the body of a success."""

    def apply(exchange: Exchange) -> None:
        if exchange.name in operations and exchange.success:
            exchange.response = replace(exchange.response, body=body)

    return on_response(apply)


def _ten_ids(exchange: Exchange) -> None:
    if exchange.name == f"{GET}":
        exchange.query["ids"] = ",".join(exchange.query.get("ids", "").split(",")[:10])


def _folded_key(exchange: Exchange) -> None:
    if exchange.name == GET:
        parts = [part.partition(":") for part in exchange.query.get("ids", "").split(",")]
        exchange.query["ids"] = ",".join(f"{k.lower()}{c}{v}" for k, c, v in parts)


def _again_only(exchange: Exchange) -> None:
    archived = (exchange.before or {}).get("recordStatus") == "archived"
    if exchange.name == "archive" and exchange.success and archived:
        exchange.response = replace(exchange.response, body=b'{"message": "already archived"}')


def _one_value(exchange: Exchange) -> None:
    own = set((exchange.before or {}).get("externalIds", {}).items())
    given = exchange.body.get("externalIds")
    if exchange.name == "update" and isinstance(given, dict) and own & set(_safe(given)):
        exchange.refuse(400)


def _safe(given: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in given.items() if isinstance(value, str)]


FAULTS = [
    Fault("stream items", "the owner is that of the creation", STREAM, _as_created("owner")),
    Fault("stream items", "the fields are those of the creation", STREAM, _as_created("fields")),
    Fault(
        "stream items",
        "the external ids are those of the creation",
        STREAM,
        _as_created("externalIds"),
    ),
    Fault(
        "stream items",
        "the expiration date is left out",
        STREAM,
        streamed(lambda r: r.pop("expirationDate", None)),
    ),
    Fault(
        "stream items",
        "dates are cut to the day",
        STREAM,
        streamed(lambda r: r.update(issueDate=f"{r['issueDate'][:10]}T00:00:00Z")),
    ),
    Fault("stream items", "there are no fields", STREAM, streamed(lambda r: r.update(fields=[]))),
    Fault(
        "stream items",
        "tables have no rows",
        STREAM,
        streamed(_field("table", lambda i: i["tableValue"].update(rows=[]))),
    ),
    Fault(
        "stream items",
        "only the first file is shown",
        STREAM,
        streamed(_field("media", lambda i: i.update(mediaList=i["mediaList"][:1]))),
    ),
    Fault(
        "stream items",
        "a record is as old as its last change",
        STREAM,
        streamed(lambda r: r.update(createdAtTime=r["updatedAtTime"])),
    ),
    Fault(
        "stream items",
        "owners have external ids that were not asked for",
        "external_ids_on_request (documented)",
        streamed(lambda r: r["owner"].setdefault("externalIds", {"payroll": "1"})),
    ),
    Fault(
        "stream items",
        "a deleted record has lost its fields",
        STREAM,
        streamed(lambda r: r.update(fields=[]) if r["recordStatus"] == "deleted" else None),
    ),
    Fault(
        "stream items",
        "a deletion is no change that a later reader sees",
        "changes_are_ordered (documented)",
        after("delete", lambda x: _own(x).update(updatedAtTime=(x.before or {})["updatedAtTime"])),
    ),
    Fault(
        "stream items",
        "archiving is no change that a later reader sees",
        "changes_are_ordered (documented)",
        after("archive", lambda x: _own(x).update(updatedAtTime=(x.before or {})["updatedAtTime"])),
    ),
    Fault(
        "stream items",
        "cursors are offsets",
        "components/schemas/Pagination",
        swap("mock.state:Page", _Offsets),
    ),
    Fault(
        "whole record",
        "archiving loses the expiration date",
        "archiveQualificationRecord",
        marked("archive", lambda r: r.pop("expirationDate", None)),
    ),
    Fault(
        "whole record",
        "unarchiving loses the expiration date",
        "unarchiveQualificationRecord",
        marked("unarchive", lambda r: r.pop("expirationDate", None)),
    ),
    Fault(
        "whole record",
        "archiving loses the external ids",
        "archiveQualificationRecord",
        marked("archive", lambda r: r.update(externalIds={})),
    ),
    Fault(
        "whole record",
        "unarchiving loses fields that are not required",
        "unarchiveQualificationRecord",
        marked("unarchive", lambda r: r.update(fields=r["fields"][:1])),
    ),
    Fault(
        "whole record",
        "archiving loses the rows of tables",
        "archiveQualificationRecord",
        marked("archive", _field("table", lambda i: i["tableValue"].update(rows=[]))),
    ),
    Fault(
        "whole record",
        "unarchiving gives files new ids",
        "unarchiveQualificationRecord",
        marked("unarchive", _field("media", _new_media)),
    ),
    Fault(
        "whole record",
        "unarchiving makes the caller the creator",
        "unarchiveQualificationRecord",
        marked("unarchive", lambda r: r.update(createdBy={"id": "7", "type": "driver"})),
    ),
    Fault(
        "whole record",
        "an update gives the other files new ids",
        PARTIAL,
        updated(lambda r, x: None if "fields" in x.body else _field("media", _new_media)(r)),
    ),
    Fault(
        "whole record",
        "clearing the expiration date empties tables",
        PARTIAL,
        updated(
            lambda r, x: (
                _field("table", lambda i: i["tableValue"].update(rows=[]))(r)
                if x.body.get("expirationDate") == instants.CLEAR
                else None
            )
        ),
    ),
    Fault(
        "whole record",
        "a new owner starts without an expiration date",
        PARTIAL,
        updated(lambda r, x: r.pop("expirationDate", None) if "owner" in x.body else None),
    ),
    Fault(
        "whole record",
        "a read without external ids has fewer fields",
        GET,
        records(
            lambda r: None if "externalIds" in r else r.update(fields=r["fields"][:2]),
        ),
    ),
    Fault(
        "twice",
        "a read shows a field twice",
        GET,
        records(lambda r: r.update(fields=r["fields"] + r["fields"][-1:])),
    ),
    Fault(
        "twice",
        "the stream shows a field twice",
        STREAM,
        streamed(lambda r: r.update(fields=r["fields"] + r["fields"][:1])),
    ),
    Fault(
        "twice",
        "a cell stands twice in its row",
        FIELD,
        fields(
            "table",
            lambda i: [r.update(cells=r["cells"] * 2) for r in i["tableValue"]["rows"]],
        ),
    ),
    Fault(
        "twice",
        "a creation makes two records",
        "createQualificationRecord",
        after("create", _twin),
    ),
    Fault("twice", "an update leaves a copy", PARTIAL, after("update", _twin)),
    Fault(
        "refusals",
        "dates are stored although the rest is refused",
        REFUSED,
        refused("update", _keep("issueDate", "expirationDate")),
    ),
    Fault(
        "refusals",
        "external ids are stored although the rest is refused",
        REFUSED,
        refused("update", _keep("externalIds")),
    ),
    Fault(
        "refusals",
        "the owner is stored although a field is refused",
        REFUSED,
        refused("update", _keep("owner")),
    ),
    Fault(
        "refusals",
        "the fields before the wrong one are stored",
        REFUSED,
        refused("update", _keep_first_field),
    ),
    Fault(
        "refusals", "a refused update moves the time of change", REFUSED, refused("update", _touch)
    ),
    Fault(
        "refusals",
        "a refused creation leaves a record",
        REFUSED,
        refused("create", _half_made, (400, 404)),
    ),
    Fault("refusals", "a wrong token is refused, and obeyed", REFUSED, applied_anyway(401)),
    Fault("refusals", "another content type is refused, and obeyed", REFUSED, applied_anyway(415)),
    Fault(
        "refusals",
        "an external id in conflict is taken from the other record",
        REFUSED,
        refused("update", _move_external_ids),
    ),
    Fault(
        "exact values", "numbers end at 1e20", FIELD, numbers(lambda n: max(min(n, 1e20), -1e20))
    ),
    Fault(
        "exact values",
        "numbers are of 32 bits",
        FIELD,
        numbers(lambda n: max(min(n, 2**31), -(2**31))),
    ),
    Fault(
        "exact values", "small numbers are 0", FIELD, numbers(lambda n: 0 if abs(n) < 1e-6 else n)
    ),
    Fault(
        "exact values",
        "texts are composed",
        FIELD,
        texts(lambda t: unicodedata.normalize("NFC", t)),
    ),
    Fault(
        "exact values",
        "texts are decomposed",
        FIELD,
        texts(lambda t: unicodedata.normalize("NFD", t)),
    ),
    Fault("exact values", "CR LF is LF", FIELD, texts(lambda t: t.replace("\r\n", "\n"))),
    Fault("exact values", "blanks around a text are lost", FIELD, texts(str.strip)),
    Fault("exact values", "texts end after 255 characters", FIELD, texts(lambda t: t[:255])),
    Fault("exact values", "texts end after 4096 characters", FIELD, texts(lambda t: t[:4096])),
    Fault(
        "exact values",
        "leading zeros are lost",
        FIELD,
        texts(lambda t: t.lstrip("0") if t.isdigit() else t),
    ),
    Fault(
        "exact values",
        "texts are escaped for HTML",
        FIELD,
        texts(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    ),
    Fault("exact values", "blanks in a text are one", FIELD, texts(lambda t: re.sub(" +", " ", t))),
    Fault(
        "exact values",
        "texts in cells are composed",
        FIELD,
        _cells("text", at("textValue", "value", lambda v: unicodedata.normalize("NFC", v))),
    ),
    Fault(
        "exact values",
        "numbers in cells are whole",
        FIELD,
        _cells("number", at("numberValue", "value", int)),
    ),
    Fault(
        "exact values",
        "times in fields are cut to the second",
        FIELD,
        fields("datetime", at("dateTimeValue", "value", lambda v: re.sub(r"\.\d+", "", v))),
    ),
    Fault(
        "exact values",
        "external ids are composed",
        "external ids",
        external_ids(lambda g: {k: unicodedata.normalize("NFC", v) for k, v in g.items()}),
    ),
    Fault(
        "exact values",
        "external ids lose blanks around them",
        "external ids",
        external_ids(lambda g: {k: v.strip() for k, v in g.items()}),
    ),
    Fault(
        "more than one",
        "of two ticked options the first is kept",
        FIELD,
        inputs(
            "check_boxes",
            at("checkBoxesValue", "valueIds", lambda v: v[:1] if isinstance(v, list) else v),
        ),
    ),
    Fault(
        "more than one",
        "of two files the first is kept",
        FIELD,
        inputs(
            "media", at("mediaValue", "mediaList", lambda v: v[:1] if isinstance(v, list) else v)
        ),
    ),
    Fault(
        "more than one",
        "of two rows the first is kept",
        FIELD,
        inputs("table", at("tableValue", "rows", lambda v: v[:1] if isinstance(v, list) else v)),
    ),
    Fault("more than one", "a read knows ten ids", "parameter ids", on_request(_ten_ids)),
    Fault(
        "more than one",
        "uniqueness looks at the first key only",
        UNIQUE,
        unique(lambda a, b: bool(_first(a) & _pairs(b))),
    ),
    Fault(
        "more than one",
        "uniqueness does not tell capitals apart",
        UNIQUE,
        unique(lambda a, b: bool(_folded(a) & _folded(b))),
    ),
    Fault(
        "more than one",
        "a value is unique over all keys",
        UNIQUE,
        unique(lambda a, b: bool(_values(a) & _values(b))),
    ),
    Fault(
        "more than one",
        "uniqueness ends at the kind of owner",
        UNIQUE,
        unique(
            lambda a, b: (
                a["owner"]["entityType"] == b["owner"]["entityType"] and bool(_pairs(a) & _pairs(b))
            )
        ),
    ),
    Fault(
        "more than one",
        "archived records free their external ids",
        UNIQUE,
        unique(lambda a, b: b["recordStatus"] != "archived" and bool(_pairs(a) & _pairs(b))),
    ),
    Fault(
        "more than one",
        "keys are written in small letters",
        "external ids",
        external_ids(lambda g: {k.lower(): v for k, v in g.items()}),
    ),
    Fault(
        "more than one",
        "a read finds a key in any case",
        "parameter ids",
        on_request(_folded_key),
    ),
    Fault(
        "more than one",
        "two external ids are enough",
        "external ids",
        external_ids(lambda g: dict(list(g.items())[:2])),
    ),
    Fault(
        "more than one",
        "a record's own external id is taken",
        UNIQUE,
        on_request(_one_value),
    ),
    Fault(
        "empty bodies",
        "archiving answers with the record",
        "archiveQualificationRecord",
        after("archive", lambda x: x.payload.update(data=x.stored)),
    ),
    Fault(
        "empty bodies",
        "unarchiving answers with the id",
        "unarchiveQualificationRecord",
        after("unarchive", lambda x: x.payload.update(id=x.body["id"])),
    ),
    Fault(
        "empty bodies", "deleting answers OK", "deleteQualificationRecord", answers(b"OK", "delete")
    ),
    Fault(
        "empty bodies",
        "archiving and its undoing answer null",
        "archiveQualificationRecord",
        answers(b"null", "archive", "unarchive"),
    ),
    Fault(
        "empty bodies",
        "archiving an archived record says so",
        "archive_twice (assumed)",
        on_response(_again_only),
    ),
]
