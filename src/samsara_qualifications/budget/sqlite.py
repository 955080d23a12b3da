"""
The log in an SQLite file, for the processes of one host.

Each call is one transaction. Times are read inside it, from the clock that runs since the host was
booted: all processes share it, and nobody can set it. After a reboot the clock is behind what was
written, and the log is read as if no time had passed since. Once it is no longer behind, times
count as they stand: each slot's is more than a window of uptime, so none comes free too early.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from array import array
from typing import TYPE_CHECKING, TypeVar

from . import window
from .sqlite_file import SqliteFile
from .store import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .window import Lane, Log, RateLimit

SCHEMA = """CREATE TABLE IF NOT EXISTS budget_v1
    (name TEXT, key TEXT, log BLOB, PRIMARY KEY (name, key)) WITHOUT ROWID"""
STATE = struct.Struct("6d")  # what `_pack` puts before the slots
T = TypeVar("T")
BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere monotonic counts


def boot_clock() -> float:
    """Return the seconds since the host was booted."""
    return time.monotonic() if BOOT_CLOCK is None else time.clock_gettime(BOOT_CLOCK)


class SqliteStore:
    """
    Slots of all processes that open the same file.

    Args:
        path: The file; created, readable by its owner only, if it does not exist.
        name: Keeps budgets in one file apart.
        clock: Returns the seconds since the host was booted.

    Raises:
        ConfigurationError: The file cannot be used.
    """

    blocking = True
    at_rest = False

    def __init__(
        self, path: Path | str, name: str, clock: Callable[[], float] = boot_clock
    ) -> None:
        self._name = name
        self._file = SqliteFile(path, SCHEMA, clock)

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""

        def change(logs: Mapping[str, Log], now: float) -> Slot | float:
            wait = window.take(logs, limits, lane, ahead, now)
            return Slot(limits, now) if wait is None else wait

        return self._change(limits, change)

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        self._each(slot, lambda log, limit, now: log.settle(now, limit, slot.taken))

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        self._each(slot, lambda log, limit, _: log.refund(limit, slot.taken))

    def drop(self, slot: Slot) -> None:
        """Leave the slot to its lease."""

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for this long."""
        self._change([key], lambda logs, now: logs[key].pause(now, seconds))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def before_fork(self) -> None:
        """Close the file."""
        self._file.before_fork()

    def after_fork(self, *, child: bool) -> None:  # noqa: ARG002  both reopen the file
        """Open the file again with the next call."""
        self._file.after_fork()

    def _each(self, slot: Slot, do: Callable[[Log, RateLimit, float], None]) -> None:
        def change(logs: Mapping[str, Log], now: float) -> None:
            for key, limit in slot.limits.items():
                do(logs[key], limit, now)

        self._change(slot.limits, change)

    def _change(self, keys: Iterable[str], change: Callable[[Mapping[str, Log], float], T]) -> T:
        def step(cursor: sqlite3.Cursor, now: float) -> T:
            logs = {key: self._read(cursor, key, now) for key in keys}
            result = change(logs, now)
            for key, log in logs.items():
                row = (self._name, key, _pack(log, now))
                cursor.execute("REPLACE INTO budget_v1 VALUES (?, ?, ?)", row)
            return result

        return self._file.transaction(step)

    def _read(self, cursor: sqlite3.Cursor, key: str, now: float) -> Log:
        query = "SELECT log FROM budget_v1 WHERE name = ? AND key = ?"
        row = cursor.execute(query, (self._name, key)).fetchone()
        if row is None:
            return window.Log()
        try:
            return _unpack(row[0], now)
        except (TypeError, ValueError, struct.error) as error:
            raise sqlite3.DatabaseError(f"the row of {key!r} is damaged: {error}") from None


def _pack(log: Log, now: float) -> bytes:
    state = (now, log.bulk, log.paused, log.reservation, log.struck, log.strikes)
    return STATE.pack(*state) + log.slots.tobytes()


def _unpack(packed: bytes, now: float) -> Log:
    written, *state = STATE.unpack_from(packed)
    log = window.Log(array("d", packed[STATE.size :]), *state)
    if written > now:
        log.shift(now - written)
    return log
