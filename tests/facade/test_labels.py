"""Custom fields by their labels: read from a record, and made into inputs."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsara_qualifications import (
    CLEAR,
    UNSET,
    InvalidInput,
    MediaItem,
    QualificationRecord,
    QualificationType,
    _wire,
)
from samsara_qualifications.fields import Field
from samsara_qualifications.labels import fields_for, values_of
from samsara_qualifications.mock import seed
from samsara_qualifications.sentinels import Exactly

Json = dict[str, Any]

SEED = seed.load()
USER = {"id": "1", "type": "user"}
ROW = "28b04081-a0d1-5cb6-a262-9ec9d8f41b5a"
FILE = MediaItem.from_bytes("image/png", b"\x89PNG")
SENT_KINDS = ("number", "text", "multiple_choice", "check_boxes", "datetime")


def number_id(number: int) -> str:
    """Return a UUID that is a number."""
    return str(UUID(int=number))


def record_of(*fields: Json) -> QualificationRecord:
    """Return a record as the client reads it."""
    whole = SEED["records"][0] | {"fields": list(fields)}
    return _wire.GET.read(json.dumps({"data": [whole]}).encode()).data[0]


def type_of(*fields: Json) -> QualificationType:
    """Return a qualification type as the client reads it."""
    usual = {"isRequired": False}
    whole = SEED["types"][0] | {"fields": [usual | field for field in fields]}
    page = {"data": [whole], "pagination": {"endCursor": "", "hasNextPage": False}}
    return _wire.TYPES.read(json.dumps(page).encode()).data[0]


LICENCE = type_of(*SEED["types"][0]["fields"])
FIELDS = {field["label"]: field for field in SEED["types"][0]["fields"]}
COLUMNS = {column["label"]: column for column in FIELDS["Road tests"]["columns"]}


def sent(kind: QualificationType, values: Any) -> list[Json]:
    """Return what would go out."""
    return [field.wire().to_dict() for field in fields_for(kind, values)]


def test_a_record_reads_by_its_labels() -> None:
    """Plain values; what could not be given back is left out."""
    assert {
        "License Number": "D1234567",
        "Licence class": "Class A",
        "Endorsements": ["Tank vehicles", "Passengers"],
        "Air brakes allowed": "Yes",
        "Penalty points": 123.456,
        "Last record check": datetime(2024, 8, 8, 18, 53, 23, tzinfo=UTC),
        "First licensed on": date(2009, 8, 8),
    } == values_of(record_of(*SEED["records"][0]["fields"]))


def text(number: int, label: str | None, value: str = "x") -> Json:
    """Return a record's text field."""
    named = {} if label is None else {"label": label}
    return {"id": number_id(number), "type": "text", "textValue": {"value": value}, **named}


def test_a_label_that_says_too_little_gives_way_to_the_id() -> None:
    """It is missing, blank or another field's, too."""
    fields = [text(1, "A"), text(2, "A"), text(3, None), text(4, None), text(5, " "), text(6, "a")]
    keys = [*map(number_id, range(1, 6)), "a"]
    assert dict.fromkeys(keys, "x") == values_of(record_of(*fields))


@pytest.mark.parametrize(
    "rest",
    [
        {"type": "number"},
        {"type": "text", "textValue": {"value": " \n"}},
        {"type": "text", "numberValue": {"value": 5}},
        {"type": "media", "mediaList": []},
        {"type": "signature", "signatureValue": {"media": {"id": ROW, "processingStatus": "x"}}},
        {"type": "hologram", "hologramValue": 5},
        {"type": "person", "personValue": {}},
    ],
)
def test_a_field_without_a_value_to_give_back_is_left_out(rest: Json) -> None:
    """It would change nothing, or nothing that can be sent says the same."""
    assert {} == values_of(record_of({"id": ROW, "label": "A", **rest}))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"type": "datetime", "value": "2009-08-08T00:00:00Z"}, "2009-08-08 00:00:00+00:00"),
        (
            {"type": "date", "value": "2009-08-08T00:00:00Z", "dateValue": "2009-08-08"},
            "2009-08-08",
        ),
        (
            {"type": "date", "value": "2009-08-08T07:00:00Z", "dateValue": "2009-08-08"},
            "2009-08-08 00:00:00-07:00",
        ),
        (
            {"type": "date", "value": "2009-08-07T22:00:00Z", "dateValue": "2009-08-08"},
            "2009-08-08 00:00:00+02:00",
        ),
        (
            {"type": "date", "value": "2009-08-20T00:00:00Z", "dateValue": "2009-08-08"},
            "2009-08-20 00:00:00+00:00",
        ),
        ({"type": "date", "value": "2009-08-08T07:00:00Z"}, "2009-08-08 07:00:00+00:00"),
        ({"type": "time", "value": "1970-01-01T08:30:00Z"}, "1970-01-01 08:30:00+00:00"),
    ],
)
def test_a_moment_keeps_its_instant_and_its_day(shown: Json, expected: str) -> None:
    """A calendar day in another zone must not move by a day when it goes back."""
    field = {"id": ROW, "type": "datetime", "label": "A", "dateTimeValue": shown}
    value = values_of(record_of(field))["A"]
    assert expected == str(value)
    kind = type_of({**field, "allowedDateTimeValueType": shown["type"]})
    assert [{"value": shown["value"]}] == [it["dateTimeValue"] for it in sent(kind, {"A": value})]


CELLS = {
    "Store Number": {"type": "number", "numberValue": {"value": 123}},
    "Remark": {"type": "text", "textValue": {"value": "Calm"}},
    "Result": {
        "type": "multiple_choice",
        "multipleChoiceValue": {
            "value": "Passed",
            "valueId": "4062f02e-0812-5130-af60-58c6db6d32f4",
        },
    },
    "Vehicles driven": {
        "type": "check_boxes",
        "checkBoxesValue": {
            "value": ["Truck"],
            "valueIds": ["314b162c-8a3e-5198-8929-ad6b12a0d9b6"],
        },
    },
    "Tested at": {
        "type": "datetime",
        "dateTimeValue": {"type": "datetime", "value": "2024-08-08T18:53:23Z"},
    },
    "Examiner": {
        "type": "person",
        "personValue": {
            "person": {
                "entryType": "tracked",
                "polymorphicUserId": {"id": "938172", "type": "driver"},
            }
        },
    },
    "Codes": {"type": "barcode", "barcodeValue": {"barcodes": [{"value": "4006381333931"}]}},
}
CODES = {"id": number_id(7), "type": "barcode", "label": "Codes"}
ROWS = [
    {
        "id": ROW,
        "Store Number": 123,
        "Remark": "Calm",
        "Result": "Passed",
        "Vehicles driven": ["Truck"],
        "Tested at": datetime(2024, 8, 8, 18, 53, 23, tzinfo=UTC),
        "Examiner": "driver-938172",
        "Codes": ["4006381333931"],
    }
]


def road_tests(**cells: Json) -> Json:
    """Return a record's table of one row."""
    columns = [
        {key: it[key] for key in ("id", "type", "label")} for it in (*COLUMNS.values(), CODES)
    ]
    ids = {column["label"]: column["id"] for column in columns}
    row = {"id": ROW, "cells": [{"id": ids.get(label, ROW), **it} for label, it in cells.items()]}
    field = FIELDS["Road tests"]
    table = {"columns": columns, "rows": [row]}
    return {"id": field["id"], "type": "table", "label": field["label"], "tableValue": table}


def test_a_table_reads_as_rows_by_column_and_goes_back_as_it_was() -> None:
    """Each kind of cell that can be sent, with the row's id."""
    values = values_of(record_of(road_tests(**CELLS)))
    assert {"Road tests": ROWS} == values
    table = copy.deepcopy(FIELDS["Road tests"])
    table["columns"].append(CODES)
    [field] = sent(type_of(table), values)
    [row] = field["tableValue"]["rows"]
    expected: Json = copy.deepcopy(CELLS)
    del expected["Result"]["multipleChoiceValue"]["value"]
    del expected["Vehicles driven"]["checkBoxesValue"]["value"]
    del expected["Tested at"]["dateTimeValue"]["type"]
    expected["Examiner"]["personValue"] = {"person": {"polymorphicUserId": "driver-938172"}}
    ids = {label: it["id"] for label, it in COLUMNS.items()} | {"Codes": CODES["id"]}
    assert ROW == row["id"]
    assert [{"id": ids[label], **it} for label, it in expected.items()] == row["cells"]


MEDIA = {"id": ROW, "processingStatus": "processing"}


@pytest.mark.parametrize(
    ("label", "cell"),
    [
        ("Photo", {"type": "media", "mediaValue": {"mediaList": [MEDIA]}}),
        ("Examiner's signature", {"type": "signature", "signatureValue": {"media": MEDIA}}),
        (
            "Examiner",
            {
                "type": "person",
                "personValue": {"person": {"entryType": "untracked", "name": "Jo"}},
            },
        ),
        ("Remark", {"type": "hologram", "hologramValue": 5}),
        ("no column", {"type": "text", "textValue": {"value": "x"}}),
    ],
)
def test_a_table_that_cannot_go_back_whole_is_left_out(label: str, cell: Json) -> None:
    """Else what it holds could be lost: a table goes out as a whole."""
    cells = {key: value for key, value in CELLS.items() if key != label}
    assert {} == values_of(record_of(road_tests(**cells, **{label: cell})))


@pytest.mark.parametrize(
    ("label", "cell"),
    [
        ("Photo", {"type": "media"}),
        ("Photo", {"type": "media", "mediaValue": {"mediaList": []}}),
        ("Examiner's signature", {"type": "signature"}),
        ("Remark", {"type": "text", "textValue": {"value": ""}}),
    ],
)
def test_an_empty_cell_is_left_out(label: str, cell: Json) -> None:
    """With it nothing is lost."""
    assert {"Road tests": [{"id": ROW}]} == values_of(record_of(road_tests(**{label: cell})))


def test_a_column_that_is_called_id_goes_by_its_own() -> None:
    """`id` is the row's."""
    column = {"id": number_id(1), "type": "text", "label": "id"}
    cell = {"id": number_id(1), "type": "text", "textValue": {"value": "x"}}
    table = {"columns": [column], "rows": [{"id": ROW, "cells": [cell]}]}
    field = {"id": number_id(2), "type": "table", "label": "T"}
    values = values_of(record_of({**field, "tableValue": table}))
    assert {"T": [{"id": ROW, number_id(1): "x"}]} == values
    assert [{**field, "tableValue": {"rows": table["rows"]}}] == [
        it | {"label": "T"} for it in sent(type_of({**field, "columns": [column]}), values)
    ]


def test_values_become_inputs_by_label() -> None:
    """The field's kind decides; only what is given goes out."""
    values = {
        "License Number": "D1",
        "Licence class": "Class A",
        "Endorsements": ["Passengers", "tank vehicles ", "Passengers"],
        "Penalty points": 1.5,
        "First licensed on": date(2009, 8, 8),
        "Scan of the licence": [FILE],
        "Driver's signature": FILE,
        "Air brakes allowed": UNSET,
    }
    item = {"mediaType": "image/png", "base64Payload": "iVBORw=="}
    expected = {
        "License Number": ("textValue", {"value": "D1"}),
        "Licence class": (
            "multipleChoiceValue",
            {"valueId": FIELDS["Licence class"]["options"][0]["id"]},
        ),
        "Endorsements": (
            "checkBoxesValue",
            {"valueIds": [FIELDS["Endorsements"]["options"][place]["id"] for place in (1, 0)]},
        ),
        "Penalty points": ("numberValue", {"value": 1.5}),
        "First licensed on": ("dateTimeValue", {"value": "2009-08-08T00:00:00Z"}),
        "Scan of the licence": ("mediaValue", {"mediaList": [item]}),
        "Driver's signature": ("signatureValue", {"media": item}),
    }
    assert [
        {"id": FIELDS[label]["id"], "type": FIELDS[label]["type"], key: value}
        for label, (key, value) in expected.items()
    ] == sent(LICENCE, values)
    assert all(isinstance(field, Field) for field in fields_for(LICENCE, values))
    assert [] == fields_for(LICENCE, {})


class Label(str, Enum):  # noqa: UP042  the old form, which callers have
    """A caller's own labels."""

    NUMBER = "License Number"


FIRST = FIELDS["License Number"]["id"]


@pytest.mark.parametrize(
    "name", ["License Number", " LICENSE number\n", Label.NUMBER, FIRST, FIRST.upper(), UUID(FIRST)]
)
def test_a_field_is_found_by_its_label_or_id(name: Any) -> None:
    """As it is written first, then without regard to case and outer blanks."""
    assert [FIRST] == [field["id"] for field in sent(LICENCE, {name: "D1"})]


def test_the_label_as_it_is_written_comes_first() -> None:
    """Two that differ in case only are two."""
    kind = type_of(
        {"id": number_id(1), "type": "text", "label": "Note"},
        {"id": number_id(2), "type": "text", "label": "NOTE"},
    )
    found = [field["id"] for field in sent(kind, {"NOTE": "x", "Note": "y"})]
    assert [number_id(2), number_id(1)] == found
    with pytest.raises(InvalidInput, match="'note' names more than one field: use the id, one of"):
        fields_for(kind, {"note": "x"})


def test_a_label_or_an_option_that_stands_twice_needs_the_id() -> None:
    """The message lists the ids."""
    options = [{"id": number_id(place), "label": "Yes"} for place in (8, 9)]
    fields = [{"id": number_id(place), "type": "text", "label": "Note"} for place in (1, 2)]
    choice = {"id": number_id(3), "type": "multiple_choice", "label": "C", "options": options}
    kind = type_of(*fields, choice)
    with pytest.raises(InvalidInput) as caught:
        fields_for(kind, {"Note": "x"})
    ids = f"{number_id(1)}, {number_id(2)}"
    assert f"'Note' names more than one field: use the id, one of {ids}" == str(caught.value)
    with pytest.raises(InvalidInput, match="'C': 'Yes' names more than one option: use the id"):
        fields_for(kind, {"C": "Yes"})
    [note, chosen] = sent(kind, {number_id(2): "x", "C": UUID(int=9)})
    assert number_id(2) == note["id"]
    assert {"valueId": number_id(9)} == chosen["multipleChoiceValue"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"License Numbr": "D1"},
            "no field is labelled 'License Numbr': did you mean 'License Number'? There are 'Lic",
        ),
        ({"x" * 9000: "D1"}, "xxx: There are 'License Number', 'Licence class',"),
        ({"": "D1"}, "no field is labelled '': There are"),
        ({number_id(5): "D1"}, f"no field is labelled '{number_id(5)}': There are"),
        ({UUID(int=5): "D1"}, f"no field is labelled '{number_id(5)}': There are"),
        ({5: "D1"}, "fields are named by label or id, not int 5"),
        ({None: "D1"}, "fields are named by label or id, not None"),
        (
            {"License Number": "D1", "license number": "D2"},
            "'License Number' and 'license number' name the same field: which value is meant?",
        ),
        ({"Licence class": "Class D"}, "'Licence class': no option is labelled 'Class D': did you"),
        ({"Licence class": "Class D"}, "There are 'Class A', 'Class B', 'Class C'"),
        ({"Licence class": 1}, "'Licence class': options are named by label or id, not int 1"),
        ({"Licence class": CLEAR}, "named by label or id, not Clear CLEAR"),
        ({"Endorsements": "Passengers"}, "pass a list of option labels, not str 'Passengers'"),
        ({"Endorsements": ["Pasengers"]}, "did you mean 'Passengers'?"),
        ({"Endorsements": [None]}, "options are named by label or id, not None"),
        ({"License Number": 5}, "'License Number': TextField.value must be a string, not int 5"),
        ({"License Number": ""}, "'License Number': TextField.value='' is what an empty cell"),
        (
            {"License Number": None},
            "None is ambiguous: leave it out to keep what is there, or pass CLEAR to empty it",
        ),
        ({"Licence class": None}, "'Licence class': None is ambiguous: leave it out to keep what"),
        ({"Penalty points": "5"}, "NumberField.value must be an int or a float, not str '5'"),
        ({"Penalty points": True}, "NumberField.value must be an int or a float, not bool True"),
        ({"Penalty points": CLEAR}, "must be an int or a float, not Clear CLEAR"),
        ({"Penalty points": float("nan")}, "'Penalty points': NumberField.value=float nan must be"),
        (
            {"Penalty points": 1.23456},
            "1.23456 has too many decimal places, 3 at most are allowed: pass round(value, 3) if",
        ),
        ({"First licensed on": "2009-08-08"}, "'First licensed on': DateTimeField.value must be"),
        ({"First licensed on": datetime(2009, 8, 8)}, "has no time zone"),  # noqa: DTZ001
        ({"First licensed on": date(1900, 1, 1)}, "is what an empty date looks like"),
        ({"Scan of the licence": "scan.pdf"}, "'Scan of the licence': MediaField.items must be"),
        ({"Road tests": {}}, "'Road tests': pass a list of rows, each a dict of values by the"),
        ({"Road tests": [5]}, "'Road tests': row 1: pass a dict of values by label, not int 5"),
        ({"Road tests": [{}, {"Resullt": "x"}]}, "row 2: no column is labelled 'Resullt': did you"),
        ({"Road tests": [{"Result": "Pased"}]}, "row 1: 'Result': no option is labelled 'Pased'"),
        ({"Road tests": [{"Remark": None}]}, "row 1: 'Remark': None is ambiguous"),
        ({"Road tests": [{"Store Number": 1.5}]}, "1.5 has too many decimal places, 0 at most"),
        ({"Road tests": [{"Photo": [FILE]}]}, "'Photo': no value can be sent for the type media"),
        ({"Road tests": [{"id": None}]}, "row 1: TableRow.id must be a UUID"),
        ([("License Number", "D1")], "pass a dict of values by label, not list"),
        (None, "pass a dict of values by label, not None"),
    ],
)
def test_what_does_not_fit_is_refused(values: Any, message: str) -> None:
    """With the label, the nearest one and what is allowed; briefly."""
    with pytest.raises(InvalidInput) as caught:
        fields_for(LICENCE, values)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_kind_that_cannot_be_sent_is_refused() -> None:
    """The API reads more kinds than it writes."""
    kind = type_of({"id": ROW, "type": "geofence", "label": "Yard"})
    with pytest.raises(InvalidInput, match="'Yard': no value can be sent for the type geofence"):
        fields_for(kind, {"Yard": "x"})
    with pytest.raises(InvalidInput, match="no field is labelled 'x': there are none"):
        fields_for(type_of(), {"x": "y"})


def test_what_is_meant_goes_out() -> None:
    """A cleared text, a blank one, an old date; a date in a field of times of day means nothing."""
    values = {
        "License Number": CLEAR,
        "First licensed on": Exactly(date(1900, 1, 1)),
        "Road tests": [{"id": ROW, "Remark": CLEAR}],
    }
    number, licensed, table = sent(LICENCE, values)
    assert {"value": ""} == number["textValue"]
    assert {"value": "1900-01-01T00:00:00Z"} == licensed["dateTimeValue"]
    assert {"value": ""} == table["tableValue"]["rows"][0]["cells"][0]["textValue"]
    hour = {"id": ROW, "type": "datetime", "label": "At", "allowedDateTimeValueType": "time"}
    moment = datetime(1899, 12, 30, 8, 30, tzinfo=UTC)
    for value in (moment, Exactly(moment)):
        [field] = sent(type_of(hour), {"At": value})
        assert {"value": "1899-12-30T08:30:00Z"} == field["dateTimeValue"]


def test_a_new_row_gets_an_id() -> None:
    """Each its own; what has none yet cannot be named."""
    values = {"Road tests": [{"Remark": "x"}, {"Remark": "x"}]}
    [table] = sent(LICENCE, values)
    first, second = table["tableValue"]["rows"]
    assert first["id"] != second["id"]
    assert first["cells"] == second["cells"]
    assert {"Road tests": [{"Remark": "x"}, {"Remark": "x"}]} == values


def test_other_objects_are_refused() -> None:
    """A list of records, or the record for its type, is an easy mistake."""
    record: Any = record_of()
    with pytest.raises(InvalidInput, match="fields_for takes a QualificationType as the client"):
        fields_for(record, {})
    wrong: Any = [record]
    with pytest.raises(InvalidInput, match="values_of takes a QualificationRecord as the client"):
        values_of(wrong)


# What a record holds goes back as it was.

LABELS = st.sampled_from(["A", "a", " A", "B", "id", ""]) | st.text(max_size=8)
OPTIONS = st.lists(LABELS, min_size=1, max_size=4, unique=True)
MOMENTS = st.datetimes(datetime(1904, 1, 3), datetime(1969, 12, 30)) | st.datetimes(  # noqa: DTZ001
    datetime(1970, 1, 3),  # noqa: DTZ001
    datetime(9999, 12, 29),  # noqa: DTZ001
)


def written(moment: datetime) -> str:
    """Return a moment in UTC as the API writes it."""
    return moment.isoformat() + "Z"


@st.composite
def shown_values(draw: st.DrawFn, kind: str) -> tuple[Json, Json, Json]:
    """Return a definition's settings, what a record shows, and what is to be sent for it."""
    match kind:
        case "number":
            places = draw(st.integers(0, 6))
            whole = draw(st.integers(-(2**40), 2**40))
            number = draw(st.sampled_from([whole, round(whole / 10**places, places)]))
            return {"numDecimalPlaces": places}, {"value": number}, {"value": number}
        case "text":
            value = {"value": draw(LABELS.filter(str.strip))}
            return {}, value, value
        case "datetime":
            moment = draw(MOMENTS)
            sends = {"value": written(moment)}
            meant = draw(st.sampled_from(["datetime", "date", "time"]))
            shows = {"type": meant, **sends}
            if meant == "date":
                zone = timezone(timedelta(minutes=draw(st.integers(-720, 840))))
                day = moment.replace(tzinfo=UTC).astimezone(zone).date()
                shows["dateValue"] = day.isoformat()
            return {"allowedDateTimeValueType": meant}, shows, sends
        case _:
            labels = draw(OPTIONS)
            options = [{"id": number_id(n), "label": label} for n, label in enumerate(labels, 100)]
            if kind == "multiple_choice":
                one = draw(st.sampled_from(options))
                shows = {"value": one["label"], "valueId": one["id"]}
                return {"options": options}, shows, {"valueId": one["id"]}
            some = draw(st.lists(st.sampled_from(options), unique_by=lambda it: it["id"]))
            ids = [it["id"] for it in some]
            shows = {"value": [it["label"] for it in some], "valueIds": ids}
            return {"options": options}, shows, {"valueIds": ids}


KEYS = {
    "number": "numberValue",
    "text": "textValue",
    "multiple_choice": "multipleChoiceValue",
    "check_boxes": "checkBoxesValue",
    "datetime": "dateTimeValue",
    "table": "tableValue",
}


@st.composite
def columns_of(draw: st.DrawFn, first: int) -> tuple[list[Json], list[Json]]:
    """Return definitions with any labels, and for each what a record shows and what is sent."""
    definitions, values = [], []
    for place in range(first, first + draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(SENT_KINDS))
        head = {"id": number_id(place), "type": kind}
        options, shows, sends = draw(shown_values(kind))
        definitions.append({**head, "label": draw(LABELS), **options})
        values.append({"shown": head | {KEYS[kind]: shows}, "sent": head | {KEYS[kind]: sends}})
    return definitions, values


@st.composite
def whole_types(draw: st.DrawFn) -> tuple[list[Json], list[Json], list[Json]]:
    """Return a type's fields, a record's, and those that are to be sent; one may be a table."""
    definitions, values = draw(columns_of(1))
    if draw(st.booleans()):
        columns, cells = draw(columns_of(50))
        head = {"id": number_id(40), "type": "table"}
        rows = [
            {"id": number_id(200 + n), "cells": [it for it in cells if draw(st.booleans())]}
            for n in range(draw(st.integers(0, 2)))
        ]
        shown, sends = (
            [{"id": row["id"], "cells": [it[side] for it in row["cells"]]} for row in rows]
            for side in ("shown", "sent")
        )
        heads = [{key: it[key] for key in ("id", "type", "label")} for it in columns]
        definitions.append({**head, "label": draw(LABELS), "columns": columns})
        table = {"columns": heads, "rows": shown}
        values.append(
            {
                "shown": head | {"tableValue": table},
                "sent": head | {"tableValue": {"rows": sends}},
            }
        )
    labels = [it["label"] for it in definitions]
    shown = [it["shown"] | {"label": label} for it, label in zip(values, labels, strict=True)]
    return definitions, shown, [it["sent"] for it in values]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(whole_types())
def test_what_a_record_holds_goes_back_as_it_was(case: tuple[list[Json], ...]) -> None:
    """Whatever the labels are: missing, twice, or alike but for case."""
    definitions, shown, expected = case
    values = values_of(record_of(*shown))
    assert len(shown) == len(values)
    assert expected == sent(type_of(*definitions), values)
