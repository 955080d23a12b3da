"""An SQLite file that threads and processes share: made, watched, and let go before a fork."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..errors import BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 0.4  # seconds to wait for another thread or process
CHECK = 1.0  # seconds between checks that the file is still the same
T = TypeVar("T")


class SqliteFile:
    """
    One connection to a file, used by one thread at a time.

    Args:
        path: The file; created, readable by its owner only, if it does not exist.
        schema: Creates the table if it does not exist.
        clock: Returns seconds, read inside each transaction.

    Raises:
        ConfigurationError: The file cannot be used.
    """

    def __init__(self, path: Path | str, schema: str, clock: Callable[[], float]) -> None:
        self._cursor: sqlite3.Cursor | None = None
        self._path = Path(path).absolute()
        self._schema = schema
        self._clock = clock
        self._lock = threading.Lock()
        self._checked = -CHECK
        try:
            self._cursor = self._open()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"{self._path} cannot hold the budget ({error}): name a file on a local disk that"
                " this user may write, or that does not exist yet; remove a damaged one only after"
                " all its users have stopped"
            ) from error

    def transaction(self, step: Callable[[sqlite3.Cursor, float], T]) -> T:
        """
        Call `step` with a cursor and the time, while nobody else reads or writes.

        Raises:
            BudgetUnavailable: The file cannot be used, or is in use for too long.
        """
        begun = time.monotonic()
        with self._lock:  # not `acquire`: a Ctrl-C right after it would lock the file for good
            if time.monotonic() - begun > TIMEOUT:
                raise BudgetUnavailable(f"the budget in {self._path} is busy: try again")
            try:
                self._cursor = cursor = self._cursor or self._open()
                with cursor.connection:
                    cursor.execute("BEGIN IMMEDIATE")
                    now = self._clock()
                    if now - self._checked > CHECK:
                        self._check(now)
                    return step(cursor, now)
            except (OSError, sqlite3.Error) as error:
                raise BudgetUnavailable(
                    f"the budget in {self._path} cannot be used ({error}): check the file, its"
                    " disk and its permissions, or name another file for all its users"
                ) from error

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        with self._lock:
            self._close()

    def before_fork(self) -> None:
        """Close the file: what SQLite knows of its locks would be wrong in a child."""
        self._lock.acquire()
        self._close()

    def after_fork(self) -> None:
        """Let parent and child open the file again, each with its next transaction."""
        self._lock.release()

    def __del__(self) -> None:
        self._close()  # Python 3.13 and newer warn of a connection that is left open

    def _open(self) -> sqlite3.Cursor:
        # A file that exists is left to SQLite: to open and close it here would drop SQLite's locks.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._file = self._path.stat()
        db = sqlite3.connect(
            self._path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            with db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(self._schema)
            return db.cursor()
        except BaseException:
            db.close()
            raise

    def _check(self, now: float) -> None:
        self._checked = now
        if not os.path.samestat(self._file, self._path.stat()):
            raise FileNotFoundError("it was replaced while in use; restart all who use it")

    def _close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None
