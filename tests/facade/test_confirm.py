"""Whether a record that was read back shows an update."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    CLEAR,
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
    QualificationRecord,
    QualificationsClient,
    SignatureField,
    TableField,
    TableRow,
    TextCell,
    TextField,
    _wire,
)
from samsara_qualifications._confirm import is_applied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications.mock import MockServer

ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
A = "11659c0f-2c8e-5ef5-af5b-4ea04a4fcd50"
B = "8c2e02fe-4579-5b7b-8c42-ab33b78591b6"
USER = {"id": "1", "type": "user"}
FILE = MediaItem.from_bytes("image/png", b"\x89PNG")


def record_of(*fields: dict[str, Any], **changes: Any) -> QualificationRecord:
    """Return a record as the client reads it."""
    whole = {
        "id": "r",
        "recordStatus": "active",
        "qualificationType": {"id": ID},
        "owner": {"entityType": "worker", "id": "281474"},
        "issueDate": "2024-08-27T10:20:30Z",
        "expirationDate": "2026-08-27T10:20:30Z",
        "fields": fields,
        "createdAtTime": "2019-06-13T19:08:25Z",
        "createdBy": USER,
        "updatedAtTime": "2019-06-13T19:08:25Z",
        "updatedBy": USER,
    }
    present = {key: value for key, value in (whole | changes).items() if value is not None}
    body = json.dumps({"data": [present]}).encode()
    return _wire.GET.read(body).data[0]


def field(kind: str, key: str, value: Any) -> dict[str, Any]:
    """Return a field or cell as JSON, of a request or a record alike."""
    return {"id": ID, "type": kind, key: value}


@pytest.mark.parametrize(
    ("sent", "changes", "expected"),
    [
        ({}, {}, None),
        ({"fields": [], "externalIds": {}}, {}, None),
        ({"issueDate": "2024-08-27T10:20:30Z"}, {}, True),
        ({"issueDate": "2024-08-27T12:20:30+02:00"}, {}, True),
        ({"issueDate": "2024-08-27T10:20:30.987654Z"}, {}, True),
        ({"issueDate": "2024-08-27T10:20:31Z"}, {}, False),
        ({"expirationDate": "2026-08-27T10:20:30Z"}, {}, True),
        ({"expirationDate": "2026-08-28T10:20:30Z"}, {}, False),
        ({"expirationDate": "2026-08-27T10:20:30Z"}, {"expirationDate": None}, False),
        ({"expirationDate": "1970-01-01T00:00:00Z"}, {}, False),
        ({"expirationDate": "1970-01-01T00:00:00Z"}, {"expirationDate": None}, True),
        (
            {"expirationDate": "1970-01-01T00:00:00Z"},
            {"expirationDate": "1970-01-01T00:00:00.000Z"},
            True,
        ),
        ({"owner": {"entityType": "worker", "id": "281474"}}, {}, True),
        ({"owner": {"entityType": "worker", "id": "281475"}}, {}, False),
        ({"owner": {"entityType": "asset", "id": "281474"}}, {}, False),
        ({"externalIds": {"hr": "7"}}, {}, None),
        ({"externalIds": {"hr": "7"}}, {"externalIds": {}}, False),
        ({"externalIds": {"hr": "7"}}, {"externalIds": {"hr": "8"}}, False),
        ({"externalIds": {"hr": "7"}}, {"externalIds": {"hr": "7", "x": "1"}}, True),
        ({"externalIds": {"hr": "7", "x": "2"}}, {"externalIds": {"hr": "7", "x": "1"}}, False),
        ({"externalIds": {"hr": ""}}, {"externalIds": {}}, True),
        ({"externalIds": {"hr": ""}}, {"externalIds": {"hr": ""}}, True),
        ({"externalIds": {"hr": ""}}, {"externalIds": {"hr": "7"}}, False),
        ({"issueDate": "2024-08-27T10:20:30Z", "externalIds": {"hr": "7"}}, {}, True),
        ({"issueDate": "2024-08-28T10:20:30Z", "externalIds": {"hr": "7"}}, {}, False),
    ],
)
def test_each_property_is_compared(
    *, sent: dict[str, Any], changes: dict[str, Any], expected: bool | None
) -> None:
    """There, not there, or not to be compared; one that is not there decides."""
    assert expected is is_applied({"id": "r"} | sent, record_of(**changes))


MOMENT = "2024-08-27T10:20:30Z"
VALUES: list[tuple[str, str, Any, Any, bool]] = [
    ("number", "numberValue", {"value": 7}, {"value": 7.0}, True),
    ("number", "numberValue", {"value": 2**53 + 1}, {"value": 2**53}, True),
    ("number", "numberValue", {"value": 0.1}, {"value": 0.2}, False),
    ("text", "textValue", {"value": "D1"}, {"value": "D1"}, True),
    ("text", "textValue", {"value": "D1"}, {"value": "d1"}, False),
    ("text", "textValue", {"value": ""}, {"value": ""}, True),
    ("text", "textValue", {"value": ""}, {"value": "D1"}, False),
    (
        "multiple_choice",
        "multipleChoiceValue",
        {"valueId": A},
        {"value": "x", "valueId": A.upper()},
        True,
    ),
    ("multiple_choice", "multipleChoiceValue", {"valueId": A}, {"value": "x", "valueId": B}, False),
    (
        "check_boxes",
        "checkBoxesValue",
        {"valueIds": [A, B]},
        {"value": ["x", "y"], "valueIds": [B.upper(), A]},
        True,
    ),
    (
        "check_boxes",
        "checkBoxesValue",
        {"valueIds": [A]},
        {"value": ["x", "y"], "valueIds": [B, A]},
        False,
    ),
    ("check_boxes", "checkBoxesValue", {"valueIds": []}, {"value": [], "valueIds": []}, True),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2024-08-27T12:20:30.5+02:00"},
        {"type": "datetime", "value": MOMENT},
        True,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2024-08-27T10:20:31Z"},
        {"type": "datetime", "value": MOMENT},
        False,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2009-08-08T00:00:00Z"},
        {"type": "date", "value": "2009-08-08T07:00:00Z", "dateValue": "2009-08-08"},
        True,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2009-08-08T22:00:00Z"},
        {"type": "date", "value": "2009-08-08T22:00:00Z", "dateValue": "2009-08-09"},
        True,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2009-08-07T00:00:00Z"},
        {"type": "date", "value": "2009-08-08T07:00:00Z", "dateValue": "2009-08-08"},
        False,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2024-08-27T10:20:30.2Z"},
        {"type": "time", "value": "1970-01-01T10:20:30Z"},
        True,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2024-08-27T00:00:00Z"},
        {"type": "time", "value": "1969-12-31T23:59:59.5Z"},
        True,
    ),
    (
        "datetime",
        "dateTimeValue",
        {"value": "2024-08-27T10:20:30Z"},
        {"type": "time", "value": "2024-08-27T10:20:31Z"},
        False,
    ),
]
PEOPLE: list[tuple[Any, bool]] = [
    ({"entryType": "tracked", "polymorphicUserId": {"id": "7", "type": "user"}}, True),
    ({"entryType": "tracked", "polymorphicUserId": {"id": "user-7", "type": "user"}}, True),
    ({"entryType": "tracked", "polymorphicUserId": {"id": "7", "type": "driver"}}, False),
    ({"entryType": "untracked", "name": "user-7"}, False),
]
CELLS: list[tuple[str, str, Any, Any, bool]] = [
    *VALUES,
    *(
        (
            "person",
            "personValue",
            {"person": {"polymorphicUserId": "user-7"}},
            {"person": shown},
            expected,
        )
        for shown, expected in PEOPLE
    ),
    *(
        (
            "barcode",
            "barcodeValue",
            {"barcodes": [{"value": "1"}, {"value": "2"}]},
            {"barcodes": [{"value": text} for text in shown]},
            expected,
        )
        for shown, expected in [("12", True), ("21", False), ("1", False), ("", False)]
    ),
]


@pytest.mark.parametrize(("kind", "key", "sent", "shown", "expected"), VALUES)
def test_a_field_is_compared_by_its_kind(
    *, kind: str, key: str, sent: Any, shown: Any, expected: bool
) -> None:
    """Numbers as numbers, moments as moments, options without case, boxes as sets."""
    body = {"fields": [field(kind, key, sent)]}
    assert expected is is_applied(body, record_of(field(kind, key, shown)))


@pytest.mark.parametrize(("kind", "key", "sent", "shown", "expected"), CELLS)
def test_a_cell_is_compared_by_its_kind(
    *, kind: str, key: str, sent: Any, shown: Any, expected: bool
) -> None:
    """As a field is; people and barcodes exist in tables only."""

    def table(value: Any, **columns: Any) -> dict[str, Any]:
        rows = [{"id": A, "cells": [field(kind, key, value)]}]
        return field("table", "tableValue", {"rows": rows} | columns)

    record = record_of(table(shown, columns=[]))
    assert expected is is_applied({"fields": [table(sent)]}, record)


@pytest.mark.parametrize(
    ("kind", "key", "sent", "expected"),
    [
        ("number", "numberValue", {"value": 0}, False),
        ("text", "textValue", {"value": "D1"}, False),
        ("text", "textValue", {"value": ""}, True),
        ("multiple_choice", "multipleChoiceValue", {"valueId": A}, False),
        ("check_boxes", "checkBoxesValue", {"valueIds": [A]}, False),
        ("check_boxes", "checkBoxesValue", {"valueIds": []}, True),
        ("datetime", "dateTimeValue", {"value": MOMENT}, False),
        ("table", "tableValue", {"rows": [{"id": A, "cells": []}]}, False),
        ("table", "tableValue", {"rows": []}, True),
        ("media", "mediaValue", {"mediaList": []}, None),
        ("signature", "signatureValue", {"media": {}}, None),
        ("hologram", "hologramValue", {}, None),
    ],
)
def test_a_field_that_the_record_does_not_show(
    *, kind: str, key: str, sent: Any, expected: bool | None
) -> None:
    """What is empty is there; so it is with a field that shows without a value."""
    body = {"fields": [field(kind, key, sent)]}
    assert expected is is_applied(body, record_of())
    assert expected is is_applied(body, record_of({"id": ID, "type": kind}))


def row(identity: str, *texts: str) -> dict[str, Any]:
    """Return a row of texts; the columns' ids count up."""
    cells = [
        {
            "id": f"00000000-0000-4000-8000-{place:012d}",
            "type": "text",
            "textValue": {"value": text},
        }
        for place, text in enumerate(texts)
    ]
    return {"id": identity, "cells": cells}


@pytest.mark.parametrize(
    ("sent", "shown", "expected"),
    [
        ([row(A, "x"), row(B, "y")], [row(B, "y"), row(A, "x")], True),
        ([row(A, "x")], [row(A, "x", "more")], True),
        ([row(A)], [row(A, "x")], True),
        ([row(A, "x", "more")], [row(A, "x")], False),
        ([row(A, "x"), row(B, "y")], [row(A, "x"), row(B, "z")], False),
        ([row(A, "x"), row(B, "y")], [row(A, "x")], False),
        ([row(A, "x")], [row(A, "x"), row(B, "y")], False),
        ([], [row(A, "x")], False),
    ],
)
def test_a_table_is_compared_by_its_rows(*, sent: Any, shown: Any, expected: bool) -> None:
    """In any order; a row that was not sent may be one that was to be removed."""
    body = {"fields": [field("table", "tableValue", {"rows": sent})]}
    record = record_of(field("table", "tableValue", {"rows": shown, "columns": []}))
    assert expected is is_applied(body, record)


@pytest.fixture
def client(mock: MockServer) -> Iterator[QualificationsClient]:
    """A client of the mock server."""
    http_client = httpx.Client(transport=mock.transport())
    with QualificationsClient(
        mock.token, base_url="https://samsara.test", http_client=http_client
    ) as client:
        yield client


def changes_of(mock: MockServer) -> dict[str, Any]:
    """Return a change of each property, with a field and a cell of each kind that can be read."""
    (kind,) = (it for it in mock.types.values() if it["name"] == "Driver License")
    kind["fields"][-1]["columns"].append({"id": B, "type": "barcode", "label": "Codes"})
    fields = {it["label"]: it for it in kind["fields"]}
    columns = {it["label"]: it["id"] for it in fields["Road tests"]["columns"]}
    boxes = [it["id"] for it in fields["Endorsements"]["options"]]
    cells = [
        NumberCell(columns["Store Number"], 8),
        TextCell(columns["Remark"], "Nervous at night"),
        MultipleChoiceCell(columns["Result"], "5e46c9c0-1c27-5b9e-8cda-50ab8a916db0"),
        CheckBoxesCell(columns["Vehicles driven"], ["975c4008-5c60-5bdc-9c47-abd1f292d2f0"]),
        DateTimeCell(columns["Tested at"], datetime(2026, 2, 3, 4, 5, 6, 700_000, tzinfo=UTC)),
        PersonCell(columns["Examiner"], "user-938172"),
        BarcodeCell(columns["Codes"], ["4006381333931"]),
    ]
    return {
        "expiration_date": CLEAR,
        "issue_date": datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        "owner": Owner.worker("281475"),
        "external_ids": {"hr": "licence-7"},
        "fields": [
            TextField(fields["License Number"]["id"], "D2"),
            MultipleChoiceField(fields["Licence class"]["id"], B),
            CheckBoxesField(fields["Endorsements"]["id"], boxes),
            NumberField(fields["Penalty points"]["id"], 4),
            DateTimeField(fields["Last record check"]["id"], datetime(2026, 1, 1, tzinfo=UTC)),
            DateTimeField(fields["First licensed on"]["id"], date(1987, 6, 5)),
            MediaField(fields["Scan of the licence"]["id"], [FILE]),
            SignatureField(fields["Driver's signature"]["id"], FILE),
            TableField(fields["Road tests"]["id"], [TableRow(A, cells)]),
        ],
    }


def test_an_update_is_seen_in_the_record_read_back(
    client: QualificationsClient, mock: MockServer
) -> None:
    """With each property, and each kind of field and cell; not so before."""
    changes = changes_of(mock)
    before = client.get(ID, include_external_ids=True)
    client.update(ID, **changes)
    sent = json.loads(mock.requests[-1].body)
    record = client.get(ID, include_external_ids=True)
    assert [False, True] == [is_applied(sent, before), is_applied(sent, record)]
    assert is_applied(sent, client.get(ID))


def test_any_one_change_is_seen(client: QualificationsClient, mock: MockServer) -> None:
    """Whatever one value of the body were another: the record does not show that update."""
    client.update(ID, **changes_of(mock))
    sent = json.loads(mock.requests[-1].body)
    record = client.get(ID, include_external_ids=True)
    places = [
        *places_of({key: value for key, value in sent.items() if key not in {"id", "fields"}}),
        *(
            ("fields", place, *path)
            for place, item in enumerate(sent["fields"])
            if item["type"] not in {"media", "signature"}
            for path in places_of({key: item[key] for key in item if key not in {"id", "type"}})
        ),
    ]
    seen = [place for place in places if is_applied(changed(sent, place), record) is not False]
    assert [] == seen
    assert 28 == len(places)


def test_media_alone_cannot_be_compared(client: QualificationsClient, mock: MockServer) -> None:
    """The record shows where the file is, not what it is."""
    fields = [it for it in changes_of(mock)["fields"] if isinstance(it, MediaField)]
    client.update(ID, fields=fields)
    sent = json.loads(mock.requests[-1].body)
    assert is_applied(sent, client.get(ID)) is None


def places_of(value: Any) -> list[tuple[Any, ...]]:
    """Return the paths of all plain values, the cells' types left out."""
    if isinstance(value, dict):
        inner: Any = [(key, item) for key, item in value.items() if key != "type"]
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        return [()]
    return [(key, *path) for key, item in inner for path in places_of(item)]


def changed(body: dict[str, Any], place: tuple[Any, ...]) -> dict[str, Any]:
    """Return a body of which one value is another."""
    body = copy.deepcopy(body)
    *way, last = place
    holder: Any = body
    for step in way:
        holder = holder[step]
    old = holder[last]
    if isinstance(old, str) and old[4:5] == "-" and "T" in old:
        holder[last] = "2031" + old[4:]
    else:
        holder[last] = f"{old}-other" if isinstance(old, str) else old + 1
    return body
