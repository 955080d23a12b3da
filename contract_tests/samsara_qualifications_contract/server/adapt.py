"""Map a generated, valid request to records, types and fields that exist: so that it acts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from uuid import UUID

from samsara_qualifications_contract.harness.facts import CELLS, ENTITIES, SETTABLE, settable
from samsara_qualifications_contract.oracle.values import INNER_KEYS, INPUT_KEYS, input_of
from samsara_qualifications_contract.server.strategies import UNKNOWN_UUID

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

_DATE = "2024-08-27T10:20:30Z"
_FILE: Json = {"mediaType": "image/png", "base64Payload": "AP8="}
_MAX = 1e300
_MOMENTS = ("2031-05-06T07:08:09.123456Z", "2024-02-29T05:29:59.654321+05:30")
_TEXTS = ("Zoë 🚚\r\n e\u0301", " 007 <b>&amp;  \u00e9\t")


def minimal_record(facts: Facts, entity: str, **more: Any) -> Json:
    """Return the body that creates a plain record."""
    kind = facts.kind(entity)
    return {
        "qualificationType": {"id": kind["id"]},
        "owner": {"entityType": entity, "id": facts.owners[entity][0]},
        "issueDate": _DATE,
        "fields": [plain_input(item) for item in kind["fields"] if item["isRequired"]],
        **more,
    }


def full_record(facts: Facts, entity: str, turn: int = 0, **more: Any) -> Json:
    """Return the body that creates a record with all that it can have, two of each."""
    owners = facts.owners[entity][:2]
    return {
        **minimal_record(facts, entity),
        "owner": {"entityType": entity, "id": owners[turn % len(owners)]},
        "issueDate": _MOMENTS[1 - turn],
        "expirationDate": _MOMENTS[turn],
        "fields": full_fields(facts, entity, turn),
        **more,
    }


def full_changes(facts: Facts, entity: str, turn: int = 1, **more: Any) -> Json:
    """Return the changes of an update that make a full record into the other one."""
    record = full_record(facts, entity, turn, **more)
    del record["qualificationType"]
    return record


def full_fields(facts: Facts, entity: str, turn: int = 0) -> list[Json]:
    """
    Return an input for every field that can be set, with two of all that can be two.

    Args:
        facts: What is there.
        entity: The entity type.
        turn: 0 or 1; no value is the same in both.
    """
    fields = facts.kind(entity)["fields"]
    return [full_input(facts, item, turn) for item in fields if settable(item)]


def full_input(facts: Facts, definition: Json, turn: int = 0) -> Json:
    """Return an input for a field or column, with two of what can be two."""
    options = _options(definition)
    file = {**_FILE, "base64Payload": ("AP8=", "/wA=")[turn]}
    numbers = (12, -7) if "decimals_kept" in facts.differs else (123.456, -0.1234567)
    full: Json = {
        "number": numbers[turn],
        "text": _TEXTS[turn],
        "datetime": _MOMENTS[turn],
        "multiple_choice": options[turn * (len(options) - 1)],
        "check_boxes": options[-2:] if turn else options[:2][::-1],
        "media": [file] * 2,
        "signature": file,
        "person": {"polymorphicUserId": ("driver-77", "user-78")[turn]},
        "table": _full_rows(facts, definition, turn),
    }
    return input_of(definition, full[definition["type"]])


def _full_rows(facts: Facts, definition: Json, turn: int) -> list[Json]:
    if "cell_id" in facts.differs:
        return []
    columns = [column for column in definition.get("columns", []) if is_cell(column)]
    return [
        {
            "id": str(UUID(int=2 * turn + row + 1)),
            "cells": [full_input(facts, column, (turn + row) % 2) for column in columns],
        }
        for row in range(2)
    ]


def every_field(facts: Facts, entity: str) -> list[Json]:
    """Return a plain input for every field of the type that can be set."""
    return [plain_input(item) for item in facts.kind(entity)["fields"] if settable(item)]


def creation(facts: Facts, entity: str, body: Json) -> Json:
    """Return a generated creation, with a type, an owner and fields that exist."""
    kind = facts.kind(entity)
    adapted = update(facts, entity, body)
    given = {item["id"] for item in adapted.get("fields", [])}
    required = [item for item in kind["fields"] if item["isRequired"] and item["id"] not in given]
    adapted["qualificationType"] = {**body["qualificationType"], "id": kind["id"]}
    if required:
        adapted["fields"] = [*adapted.get("fields", []), *map(plain_input, required)]
    return adapted


def update(facts: Facts, entity: str, body: Json) -> Json:
    """Return a generated update, with an owner and fields that exist."""
    kind = facts.kind(entity)
    adapted = dict(body)
    if "owner" in body:
        adapted["owner"] = {**body["owner"], "entityType": entity, "id": facts.owners[entity][0]}
    if "fields" in body:
        adapted["fields"] = _inputs(kind["fields"], body["fields"], SETTABLE)
    return adapted


def is_cell(column: Json) -> bool:
    """Tell whether a request can give a value to this column."""
    return settable(column, CELLS)


def plain_input(definition: Json) -> Json:
    """Return some valid input for a field or column."""
    return input_of(definition, _plain_value(definition))


def _plain_value(definition: Json) -> Any:
    options = _options(definition)
    plain: Json = {
        "number": 1,
        "text": "x",
        "datetime": _DATE,
        "multiple_choice": options[0],
        "check_boxes": options[:1],
        "media": [],
        "signature": _FILE,
        "person": {"polymorphicUserId": "user-1"},
        "table": [],
    }
    return plain[definition["type"]]


def _options(definition: Json) -> list[str]:
    return [option["id"] for option in definition.get("options") or [{"id": ""}]]


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
        value = _fitted(definition, item[key]) if key in item else plain_input(definition)[key]
        adapted.append({**rest, "id": definition["id"], key: value})
    return adapted


def _fitted(definition: Json, value: Json) -> Json:
    kind = definition["type"]
    given: Any = value[INNER_KEYS[kind]]
    match kind:
        case "number":
            fits: Any = given if abs(given) < _MAX else math.pi
        case "text" | "datetime":
            fits = given
        case "media":
            fits = [_FILE for _ in given]
        case "table":
            fits = [_row(definition, row) for row in given]
        case _:
            fits = _plain_value(definition)
    return {**value, INNER_KEYS[kind]: fits}


def _row(definition: Json, row: Json) -> Json:
    return {**row, "cells": _inputs(definition["columns"], row["cells"], CELLS)}


def wrong_changes(known: Facts, entity: str, wrong: str) -> dict[str, Any]:
    """Return changes that the spec allows and the record's type does not."""
    other = next(name for name in ENTITIES if name != entity)
    kind = known.kind(entity)
    text = {"type": "text", "textValue": {"value": "x"}}
    not_text = next(item["id"] for item in kind["fields"] if item["type"] != "text")
    changes: dict[str, dict[str, Any]] = {
        "owner": {"owner": {"entityType": other, "id": "1"}},
        "field": {"fields": [{"id": UNKNOWN_UUID, **text}]},
        "value": {"fields": [{"id": not_text, **text}]},
    }
    return changes[wrong]
