"""A live run against servers that behave otherwise: it finds what differs, and only that."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from samsara_qualifications import BudgetTimeout, RateLimit
from samsara_qualifications.mock import BEHAVIOURS, Fault, Request
from samsara_qualifications_contract.live import __main__ as live
from samsara_qualifications_contract.live.guard import MOST_CALLS
from samsara_qualifications_contract.live.questions import NOT_PROBED, QUESTIONS

from .conftest import ORG, TOKEN

SWITCHES = [(row.name, choice) for row in BEHAVIOURS for choice in row.choices[1:]]
SHOWN = "Seen: "


def verdicts(said: list[str]) -> dict[str, set[str]]:
    """Return the rows by verdict."""
    found: dict[str, set[str]] = {"confirmed": set(), "refuted": set(), "undecided": set()}
    for line in said:
        verdict, _, rest = line.partition(" ")
        if verdict in found and SHOWN in line:
            found[verdict].add(rest.split()[0])
    return found


def test_the_usual_server(organisation: Any) -> None:
    """What the mock assumes is confirmed where the server does as the mock does."""
    with organisation() as org:
        assert org.run() == 0
        asked = {question.behaviour for question in QUESTIONS}
        assert {"confirmed": asked, "refuted": set(), "undecided": set()} == verdicts(org.said)
        assert org.made()
        assert {"deleted"} == set(org.made().values())
        assert org.marks_in_journal() == set()
        assert len(org.server.requests) < MOST_CALLS - 10
        for name in NOT_PROBED:
            assert f"not asked  {name} (assumed): needs more calls" in org.text()


@pytest.mark.parametrize(("name", "choice"), SWITCHES)
def test_each_other_choice_is_refuted(organisation: Any, name: str, choice: str) -> None:
    """Exactly the row that the server does otherwise is refuted, with the choice that was seen."""
    with organisation(behaviours={name: choice}) as org:
        assert org.run() == 0
        found = verdicts(org.said)
        assert found["refuted"] == (set() if name in NOT_PROBED else {name})
        assert found["undecided"] == set()
        assert name in NOT_PROBED or any(
            name in line and line.endswith(f"{SHOWN}{choice}") for line in org.said
        )
        assert {"deleted"} == set(org.made().values())


@pytest.mark.parametrize(
    ("behaviour", "operation", "skip"),
    [
        ("unknown_names", "updateQualificationRecord", 18),
        ("archive_twice", "archiveQualificationRecord", 1),
        ("archived_can_change", "updateQualificationRecord", 21),
    ],
)
def test_rows_without_a_switch(
    organisation: Any, behaviour: str, operation: str, skip: int
) -> None:
    """An answer that a row does not expect refutes it, and the run goes on."""
    with organisation() as org:
        error = {"message": "no", "requestId": "r"}
        org.server.faults.add(Fault(operation=operation, skip=skip, status=400, body=error))
        assert org.run() == 0
        assert {behaviour} == verdicts(org.said)["refuted"]


@pytest.mark.parametrize(
    ("ignored", "refuted", "undecided", "seen"),
    [
        (
            b"1970-01-01T00:00:00Z",
            {"epoch_clears", "epoch_on_create"},
            {"epoch_offset_forms_clear"},
            "the documented form did not clear either",
        ),
        (
            b"1970-01-01T05:30:00+05:30",
            {"epoch_offset_forms_clear"},
            set[str](),
            "only 1970-01-01T00:00:00+00:00, 1970-01-01T00:00:00.000Z",
        ),
    ],
)
def test_clear_values_that_do_not_clear(
    organisation: Any, ignored: bytes, refuted: set[str], undecided: set[str], seen: str
) -> None:
    """Where only some forms clear, or none does, that is what is said."""
    with organisation() as org:
        original = org.server.handle

        def blind(request: Request) -> Any:
            body = request.body.replace(ignored, b"1970-01-02T00:00:00Z")
            return original(replace(request, body=body))

        org.server.handle = blind
        assert org.run() == 0
        found = verdicts(org.said)
        assert (refuted, undecided) == (found["refuted"], found["undecided"])
        assert any(line.endswith(f"{SHOWN}{seen}") for line in org.said)


def test_a_type_with_little_in_it(organisation: Any) -> None:
    """Questions that need more fields than the type has stay open."""
    with organisation() as org:
        for kind in org.server.types.values():
            kind["fields"] = kind["fields"][:1]
        assert org.run() == 0
        assert {"fields_merge", "media_processing"} == verdicts(org.said)["undecided"]


def test_without_a_type(organisation: Any) -> None:
    """Where there is no type, nothing is written."""
    with organisation() as org:
        org.server.types.clear()
        assert org.run() == 1
        assert "there is no qualification type for a worker" in org.text()
        assert {"GET"} == {item.method for item in org.server.requests}


def test_an_answer_that_breaks_the_spec(organisation: Any) -> None:
    """The question stays open, with the reason; the others are asked."""
    with organisation() as org:
        org.server.faults.add(Fault(operation="streamQualificationRecords", body={"data": 1}))
        assert org.run() == 0
        found = verdicts(org.said)
        assert {"stream_open_end"} == found["undecided"]
        assert len(QUESTIONS) - 1 == len(found["confirmed"])


def test_a_dry_run_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints the calls and needs neither a token nor a server."""
    for name in ("SAMSARA_API_TOKEN", "SAMSARA_BASE_URL", "SAMSARA_CONTRACT_ORG"):
        monkeypatch.delenv(name, raising=False)
    assert live.main(["--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    numbered = [line for line in lines if line.partition(".")[0].isdecimal()]
    assert [str(n + 1) for n in range(len(numbered))] == [
        line.partition(".")[0] for line in numbered
    ]
    assert sum(" DELETE " in line for line in numbered) == 2


@pytest.mark.parametrize("confirm", [[], ["--confirm", "Acme"], ["--confirm", ""]])
def test_without_a_confirmation(
    organisation: Any, confirm: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent unless the organisation's name is repeated."""
    with organisation() as org:
        assert live.main([*org.arguments()[1:], *confirm]) == 2
        assert len(org.server.requests) == 0
    assert "--confirm" in capsys.readouterr().err


def test_without_an_organisation(organisation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty name does not count."""
    with organisation() as org:
        monkeypatch.setenv("SAMSARA_CONTRACT_ORG", "")
        assert live.main([*org.arguments()[1:], "--confirm", ""]) == 2
        assert len(org.server.requests) == 0


def test_without_a_token(
    organisation: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing token is told of before anything is sent."""
    with organisation() as org:
        monkeypatch.delenv("SAMSARA_API_TOKEN")
        assert org.run() == 2
    assert "SAMSARA_API_TOKEN" in capsys.readouterr().err


def test_without_an_owner(organisation: Any) -> None:
    """The owner must be named: the API has no list of them."""
    with organisation() as org:
        arguments = [item for item in org.arguments() if not item.startswith("--facts")]
        assert live.main(arguments) == 1
        assert "STOPPED    name an owner" in org.text()
        assert len(org.server.requests) == 0


def test_nothing_of_the_organisation_is_said_or_recorded(organisation: Any) -> None:
    """No token, name or id of the organisation is in the recording; its token is in no text."""
    with organisation() as org:
        assert org.run() == 0
        [path] = org.recorded.iterdir()
        text = path.read_text("utf-8")
        kinds = org.server.types.values()
        names = {kind["name"] for kind in kinds} | {f["label"] for k in kinds for f in k["fields"]}
        ids = {*org.server.types, *org.server.records, "281474"}
        ids |= {item["id"] for kind in kinds for item in kind["fields"]}
        assert not [item for item in {TOKEN, ORG} | names | ids if item in text]
        assert TOKEN not in org.text()
        exchanges = json.loads(text)["exchanges"]
        assert len({item["operation"] for item in exchanges}) == 8
        assert len(exchanges[0]["answer"]["data"]) == 1, "types that were not used"


def test_records_of_others_are_not_recorded(organisation: Any) -> None:
    """Where a stream shows the record of another, no stream is recorded."""
    with organisation() as org:
        other = next(
            record for record in org.server.records.values() if record["owner"]["id"] == "281474"
        )
        best = max(
            (kind for kind in org.server.types.values() if kind["entityType"] == "worker"),
            key=lambda kind: len(kind["fields"]),
        )
        other["qualificationType"] = {key: best[key] for key in ("id", "name", "revisionId")}
        other["updatedAtTime"] = "2099-01-01T00:00:00Z"
        org.before = copy.deepcopy(org.server.records)
        assert org.run() == 0
        [path] = org.recorded.iterdir()
        text = path.read_text("utf-8")
        assert "2099" not in text
        assert "streamQualificationRecords" not in text
        assert "getQualificationRecords" in text


def test_the_budget_is_shared(organisation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `SAMSARA_BUDGET` the runs share a file, in which each call took a slot."""
    with organisation() as org:
        monkeypatch.chdir(org.folder)
        monkeypatch.delenv("SAMSARA_BUDGET")
        assert org.run() == 0
        deletions = sum(item.method == "DELETE" for item in org.server.requests)
        assert (org.folder / live.BUDGET).is_file()
        budget = live.open_shared_budget(ORG)
        budget.acquire({"delete": RateLimit(deletions + 1, 60)}, timeout=0).refund()
        with pytest.raises(BudgetTimeout):
            budget.acquire({"delete": RateLimit(deletions, 60)}, timeout=0)


def test_half_of_each_limit_is_left_to_others() -> None:
    """A run takes at most half of what the API allows."""
    limits = live.half_limits()
    assert {"update", "create", "delete", "archive", "unarchive", "get", "stream", "types"} == set(
        limits
    )
    assert RateLimit(50, 60.0) == limits["update"]
    assert RateLimit(2, 1.0) == limits["get"]
