"""The journal of live runs: nothing that may exist is ever forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.live.journal import Busy, Entry, Journal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that does not exist yet, nor does its folder."""
    return tmp_path / "state" / "journal.jsonl"


def test_the_next_run_reads_what_is_open(path: Path) -> None:
    """A later run knows what was announced and made, and not what is gone."""
    with Journal(path, clock=lambda: 5.0) as journal:
        for mark in ("a", "b", "c"):
            journal.announce(mark)
        journal.made("b", "id-b")
        journal.made("c", "id-c")
        journal.gone("c")
    with Journal(path, clock=lambda: 7.0) as journal:
        assert {"a": Entry("a", 5.0), "b": Entry("b", 5.0, "id-b")} == journal.open
        assert journal.age("a") == 2.0


def test_a_clean_journal_is_empty(path: Path) -> None:
    """Where nothing is open, nothing is kept."""
    with Journal(path) as journal:
        journal.announce("a")
        journal.gone("a")
        journal.gone("a")
    assert path.read_bytes() == b""


def test_a_record_that_came_back_is_open_again(path: Path) -> None:
    """What is made after it was gone is open."""
    with Journal(path, clock=lambda: 5.0) as journal:
        journal.announce("a")
        journal.gone("a")
        journal.made("a", "1")
    with Journal(path) as journal:
        assert {"a": Entry("a", 5.0, "1")} == journal.open


def test_a_line_that_a_crash_cut_off(path: Path) -> None:
    """Half a line at the end is dropped, and the next line does not stick to it."""
    with Journal(path, clock=lambda: 5.0) as journal:
        journal.announce("a")
    with path.open("ab") as file:
        file.write(b'{"open": {"ma')
    with Journal(path, clock=lambda: 5.0) as journal:
        assert set(journal.open) == {"a"}
        journal.announce("b")
    with Journal(path) as journal:
        assert set(journal.open) == {"a", "b"}


def test_a_damaged_line(path: Path) -> None:
    """A damaged line in the midst is an error: it may have named a record."""
    path.parent.mkdir()
    path.write_bytes(b'{"op\n{"gone": "a"}\n')
    with pytest.raises(ValueError, match="damaged"):
        Journal(path)


def test_one_run_at_a_time(path: Path) -> None:
    """A second run is refused while the first holds the journal; then it may go on."""
    with Journal(path), pytest.raises(Busy, match="under way"):
        Journal(path)
    Journal(path).close()


def test_each_line_is_synced_before_the_method_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is in the file when it is synced, and it is synced when the method returns."""
    synced: list[bytes] = []
    with Journal(path, clock=lambda: 5.0) as journal:
        monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_bytes()))
        journal.announce("a")
        journal.made("a", "1")
        journal.gone("a")
    assert [1, 2, 3] == [content.count(b"\n") for content in synced]


def test_a_killed_process_leaves_the_journal(path: Path) -> None:
    """What a process announced before it was killed is there, and the lock is free."""
    program = (
        "import os, pathlib, signal, sys\n"
        "from samsara_qualifications_contract.live.journal import Journal\n"
        "Journal(pathlib.Path(sys.argv[1])).announce('a')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], check=False)
    assert -signal.SIGKILL == done.returncode
    with Journal(path) as journal:
        assert set(journal.open) == {"a"}
