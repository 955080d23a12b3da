"""Schemathesis as anybody runs it, on the spec and a mock as a process."""

from __future__ import annotations

import re

import pytest

from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.server.stock import run

pytestmark = pytest.mark.needs("own_server")
FEWEST = 1000


def test_a_stock_run_finds_nothing() -> None:
    """No server error, no broken schema, and no invalid request that passes."""
    with targets.mock_process("--rate", "none") as url:
        status, text = run(url, "--phases", "examples,coverage,fuzzing", "--max-examples", "5")
    assert 0 == status, text
    [cases] = re.findall(r"(\d+) generated, \1 passed", text)
    assert int(cases) >= FEWEST, text
