"""The stories are complete, and bear with others on the server."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract import server as stories
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.harness.api import Api
from samsara_qualifications_contract.plugin import MARKERS
from samsara_qualifications_contract.server import reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    import pytest

    from samsara_qualifications_contract.harness.targets import Target


def test_pages_may_be_full_of_what_others_write(target: Target) -> None:
    """Before it writes, a story reads until it has seen two records of its own."""
    server = targets.own_server(page_size=2)
    with httpx.Client(transport=server.transport(), base_url=targets.MOCK_URL) as client:
        story = Story(
            Api(client, targets.MOCK_TOKEN, own_server=True), target.facts, own_server=False
        )
        first = story.new("worker")
        for _ in range(4):
            server.add_record("Driver License")
        second = story.new("worker")
        story.new("worker")
        shown: list[str] = []
        reads.between_pages(story, "worker", shown.extend)
        assert [first, second] == shown


def test_every_behaviour_has_a_story(request: pytest.FixtureRequest) -> None:
    """There is a test that is marked with its name."""
    for marker in MARKERS:
        request.config.addinivalue_line("markers", marker)
    names = [path.stem for path in Path(stories.__file__).parent.glob("test_*.py")]
    modules = [importlib.import_module(f"{stories.__name__}.{name}") for name in names]
    marked = [*modules, *(item for module in modules for item in vars(module).values())]
    marks = [getattr(item, "pytestmark", []) for item in marked]
    listed = [mark for some in marks for mark in (some if isinstance(some, list) else [some])]
    shown = {mark.args[0] for mark in listed if mark.name == "behaviour"}
    assert {row.name for row in BEHAVIOURS} == shown
