"""Faults of whole records: what is lost, doubled, left behind, or shown otherwise than stored."""

from __future__ import annotations

import copy
import re
import unicodedata
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from samsara_qualifications.mock.messages import Refused
from samsara_qualifications.mock.paging import Page
from samsara_qualifications_contract.mutants.exchange import (
    HANDLE,
    Change,
    Exchange,
    after,
    before,
    cells,
    drop,
    each,
    fields,
    on_response,
    put,
    query,
    records,
    stored,
    turn,
    where,
)
from samsara_qualifications_contract.mutants.fault import Make, Table, swap, wrap
from samsara_qualifications_contract.mutants.server_state import PARTIAL, STATE, store
from samsara_qualifications_contract.mutants.server_values import (
    FIELD,
    firsts,
    numbers,
    shown,
    texts,
)
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications.mock import MockServer, Request, Response
    from samsara_qualifications_contract.oracle.spec import Json

GET = "getQualificationRecords"
CREATE = "createQualificationRecord"
ARCHIVE, UNARCHIVE = "archiveQualificationRecord", "unarchiveQualificationRecord"
EXTERNAL_IDS = "external ids"
OFFSET = "b2Zmc2V0"
OTHER_TYPES = {"HAZMAT Certificate", "Crane Load Test"}
NFC, NFD = partial(unicodedata.normalize, "NFC"), partial(unicodedata.normalize, "NFD")
NO_ROWS = fields("table", turn("tableValue.rows", lambda _: []))
FIRST_FILE = fields("media", turn("mediaList", lambda files: files[:1]))
NEW_FILES = fields(
    "media", each("mediaList", turn("id", lambda old: str(uuid.uuid5(uuid.NAMESPACE_URL, old))))
)


def _as_created(*names: str) -> Make:
    """Return what shows properties in the stream as they were when the record was made."""
    born: dict[str, Json] = {}

    def apply(exchange: Exchange) -> None:
        if exchange.name == "create":
            born[exchange.payload["data"]["id"]] = copy.deepcopy(exchange.payload["data"])
            return
        for item in exchange.payload["data"]:
            old = born.get(item["id"]) or item
            item.update({name: old[name] for name in names if name in item and name in old})

    return after("create stream", apply)


class _Offsets(Page):
    """Pages that count how many items came before."""

    def __init__(self, items: Any, place: Any, after: Any, size: int, chosen: Any) -> None:
        found = sorted(filter(chosen, items), key=place)
        count = (after or "").removeprefix(OFFSET)
        if after == count or not count.isdigit():
            super().__init__(items, place, after, size, chosen)
            count = "0"
        self._count = int(count) + size
        self.items = found[self._count - size : self._count]
        self._left = len(found) > self._count

    def pagination(self, *, endless_from: str | None = None) -> Any:
        more = self._left or endless_from is not None
        at = self._count if self._left else self._count - 3 + len(self.items)
        return {"endCursor": f"{OFFSET}{at}" if more else "", "hasNextPage": more}


def updated(condition: Callable[[Json], object], change: Change) -> Make:
    """Return what changes the stored record, and the answer, after some updates."""

    def apply(exchange: Exchange) -> None:
        record = exchange.own
        change(record)
        exchange.payload["data"] = copy.deepcopy(record)

    return after("update", where(lambda x: condition(x.body), apply))


def refused(operation: str, change: Change) -> Make:
    """Return what happens although a request was refused."""
    return on_response(where(lambda x: x.name == operation and x.response.status in _NO, change))


_NO = {400, 404}


def _keep(name: str, fits: Callable[[Any], bool] = is_object) -> Make:
    """Return what stores a property of a refused update, where its form is right."""

    def apply(exchange: Exchange) -> None:
        value = exchange.body.get(name)
        if exchange.stored and value is not None and fits(value):
            old = exchange.stored.get(name)
            exchange.stored[name] = {**old, **value} if is_object(old) else value

    return refused("update", apply)


def _is_time(value: Any) -> bool:
    at = instants.moment(value)
    return isinstance(at, int) and at is not value and instants.representable(at)


def _are_ids(value: Any) -> bool:
    return is_object(value) and all(isinstance(part, str) for part in value.values())


def _keep_first_field(exchange: Exchange) -> None:
    given = exchange.body.get("fields")
    for item in given[:1] if is_list(given) else []:
        if is_object(item) and item.get("type") == "text" and "textValue" in item:
            same = {"id": str(item.get("id"))}
            each("fields", put(textValue=item["textValue"]), **same)(exchange.stored)


def _twin(exchange: Exchange) -> None:
    _make_another(exchange, exchange.payload["data"]["id"], exchange.stored)


def _half_made(exchange: Exchange) -> None:
    known = list(exchange.server.records.values())
    if is_object(exchange.body.get("qualificationType")) and "owner" in exchange.body and known:
        last = {**known[-1], "recordStatus": "active"}
        _make_another(exchange, exchange.payload["requestId"], last)


def _half_updated(exchange: Exchange) -> None:
    like = list(exchange.server.records.values())[-1]
    change = {"recordStatus": "active", "issueDate": exchange.body.get("issueDate")}
    if _is_time(change["issueDate"]):
        _make_another(exchange, exchange.payload["requestId"], {**like, **change})


def _make_another(exchange: Exchange, name: str, like: Json) -> None:
    other = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    exchange.server.records[other] = {**copy.deepcopy(like), "id": other, "externalIds": {}}


def _obeyed(status: int) -> Make:
    """Return what applies a request although it is answered with this error."""

    def handle(go: Any, server: MockServer, request: Request) -> Response:
        response: Response = go(server, request)
        if response.status == status and request.method != "GET":
            right = {"authorization": f"Bearer {server.token}", "content-type": "application/json"}
            go(server, replace(request, headers={**request.headers, **right}))
        return response

    return wrap(HANDLE, handle)


def _take_external_ids(exchange: Exchange) -> None:
    given = exchange.body.get("externalIds")
    if not is_object(given):
        return
    for record in exchange.server.records.values():
        if record["id"] != exchange.body.get("id"):
            ids = record.get("externalIds", {})
            record["externalIds"] = {k: v for k, v in ids.items() if given.get(k) != v}


def _external_ids(change: Callable[[dict[str, str]], dict[str, str]]) -> Make:
    """Return what changes the external ids of writes on their way in."""
    ids = turn("externalIds", change)
    return before("", where(lambda x: _are_ids(x.body.get("externalIds")), lambda x: ids(x.body)))


def _unique(clash: Callable[[Json, Json], object]) -> Make:
    """Return what finds another record's external ids to be the same."""

    def check(state: Any, record: Json) -> None:
        for other in state.records.values():
            live = other["recordStatus"] != "deleted"
            if live and other["id"] != record["id"] and clash(record, other):
                raise Refused(400, "externalIds: taken")

    return swap(f"{STATE}._check_unique", check)


def _pairs(record: Json, form: Callable[[str], str] = str) -> set[tuple[str, str]]:
    return {(key, form(value)) for key, value in record.get("externalIds", {}).items()}


def _values(record: Json) -> set[str]:
    return {value for _, value in _pairs(record)}


def _first(record: Json) -> set[tuple[str, str]]:
    return set(list(record.get("externalIds", {}).items())[:1])


def _is_own(exchange: Exchange) -> bool:
    given = exchange.body.get("externalIds")
    return _are_ids(given) and bool(_pairs(exchange.body) & _pairs(exchange.before))


def _each_id(change: Callable[[str], str]) -> Change:
    return turn("ids", lambda ids: ",".join(map(change, ids.split(","))))


def _small_key(reference: str) -> str:
    key, colon, value = reference.partition(":")
    return f"{key.lower()}{colon}{value}"


def _unseen(operation: str) -> Make:
    """Return what leaves the time of change as it was."""
    return after(operation, lambda x: put(updatedAtTime=x.before["updatedAtTime"])(x.own))


FAULTS: Table = {
    ("stream items", "streamQualificationRecords"): {
        "the owner is that of the creation": _as_created("owner"),
        "the fields are those of the creation": _as_created("fields"),
        "the external ids are those of the creation": _as_created("externalIds"),
        "the expiration date is left out": records("stream", drop("expirationDate")),
        "dates are cut to the day": records(
            "stream", turn("issueDate", lambda text: f"{text[:10]}T00:00:00Z")
        ),
        "there are no fields": records("stream", put(fields=[])),
        "tables have no rows": records("stream", NO_ROWS),
        "only the first file is shown": records("stream", FIRST_FILE),
        "a record is as old as its last change": records(
            "stream", lambda record: put(createdAtTime=record["updatedAtTime"])(record)
        ),
        "owners have external ids that were not asked for": records(
            "stream", lambda record: record["owner"].setdefault("externalIds", {"payroll": "1"})
        ),
        "a deleted record has lost its fields": records(
            "stream", where(lambda record: record["recordStatus"] == "deleted", put(fields=[]))
        ),
    },
    ("stream items", "changes_are_ordered (documented)"): {
        "a deletion is no change that a later reader sees": _unseen("delete"),
        "archiving is no change that a later reader sees": _unseen("archive"),
    },
    ("stream items", "components/schemas/Pagination"): {
        "cursors are offsets": swap("mock.state:Page", _Offsets),
    },
    ("whole record", ARCHIVE): {
        "archiving loses the expiration date": stored("archive", drop("expirationDate")),
        "archiving loses the external ids": stored("archive", put(externalIds={})),
        "archiving loses the rows of tables": stored("archive", NO_ROWS),
    },
    ("whole record", UNARCHIVE): {
        "unarchiving loses the expiration date": stored("unarchive", drop("expirationDate")),
        "unarchiving loses fields that are not required": stored(
            "unarchive", turn("fields", lambda items: items[:1])
        ),
        "unarchiving gives files new ids": stored("unarchive", NEW_FILES),
        "unarchiving makes the caller the creator": stored(
            "unarchive", put(createdBy={"id": "7", "type": "driver"})
        ),
    },
    ("whole record", PARTIAL): {
        "an update gives the other files new ids": updated(
            lambda body: "fields" not in body, NEW_FILES
        ),
        "clearing the expiration date empties tables": updated(
            lambda body: body.get("expirationDate") == instants.CLEAR, NO_ROWS
        ),
        "a new owner starts without an expiration date": updated(
            lambda body: "owner" in body, drop("expirationDate")
        ),
    },
    ("whole record", "archived_can_change (assumed)"): {
        "the expiration date of an archived record stays": before(
            "update",
            where(
                lambda x: x.before.get("recordStatus") == "archived",
                lambda x: drop("expirationDate")(x.body),
            ),
        ),
    },
    ("whole record", CREATE): {
        "records of another type keep no numbers": records(
            "",
            where(
                lambda record: record["qualificationType"]["name"] in OTHER_TYPES,
                fields("number", put(numberValue={"value": 0})),
            ),
        ),
        "a creation obeys the status that it names": after(
            "create",
            lambda x: store(recordStatus=x.body.get("recordStatus", "active"))(x),
        ),
    },
    ("whole record", GET): {
        "the name of the type is another": records("", turn("qualificationType.name", str.upper)),
        "a creation lies after the last change": records(
            "", turn("createdAtTime", lambda text: text.replace("20", "21", 1))
        ),
        "a read without external ids has fewer fields": records(
            "",
            where(
                lambda record: "externalIds" not in record, turn("fields", lambda items: items[:2])
            ),
        ),
    },
    ("twice", "lists that are none of sets"): {
        "a read shows a field twice": records("", turn("fields", lambda v: v + v[-1:])),
        "the stream shows a field twice": records("stream", turn("fields", lambda v: v + v[:1])),
        "a cell stands twice in its row": shown(
            "table", each("tableValue.rows", turn("cells", lambda cells: cells * 2))
        ),
    },
    ("twice", "one record for a request"): {
        "a creation makes two records": after("create", _twin),
        "an update leaves a copy": after("update", _twin),
    },
    ("refusals", "an error changes nothing"): {
        "an issue date is stored although the rest is refused": _keep("issueDate", _is_time),
        "an expiration date is stored although the rest is refused": _keep(
            "expirationDate", _is_time
        ),
        "external ids are stored although the rest is refused": _keep("externalIds", _are_ids),
        "the owner is stored although a field is refused": _keep(
            "owner", lambda owner: is_object(owner) and isinstance(owner.get("id"), str)
        ),
        "the fields before the wrong one are stored": refused("update", _keep_first_field),
        "a refused update moves the time of change": refused(
            "update",
            where(
                lambda x: x.stored.get("recordStatus") in {"active", "archived"},
                lambda x: turn("updatedAtTime", lambda t: t.replace("Z", "1Z"))(x.stored),
            ),
        ),
        "a refused creation leaves a record": refused("create", _half_made),
        "a wrong token is refused, and obeyed": _obeyed(401),
        "another content type is refused, and obeyed": _obeyed(415),
        "an update of an unknown record is refused, and makes one": on_response(
            where(
                lambda x: x.name == "update" and x.response.status == 404 and not x.before,
                _half_updated,
            )
        ),
        "an external id in conflict is taken from the other record": refused(
            "update", _take_external_ids
        ),
    },
    ("exact values", FIELD): {
        "numbers end at 1e20": numbers(lambda n: max(min(n, 1e20), -1e20)),
        "numbers are of 32 bits": numbers(lambda n: max(min(n, 2**31), -(2**31))),
        "small numbers are 0": numbers(lambda n: 0 if abs(n) < 1e-6 else n),
        "texts are composed": texts(NFC),
        "texts are decomposed": texts(NFD),
        "CR LF is LF": texts(lambda text: text.replace("\r\n", "\n")),
        "blanks around a text are lost": texts(str.strip),
        "texts end after 255 characters": texts(lambda text: text[:255]),
        "texts end after 4096 characters": texts(lambda text: text[:4096]),
        "leading zeros are lost": texts(lambda t: t.lstrip("0") if t.isdigit() else t),
        "texts are escaped for HTML": texts(
            lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
        ),
        "blanks in a text are one": texts(lambda text: re.sub(" +", " ", text)),
        "texts in cells are composed": records("", cells("text", turn("textValue.value", NFC))),
        "numbers in cells are whole": records("", cells("number", turn("numberValue.value", int))),
        "times in fields are cut to the second": shown(
            "datetime", turn("dateTimeValue.value", lambda text: re.sub(r"\.\d+", "", text))
        ),
    },
    ("exact values", EXTERNAL_IDS): {
        "external ids are composed": _external_ids(lambda g: {k: NFC(v) for k, v in g.items()}),
        "external ids lose blanks around them": _external_ids(
            lambda given: {key: value.strip() for key, value in given.items()}
        ),
    },
    ("more than one", FIELD): {
        "of two ticked options the first is kept": firsts(
            "check_boxes", "checkBoxesValue.valueIds"
        ),
        "of two files the first is kept": firsts("media", "mediaValue.mediaList"),
        "of two rows the first is kept": firsts("table", "tableValue.rows"),
    },
    ("more than one", "parameter ids"): {
        "a read knows ten ids": query(
            "get", turn("ids", lambda ids: ",".join(ids.split(",")[:10]))
        ),
        "a read finds a key in any case": query("get", _each_id(_small_key)),
    },
    ("more than one", "external_ids_unique (documented)"): {
        "uniqueness looks at the first key only": _unique(lambda a, b: _first(a) & _pairs(b)),
        "uniqueness does not tell capitals apart": _unique(
            lambda a, b: _pairs(a, str.casefold) & _pairs(b, str.casefold)
        ),
        "a value is unique over all keys": _unique(lambda a, b: _values(a) & _values(b)),
        "uniqueness ends at the kind of owner": _unique(
            lambda a, b: (
                a["owner"]["entityType"] == b["owner"]["entityType"] and _pairs(a) & _pairs(b)
            )
        ),
        "archived records free their external ids": _unique(
            lambda a, b: b["recordStatus"] != "archived" and _pairs(a) & _pairs(b)
        ),
        "a record's own external id is taken": before(
            "update", where(_is_own, lambda x: x.refuse(400))
        ),
    },
    ("more than one", EXTERNAL_IDS): {
        "keys are written in small letters": _external_ids(
            lambda given: {key.lower(): value for key, value in given.items()}
        ),
        "two external ids are enough": _external_ids(lambda given: dict(list(given.items())[:2])),
    },
    ("empty bodies", "answers without content"): {
        "archiving answers with the record": after(
            "archive", lambda x: x.payload.update(data=x.stored)
        ),
        "unarchiving answers with the id": after(
            "unarchive", lambda x: x.payload.update(id=x.body["id"])
        ),
        "deleting answers OK": after("delete", lambda x: x.answer(200, b"OK")),
        "archiving and its undoing answer null": after(
            "archive unarchive", lambda x: x.answer(200, b"null")
        ),
    },
    ("empty bodies", "archive_twice (assumed)"): {
        "archiving an archived record says so": after(
            "archive",
            where(
                lambda x: x.before["recordStatus"] == "archived",
                lambda x: x.answer(200, b'{"message": "already archived"}'),
            ),
        ),
    },
}
