"""What this process holds, and whether it has grown."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM: Final = 32.0
"""MiB by which the process may grow after the first round, which loads what it needs."""

SETTLE: Final = 10.0
"""Seconds after which threads that end by themselves must have ended."""


class Usage(NamedTuple):
    """What a process holds at a time: MiB, descriptors and threads."""

    memory: float
    descriptors: int
    threads: int

    def __str__(self) -> str:
        return f"{self.memory:.1f} MiB, {self.descriptors} descriptors, {self.threads} threads"


def settle() -> None:
    """Wait until the main thread is the only one: the budget's worker ends when it is idle."""
    end = time.monotonic() + SETTLE
    while threading.active_count() > 1 and time.monotonic() < end:
        time.sleep(0.1)


def measured() -> Usage:
    """Return what this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Usage(memory, sum(1 for _ in Path("/proc/self/fd").iterdir()), threading.active_count())


def growth(before: Usage, after_first: Usage, last: Usage) -> Iterator[str]:
    """Yield what is more than before the first round; for memory, than after it."""
    if last.descriptors > before.descriptors:
        yield f"{before.descriptors} descriptors became {last.descriptors}"
    if last.threads > before.threads:
        yield f"{before.threads} threads became {last.threads}"
    if last.memory > after_first.memory + ROOM:
        yield f"{after_first.memory:.1f} MiB became {last.memory:.1f} MiB"


def children() -> Iterator[str]:
    """Yield a complaint where a process that this one started is left, running or not reaped."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    yield "a process was left behind"
