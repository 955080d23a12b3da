"""Faults of form: answers that break the spec, and requests that break it and pass."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.exchange import (
    Change,
    body,
    drop,
    each,
    fields,
    put,
    records,
    turn,
    where,
)
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from samsara_qualifications_contract.mutants.fault import Make, Table

RECORD = "components/schemas/QualificationRecord"
DAY, NAIVE, BARE = len("2024-08-08"), len("2024-08-08T18:53:23"), 32


def _told(change: Change) -> Make:
    """Return what changes each object in the bodies of requests."""

    def walk(value: Any) -> None:
        if is_object(value):
            change(value)
        if is_list(value) or is_object(value):
            for item in list(value.values() if is_object(value) else value):
                walk(item)

    return body("", walk)


FAULTS: Table = {
    ("form", RECORD): {
        "a required property is missing": records("", drop("updatedBy")),
        "an empty expiration date is null": records(
            "", lambda record: record.setdefault("expirationDate", None)
        ),
        "times lack their offset": records("", turn("issueDate", lambda t: t.removesuffix("Z"))),
        "times are numbers": records("", put(updatedAtTime=1_700_000_000)),
        "the type is that of another record": records(
            "", turn("qualificationType.id", lambda _: str(uuid.UUID(int=1)))
        ),
    },
    ("form", "schemas of its parts"): {
        "a status is written in capitals": records("", turn("recordStatus", str.upper)),
        "numbers are texts": records("", fields("number", turn("numberValue.value", str))),
        "a type's id is not a UUID": records("", turn("qualificationType.id", lambda _: "type-1")),
        "an upload that is finished has no id": records(
            "", fields("media", each("mediaList", drop("id")))
        ),
    },
    ("types of values", "type"): {
        "a truth value is taken for a text": _told(turn("value", str, bool)),
        "null counts as absent": _told(
            where(
                lambda item: item.get("issueDate", "") is None and "id" in item, drop("issueDate")
            )
        ),
        "a number is taken for an id": _told(turn("id", str, float)),
        "a text is taken for an empty list": _told(turn("valueIds", lambda _: [], str)),
        "an object is taken for an empty list": _told(turn("fields", lambda _: [], dict)),
        "an external id may be a number": _told(turn("hr", str, float)),
    },
    ("types of values", "format"): {
        "a date without offset is taken for UTC": _told(
            turn("issueDate", lambda t: f"{t}Z" if len(t) == NAIVE else t, str)
        ),
        "a date alone is taken for midnight": _told(
            turn("expirationDate", lambda t: f"{t}T00:00:00Z" if len(t) == DAY else t, str)
        ),
        "a UUID may lack its dashes": _told(
            turn("id", lambda t: str(uuid.UUID(t)) if len(t) == BARE and t.isalnum() else t, str)
        ),
    },
    ("types of values", "enum and required"): {
        "an unknown kind of owner counts as a worker": _told(
            turn("entityType", lambda t: t if t == "asset" else "worker", str)
        ),
        "a missing kind of owner counts as a worker": _told(
            where(
                lambda item: set(item) == {"id"} and str(item["id"]).isdigit(),
                put(entityType="worker"),
            )
        ),
        "a missing list of rows counts as empty": _told(
            where(
                lambda item: is_object(item.get("tableValue")),
                lambda item: item["tableValue"].setdefault("rows", []),
            )
        ),
    },
}
