"""Faults of values and their form: what the server checks, and how it shows what it keeps."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.exchange import (
    Change,
    after,
    before,
    body,
    drop,
    each,
    fields,
    put,
    query,
    records,
    turn,
    where,
)
from samsara_qualifications_contract.mutants.fault import Make, Table, swap, switch
from samsara_qualifications_contract.mutants.server_state import STATE
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.mutants.exchange import Exchange
    from samsara_qualifications_contract.oracle.spec import Json

FIELD = "components/schemas/Field"
WRITES = "update create"
DAY, NAIVE, BARE = len("2024-08-08"), len("2024-08-08T18:53:23"), 32


def shown(kind: str, change: Change) -> Make:
    """Return what changes each field of a kind in the answers."""
    return records("", fields(kind, change))


def texts(change: Callable[[str], str]) -> Make:
    """Return what changes the texts of fields in the requests."""
    return body(WRITES, fields("text", turn("textValue.value", change, str)))


def numbers(change: Callable[[float], float]) -> Make:
    """Return what changes the numbers of fields in the requests."""
    keep = turn("numberValue.value", lambda v: v if isinstance(v, bool) else change(v), float | int)
    return body(WRITES, fields("number", keep))


def firsts(kind: str, path: str) -> Make:
    """Return what keeps the first item of a list in fields of a kind in the requests."""
    return body(WRITES, fields(kind, turn(path, lambda items: items[:1], list)))


def _place_ids(item: Json) -> None:
    for number, file in enumerate(item["mediaList"]):
        file["id"] = str(uuid.uuid5(uuid.UUID(item["id"]), str(number)))


def _only_its_value(given: Json) -> None:
    fields("number", drop("textValue"))(given)
    fields("text", drop("numberValue"))(given)


def _drop_unknown_fields(exchange: Exchange) -> None:
    known = {item["id"] for kind in exchange.server.types.values() for item in kind["fields"]}
    given = exchange.body.get("fields")
    if is_list(given):
        exchange.body["fields"] = [i for i in given if not is_object(i) or i.get("id") in known]


def _told(change: Change) -> Make:
    """Return what changes each object in the bodies of requests."""

    def walk(value: Any) -> None:
        if is_object(value):
            change(value)
        if is_list(value) or is_object(value):
            for item in list(value.values() if is_object(value) else value):
                walk(item)

    return body("", walk)


FAULTS: Table = {
    ("values", "field_must_fit (assumed)"): {
        "a field that the type does not define is dropped": before("update", _drop_unknown_fields),
        "options that the field lacks are taken": swap(
            "mock.fields:_labels", lambda _, chosen: list(chosen)
        ),
    },
    ("values", "assumed: one_value, owner_must_fit, decimals_kept, cell_id, date_in_utc"): {
        "a second value in a field is ignored": body(WRITES, _only_its_value),
        "an owner of the other kind is taken": swap(
            f"{STATE}._owner", lambda _, owner, kind: {**owner, "externalIds": {}}
        ),
        "numbers are rounded to two places": numbers(lambda number: round(number, 2)),
        "cells come back under their row's id": shown(
            "table", each("tableValue.rows", lambda row: each("cells", put(id=row["id"]))(row))
        ),
        "a date is a day off": shown(
            "datetime", turn("dateTimeValue.dateValue", lambda _: "2024-03-01")
        ),
    },
    ("values", FIELD): {
        "numbers lose their sign": shown("number", turn("numberValue.value", abs)),
        "texts are cut to four characters": texts(lambda text: text[:4]),
        "texts lose what is not Latin": shown(
            "text",
            turn("textValue.value", lambda v: v.encode("latin-1", "replace").decode("latin-1")),
        ),
        "only the first box is kept": shown(
            "check_boxes", lambda item: put(valueIds=[], value=[])(item["checkBoxesValue"])
        ),
        "labels stand beside the wrong ids": shown(
            "multiple_choice", turn("multipleChoiceValue.value", lambda v: f"not {v}")
        ),
        "rows of a table come back reversed": shown(
            "table", turn("tableValue.rows", lambda rows: rows[::-1])
        ),
        "a table loses its columns": shown("table", turn("tableValue.columns", lambda v: v[:1])),
        "a time of day is shown as a date and time": shown(
            "datetime",
            turn("dateTimeValue.type", lambda v: "time" if v == "datetime" else "datetime"),
        ),
        "only one of two files is kept": shown("media", turn("mediaList", lambda v: v[:1])),
        "zero counts as absent": body(
            WRITES,
            turn("fields", lambda v: [i for i in v if i.get("numberValue") != {"value": 0}], list),
        ),
        "control characters are dropped": texts(lambda t: "".join(c for c in t if c not in "\0\1")),
        "of a table ten rows are kept": body(
            WRITES, fields("table", turn("tableValue.rows", lambda rows: rows[:10], list))
        ),
        "a label is that of another field": records("", each("fields", put(label="Other"))),
    },
    ("values", "media_processing (assumed)"): {
        "two files get one id": shown(
            "media", lambda item: each("mediaList", put(id=item["id"]))(item)
        ),
        "a file's id is that of its place": shown("media", _place_ids),
        "other files than pictures are refused": before(
            WRITES, where(lambda x: b"application/pdf" in x.request.body, lambda x: x.refuse(400))
        ),
    },
    ("external ids", "external_ids_after_write, external_ids_on_request (documented)"): {
        "a write leaves out the external ids": after(
            WRITES, lambda x: drop("externalIds")(x.payload["data"])
        ),
        "reads always give external ids": query("get stream list", put(includeExternalIds="true")),
        "reads never give external ids": query("", drop("includeExternalIds")),
    },
    ("persistence", "updateQualificationRecord"): {
        "an update answers with the record as it was": after(
            "update", lambda x: x.payload.update(data=x.before)
        ),
        "a write answers another time of change than it stores": records(
            "update", put(updatedAtTime="2040-01-01T00:00:00Z")
        ),
    },
    ("reads", "assumed: unknown_get, deleted_get"): {
        "one unknown id is left out of a read": switch("unknown_get", "omitted"),
        "a deleted record can be read": switch("deleted_get", "returned"),
    },
    ("form", "components/schemas/QualificationRecord"): {
        "a required property is missing": records("", drop("updatedBy")),
        "an empty expiration date is null": records(
            "", lambda record: record.setdefault("expirationDate", None)
        ),
        "times lack their offset": records("", turn("issueDate", lambda t: t.removesuffix("Z"))),
        "times are numbers": records("", put(updatedAtTime=1_700_000_000)),
        "the type is that of another record": records(
            "", turn("qualificationType.id", lambda _: str(uuid.UUID(int=1)))
        ),
    },
    ("form", "schemas of its parts"): {
        "a status is written in capitals": records("", turn("recordStatus", str.upper)),
        "numbers are texts": records("", fields("number", turn("numberValue.value", str))),
        "a type's id is not a UUID": records("", turn("qualificationType.id", lambda _: "type-1")),
        "an upload that is finished has no id": records(
            "", fields("media", each("mediaList", drop("id")))
        ),
    },
    ("types of values", "type"): {
        "a truth value is taken for a text": _told(turn("value", str, bool)),
        "null counts as absent": _told(
            where(
                lambda item: item.get("issueDate", "") is None and "id" in item, drop("issueDate")
            )
        ),
        "a number is taken for an id": _told(turn("id", str, float)),
        "a text is taken for an empty list": _told(turn("valueIds", lambda _: [], str)),
        "an object is taken for an empty list": _told(turn("fields", lambda _: [], dict)),
        "an external id may be a number": _told(turn("hr", str, float)),
    },
    ("types of values", "format"): {
        "a date without offset is taken for UTC": _told(
            turn("issueDate", lambda t: f"{t}Z" if len(t) == NAIVE else t, str)
        ),
        "a date alone is taken for midnight": _told(
            turn("expirationDate", lambda t: f"{t}T00:00:00Z" if len(t) == DAY else t, str)
        ),
        "a UUID may lack its dashes": _told(
            turn("id", lambda t: str(uuid.UUID(t)) if len(t) == BARE and t.isalnum() else t, str)
        ),
    },
    ("types of values", "enum and required"): {
        "an unknown kind of owner counts as a worker": _told(
            turn("entityType", lambda t: t if t == "asset" else "worker", str)
        ),
        "a missing kind of owner counts as a worker": _told(
            where(
                lambda item: set(item) == {"id"} and str(item["id"]).isdigit(),
                put(entityType="worker"),
            )
        ),
        "a missing list of rows counts as empty": _told(
            where(
                lambda item: is_object(item.get("tableValue")),
                lambda item: item["tableValue"].setdefault("rows", []),
            )
        ),
    },
}
