"""Faults of form: answers that break the spec, and requests that break it and pass."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from samsara_qualifications_contract.mutants.fault import Fault, on_request
from samsara_qualifications_contract.mutants.server_values import at, fields, records

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = "components/schemas/QualificationRecord"
DAY, NAIVE, BARE = len("2024-08-08"), len("2024-08-08T18:53:23"), 32


def _each(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each object in the bodies of requests."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            change(cast("dict[str, Any]", value))
        if isinstance(value, dict | list):
            for item in list(value.values() if isinstance(value, dict) else value):
                walk(item)

    return on_request(lambda exchange: walk(exchange.body))


def _told(name: str, kind: type, change: Callable[[Any], Any]) -> Callable[[], None]:
    """Return what lets a value of another type pass, as the value that it might mean."""

    def apply(item: dict[str, Any]) -> None:
        if name in item and isinstance(item[name], kind):
            item[name] = change(item[name])

    return _each(apply)


def _naive(text: str) -> str:
    return text.removesuffix("Z")


FAULTS = [
    Fault("form", "a required property is missing", RECORD, records(lambda r: r.pop("updatedBy"))),
    Fault(
        "form",
        "an empty expiration date is null",
        RECORD,
        records(lambda r: r.setdefault("expirationDate", None)),
    ),
    Fault(
        "form",
        "a status is written in capitals",
        "components/schemas/RecordStatus",
        records(lambda r: r.update(recordStatus=r["recordStatus"].upper())),
    ),
    Fault(
        "form",
        "times lack their offset",
        RECORD,
        records(lambda r: r.update(issueDate=_naive(r["issueDate"]))),
    ),
    Fault(
        "form",
        "times are numbers",
        RECORD,
        records(lambda r: r.update(updatedAtTime=1_700_000_000)),
    ),
    Fault(
        "form",
        "numbers are texts",
        "components/schemas/NumberValue",
        fields("number", at("numberValue", "value", str)),
    ),
    Fault(
        "form",
        "a type's id is not a UUID",
        "components/schemas/QualificationTypeReference",
        records(lambda r: r["qualificationType"].update(id="type-1")),
    ),
    Fault(
        "form",
        "the type is that of another record",
        RECORD,
        records(lambda r: r["qualificationType"].update(id="00000000-0000-0000-0000-000000000001")),
    ),
    Fault(
        "form",
        "an upload that is finished has no id",
        "components/schemas/MediaRecord",
        fields("media", lambda i: [m.pop("id") for m in i["mediaList"]]),
    ),
    Fault(
        "types of values", "a truth value is taken for a text", "type", _told("value", bool, str)
    ),
    Fault(
        "types of values",
        "null counts as absent",
        "type",
        _each(
            lambda item: (
                item.pop("issueDate")
                if item.get("issueDate", "") is None and "id" in item
                else None
            )
        ),
    ),
    Fault(
        "types of values",
        "a date without offset is taken for UTC",
        "format date-time",
        _told("issueDate", str, lambda t: f"{t}Z" if len(t) == NAIVE else t),
    ),
    Fault(
        "types of values",
        "a date alone is taken for midnight",
        "format date-time",
        _told("expirationDate", str, lambda t: f"{t}T00:00:00Z" if len(t) == DAY else t),
    ),
    Fault("types of values", "a number is taken for an id", "type", _told("id", float, str)),
    Fault(
        "types of values",
        "an unknown kind of owner counts as a worker",
        "enum",
        _told("entityType", str, lambda t: t if t == "asset" else "worker"),
    ),
    Fault(
        "types of values",
        "a missing kind of owner counts as a worker",
        "required",
        _each(
            lambda item: (
                item.setdefault("entityType", "worker")
                if set(item) == {"id"} and str(item["id"]).isdigit()
                else None
            )
        ),
    ),
    Fault(
        "types of values",
        "a UUID may lack its dashes",
        "format uuid",
        _told("id", str, lambda t: str(uuid.UUID(t)) if len(t) == BARE and t.isalnum() else t),
    ),
    Fault(
        "types of values",
        "a text is taken for an empty list",
        "type",
        _told("valueIds", str, lambda _: []),
    ),
    Fault(
        "types of values",
        "an object is taken for an empty list",
        "type",
        _told("fields", dict, lambda _: []),
    ),
    Fault(
        "types of values",
        "a missing list of rows counts as empty",
        "required",
        _each(
            lambda item: (
                item["tableValue"].setdefault("rows", [])
                if isinstance(item.get("tableValue"), dict)
                else None
            )
        ),
    ),
    Fault("types of values", "an external id may be a number", "type", _told("hr", float, str)),
]
