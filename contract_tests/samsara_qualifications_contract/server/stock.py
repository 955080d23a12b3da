"""Schemathesis as anybody runs it: by its command line, on the spec."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path

from samsara_qualifications_contract.harness.targets import MOCK_TOKEN

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


def run(url: str, *arguments: str) -> tuple[int, str]:
    """Run the command against a server; return its exit status and what it wrote."""
    command = [str(COMMAND), "run", str(SPEC), "--url", url, "--checks", ",".join(CHECKS)]
    command += ["--header", f"Authorization: Bearer {MOCK_TOKEN}", "--seed", "1"]
    command += ["--generation-database", "none", "--no-color", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
