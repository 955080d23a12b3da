"""
The log in an SQLite file, for the processes of one host.

Each call is one transaction. Times are read inside it, from the clock that runs since the host was
booted: all processes share it, and nobody can set it. After a reboot the clock is behind what was
written, and the log is read as if no time had passed since. Once it is not behind, the host has
been up for longer than any slot is held, so that nothing comes free too early.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
import threading
import time
from array import array
from typing import TYPE_CHECKING, TypeVar

from samsara_qualifications.budget import window
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.errors import BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from samsara_qualifications.budget.window import Lane, RateLimit

TIMEOUT = 0.4  # seconds to wait for another thread or process
CHECK = 1.0  # seconds between two looks whether the file is still the same
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
        path: The file; made, readable by its owner only, where there is none.
        name: Keeps budgets in one file apart.
        clock: Returns the seconds since the host was booted.

    Raises:
        ConfigurationError: If the file cannot be used.
    """

    blocking = True

    def __init__(self, path: Path, name: str, clock: Callable[[], float] = boot_clock) -> None:
        self._path = path.absolute()
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._checked = -CHECK
        try:
            self._db = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"{self._path} cannot hold the budget ({error}): name a file on a local disk that"
                " this user may write, or that does not exist yet; remove a damaged one only after"
                " all its users have stopped"
            ) from error

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""

        def step(logs: Mapping[str, window.Log], now: float) -> Slot | float:
            wait = window.take(logs, limits, lane, ahead, now)
            return Slot(limits, now) if wait is None else wait

        return self._transaction(limits, step)

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        self._each(slot, lambda log, limit, now: log.settle(now, limit, slot.taken))

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        self._each(slot, lambda log, limit, _: log.refund(limit, slot.taken))

    def drop(self, slot: Slot) -> None:
        """Leave the slot to its lease."""

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for so long."""
        self._transaction([key], lambda logs, now: logs[key].pause(now, seconds))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def before_fork(self) -> None:
        """Close the file: what SQLite knows of its locks would be wrong in a child."""
        self._lock.acquire()
        self._close()

    def after_fork(self, *, child: bool) -> None:  # noqa: ARG002 - both open the file anew
        """Open the file again with the next call."""
        self._lock.release()

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _connect(self) -> sqlite3.Connection:
        # A file that exists is left to SQLite: to open and close it here would drop SQLite's locks.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._file = self._path.stat()
        db = sqlite3.connect(self._path, TIMEOUT, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        with db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(SCHEMA)
        return db

    def _check(self, now: float) -> None:
        self._checked = now
        if not os.path.samestat(self._file, self._path.stat()):
            raise FileNotFoundError("it was replaced while in use; restart all who use it")

    def _each(self, slot: Slot, do: Callable[[window.Log, RateLimit, float], None]) -> None:
        def step(logs: Mapping[str, window.Log], now: float) -> None:
            for key, limit in slot.limits.items():
                do(logs[key], limit, now)

        self._transaction(slot.limits, step)

    def _transaction(
        self, keys: Iterable[str], step: Callable[[Mapping[str, window.Log], float], T]
    ) -> T:
        if not self._lock.acquire(timeout=TIMEOUT):
            raise BudgetUnavailable(f"the budget in {self._path} is busy: try again")
        try:
            self._db = db = self._db or self._connect()
            with db:
                db.execute("BEGIN IMMEDIATE")
                now = self._clock()
                if now - self._checked > CHECK:
                    self._check(now)
                logs = {key: self._read(db, key, now) for key in keys}
                result = step(logs, now)
                for key, log in logs.items():
                    row = (self._name, key, _pack(log, now))
                    db.execute("REPLACE INTO budget_v1 VALUES (?, ?, ?)", row)
                return result
        except (OSError, sqlite3.Error) as error:
            raise BudgetUnavailable(
                f"the budget in {self._path} cannot be used ({error}); nothing was sent"
            ) from error
        finally:
            self._lock.release()

    def _read(self, db: sqlite3.Connection, key: str, now: float) -> window.Log:
        query = "SELECT log FROM budget_v1 WHERE name = ? AND key = ?"
        row = db.execute(query, (self._name, key)).fetchone()
        if row is None:
            return window.Log()
        (packed,) = row
        written, bulk, paused, front, struck, strikes = STATE.unpack_from(packed)
        slots = array("d", packed[STATE.size :])
        log = window.Log(slots, bulk, paused, front, struck, strikes)
        if written > now:
            log.shift(now - written)
        return log


def _pack(log: window.Log, now: float) -> bytes:
    state = (now, log.bulk, log.paused, log.front, log.struck, log.strikes)
    return STATE.pack(*state) + array("d", log.slots).tobytes()
