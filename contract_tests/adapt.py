"""Map a generated, valid request to records, types and fields that exist: so that it acts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from contract_tests.facts import CELLS, SETTABLE, settable
from contract_tests.values import INPUT_KEYS

if TYPE_CHECKING:
    from contract_tests.facts import Facts
    from contract_tests.spec import Json

_DATE = "2024-08-27T10:20:30Z"
_MAX = 1e300


def minimal_record(facts: Facts, entity: str, **more: Any) -> Json:
    """Return the body that creates a plain record."""
    kind = facts.type_of(entity)
    assert kind is not None
    return {
        "qualificationType": {"id": kind["id"]},
        "owner": {"entityType": entity, "id": facts.owners[entity][0]},
        "issueDate": _DATE,
        "fields": [plain_input(item) for item in kind["fields"] if item["isRequired"]],
        **more,
    }


def every_field(facts: Facts, entity: str) -> list[Json]:
    """Return a plain input for every field of the type that can be set."""
    kind = facts.type_of(entity)
    assert kind is not None
    return [plain_input(item) for item in kind["fields"] if settable(item)]


def creation(facts: Facts, entity: str, body: Json) -> Json:
    """Return a generated creation, with a type, an owner and fields that exist."""
    kind = facts.type_of(entity)
    assert kind is not None
    adapted = update(facts, entity, body)
    given = {item["id"] for item in adapted.get("fields", [])}
    required = [item for item in kind["fields"] if item["isRequired"] and item["id"] not in given]
    adapted["qualificationType"] = {**body["qualificationType"], "id": kind["id"]}
    if required:
        adapted["fields"] = [*adapted.get("fields", []), *map(plain_input, required)]
    return adapted


def update(facts: Facts, entity: str, body: Json) -> Json:
    """Return a generated update, with an owner and fields that exist."""
    kind = facts.type_of(entity)
    assert kind is not None
    adapted = dict(body)
    if "owner" in body:
        adapted["owner"] = {
            **body["owner"],
            "entityType": entity,
            "id": facts.owners[entity][0],
        }
    if "fields" in body:
        adapted["fields"] = _inputs(kind["fields"], body["fields"], SETTABLE)
    return adapted


def is_cell(column: Json) -> bool:
    """Tell whether a request can give a value to this column."""
    return settable(column, CELLS)


def plain_input(definition: Json) -> Json:
    """Return some valid input for a field or column."""
    kind = definition["type"]
    return {"id": definition["id"], "type": kind, INPUT_KEYS[kind]: _plain_value(definition)}


def _plain_value(definition: Json) -> Json:
    options: list[Json] = definition.get("options") or [{"id": ""}]
    plain: dict[str, Json] = {
        "number": {"value": 1},
        "text": {"value": "x"},
        "datetime": {"value": _DATE},
        "multiple_choice": {"valueId": options[0]["id"]},
        "check_boxes": {"valueIds": [options[0]["id"]]},
        "media": {"mediaList": []},
        "signature": {"media": {"mediaType": "image/png", "base64Payload": "AP8="}},
        "person": {"person": {"polymorphicUserId": "user-1"}},
        "table": {"rows": []},
    }
    return plain[definition["type"]]


def _inputs(definitions: list[Json], given: list[Json], kinds: set[str]) -> list[Json]:
    """Return the given inputs that fit, each on a definition of its own."""
    free = [item for item in definitions if settable(item, kinds)]
    adapted: list[Json] = []
    for item in given:
        definition = next((d for d in free if d["type"] == item["type"]), None)
        if definition is None:
            continue
        free.remove(definition)
        key = INPUT_KEYS[item["type"]]
        rest = {name: part for name, part in item.items() if name not in INPUT_KEYS.values()}
        value = _value(definition, item[key]) if key in item else _plain_value(definition)
        adapted.append({**rest, "id": definition["id"], key: value})
    return adapted


def _value(definition: Json, value: Any) -> Any:
    match definition["type"]:
        case "number":
            return value if abs(value["value"]) < _MAX else {**value, "value": math.pi}
        case "text" | "datetime":
            return value
        case "media":
            file = _plain_value({"type": "signature"})["media"]
            return {**value, "mediaList": [file for _ in value["mediaList"]]}
        case "table":
            return {**value, "rows": [_row(definition, row) for row in value["rows"]]}
        case _:
            return {**value, **_plain_value(definition)}


def _row(definition: Json, row: Json) -> Json:
    return {**row, "cells": _inputs(definition["columns"], row["cells"], CELLS)}
