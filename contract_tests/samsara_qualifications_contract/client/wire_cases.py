"""Every public call of the client, and the exact request that it must send."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

from samsara_qualifications import (
    CLEAR,
    UNSET,
    BarcodeCell,
    CheckBoxesCell,
    CheckBoxesField,
    DateTimeCell,
    DateTimeField,
    MediaField,
    MediaItem,
    MultipleChoiceCell,
    MultipleChoiceField,
    NumberCell,
    NumberField,
    Owner,
    PersonCell,
    SignatureField,
    TableField,
    TableRow,
    TextCell,
    TextField,
)
from samsara_qualifications.sentinels import Exactly
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import raised
from samsara_qualifications_contract.client.recorder import Recorder, answer, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

ID = samples.UUID


OTHER = "0cbbddb3-2541-4889-b4eb-92171cbfc142"


NOON = datetime(2025, 8, 27, 12, 20, 30, tzinfo=timezone(timedelta(hours=2)))


FILE = MediaItem.from_bytes("image/png", b"\x00\xff")


def failed(**changes: Any) -> Any:
    """Return the error of an update whose outcome is unknown."""
    client = client_of(Recorder(answer(501)))
    return raised(lambda: client.update("r", **changes))


def field(name: str, value: Any, kind: str) -> str:
    """Return an update's body with one custom field."""
    item = {"id": ID, "type": kind, name: value}
    return json.dumps({"id": "r", "fields": [item]}, ensure_ascii=False, separators=(",", ":"))


def table(name: str, value: Any, kind: str) -> str:
    """Return an update's body with a table of one cell."""
    cell = {"id": OTHER, "type": kind, name: value}
    return field("tableValue", {"rows": [{"id": ID, "cells": [cell]}]}, "table")


def in_table(cell: Any) -> list[TableField]:
    """Return a table field of one cell."""
    return [TableField(ID, [TableRow(ID, [cell])])]


UPDATES: dict[str, tuple[dict[str, Any], str]] = {
    "cleared": ({"expiration_date": CLEAR}, '{"id":"r","expirationDate":"1970-01-01T00:00:00Z"}'),
    "cleared, the others absent": (
        {
            **dict.fromkeys(["issue_date", "owner", "fields", "external_ids"], UNSET),
            "expiration_date": CLEAR,
        },
        '{"id":"r","expirationDate":"1970-01-01T00:00:00Z"}',
    ),
    "set": ({"expiration_date": NOON}, '{"id":"r","expirationDate":"2025-08-27T10:20:30Z"}'),
    "a day": ({"issue_date": date(2025, 8, 27)}, '{"id":"r","issueDate":"2025-08-27T00:00:00Z"}'),
    "microseconds": (
        {"issue_date": datetime(2025, 1, 2, 3, 4, 5, 60, tzinfo=UTC)},
        '{"id":"r","issueDate":"2025-01-02T03:04:05.000060Z"}',
    ),
    "year 2": (
        {"issue_date": datetime(2, 1, 1, tzinfo=UTC)},
        '{"id":"r","issueDate":"0002-01-01T00:00:00Z"}',
    ),
    "year 9999": (
        {"issue_date": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)},
        '{"id":"r","issueDate":"9999-12-31T23:59:59.999999Z"}',
    ),
    "worker": (
        {"owner": Owner.worker("281474")},
        '{"id":"r","owner":{"entityType":"worker","id":"281474"}}',
    ),
    "asset": ({"owner": Owner.asset("7")}, '{"id":"r","owner":{"entityType":"asset","id":"7"}}'),
    "an external id cleared": (
        {"external_ids": {"hr": CLEAR}},
        '{"id":"r","externalIds":{"hr":""}}',
    ),
    "unicode": (
        {"external_ids": {"schlüssel": "Zoë 🚚 \u2028\x00"}},
        '{"id":"r","externalIds":{"schlüssel":"Zoë 🚚 \u2028\\u0000"}}',
    ),
    "number": (
        {"fields": [NumberField(ID, 123.456)]},
        field("numberValue", {"value": 123.456}, "number"),
    ),
    "big number": (
        {"fields": [NumberField(ID, 2**53 + 1)]},
        field("numberValue", {"value": 9007199254740993}, "number"),
    ),
    "minus zero": (
        {"fields": [NumberField(UUID(ID), -0.0)]},
        field("numberValue", {"value": -0.0}, "number"),
    ),
    "text": (
        {"fields": [TextField(ID, 'a"\\\n𝄞')]},
        field("textValue", {"value": 'a"\\\n𝄞'}, "text"),
    ),
    "choice": (
        {"fields": [MultipleChoiceField(ID, OTHER)]},
        field("multipleChoiceValue", {"valueId": OTHER}, "multiple_choice"),
    ),
    "boxes": (
        {"fields": [CheckBoxesField(ID, [OTHER, UUID(ID)])]},
        field("checkBoxesValue", {"valueIds": [OTHER, ID]}, "check_boxes"),
    ),
    "no boxes": (
        {"fields": [CheckBoxesField(ID, [])]},
        field("checkBoxesValue", {"valueIds": []}, "check_boxes"),
    ),
    "moment": (
        {"fields": [DateTimeField(ID, NOON)]},
        field("dateTimeValue", {"value": "2025-08-27T10:20:30Z"}, "datetime"),
    ),
    "epoch in a field": (
        {"fields": [DateTimeField(ID, Exactly(date(1970, 1, 1)))]},
        field("dateTimeValue", {"value": "1970-01-01T00:00:00Z"}, "datetime"),
    ),
    "files": (
        {"fields": [MediaField(ID, [FILE])]},
        field(
            "mediaValue",
            {"mediaList": [{"mediaType": "image/png", "base64Payload": "AP8="}]},
            "media",
        ),
    ),
    "signature": (
        {"fields": [SignatureField(ID, FILE)]},
        field(
            "signatureValue",
            {"media": {"mediaType": "image/png", "base64Payload": "AP8="}},
            "signature",
        ),
    ),
    "number cell": (
        {"fields": in_table(NumberCell(OTHER, 7))},
        table("numberValue", {"value": 7}, "number"),
    ),
    "text cell": (
        {"fields": in_table(TextCell(OTHER, CLEAR))},
        table("textValue", {"value": ""}, "text"),
    ),
    "choice cell": (
        {"fields": in_table(MultipleChoiceCell(OTHER, ID))},
        table("multipleChoiceValue", {"valueId": ID}, "multiple_choice"),
    ),
    "boxes cell": (
        {"fields": in_table(CheckBoxesCell(OTHER, [ID]))},
        table("checkBoxesValue", {"valueIds": [ID]}, "check_boxes"),
    ),
    "moment cell": (
        {"fields": in_table(DateTimeCell(OTHER, NOON))},
        table("dateTimeValue", {"value": "2025-08-27T10:20:30Z"}, "datetime"),
    ),
    "person cell": (
        {"fields": in_table(PersonCell(OTHER, "user-1"))},
        table("personValue", {"person": {"polymorphicUserId": "user-1"}}, "person"),
    ),
    "barcode cell": (
        {"fields": in_table(BarcodeCell(OTHER, ["4006381333931"]))},
        table("barcodeValue", {"barcodes": [{"value": "4006381333931"}]}, "barcode"),
    ),
}


STREAM = "/qualification-records/stream"


TYPES = "/qualification-types"


RECORDS = "/qualification-records"


CREATED = (
    '{"qualificationType":{"id":"' + ID + '"},"owner":{"entityType":"worker","id":"1"},'
    '"issueDate":"2025-08-27T10:20:30Z"'
)


CREATED_WITH_ALL = (
    ',"expirationDate":"2027-01-01T00:00:00Z","fields":[{"id":"' + OTHER + '",'
    '"type":"text","textValue":{"value":"x"}}],"externalIds":{"hr":"7"}}'
)


STREAM_WITH_ALL = (
    f"{STREAM}?entityType=asset&startTime=1970-01-01T00:00:00Z&endTime=2025-08-27T10:20:30Z"
    f"&qualificationTypeIds={ID},{OTHER}&ownerIds=1&includeDeleted=true&includeExternalIds=false"
)


Case = tuple[str, "Callable[[Any], Any]", str, str, str | None]


CASES: list[Case] = [
    *(
        (f"update {name}", lambda c, a=arguments: c.update("r", **a), "PATCH", RECORDS, body)
        for name, (arguments, body) in UPDATES.items()
    ),
    (
        "create",
        lambda c: c.create(ID, owner=Owner.worker("1"), issue_date=NOON),
        "POST",
        RECORDS,
        CREATED + "}",
    ),
    (
        "create with all",
        lambda c: c.create(
            UUID(ID),
            owner=Owner.worker("1"),
            issue_date=NOON,
            expiration_date=date(2027, 1, 1),
            fields=[TextField(OTHER, "x")],
            external_ids={"hr": "7"},
        ),
        "POST",
        RECORDS,
        CREATED + CREATED_WITH_ALL,
    ),
    (
        "create with nothing in it",
        lambda c: c.create(
            ID, owner=Owner.worker("1"), issue_date=NOON, fields=[], external_ids={}
        ),
        "POST",
        RECORDS,
        CREATED + ',"fields":[],"externalIds":{}}',
    ),
    ("delete", lambda c: c.delete("r"), "DELETE", RECORDS, '{"id":"r"}'),
    ("archive", lambda c: c.archive("ß"), "POST", f"{RECORDS}/archive", '{"id":"ß"}'),
    ("unarchive", lambda c: c.unarchive("r"), "POST", f"{RECORDS}/unarchive", '{"id":"r"}'),
    ("get one", lambda c: c.get("hr:7"), "GET", f"{RECORDS}?ids=hr:7", None),
    ("confirm", lambda c: c.confirm(failed(issue_date=NOON)), "GET", f"{RECORDS}?ids=r", None),
    (
        "confirm with external ids",
        lambda c: c.confirm(failed(external_ids={"hr": "7"})),
        "GET",
        f"{RECORDS}?ids=r&includeExternalIds=true",
        None,
    ),
    (
        "get many",
        lambda c: c.get(["a", "b", "a"], include_external_ids=True),
        "GET",
        f"{RECORDS}?ids=a,b&includeExternalIds=true",
        None,
    ),
    (
        "get odd ids",
        lambda c: c.get(["a&b=c", "d e", "ü"], include_external_ids=False),
        "GET",
        f"{RECORDS}?ids=a%26b%3Dc,d+e,%C3%BC&includeExternalIds=false",
        None,
    ),
    (
        "stream",
        lambda c: c.stream(entity_type="worker", start_time=NOON, end_time=date(2026, 1, 1)),
        "GET",
        f"{STREAM}?entityType=worker&startTime=2025-08-27T10:20:30Z&endTime=2026-01-01T00:00:00Z",
        None,
    ),
    (
        "stream with all",
        lambda c: c.stream(
            entity_type="asset",
            start_time=date(1970, 1, 1),
            end_time=NOON,
            type_ids=[ID, OTHER],
            owner_ids=["1"],
            include_deleted=True,
            include_external_ids=False,
        ),
        "GET",
        STREAM_WITH_ALL,
        None,
    ),
    ("types", lambda c: c.types(entity_type="asset"), "GET", f"{TYPES}?entityType=asset", None),
    (
        "types by id",
        lambda c: c.types(entity_type="worker", type_ids=(ID, OTHER)),
        "GET",
        f"{TYPES}?entityType=worker&ids={ID},{OTHER}",
        None,
    ),
]


IDS = [case[0] for case in CASES]
