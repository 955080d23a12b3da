"""
Typed inputs for a record's custom fields and owner.

The class decides the field's `type` and under which key the value goes, so that they cannot
disagree. The kinds are those of the API's update and create requests.

    NumberField, TextField, MultipleChoiceField, CheckBoxesField, DateTimeField,
    TableField (rows of TableRow, with cells NumberCell, TextCell, MultipleChoiceCell,
    CheckBoxesCell, DateTimeCell, PersonCell, BarcodeCell), MediaField and SignatureField (with
    MediaItem)

Values are checked when an input is made: a wrong one raises `InvalidInput`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from . import _values
from ._wire import models
from .errors import InvalidInput
from .sentinels import Clear, Exactly

_T = TypeVar("_T")
_Model = TypeVar("_Model")


class _Checked(Generic[_Model]):
    """Checks and converts its values once, when it is made."""

    _model: _Model

    def __post_init__(self) -> None:
        object.__setattr__(self, "_model", self._checked())

    def wire(self) -> _Model:
        """Return the generated model."""
        return self._model

    def _checked(self) -> _Model:
        raise TypeError(f"{type(self).__name__} is not a kind of field; use one such as TextField")

    def _name(self, attribute: str) -> str:
        return f"{type(self).__name__}.{attribute}"


@dataclass(frozen=True)
class _Input(_Checked[_Model]):
    """
    A value for one field or cell.

    Attributes:
        id: The UUID of the field, from the qualification type.
    """

    id: str | UUID

    kind: ClassVar[str]
    _key: ClassVar[str]

    def _value(self) -> Any:
        raise TypeError(f"{type(self).__name__} is not a kind of field; use one such as TextField")


class Field(_Input["models.FieldInput"]):
    """The base of all field inputs."""

    def _checked(self) -> models.FieldInput:
        value = self._value()
        return models.FieldInput(
            id=_values.uuid(self._name("id"), self.id),
            type_=models.FieldInputType(self.kind),
            **{self._key: value},
        )


class Cell(_Input["models.TableCellInput"]):
    """The base of all cell inputs of a table's row."""

    def _checked(self) -> models.TableCellInput:
        value = self._value()
        return models.TableCellInput(
            id=_values.uuid(self._name("id"), self.id),
            type_=models.TableCellInputType(self.kind),
            **{self._key: value},
        )


@dataclass(frozen=True)
class _Number(_Input[Any]):
    value: float

    kind = "number"
    _key = "number_value"

    def _value(self) -> models.NumberInput:
        return models.NumberInput(value=_values.number(self._name("value"), self.value))


@dataclass(frozen=True)
class _Text(_Input[Any]):
    value: str | Clear | Exactly[str]

    kind = "text"
    _key = "text_value"

    def _value(self) -> models.TextInput:
        return models.TextInput(value=_values.filled_text(self._name("value"), self.value))


@dataclass(frozen=True)
class _MultipleChoice(_Input[Any]):
    option_id: str | UUID

    kind = "multiple_choice"
    _key = "multiple_choice_value"

    def _value(self) -> models.MultipleChoiceInput:
        return models.MultipleChoiceInput(
            value_id=_values.uuid(self._name("option_id"), self.option_id)
        )


@dataclass(frozen=True)
class _CheckBoxes(_Input[Any]):
    option_ids: Sequence[str | UUID]

    kind = "check_boxes"
    _key = "check_boxes_value"

    def _value(self) -> models.CheckBoxesInput:
        name = self._name("option_ids")
        return models.CheckBoxesInput(
            value_ids=[_values.uuid(name, item) for item in _sequence(name, self.option_ids)]
        )


@dataclass(frozen=True)
class _DateTime(_Input[Any]):
    value: date | Exactly[date]

    kind = "datetime"
    _key = "date_time_value"

    def _value(self) -> models.DateTimeInput:
        name = self._name("value")
        way_out = "pass the real date, leave the field out"
        return models.DateTimeInput(value=_values.no_empty_date(name, self.value, way_out))


class NumberField(_Number, Field):
    """A number: `NumberField(field_id, 123.456)`. The value is finite."""


class TextField(_Text, Field):
    """
    A text: `TextField(field_id, "D1234567")`.

    A blank one is refused, as an empty cell must not empty the field. `CLEAR` empties it: the empty
    text goes out, which is assumed to do so. `Exactly("")` sends any text as it is.
    """


class MultipleChoiceField(_MultipleChoice, Field):
    """One option by its UUID: `MultipleChoiceField(field_id, option_id)`."""


class CheckBoxesField(_CheckBoxes, Field):
    """Any number of options by their UUIDs: `CheckBoxesField(field_id, [option_id, ...])`."""


class DateTimeField(_DateTime, Field):
    """
    A moment: an aware datetime, or a date, which means midnight UTC.

    The epoch and the dates that databases and spreadsheets write for an empty one are refused;
    `Exactly(value)` sends them.
    """


class NumberCell(_Number, Cell):
    """A number in a table's row: `NumberCell(column_id, 7)`."""


class TextCell(_Text, Cell):
    """A text in a table's row, taken as `TextField` takes it."""


class MultipleChoiceCell(_MultipleChoice, Cell):
    """One option, in a table's row."""


class CheckBoxesCell(_CheckBoxes, Cell):
    """Any number of options, in a table's row."""


class DateTimeCell(_DateTime, Cell):
    """A moment, in a table's row, taken as `DateTimeField` takes it."""


@dataclass(frozen=True)
class PersonCell(Cell):
    """
    A person in a table's row.

    Attributes:
        person_id: Samsara's polymorphic user id, such as `"user-12345"`.
    """

    person_id: str

    kind = "person"
    _key = "person_value"

    def _value(self) -> models.PersonInput:
        person = _values.identifier(self._name("person_id"), self.person_id)
        return models.PersonInput(person=models.PersonReferenceInput(polymorphic_user_id=person))


@dataclass(frozen=True)
class BarcodeCell(Cell):
    """
    Barcodes in a table's row.

    Attributes:
        values: What each barcode says.
    """

    values: Sequence[str]

    kind = "barcode"
    _key = "barcode_value"

    def _value(self) -> models.BarcodeInput:
        name = self._name("values")
        texts = [_values.text(name, value) for value in _sequence(name, self.values)]
        return models.BarcodeInput(barcodes=[models.BarcodeItemInput(value=text) for text in texts])


@dataclass(frozen=True)
class TableRow(_Checked["models.TableRowInput"]):
    """
    A row of a table.

    Attributes:
        id: The UUID of the row.
        cells: Its cells.
    """

    id: str | UUID
    cells: Sequence[Cell]

    def _checked(self) -> models.TableRowInput:
        cells = _instances("TableRow.cells", self.cells, Cell)
        return models.TableRowInput(
            id=_values.uuid("TableRow.id", self.id), cells=[cell.wire() for cell in cells]
        )


@dataclass(frozen=True)
class TableField(Field):
    """
    A table.

    Attributes:
        rows: Its rows.
    """

    rows: Sequence[TableRow]

    kind = "table"
    _key = "table_value"

    def _value(self) -> models.TableInput:
        rows = _instances("TableField.rows", self.rows, TableRow)
        return models.TableInput(rows=[row.wire() for row in rows])


@dataclass(frozen=True)
class MediaItem(_Checked["models.MediaItemInput"]):
    """
    A file to upload with a record.

    Attributes:
        media_type: Its MIME type, such as `"application/pdf"`.
        base64_payload: Its content in base64; `MediaItem.from_bytes` makes it.
    """

    media_type: str
    base64_payload: str

    @classmethod
    def from_bytes(cls, media_type: str, content: bytes) -> Self:
        """Return the item for a file's bytes."""
        if not isinstance(content, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidInput(f"content must be bytes, not {_values.shown(content)}")
        return cls(media_type, base64.b64encode(content).decode())

    def _checked(self) -> models.MediaItemInput:
        payload = _values.text("MediaItem.base64_payload", self.base64_payload)
        try:
            base64.b64decode(payload, validate=True)
        except ValueError:
            raise InvalidInput(
                f"MediaItem.base64_payload={payload!r:.40} is not valid base64: "
                "MediaItem.from_bytes makes it from a file's bytes"
            ) from None
        return models.MediaItemInput(
            media_type=_values.identifier("MediaItem.media_type", self.media_type),
            base_64_payload=payload,
        )


@dataclass(frozen=True)
class MediaField(Field):
    """
    Any number of files.

    Attributes:
        items: The files.
    """

    items: Sequence[MediaItem]

    kind = "media"
    _key = "media_value"

    def _value(self) -> models.MediaInput:
        items = _instances("MediaField.items", self.items, MediaItem)
        return models.MediaInput(media_list=[item.wire() for item in items])


@dataclass(frozen=True)
class SignatureField(Field):
    """
    A signature, as a picture.

    Attributes:
        media: The picture.
    """

    media: MediaItem

    kind = "signature"
    _key = "signature_value"

    def _value(self) -> models.SignatureInput:
        (media,) = _instances("SignatureField.media", [self.media], MediaItem)
        return models.SignatureInput(media=media.wire())


@dataclass(frozen=True)
class Owner(_Checked["models.OwnerInput"]):
    """
    Who or what holds a qualification; make it with `Owner.worker(id)` or `Owner.asset(id)`.

    Attributes:
        entity_type: `"worker"` or `"asset"`.
        id: Samsara's id of the worker or asset.
    """

    entity_type: str
    id: str

    @classmethod
    def worker(cls, worker_id: str) -> Self:
        """Return a worker as the owner."""
        return cls("worker", worker_id)

    @classmethod
    def asset(cls, asset_id: str) -> Self:
        """Return an asset as the owner: a vehicle, a trailer, a piece of equipment."""
        return cls("asset", asset_id)

    def _checked(self) -> models.OwnerInput:
        return models.OwnerInput(
            entity_type=_values.entity_type("Owner.entity_type", self.entity_type),
            id=_values.identifier("Owner.id", self.id),
        )


def _sequence(name: str, values: object) -> Sequence[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        raise InvalidInput(f"{name} must be a list or a tuple, not {_values.shown(values)}")
    return values  # pyright: ignore[reportUnknownVariableType]  checked item by item


def _instances(name: str, values: object, kind: type[_T]) -> Sequence[_T]:
    items = _sequence(name, values)
    for item in items:
        if not isinstance(item, kind):
            raise InvalidInput(f"{name} takes {kind.__name__} objects, not {_values.shown(item)}")
    return items


def field_models(values: object) -> list[models.FieldInput]:
    """Return the generated models of a sequence of fields, each field once."""
    if any(isinstance(item, models.Field) for item in _sequence("fields", values)):
        raise InvalidInput(
            "fields takes inputs such as TextField, not the fields of a record: "
            "fields_for(qualification_type, values_of(record)) makes inputs of them"
        )
    items = _instances("fields", values, Field)
    found = [item.wire() for item in items]
    seen: set[UUID] = set()
    for model in found:
        if model.id in seen:
            raise InvalidInput(f"fields names the field {model.id} twice: which value is meant?")
        seen.add(model.id)
    return found
