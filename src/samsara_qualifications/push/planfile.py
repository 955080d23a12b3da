"""A plan in its file: the rows, what they change, and the journal of what became of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

from .model import LEFT, Change, Outcome, PlanError, Row, Summary, Value

_MAGIC: Final = 0x53515031
_VERSION: Final = 1
_SCHEMA: Final = f"""
    PRAGMA application_id = {_MAGIC};
    PRAGMA user_version = {_VERSION};
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE row (
        id INTEGER PRIMARY KEY, number INTEGER, kind TEXT, key TEXT, cells TEXT,
        action TEXT DEFAULT 'update', record TEXT DEFAULT '', owner TEXT DEFAULT '',
        body TEXT, old TEXT DEFAULT '[]', changes TEXT DEFAULT '[]', clears INTEGER DEFAULT 0,
        outcome TEXT DEFAULT 'planned', error TEXT DEFAULT '', applied INTEGER,
        request TEXT DEFAULT '', time REAL, tries INTEGER DEFAULT 0);
    CREATE INDEX row_key ON row (kind, key);
    CREATE INDEX row_outcome ON row (outcome, id);
"""
_TROUBLES: Final = (
    ("is full", "the disk is full: make room; what was sent is noted, so the same call goes on"),
    ("locked", "another run has it in use: one at a time"),
    ("readonly", "it cannot be written: check the rights of the file and its folder"),
    ("unable to open", "it cannot be opened: check the name, and the rights of the folder"),
    ("not a database", "it is no plan"),
)


class Job(NamedTuple):
    """
    A row as it is applied.

    Attributes:
        id: Its place in the plan.
        action: `"update"` or `"create"`.
        kind: Which kind of key finds its record.
        key: The key.
        record_id: The record; empty for a creation.
        owner_id: The record's owner when the plan was made.
        parts: What it asks for, part by part.
        old: What the record had in their places.
        tries: How often it was sent without being surely refused.
        time: When the last one was, in seconds since 1970.
    """

    id: int
    action: Literal["update", "create"]
    kind: str
    key: str
    record_id: str
    owner_id: str
    parts: list[dict[str, Any]]
    old: list[Any]
    tries: int
    time: float


class Plan:
    """
    A plan in its file; `plan` makes it, `open` opens it again.

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
            meta = dict(database.execute("SELECT name, value FROM meta"))
        self.host: str = meta["host"]
        self.organization: str = meta["organization"]
        self.type_id: str = meta["type_id"]
        self.type_name: str = meta["type_name"]
        self.entity_type: str = meta["entity_type"]
        self.input_digest: str = meta["input_digest"]
        self._per_minute = float(meta["per_minute"])
        self._notes, self._refusals = (
            tuple(json.loads(meta[name])) for name in ("notes", "refusals")
        )

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
                "SELECT ifnull(sum(action = 'create'), 0), ifnull(sum(clears), 0)"
                " FROM row WHERE changes <> '[]' AND outcome <> 'right'"
            )
        return Summary(
            rows=sum(counts.values()),
            counts=counts,
            creations=creations,
            clears=clears,
            per_minute=self._per_minute,
            notes=self._notes,
            refusals=self._refusals,
        )

    def rows(self, *outcomes: Outcome) -> Iterator[Row]:
        """
        Iterate over the rows, in the input's order.

        Args:
            outcomes: Only rows that stand so; all where none is named.
        """
        query = (
            "SELECT number, outcome, action, kind, key, record, owner, changes, error, applied,"
            " request, time, cells FROM row"
        )
        if outcomes:
            query += f" WHERE outcome IN ({', '.join('?' * len(outcomes))})"
        with self._connected() as database:
            for found in database.execute(f"{query} ORDER BY id", outcomes):
                yield self._row(*found)

    def _row(
        self,
        number: int,
        outcome: Outcome,
        action: Literal["update", "create"],
        kind: str,
        key: str,
        record: str,
        owner: str,
        changes: str,
        error: str,
        applied: int | None,
        request: str,
        time: float | None,
        cells: str,
    ) -> Row:
        return Row(
            number=number,
            outcome=outcome,
            action=action,
            key=f"{kind.replace('_', ' ')} {key}",
            record_id=record,
            entity_type=self.entity_type,
            owner_id=owner,
            type_name=self.type_name,
            changes=tuple(
                Change(name, _value(old), _value(new)) for name, old, new in json.loads(changes)
            ),
            error=error,
            applied=None if applied is None else bool(applied),
            request_id=request,
            time=None if time is None else datetime.fromtimestamp(time, UTC),
            cells=json.loads(cells),
        )

    @contextmanager
    def _connected(self) -> Generator[sqlite3.Connection]:
        if self._held is not None:
            yield self._held
            return
        with told(self.path), closing(connect(self.path)) as database:
            yield database

    @contextmanager
    def journal(self) -> Generator[Journal]:
        """Hold the plan alone, by a lock that ends with the process, and write what happens."""
        with told(self.path), closing(connect(self.path)) as database:
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
                with suppress(sqlite3.Error):
                    database.execute("PRAGMA locking_mode = NORMAL")
                    database.execute("PRAGMA journal_mode = DELETE")


class Journal:
    """
    What happens to the rows of a plan, on the disk before it counts.

    Args:
        database: The plan's, held alone.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def count(self, outcomes: Iterable[Outcome]) -> int:
        """Return how many rows stand so."""
        query = f"SELECT count(*) FROM row WHERE outcome IN ({_quoted(outcomes)})"  # noqa: S608  words of ours
        count: int = self._database.execute(query).fetchone()[0]
        return count

    def next(self, after: int, most: int) -> list[Job]:
        """Return the rows after a place that are to be sent or read back, all of one action."""
        query = (
            "SELECT id, action, kind, key, record, owner, body, old, tries, ifnull(time, 0)"  # noqa: S608  words of ours
            f" FROM row WHERE id > ? AND outcome IN ({_quoted(LEFT)}) ORDER BY id LIMIT ?"
        )
        found = [
            Job(*row[:6], json.loads(row[6]), json.loads(row[7]), *row[8:])
            for row in self._database.execute(query, (after, most))
        ]
        return [job for job in found if job.action == found[0].action]

    @contextmanager
    def writing(self) -> Generator[None]:
        """Write all that is noted inside at once."""
        self._database.execute("BEGIN")
        yield
        self._database.execute("COMMIT")

    def sent(self, job: Job, time: float) -> None:
        """Note that a row is about to be sent."""
        self._database.execute(
            "UPDATE row SET outcome = 'sent', tries = tries + 1, time = ? WHERE id = ?",
            (time, job.id),
        )

    def note(
        self,
        job: Job,
        outcome: Outcome,
        time: float,
        *,
        error: str = "",
        applied: bool | None = False,
        request: str = "",
        record: str = "",
        refused: bool = False,
    ) -> None:
        """Note what became of a row."""
        self._database.execute(
            "UPDATE row SET outcome = ?, time = ?, error = ?, applied = ?,"
            " request = iif(? = '', request, ?), record = iif(? = '', record, ?),"
            " tries = tries - ? WHERE id = ?",
            (outcome, time, error, applied, request, request, record, record, refused, job.id),
        )


def connect(path: Path, *, new: bool = False) -> sqlite3.Connection:
    """
    Open a plan's file; `new` makes it.

    Raises:
        PlanError: It is no plan, or a newer version made it.
    """
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if new else 'rw'}"
    database = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=1, check_same_thread=False
    )
    try:
        if new:
            database.executescript(_SCHEMA)
        (magic,), (version,) = (
            database.execute(f"PRAGMA {name}").fetchone()
            for name in ("application_id", "user_version")
        )
        if magic != _MAGIC:
            raise PlanError(f"{path} is no plan")
        if version > _VERSION:
            raise PlanError(f"{path} was made by a newer version of this package: update it")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def told(path: Path, kind: type[Exception] = sqlite3.Error) -> Generator[None]:
    """Say what is wrong with a plan's file in words of ours."""
    try:
        yield
    except kind as error:
        known = (words for sign, words in _TROUBLES if sign in str(error).casefold())
        raise PlanError(f"{path}: {next(known, str(error))}") from None


@contextmanager
def drafted(path: Path) -> Generator[sqlite3.Connection]:
    """Make a new plan beside the file, and put it in its place once it is whole."""
    draft = path.with_name(path.name + ".new")
    if path.exists():
        _refuse_to_lose(path)
    with told(path, OSError):
        draft.unlink(missing_ok=True)
    try:
        with told(path), closing(connect(draft, new=True)) as database:
            database.execute("BEGIN")
            yield database
            database.execute("COMMIT")
        with told(path, OSError):
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _refuse_to_lose(path: Path) -> None:
    """Refuse to replace what is no plan, or one that was applied in part."""
    with Plan.open(path).journal() as journal:
        left, begun = journal.count(LEFT), journal.count(("sent", "unknown", "applied", "failed"))
    if left and begun:
        raise PlanError(
            f"{path} was applied in part, {left} rows are left: apply it to its end, delete it, or "
            "write the new plan to another file"
        )


def write_meta(database: sqlite3.Connection, **values: str) -> None:
    """Write what a plan says of itself."""
    database.executemany("INSERT INTO meta VALUES (?, ?)", values.items())


def _quoted(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(f"'{outcome}'" for outcome in outcomes)


def as_json(value: Any) -> str:
    """Return a value as JSON; dates in a form that `rows` reads."""
    return json.dumps(value, ensure_ascii=False, default=_date_json)


def _date_json(value: date) -> dict[str, str]:
    return {"moment" if isinstance(value, datetime) else "day": value.isoformat()}


def _value(value: Any) -> Value | None:
    match value:
        case {"day": text}:
            return date.fromisoformat(text)
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case list():
            return tuple(value)
        case _:
            return value
