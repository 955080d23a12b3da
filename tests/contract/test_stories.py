"""The stories are complete: each row of the mock's table of behaviours is shown by some test."""

from __future__ import annotations

import importlib
from pathlib import Path

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract import server


def test_every_behaviour_has_a_story() -> None:
    """There is a test that is marked with its name."""
    names = [path.stem for path in Path(server.__file__).parent.glob("test_*.py")]
    modules = [importlib.import_module(f"{server.__name__}.{name}") for name in names]
    marked = [*modules, *(item for module in modules for item in vars(module).values())]
    marks = [mark for item in marked for mark in getattr(item, "pytestmark", [])]
    shown = {mark.args[0] for mark in marks if mark.name == "behaviour"}
    assert {row.name for row in BEHAVIOURS} == shown
