"""Typed inputs for custom fields and owners: the class decides `type` and key."""

from __future__ import annotations

import base64
import copy
import pickle
from datetime import UTC, date, datetime
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest

from samsara_qualifications import (
    CLEAR,
    BarcodeCell,
    CheckBoxesCell,
    CheckBoxesField,
    DateTimeCell,
    DateTimeField,
    InvalidInput,
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
    _wire,
)
from samsara_qualifications.fields import Cell, Field, field_models
from samsara_qualifications.sentinels import Exactly

ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
OTHER = "1214a1fa-f0c6-408b-bf85-51dc3bc71ac7"
ITEM = MediaItem.from_bytes("image/png", b"\x89PNG")
WHEN = datetime(2027, 1, 1, tzinfo=UTC)


class Licence(str, Enum):  # noqa: UP042  the old form, which callers have
    """A caller's own enum of texts."""

    CDL = "commercial"


class Points(IntEnum):
    """A caller's own enum of numbers."""

    MANY = 12


class Decimals(float):
    """A float subclass, as NumPy's."""


VALUES = [
    (NumberField, NumberCell, 123.456, "number", "numberValue", {"value": 123.456}),
    (TextField, TextCell, "D1", "text", "textValue", {"value": "D1"}),
    (TextField, TextCell, Licence.CDL, "text", "textValue", {"value": "commercial"}),
    (TextField, TextCell, CLEAR, "text", "textValue", {"value": ""}),
    (TextField, TextCell, Exactly(""), "text", "textValue", {"value": ""}),
    (TextField, TextCell, Exactly(" \n"), "text", "textValue", {"value": " \n"}),
    (NumberField, NumberCell, Points.MANY, "number", "numberValue", {"value": 12}),
    (NumberField, NumberCell, Decimals(0.5), "number", "numberValue", {"value": 0.5}),
    (
        MultipleChoiceField,
        MultipleChoiceCell,
        UUID(OTHER),
        "multiple_choice",
        "multipleChoiceValue",
        {"valueId": OTHER},
    ),
    (
        CheckBoxesField,
        CheckBoxesCell,
        (OTHER, UUID(ID)),
        "check_boxes",
        "checkBoxesValue",
        {"valueIds": [OTHER, ID]},
    ),
    (CheckBoxesField, CheckBoxesCell, [], "check_boxes", "checkBoxesValue", {"valueIds": []}),
    (
        DateTimeField,
        DateTimeCell,
        WHEN,
        "datetime",
        "dateTimeValue",
        {"value": "2027-01-01T00:00:00Z"},
    ),
    (
        DateTimeField,
        DateTimeCell,
        Exactly(date(1970, 1, 1)),
        "datetime",
        "dateTimeValue",
        {"value": "1970-01-01T00:00:00Z"},
    ),
]


@pytest.mark.parametrize(("field", "cell", "value", "kind", "key", "expected"), VALUES)
def test_a_value_goes_under_the_key_of_its_class(
    *, field: Any, cell: Any, value: Any, kind: str, key: str, expected: Any
) -> None:
    """In a record and in a table's row alike."""
    whole = {"id": ID, "type": kind, key: expected}
    assert whole == field(ID, value).wire().to_dict()
    assert whole == cell(UUID(ID), value).wire().to_dict()


@pytest.mark.parametrize("value", [Licence.CDL, Points.MANY, Decimals(0.5), 5, 0.5, "D1"])
def test_a_value_goes_out_as_its_plain_type(value: Any) -> None:
    """What encodes JSON cannot take an enum's or a subclass's own text for the value."""
    made = TextField(ID, value) if isinstance(value, str) else NumberField(ID, value)
    model: Any = made.wire()
    sent = (model.text_value or model.number_value).value
    assert next(kind for kind in (str, int, float) if isinstance(value, kind)) is type(sent)


def test_a_person_is_named_by_the_polymorphic_id() -> None:
    """It exists in tables only."""
    expected = {
        "id": ID,
        "type": "person",
        "personValue": {"person": {"polymorphicUserId": "user-12345"}},
    }
    assert expected == PersonCell(ID, "user-12345").wire().to_dict()


def test_barcodes_are_texts() -> None:
    """They exist in tables only."""
    expected = {
        "id": ID,
        "type": "barcode",
        "barcodeValue": {"barcodes": [{"value": "4006381333931"}, {"value": "ü"}]},
    }
    assert expected == BarcodeCell(ID, ["4006381333931", "ü"]).wire().to_dict()
    with pytest.raises(InvalidInput, match=r"BarcodeCell\.values must be a string, not int"):
        BarcodeCell(ID, [4006381333931])  # type: ignore[list-item]


def test_a_table_holds_rows_of_cells() -> None:
    """The whole nesting."""
    field = TableField(ID, [TableRow(OTHER, [NumberCell(ID, 7), TextCell(OTHER, "ok")])])
    cells = [
        {"id": ID, "type": "number", "numberValue": {"value": 7}},
        {"id": OTHER, "type": "text", "textValue": {"value": "ok"}},
    ]
    expected = {"id": ID, "type": "table", "tableValue": {"rows": [{"id": OTHER, "cells": cells}]}}
    assert expected == field.wire().to_dict()


def test_media_and_signature_carry_base64() -> None:
    """A file's bytes arrive as they were."""
    item = {"mediaType": "image/png", "base64Payload": "iVBORw=="}
    media = {"id": ID, "type": "media", "mediaValue": {"mediaList": [item]}}
    signature = {"id": ID, "type": "signature", "signatureValue": {"media": item}}
    assert media == MediaField(ID, [ITEM]).wire().to_dict()
    assert signature == SignatureField(ID, ITEM).wire().to_dict()
    assert b"\x89PNG" == base64.b64decode(ITEM.base64_payload)


def test_every_kind_of_the_spec_has_a_class() -> None:
    """A new kind in the spec asks for a new class."""
    schemas = _wire.spec()["components"]["schemas"]
    for base, schema in [(Field, "FieldInputType"), (Cell, "TableCellInputType")]:
        kinds = {kind.kind for kind in _leaves(base)}
        assert set(schemas[schema]["enum"]) == kinds


def _leaves(kind: type) -> list[Any]:
    children = kind.__subclasses__()
    return [kind] if not children else [leaf for child in children for leaf in _leaves(child)]


def test_an_owner_is_a_worker_or_an_asset() -> None:
    """By the kind's name."""
    assert {"entityType": "worker", "id": "1"} == Owner.worker("1").wire().to_dict()
    assert {"entityType": "asset", "id": "2"} == Owner.asset("2").wire().to_dict()
    assert Owner.worker("1") == Owner("worker", "1")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NumberField("x", 1), "NumberField.id must be a UUID"),
        (lambda: NumberField(ID, float("nan")), "NumberField.value=float nan"),
        (lambda: NumberCell(ID, None), "NumberCell.value must be an int or a float, not None"),
        (lambda: NumberField(ID, True), "not bool True"),  # noqa: FBT003
        (lambda: TextField(ID, 5), "TextField.value must be a string, not int 5"),
        (lambda: TextCell(ID, "\ud800"), "TextCell.value='\\ud800' holds a lone surrogate"),
        (lambda: TextField(ID, ""), "TextField.value='' is what an empty cell looks like: leave"),
        (lambda: TextCell(ID, " \t"), "pass CLEAR to empty it, or Exactly(value) if this very"),
        (lambda: TextField(ID, None), "TextField.value must be a string, not None"),
        (lambda: TextField(ID, Exactly(None)), "TextField.value must be a string, not None"),
        (lambda: NumberField(ID, CLEAR), "NumberField.value must be an int or a float, not Clear"),
        (
            lambda: DateTimeCell(ID, date(1899, 12, 30)),
            "1899-12-30T00:00:00+00:00 is what",
        ),
        (lambda: DateTimeField(ID, Exactly("x")), "DateTimeField.value must be an aware datetime"),
        (lambda: MultipleChoiceField(ID, "A"), "MultipleChoiceField.option_id must be a UUID"),
        (lambda: CheckBoxesField(ID, ID), "CheckBoxesField.option_ids must be a list or a tuple"),
        (lambda: CheckBoxesField(ID, None), "must be a list or a tuple, not None"),
        (
            lambda: CheckBoxesField(ID, (i for i in [ID])),
            "must be a list or a tuple, not generator",
        ),
        (lambda: CheckBoxesField(ID, ["A"]), "CheckBoxesField.option_ids must be a UUID"),
        (lambda: DateTimeField(ID, "2027-01-01"), "DateTimeField.value must be an aware datetime"),
        (lambda: DateTimeField(ID, datetime(2027, 1, 1)), "has no time zone"),  # noqa: DTZ001
        (lambda: PersonCell(ID, ""), "PersonCell.person_id='' is not a valid id"),
        (lambda: TableField(ID, TableRow(ID, [])), "TableField.rows must be a list or a tuple"),
        (lambda: TableField(ID, [NumberCell(ID, 1)]), "TableField.rows takes TableRow objects"),
        (lambda: TableRow("x", []), "TableRow.id must be a UUID"),
        (lambda: TableRow(ID, [NumberField(ID, 1)]), "TableRow.cells takes Cell objects"),
        (lambda: MediaItem("", "AA=="), "MediaItem.media_type='' is not a valid id"),
        (lambda: MediaItem("image/png", "A"), "MediaItem.base64_payload='A' is not valid base64"),
        (lambda: MediaItem("image/png", "ä"), "is not valid base64: MediaItem.from_bytes makes it"),
        (lambda: MediaItem("image/png", b"AA=="), "must be a string, not bytes"),
        (
            lambda: MediaItem.from_bytes("image/png", "text"),
            "content must be bytes, not str 'text'",
        ),
        (lambda: MediaField(ID, ["AA=="]), "MediaField.items takes MediaItem objects, not str"),
        (
            lambda: SignatureField(ID, None),
            "SignatureField.media takes MediaItem objects, not None",
        ),
        (lambda: Owner.worker(""), "Owner.id='' is not a valid id"),
        (lambda: Owner("driver", "1"), "Owner.entity_type=str 'driver' must be one of"),
    ],
)
def test_a_wrong_value_is_refused_when_the_input_is_made(make: Any, message: str) -> None:
    """Not later, when it goes out: the traceback shows where it came from."""
    with pytest.raises(InvalidInput) as caught:
        make()
    assert message in str(caught.value)


def test_a_base_is_no_kind() -> None:
    """Only the kinds can be made."""
    with pytest.raises(TypeError, match="Field is not a kind of field; use one such as TextField"):
        Field(ID)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (None, "fields must be a list or a tuple, not None"),
        (NumberField(ID, 1), "fields must be a list or a tuple, not NumberField"),
        ([1], "fields takes Field objects, not int 1"),
        ([NumberCell(ID, 1)], "fields takes Field objects, not NumberCell"),
        ([TextField(ID, "a"), NumberField(UUID(ID), 1)], f"fields names the field {ID} twice"),
    ],
)
def test_wrong_fields_are_refused(fields: Any, message: str) -> None:
    """One field has one value."""
    with pytest.raises(InvalidInput) as caught:
        field_models(fields)
    assert message in str(caught.value)


def test_what_becomes_of_a_list_later_does_not_count() -> None:
    """A value is taken as it was when it was checked."""
    options: list[Any] = [OTHER]
    field = CheckBoxesField(ID, options)
    options.append("no UUID")
    assert [UUID(OTHER)] == field.wire().check_boxes_value.value_ids


def test_inputs_are_values() -> None:
    """Equal by content, frozen, copied and pickled."""
    field = TableField(ID, (TableRow(OTHER, (NumberCell(ID, 7),)),))
    for twin in [copy.copy(field), copy.deepcopy(field), pickle.loads(pickle.dumps(field))]:  # noqa: S301
        assert field == twin
    assert 1 == len({field, copy.deepcopy(field)})
    with pytest.raises(AttributeError):
        field.rows = ()  # type: ignore[misc]
