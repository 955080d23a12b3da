"""
The log in an SQLite file, for the processes of one host.

Each call is one transaction. Times are read inside it, from the clock that runs since the host was
booted: all processes share it, and nobody can set it. After a reboot the clock is behind what was
written, and the log is read as if no time had passed since. Once it is no longer behind, times
count as they stand: each slot's is more than a window of uptime, so none comes free too early.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ...errors import BudgetUnavailable, ConfigurationError
from .. import window
from .store import Births, Wait, pause_of, tell_births, unheard, use_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..window import Lane, RateLimit
    from .store import EventKind, Notify, Slot, Use

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS log_v2 (
        id INTEGER PRIMARY KEY, name TEXT, key TEXT, born REAL, written REAL, used INTEGER,
        count INTEGER,
        turn REAL, rate REAL, rated REAL, reservation REAL, paused REAL, paused_since REAL,
        why TEXT, UNIQUE (name, key))""",
    """CREATE TABLE IF NOT EXISTS slot_v2 (
        log INTEGER, free REAL, id TEXT, PRIMARY KEY (log, free, id)) WITHOUT ROWID""",
)
STATE = "born, written, used, count, turn, rate, rated, reservation, paused, paused_since, why"
READ = f"SELECT id, {STATE} FROM log_v2 WHERE name = ? AND key = ?"  # noqa: S608  no value in it
CREATE = "INSERT INTO log_v2 (name, key) VALUES (?, ?)"
WRITE = f"UPDATE log_v2 SET ({STATE}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?"  # noqa: S608  the same
SHIFT = "UPDATE slot_v2 SET free = free + ? WHERE log = ?"
REBEGIN = "UPDATE log_v2 SET born = ? WHERE name = ?"
TIMEOUT = 0.4  # seconds to wait for another thread or process
BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere monotonic counts
MOUNTS = Path("/proc/self/mounts")  # Linux tells there which file system is where
NETWORK = re.compile(r"nfs|cifs|smb|afs|ceph|gluster|lustre|beegfs|sshfs|davfs|gcsfuse|s3fs")
T = TypeVar("T")


def boot_clock() -> float:
    """Return the seconds since the host was booted."""
    return time.monotonic() if BOOT_CLOCK is None else time.clock_gettime(BOOT_CLOCK)


@dataclass(slots=True)
class SlotRows:
    """One log's slots in the file, and how many they are: counting them would take its time."""

    cursor: sqlite3.Cursor
    log: int
    used: int

    def expire(self, now: float) -> int:
        """Forget those that are free by now; return how many are left."""
        self._change("DELETE FROM slot_v2 WHERE log = ? AND free <= ?", now)
        return self.used

    def time(self, index: int) -> float:
        """Return when the slot at this place comes free."""
        query = "SELECT free FROM slot_v2 WHERE log = ? ORDER BY free LIMIT 1 OFFSET ?"
        time: float = self.cursor.execute(query, (self.log, index)).fetchone()[0]
        return time

    def later(self, time: float) -> int:
        """Return how many come free after this time."""
        query = "SELECT count(*) FROM slot_v2 WHERE log = ? AND free > ?"
        count: int = self.cursor.execute(query, (self.log, time)).fetchone()[0]
        return count

    def add(self, time: float, slot_id: str) -> None:
        """Take a slot that comes free at this time."""
        self._change("INSERT OR IGNORE INTO slot_v2 VALUES (?, ?, ?)", time, slot_id)

    def drop(self, time: float, slot_id: str) -> None:
        """Forget a slot, if it is there."""
        self._change("DELETE FROM slot_v2 WHERE log = ? AND free = ? AND id = ?", time, slot_id)

    def _change(self, statement: str, *values: float | str) -> None:
        changed = self.cursor.execute(statement, (self.log, *values)).rowcount
        self.used += changed if statement.startswith("INSERT") else -changed


class FileLog(window.Log):
    """A log in the file."""

    def __init__(self, slots: SlotRows, key: str, born: float = 0.0, count: int = 0) -> None:
        super().__init__(slots)
        self.rows = slots
        self.key = key
        self.born = born
        self.count = count  # slots that were ever taken

    def take(self, now: float, limit: RateLimit, lane: Lane, slot_id: str = "") -> None:
        """Take a slot, which must be free."""
        super().take(now, limit, lane, slot_id)
        self.count += 1


class SqliteStore:
    """
    Slots of all processes that open the same file.

    Args:
        path: The file; created, readable by its owner only, if it does not exist.
        name: Keeps budgets in one file apart.
        wait: Whether a window has to pass before the first slot of a new log.
        clock: Returns the seconds since the host was booted.

    Raises:
        ConfigurationError: The file cannot be used.
    """

    blocking = True
    volatile = False
    at_rest = False

    def __init__(
        self,
        path: Path | str,
        name: str,
        *,
        wait: bool = False,
        clock: Callable[[], float] = boot_clock,
    ) -> None:
        self._cursor: sqlite3.Cursor | None = None
        self.notify: Notify = unheard
        self._path = Path(path).absolute()
        self.title = str(self._path)
        self._name = name
        self._wait = wait
        self._clock = clock
        self._lock = threading.Lock()
        self._births = Births()
        self._replaced = False
        self._files = (self._path, Path(f"{self._path.resolve()}-wal"))
        if network := _network_file_system(self._path.resolve()):
            raise ConfigurationError(
                f"{self._path} is on a network file system ({network}), where SQLite cannot keep "
                "hosts apart: name a file on a local disk, or share a Redis server"
            )
        try:
            self._cursor = self._open()
        except (OSError, ValueError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"{self._path} cannot hold the budget ({error}): name a file on a local disk that"
                " this user may write, or that does not exist yet; remove a damaged one only after"
                " all its users have stopped"
            ) from error

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot under every limit, or say how long to wait."""
        slot.id = slot.id or os.urandom(8).hex()
        news: list[tuple[EventKind, str]] = []
        seen: list[tuple[float, FileLog]] = []

        def change(logs: Mapping[str, FileLog], now: float) -> Wait | None:
            seen.extend((now, log) for log in logs.values())
            for key, limit in slot.limits.items():
                news.extend(self._check_birth(logs[key], limit, now))
            seconds, slowest = window.take(logs, slot.limits, lane, now, slot.id)
            if seconds:
                return Wait(seconds, slowest, pause_of(logs[slowest], now))
            slot.store, slot.taken = self, now
            return None

        wait = self._change(slot.limits, change)
        for now, log in seen:
            self._births.note(log.key, now, log.born, log.count)
        tell_births(self.notify, news)
        return wait

    def settle(self, slot: Slot, ago: float) -> None:
        """Let the slot come free one window after `ago` seconds before now; at once if infinite."""

        def change(logs: Mapping[str, FileLog], now: float) -> None:
            for key, limit in slot.limits.items():
                slots, span = logs[key].rows, limit.window_seconds
                slots.drop(slot.taken + span + window.LEASE, slot.id)
                if ago < span:
                    slots.add(now - ago + span, slot.id)

        self._change(slot.limits, change)

    def pause(self, key: str, seconds: float, why: str = "server") -> None:
        """Refuse everybody under `key` for this long."""
        self._change([key], lambda logs, now: logs[key].pause(now, now + seconds, why))

    def use(self, limits: Mapping[str, RateLimit]) -> dict[str, Use]:
        """Return how far each limit is used."""

        def change(logs: Mapping[str, FileLog], now: float) -> dict[str, Use]:
            return {key: use_of(logs[key], limit, now) for key, limit in limits.items()}

        return self._change(limits, change)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            self._close()

    def before_fork(self) -> None:
        """Close the file: what SQLite knows of its locks would be wrong in a child."""
        self._lock.acquire()
        self._close()

    def after_fork(self, *, child: bool) -> None:  # noqa: ARG002  both reopen the file
        """Open the file again with the next call."""
        self._lock.release()

    def __del__(self) -> None:
        self._close()  # Python 3.13 and newer warn of a connection that is left open

    def _check_birth(
        self, log: FileLog, limit: RateLimit, now: float
    ) -> Iterator[tuple[EventKind, str]]:
        """Let a window pass where slots that this process took of late are in another log."""
        fresh = not log.born
        log.born = log.born or now
        held = limit.window_seconds + window.LEASE
        born, count = self._births.known(log.key, now - held)
        if born == log.born and count > log.count:  # an old state of the same log is back
            log.born = now
        if born and born != log.born:
            yield "log_lost", log.key
            log.pause(now, log.born + limit.window_seconds, "lost")
        elif fresh:
            yield "log_new", log.key
            if self._wait:
                log.pause(now, now + limit.window_seconds, "new")

    def _change(
        self, keys: Iterable[str], change: Callable[[Mapping[str, FileLog], float], T]
    ) -> T:
        def step(cursor: sqlite3.Cursor, now: float) -> T:
            logs = {key: self._read(cursor, key, now) for key in keys}
            result = change(logs, now)
            for log in logs.values():
                times = (log.turn, log.rate, log.rated, log.reservation)
                pause = (log.paused, log.paused_since, log.why)
                row = (log.born, now, log.rows.used, log.count, *times, *pause, log.rows.log)
                cursor.execute(WRITE, row)
            return result

        return self._transaction(step)

    def _read(self, cursor: sqlite3.Cursor, key: str, now: float) -> FileLog:
        row = cursor.execute(READ, (self._name, key)).fetchone()
        if row is None:
            cursor.execute(CREATE, (self._name, key))
            return FileLog(SlotRows(cursor, cursor.lastrowid or 0, 0), key)
        number, born, written, used, count, *state, why = row
        right = type(used) is type(count) is int and type(why) is str
        if not (right and all(type(value) is float for value in (born, written, *state))):
            raise sqlite3.DatabaseError(f"the row of {key!r} is damaged")
        log = FileLog(SlotRows(cursor, number, used), key, born, count)
        log.why = why
        log.turn, log.rate, log.rated, log.reservation, log.paused, log.paused_since = state
        if written > now:
            log.shift(now - written)
            cursor.execute(SHIFT, (now - written, number))
        return log

    def _transaction(self, step: Callable[[sqlite3.Cursor, float], T]) -> T:
        """Call `step` with a cursor and the time, while nobody else reads or writes."""
        begun = time.monotonic()
        with self._lock:  # not `acquire`: a Ctrl-C right after it would lock the file for good
            if time.monotonic() - begun > TIMEOUT:
                raise BudgetUnavailable(f"the budget in {self._path} is busy: try again")
            try:
                self._cursor = cursor = self._cursor or self._open()
                with cursor.connection:
                    cursor.execute("BEGIN IMMEDIATE")
                    self._check_files()
                    return step(cursor, self._clock())
            except (OSError, sqlite3.Error) as error:
                raise BudgetUnavailable(
                    f"the budget in {self._path} cannot be used ({error}): check the file, its"
                    " disk and its permissions, or name another file for all its users",
                    lasting=self._replaced,
                ) from error

    def _open(self) -> sqlite3.Cursor:
        # A file that exists is left to SQLite: to open and close it here would drop SQLite's locks.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(
            self._path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            with db:
                db.execute("BEGIN IMMEDIATE")
                for statement in SCHEMA:
                    db.execute(statement)
                if self._replaced:  # what others wrote since does not tell what this process sent
                    db.execute(REBEGIN, (self._clock(), self._name))
            self._opened = [path.stat() for path in self._files]
        except BaseException:
            db.close()
            raise
        self._replaced = False
        return db.cursor()

    def _check_files(self) -> None:
        """Notice that others use another file, or none: two groups would count apart."""
        with contextlib.suppress(FileNotFoundError):
            now = [path.stat() for path in self._files]
            if all(map(os.path.samestat, self._opened, now)):
                return
        self._replaced = True
        raise FileNotFoundError(
            "it, or the -wal file beside it, was removed or replaced while in use; stop all who"
            " use it, then close this budget, which opens the file again"
        )

    def _close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None


def _network_file_system(path: Path) -> str:
    """Return the kind of network file system that a path is on; empty if it is on none."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    above = {str(folder).replace(" ", r"\040") for folder in (path, *path.parents)}
    there = [(len(place), kind) for _, place, kind, *_ in mounts if place in above]
    kind = max(there, default=(0, ""))[1]
    return kind if NETWORK.search(kind) else ""
