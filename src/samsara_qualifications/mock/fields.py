"""Custom fields: from what a request gives to what a record shows, by the type's definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import times
from .messages import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE_KEYS = {
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
_PEOPLE = ("user", "driver")
_BAD_REQUEST = 400


def merged(
    definitions: list[Json], stored: list[Json], given: list[Json], new_media: Callable[[], Json]
) -> list[Json]:
    """
    Return a record's fields after `given` went into `stored`, in the order of the definitions.

    Args:
        definitions: The fields that the record's type defines.
        stored: The fields that the record keeps unless they are given anew.
        given: The fields of the request.
        new_media: Makes the media record of an upload.

    Raises:
        Refused: A given field does not fit its definition (assumed: 400).
    """
    known = {definition["id"]: definition for definition in definitions}
    fields = {field["id"]: field for field in stored}
    for field in given:
        definition = _definition(known, field, "field")
        value = _value(definition, field, new_media)
        if field["type"] == "media":
            value = {"mediaList": value["mediaValue"]["mediaList"]}
        fields[field["id"]] = {**_head(definition), "label": definition["label"], **value}
    order = {identity: place for place, identity in enumerate(known)}
    return sorted(fields.values(), key=lambda field: order.get(field["id"], len(order)))


def missing(definitions: list[Json], fields: list[Json]) -> list[str]:
    """Return the labels of the required fields that have no value."""
    present = {field["id"] for field in fields}
    return [
        definition["label"]
        for definition in definitions
        if definition["isRequired"]
        and definition["type"] in VALUE_KEYS
        and definition["id"] not in present
    ]


def _head(definition: Json) -> Json:
    return {"id": definition["id"], "type": definition["type"]}


def _definition(known: dict[str, Json], given: Json, what: str) -> Json:
    definition = known.get(given["id"])
    if definition is None:
        raise Refused(
            _BAD_REQUEST, f"{what} {given['id']} is not defined by the qualification type"
        )
    if definition["type"] != given["type"]:
        wanted = definition["type"]
        raise Refused(
            _BAD_REQUEST, f"{what} {given['id']} is of type {wanted}, not {given['type']}"
        )
    return definition


def _value(definition: Json, given: Json, new_media: Callable[[], Json]) -> Json:
    key = VALUE_KEYS[definition["type"]]
    present = [name for name in VALUE_KEYS.values() if name in given]
    if present != [key]:
        raise Refused(
            _BAD_REQUEST,
            f"{given['id']} must have {key} and no other value, not {present or 'none'}",
        )
    value: Json = given[key]
    match definition["type"]:
        case "number" | "text":
            shown = {"value": value["value"]}
        case "multiple_choice":
            [label] = _labels(definition, [value["valueId"]])
            shown = {"value": label, "valueId": value["valueId"]}
        case "check_boxes":
            shown = {"value": _labels(definition, value["valueIds"]), "valueIds": value["valueIds"]}
        case "datetime":
            shown = _moment(definition, value["value"])
        case "media":
            shown = {"mediaList": [new_media() for _ in value["mediaList"]]}
        case "signature":
            shown = {"media": new_media()}
        case "person":
            shown = {"person": _person(value["person"]["polymorphicUserId"])}
        case "barcode":
            shown = {"barcodes": [{"value": barcode["value"]} for barcode in value["barcodes"]]}
        case _:
            shown = _table(definition, value["rows"], new_media)
    return {key: shown}


def _labels(definition: Json, chosen: list[str]) -> list[str]:
    labels = {option["id"]: option["label"] for option in definition.get("options", [])}
    for option in chosen:
        if option not in labels:
            raise Refused(_BAD_REQUEST, f"{definition['id']} has no option {option}")
    return [labels[option] for option in chosen]


def _moment(definition: Json, text: str) -> Json:
    moment = times.parse(text)
    kind = definition.get("allowedDateTimeValueType", "datetime")
    shown = {"type": kind, "value": times.render(moment)}
    return shown | ({"dateValue": moment.date().isoformat()} if kind == "date" else {})


def _person(text: str) -> Json:
    kind, _, identity = text.partition("-")
    if kind not in _PEOPLE or not identity:
        raise Refused(_BAD_REQUEST, f"{text} is not a valid person: write user-ID or driver-ID")
    return {"entryType": "tracked", "polymorphicUserId": {"id": identity, "type": kind}}


def _table(definition: Json, rows: list[Json], new_media: Callable[[], Json]) -> Json:
    columns = {column["id"]: column for column in definition.get("columns", [])}
    shown: list[Json] = []
    for row in rows:
        cells: list[Json] = []
        for cell in row["cells"]:
            column = _definition(columns, cell, "column")
            cells.append({**_head(column), **_value(column, cell, new_media)})
        shown.append({"id": row["id"], "cells": cells})
    heads = [{**_head(column), "label": column["label"]} for column in columns.values()]
    return {"columns": heads, "rows": shown}
