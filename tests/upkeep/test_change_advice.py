"""What the report says of a changed response is what the package's decoders do with it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import decoders
from samsara_qualifications import _wire
from samsara_qualifications_api.decode import qualification_record_response
from samsara_qualifications_api.reading import Unreadable
from upkeep.change_kinds import CHECKED_FORMATS, Effect
from upkeep.wire_diff import compare, effect_of
from upkeep.wire_shape import wire_shape

SPEC = _wire.spec()
EXAMPLES = SPEC["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
RECORD: dict[str, Any] = EXAMPLES["application/json"]["examples"]["seed"]["value"]["data"]
REMOVED = object()
REFUSED = "the released package refuses"


def advice(name: str, schema: Any, *, required: bool) -> Effect:
    """Change a property of the record in a copy of the spec; return what its only change says."""
    document = copy.deepcopy(SPEC)
    schemas = document["components"]["schemas"]
    record = schemas["QualificationRecord"]
    if name in record["required"]:
        record["required"].remove(name)
    if schema is REMOVED:
        del record["properties"][name]
    else:
        record["properties"][name] = schema
    if required:
        record["required"].append(name)
    found = [
        change
        for change in compare(wire_shape(SPEC), wire_shape(document))
        if change.operation == "PATCH /qualification-records"
    ]
    (said,) = {effect_of(change) for change in found}
    return said


def is_read(**values: Any) -> bool:
    """Tell whether the package reads the example with other values."""
    data = {key: value for key, value in {**RECORD, **values}.items() if value is not REMOVED}
    try:
        qualification_record_response({"data": data})
    except Unreadable:
        return False
    return True


STRING = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("name", "schema", "required", "value", "refused"),
    [
        pytest.param("updatedBy", REMOVED, False, REMOVED, True, id="required, removed"),
        pytest.param("expirationDate", REMOVED, False, REMOVED, False, id="optional, removed"),
        pytest.param("id", STRING, False, REMOVED, True, id="now optional"),
        pytest.param(
            "expirationDate", TIME, True, "2027-01-01T00:00:00Z", False, id="now required"
        ),
        pytest.param("id", {"type": "integer"}, True, 1, True, id="type"),
        pytest.param("recordStatus", STRING, True, "new", False, id="enum dropped"),
        pytest.param(
            "issueDate", {**TIME, "format": "date"}, True, "2027-01-01", True, id="format"
        ),
        pytest.param("issueDate", STRING, True, "soon", True, id="format dropped"),
        pytest.param(
            "id", {**STRING, "format": "date"}, True, "2027-01-01", False, id="new format"
        ),
        pytest.param("id", {**STRING, "nullable": True}, True, None, True, id="required, null"),
        pytest.param(
            "expirationDate", {**TIME, "nullable": True}, False, None, False, id="optional, null"
        ),
    ],
)
def test_the_report_says_whether_the_reader_refuses(
    name: str, schema: Any, *, required: bool, value: Any, refused: bool
) -> None:
    """An answer after the change is refused where the report says so, and read elsewhere."""
    assert refused is not is_read(**{name: value})
    assert refused is (REFUSED in advice(name, schema, required=required).borne_by)


def test_null_among_items_is_refused() -> None:
    """An item cannot be absent."""
    items = {**SPEC["components"]["schemas"]["Field"], "nullable": True}
    said = advice("fields", {"type": "array", "items": items}, required=True)
    assert REFUSED in said.borne_by
    assert not is_read(fields=[None])


def test_a_removed_required_property_says_that_nothing_is_read_until_a_release() -> None:
    """Callers cannot help themselves: every answer of the operations is refused."""
    said = advice("updatedBy", REMOVED, required=False)
    assert said.caller.startswith(
        "get UnexpectedResponse from these operations until a new version"
    )
    assert "refuses every answer that lacks it" in said.borne_by


def test_the_checked_formats_are_the_decoders() -> None:
    """They read every other format as any string."""
    assert set(decoders.FORMATS) == CHECKED_FORMATS
