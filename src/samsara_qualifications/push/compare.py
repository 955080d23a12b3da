"""
What a row asks for beside what its record shows: by meaning, part by part.

A part is one value of an update's body, in the update's own form: `{"expirationDate": …}`, or a
list of one field, or one external id. A record is JSON, as its `to_dict` gives it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from .. import _calls
from .._confirm import same_cells, shows
from .._wire import UNSET, models, parse
from ..errors import InvalidInput
from ..fields import Field
from ..labels import ROW_ID, fields_for
from ..sentinels import EPOCH, Exactly
from .model import Change, Value

Json = dict[str, Any]

KEYS: Final = ("record_id", "external_id", "owner", "owner_external_id")
_DATES: Final = {"expirationDate": "expires", "issueDate": "issued"}
_NOTES: Final = {"row", "cells", "problems"}
_PROPERTIES: Final = ("expiration_date", "issue_date", "external_ids", "fields")
_NEW_ROWS: Final = uuid.UUID("5a1f6b1c-6a49-4c43-9d5d-0f3d0f6d3c52")
_VOLATILE: Final = {"label", "columns", "mediaValue", "signatureValue", "mediaList"}


def body_of(kind: models.QualificationType, row: Mapping[str, Any]) -> tuple[Json, list[str]]:
    """Return what a row asks for, as an update's body, and what is wrong with it."""
    body: Json = {}
    problems = [
        f"there is no {name!r} in a row" for name in row.keys() - {*KEYS, *_NOTES, *_PROPERTIES}
    ]
    for name in _PROPERTIES:
        try:
            value = row.get(name, UNSET)
            if name == "fields" and value is not UNSET:
                value = fields_for(kind, _with_row_ids(value)) or UNSET
            elif isinstance(value, Mapping):
                value = {key: item for key, item in value.items() if item is not UNSET} or UNSET
            if value is not UNSET:
                absent = dict.fromkeys((*_PROPERTIES, "owner"), UNSET)
                call = _calls.update("row", **{**absent, name: value})
                body |= parse(call.request.content or b"")
        except InvalidInput as error:
            problems.append(str(error))
    return {name: value for name, value in body.items() if name != "id"}, problems


def _with_row_ids(values: object) -> object:
    """Give the new rows of tables ids, the same for the same values."""
    if not isinstance(values, Mapping):
        return values
    return {
        label: _rows(value) if isinstance(value, list) else value for label, value in values.items()
    }


def _rows(rows: list[Any]) -> list[Any]:
    return [
        {ROW_ID: _new_row(place), **row} if isinstance(row, Mapping) else row
        for place, row in enumerate(rows)
    ]


def _new_row(place: int) -> str:
    return str(uuid.uuid5(_NEW_ROWS, str(place)))


def parts_of(body: Json) -> Iterator[Json]:
    """Yield the parts of a body."""
    for name in _DATES:
        if name in body:
            yield {name: body[name]}
    for key, value in body.get("externalIds", {}).items():
        yield {"externalIds": {key: value}}
    for field in body.get("fields", ()):
        yield {"fields": [field]}


def whole(parts: Iterable[Json]) -> Json:
    """Return the body that has these parts."""
    body: Json = {}
    for part in parts:
        for name, value in part.items():
            body[name] = (
                body[name] + value
                if name == "fields" and name in body
                else (body[name] | value if name == "externalIds" and name in body else value)
            )
    return body


def place_of(part: Json) -> str:
    """Return what a part is about: two with the same place say one thing, or contradict."""
    ((name, value),) = part.items()
    return (
        f"{name} {next(iter(value))}"
        if name == "externalIds"
        else (f"{name} {value[0]['id']}" if name == "fields" else name)
    )


def is_there(part: Json, shown: Json) -> bool | None:
    """Return whether a record shows a part; `None` where it cannot be compared, such as a file."""
    return shows(shown, part)


def held(part: Json, shown: Json) -> Any:
    """Return what a record has in a part's place, without what changes by itself; else `None`."""
    ((name, value),) = part.items()
    if name == "externalIds":
        return shown.get(name, {}).get(next(iter(value))) or None
    if name != "fields":
        found = shown.get(name)
        return None if found is None or datetime.fromisoformat(found) == EPOCH else found
    for field in shown["fields"]:
        if field["id"] == value[0]["id"]:
            kept = _kept(field)
            empty = kept.keys() <= {"id", "type"} or kept.get("textValue") == {"value": ""}
            return None if empty else kept
    return None


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(item) for item in value]
    if not isinstance(value, dict):
        return value
    left = value.keys() - _VOLATILE
    if left & {"valueId", "valueIds"}:
        left -= {"value"}
    return {name: _kept(item) for name, item in value.items() if name in left}


def adopted(part: Json, shown: Json) -> Json:
    """Return a part in which a table's new rows are those that the record has already, if any."""
    table = part.get("fields", [{}])[0].get("tableValue")
    if table is None:
        return part
    field = next((it for it in shown["fields"] if it["id"] == part["fields"][0]["id"]), {})
    there = {row["id"]: row["cells"] for row in field.get("tableValue", {}).get("rows", ())}
    new = {_new_row(place) for place in range(len(table["rows"]))}
    for row in table["rows"]:
        there.pop(row["id"], None)
    rows: list[Json] = []
    for row in table["rows"]:
        identity = row["id"]
        if identity in new:
            same = (known for known, cells in there.items() if same_cells(row, cells))
            identity = next(same, None) or str(uuid.uuid4())
            there.pop(identity, None)
        rows.append({**row, "id": identity})
    return {"fields": [{**part["fields"][0], "tableValue": {"rows": rows}}]}


def change_of(kind: models.QualificationType, part: Json, shown: Json) -> Change:
    """Return a part's old and new value, for people."""
    ((name, value),) = part.items()
    if name == "externalIds":
        ((key, new),) = value.items()
        return Change(key, held(part, shown), new or None)
    if name != "fields":
        new_date = None if datetime.fromisoformat(value) == EPOCH else _day(value)
        old = held(part, shown)
        return Change(_DATES[name], None if old is None else _day(old), new_date)
    field = value[0]
    definition = next(it for it in kind.fields if str(it.id) == field["id"])
    stored = next((it for it in shown.get("fields", ()) if it["id"] == field["id"]), {})
    return Change(
        definition.label.strip() or field["id"],
        _value(definition, stored),
        _value(definition, field),
    )


def _value(definition: models.FieldDefinition, field: Json) -> Value | None:
    held = next((field[key] for key in field if key not in {"id", "type", "label"}), None)
    if held is None:
        return None
    labels = {str(option.id): option.label for option in definition.options or ()}
    match field["type"]:
        case "number":
            return (
                float(held["value"])
                if not float(held["value"]).is_integer()
                else int(held["value"])
            )
        case "text":
            return str(held["value"]) or None
        case "multiple_choice":
            return labels.get(held.get("valueId", ""), held.get("value"))
        case "check_boxes":
            return tuple(labels.get(identity, identity) for identity in held.get("valueIds", ()))
        case "datetime":
            return _day(held["value"])
        case "table":
            return f"{len(held['rows'])} rows"
        case "signature":
            return "a signature"
        case _:
            return "files"


def _day(text: str) -> date:
    """Return a moment; the day where it is midnight UTC."""
    moment = datetime.fromisoformat(text)
    return moment.date() if moment.timetz().replace(tzinfo=None) == time() else moment


def keys_of(shown: Json) -> Iterator[tuple[str, str]]:
    """Yield what finds a record: each kind of key, and the key."""
    yield "record_id", shown["id"]
    yield "owner", shown["owner"]["id"]
    for key, value in shown.get("externalIds", {}).items():
        yield "external_id", f"{key}:{value}"
    for key, value in shown["owner"].get("externalIds", {}).items():
        yield "owner_external_id", f"{key}:{value}"


class StoredField(Field):
    """A field as a plan holds it, ready to be sent."""

    def __init__(self, field: Json) -> None:
        object.__setattr__(self, "_model", models.FieldInput.from_dict(field))


def arguments_of(body: Json) -> dict[str, Any]:
    """Return the arguments of the client's method that send a body."""
    from ..sentinels import CLEAR  # noqa: PLC0415

    found: dict[str, Any] = {}
    if "expirationDate" in body:
        moment = datetime.fromisoformat(body["expirationDate"])
        found["expiration_date"] = CLEAR if moment == EPOCH else Exactly(moment)
    if "issueDate" in body:
        found["issue_date"] = Exactly(datetime.fromisoformat(body["issueDate"]))
    if "externalIds" in body:
        found["external_ids"] = {k: Exactly(v) for k, v in body["externalIds"].items()}
    if "fields" in body:
        found["fields"] = [StoredField(field) for field in body["fields"]]
    return found
