"""Map a generated, valid request to records, types and fields that exist: so that it acts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from uuid import UUID

from samsara_qualifications_contract.harness.facts import CELLS, ENTITIES, SETTABLE, settable
from samsara_qualifications_contract.oracle.values import INPUT_KEYS
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

_DATE = "2024-08-27T10:20:30Z"
_MAX = 1e300
_MOMENTS = ("2031-05-06T07:08:09.123456Z", "2024-02-29T05:29:59.654321+05:30")
_TEXTS = ("Zoë 🚚\r\n e\u0301", " 007 <b>&amp;  \u00e9\t")


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


def full_record(facts: Facts, entity: str, turn: int = 0, **more: Any) -> Json:
    """Return the body that creates a record with all that it can have, two of each."""
    return {
        **minimal_record(facts, entity),
        "owner": {"entityType": entity, "id": facts.owners[entity][:2][turn]},
        "issueDate": _MOMENTS[1 - turn],
        "expirationDate": _MOMENTS[turn],
        "fields": full_fields(facts, entity, turn),
        **more,
    }


def full_fields(facts: Facts, entity: str, turn: int = 0) -> list[Json]:
    """
    Return an input for every field that can be set, with two of all that can be two.

    Args:
        facts: What is there.
        entity: The entity type.
        turn: 0 or 1; no value is the same in both.
    """
    kind = facts.type_of(entity)
    assert kind is not None
    return [full_input(facts, item, turn) for item in kind["fields"] if settable(item)]


def full_input(facts: Facts, definition: Json, turn: int = 0) -> Json:
    """Return an input for a field or column, with two of what can be two."""
    kind = definition["type"]
    return {
        "id": definition["id"],
        "type": kind,
        INPUT_KEYS[kind]: _full_value(facts, definition, turn),
    }


def _full_value(facts: Facts, definition: Json, turn: int) -> Json:
    options = [option["id"] for option in definition.get("options") or [{"id": ""}]]
    file = {"mediaType": "image/png", "base64Payload": ("AP8=", "/wA=")[turn]}
    match definition["type"]:
        case "number":
            number = (123.456, -0.1234567)[turn]
            value: Json = {"value": (12, -7)[turn] if "decimals_kept" in facts.differs else number}
        case "text":
            value = {"value": _TEXTS[turn]}
        case "datetime":
            value = {"value": _MOMENTS[turn]}
        case "multiple_choice":
            value = {"valueId": options[turn * (len(options) - 1)]}
        case "check_boxes":
            value = {"valueIds": options[-2:] if turn else options[:2][::-1]}
        case "media":
            value = {"mediaList": [file] * 2}
        case "signature":
            value = {"media": file}
        case "person":
            value = {"person": {"polymorphicUserId": ("driver-77", "user-78")[turn]}}
        case _:
            value = {"rows": _full_rows(facts, definition, turn)}
    return value


def _full_rows(facts: Facts, definition: Json, turn: int) -> list[Json]:
    if "cell_id" in facts.differs:
        return []
    columns = [column for column in definition["columns"] if is_cell(column)]
    return [
        {
            "id": str(UUID(int=2 * turn + row + 1)),
            "cells": [full_input(facts, column, (turn + row) % 2) for column in columns],
        }
        for row in range(2)
    ]


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


def wrong_changes(known: Facts, entity: str, wrong: str) -> dict[str, Any]:
    """Return changes that the spec allows and the record's type does not."""
    other = next(name for name in ENTITIES if name != entity)
    kind = known.type_of(entity)
    assert kind is not None
    text = {"type": "text", "textValue": {"value": "x"}}
    not_text = next(item["id"] for item in kind["fields"] if item["type"] != "text")
    changes: dict[str, dict[str, Any]] = {
        "owner": {"owner": {"entityType": other, "id": "1"}},
        "field": {"fields": [{"id": UNKNOWN_UUID, **text}]},
        "value": {"fields": [{"id": not_text, **text}]},
    }
    return changes[wrong]
