"""What importing a room of the package loads, and what it leaves until it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "samsara_qualifications"
PROGRAM = f"""
import importlib, sys, types
sys.modules["samsara_qualifications"] = package = types.ModuleType("samsara_qualifications")
package.__path__ = [{str(SOURCE)!r}]  # the room alone, without the client
importlib.import_module("samsara_qualifications." + sys.argv[1])
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("room", "left"),
    [
        ("budget", {"asyncio", "sqlite3", "redis", "importlib.metadata", "uuid", "platform"}),
        ("budget", {"secrets", "pathlib", "json", "httpx"}),
        ("mock", {"httpx", "redis", "sqlite3"}),
    ],
)
def test_a_room_is_light(room: str, left: set[str]) -> None:
    """What only some callers need is loaded when they do."""
    alone = {name: value for name, value in os.environ.items() if "COV" not in name}
    command = [sys.executable, "-c", PROGRAM, room]
    done = subprocess.run(command, env=alone, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert f"samsara_qualifications.{room}" in loaded
    assert set() == loaded & left
