"""
Replaces several files together: an interruption leaves all of them old, or all of them new.

The new contents are staged beside a journal. Once the journal stands, the change is decided: it is
carried out with signals held back, and if even that is cut short (a kill, a power cut), the next
call carries it to its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

STAGING = Path(".upstream-apply")
_HELD = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def write_all(root: Path, files: Mapping[str, bytes | None]) -> None:
    """
    Replace, create and delete files, all or none of them.

    Args:
        root: The folder that the names are relative to; all on one file system.
        files: The new contents by name; none deletes the file.
    """
    recover(root)
    staging = root / STAGING
    staging.mkdir(parents=True)
    moves: list[tuple[str, str]] = []
    for number, (name, content) in enumerate(files.items()):
        if content is not None:
            _write(staging / str(number), content)
        moves.append(("" if content is None else str(number), name))
    _write(staging / "journal.new", json.dumps(moves).encode())
    os.replace(staging / "journal.new", staging / "journal")  # noqa: PTH105  as below
    recover(root)


def recover(root: Path) -> bool:
    """
    Finish a change that was decided, or forget one that was not.

    Args:
        root: The folder given to `write_all`.

    Returns:
        Whether there was a decided change.
    """
    staging = root / STAGING
    journal = staging / "journal"
    decided = journal.is_file()
    if decided:
        with _signals_held():
            for staged, name in json.loads(journal.read_bytes()):
                _carry_out(staging / staged if staged else None, root / name)
            journal.unlink()
    shutil.rmtree(staging, ignore_errors=True)
    return decided


def _carry_out(staged: Path | None, target: Path) -> None:
    if staged is None:
        target.unlink(missing_ok=True)
    elif staged.exists():  # otherwise it was done before an interruption
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)  # noqa: PTH105  atomic on every system, as its documentation promises


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _signals_held() -> Generator[None]:
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)
