"""The decoders and the reader that they replace agree; goes with the reader."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests import mutator, samples, spec
from contract_tests.strategies import DATES
from samsara_qualifications import _reader
from samsara_qualifications_api import decode, models, reading

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATIONS = {
    "updateQualificationRecord": "QualificationRecordResponse",
    "getQualificationRecords": "QualificationRecordList",
    "streamQualificationRecords": "QualificationRecordPage",
    "listQualificationTypes": "QualificationTypePage",
}
DECODERS: dict[str, Callable[[Any], Any]] = {
    "QualificationRecordResponse": decode.qualification_record_response,
    "QualificationRecordList": decode.qualification_record_list,
    "QualificationRecordPage": decode.qualification_record_page,
    "QualificationTypePage": decode.qualification_type_page,
}


def old(body: bytes, component: str) -> Any:
    """Return what the reader and the model make of a body, or the refusal."""
    try:
        return getattr(models, component).from_dict(_reader.read(body, component))
    except _reader.UnreadableError as error:
        reason = str(error).replace("is no JSON", "is not JSON")
        return error.path, reason.replace("should be a number", "should be an integer")


def new(body: bytes, component: str) -> Any:
    """Return what the decoder makes of a body, or the refusal."""
    try:
        return DECODERS[component](reading.parse(body))
    except reading.Unreadable as error:
        return error.path, str(error).replace("should be a number", "should be an integer")


def types_in(value: Any) -> Any:
    """Return the types of all that a model holds, in its shape."""
    if hasattr(value, "__attrs_attrs__"):
        value = {field.name: getattr(value, field.name) for field in value.__attrs_attrs__}
    if isinstance(value, dict):
        return {name: types_in(item) for name, item in value.items()}
    return [types_in(item) for item in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(("operation_id", "component"), OPERATIONS.items())
def test_every_single_change_is_read_or_refused_alike(operation_id: str, component: str) -> None:
    """The same model with the same types, or the same path and reason."""
    schema = {"$ref": f"#/components/schemas/{component}"}
    changes = list(mutator.mutations(schema, samples.body_of(operation_id)))
    assert len(changes) > 500
    for change in changes:
        body = json.dumps(change.value).encode()
        before, after = old(body, component), new(body, component)
        assert before == after, str(change)
        assert types_in(before) == types_in(after), str(change)


UUIDS = st.uuids().map(str) | st.uuids().map(lambda found: str(found).upper())
STRANGE = st.sampled_from(
    [
        *[None, True, 0, -1.5, 2.0, 10**400, "", "x", "\ud800", [], [None], {}, {"a": None}],
        *mutator.DATE_TIMES.values(),
        *mutator.NO_DATE_TIMES.values(),
    ]
)
FORMATS = {"uuid": UUIDS, "date": st.dates().map(str), "date-time": DATES}
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "integer": st.integers(),
    "boolean": st.booleans(),
}


def values(schema: dict[str, Any], faults: st.SearchStrategy[Any] | None) -> Any:
    """Return bodies that fit a schema, but for strange values here and there."""
    fitting = fits(spec.resolve(schema), faults)
    if faults is None:
        return fitting
    return st.integers(0, 60).flatmap(lambda dice: faults if dice == 0 else fitting)


def fits(schema: dict[str, Any], faults: st.SearchStrategy[Any] | None) -> Any:
    """Return values of a schema."""
    if "properties" in schema:
        parts = {name: values(inner, faults) for name, inner in schema["properties"].items()}
        required = schema.get("required", [])
        optional = {name: part for name, part in parts.items() if name not in required}
        nullable = {name: part | st.none() for name, part in optional.items()}
        new = {"xNew": st.sampled_from([None, {"a": [1]}])}
        return st.fixed_dictionaries(
            {name: parts[name] for name in required}, optional={**nullable, **new}
        )
    if schema["type"] == "object":
        return st.dictionaries(
            st.text(max_size=3), values(schema["additionalProperties"], faults), max_size=2
        )
    if schema["type"] == "array":
        return st.lists(values(schema["items"], faults), max_size=2)
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "new", ""])
    if schema["type"] == "string":
        return FORMATS.get(schema.get("format", ""), st.text(max_size=5))
    return SCALARS[schema["type"]]


@pytest.mark.parametrize("faults", [None, STRANGE], ids=["valid", "broken"])
@pytest.mark.parametrize("component", DECODERS)
@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_body_is_read_or_refused_alike(
    component: str, faults: st.SearchStrategy[Any] | None, data: st.DataObject
) -> None:
    """Of several faults, each may name another one first."""
    body = data.draw(values({"$ref": f"#/components/schemas/{component}"}, faults))
    encoded = json.dumps(body).encode()
    before, after = old(encoded, component), new(encoded, component)
    assert isinstance(before, tuple) == isinstance(after, tuple)
    if not isinstance(before, tuple):
        assert before == after
        assert types_in(before) == types_in(after)
        assert before.to_dict() == after.to_dict()


def test_the_value_that_is_read_stays_as_it_was() -> None:
    """A decoder takes from copies."""
    body = samples.body_of("updateQualificationRecord")
    kept = copy.deepcopy(body)
    decode.qualification_record_response(body)
    assert kept == body
