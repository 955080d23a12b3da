"""
Answers that Schemathesis generates, through the client: for every operation and every status.

The generator makes request bodies, so each answer's schema is put where a body's stands. Bodies of
errors have one schema; they go round all operations and statuses.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import schemathesis
from hypothesis import settings

from samsara_qualifications import ApiError, UnexpectedResponse
from samsara_qualifications._text import printable
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.calls import CALLS
from samsara_qualifications_contract.client.reading import READERS, STATUSES, expected, outcome
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.server.strategies import DATES

schemathesis.openapi.format("date-time", DATES)


def _as_requests(schemas: dict[str, spec.Json]) -> spec.Json:
    paths = {
        f"/{name}": {
            "post": {
                "operationId": name,
                "requestBody": {"required": True, "content": {spec.JSON_TYPE: {"schema": schema}}},
                "responses": {"200": {"description": "none"}},
            }
        }
        for name, schema in schemas.items()
    }
    info = {"title": "Answers", "version": "1"}
    components = spec.DOCUMENT["components"]
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": components}


def _success_schema(name: str) -> spec.Json:
    schema = spec.OPERATIONS[name].response_schema(spec.OPERATIONS[name].success)
    assert schema is not None
    return schema


ERROR: spec.Json = {"$ref": "#/components/schemas/Error"}
SUCCESSES = schemathesis.openapi.from_dict(
    _as_requests({name: _success_schema(name) for name in READERS})
)
ERRORS = schemathesis.openapi.from_dict(_as_requests({"error": ERROR}))
DOCUMENTED = [
    (name, int(status))
    for name, operation in spec.OPERATIONS.items()
    for status in operation.node["responses"]
    if status.isdigit() and int(status) >= 300
]
EMPTY = [(name, spec.OPERATIONS[name].success) for name in CALLS if name not in READERS]
ROUND = [*DOCUMENTED, *EMPTY]
_next = itertools.cycle(ROUND)
_JSON: tuple[type, ...] = (dict, list, str, int, float)
MOST = settings.default.max_examples if settings.default else 1
EXAMPLES = max(1, MOST // 10)


@SUCCESSES.parametrize()  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
@settings(max_examples=EXAMPLES)
def test_generated(case: Any) -> None:
    """A strict client takes what is valid, whole, and refuses the rest, with the call applied."""
    operation_id = case.operation.definition.raw["operationId"]
    schema = _success_schema(operation_id)
    if not spec.is_object(case.body) or case.media_type != spec.JSON_TYPE:
        return
    broken = bool(spec.breaches(schema, case.body))
    if not broken and operation_id == "updateQualificationRecord":
        case.body["data"]["id"] = samples.RECORD_ID  # another record's would be refused
    result = outcome(operation_id, case.body, strict=True)
    if broken:
        assert isinstance(result, UnexpectedResponse), repr(result)[:500]
        assert result.applied is True
    elif not isinstance(result, UnexpectedResponse):
        assert expected(case.body["data"]) == result


@ERRORS.parametrize()  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
@settings(max_examples=max(2 * len(ROUND), MOST))
def test_generated_errors(case: Any) -> None:
    """An error is classed by its status, says what the server said, and survives any body."""
    if case.body is not None and not isinstance(case.body, _JSON):
        return
    operation_id, status = next(_next)
    if status < 300:
        assert outcome(operation_id, case.body) is None
        return
    error = outcome(operation_id, case.body, status)
    assert isinstance(error, ApiError), repr(error)
    assert (STATUSES[status], status) == (type(error), error.status)
    unknown = status >= 500
    assert (None if unknown else False) is error.applied
    if not spec.breaches(ERROR, case.body) and (told := printable(_id_of(case.body))):
        assert told == error.request_id


@pytest.mark.parametrize("operation_id", CALLS)
def test_every_status_has_its_turn(operation_id: str) -> None:
    """The errors that go round are all that the spec names."""
    statuses = {str(status) for name, status in ROUND if name == operation_id}
    named = set(spec.OPERATIONS[operation_id].node["responses"]) - {"default"}
    answered = [str(spec.OPERATIONS[operation_id].success)] if operation_id in READERS else []
    assert named == statuses.union(answered)
    assert {status for _, status in DOCUMENTED} <= STATUSES.keys()


def _id_of(body: Any) -> str:
    identity: str = body["requestId"]
    return identity
