"""Several files change together, whatever interrupts the change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from upkeep import staged_write

OLD: dict[str, bytes | None] = {"a.txt": b"old a", "deep/b.txt": b"old b", "gone.txt": b"old"}
NEW: dict[str, bytes | None] = {"a.txt": b"A", "deep/b.txt": b"B", "new/c.txt": b"C"}
CHANGE = {**NEW, "gone.txt": None}
STEPS = 4  # the journal's move, then those of three files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder in the old state."""
    for name, content in OLD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content or b"")
    return tmp_path


def state(root: Path) -> dict[str, bytes | None]:
    """Read all files."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file()
    }


def test_all_files_change(root: Path) -> None:
    """Contents are replaced, created and deleted, and nothing else is left."""
    staged_write.write_all(root, CHANGE)
    assert NEW == state(root)
    assert not (root / staged_write.STAGING).exists()


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_failure_at_any_step_leaves_old_or_new(
    root: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the next start all is old if the journal did not stand yet, otherwise all is new."""
    moves = iter(range(STEPS + 1))
    move = os.replace

    def failing(source: Path, target: Path) -> None:
        if next(moves) == step:
            raise OSError("the disk is gone")
        move(source, target)

    monkeypatch.setattr(os, "replace", failing)
    if step < STEPS:
        with pytest.raises(OSError, match="the disk is gone"):
            staged_write.write_all(root, CHANGE)
    else:
        staged_write.write_all(root, CHANGE)
    monkeypatch.undo()
    assert (0 < step < STEPS) == staged_write.recover(root)
    assert (NEW if step else OLD) == state(root)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from upkeep import staged_write
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in the background
move, moves = os.replace, iter(range(9))
def killing(source, target):
    if next(moves) == int(sys.argv[3]):
        os.kill(os.getpid(), getattr(signal, sys.argv[4]))
    move(source, target)
staged_write.os.replace = killing
staged_write.write_all(Path(sys.argv[2]), eval(sys.argv[5]))
"""


def interrupt(root: Path, step: int, name: str) -> int:
    """Make the change in a process that gets a signal at a step; returns its exit status."""
    scripts = Path(staged_write.__file__).parent.parent
    arguments = [str(scripts), str(root), str(step), name, repr(CHANGE)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True
    )
    return done.returncode


@pytest.mark.parametrize("step", range(STEPS))
def test_a_kill_at_any_step_is_mended_by_the_next_start(root: Path, step: int) -> None:
    """Even SIGKILL between two files leaves no mixture after the next start."""
    assert -signal.SIGKILL == interrupt(root, step, "SIGKILL")
    staged_write.recover(root)
    assert (NEW if step else OLD) == state(root)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_waits_until_the_change_is_done(root: Path, name: str) -> None:
    """Ctrl-C between two files leaves the new state, without another start."""
    assert interrupt(root, 2, name) != 0
    assert NEW == state(root)


def test_an_undecided_change_is_forgotten(root: Path) -> None:
    """Staged files without a journal are leftovers."""
    staging = root / staged_write.STAGING
    staging.mkdir()
    (staging / "0").write_bytes(b"half")
    assert not staged_write.recover(root)
    assert OLD == state(root)


def test_a_new_change_first_finishes_the_last(root: Path) -> None:
    """What was decided before an interruption is carried out before the next change."""
    assert -signal.SIGKILL == interrupt(root, 2, "SIGKILL")
    staged_write.write_all(root, {"later.txt": b"later"})
    assert {**NEW, "later.txt": b"later"} == state(root)
