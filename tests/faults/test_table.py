"""Every row of the fault table, for the blocking and the async client."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.faults import callers, judge, page
from tests.faults.table import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.row import Kind, Row

ROOT = Path(__file__).parents[2]


@pytest.fixture
def play(
    fault_server: Any, certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[Row, Kind], tuple[callers.Outcome, list[str]]]]:
    """Return a function that performs a row; it returns what came of it, and the requests."""
    ports: list[int] = []

    def perform(row: Row, kind: Kind) -> tuple[callers.Outcome, list[str]]:
        port = fault_server.do("open", script=row.script, door=row.door)["port"]
        ports.append(port)
        for name, value in environment_of(row, port, certificates).items():
            monkeypatch.setenv(name, value)

        def wait_for(requests: int) -> None:
            fault_server.do("await", port=port, requests=requests)

        url = row.url.format(port=port)
        if row.child:
            outcome = in_a_child(row, kind, url, wait_for, tmp_path / "outcome")
        else:
            outcome = callers.perform(row, kind, url, wait_for)
        seen = fault_server.do("report", port=port)["requests"]
        return outcome, [request for request in seen if not request.startswith("CONNECT")]

    yield perform
    for port in ports:
        fault_server.do("close", port=port)


@pytest.mark.parametrize(
    ("row", "kind"),
    [pytest.param(row, kind, id=f"{row.name}-{kind}") for row in ROWS for kind in row.kinds],
)
def test_row(row: Row, kind: Kind, play: Any) -> None:
    """What the row says comes true."""
    if row.name == "setting-no-certificates" and httpx.__version__.startswith("0.27."):
        pytest.skip("httpx 0.27 takes its own certificates where SSL_CERT_FILE does not exist")
    outcome, requests = play(row, kind)
    assert [] == judge.complaints(row, outcome, requests)


def environment_of(row: Row, port: int, certificates: Path) -> dict[str, str]:
    """Return the row's variables; over TLS, our own authority is trusted."""
    trusted = {"SSL_CERT_FILE": "{ca}"} if row.url.startswith("https") else {}
    values = {"port": port, "folder": certificates, "ca": certificates / "ca.pem"}
    variables = (trusted | row.environment).items()
    return {name: value.format(**values) for name, value in variables}


def in_a_child(row: Row, kind: Kind, url: str, wait_for: Any, file: Path) -> callers.Outcome:
    """Perform a row in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.child", row.name, kind, url, str(file)]
    child = subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    if row.child != "memory":
        wait_for(1)
    start = time.monotonic()
    if row.child == "interrupt":
        child.send_signal(signal.SIGINT)
    _, errors = child.communicate("\n", timeout=60)
    if row.child == "exit":
        name = "success" if (child.returncode, errors) == (0, "") else f"exit: {errors}"
        return callers.Outcome(name, seconds=time.monotonic() - start)
    assert (0, "") == (child.returncode, errors)
    outcome: callers.Outcome = pickle.loads(file.read_bytes())  # noqa: S301  our own
    return outcome


def test_names_are_unique() -> None:
    """A row's name is its id."""
    names = [row.name for row in ROWS]
    assert sorted(set(names)) == sorted(names)


def test_the_table_is_large_enough() -> None:
    """The table has the number of rows that it promises."""
    assert len(ROWS) >= 120


def test_the_page_is_current() -> None:
    """`docs/faults.md` is what `make faults-doc` writes."""
    assert page.rendered() == page.PAGE.read_text("utf-8")
