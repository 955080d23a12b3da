"""Custom fields: what each kind becomes, and what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

LICENCE, TRAILER = "Driver License", "Trailer Annual Inspection"
UNKNOWN = "11111111-1111-4111-8111-111111111111"
UPLOAD = {"base64Payload": "JVBERi0xLjQ=", "mediaType": "application/pdf"}


def given(api: Api, label: str, kind: str = LICENCE, **value: Any) -> dict[str, Any]:
    """Return a field as a request gives it."""
    definition = api.field(kind, label)
    return {"id": definition["id"], "type": definition["type"], **value}


def shown(api: Api, *fields: dict[str, Any]) -> dict[str, Any]:
    """Update the seed's record with the fields; return the first as the answer shows it."""
    status, record = api.update(fields=list(fields))
    assert status == 200, record
    return next(field for field in record["fields"] if field["id"] == fields[0]["id"])


def option(definition: dict[str, Any], label: str) -> str:
    """Return the id of an option."""
    return next(o["id"] for o in definition["options"] if o["label"] == label)


def column(api: Api, label: str) -> dict[str, Any]:
    """Return a column of the licence's table."""
    return next(c for c in api.field(LICENCE, "Road tests")["columns"] if c["label"] == label)


def cell(api: Api, label: str, **value: Any) -> dict[str, Any]:
    """Return a cell as a request gives it."""
    return {"id": column(api, label)["id"], "type": column(api, label)["type"], **value}


def table(api: Api, *cells: dict[str, Any]) -> dict[str, Any]:
    """Return a table of one row as a request gives it."""
    return given(api, "Road tests", tableValue={"rows": [{"id": UNKNOWN, "cells": list(cells)}]})


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("License Number", {"textValue": {"value": "Ω \U0001f69b \u0000 \\u"}}),
        ("License Number", {"textValue": {"value": ""}}),
        ("Penalty points", {"numberValue": {"value": 0.1234567}}),
        ("Penalty points", {"numberValue": {"value": -7}}),
        ("Penalty points", {"numberValue": {"value": 1e300}}),
        ("Penalty points", {"numberValue": {"value": 12345678901234567890}}),
    ],
)
def test_plain_values_are_shown_as_given(api: Api, label: str, value: dict[str, Any]) -> None:
    """Text keeps every character, a number every digit."""
    field = given(api, label, **value)

    assert {**field, "label": label} == shown(api, field)


def test_a_choice_is_shown_with_its_label(api: Api) -> None:
    """Both the option's id and its label come back."""
    chosen = option(api.field(LICENCE, "Licence class"), "Class C")
    field = given(api, "Licence class", multipleChoiceValue={"valueId": chosen})

    assert {"value": "Class C", "valueId": chosen} == shown(api, field)["multipleChoiceValue"]


@pytest.mark.parametrize("labels", [["Passengers", "Tank vehicles"], ["Passengers"], []])
def test_ticked_boxes_are_shown_with_their_labels(api: Api, labels: list[str]) -> None:
    """In the order given; none is a value, too."""
    chosen = [option(api.field(LICENCE, "Endorsements"), label) for label in labels]
    field = given(api, "Endorsements", checkBoxesValue={"valueIds": chosen})

    assert {"value": labels, "valueIds": chosen} == shown(api, field)["checkBoxesValue"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Last record check", {"type": "datetime"}),
        ("First licensed on", {"type": "date", "dateValue": "2025-08-26"}),
    ],
)
def test_a_moment_is_shown_by_its_kind(api: Api, label: str, expected: dict[str, str]) -> None:
    """A date also has its calendar date; the instant is in UTC."""
    field = given(api, label, dateTimeValue={"value": "2025-08-27T01:00:00+02:00"})

    assert {"value": "2025-08-26T23:00:00Z", **expected} == shown(api, field)["dateTimeValue"]


def test_a_time_is_shown_as_one(api: Api) -> None:
    """The third kind of moment is of the trailer's type; without a kind it is a datetime."""
    [trailer] = [r["id"] for r in api.server.records.values() if "workshop" in r["externalIds"]]
    field = given(
        api, "Inspection began at", TRAILER, dateTimeValue={"value": "2025-01-01T07:00:00Z"}
    )

    kinds = [_moment_of(api, trailer, field)["type"]]
    del api.field(TRAILER, "Inspection began at")["allowedDateTimeValueType"]
    kinds.append(_moment_of(api, trailer, field)["type"])

    assert ["time", "datetime"] == kinds


def _moment_of(api: Api, record_id: str, field: dict[str, Any]) -> dict[str, str]:
    _, record = api.update(id=record_id, fields=[field])
    return next(f for f in record["fields"] if f["id"] == field["id"])["dateTimeValue"]


def test_uploads_become_media_records(api: Api) -> None:
    """Each has an id of its own, and a URL for an hour."""
    field = shown(
        api, given(api, "Scan of the licence", mediaValue={"mediaList": [UPLOAD, UPLOAD]})
    )

    first, second = field["mediaList"]
    assert "mediaValue" not in field
    assert first["id"] != second["id"]
    assert {
        "id": first["id"],
        "processingStatus": "finished",
        "url": f"https://media.samsara.mock/{first['id']}",
        "urlExpiresAt": "2026-01-01T01:00:00Z",
    } == first


def test_uploads_can_be_in_processing(new_api: Callable[..., Api]) -> None:
    """With the switch, they have no URL yet."""
    api = new_api(behaviours={"media_processing": "processing"})

    media = shown(api, given(api, "Driver's signature", signatureValue={"media": UPLOAD}))

    assert ["id", "processingStatus"] == sorted(media["signatureValue"]["media"])
    assert "processing" == media["signatureValue"]["media"]["processingStatus"]


def test_barcodes_are_shown_as_sent(api: Api) -> None:
    """In a column of their type, which the documented definitions of columns lack."""
    column(api, "Remark")["type"] = "barcode"
    barcodes = {"barcodes": [{"value": "4006381333931"}, {"value": ""}]}

    value = shown(api, table(api, cell(api, "Remark", barcodeValue=barcodes)))["tableValue"]

    assert barcodes == value["rows"][0]["cells"][0]["barcodeValue"]


def test_a_table_is_shown_with_its_columns(api: Api) -> None:
    """Cells of every kind that a request can set, by their columns."""
    passed = option(column(api, "Result"), "Passed")
    bus = option(column(api, "Vehicles driven"), "Bus")
    row = [
        cell(api, "Store Number", numberValue={"value": 7}),
        cell(api, "Remark", textValue={"value": "good"}),
        cell(api, "Result", multipleChoiceValue={"valueId": passed}),
        cell(api, "Vehicles driven", checkBoxesValue={"valueIds": [bus]}),
        cell(api, "Tested at", dateTimeValue={"value": "2025-01-01T00:00:00Z"}),
        cell(api, "Examiner", personValue={"person": {"polymorphicUserId": "driver-938172"}}),
    ]

    value = shown(api, table(api, *row))["tableValue"]

    columns = api.field(LICENCE, "Road tests")["columns"]
    assert [{k: c[k] for k in ("id", "type", "label")} for c in columns] == value["columns"]
    [shown_row] = value["rows"]
    person = {"entryType": "tracked", "polymorphicUserId": {"id": "938172", "type": "driver"}}
    assert UNKNOWN == shown_row["id"]
    assert [
        row[0],
        row[1],
        {**row[2], "multipleChoiceValue": {"value": "Passed", "valueId": passed}},
        {**row[3], "checkBoxesValue": {"value": ["Bus"], "valueIds": [bus]}},
        {**row[4], "dateTimeValue": {"type": "datetime", "value": "2025-01-01T00:00:00Z"}},
        {**row[5], "personValue": {"person": person}},
    ] == shown_row["cells"]


def test_fields_merge_by_id(api: Api) -> None:
    """A field that is named changes, the others stay, all in the order of the type."""
    before = {field["id"]: field for field in api.record["fields"]}
    field = given(api, "Penalty points", numberValue={"value": 5})

    _, record = api.update(fields=[field])

    after = {f["id"]: f for f in record["fields"]}
    assert before | {field["id"]: {**field, "label": "Penalty points"}} == after
    assert list(before) == list(after)


def test_a_new_field_takes_its_place(api: Api) -> None:
    """The order is that of the definitions; a field that is not defined comes last."""
    kept = dict(api.record["fields"][0])
    api.record["fields"] = [{**kept, "id": UNKNOWN}, kept]

    _, record = api.update(fields=[given(api, "Penalty points", numberValue={"value": 5})])

    assert [kept["id"], api.field(LICENCE, "Penalty points")["id"], UNKNOWN] == [
        field["id"] for field in record["fields"]
    ]


def test_fields_can_be_replaced(new_api: Callable[..., Api]) -> None:
    """With the switch, fields that are not named are dropped."""
    api = new_api(behaviours={"fields_merge": "replace"})

    _, record = api.update(fields=[given(api, "Penalty points", numberValue={"value": 5})])

    assert ["Penalty points"] == [field["label"] for field in record["fields"]]


def test_no_fields_change_nothing(api: Api) -> None:
    """An empty list names no field."""
    assert api.record["fields"] == api.update(fields=[])[1]["fields"]


def test_a_table_may_have_no_columns_yet(api: Api) -> None:
    """The spec does not require them of a type."""
    del api.field(LICENCE, "Road tests")["columns"]

    value = shown(api, table(api))["tableValue"]

    assert {"columns": [], "rows": [{"id": UNKNOWN, "cells": []}]} == value


BAD: list[tuple[str, Callable[[Api], dict[str, Any]], str]] = [
    (
        "unknown field",
        lambda api: {"id": UNKNOWN, "type": "text", "textValue": {"value": "x"}},
        f"field {UNKNOWN} is not defined",
    ),
    (
        "other type",
        lambda api: given(api, "License Number", numberValue={"value": 1}) | {"type": "number"},
        "is of type text, not number",
    ),
    ("no value", lambda api: given(api, "License Number"), "must have textValue .* not none"),
    (
        "value of another type",
        lambda api: given(api, "License Number", numberValue={"value": 1}),
        r"must have textValue alone, not \['numberValue'\]",
    ),
    (
        "two values",
        lambda api: given(
            api, "License Number", textValue={"value": "x"}, numberValue={"value": 1}
        ),
        "must have textValue alone",
    ),
    (
        "unknown option",
        lambda api: given(api, "Licence class", multipleChoiceValue={"valueId": UNKNOWN}),
        f"has no option {UNKNOWN}",
    ),
    (
        "unknown box",
        lambda api: given(api, "Endorsements", checkBoxesValue={"valueIds": [UNKNOWN]}),
        f"has no option {UNKNOWN}",
    ),
    (
        "time out of range",
        lambda api: given(
            api, "Last record check", dateTimeValue={"value": "0000-01-01T00:00:00Z"}
        ),
        "outside the years 1 to 9999",
    ),
    (
        "unknown column",
        lambda api: table(api, {"id": UNKNOWN, "type": "text", "textValue": {"value": "x"}}),
        f"column {UNKNOWN} is not defined",
    ),
    (
        "cell of another type",
        lambda api: table(api, cell(api, "Remark", numberValue={"value": 1}) | {"type": "number"}),
        "is of type text, not number",
    ),
    ("empty cell", lambda api: table(api, cell(api, "Remark")), "must have textValue"),
    *(
        (
            f"person {text!r}",
            lambda api, text=text: table(
                api, cell(api, "Examiner", personValue={"person": {"polymorphicUserId": text}})
            ),
            "is not a valid person: write user-ID or driver-ID",
        )
        for text in ("", "938172", "user-", "robot-1", "user")
    ),
]


@pytest.mark.parametrize(("make", "message"), [bad[1:] for bad in BAD], ids=[b[0] for b in BAD])
def test_a_field_that_does_not_fit_is_refused(
    api: Api, make: Callable[[Api], dict[str, Any]], message: str
) -> None:
    """The answer is 400 and says why; nothing of the update is applied."""
    before = dict(api.record)
    good = given(api, "Penalty points", numberValue={"value": 5})

    status, error = api.update(issueDate="2025-01-01T00:00:00Z", fields=[good, make(api)])

    assert status == 400
    assert re.search(message, error["message"])
    assert before == api.record


def test_a_cell_that_no_request_can_set_is_refused(api: Api) -> None:
    """Photos and signatures in tables can be read only, says the spec."""
    photo = cell(api, "Photo", mediaValue={"mediaList": [UPLOAD]})

    status, error = api.update(fields=[table(api, photo)])

    assert status == 400
    assert "fields.0.tableValue.rows.0.cells.0.type" in error["message"]
