"""What live runs have made and not yet deleted, kept on disk before it goes over the wire."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Busy(Exception):
    """Another run holds the journal."""


@dataclass(frozen=True)
class Entry:
    """
    A record that may exist.

    Attributes:
        mark: Its external id, under the suite's own key.
        time: When its creation was announced, in seconds since the epoch.
        id: Its id; `None` while no answer has told it.
    """

    mark: str
    time: float
    id: str | None = None


class Journal:
    """
    A file of what was made; whatever happens to the process, the next one reads it.

    Each line is on the disk before the method returns. One run at a time holds the file.

    Args:
        path: The file; made with its folders where it is missing.
        clock: Returns the seconds since the epoch.

    Attributes:
        open: What may exist, by mark.

    Raises:
        Busy: Another run holds the file.
        ValueError: A line is damaged, other than one at the end that a crash cut off.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Busy(f"another live run is under way: it holds {path}") from None
        _sync_folder(path.parent)
        self.open: dict[str, Entry] = {}
        try:
            self._read()
        except ValueError as error:
            self._file.close()
            raise ValueError(
                f"{path} is damaged ({error}): mend it, or look for the records that it names "
                "yourself and remove it"
            ) from None

    def announce(self, mark: str) -> None:
        """Keep that a record with this mark is about to be created."""
        self._add(Entry(mark, self._clock()))

    def made(self, mark: str, record_id: str) -> None:
        """Keep the id that a record got."""
        known = self.open.get(mark)
        if known and known.id == record_id:
            return
        self._add(Entry(mark, known.time if known else self._clock(), record_id))

    def gone(self, mark: str) -> None:
        """Keep that there is no such record, or no more."""
        if self.open.pop(mark, None):
            self._write({"gone": mark})

    def age(self, mark: str) -> float:
        """Return the seconds since a record was announced."""
        return self._clock() - self.open[mark].time

    def close(self) -> None:
        """Let go of the file; it is emptied where nothing is open."""
        if not self.open:
            self._file.truncate(0)
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add(self, entry: Entry) -> None:
        self._write({"open": asdict(entry)})
        self.open[entry.mark] = entry

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        self._file.seek(0)
        *lines, torn = self._file.read().split(b"\n")
        self._file.truncate(self._file.tell() - len(torn))
        for line in map(json.loads, lines):
            if "open" in line:
                self.open[line["open"]["mark"]] = Entry(**line["open"])
            else:
                self.open.pop(line["gone"], None)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
