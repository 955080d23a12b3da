"""Schemathesis as anybody runs it, by its command line, on the spec and a mock as a process."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from samsara_qualifications_contract.harness import targets

pytestmark = pytest.mark.needs("own_server")
COMMAND = Path(sys.executable).with_name("schemathesis")
SPEC = resources.files("samsara_qualifications_api").joinpath("openapi.json")
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
]
"""All that say something of a server's form: the spec alone cannot know what it refuses and why."""
FEWEST = 1000


def run(url: str, *arguments: str) -> tuple[int, str]:
    """Run the command against a server; return its exit status and what it wrote."""
    command = [str(COMMAND), "run", str(SPEC), "--url", url, "--checks", ",".join(CHECKS)]
    command += ["--header", f"Authorization: Bearer {targets.MOCK_TOKEN}", "--seed", "1"]
    command += ["--generation-database", "none", "--no-color", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_stock_run_finds_nothing() -> None:
    """No server error, no broken schema, and no invalid request that passes."""
    with targets.mock_process("--rate", "none") as url:
        status, text = run(url, "--phases", "examples,coverage,fuzzing", "--max-examples", "5")
    assert 0 == status, text
    [cases] = re.findall(r"(\d+) generated, \1 passed", text)
    assert int(cases) >= FEWEST, text


def test_a_stock_run_finds_a_fault() -> None:
    """The run can fail: errors without a message break their schema."""
    with targets.mock_process(
        "--fault",
        "errors lack a message",
        module="samsara_qualifications_contract.mutants.other_server",
    ) as url:
        chosen = ["--include-operation-id", "archiveQualificationRecord", "--phases", "coverage"]
        status, text = run(url, *chosen)
    assert 1 == status, text
    assert "message" in text, text
