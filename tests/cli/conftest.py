"""The command, in this process or as one of its own, and a mock server for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from samsara_qualifications import cli
from samsara_qualifications.mock import MockServer, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND = Path(sys.executable).with_name("samsara-qualifications")


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockServer]:
    """Return a mock without limits that the environment names; the folder is a new one."""
    for name in [name for name in os.environ if name.startswith("SAMSARA_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    mock = MockServer(rate=None)
    with running(mock) as url:
        monkeypatch.setenv("SAMSARA_BASE_URL", url)
        monkeypatch.setenv("SAMSARA_API_TOKEN", mock.token)
        yield mock


@pytest.fixture
def run(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Return what runs the command in this process."""

    def command(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["samsara-qualifications", *arguments])
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        status: Any = ended.value.code
        captured = capfd.readouterr()
        return Ended(status, captured.out, captured.err)

    return command
