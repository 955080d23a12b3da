"""What the pretend organisation has: types, records and owners to begin with, and added records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .. import _wire, labels
from . import spec, strict_json, times
from .messages import Json

if TYPE_CHECKING:
    from pathlib import Path

    from .state import State

Fields: TypeAlias = Mapping[str, Any] | Sequence[Json]

_PARTS = {"types": "QualificationType", "records": "QualificationRecord", "owners": "Owner"}
_FORM = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        part: {"type": "array", "items": {"$ref": f"#/components/schemas/{component}"}}
        for part, component in _PARTS.items()
    },
}

_CHOSEN = ("id", "recordStatus")
_REQUESTED = ("owner", "issueDate", "expirationDate", "externalIds")


def load(path: Path | None = None) -> Any:
    """Return seed data from a JSON file; the built-in data if no path is given."""
    return strict_json.load(path or files("samsara_qualifications.mock").joinpath("seed.json"))


def checked(data: object) -> str:
    """Return the JSON of the data, with every part; raise a `ValueError` if its form is wrong."""
    try:
        data = strict_json.parse(json.dumps(data).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"seed data must be JSON: {error}") from error
    if breach := spec.rule(_FORM).breach(data):
        raise ValueError(f"seed data (an object with {', '.join(_PARTS)}): {breach}")
    full: Json = {**{part: [] for part in _PARTS}, **cast("Json", data)}
    known = {kind["id"] for kind in full["types"]}
    for place, record in enumerate(full["records"]):
        if record["qualificationType"]["id"] not in known:
            raise ValueError(f"seed data: records.{place} names a type that does not exist")
    return json.dumps(full)


def add_record(state: State, name: str, fields: Fields, properties: Json) -> Json:
    """Store a new record; the arguments are those of `MockServer.add_record`."""
    named = [kind for kind in state.kinds.values() if name in {kind["id"], kind["name"]}]
    if not named:
        names = ", ".join(kind["name"] for kind in state.kinds.values())
        raise ValueError(f"no qualification type {name!r}; there are: {names}")
    if unknown := properties.keys() - {*_CHOSEN, *_REQUESTED}:
        raise ValueError(f"{', '.join(unknown)} is none of {', '.join([*_CHOSEN, *_REQUESTED])}")
    if properties.get("id") in state.records:
        raise ValueError(f"there is a record {properties['id']} already: give it another id")
    [kind, *_] = named
    entity = kind["entityType"]
    owner = next((identity for of, identity in state.owners if of == entity), "1")
    if isinstance(fields, Mapping):
        inputs = labels.fields_for(_wire.models.QualificationType.from_dict(kind), fields)
        fields = [item.wire().to_dict() for item in inputs]
    requested: Json = {
        "qualificationType": {"id": kind["id"]},
        "owner": {"entityType": entity, "id": owner},
        "issueDate": times.render(state.now()),
        "fields": list(fields),
        **{key: value for key, value in properties.items() if key in _REQUESTED},
    }
    _check("CreateQualificationRecordRequest", requested)
    record = state.made(requested) | {key: properties[key] for key in _CHOSEN if key in properties}
    _check("QualificationRecordReference", record)
    _check("RecordStatus", record["recordStatus"])
    return state.stored(record)


def _check(component: str, value: object) -> None:
    if breach := spec.component(component).breach(value):
        raise ValueError(f"add_record: {breach}")
