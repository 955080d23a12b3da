"""The GitHub workflows are of the right form, and the reusable one uses the inputs that it has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

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


def test_no_input_goes_into_a_script() -> None:
    """Inputs reach scripts through the environment, so that none can inject a command."""
    jobs = yaml.safe_load(CONTRACT.read_text("utf-8"))["jobs"]
    scripts = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert [] == [script for script in scripts if "${{" in script]
