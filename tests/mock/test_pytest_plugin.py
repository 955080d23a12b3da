"""The fixtures for other projects, in a pytest run of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "samsara_qualifications"  # as its entry point names it

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

FAULTS = """
import asyncio
import time

import pytest
from samsara_qualifications import QualificationsError, RateLimited
from samsara_qualifications.mock import Fault, MockServer

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
ASKED = {"Retry-After": "195"}
FAULTS = [
    *[Fault(status=status, times=100) for status in (429, 500, 502, 503, 504)],
    *[Fault(cut=cut, times=100) for cut in ("connect", "request", "response")],
    Fault(status=429, headers=ASKED),
]


@pytest.fixture
def samsara_mock():
    return MockServer(token="always-this-one", rate=None)


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_error(samsara_mock, samsara_client, fault, lane):
    samsara_mock.faults.add(fault)
    with pytest.raises(QualificationsError):
        samsara_client.update(RECORD, external_ids={"a": "b"}, lane=lane)


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_async(samsara_mock, samsara_async_client, fault, lane):
    samsara_mock.faults.add(fault)
    with pytest.raises(QualificationsError):
        asyncio.run(samsara_async_client.update(RECORD, external_ids={"a": "b"}, lane=lane))


@pytest.mark.parametrize("turn", [1, 2])
def test_a_pause(samsara_mock, samsara_client, turn):
    samsara_client.update(RECORD, external_ids={"a": "b"}, deadline=5)
    samsara_mock.faults.add(Fault(status=429, headers=ASKED))
    with pytest.raises(RateLimited):
        samsara_client.update(RECORD, external_ids={"a": "b"})
"""

OPTIONS = """
import asyncio

import pytest
from samsara_qualifications import RateLimit, RetryPolicy, ServerError
from samsara_qualifications.mock import Fault

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
EVENTS = []


@pytest.fixture
def samsara_client_options():
    return {"retry": RetryPolicy(attempts=2, backoff=0), "on_retry": EVENTS.append}


def test_sync(samsara_mock, samsara_client):
    samsara_mock.faults.add(Fault(status=503, times=9))
    with pytest.raises(ServerError):
        samsara_client.update(RECORD, external_ids={"a": "b"})
    assert 2 == len(samsara_mock.requests)


def test_async(samsara_mock, samsara_async_client):
    samsara_mock.faults.add(Fault(status=503, times=9))
    with pytest.raises(ServerError):
        asyncio.run(samsara_async_client.update(RECORD, external_ids={"a": "b"}))
    assert 2 == len(samsara_mock.requests)
    assert 2 == len(EVENTS)
"""

UNSTRUCK = """
import pytest
from samsara_qualifications.mock import Fault

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


def test_never(samsara_mock, samsara_client):
    samsara_mock.faults.add(Fault(status=503, when="no such record"))
    samsara_client.get(RECORD)


def test_taken_back(samsara_mock):
    samsara_mock.faults.add(Fault(status=503))
    samsara_mock.faults.clear()


def test_struck_once_of_nine(samsara_mock, samsara_client):
    samsara_mock.faults.add(Fault(status=503, times=9))
    with pytest.raises(Exception):
        samsara_client.get(RECORD)


class TestSwitchedOff:
    @pytest.fixture
    def samsara_faults_must_strike(self):
        return False

    def test_never(self, samsara_mock):
        samsara_mock.faults.add(Fault(status=503))
"""

SERVER = """
import pytest

NOW = 1_900_000_000


@pytest.fixture
def samsara_mock_options():
    return {"page_size": 2, "clock": lambda: NOW, "rate": (3, 60)}


def test_pages(samsara_mock, samsara_client):
    record = samsara_mock.add_record("Driver License", {"License Number": "D1"})
    assert "2030-03-17T17:46:40Z" == record["updatedAtTime"]
    assert 3 == len(list(samsara_client.types(entity_type="worker")))
    assert 2 == len(samsara_mock.requests)
"""

CLOSED = """
import asyncio

import pytest
from samsara_qualifications import ConfigurationError

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
USED = []


@pytest.fixture(scope="module")
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_use(samsara_client, samsara_async_client, loop):
    samsara_client.get(RECORD)
    loop.run_until_complete(samsara_async_client.get(RECORD))
    USED.extend([samsara_client, samsara_async_client])


def test_after(loop):
    with pytest.raises(ConfigurationError, match="closed"):
        USED[0].get(RECORD)
    with pytest.raises(ConfigurationError, match="closed"):
        loop.run_until_complete(USED[1].get(RECORD))
"""

FROZEN = """
import datetime

import freezegun
import pytest
import time_machine
from samsara_qualifications import RateLimited
from samsara_qualifications.mock import Fault

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
WHEN = datetime.datetime(2031, 5, 6, tzinfo=datetime.UTC)


@pytest.fixture
def samsara_mock_options():
    return {"rate": (2, 60)}


def work(mock, client, advance):
    client.update(RECORD, external_ids={"a": "b"})
    assert "2031-05-06T00:00:00Z" == mock.records[RECORD]["updatedAtTime"]
    mock.faults.add(Fault(status=503), Fault(status=429, headers={"Retry-After": "0.01"}))
    client.update(RECORD, external_ids={"a": "b"})
    with pytest.raises(RateLimited):
        client.update(RECORD, external_ids={"a": "b"})
    advance(61)
    client.update(RECORD, external_ids={"a": "b"}, deadline=100)


def test_freezegun(samsara_mock, samsara_client):
    with freezegun.freeze_time(WHEN) as clock:
        work(samsara_mock, samsara_client, clock.tick)


def test_time_machine(samsara_mock, samsara_client):
    with time_machine.travel(WHEN, tick=False) as clock:
        work(samsara_mock, samsara_client, clock.shift)
"""


def run_pytest(
    folder: Path, tests: str, *before: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run tests in a project that knows only the plugin."""
    (folder / "test_theirs.py").write_text(tests, encoding="utf-8")
    (folder / "conftest.py").write_text("\n".join(before), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-X", "dev", "-m", "pytest", "-p", PLUGIN],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_fixtures_work_in_another_project(tmp_path: Path) -> None:
    """Sync and async clients talk to a fresh mock, without waiting for a budget."""
    result = run_pytest(tmp_path, TESTS)

    assert "4 passed" in result.stdout, result.stdout + result.stderr


def test_errors_neither_wait_nor_leave_anything_behind(tmp_path: Path) -> None:
    """A 429 pauses its test alone, not the next one with the same token, nor a shared budget."""
    budget = tmp_path / "production.db"
    variables = {
        "SAMSARA_BUDGET": f"sqlite:///{budget}",
        "SAMSARA_API_TOKEN": "a token of production",
        "SAMSARA_BASE_URL": "ftp://production",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }

    result = run_pytest(tmp_path, FAULTS, **variables)

    assert "38 passed" in result.stdout, result.stdout + result.stderr
    assert not budget.exists()
    assert 20 > float(result.stdout.rpartition(" in ")[2].split("s")[0])  # 0.5 s where it is quiet


def test_a_project_changes_the_clients_options(tmp_path: Path) -> None:
    """Both clients heed the fixture; what it leaves out stays."""
    result = run_pytest(tmp_path, OPTIONS)

    assert "2 passed" in result.stdout, result.stdout + result.stderr


def test_a_fault_that_never_struck_fails_its_test(tmp_path: Path) -> None:
    """With its name and the way out; one that was taken back, or struck once, does not."""
    result = run_pytest(tmp_path, UNSTRUCK)

    assert "4 passed, 1 error" in result.stdout, result.stdout + result.stderr
    assert "no request was struck by Fault(when='no such record', status=503)" in result.stdout
    assert "samsara_mock.faults.clear()" in result.stdout
    assert "samsara_faults_must_strike" in result.stdout


def test_a_project_changes_the_server(tmp_path: Path) -> None:
    """Its page size, clock and limits."""
    result = run_pytest(tmp_path, SERVER)

    assert "1 passed" in result.stdout, result.stdout + result.stderr


def test_a_project_freezes_the_time(tmp_path: Path) -> None:
    """With freezegun or time-machine: records, limits and waits follow it, and nothing hangs."""
    result = run_pytest(tmp_path, FROZEN)

    assert "2 passed" in result.stdout, result.stdout + result.stderr


def test_the_clients_are_closed_after_their_test(tmp_path: Path) -> None:
    """Without a warning, and a client that a test kept says so."""
    result = run_pytest(tmp_path, CLOSED)

    assert "2 passed" in result.stdout, result.stdout + result.stderr


def test_a_violation_fails_the_test(tmp_path: Path) -> None:
    """Records that the API could not have are a mistake of the test."""
    tests = """
def test_theirs(samsara_mock, samsara_client):
    samsara_mock.records["9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"]["issueDate"] = "yesterday"
    try:
        samsara_client.get("9814a1fa-f0c6-408b-bf85-51dc3bc71ac7")
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


def test_a_run_that_uses_no_fixture_loads_nothing(tmp_path: Path) -> None:
    """The plugin is loaded in every pytest run of an environment, so it must cost nothing there."""
    tests = """
import sys

def test_theirs():
    names = {name for name in sys.modules if "samsara" in name or "httpx" in name}
    assert names == {"pytest_samsara_qualifications"}
"""
    result = run_pytest(tmp_path, tests)

    assert "1 passed" in result.stdout, result.stdout
