"""A failure tells a stranger what broke, where that stands, and how to repeat it in one paste."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN
from samsara_qualifications_contract.server import adapt
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.targets import Target

ROOT = Path(__file__).parents[2]


@pytest.fixture
def failure(target: Target) -> str:
    """What a story says when the model expects another date than the server holds."""
    with target.open() as api:
        story = Story(api, target.facts, own_server=True)
        odd = {"it's": "a 'quoted' ß"}
        record = story.create(adapt.minimal_record(target.facts, "worker", externalIds=odd))
        assert record
        story.model.records[record].issued += 1
        with pytest.raises(Breach) as caught:
            story.update(record, expirationDate="2031-01-01T00:00:00Z")
    return str(caught.value)


def test_it_says_what_broke(failure: str) -> None:
    """The operation, what was expected, where it stands, and what came; never the token."""
    first, source, came, *_ = failure.splitlines()
    assert first.startswith("PATCH /qualification-records (updateQualificationRecord): record ")
    assert ": issueDate: expected 2024-08-27T10:20:30.000001Z, came 2024-08-27T10:20:30Z" in first
    assert source == "  stands in  the reference model (oracle/model.py)"
    assert came.startswith('  came       200 {"data": {')
    assert MOCK_TOKEN not in failure


def test_its_curl_line_holds_the_request(failure: str) -> None:
    """The line survives the shell: method, header, body, and the address from the environment."""
    line = next(line for line in failure.splitlines() if line.startswith("  curl"))
    words = shlex.split(line.partition("curl ")[2].strip())
    assert ["curl", "-i", "-X", "PATCH"] == words[:4]
    assert "Authorization: Bearer $SAMSARA_API_TOKEN" in words
    body = words[words.index("--data-binary") + 1]
    assert '"expirationDate": "2031-01-01T00:00:00Z"' in body
    assert "$SAMSARA_BASE_URL/qualification-records" == words[-1]


def test_its_python_line_repeats_all(failure: str) -> None:
    """On a fresh mock, the same requests get the same answers, to the byte."""
    line = failure.splitlines()[-1].partition("Python ")[2].strip()
    done = subprocess.run(  # noqa: S602  the line is for a shell
        line.replace("python", sys.executable, 1),
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    came = failure.splitlines()[2].partition("came ")[2].strip()
    assert came == done.stdout.splitlines()[-1].strip()
    assert "a 'quoted' ß" in done.stdout


def test_it_names_the_assumption_that_fails(target: Target) -> None:
    """What the check rests on, and how to say that a server does otherwise."""
    with target.open(behaviours={"epoch_offset_forms_clear": "only_z"}) as api:
        story = Story(api, target.facts, own_server=True)
        record = story.new("worker")
        with pytest.raises(Breach) as caught:
            story.update(record, expirationDate="1970-01-01T00:00:00+00:00")
    [note] = caught.value.__notes__
    assert "rests on behaviour epoch_offset_forms_clear, assumed yes; if your server" in note
    assert "`behaviours: {epoch_offset_forms_clear: only_z}` into the FACTS file" in note


def test_it_names_no_assumption_that_holds(target: Target) -> None:
    """A date that is lost is not put down to what archiving may mean."""
    with target.open() as api:
        story = Story(api, target.facts, own_server=True)
        record = story.new("worker")
        story.mark("archive", record)
        story.model.records[record].expires = 0
        with pytest.raises(Breach) as caught:
            story.update(record, issueDate="2031-01-01T00:00:00Z")
    assert [] == getattr(caught.value, "__notes__", [])
