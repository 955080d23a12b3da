"""Perform a row in a process of its own: `python -m tests.faults.child ROW KIND URL FILE`."""

from __future__ import annotations

import logging
import pickle
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.faults import callers
from tests.faults.table import ROWS

if TYPE_CHECKING:
    from tests.faults.row import Kind, Row

ROOM: Final = 400 * 1024 * 1024
"""Bytes of address space that a call may add before it fails: the machine is not ours alone."""


def _wait_for(_requests: int) -> None:
    """Wait until the parent says that the server has read the request."""
    sys.stdin.readline()


def _measured(row: Row, kind: Kind, url: str) -> callers.Outcome:
    before = _peak()
    space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (space + ROOM, resource.RLIM_INFINITY))
    outcome = callers.perform(row, kind, url, _wait_for)
    outcome.grown = _peak() - before
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return outcome


def _peak() -> float:
    """Return the most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(name: str, kind: Any, url: str, file: str) -> None:
    """Perform the row and write its outcome to the file."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    # With `-X dev` asyncio tells of each callback that a busy machine makes slow.
    logging.getLogger("asyncio").addFilter(lambda record: not record.msg.startswith("Executing"))
    row = next(row for row in ROWS if row.name == name)
    if row.child == "exit":
        caller = callers.Caller(kind, callers.options(row, kind, url))
        callers.SCENES[row.call](caller, _wait_for)
        return
    perform = _measured if row.child == "memory" else _performed
    outcome = perform(row, kind, url)
    outcome.error = outcome.error and outcome.error.with_traceback(None)
    Path(file).write_bytes(pickle.dumps(outcome))


def _performed(row: Row, kind: Kind, url: str) -> callers.Outcome:
    return callers.perform(row, kind, url, _wait_for)


if __name__ == "__main__":
    main(*sys.argv[1:])
