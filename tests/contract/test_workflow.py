"""The GitHub workflows are of the right form, and the reusable one uses the inputs that it has."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
CONTRACT = WORKFLOWS / "contract.yml"
USED = re.compile(r"\b(inputs|secrets)\.([a-z-]+)")


def check(*files: Path) -> subprocess.CompletedProcess[str]:
    """Validate files against GitHub's schema of workflows, as vendored by check-jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    return subprocess.run(
        [*command, "vendor.github-workflows", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_workflows_are_valid() -> None:
    """GitHub would read every workflow."""
    done = check(*sorted(WORKFLOWS.glob("*.yml")))
    assert 0 == done.returncode, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("runs-on:", "runs_on:"), ("type: string", "type: text"), ("timeout-minutes: 20", "wait: 1")],
)
def test_a_wrong_workflow_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    """The check can fail."""
    text = CONTRACT.read_text("utf-8")
    assert right in text
    broken = tmp_path / "contract.yml"
    broken.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert 0 != check(broken).returncode


def test_inputs_are_declared_and_used() -> None:
    """No input or secret is used that is not declared, and none is declared in vain."""
    text = CONTRACT.read_text("utf-8")
    call = yaml.safe_load(text)[True]["workflow_call"]  # YAML 1.1 reads `on` as true
    declared = {(kind, name) for kind in ("inputs", "secrets") for name in call[kind]}
    steps = text[text.index("\njobs:") :]
    assert declared == set(USED.findall(steps))


def jobs(path: Path) -> list[dict[str, Any]]:
    """Return the jobs of a workflow."""
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    assert {} == found["permissions"], "what a job may do stands with the job"
    return list(found["jobs"].values())


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.stem)
def test_no_job_has_more_than_it_needs(path: Path) -> None:
    """
    A token stays in a work tree only where the job pushes.

    No input goes into a script but through the environment, so that none can inject a command.
    """
    for job in jobs(path):
        pushes = job["permissions"].get("contents") == "write"
        scripts = [step.get("run", "") for step in job["steps"]]
        assert pushes == any("git push" in script for script in scripts)
        assert [] == [script for script in scripts if "${{" in script]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert pushes or step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["--mock"]),
        ({"EXPECT": "a folder"}, ["--mock", "--expect", "a folder"]),
        ({"BASE_URL": "http://x", "FACTS": "a $(b).yaml"}, ["http://x", "--facts", "a $(b).yaml"]),
    ],
)
def test_it_runs_the_command(given: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    """Inputs become arguments, each in one piece; the token is none of them."""
    [job] = jobs(CONTRACT)
    [script] = [step["run"] for step in job["steps"] if step.get("name") == "Run the suite"]
    fake = tmp_path / "samsara-contract"
    fake.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n", "utf-8")
    fake.chmod(0o755)
    empty = dict.fromkeys(("BASE_URL", "FACTS", "EXPECT"), "")
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", script],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": "/temp", **empty, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    report = "/temp/contract-report"
    outputs = ["--report", report, "--junit", f"{report}/contract.xml"]
    assert [*expected, *outputs] == done.stdout.splitlines()


def test_the_nightly_run_is_that_of_the_makefile() -> None:
    """`make nightly`, with twenty times the examples."""
    [job] = jobs(WORKFLOWS / "nightly.yml")
    assert "make nightly </dev/null" in [step.get("run") for step in job["steps"]]
    makefile = (WORKFLOWS.parents[1] / "Makefile").read_text("utf-8")
    assert "nightly: EFFORT = 20\nnightly: ci contract-fuzz " in makefile
