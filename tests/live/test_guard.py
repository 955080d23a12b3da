"""The door to a live organisation: what is not our own does not get out, or is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.budget import open_budget
from samsara_qualifications.mock import Fault, MockServer
from samsara_qualifications_contract.client.calls import PLENTY
from samsara_qualifications_contract.live.guard import KEY, GuardedClient, Stop
from samsara_qualifications_contract.live.journal import Journal
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = f"{KEY}0r01"
RECORDS = "/qualification-records"


@pytest.fixture
def server() -> MockServer:
    """A server with records of others."""
    return MockServer(token="t", rate=None)


@pytest.fixture
def client(server: MockServer, tmp_path: Path) -> Iterator[GuardedClient]:
    """A client that goes through the door."""
    limits = {name: {name: PLENTY} for name in spec.OPERATIONS}
    with (
        Journal(tmp_path / "journal.jsonl") as journal,
        GuardedClient(
            journal,
            open_budget("memory://", name=str(tmp_path)),
            limits,
            lambda _: None,
            transport=server.transport(),
            base_url="http://samsara.mock",
            headers={"Authorization": "Bearer t"},
        ) as guarded,
    ):
        yield guarded


def creation(server: MockServer, mark: str) -> dict[str, Any]:
    """Return the body of a creation under a mark."""
    kind = next(k for k in server.types.values() if not any(f["isRequired"] for f in k["fields"]))
    return {
        "qualificationType": {"id": kind["id"]},
        "owner": {"entityType": kind["entityType"], "id": "1"},
        "issueDate": "2024-08-27T10:20:30Z",
        "externalIds": {KEY: mark},
    }


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_write_to_a_record_of_others_is_not_sent(
    client: GuardedClient, server: MockServer, method: str
) -> None:
    """Neither by its id, nor by an external id, nor by a mark that nobody here has given."""
    client.request("POST", RECORDS, json=creation(server, MARK))
    before = len(server.requests)
    for reference in (*server.records, "hr:7", f"hr:{MARK}", f"{KEY}:{KEY}0r02"):
        if reference not in client.owned:
            with pytest.raises(Stop, match="not sent"):
                client.request(method, RECORDS, json={"id": reference})
    assert before == len(server.requests)


def test_a_write_to_our_own_record_is_sent(client: GuardedClient, server: MockServer) -> None:
    """By its id, or by its mark."""
    made = client.request("POST", RECORDS, json=creation(server, MARK)).json()["data"]["id"]
    for reference, status in ((made, 200), (f"{KEY}:{MARK}", 404)):
        assert status == client.request("PATCH", RECORDS, json={"id": reference}).status_code


@pytest.mark.parametrize("mark", ["", "hr7", MARK])
def test_a_creation_without_a_mark_of_its_own_is_not_sent(
    client: GuardedClient, server: MockServer, mark: str
) -> None:
    """A mark is ours and used once; else the record could not be found again."""
    client.request("POST", RECORDS, json=creation(server, MARK))
    with pytest.raises(Stop, match="of its own"):
        client.request("POST", RECORDS, json=creation(server, mark))
    assert len(server.requests) == 1


def test_what_is_no_operation_is_not_sent(client: GuardedClient, server: MockServer) -> None:
    """Nothing but the family's operations gets out."""
    with pytest.raises(Stop, match="not an operation"):
        client.get("/fleet/drivers")
    assert len(server.requests) == 0


def test_a_new_record_with_an_old_id(client: GuardedClient, server: MockServer) -> None:
    """A creation that answers with a record that was there before has changed that one."""
    first = client.request("POST", RECORDS, json=creation(server, MARK)).json()
    server.faults.add(Fault(operation="createQualificationRecord", body=first))
    with pytest.raises(Stop, match="old id"):
        client.request("POST", RECORDS, json=creation(server, f"{KEY}0r02"))


@pytest.mark.parametrize("body", [b"", b"<html>", {"data": []}, {}, []])
def test_a_write_whose_answer_cannot_be_read(
    client: GuardedClient, server: MockServer, body: Any
) -> None:
    """Whose record was written is unknown then."""
    server.faults.add(Fault(operation="createQualificationRecord", body=body))
    with pytest.raises(Stop, match="cannot be read"):
        client.request("POST", RECORDS, json=creation(server, MARK))
