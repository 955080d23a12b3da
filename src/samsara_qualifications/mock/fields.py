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


def merged(
    definitions: list[Json], stored: list[Json], given: list[Json], new_media: Callable[[], Json]
) -> list[Json]:
    """Return a record's fields after those of a request, in the order of the definitions."""
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
        item["label"]
        for item in definitions
        if item["isRequired"] and item["type"] in VALUE_KEYS and item["id"] not in present
    ]


def _head(definition: Json) -> Json:
    return {"id": definition["id"], "type": definition["type"]}


def _definition(known: dict[str, Json], given: Json, what: str) -> Json:
    definition = known.get(given["id"])
    if definition is None:
        raise Refused(400, f"{what} {given['id']} is not defined by the qualification type")
    if (wanted := definition["type"]) != given["type"]:
        raise Refused(400, f"{what} {given['id']} is of type {wanted}, not {given['type']}")
    return definition


def _value(definition: Json, given: Json, new_media: Callable[[], Json]) -> Json:
    key = VALUE_KEYS[definition["type"]]
    present = [name for name in VALUE_KEYS.values() if name in given]
    if present != [key]:
        raise Refused(400, f"{given['id']} must have {key} alone, not {present or 'none'}")
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
    if unknown := set(chosen) - labels.keys():
        raise Refused(400, f"{definition['id']} has no option {', '.join(unknown)}")
    return [labels[option] for option in chosen]


def _moment(definition: Json, text: str) -> Json:
    moment = times.parse(text)
    kind = definition.get("allowedDateTimeValueType", "datetime")
    shown = {"type": kind, "value": times.render(moment)}
    return shown | ({"dateValue": moment.date().isoformat()} if kind == "date" else {})


def _person(text: str) -> Json:
    kind, _, identity = text.partition("-")
    if kind not in {"user", "driver"} or not identity:
        raise Refused(400, f"{text} is not a valid person: write user-ID or driver-ID")
    return {"entryType": "tracked", "polymorphicUserId": {"id": identity, "type": kind}}


def _table(definition: Json, rows: list[Json], new_media: Callable[[], Json]) -> Json:
    columns = {column["id"]: column for column in definition.get("columns", [])}

    def shown(cell: Json) -> Json:
        column = _definition(columns, cell, "column")
        return {**_head(column), **_value(column, cell, new_media)}

    return {
        "columns": [{**_head(column), "label": column["label"]} for column in columns.values()],
        "rows": [{"id": row["id"], "cells": [*map(shown, row["cells"])]} for row in rows],
    }
