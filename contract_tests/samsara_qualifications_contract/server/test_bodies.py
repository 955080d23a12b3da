"""Requests that break the spec at one point: each is refused, and none changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.harness.facts import ENTITIES
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.mutator import mutations
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.api import Api
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.spec import Json

FEWEST = 10


def body_of(facts: Facts, entity: str, operation_id: str, record: str) -> Json:
    """Return a valid body, with as many properties as there can be."""
    if operation_id not in {"updateQualificationRecord", "createQualificationRecord"}:
        return {"id": record}
    ids = {"hr": "new", "payroll": "new"}
    if operation_id == "createQualificationRecord":
        return adapt.full_record(facts, entity, 1, externalIds=ids)
    return {"id": record, **adapt.full_changes(facts, entity, externalIds=ids)}


@pytest.mark.needs("records")
@pytest.mark.parametrize("operation", spec.WRITES, ids=lambda o: o.id)
def test_each_point(target: Target, operation: spec.Operation) -> None:
    """One wrong type, format or enum value, or one missing property: 400, and no change."""
    entity = next(name for name in ENTITIES if target.facts.usable(name))
    assert operation.body_schema
    with target.open() as api:
        story = Story(api, target.facts, own_server=target.own_server)
        record = story.new(entity)
        body = body_of(target.facts, entity, operation.id, record)
        assert [] == spec.breaches(operation.body_schema, body)
        tried = 0
        for mutation in mutations(operation.body_schema, body):
            if problems := spec.breaches(operation.body_schema, mutation.value):
                tried += 1
                refused(api, operation, mutation.value, f"{mutation}; {problems[0]}")
        story.look()
        reads.whole_stream(story)
        assert tried >= FEWEST, "the mutator has lost mutations"


def refused(api: Api, operation: spec.Operation, body: Any, why: str) -> None:
    """Fail unless the body is refused."""
    reply = api.send(operation.method, operation.path, json.dumps(body).encode())
    reply.must(reply.status == 400, f"expected status 400 for {why}; came {reply.status}")
