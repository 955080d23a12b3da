"""The fixtures for other projects, in a pytest run of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import asyncio

import pytest
from samsara_qualifications import CLEAR, NotFound, expiration_of
from samsara_qualifications.mock import Fault

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


def test_sync(samsara_mock, samsara_client):
    record = samsara_client.update(RECORD, expiration_date=CLEAR)
    assert expiration_of(record) is None
    assert "expirationDate" not in samsara_mock.records[RECORD]


def test_async(samsara_mock, samsara_async_client):
    samsara_mock.faults.add(Fault(status=404, body={"message": "gone", "requestId": "r-1"}))
    with pytest.raises(NotFound):
        asyncio.run(samsara_async_client.update(RECORD, expiration_date=CLEAR))


def test_fresh(samsara_mock):
    assert "expirationDate" in samsara_mock.records[RECORD]
    assert not samsara_mock.requests


def test_nothing_waits(samsara_client):
    for _ in range(250):
        samsara_client.get(RECORD)
"""


def run_pytest(folder: Path, tests: str, *before: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a project that knows only the plugin."""
    (folder / "test_theirs.py").write_text(tests, encoding="utf-8")
    (folder / "conftest.py").write_text("\n".join(before), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "samsara_qualifications.pytest_plugin"],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_fixtures_work_in_another_project(tmp_path: Path) -> None:
    """Sync and async clients talk to a fresh mock, without waiting for a budget."""
    result = run_pytest(tmp_path, TESTS)

    assert "4 passed" in result.stdout, result.stdout + result.stderr


def test_a_violation_fails_the_test(tmp_path: Path) -> None:
    """Records that the API could not have are a mistake of the test."""
    tests = """
def test_theirs(samsara_mock, samsara_client):
    samsara_mock.records["9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"]["issueDate"] = "yesterday"
    try:
        samsara_client.get("9814a1fa-f0c6-408b-bf85-51dc3bc71ac7", deadline=0.2)
    except Exception:
        pass
"""
    result = run_pytest(tmp_path, tests)

    assert "1 passed, 1 error" in result.stdout
    assert "SpecViolation: the mock broke the spec" in result.stdout


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path) -> None:
    """Only a test that asks for the mock fails."""
    tests = "def test_other(): pass\ndef test_theirs(samsara_mock): pass\n"
    hidden = "import sys", "sys.modules['jsonschema_rs'] = None"

    result = run_pytest(tmp_path, tests, *hidden)

    assert "1 passed, 1 error" in result.stdout
    assert "pip install 'samsara-qualifications[mock]'" in result.stdout


def test_loading_the_plugin_loads_no_mock(tmp_path: Path) -> None:
    """It is loaded in every pytest run of an environment, so it must cost nothing there."""
    tests = """
import sys

def test_theirs():
    heavy = {"jsonschema_rs", "uvicorn", "samsara_qualifications.mock"}
    assert not heavy & set(sys.modules)
"""
    result = run_pytest(tmp_path, tests)

    assert "1 passed" in result.stdout, result.stdout
