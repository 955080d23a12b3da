"""Making a plan: each row's record, and what the row changes."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, Required, TypedDict

from .. import _values
from .._confirm import shows
from .._text import printable
from .._wire import UNSET, models
from ..errors import BadRequest, InvalidInput, NotFound, PlanError, UnexpectedResponse
from ..sentinels import EPOCH
from . import compare
from .compare import Json
from .model import Progress
from .planfile import Plan, as_json, drafted, to_keep, write
from .steps import Client, Step, Steps, Task, ask

READ_AT_ONCE: Final = 100
MANY: Final = 1_000
"""From so many records on, one pass over all of the type costs less than to ask for each."""

_FEW: Final = 10
_FOUND: Final = (
    "CREATE TEMP TABLE record (id TEXT PRIMARY KEY, shown TEXT, changed TEXT)",
    "CREATE TEMP TABLE finder (kind TEXT, key TEXT, id TEXT, PRIMARY KEY (kind, key, id))",
    "CREATE INDEX temp.finder_id ON finder (id)",
    "CREATE TEMP TABLE beside (row INTEGER, kind TEXT, key TEXT)",  # what else a row's record is
)
_HALF: Final = re.compile("[\ud800-\udfff]")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Options(TypedDict, total=False):
    """The options of `plan`, which describes them."""

    type: Required[models.QualificationType | str]
    path: Required[str | Path]
    entity_type: str | None
    create: bool
    max_changes: int | None
    allow_clear: int
    input_digest: str
    on_progress: Callable[[Progress], None]


def planned(client: Client, rows: Iterable[Mapping[str, Any]], options: Options) -> Steps[Plan]:
    """Make a plan."""
    _check(options)
    path, config = Path(options["path"]), client._driver.config
    limit = config.limits["update"]["update"]
    kind = yield from _type(options["type"], options.get("entity_type"))
    aside = to_keep(path)
    with drafted(path, aside) as database:
        draft = _Draft(database, kind, options)
        yield from draft.take_in(rows)
        yield from draft.find()
        draft.match()
        draft.contrast()
        draft.compare()
        meta = {
            "host": config.base_url,
            "organization": config.organization,
            "type_id": str(kind.id),
            "type_name": kind.name,
            "entity_type": kind.entity_type.value,
            "input_digest": options.get("input_digest", ""),
            "figures": as_json(
                {
                    "per_minute": 60 * limit.requests / limit.window_seconds,
                    **draft.verdict([f"the plan before is kept in {aside}"] if aside else []),
                }
            ),
        }
        database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    return Plan.open(path)


def _check(options: Options) -> None:
    unknown = sorted(options.keys() - Options.__annotations__.keys())
    missing = sorted({"type", "path"} - options.keys())
    if unknown or missing:
        said = [f"has no option {name!r}" for name in unknown]
        raise TypeError(f"plan: {', '.join([*said, *(f'needs {name}' for name in missing)])}")
    for name in ("max_changes", "allow_clear"):
        most = options.get(name)
        if most is not None and (type(most) is not int or most < 0):
            raise InvalidInput(f"{name}={_values.shown(most)} must be a number of rows, 0 or more")


def _type(
    given: models.QualificationType | str, entity_type: str | None
) -> Steps[models.QualificationType]:
    """Return the type that an id or a name means."""
    if isinstance(given, models.QualificationType):
        return given
    known: list[models.QualificationType] = []
    for entity in [entity_type] if entity_type else ["worker", "asset"]:
        known += yield from ask(Task("types", {"entity_type": entity}))
    wanted = given.strip().casefold()
    found = [it for it in known if wanted in {str(it.id), it.name.strip().casefold()}]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{it.name!r} ({it.entity_type.value}, {it.id})" for it in found or known)
    problem = "names more than one qualification type" if found else "is no qualification type"
    raise PlanError(f"type={given!r:.80} {problem}: give the id of one of {listed or 'none'}")


class _Draft:
    """A plan that is being made, in its file."""

    def __init__(
        self, database: sqlite3.Connection, kind: models.QualificationType, options: Options
    ) -> None:
        self._do, self._write = database.execute, partial(write, database)
        self._kind = kind
        self._options = options
        self._tell: Callable[[Progress], None] = options.get("on_progress") or (lambda _: None)
        self._seen, self._latest = 0, EPOCH
        for table in _FOUND:
            self._do(table)

    def take_in(self, rows: Iterable[Mapping[str, Any]]) -> Steps[None]:
        """Read the rows, and note what is wrong with each."""
        place = 0
        for place, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidInput(f"row {place} must be a mapping, not {_values.shown(row)}")
            number = row.get("row", place)
            if not isinstance(number, int):
                raise InvalidInput(
                    f"row {place}: row must be a number, not {_values.shown(number)}"
                )
            given: dict[object, object] = dict(row.get("cells") or {})
            cells = {str(name): str(text) for name, text in given.items()}
            parts, problems = compare.parts_of(self._kind, row)
            problems = [*(row.get("problems") or ()), *problems]
            (kind, key), *others = _keys(row, problems) or [("", "")]
            values = (kind, key, as_json(cells), as_json(parts))
            if _HALF.search("".join((*values, *(text for _, text in others)))):
                problems.append("a text of it holds half a character (a lone surrogate)")
                values, others = ("", "", "{}", "{}"), []
            outcome, error = "error" if problems else "planned", "; ".join(problems)
            self._do(
                "INSERT INTO row (id, number, kind, key, cells, parts, outcome, error)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (place, number, *values, outcome, error),
            )
            for other in others:
                self._do("INSERT INTO beside VALUES (?, ?, ?)", (place, *other))
            if place % READ_AT_ONCE == 0:
                self._tell(Progress("rows", place, None))
                yield Step([], 0.0)
        self._tell(Progress("rows", place, place))

    def find(self) -> Steps[None]:
        """Read the records that the rows may mean."""
        query = "SELECT DISTINCT key FROM row WHERE kind = ? AND outcome = 'planned'"
        keys = {kind: [key for (key,) in self._do(query, (kind,))] for kind in compare.KEYS}
        if keys["owner_external_id"] or sum(map(len, keys.values())) > MANY:
            yield from self._stream(start_time=EPOCH)
            yield from self._stream(start_time=self._latest)  # what changed meanwhile
        else:
            for some in _hundreds(keys["owner"]):
                yield from self._stream(start_time=EPOCH, owner_ids=some)
            for some in _hundreds(keys["record_id"] + keys["external_id"]):
                yield from self._get(some)
        self._tell(Progress("records", self._seen, self._seen))

    def _stream(self, **filters: Any) -> Steps[None]:
        filters |= {"entity_type": self._kind.entity_type.value, "type_ids": [self._kind.id]}
        yield from ask(Task("stream", filters | {"include_external_ids": True}, each=self._keep))

    def _get(self, ids: list[str]) -> Steps[None]:
        """Read records by id, in halves where one spoils the answer; it has none, then."""
        try:
            task = Task("get", {"record_id": ids, "include_external_ids": True})
            for record in (yield from ask(task)):
                self._keep(record)
        except (NotFound, BadRequest, UnexpectedResponse):
            if len(ids) > 1:
                yield from self._get(ids[: len(ids) // 2])
                yield from self._get(ids[len(ids) // 2 :])

    def _keep(self, record: models.QualificationRecord) -> None:
        """Keep a record that a row may mean, unless a later state of it is known."""
        self._latest = max(self._latest, record.updated_at_time)
        shown, changed = record.to_dict(), record.updated_at_time.astimezone(UTC).isoformat()
        known = self._do("SELECT changed FROM record WHERE id = ?", (record.id,)).fetchone()
        if known is not None and known[0] > changed:
            return
        self._do("DELETE FROM finder WHERE id = ?", (record.id,))
        for key in compare.keys_of(shown):
            query = "SELECT 1 FROM row WHERE kind = ? AND key = ? LIMIT 1"
            if self._do(query, key).fetchone():
                values = (record.id, as_json(shown), changed)
                self._do("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", values)
                self._do("INSERT OR IGNORE INTO finder VALUES (?, ?, ?)", (*key, record.id))
        self._seen += 1
        if self._seen % READ_AT_ONCE == 0:
            self._tell(Progress("records", self._seen, None))

    def match(self) -> None:
        """Give each row its record: exactly one, or none where one may be created."""
        query = "SELECT shown FROM finder JOIN record USING (id) WHERE kind = ? AND key = ?"
        for place, kind, key, parts in self._planned("kind, key, parts"):
            found = [json.loads(text) for (text,) in self._do(query, (kind, key))]
            try:
                shown = self._one(f"{kind.replace('_', ' ')} {key}", found)
                if shown is None:
                    self._check_new(kind, key, json.loads(parts))
                self._check_others(place, shown)
            except PlanError as error:
                self._write(place, outcome="error", error=str(error))
                continue
            record, owner = (shown["id"], shown["owner"]["id"]) if shown else ("", key)
            action = "update" if shown else "create"
            self._write(place, action=action, record=record, owner=owner)

    def _one(self, name: str, found: list[Json]) -> Json | None:
        there = [it for it in found if it["recordStatus"] != "deleted"]
        for record in there:
            if record["qualificationType"]["id"].casefold() != str(self._kind.id):
                other = record["qualificationType"]["name"]
                raise PlanError(f"the record {record['id']} is of the type {other!r}")
        live = [it for it in there if it["recordStatus"] != "archived"]
        if len(live) > 1:
            ids = " and ".join(sorted(it["id"] for it in live))
            raise PlanError(
                f"{name} has {len(live)} records of the type, {ids}: name one by its record id"
            )
        if there and not live:
            raise PlanError(f"the record {there[0]['id']} is archived: unarchive it first")
        return live[0] if live else None

    def _check_others(self, place: int, shown: Json | None) -> None:
        known = {*compare.keys_of(shown)} if shown else set[tuple[str, str]]()
        for kind, key in self._do("SELECT kind, key FROM beside WHERE row = ?", (place,)):
            if (kind, key) not in known:
                which = f"the record {shown['id']}" if shown else "a new record"
                words = f"{kind.replace('_', ' ')} {key}"
                raise PlanError(
                    f"{which} is not that of {words}: correct the row, or leave one out"
                )

    def _check_new(self, kind: str, key: str, parts: Json) -> None:
        if not self._options.get("create") or kind != "owner":
            way_out = "; with create (--create) one is made" if kind == "owner" else ""
            raise PlanError(f"no such record of the type {self._kind.name!r}{way_out}")
        if not re.fullmatch("[0-9]+", key):
            raise PlanError(f"no record is made for the owner {key!r:.80}: an id has digits only")
        needed = [] if "issueDate" in parts else ["an issue date"]
        needed += [
            repr(it.label) for it in self._kind.fields if it.is_required and str(it.id) not in parts
        ]
        if needed:
            raise PlanError(f"there is no record, and a new one needs {', '.join(needed)}")

    def contrast(self) -> None:
        """Find rows that say the same of a record, and such that contradict each other."""
        groups = self._do(
            "SELECT group_concat(id) FROM row WHERE outcome = 'planned'"
            " GROUP BY iif(record = '', 'owner ' || owner, record) HAVING count(*) > 1"
        ).fetchall()
        for (ids,) in groups:
            query = f"SELECT id, number, parts FROM row WHERE id IN ({ids}) ORDER BY id"  # noqa: S608  numbers of ours
            self._contrast([(*row, _canonical(text)) for *row, text in self._do(query)])

    def _contrast(self, rows: list[tuple[int, int, dict[str, str]]]) -> None:
        said: dict[str, dict[str, int]] = {}
        first: dict[str, tuple[int, int]] = {}
        for _, number, parts in rows:
            for at, text in parts.items():
                said.setdefault(at, {}).setdefault(text, number)
        for place, number, parts in rows:
            others = (
                str(other)
                for at, text in parts.items()
                for known, other in said[at].items()
                if known != text
            )
            against = list(dict.fromkeys(islice(others, _FEW)))
            same = first.setdefault(as_json(parts), (place, number))
            if against:
                words = f"contradicts row {', '.join(against)}: they share a record"
                self._write(place, outcome="error", error=words)
            elif same[0] != place:
                self._write(place, outcome="duplicate", error=f"row {same[1]} says the same")

    def compare(self) -> None:
        """Keep of each row what its record does not show."""
        for place, record, action, text in self._planned("record, action, parts"):
            found = self._do("SELECT shown FROM record WHERE id = ?", (record,)).fetchone()
            shown: Json = json.loads(found[0]) if found else {}
            asked: Iterable[Json] = json.loads(text).values()
            if action == "create":
                parts = [part for part in asked if not compare.clears(part)]
            else:
                parts = [part for part in asked if shows(shown, part) is not True]
            changes = [compare.change_of(self._kind, part, shown) for part in parts]
            self._write(
                place,
                outcome="planned" if parts else "right",
                parts=as_json(parts),
                old=as_json([compare.held(part, shown) for part in parts]),
                changes=as_json(changes),
                clears=any(map(compare.clears, parts)),
            )

    def verdict(self, notes: list[str]) -> dict[str, list[str]]:
        """Return what a person should look at, and why the plan cannot be applied."""
        ((rows, changes, clears),) = self._do(
            "SELECT count(*), ifnull(sum(outcome = 'planned'), 0), ifnull(sum(clears), 0) FROM row"
        )
        refusals: list[str] = []
        if rows >= _FEW and 2 * changes > rows:
            notes.append(f"most rows change something: {changes:,} of {rows:,}")
        for count, what, name in (
            (changes, "change", "max_changes"),
            (clears, "clear", "allow_clear"),
        ):
            most = self._options.get(name, 0 if name == "allow_clear" else None)
            if most is not None and count > most:
                rows_do = f"row {what}s" if count == 1 else f"rows {what}"
                refusals.append(f"{count:,} {rows_do} something, and {name} is {most:,}")
        return {"notes": notes, "refusals": refusals}

    def _planned(self, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows without an outcome, in chunks: they change meanwhile."""
        query = f"SELECT id, {columns} FROM row WHERE outcome = 'planned' AND id > ?"  # noqa: S608  names of ours
        query += " ORDER BY id LIMIT 100"
        place = 0
        while chunk := self._do(query, (place,)).fetchall():
            yield from chunk
            place = chunk[-1][0]


def _keys(row: Mapping[str, Any], problems: list[str]) -> list[tuple[str, str]]:
    """
    Return what a row's record is: kinds of keys, and keys; add what is wrong with them.

    The first one finds it, and the others must be those of the same record.
    """
    keys = [(name, row[name]) for name in compare.KEYS if row.get(name, UNSET) is not UNSET]
    if not keys and not problems:  # an input that spoilt the key has said so
        problems.append(f"one of {', '.join(compare.KEYS)} finds a record, not none")
    return [(name, _key(name, value, problems)) for name, value in keys]


def _key(name: str, value: Any, problems: list[str]) -> str:
    try:
        (key,) = _values.identifiers(name, [value])
    except InvalidInput as error:
        problems.append(str(error))
        return printable(str(value))
    if name.endswith("external_id") != (":" in key):
        form = "key:value" if name.endswith("external_id") else "an id, without a colon"
        problems.append(f"{name}={key!r:.80} must have the form {form}")
    return key.lower() if _UUID.fullmatch(key) else key


def _canonical(text: str) -> dict[str, str]:
    """Return a row's parts as texts that are equal where the parts are."""
    parts: Json = json.loads(text, parse_int=float)
    return {at: json.dumps(part, sort_keys=True) for at, part in parts.items()}


def _hundreds(items: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), READ_AT_ONCE):
        yield items[start : start + READ_AT_ONCE]
