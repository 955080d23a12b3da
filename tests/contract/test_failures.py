"""A failure tells a stranger which request broke what, where that stands, and how to repeat it."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.harness import replay
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from samsara_qualifications_contract.harness.api import Api
    from samsara_qualifications_contract.harness.targets import Target

DAY = "2031-01-01T00:00:00Z"


@pytest.fixture
def api(target: Target) -> Iterator[Api]:
    """A fresh mock."""
    with target.open() as opened:
        yield opened


@pytest.fixture
def story(api: Api, target: Target) -> Story:
    """A story on it."""
    return Story(api, target.facts, own_server=True)


@pytest.fixture
def breach(story: Story) -> Breach:
    """What a story says when the model expects another date than the server holds."""
    odd = {"it's": "a 'quoted' ß"}
    record = story.create(adapt.minimal_record(story.facts, "worker", externalIds=odd))
    assert record
    story.model.records[record].issued += 1
    with pytest.raises(Breach) as caught:
        story.update(record, expirationDate=DAY)
    return caught.value


def test_it_says_what_broke(breach: Breach) -> None:
    """The operation, what was expected, where it stands, and what came; never the token."""
    first, source, came, request = str(breach).splitlines()
    assert first.startswith("PATCH /qualification-records: record ")
    assert ": issueDate: expected 2024-08-27T10:20:30.000001Z, came 2024-08-27T10:20:30Z" in first
    assert source == "  rule     the reference model (oracle/model.py)"
    assert came.startswith('  came     200 {"data": {')
    assert request.startswith('  request  PATCH /qualification-records {"id": ')
    assert MOCK_TOKEN not in f"{breach} {breach.failure} {breach.steps}"


def test_its_curl_line_holds_the_request(breach: Breach) -> None:
    """The line survives the shell: method, header, body, and the address from the environment."""
    words = shlex.split(breach.failure.curl)
    assert ["curl", "-i", "-X", "PATCH"] == words[:4]
    assert "authorization: Bearer ${SAMSARA_API_TOKEN}" in words
    assert json.loads(words[words.index("--data-binary") + 1])["expirationDate"] == DAY
    assert "$SAMSARA_BASE_URL/qualification-records" == words[-1]


def test_its_file_repeats_all(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a fresh mock, the same requests get the same answers: no UTF-8, and a wrong token, too."""
    api.send("PATCH", "/qualification-records", b'{"id": "\xff"}').answers(400)
    wrong = {"Authorization": f"Bearer {api.token[:-1]}", "X-Odd": "1"}
    reply = api.send("GET", "/qualification-types", headers=wrong)
    with pytest.raises(Breach) as caught:
        reply.answers(200)
    file = tmp_path / "replay-1.json"
    failure, steps = caught.value.failure, [vars(step) for step in caught.value.steps]
    assert f"samsara-contract replay {file}" == replay.write(file, failure, steps)
    assert 0 == replay.main([str(file)])
    lines = capsys.readouterr().out.splitlines()
    assert [failure.came, "400"] == [lines[3].strip(), lines[1].split()[0]]
    assert "authorization: Bearer ${SAMSARA_API_TOKEN%?}, x-odd: 1" in failure.request
    assert MOCK_TOKEN[:-1] not in file.read_text("utf-8")


def test_a_file_that_cannot_be_repeated_says_why(
    breach: Breach, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """One sentence, and the status for a run that could not begin."""
    file = tmp_path / "replay-1.json"
    replay.write(file, breach.failure, [vars(step) for step in breach.steps])
    monkeypatch.delenv("SAMSARA_API_TOKEN", raising=False)
    assert 3 == replay.main([str(file), "http://127.0.0.1:9"])
    assert "set SAMSARA_API_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("SAMSARA_API_TOKEN", "x")
    assert 3 == replay.main([str(file), "http://127.0.0.1:9"])
    assert 1 == len(capsys.readouterr().err.splitlines())


def test_a_write_is_blamed_for_what_a_read_shows(story: Story, api: Api) -> None:
    """The headline names the update that lost the date, and below it the read that noticed."""
    record, other = story.new("worker", expirationDate=DAY), story.new("worker", 1)
    api.update({"id": record, "expirationDate": "1970-01-01T00:00:00Z"})
    api.update({"id": other})
    with pytest.raises(Breach) as caught:
        story.look()
    failure = caught.value.failure
    assert "PATCH /qualification-records" == failure.operation
    assert f"record {record}: expirationDate: expected {DAY}, came null" == failure.expected
    assert json.loads(failure.body)["id"] == record
    assert failure.noticed.startswith("GET /qualification-records?ids=")
    assert failure.came.startswith("200 ")
    assert [] == failure.hints


def test_a_creation_is_blamed_for_a_record_too_many(story: Story, api: Api) -> None:
    """The stream shows a record that nobody has made: the POST with its issue date has."""
    api.create(adapt.minimal_record(story.facts, "worker"))
    story.new("worker")
    with pytest.raises(Breach) as caught:
        reads.whole_stream(story)
    failure = caught.value.failure
    assert "POST /qualification-records" == failure.operation
    assert "which nobody has made" in failure.expected
    assert "expirationDate" not in failure.body
    assert failure.noticed.startswith("GET /qualification-records/stream?")


def test_it_names_the_assumption_that_fails(target: Target) -> None:
    """What the check rests on, and how to say that a server does otherwise."""
    with target.open(behaviours={"epoch_offset_forms_clear": "only_z"}) as api:
        story = Story(api, target.facts, own_server=True)
        record = story.new("worker")
        with pytest.raises(Breach) as caught:
            story.update(record, expirationDate="1970-01-01T00:00:00+00:00")
    [hint] = caught.value.failure.hints
    assert "rests on behaviour epoch_offset_forms_clear, assumed yes; if your server" in hint
    assert "`behaviours: {epoch_offset_forms_clear: only_z}` into the FACTS file" in hint


def test_it_names_no_assumption_that_holds(story: Story) -> None:
    """A date that is lost is not put down to what archiving may mean."""
    record = story.new("worker")
    story.mark("archive", record)
    story.model.records[record].expires = 0
    with pytest.raises(Breach) as caught:
        story.update(record, issueDate=DAY)
    assert [] == caught.value.failure.hints


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            'record QR-1: issueDate: expected "a", came 5',
            'record x9: issueDate: expected "b", came 6',
            True,
        ),
        ("expected status 400, came 200", "expected status 400, came 500", False),
        ("record QR-1: a: expected 1, came null", "record QR-1: a: expected null, came 1", False),
    ],
)
def test_causes_are_told_apart(breach: Breach, one: str, other: str, *, same: bool) -> None:
    """Failures that differ in ids and values alone are one cause."""
    first, second = (replace(breach.failure, expected=text) for text in (one, other))
    assert same == (first.cause == second.cause)
