"""The value of a custom field, as it was sent and as it comes back, in one plain form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.oracle import instants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from samsara_qualifications_contract.oracle.spec import Json


@dataclass(frozen=True)
class Misfit:
    """What the type does not allow, and the behaviour by which it is refused."""

    behaviour: str


NOT_DEFINED = Misfit("field_must_fit")
INPUT_KEYS = {
    "number": "numberValue",
    "text": "textValue",
    "multiple_choice": "multipleChoiceValue",
    "check_boxes": "checkBoxesValue",
    "datetime": "dateTimeValue",
    "table": "tableValue",
    "media": "mediaValue",
    "signature": "signatureValue",
    "person": "personValue",
    "barcode": "barcodeValue",
}
INNER_KEYS = {
    **dict.fromkeys(["number", "text", "datetime"], "value"),
    "multiple_choice": "valueId",
    "check_boxes": "valueIds",
    "table": "rows",
    "media": "mediaList",
    "signature": "media",
    "person": "person",
}


def input_of(definition: Json, value: Any) -> Json:
    """Return the input that gives a value to a field or column."""
    kind = definition["type"]
    return {"id": definition["id"], "type": kind, INPUT_KEYS[kind]: {INNER_KEYS[kind]: value}}


def sent_value(definition: Json | None, given: Json, instant: Callable[[str], int]) -> Any:
    """
    Return the value that a request gives to a field or cell.

    Args:
        definition: The field's definition in the type; `None` where it has none.
        given: The field of the request.
        instant: Reads a timestamp.

    Returns:
        The value, in a form that `seen_value` gives, too; a `Misfit` where the type does not allow
        it.
    """
    if definition is None or definition["type"] != given["type"]:
        return NOT_DEFINED
    if [key for key in INPUT_KEYS.values() if key in given] != [INPUT_KEYS[given["type"]]]:
        return Misfit("one_value")
    return _sent(definition, given[INPUT_KEYS[given["type"]]], instant)


def _sent(definition: Json, value: Json, instant: Callable[[str], int]) -> Any:
    match definition["type"]:
        case "multiple_choice":
            sent = _chosen(definition, [value["valueId"]])
        case "check_boxes":
            sent = _chosen(definition, value["valueIds"])
        case "datetime":
            sent = _sent_moment(definition, value["value"], instant)
        case "person":
            kind, _, identity = value["person"]["polymorphicUserId"].partition("-")
            sent = {"type": kind, "id": identity} if identity else Misfit("person_id")
        case "barcode":
            sent = [barcode["value"] for barcode in value["barcodes"]]
        case "media" | "signature":
            sent = len(value.get("mediaList", [value]))
        case "table":
            sent = _sent_table(definition, value["rows"], instant)
        case _:
            sent = value["value"]
    return sent


def seen_value(field: Json, instant: Callable[[str], int]) -> Any:
    """
    Return the value of a record's field or cell.

    Raises:
        KeyError: The field has no value of its type.
    """
    kind = field["type"]
    if kind == "media" and "mediaList" in field:  # a cell has `mediaValue` instead
        return len(field["mediaList"])
    value = field[INPUT_KEYS[kind]]
    seen: Any
    match kind:
        case "multiple_choice":
            seen = [[value["valueId"], value["value"]]]
        case "check_boxes":
            seen = sorted(map(list, zip(value["valueIds"], value["value"], strict=True)))
        case "datetime":
            seen = _seen_moment(value, instant)
        case "person":
            person = value["person"]["polymorphicUserId"]
            seen = {"type": person["type"], "id": person["id"]}
        case "media":
            seen = len(value["mediaList"])
        case "signature":
            seen = int("media" in value)
        case "table":
            seen = _seen_table(value, instant)
        case "barcode":
            seen = [barcode["value"] for barcode in value["barcodes"]]
        case _:
            seen = value["value"]
    return seen


def _chosen(definition: Json, ids: list[str]) -> Any:
    labels = {option["id"]: option["label"] for option in definition.get("options", [])}
    if not labels.keys() >= set(ids):
        return NOT_DEFINED
    return sorted([identity, labels[identity]] for identity in ids)


def _sent_moment(definition: Json, text: str, instant: Callable[[str], int]) -> Any:
    moment = instants.parse(text)
    if not instants.representable(moment):
        return Misfit("time_range")
    return {"type": definition.get("allowedDateTimeValueType", "datetime"), "at": instant(text)}


def _seen_moment(value: Json, instant: Callable[[str], int]) -> Json:
    return {"type": value["type"], "at": instant(value["value"])}


def days(fields: list[Json]) -> Iterator[tuple[str, str]]:
    """Yield each moment in fields, cells included, of which a day is shown; and that day."""
    for item in fields:
        moment = item.get("dateTimeValue", {})
        if moment.get("type") == "date":
            yield moment["value"], moment["dateValue"]
        for row in item.get("tableValue", {}).get("rows", []):
            yield from days(row["cells"])


def _sent_table(definition: Json, rows: list[Json], instant: Callable[[str], int]) -> Any:
    columns = {column["id"]: column for column in definition["columns"]}
    sent: list[Any] = []
    for row in rows:
        cells = {
            cell["id"]: sent_value(columns.get(cell["id"]), cell, instant) for cell in row["cells"]
        }
        if misfit := next((v for v in cells.values() if isinstance(v, Misfit)), None):
            return misfit
        sent.append({"id": row["id"], "cells": cells})
    return {"columns": _named(definition["columns"]), "rows": sent}


def _seen_table(value: Json, instant: Callable[[str], int]) -> Json:
    return {
        "columns": _named(value["columns"]),
        "rows": [
            {"id": row["id"], "cells": _by_column(row["cells"], instant)} for row in value["rows"]
        ],
    }


def _named(columns: list[Json]) -> list[list[str]]:
    return sorted([column["id"], column["type"], column["label"]] for column in columns)


def _by_column(cells: list[Json], instant: Callable[[str], int]) -> Json:
    seen = {cell["id"]: seen_value(cell, instant) for cell in cells}
    if len(seen) != len(cells):
        raise ValueError("a column twice in a row")
    return seen
