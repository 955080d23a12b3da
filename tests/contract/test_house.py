"""The rules of the suite's house, read from its source."""

from __future__ import annotations

import re
from pathlib import Path

from samsara_qualifications.mock import BEHAVIOURS

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "contract_tests" / "samsara_qualifications_contract" / "server"


def test_every_behaviour_has_a_story() -> None:
    """Each row of the mock's table is shown by some test that is marked with its name."""
    text = "".join(path.read_text("utf-8") for path in SERVER.glob("test_*.py"))
    assert {row.name for row in BEHAVIOURS} == set(re.findall(r'behaviour\("(\w+)"\)', text))


def test_no_test_module_imports_another() -> None:
    """What two need stands in a module of its own."""
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("contract_tests/**/*.py")]
    found = [
        f"{path.name}: {line}"
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if re.match(r"\s*(from|import) .*\btest_\w+", line)
    ]
    assert len(files) > 100
    assert [] == found
