"""What a target's YAML file says is used, or refused by name: no typo is ignored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract.harness import facts, targets
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.judge import judge
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from pathlib import Path

    from samsara_qualifications_contract.harness.targets import Target

WRONG = {
    "behaviors: {}": "unknown key 'behaviors'; known are: worker, asset, behaviours, differs, ",
    "worker: {owner: ['1']}": "unknown key under worker 'owner'; known are: owners, type",
    "behaviours: {field_merge: replace}": "unknown behaviour 'field_merge'; known are: epoch_",
    "behaviours: {fields_merge: merge}": (
        "unknown choice for fields_merge 'merge'; known are: by_id, replace"
    ),
    "behaviours: {fields_merge: no}": (
        "unknown choice for fields_merge 'no'; known are: by_id, replace"
    ),
    "differs: [content-type]": "unknown assumed behaviour 'content-type'; known are: epoch_",
    "differs: [epoch_clears]": "unknown assumed behaviour 'epoch_clears'; known are: epoch_",
    "differs: content_type": "differs is 'content_type': give a list",
    "worker: {owners: '281474'}": "owners of worker is '281474': give a list",
    "asset: ['1']": "asset is ['1']: give names with values",
    "behaviours: replace": "behaviours is 'replace': give names with values",
    "- worker": "the file is ['worker']: give names with values",
    "precision_seconds: fine": "precision_seconds is 'fine': give a number over 0, at most 1",
    "precision_seconds: 0": "precision_seconds is 0: give a number over 0, at most 1",
    "worker: {": "while parsing a flow node",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=WRONG)
def test_what_it_does_not_know_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file, the value, and what could stand there."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.yaml: ") as caught:
        facts.read_file(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_what_it_knows_is_taken(tmp_path: Path) -> None:
    """Also `yes`, `no` and numbers, which YAML does not read as text."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "worker: {owners: ['7', '8']}\n"
        "behaviours: {epoch_offset_forms_clear: yes, update_accepts_external_id: no,"
        " unknown_get: 404, fields_merge: replace}\n"
        "differs: [content_type]\nprecision_seconds: 0.001\n",
        encoding="utf-8",
    )
    told = facts.read_file(path)
    with targets.mock().open() as api:
        found = facts.find(api, told)
    assert {**facts.CHOICES, "fields_merge": "replace"} == found.choices
    assert (["7", "8"], 10**6) == (found.owners["worker"], found.precision)
    assert {"content_type"} == found.differs


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    """A file of comments is as none."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert {} == facts.read_file(None)
    assert {"behaviours": {}} == facts.read_file(path)


def test_what_differs_is_not_asked(target: Target) -> None:
    """A write whose outcome rests on a behaviour that the target lacks is not sent."""
    with target.open() as api:
        known = replace(target.facts, differs=frozenset({"archive_twice", "archived_can_change"}))
        story = Story(api, known, own_server=True)
        record = story.new("worker")
        told = [story.mark("archive", record), story.mark("archive", record), story.update(record)]
        assert [True, False, False] == [reply is not None for reply in told]
        assert story.mark("unarchive", record)
        assert story.update(record)


def test_stories_work_where_everything_differs(target: Target) -> None:
    """Records can be made, changed and compared also of a server that shares no assumption."""
    every = frozenset(row.name for row in BEHAVIOURS if row.source == "assumed")
    with target.open() as api:
        story = Story(api, replace(target.facts, differs=every), own_server=True)
        record = story.new("worker")
        fields = adapt.full_fields(story.facts, "worker", 1)
        assert (
            story.update(record, fields=[item for item in fields if item["type"] != "table"])
            is None
        )
        assert story.update(record, issueDate="2031-01-01T00:00:00Z")
        reads.whole_stream(story)
        story.mark("delete", record)
        reads.whole_stream(story)


def test_the_judge_says_what_it_assumes(target: Target) -> None:
    """A verdict names the assumed behaviour that it rests on, and none where the spec decides."""
    with target.open() as api:
        build, bearer = api.client.build_request, f"Bearer {api.token}"
        types, plain = "/qualification-types?entityType=worker", {"Content-Type": "text/plain"}
        right = {"Authorization": bearer}
        patch = spec.OPERATIONS["updateQualificationRecord"].path
        asked = {
            "content_type": build("PATCH", patch, content=b"{}", headers=right | plain),
            "auth_first": build("PUT", patch),
            "repeated_parameter": build("GET", f"{types}&entityType=worker", headers=right),
            "unknown_names": build("PATCH", patch, json={"id": "x", "new": 1}, headers=right),
            "": build("PATCH", patch, json={"id": 7}, headers=right),
        }
        for name, request in asked.items():
            assert {name} - {""} == judge(request, api.token).rests
