"""
Answers that Schemathesis generates, through the client: slow, and therefore only with `--nightly`.

The generator makes request bodies, so each answer's schema is put where a body's stands.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import settings

from contract_tests import samples, spec
from contract_tests.strategies import DATES
from contract_tests.test_responses import READERS, expected, outcome
from samsara_qualifications import UnexpectedResponse

schemathesis.openapi.format("date-time", DATES)


def _as_requests() -> spec.Json:
    paths = {
        f"/{name}": {
            "post": {
                "operationId": name,
                "requestBody": {
                    "required": True,
                    "content": {
                        spec.JSON_TYPE: {
                            "schema": spec.OPERATIONS[name].response_schema(
                                spec.OPERATIONS[name].success
                            )
                        }
                    },
                },
                "responses": {"200": {"description": "none"}},
            }
        }
        for name in READERS
    }
    info = {"title": "Answers", "version": "1"}
    return {
        "openapi": "3.0.3",
        "info": info,
        "paths": paths,
        "components": spec.DOCUMENT["components"],
    }


SCHEMA = schemathesis.openapi.from_dict(_as_requests())
EXAMPLES = max(1, (settings.default.max_examples if settings.default else 1) // 5)


@pytest.mark.nightly
@SCHEMA.parametrize()  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
@settings(max_examples=EXAMPLES)
def test_generated(case: Any) -> None:
    """A strict client takes what is valid, whole, and refuses the rest, with the call applied."""
    operation_id = case.operation.definition.raw["operationId"]
    schema = spec.OPERATIONS[operation_id].response_schema(spec.OPERATIONS[operation_id].success)
    assert schema is not None
    if not spec.is_object(case.body) or case.media_type != spec.JSON_TYPE:
        return
    if not spec.breaches(schema, case.body) and operation_id == "updateQualificationRecord":
        case.body["data"]["id"] = samples.RECORD_ID  # another record's would be refused
    result = outcome(operation_id, case.body, strict=True)
    if spec.breaches(schema, case.body):
        assert isinstance(result, UnexpectedResponse), repr(result)[:500]
        assert result.applied is True
    elif not isinstance(result, UnexpectedResponse):
        assert expected(case.body["data"]) == result
