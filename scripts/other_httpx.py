"""
Run the facade's tests with httpx2 in httpx's place, and tell what differs.

    python scripts/other_httpx.py [ARGUMENTS FOR PYTEST]

The environment must have both. The tests run once with each; their outcomes are compared, and the
differences with those that `tests/httpx2_differences.txt` knows, each with its reason. Exits with 1
if there is a new one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "tests" / "httpx2_differences.txt"
TESTS = ("tests/facade", "tests/faults")
STAND_IN = """import sys

import {0}2

sys.modules[__name__] = {0}2
"""


def main(arguments: list[str]) -> int:
    """Compare, and print the differences."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("httpx", "httpcore"):
            (Path(folder) / f"{name}.py").write_text(STAND_IN.format(name), "utf-8")
        found = differences(folder, TESTS, arguments)
        if found:  # once more: what a busy machine makes fail is no difference
            files = {test.partition("::")[0] for test in found}
            found = differences(folder, sorted(files), arguments)
    known = reasons(KNOWN.read_text("utf-8"))
    print(f"httpx {version('httpx')}, httpx2 {version('httpx2')}: {len(found)} tests differ")
    for test, change in found.items():
        print(f"  {test}: {change}\n    {known.get(test, 'NEW')}")
    for test in known.keys() - found.keys():
        print(f"  {test}: differs no longer, so its line in {KNOWN.name} can go")
    return bool(found.keys() - known.keys())


def differences(folder: str, tests: Iterable[str], arguments: list[str]) -> dict[str, str]:
    """Run tests with each; return those whose outcomes differ, and how."""
    first = outcomes("httpx", [*tests, *arguments], dict(os.environ))
    second = outcomes("httpx2", [*tests, *arguments], {**os.environ, "PYTHONPATH": folder})
    return {
        test: f"{first.get(test, 'not there')} → {second.get(test, 'not there')}"
        for test in sorted(first.keys() | second.keys())
        if first.get(test) != second.get(test)
    }


def outcomes(library: str, arguments: list[str], environment: dict[str, str]) -> dict[str, str]:
    """Run tests with a library; return the outcome of each."""
    found = run(["-c", "import httpx; print(httpx.__name__)"], environment).strip()
    if found != library:
        raise SystemExit(f"`import httpx` gives {found} where it should give {library}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("--numprocesses", "2", "--tb", "no", "--junitxml", str(report))
        printed = run(["-m", "pytest", *options, *arguments], environment)
        if not report.exists():
            raise SystemExit(f"The tests did not run:\n{printed}")
        cases = ET.parse(report).iter("testcase")  # noqa: S314  our own
        return {name_of(case): outcome_of(case) for case in cases}


def run(arguments: list[str], environment: dict[str, str]) -> str:
    """Run this Python; return what it prints."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout


def name_of(case: ET.Element) -> str:
    """Return a test's name, as pytest takes it."""
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"


def outcome_of(case: ET.Element) -> str:
    """Return `passed`, or what else pytest says."""
    tags = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
    return tags[0] if tags else "passed"


def reasons(text: str) -> dict[str, str]:
    """Read the known differences: a test a line, with its reason behind ` | `."""
    lines = [line.partition(" | ") for line in text.splitlines() if line and line[0] != "#"]
    return {test.strip(): reason.strip() for test, _, reason in lines}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
