"""What the API takes, callers can send; and what the mock assumes is pointed at once it is said."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from samsara_qualifications import AsyncQualificationsClient, QualificationsClient
from samsara_qualifications.mock.behaviours import BEHAVIOURS
from upkeep import followers, upstream_lock
from upkeep.openapi_document import load
from upkeep.wire_shape import Node, wire_shape

ROOT = Path(__file__).parents[2]
SHAPE = wire_shape(load(ROOT / upstream_lock.SPEC))
OPERATIONS = {name: node for (_, name), node in SHAPE.children.items()}
OPTIONS = {"self", "deadline", "lane"}


def test_the_client_has_a_method_for_every_operation() -> None:
    """And the table has no others."""
    assert set(OPERATIONS) == set(followers.METHODS)


@pytest.mark.parametrize("client", [AsyncQualificationsClient, QualificationsClient])
@pytest.mark.parametrize(("operation", "method"), followers.METHODS.items())
def test_every_parameter_and_property_can_be_sent(
    client: type, operation: str, method: str
) -> None:
    """Each is a keyword of the client's method, or left out on purpose; and there are no others."""
    keywords = set(inspect.signature(getattr(client, method)).parameters) - OPTIONS
    names = set(followers.sent(OPERATIONS[operation]))
    left_out = {name for other, name in followers.LEFT_OUT if other == method}
    assert keywords == {followers.keyword(method, name) for name in names - left_out}
    assert left_out <= names


def test_nothing_is_missing_yet() -> None:
    """The same, as the report finds it out."""
    assert set() == followers.not_offered(SHAPE, ROOT)


def test_what_is_new_is_missing() -> None:
    """Properties of bodies, and parameters wherever they stand."""
    document = load(ROOT / upstream_lock.SPEC)
    schemas = document["components"]["schemas"]
    schemas["UpdateQualificationRecordRequest"]["properties"]["newNote"] = {"type": "string"}
    parameter = {"in": "header", "name": "X-Dry-Run", "schema": {"type": "boolean"}}
    types = document["paths"]["/qualification-types"]["get"]
    types["parameters"].append(parameter)
    expected = {
        ("PATCH /qualification-records", "newNote"),
        ("GET /qualification-types", "x-dry-run"),
    }
    assert expected == followers.not_offered(wire_shape(document), ROOT)
    assert set() == followers.not_offered(Node(), ROOT)


def test_the_mocks_assumed_rows_are_read_from_its_source() -> None:
    """All of them, in whatever form they are written."""
    assumed = {row.name: row.text for row in BEHAVIOURS if row.source == "assumed"}
    assert assumed == dict(followers.assumed(ROOT))
