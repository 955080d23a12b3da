"""The demo does what the README says, without a terminal, and is careful with a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.mock import MockServer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


def run_demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as a process without a terminal."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("SAMSARA_")
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "demo.py"), *arguments],
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def real_server() -> Iterator[tuple[MockServer, str]]:
    """Stand in for a real server: a mock that the demo does not start."""
    server = MockServer()
    with running(server) as url:
        yield server, url


def test_demo_against_the_mock() -> None:
    """The documented request goes out, every update is done, and the server refuses none."""
    done = run_demo()

    assert (0, "") == (done.returncode, done.stderr)
    assert "equal to the documented request: True" in done.stdout
    assert '"expirationDate":"1970-01-01T00:00:00Z"' in done.stdout
    assert "expires never" in done.stdout
    assert "InvalidInput: expiration_date=None" in done.stdout
    assert "applied=False request_id=" in done.stdout
    assert "row 3: Valid until: '31.02.2034' is no date" in done.stdout
    assert "Done: 1 applied, 1 already right, 1 error." in done.stdout
    assert "250 of 250 done" in done.stdout
    assert "429s that the server sent: 0" in done.stdout


def test_real_server_needs_a_record(real_server: tuple[MockServer, str]) -> None:
    """With a token set, the demo asks for a record instead of choosing one."""
    server, url = real_server

    done = run_demo(SAMSARA_BASE_URL=url, SAMSARA_API_TOKEN=server.token)

    assert 1 == done.returncode
    assert "make demo RECORD=" in done.stdout
    assert [] == list(server.requests)


def test_real_server_is_only_read_without_consent(real_server: tuple[MockServer, str]) -> None:
    """Nobody can agree where there is no terminal, so nothing is written."""
    server, url = real_server

    done = run_demo(RECORD, SAMSARA_BASE_URL=url, SAMSARA_API_TOKEN=server.token)

    assert 0 == done.returncode
    assert "Nothing was written." in done.stdout
    assert ["GET"] == [request.method for request in server.requests]
    assert server.token not in done.stdout + done.stderr


def test_real_server_error(real_server: tuple[MockServer, str]) -> None:
    """A failure is one line that names it, not a traceback."""
    server, url = real_server

    done = run_demo("no-such-record", SAMSARA_BASE_URL=url, SAMSARA_API_TOKEN=server.token)

    assert (1, "") == (done.returncode, done.stderr)
    assert "NotFound" in done.stdout
