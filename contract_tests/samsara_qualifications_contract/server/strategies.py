"""What the model test sends: dates around the sentinel, values for fields, whole bodies."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

from samsara_qualifications_contract.harness.facts import CELLS, settable
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.values import input_of

if TYPE_CHECKING:
    from datetime import datetime

    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

Strategy = st.SearchStrategy[Any]

SENTINELS = [
    instants.CLEAR,
    "1970-01-01T00:00:00.000Z",
    "1970-01-01T00:00:00+00:00",
    "1970-01-01T00:00:00-00:00",
    "1970-01-01T01:00:00+01:00",
    "1969-12-31T16:00:00-08:00",
    "1970-01-01t00:00:00z",
]
"""Spellings of the instant that clears an expiration date; only the first is documented."""

NEIGHBOURS = [
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:01Z",
    "1970-01-01T00:00:00.001Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00+01:00",
    "1970-01-01T00:00:00-08:00",
    "1970-01-02T00:00:00Z",
    "1971-01-01T00:00:00Z",
]
EDGES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-00:01",
    "2016-12-31T23:59:60Z",
    "2024-02-29T12:00:00.123456789+05:30",
]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
KEYS = st.sampled_from(["hr", "payroll", "schlüssel", "a-b_c"])
UUIDS = st.uuids(version=4).map(str)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300),
    st.sampled_from([0, -0.0, 0.1, 123.456, 1e-300, 5e-324, 12345678901234.567]),
)
FILES = st.binary(max_size=8).map(
    lambda raw: {"mediaType": "image/png", "base64Payload": base64.b64encode(raw).decode()}
)


@st.composite
def any_date(draw: st.DrawFn) -> str:
    """Return any valid RFC 3339 timestamp."""
    moment: datetime = draw(st.datetimes())
    digits = draw(st.sampled_from([0, 1, 3, 6, 9]))
    fraction = f".{draw(st.integers(0, 10**digits - 1)):0{digits}d}" if digits else ""
    minutes = draw(st.one_of(st.none(), st.integers(-23 * 60, 23 * 60)))
    offset = "Z" if minutes is None else f"{'+-'[minutes < 0]}{_clock(abs(minutes))}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + offset


DATES: Strategy = st.one_of(
    st.sampled_from(SENTINELS), st.sampled_from(NEIGHBOURS + EDGES), any_date()
)
CLEARING: Strategy = st.one_of(st.just(instants.CLEAR), DATES)


def field_input(definition: Json) -> Strategy:
    """Return valid inputs for a field or column."""
    options = st.sampled_from(
        [option["id"] for option in definition.get("options") or [{"id": ""}]]
    )
    values: dict[str, Strategy] = {
        "number": NUMBERS,
        "text": TEXT,
        "datetime": DATES,
        "multiple_choice": options,
        "check_boxes": st.lists(options, unique=True),
        "media": st.lists(FILES, max_size=2),
        "signature": FILES,
        "table": st.deferred(lambda: st.lists(_row(definition), max_size=2)),
        "person": st.just({"polymorphicUserId": "driver-77"}),
    }
    return values[definition["type"]].map(lambda value: input_of(definition, value))


def field_inputs(kind: Json, *, required: bool = False) -> Strategy:
    """Return lists of inputs for a type's fields, each field at most once; maybe all required."""
    definitions = [item for item in kind["fields"] if settable(item)]
    must = [item for item in definitions if item["isRequired"]] if required else []
    others = [item for item in definitions if item not in must]
    some = st.lists(st.sampled_from(others), unique_by=lambda d: d["id"], max_size=4)
    chosen = some.map(lambda picked: must + picked) if others else st.just(must)
    return chosen.flatmap(lambda items: st.tuples(*map(field_input, items)).map(list))


def new_record(facts: Facts, entity: str) -> Strategy:
    """Return bodies that create a record of the preferred type."""
    kind = facts.kind(entity)
    return st.fixed_dictionaries(
        {
            "qualificationType": st.just({"id": kind["id"]}),
            "owner": owner(facts, entity),
            "issueDate": DATES,
            "fields": field_inputs(kind, required=True),
        },
        optional={"expirationDate": CLEARING, "externalIds": external_ids()},
    )


def changes(facts: Facts, entity: str) -> Strategy:
    """Return every subset of the properties of an update."""
    kind = facts.kind(entity)
    return st.fixed_dictionaries(
        {},
        optional={
            "issueDate": DATES,
            "expirationDate": CLEARING,
            "owner": owner(facts, entity),
            "fields": field_inputs(kind),
            "externalIds": external_ids(),
        },
    )


def owner(facts: Facts, entity: str) -> Strategy:
    """Return owners of an entity type."""
    ids = st.sampled_from(facts.owners[entity][:2])
    return ids.map(lambda identity: {"entityType": entity, "id": identity})


def external_ids() -> Strategy:
    """Return maps whose values seldom meet."""
    values = st.integers(0, 999).map(lambda number: f"c{number:03d}")
    return st.dictionaries(KEYS, values, max_size=3)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _row(definition: Json) -> Strategy:
    columns = [column for column in definition["columns"] if settable(column, CELLS)]
    some = st.lists(st.sampled_from(columns), unique_by=lambda c: c["id"], max_size=3)
    cells = some.flatmap(lambda items: st.tuples(*map(field_input, items)).map(list))
    return st.fixed_dictionaries({"id": UUIDS, "cells": cells})


UNKNOWN_UUIDS = [str(UUID(int=(0xDEAD << 64) + number)) for number in range(97)]
UNKNOWN_UUID = UNKNOWN_UUIDS[0]
