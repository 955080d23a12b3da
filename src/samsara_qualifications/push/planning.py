"""Making a plan: each row's record, and what the row changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from .. import _values
from .._text import printable
from .._wire import models
from ..errors import BadRequest, InvalidInput, NotFound, UnexpectedResponse
from ..sentinels import EPOCH, UNSET
from . import compare
from .compare import Json
from .model import PlanError, Progress
from .planfile import Plan, as_json, drafted, write_meta
from .steps import Facts, Step, Steps, ask

READ_AT_ONCE: Final = 100
MANY: Final = 1_000
"""From so many owners on, one pass over all records costs less than to ask for each owner's."""

_OVERLAP: Final = timedelta(minutes=5)
_FEW: Final = 10
_FOUND: Final = """
    CREATE TEMP TABLE record (id TEXT PRIMARY KEY, shown TEXT, changed TEXT);
    CREATE TEMP TABLE finder (kind TEXT, key TEXT, id TEXT, PRIMARY KEY (kind, key, id));
    CREATE TEMP TABLE unread (id TEXT PRIMARY KEY, error TEXT);
"""


class Order(NamedTuple):
    """
    What is to be planned.

    Attributes:
        rows: The rows.
        type: The qualification type, its id or its name.
        path: The plan's file.
        entity_type: Whose records; `None` for the type's.
        create: Whether a record is created where an owner has none.
        max_changes: How many rows may change; `None` for any number.
        allow_clear: How many rows may clear something.
        input_digest: What tells the input from a changed one.
        on_progress: Called with each `Progress`.
    """

    rows: Iterable[Mapping[str, Any]]
    type: models.QualificationType | str
    path: Path
    entity_type: str | None
    create: bool
    max_changes: int | None
    allow_clear: int
    input_digest: str
    on_progress: Callable[[Progress], None]


def planned(facts: Facts, order: Order) -> Steps[Plan]:
    """Make the plan."""
    kind = yield from _type(order.type, order.entity_type)
    with drafted(order.path) as database:
        draft = _Draft(database, kind, order)
        yield from draft.take_in()
        yield from draft.find()
        draft.match()
        draft.contrast()
        draft.compare()
        notes, refusals = draft.verdict()
        write_meta(
            database,
            host=facts.host,
            organization=facts.organization,
            type_id=str(kind.id),
            type_name=kind.name,
            entity_type=kind.entity_type.value,
            input_digest=order.input_digest,
            per_minute=str(facts.per_minute),
            notes=as_json(notes),
            refusals=as_json(refusals),
        )
    return Plan.open(order.path)


def _type(
    given: models.QualificationType | str, entity_type: str | None
) -> Steps[models.QualificationType]:
    """Return the type that an id or a name means."""
    if isinstance(given, models.QualificationType):
        return given
    known: list[models.QualificationType] = []
    for entity in [entity_type] if entity_type else ["worker", "asset"]:
        known += yield from ask("types", entity_type=entity)
    wanted = given.strip().casefold()
    found = [it for it in known if wanted in {str(it.id).casefold(), it.name.strip().casefold()}]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{it.name!r} ({it.entity_type.value}, {it.id})" for it in found or known)
    problem = "names more than one type" if found else "is no qualification type"
    raise PlanError(f"type={given!r:.80} {problem}: give the id of one of {listed or 'none'}")


class _Draft:
    """
    A plan that is being made.

    Args:
        database: Its file.
        kind: The qualification type.
        order: What is to be planned.
    """

    def __init__(
        self, database: sqlite3.Connection, kind: models.QualificationType, order: Order
    ) -> None:
        database.executescript(_FOUND)
        self._do = database.execute
        self._kind = kind
        self._order = order
        self._seen = 0

    # The rows.

    def take_in(self) -> Steps[None]:
        """Read the rows, and note what is wrong with each."""
        place = 0
        for place, row in enumerate(self._order.rows, 1):
            if not isinstance(row, Mapping):
                raise InvalidInput(f"row {place} must be a mapping, not {_values.shown(row)}")
            number = row.get("row", place)
            if not isinstance(number, int):
                raise InvalidInput(f"row {place}: 'row' is its number, not {_values.shown(number)}")
            cells = {str(name): str(text) for name, text in row.get("cells", {}).items()}
            (kind, key), body, problems = self._read(row)
            self._do(
                "INSERT INTO row (id, number, kind, key, cells, body, outcome, error)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(place, number, kind, key, as_json(cells)),
                    *(as_json(body), "error" if problems else "planned", "; ".join(problems)),
                ),
            )
            if place % READ_AT_ONCE == 0:
                self._order.on_progress(Progress("rows", place, None))
                yield Step([], 0.0)
        self._order.on_progress(Progress("rows", place, place))

    def _read(self, row: Mapping[str, Any]) -> tuple[tuple[str, str], Json, list[str]]:
        body, problems = compare.body_of(self._kind, row)
        problems = [*row.get("problems", ()), *problems]
        keys = [(name, row[name]) for name in compare.KEYS if row.get(name, UNSET) is not UNSET]
        if len(keys) != 1:
            named = ", ".join(name for name, _ in keys) or "none"
            problems.append(f"one of {', '.join(compare.KEYS)} finds a row's record, not {named}")
            return ("", ""), body, problems
        ((name, value),) = keys
        try:
            (key,) = _values.identifiers(name, [value])
            if name.endswith("external_id") != (":" in key):
                form = "key:value" if name.endswith("external_id") else "an id without a colon"
                raise InvalidInput(f"{name}={key!r:.80} must have the form {form}")
        except InvalidInput as error:
            return (name, printable(str(value))), body, [*problems, str(error)]
        return (name, key), body, problems

    # Their records.

    def find(self) -> Steps[None]:
        """Read the records that the rows may mean."""
        begin = datetime.now(UTC)
        owners = self._keys("owner")
        if len(owners) > MANY or self._keys("owner_external_id"):
            yield from self._stream(start_time=EPOCH)
            yield from self._stream(start_time=begin - _OVERLAP)  # what changed meanwhile
        else:
            for some in _hundreds(owners):
                yield from self._stream(start_time=EPOCH, owner_ids=some)
        for name in ("record_id", "external_id"):
            for some in _hundreds(self._keys(name)):
                yield from self._get(some)

    def _keys(self, kind: str) -> list[str]:
        """Return the keys of a kind whose record was not found yet."""
        query = (
            "SELECT DISTINCT key FROM row WHERE kind = ? AND outcome = 'planned' AND NOT EXISTS"
            " (SELECT 1 FROM finder WHERE finder.kind = row.kind AND finder.key = row.key)"
        )
        return [key for (key,) in self._do(query, (kind,))]

    def _stream(self, **filters: Any) -> Steps[None]:
        yield from ask(
            "stream",
            self._keep,
            entity_type=self._kind.entity_type.value,
            type_ids=[self._kind.id],
            include_external_ids=True,
            **filters,
        )

    def _get(self, ids: list[str]) -> Steps[None]:
        """Read records by id; where one spoils the answer, the others are read without it."""
        try:
            for record in (yield from ask("get", record_id=ids, include_external_ids=True)):
                self._keep(record)
        except (NotFound, BadRequest, UnexpectedResponse) as error:
            if len(ids) == 1:
                self._do("INSERT OR REPLACE INTO unread VALUES (?, ?)", (ids[0], str(error)))
                return
            yield from self._get(ids[: len(ids) // 2])
            yield from self._get(ids[len(ids) // 2 :])

    def _keep(self, record: models.QualificationRecord) -> None:
        """Keep a record that a row may mean, unless a later state of it is known."""
        shown = record.to_dict()
        wanted = [
            key
            for key in compare.keys_of(shown)
            if self._do("SELECT 1 FROM row WHERE kind = ? AND key = ? LIMIT 1", key).fetchone()
        ]
        identity, changed = shown["id"], record.updated_at_time.astimezone(UTC).isoformat()
        known = self._do("SELECT changed FROM record WHERE id = ?", (identity,)).fetchone()
        if known is not None and known[0] > changed:
            return
        self._do("DELETE FROM finder WHERE id = ?", (identity,))
        if wanted or known:
            self._do(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
                (identity, as_json(shown), changed),
            )
        for key in wanted:
            self._do("INSERT OR IGNORE INTO finder VALUES (?, ?, ?)", (*key, identity))
        self._seen += 1
        if self._seen % READ_AT_ONCE == 0:
            self._order.on_progress(Progress("records", self._seen, None))

    # The record of each row.

    def match(self) -> None:
        """Give each row its record: exactly one, or none where it may be created."""
        for identity, kind, key, body in self._planned("kind, key, body"):
            found = self._do(
                "SELECT shown FROM finder JOIN record USING (id) WHERE kind = ? AND key = ?",
                (kind, key),
            )
            try:
                shown = self._one(kind, key, [compare.parse(text.encode()) for (text,) in found])
                if shown is None:
                    self._check_new(kind, key, compare.parse(body.encode()))
            except PlanError as error:
                self._fail(identity, str(error))
                continue
            record, owner = (shown["id"], shown["owner"]["id"]) if shown else ("", key)
            self._do(
                "UPDATE row SET action = ?, record = ?, owner = ? WHERE id = ?",
                ("update" if shown else "create", record, owner, identity),
            )
        self._do("CREATE INDEX row_record ON row (record, owner)")

    def _one(self, kind: str, key: str, found: list[Json]) -> Json | None:
        name = f"{kind.replace('_', ' ')} {key}"
        there = [it for it in found if it["recordStatus"] != "deleted"]
        for other in there:
            if other["qualificationType"]["id"].casefold() != str(self._kind.id):
                has = other["qualificationType"]["name"]
                raise PlanError(f"{name} is a record of the type {has!r}, not {self._kind.name!r}")
        live = [it for it in there if it["recordStatus"] != "archived"]
        if len(live) > 1:
            ids = " and ".join(sorted(it["id"] for it in live))
            raise PlanError(
                f"{name} has {len(live)} records of the type, {ids}: say which by its record id"
            )
        if not live and there:
            raise PlanError(f"the record {there[0]['id']} is archived: unarchive it first")
        return live[0] if live else None

    def _check_new(self, kind: str, key: str, body: Json) -> None:
        if not self._order.create or kind != "owner":
            query = "SELECT error FROM unread WHERE id = ?"
            why = self._do(query, (key,)).fetchone()
            way_out = "; create=True would create one" if kind == "owner" else ""
            raise PlanError(
                f"{kind.replace('_', ' ')} {key} has no record of the type"
                f" {self._kind.name!r}{way_out}" + (f" ({why[0]})" if why else "")
            )
        if "issueDate" not in body:
            raise PlanError(f"owner {key} has no record, and a new one needs an issue date")

    # What the rows say of each other.

    def contrast(self) -> None:
        """Find rows that say the same of a record, and such that contradict each other."""
        groups = self._do(
            "SELECT group_concat(id) FROM row WHERE outcome = 'planned'"
            " GROUP BY iif(record = '', 'owner ' || owner, record) HAVING count(*) > 1"
        ).fetchall()
        for (ids,) in groups:
            rows = self._do(
                f"SELECT id, number, body FROM row WHERE id IN ({ids}) ORDER BY id"  # noqa: S608  numbers of ours
            ).fetchall()
            self._contrast([(i, number, compare.parse(body.encode())) for i, number, body in rows])

    def _contrast(self, rows: list[tuple[int, int, Json]]) -> None:
        says: dict[str, tuple[int, int, Json]] = {}
        bodies: list[tuple[int, Json]] = []
        at_odds: dict[int, set[int]] = {}
        for identity, number, body in rows:
            same = next((other for other, known in bodies if known == body), None)
            if same is not None:
                query = "UPDATE row SET outcome = 'duplicate', error = ? WHERE id = ?"
                self._do(query, (f"row {same} says the same", identity))
            bodies.append((number, body))
            for part in compare.parts_of(body):
                first, other, known = says.setdefault(
                    compare.place_of(part), (identity, number, part)
                )
                if known != part:
                    at_odds.setdefault(first, set()).add(number)
                    at_odds.setdefault(identity, set()).add(other)
        for identity, others in at_odds.items():
            named = ", ".join(map(str, sorted(others)))
            self._fail(identity, f"contradicts row {named}, which has the same record")

    # What each row changes.

    def compare(self) -> None:
        """Keep of each row what its record does not show."""
        for identity, record, action, body in self._planned("record, action, body"):
            text = self._do("SELECT shown FROM record WHERE id = ?", (record,)).fetchone()
            shown: Json = compare.parse(text[0].encode()) if text else {}
            asked = compare.parts_of(compare.parse(body.encode()))
            if action == "create":
                parts = [part for part in asked if not _is_empty(part)]
            else:
                given = (compare.adopted(part, shown) for part in asked)
                parts = [part for part in given if compare.is_there(part, shown) is not True]
            changes = [compare.change_of(self._kind, part, shown) for part in parts]
            self._do(
                "UPDATE row SET body = ?, old = ?, changes = ?, clears = ?, outcome = ?"
                " WHERE id = ?",
                (
                    *(as_json(parts), as_json([compare.held(part, shown) for part in parts])),
                    *(as_json(changes), any(change.new is None for change in changes)),
                    *("planned" if parts else "right", identity),
                ),
            )

    def verdict(self) -> tuple[list[str], list[str]]:
        """Return what a person should look at, and why the plan cannot be applied."""
        order = self._order
        ((rows, changes, clears),) = self._do(
            "SELECT count(*), ifnull(sum(outcome = 'planned'), 0), ifnull(sum(clears), 0) FROM row"
        )
        notes, refusals = [], []
        if rows >= _FEW and 2 * changes > rows:
            notes.append(f"most rows change something: {changes:,} of {rows:,}")
        if order.max_changes is not None and changes > order.max_changes:
            refusals.append(f"{changes:,} rows change something, max_changes={order.max_changes}")
        if clears > order.allow_clear:
            refusals.append(f"{clears:,} rows clear something, allow_clear={order.allow_clear}")
        return notes, refusals

    def _planned(self, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows without an outcome, in chunks: they change meanwhile."""
        last = 0
        query = (
            f"SELECT id, {columns} FROM row WHERE outcome = 'planned' AND id > ?"  # noqa: S608  names of ours
            " ORDER BY id LIMIT 100"
        )
        while chunk := self._do(query, (last,)).fetchall():
            last = chunk[-1][0]
            yield from chunk

    def _fail(self, identity: int, error: str) -> None:
        self._do("UPDATE row SET outcome = 'error', error = ? WHERE id = ?", (error, identity))


def _is_empty(part: Json) -> bool:
    """Return whether a part clears what a new record has not."""
    ((name, value),) = part.items()
    if name == "externalIds":
        return "" in value.values()
    return name == "expirationDate" and datetime.fromisoformat(value) == EPOCH


def _hundreds(items: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), READ_AT_ONCE):
        yield items[start : start + READ_AT_ONCE]
