"""A plan in its file: the rows, what they change, and the journal of what became of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from time import time
from typing import Any, Final, NamedTuple, Self, get_args

from ..errors import PlanError
from .model import LEFT, Change, Outcome, Row, Summary

_MAGIC: Final = 0x53515031
_VERSION: Final = 1
_LEFT: Final = ", ".join(f"'{outcome}'" for outcome in LEFT)
_SCHEMA: Final = f"""
    PRAGMA application_id = {_MAGIC};
    PRAGMA user_version = {_VERSION};
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE row (
        id INTEGER PRIMARY KEY, number INTEGER, kind TEXT, key TEXT, cells TEXT,
        action TEXT DEFAULT 'update', record TEXT DEFAULT '', owner TEXT DEFAULT '',
        parts TEXT, old TEXT, changes TEXT DEFAULT '[]', clears INTEGER DEFAULT 0,
        outcome TEXT DEFAULT 'planned', error TEXT DEFAULT '', applied INTEGER,
        request TEXT DEFAULT '', time REAL, tries INTEGER DEFAULT 0);
    CREATE INDEX row_key ON row (kind, key);
    CREATE INDEX row_outcome ON row (outcome, id);
    CREATE INDEX row_left ON row (id) WHERE outcome IN ({_LEFT});
"""
_MARKS: Final = "SELECT * FROM pragma_application_id, pragma_user_version"
_FULL: Final = "the disk is full: make room, then the same call goes on"
_TROUBLES: Final = {
    **dict.fromkeys(("is full", "No space"), _FULL),
    "locked": "another run has it in use: one at a time",
    "readonly": "it cannot be written: check the rights of the file and its folder",
    "unable to open": "it cannot be opened: check the name, and the rights of the folder",
    "not a database": "it is no plan",
}


class Job(NamedTuple):
    """A row as it is applied: what it asks for, and how often it was sent without a refusal."""

    id: int
    action: str
    kind: str
    key: str
    record_id: str
    owner_id: str
    tries: int
    time: float
    parts: list[dict[str, Any]]
    old: list[Any]
    names: list[str]


class Plan:
    """
    A plan in its file; `plan` makes it.

    Attributes:
        path: The file.
        host: The API's host that it is for.
        organization: The organization that it is for; empty where the client names none.
        type_id: The qualification type's id.
        type_name: The qualification type's name.
        entity_type: `"worker"` or `"asset"`.
        input_digest: What `plan` was told of its input, to tell it from a changed one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: sqlite3.Connection | None = None
        with self._connected() as database:
            meta: dict[str, str] = dict(database.execute("SELECT name, value FROM meta"))
        self.host, self.organization = meta["host"], meta["organization"]
        self.type_id, self.type_name = meta["type_id"], meta["type_name"]
        self.entity_type, self.input_digest = meta["entity_type"], meta["input_digest"]
        self._figures: dict[str, Any] = json.loads(meta["figures"])

    def __repr__(self) -> str:
        return f"Plan({str(self.path)!r})"

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """
        Open the plan of a file.

        Raises:
            PlanError: There is none, it cannot be read, or a newer version made it.
        """
        return cls(Path(path))

    @property
    def summary(self) -> Summary:
        """The plan in figures, as it stands."""
        with self._connected() as database:
            counts = dict(database.execute("SELECT outcome, count(*) FROM row GROUP BY outcome"))
            ((creations, clears),) = database.execute(
                "SELECT ifnull(sum(action = 'create'), 0), ifnull(sum(clears), 0) FROM row"
                " WHERE changes <> '[]' AND outcome <> 'right'"
            )
        figures = {"creations": creations, "clears": clears, **self._figures}
        return Summary(rows=sum(counts.values()), counts=counts, **figures)

    def rows(self, *outcomes: Outcome) -> Iterator[Row]:
        """
        Iterate over the rows, in the input's order.

        Args:
            outcomes: Only rows that stand so; all where none is named.
        """
        wanted: tuple[str, ...] = outcomes or get_args(Outcome)
        query = (
            "SELECT number, outcome, action, trim(replace(kind, '_', ' ') || ' ' || key) AS key,"  # noqa: S608  no value in it
            " record AS record_id, owner AS owner_id, changes, error, applied, time, cells,"
            f" request AS request_id FROM row WHERE outcome IN ({', '.join('?' * len(wanted))})"
            " ORDER BY id"
        )
        with self._connected() as database:
            cursor = database.execute(query, wanted)
            cursor.row_factory = sqlite3.Row
            for found in cursor:
                yield self._row(dict(found))

    def _row(self, found: dict[str, Any]) -> Row:
        time, applied = found.pop("time"), found.pop("applied")
        changes = json.loads(found.pop("changes"), object_hook=_dated)
        return Row(
            entity_type=self.entity_type,
            type_name=self.type_name,
            changes=[Change(*change) for change in changes],
            applied=None if applied is None else bool(applied),
            time=None if time is None else datetime.fromtimestamp(time, UTC),
            cells=json.loads(found.pop("cells")),
            **found,
        )

    @contextmanager
    def _connected(self) -> Generator[sqlite3.Connection]:
        with nullcontext(self._held) if self._held else _opened(self.path) as database:
            yield database

    @contextmanager
    def _journal(self) -> Generator[Journal]:
        """Hold the plan alone, by a lock that ends with the process, and write what happens."""
        with _opened(self.path) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN IMMEDIATE")
            database.execute("COMMIT")
            self._held = database
            try:
                yield Journal(database)
            finally:
                self._held = None
                with suppress(sqlite3.Error):  # whole as it is, in two files
                    database.execute("PRAGMA locking_mode = NORMAL")
                    database.execute("PRAGMA journal_mode = DELETE")


class Journal(NamedTuple):
    """What happens to the rows of a plan, on the disk before it counts."""

    database: sqlite3.Connection

    def next(self, after: int, most: int) -> list[Job]:
        """Return the rows after a place that are to be sent or read back, all of one action."""
        query = (
            "SELECT id, action, kind, key, record, owner, tries, ifnull(time, 0), parts, old,"  # noqa: S608  words of ours
            f" changes FROM row INDEXED BY row_left WHERE id > ? AND outcome IN ({_LEFT})"
            " ORDER BY id LIMIT ?"
        )
        jobs: list[Job] = []
        for row in self.database.execute(query, (after, most)):
            parts, old, changes = map(json.loads, row[8:])
            jobs.append(Job._make([*row[:8], parts, old, [change[0] for change in changes]]))
        return [job for job in jobs if job.action == jobs[0].action]

    @contextmanager
    def writing(self) -> Generator[None]:
        """Write all that is noted inside at once."""
        self.database.execute("BEGIN")
        yield
        self.database.execute("COMMIT")

    def note(self, job: Job, **values: object) -> None:
        """Note what becomes of a row, by column."""
        write(self.database, job.id, tries=job.tries, time=time(), **values)


def write(database: sqlite3.Connection, row: int, **values: object) -> None:
    """Write what is known of a row, by column."""
    names = ", ".join(f"{name} = ?" for name in values)
    database.execute(f"UPDATE row SET {names} WHERE id = ?", (*values.values(), row))  # noqa: S608  names of ours


@contextmanager
def drafted(path: Path, aside: Path | None) -> Generator[sqlite3.Connection]:
    """Make a new plan beside the file, and put it in its place once it is whole."""
    draft = path.with_name(path.name + ".new")
    with told(path, OSError):
        draft.unlink(missing_ok=True)
    try:
        with _opened(path, draft) as database:
            database.execute("BEGIN")
            yield database
            database.execute("COMMIT")
        with told(path, OSError):
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            if aside:
                path.rename(aside)
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def to_keep(path: Path) -> Path | None:
    """
    Return where a plan is kept that another one replaces; `None` where nothing was sent of it.

    What is no plan, or was applied in part, is not replaced.
    """
    if not path.exists():
        return None
    plan = Plan.open(path)
    with plan._journal():
        summary = plan.summary
    if not summary.counts.keys() & {"sent", "unknown", "applied", "failed"}:
        return None
    if summary.left:
        rows = "1 row is" if summary.left == 1 else f"{summary.left:,} rows are"
        raise PlanError(
            f"{path} was applied in part, {rows} left: apply it to its end, delete it, or write "
            "the new plan to another file"
        )
    names = (path.with_name(f"{path.stem}.{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


@contextmanager
def _opened(path: Path, draft: Path | None = None) -> Generator[sqlite3.Connection]:
    """Open a plan, or make the draft of one; what is wrong is told meanwhile."""
    uri = f"{(draft or path).absolute().as_uri()}?mode={'rwc' if draft else 'rw'}"
    options: Any = {"isolation_level": None, "timeout": 1, "check_same_thread": False}
    with told(path), closing(sqlite3.connect(uri, uri=True, **options)) as database:
        if draft:
            database.executescript(_SCHEMA)
        ((magic, version),) = database.execute(_MARKS)
        if magic != _MAGIC:
            raise PlanError(f"{path} is no plan")
        if version > _VERSION:
            raise PlanError(f"{path} was made by a newer version of this package: update it")
        yield database


@contextmanager
def told(path: Path, kind: type[Exception] = sqlite3.Error) -> Generator[None]:
    """Say what is wrong with a file in words of ours."""
    try:
        yield
    except kind as error:
        known = (words for sign, words in _TROUBLES.items() if sign in str(error))
        text = next(known, str(error))
        raise PlanError(f"{path}: {text}") from (error if text == _FULL else None)


def as_json(value: object) -> str:
    """Return a value as JSON, dates in a form that tells them from texts."""
    return json.dumps(value, ensure_ascii=False, default=lambda day: {"date": day.isoformat()})


def _dated(value: dict[str, str]) -> date:
    day = datetime.fromisoformat(value["date"])
    return day if "T" in value["date"] else day.date()
