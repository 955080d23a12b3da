"""The stories are complete: each row of the mock's table of behaviours is shown by some test."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract import server
from samsara_qualifications_contract.plugin import MARKERS


def test_every_behaviour_has_a_story(request: pytest.FixtureRequest) -> None:
    """There is a test that is marked with its name."""
    for marker in MARKERS:
        request.config.addinivalue_line("markers", marker)
    names = [path.stem for path in Path(server.__file__).parent.glob("test_*.py")]
    modules = [importlib.import_module(f"{server.__name__}.{name}") for name in names]
    marked = [*modules, *(item for module in modules for item in vars(module).values())]
    marks = [getattr(item, "pytestmark", []) for item in marked]
    listed = [mark for some in marks for mark in (some if isinstance(some, list) else [some])]
    shown = {mark.args[0] for mark in listed if mark.name == "behaviour"}
    assert {row.name for row in BEHAVIOURS} == shown
