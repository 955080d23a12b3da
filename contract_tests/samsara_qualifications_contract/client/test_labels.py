"""Custom fields by their labels: read from a record, and made into inputs of an update."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import InvalidInput, fields_for, values_of
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import given, raised
from samsara_qualifications_contract.client.recorder import Recorder, answer, client_of
from samsara_qualifications_contract.harness.targets import own_server

if TYPE_CHECKING:
    from samsara_qualifications import QualificationsClient, QualificationType

READ = {
    "License Number": "D1234567",
    "Licence class": "Class A",
    "Endorsements": ["Tank vehicles", "Passengers"],
    "Air brakes allowed": "Yes",
    "Penalty points": 123.456,
    "Last record check": datetime(2024, 8, 8, 18, 53, 23, tzinfo=UTC),
    "First licensed on": date(2009, 8, 8),
}
CHANGED = {
    "License Number": "D7",
    "Licence class": "Class B",
    "Endorsements": ["Hazardous materials"],
    "Penalty points": 7,
    "First licensed on": date(2010, 1, 2),
}


def licence_of(client: QualificationsClient) -> QualificationType:
    """Return the mock's type of a driver's licence."""
    return next(kind for kind in client.types(entity_type="worker") if "License" in kind.name)


def test_values_go_there_and_back() -> None:
    """What is read by label is sent by label, and read again."""
    server = own_server()
    client = client_of(server.transport(), token=server.token)
    kind, record = licence_of(client), client.get(next(iter(server.records)))
    assert READ == values_of(record)
    record = given(lambda: client.update(record.id, fields=fields_for(kind, CHANGED)))
    assert READ | CHANGED == values_of(record)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"Licence Nummer": "D7"}, "License Number"),
        ({"Licence class": "Class D"}, "Class C"),
        ({"License Number": 7}, "string"),
        ({"License Number": ""}, "empty"),
        ({"Penalty points": "7"}, "int or a float"),
        ({"Penalty points": 0.0001}, "decimal places"),
        ({"Penalty points": 7, "penalty POINTS": 8}, "which value"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(values: dict[str, Any], words: str) -> None:
    """The message says what is near, or allowed."""
    server = own_server()
    kind = licence_of(client_of(server.transport(), token=server.token))
    error = raised(lambda: fields_for(kind, values))
    assert isinstance(error, InvalidInput), repr(error)
    assert words in str(error)


def test_a_label_of_two_fields_names_neither() -> None:
    """The id is needed."""
    body = samples.body_of("listQualificationTypes")
    [field] = body["data"][0]["fields"]
    other = {**field, "id": "0cbbddb3-2541-4889-b4eb-92171cbfc142"}
    body["data"][0]["fields"].append(other)
    [kind] = client_of(Recorder(answer(200, body))).types(entity_type="worker")
    assert isinstance(raised(lambda: fields_for(kind, {field["label"]: 7})), InvalidInput)
    assert 1 == len(given(lambda: fields_for(kind, {other["id"]: 7})))
