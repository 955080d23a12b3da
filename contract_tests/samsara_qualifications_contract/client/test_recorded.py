"""Recordings of live runs: the mock answers as the API did, and the client reads all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import NotFound, models
from samsara_qualifications.budget import open_budget
from samsara_qualifications_contract.client import reading, samples
from samsara_qualifications_contract.client.calls import PLENTY
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, MOCK_URL, OWNERS, own_server
from samsara_qualifications_contract.live import recording, replay
from samsara_qualifications_contract.live.__main__ import RECORDED
from samsara_qualifications_contract.live.guard import GuardedClient
from samsara_qualifications_contract.live.journal import Journal
from samsara_qualifications_contract.live.run import run
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from pathlib import Path

    from samsara_qualifications_contract.oracle.spec import Json

FOLDER = RECORDED
OTHERWISE = {"fields_merge": "replace", "media_processing": "processing", "unknown_get": "omitted"}


@pytest.fixture
def recorded(tmp_path: Path) -> Json:
    """A recording of a server that does some things differently from the mock's defaults."""
    server = own_server(behaviours=OTHERWISE)
    limits = {name: {name: PLENTY} for name in spec.OPERATIONS}
    with (
        Journal(tmp_path / "journal.jsonl") as journal,
        GuardedClient(
            journal,
            open_budget("memory://", name="recorded"),
            limits,
            lambda _: None,
            transport=server.transport(),
            base_url=MOCK_URL,
        ) as client,
    ):
        result = run(client, MOCK_TOKEN, journal, OWNERS)
    recording.write(tmp_path / "recorded.json", recording.recording(result), [MOCK_TOKEN])
    content: Json = json.loads((tmp_path / "recorded.json").read_text("utf-8"))
    return content


def losses(content: Json) -> list[str]:
    """Return what the client reads differently from how it came."""
    found: list[str] = []
    for number, item in enumerate(content["exchanges"], start=1):
        if item["status"] >= httpx.codes.BAD_REQUEST:
            error = reading.outcome(item["operation"], item["answer"], item["status"])
            wanted: Any = reading.STATUSES[item["status"]]
            same = type(error) is wanted
        else:
            answer = item["answer"]
            if answer and "pagination" in answer:
                answer = {**answer, "pagination": {"endCursor": "", "hasNextPage": False}}
            if item["operation"] == "updateQualificationRecord":  # another record's is refused
                answer = {**answer, "data": {**answer["data"], "id": samples.RECORD_ID}}
            result = reading.outcome(item["operation"], answer)
            same = result == (reading.expected(answer["data"]) if answer else None)
        if not same:
            found.append(f"{number}. {item['operation']}")
    return found


def test_what_live_runs_recorded() -> None:
    """Each recording in the folder is of Samsara's own host, and replays without a difference."""
    found: list[str] = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if not content["host"].endswith(".samsara.com"):
            found.append(f"{path.name} was recorded at {content['host']}")
        found += [f"{path.name}: {text}" for text in replay.differences(content)]
        found += [f"{path.name}: the client loses {text}" for text in losses(content)]
    assert [] == found


def test_a_recording_replays(recorded: Json) -> None:
    """What another server did, the mock does with the choices that were seen; nothing is lost."""
    assert OTHERWISE == {
        name: choice for name, choice in recorded["behaviours"].items() if name in OTHERWISE
    }
    assert len(recorded["exchanges"]) > 40
    assert [] == replay.differences(recorded)
    assert [] == losses(recorded)


@pytest.mark.parametrize(
    ("name", "choice", "operation"),
    [
        ("fields_merge", "by_id", "updateQualificationRecord"),
        ("media_processing", "finished", "updateQualificationRecord"),
        ("unknown_get", "404", "getQualificationRecords"),
        ("epoch_offset_forms_clear", "only_z", "updateQualificationRecord"),
        ("external_ids_merge", "replace", "updateQualificationRecord"),
        ("update_accepts_external_id", "yes", "updateQualificationRecord"),
        ("deleted_get", "returned", "getQualificationRecords"),
        ("stream_open_end", "ends", "streamQualificationRecords"),
    ],
)
def test_a_mock_that_does_otherwise_is_found_out(
    recorded: Json, name: str, choice: str, operation: str
) -> None:
    """A mock whose choice is not the one that was seen differs where it matters."""
    found = replay.differences(recorded, **{name: choice})
    assert found
    assert operation in found[0]


@pytest.mark.parametrize("lost", ["fields", "externalIds", "expirationDate", "recordStatus"])
def test_a_client_that_loses_a_property_is_found_out(
    recorded: Json, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """A model that drops a property is found out by the answers that have it."""
    original = models.QualificationRecord.to_dict

    def without(self: models.QualificationRecord) -> dict[str, Any]:
        return {name: value for name, value in original(self).items() if name != lost}

    monkeypatch.setattr(models.QualificationRecord, "to_dict", without)
    assert losses(recorded)


def test_a_client_that_mistakes_a_status_is_found_out(
    recorded: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of another class than its status has is found out."""
    monkeypatch.setitem(reading.STATUSES, 400, NotFound)
    assert losses(recorded)


def test_a_property_that_is_new_to_the_spec_is_no_difference(recorded: Json) -> None:
    """The API may add properties; one that the spec knows must be the mock's, too."""
    record = recorded["exchanges"][1]["answer"]["data"]
    record["newToAll"] = 1
    assert [] == replay.differences(recorded)
    del record["recordStatus"]
    record["revisionId"] = "text00001"
    assert {
        "2. createQualificationRecord: .data.revisionId is only recorded",
        "2. createQualificationRecord: .data.recordStatus is not recorded",
    } == set(replay.differences(recorded))


def test_a_secret_is_never_written(recorded: Json, tmp_path: Path) -> None:
    """A recording that holds a secret after all is refused."""
    recorded["exchanges"][0]["target"] += "&token=secret-7"
    with pytest.raises(ValueError, match="secret"):
        recording.write(tmp_path / "out.json", recorded, ["secret-7"])
    assert not (tmp_path / "out.json").exists()
