"""
What a row asks for beside what its record shows: by meaning, part by part.

A part is one value of an update's body, in the update's own form, such as `{"issueDate": …}`, or
a list of one field. A record is JSON, as its `to_dict` gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final, cast

from .. import _calls
from .._wire import UNSET, models, parse
from ..errors import InvalidInput
from ..fields import Field
from ..labels import fields_for
from ..sentinels import CLEAR, EPOCH, Exactly
from .model import Change, Value

Json = dict[str, Any]

KEYS: Final = ("record_id", "external_id", "owner", "owner_external_id")
PROPERTIES: Final = ("expiration_date", "issue_date", "external_ids", "fields")
NOTES: Final = ("row", "cells", "problems")
_DATES: Final = {"expirationDate": "expires", "issueDate": "issued"}
_VOLATILE: Final = {"label", "columns", "mediaValue", "signatureValue", "mediaList"}


def parts_of(
    kind: models.QualificationType, row: Mapping[str, Any]
) -> tuple[dict[str, Json], list[str]]:
    """
    Return what a row asks for, and what is wrong with it.

    Parts are named by their places: two in one place are the same, or contradict each other.
    """
    body: Json = {}
    unknown = row.keys() - {*KEYS, *PROPERTIES, *NOTES}
    problems = [f"a row has no {name!r}" for name in sorted(map(str, unknown))]
    for name in PROPERTIES:
        try:
            value: Any = row.get(name, UNSET)
            if name == "fields" and value is not UNSET:
                value = fields_for(kind, value) or UNSET
            elif isinstance(value, Mapping):
                ids = cast("Mapping[object, object]", value).items()
                value = {key: item for key, item in ids if item is not UNSET} or UNSET
            if value is not UNSET:
                given = {**dict.fromkeys((*PROPERTIES, "owner"), UNSET), name: value}
                body |= parse(_calls.update("row", **given).request.content or b"")
        except InvalidInput as error:
            problems.append(str(error))
    parts = {name: {name: body[name]} for name in _DATES if name in body}
    for key, value in body.get("externalIds", {}).items():
        parts[f"external id {key}"] = {"externalIds": {key: value}}
    for field in body.get("fields", ()):
        parts[field["id"]] = {"fields": [field]}
    return parts, problems


def clears(part: Json) -> bool:
    """Return whether a part clears what is there."""
    ((name, value),) = part.items()
    if name == "fields":
        given = cast("Json", value[0]).values()
        held = [cast("Json", it) for it in given if isinstance(it, dict)]
        return any(it.get("value") == "" or [] in it.values() for it in held)
    return "" in value.values() if name == "externalIds" else _moment(value) is None


def held(part: Json, shown: Json) -> Any:
    """Return what a record has in a part's place, without what changes by itself; else `None`."""
    ((name, value),) = part.items()
    if name == "externalIds":
        return shown.get(name, {}).get(next(iter(value))) or None
    if name != "fields":
        return None if clears({name: shown.get(name, EPOCH.isoformat())}) else shown[name]
    kept = _kept(_field(shown, value[0]["id"]))
    empty = kept.keys() <= {"id", "type"} or clears({"fields": [kept]})
    return None if empty else kept


def _field(shown: Json, identity: str) -> Json:
    fields: dict[str, Json] = {field["id"]: field for field in shown.get("fields", ())}
    return fields.get(identity, {})


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    known = cast("Json", value)
    by_id = known.keys() & {"valueId", "valueIds"}  # an option's label may change
    drop = {*_VOLATILE, "value"} if by_id else _VOLATILE
    return {name: _kept(item) for name, item in known.items() if name not in drop}


def change_of(kind: models.QualificationType, part: Json, shown: Json) -> Change:
    """Return a part's old and new value, for people."""
    ((name, value),) = part.items()
    if name == "externalIds":
        ((key, new),) = value.items()
        return Change(key, held(part, shown), new or None)
    if name != "fields":
        return Change(_DATES[name], _moment(shown.get(name)), _moment(value))
    definition = next(it for it in kind.fields if str(it.id) == value[0]["id"])
    old, new = _field(shown, value[0]["id"]), value[0]
    name = definition.label.strip() or new["id"]
    return Change(name, _value(definition, old), _value(definition, new))


def _value(definition: models.FieldDefinition, field: Json) -> Value | None:
    value = next((field[key] for key in field if key not in {"id", "type", "label"}), None)
    labels: dict[str, str] = {str(option.id): option.label for option in definition.options or ()}
    match value:
        case None:
            return None
        case {"valueId": str(identity)}:
            return labels.get(identity, identity)
        case {"valueIds": identities}:
            return [labels.get(it, it) for it in cast("list[str]", identities)] or None
        case {"rows": rows}:
            return f"{len(rows)} rows" if rows else None
        case {"value": found}:
            shown: Value | None = found if found != "" else None
            return _moment(found) if field["type"] == "datetime" else shown
        case _:
            return "files"


def _moment(text: str | None) -> date | None:
    """Return a moment, or the day where it is midnight UTC; `None` for none."""
    moment = EPOCH if text is None else datetime.fromisoformat(text)
    if moment == EPOCH:
        return None
    return moment.date() if moment.time() == time() else moment


def keys_of(shown: Json) -> Iterator[tuple[str, str]]:
    """Yield what finds a record: each kind of key, and the key."""
    yield "record_id", shown["id"]
    yield "owner", shown["owner"]["id"]
    for key, value in shown.get("externalIds", {}).items():
        yield "external_id", f"{key}:{value}"
    for key, value in shown["owner"].get("externalIds", {}).items():
        yield "owner_external_id", f"{key}:{value}"


def _stored(field: Json) -> Field:
    """Return a field as a plan holds it, ready to be sent."""
    made = Field.__new__(Field)
    object.__setattr__(made, "_model", models.FieldInput.from_dict(field))
    return made


def arguments_of(parts: Iterable[Json]) -> dict[str, Any]:
    """Return the arguments of the client's method that send these parts."""
    found: dict[str, Any] = {}
    for part in parts:
        match part:
            case {"fields": [field]}:
                found.setdefault("fields", []).append(_stored(field))
            case {"externalIds": ids}:
                exact = {key: Exactly(text) for key, text in ids.items()}
                found.setdefault("external_ids", {}).update(exact)
            case {"issueDate": text}:
                found["issue_date"] = Exactly(datetime.fromisoformat(text))
            case _:
                moment = _moment(part["expirationDate"])
                found["expiration_date"] = Exactly(moment) if moment else CLEAR
    return found
