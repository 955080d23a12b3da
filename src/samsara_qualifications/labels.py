"""
A record's custom fields by their labels, as plain values: read them, and make inputs of them.

    values_of(record)                              {"License Number": "D1", "Points": 3, ...}
    fields_for(licence, {"License Number": "D2"})  [TextField(..., "D2")]

Both are pure functions of what the client returned: `client.types` gives a record's type.
"""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, Protocol, TypeGuard, TypeVar, cast
from uuid import UUID, uuid4

from . import _values
from ._wire import UNSET, Unset, models
from .errors import InvalidInput
from .fields import (
    BarcodeCell,
    CheckBoxesCell,
    CheckBoxesField,
    DateTimeCell,
    DateTimeField,
    Field,
    MediaField,
    MultipleChoiceCell,
    MultipleChoiceField,
    NumberCell,
    NumberField,
    PersonCell,
    SignatureField,
    TableField,
    TableRow,
    TextCell,
    TextField,
)
from .sentinels import Exactly

__all__ = ["fields_for", "values_of"]

ROW_ID: Final = "id"
"""The key of a table row's own id, beside its columns' labels."""

_LISTED: Final = 20  # names in a message
_FIELDS: Final[dict[str, type[Any]]] = {
    kind.kind: kind
    for kind in (
        *(NumberField, TextField, MultipleChoiceField, CheckBoxesField, DateTimeField),
        *(TableField, MediaField, SignatureField),
    )
}
_CELLS: Final[dict[str, type[Any]]] = {
    kind.kind: kind
    for kind in (
        *(NumberCell, TextCell, MultipleChoiceCell, CheckBoxesCell, DateTimeCell),
        *(PersonCell, BarcodeCell),
    )
}


class _Named(Protocol):
    """A field, a column or an option: what is found by its label or its id."""

    @property
    def id(self) -> UUID | str: ...
    @property
    def label(self) -> str: ...


_Item = TypeVar("_Item", bound=_Named)
_Definition = models.FieldDefinition | models.TableColumnDefinition


def values_of(record: models.QualificationRecord) -> dict[str, Any]:
    """
    Return a record's custom fields by their labels, in a form that `fields_for` takes back.

    A number is an int or a float, a text a str, a choice its option's label, check boxes a list of
    labels, a moment an aware datetime, and a table a list of rows. A row is a dict by the columns'
    labels, with the row's own id under `"id"`; in it a person is an id such as `"user-12345"`
    (assumed to be the form that the API takes), and barcodes are a list of texts.

    A calendar day is a date where midnight UTC is what the record holds. Where it holds another
    moment of that day, as midnight in the field's own time zone, it is an aware datetime: that very
    moment, and its `date()` is the day.

    Left out is what could not be given back whole: media and signatures, a table with a cell of
    these kinds or with a person typed in by hand, a kind that is newer than this package, a blank
    text, and a field without a value. Nothing is lost by that: an update keeps what is absent. An
    empty date that a record holds is in, but `fields_for` refuses it, unless in `Exactly`.

    Where a label is missing, blank, or another field's as well, the field's id is the key.

    Args:
        record: A record as the client returned it.

    Raises:
        InvalidInput: It is no record.
    """
    _require("values_of", record, models.QualificationRecord)
    keys = _keys(record.fields)
    values = ((keys[field.id], _shown(field)) for field in record.fields)
    return {key: value for key, value in values if value is not None}


def fields_for(
    qualification_type: models.QualificationType, values: Mapping[str, object]
) -> list[Field]:
    """
    Return the inputs for an update's or a new record's `fields`, from values by label.

    A label is found as it is written, else without regard to case and outer blanks; a field's id,
    as UUID or text, does as well, and is needed where two fields share a label. Options and
    columns are found likewise. Values are those that `values_of` returns; a text also takes
    `CLEAR`, texts and moments take `Exactly`, a media field takes a list of `MediaItem`, a
    signature one `MediaItem`.

    Nothing is converted or rounded: text for a number, or more decimal places than the field
    allows, is refused.

    A table goes out as a whole: rows and cells that are left out are assumed to be removed. A row
    without `"id"` is new and gets a random one; with the id that `values_of` gave, it is that row.

    Args:
        qualification_type: The type of the record, from `client.types`.
        values: The values to send; what is left out keeps its value.

    Raises:
        InvalidInput: A label or an option is unknown or ambiguous, or a value is of a wrong kind.
            The message names the nearest label, and what is allowed.
    """
    _require("fields_for", qualification_type, models.QualificationType)
    return _inputs(_FIELDS, "field", qualification_type.fields, values)


def _require(function: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise InvalidInput(
            f"{function} takes a {kind.__name__} as the client returned it, "
            f"not {_values.shown(value)}"
        )


# What a record shows.


def _keys(items: Iterable[models.Field | models.TableColumn], *taken: str) -> dict[UUID, str]:
    """Return the key of each field or column: its label, or its id where that says too little."""
    counts = Counter([*taken, *(item.label for item in items)])
    return {
        item.id: item.label if _is_filled(item.label) and counts[item.label] == 1 else str(item.id)
        for item in items
    }


def _is_filled(label: str | Unset) -> TypeGuard[str]:
    return isinstance(label, str) and bool(label.strip())


def _shown(item: models.Field | models.TableCell) -> Any:
    """Return a value; None where there is none, or none that could be given back."""
    kind = item.type_.value
    if kind not in _READERS:
        return None
    held = getattr(item, (_FIELDS | _CELLS)[kind]._key, UNSET)
    return None if held is UNSET else _READERS[kind](held)


def _text(held: models.TextValue) -> str | None:
    return held.value if held.value.strip() else None


def _moment(shown: models.DateTimeValue) -> date:
    day = shown.date_value
    if isinstance(day, Unset):
        return shown.value
    offset = datetime.combine(day, time(), UTC) - shown.value
    if abs(offset) >= timedelta(days=1):  # no time zone is so far away
        return shown.value
    return datetime.combine(day, time(), timezone(offset)) if offset else day


def _person(shown: models.PersonValue) -> str | None:
    user = shown.person.polymorphic_user_id
    return None if isinstance(user, Unset) else f"{user.type_.value}-{user.id}"


def _rows(table: models.TableValue) -> list[dict[str, Any]] | None:
    keys = _keys(table.columns, ROW_ID)
    rows: list[dict[str, Any]] = []
    for row in table.rows:
        shown: dict[str, Any] = {ROW_ID: str(row.id)}
        for cell in row.cells:
            key, value = keys.get(cell.id), _shown(cell)
            if value is None and _is_blank(cell):
                continue
            if value is None or key is None or key in shown:
                return None
            shown[key] = value
        rows.append(shown)
    return rows


def _is_blank(cell: models.TableCell) -> bool:
    """Return whether a cell without a value to give back holds nothing that could be lost."""
    held = {name: value for name, value in cell.to_dict().items() if name not in {"id", "type"}}
    return held.keys() <= {"textValue"} or held == {"mediaValue": {"mediaList": []}}


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("number", "multiple_choice", "check_boxes"), attrgetter("value")),
    "text": _text,
    "datetime": _moment,
    "table": _rows,
    "person": _person,
    "barcode": lambda held: [barcode.value for barcode in held.barcodes],
}


# What a request sends.


def _inputs(
    kinds: Mapping[str, type[Any]], what: str, definitions: Sequence[_Definition], given: object
) -> list[Any]:
    """Return the inputs of the definitions that values by label or id name."""
    values = _mapping(given)
    found = {name: find(what, name, definitions) for name in values}
    names: dict[object, object] = {}
    for name, definition in found.items():
        other = names.setdefault(definition.id, name)
        if other is not name:
            raise InvalidInput(
                f"{other!r:.80} and {name!r:.80} name the same {what}: which value is meant?"
            )
    return [
        _input(kinds, definition, values[name])
        for name, definition in found.items()
        if values[name] is not UNSET
    ]


def _mapping(given: object) -> Mapping[object, object]:
    if not isinstance(given, Mapping):
        raise InvalidInput(f"pass a dict of values by label, not {_values.shown(given)}")
    return cast("Mapping[object, object]", given)


def find(what: str, name: object, items: Sequence[_Item]) -> _Item:
    """Return the field, column or option that a label or an id names."""
    if not isinstance(name, str | UUID):
        raise InvalidInput(f"{what}s are named by label or id, not {_values.shown(name)}")
    wanted = _values.text(what, str(name) if isinstance(name, UUID) else name)
    found = (
        [item for item in items if item.label == wanted]
        or [item for item in items if str(item.id).casefold() == wanted.casefold()]
        or [item for item in items if folded(item.label) == folded(wanted)]
    )
    if len(found) > 1:
        ids = ", ".join(str(item.id) for item in found)
        raise InvalidInput(f"{wanted!r:.80} names more than one {what}: use the id, one of {ids}")
    if not found:
        hint = nearest(wanted, (item.label for item in items))
        raise InvalidInput(f"no {what} is labelled {wanted!r:.80}: {hint}")
    return found[0]


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Say which of the known names is nearest to the one that is wanted, and which there are."""
    names = [*dict.fromkeys(known)]
    listed = ", ".join(map(repr, names[:_LISTED])) + (", ..." if len(names) > _LISTED else "")
    near = near_to(wanted, names)
    hint = f"did you mean {near!r}? " if near else ""
    return hint + (f"There are {listed}" if names else "there are none")


def near_to(wanted: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest; empty where none is near."""
    names = {folded(name): name for name in known}
    near = difflib.get_close_matches(folded(wanted)[:200], names, n=1)
    return names[near[0]] if near else ""


def folded(label: str) -> str:
    """Return a label without regard to case, outer blanks, and how its accents are encoded."""
    return unicodedata.normalize("NFC", label.strip().casefold())


def _input(kinds: Mapping[str, type[Any]], definition: _Definition, value: object) -> Any:
    kind = definition.type_.value
    with _at(repr(definition.label)):
        if kind not in kinds:
            raise InvalidInput(f"no value can be sent for the type {kind} here: leave it out")
        if value is None:
            clear = ", or pass CLEAR to empty it" if kind == "text" else ""
            raise InvalidInput(f"None is ambiguous: leave it out to keep what is there{clear}")
        return kinds[kind](definition.id, _converted(kind, definition, value))


@contextmanager
def _at(place: str) -> Generator[None]:
    """Say where a value stands that is refused."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error}") from None


def _converted(kind: str, definition: _Definition, value: Any) -> Any:
    """Return what the input's class takes; it checks the rest."""
    match kind:
        case "number":
            return _within_places(definition.num_decimal_places, value)
        case "multiple_choice":
            return find("option", value, definition.options or []).id
        case "check_boxes":
            labels = _list("option labels", value)
            found = [find("option", label, definition.options or []).id for label in labels]
            return list(dict.fromkeys(found))
        case "datetime" if definition.allowed_date_time_value_type == "time":
            # Of a time of day the date means nothing: other systems often write an empty one.
            return cast("Any", value) if isinstance(value, Exactly) else Exactly(value)
        case "table" if isinstance(definition, models.FieldDefinition):
            rows = _list("rows, each a dict of values by the columns' labels", value)
            return [_row(place, definition, row) for place, row in enumerate(rows, 1)]
        case _:
            return value


def _within_places(allowed: int | Unset, value: object) -> object:
    """Return a number that has no more decimal places than allowed; other values as they are."""
    if isinstance(allowed, Unset) or not isinstance(value, float) or not math.isfinite(value):
        return value
    places = -int(Decimal(float.__repr__(value)).normalize().as_tuple().exponent)
    if places > allowed:
        raise InvalidInput(
            f"{float.__repr__(value)} has too many decimal places, {allowed} at most are allowed: "
            f"pass round(value, {allowed}) if that is meant"
        )
    return value


def _row(place: int, table: models.FieldDefinition, given: object) -> TableRow:
    with _at(f"row {place}"):
        values = dict(_mapping(given))
        identity = values.pop(ROW_ID, UNSET)
        cells = _inputs(_CELLS, "column", table.columns or [], values)
        return TableRow(uuid4() if identity is UNSET else cast("Any", identity), cells)


def _list(what: str, value: object) -> Sequence[object]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise InvalidInput(f"pass a list of {what}, not {_values.shown(value)}")
    return cast("Sequence[object]", value)
