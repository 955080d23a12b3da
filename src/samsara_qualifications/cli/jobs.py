"""What each command does, by functions that Python has, too; a job returns the exit status."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import typer

from .. import _wire
from .. import push as core
from .._sync.client import QualificationsClient
from .._token import Token
from .._wire import models
from ..budget import RateLimit
from ..errors import ConfigurationError, InvalidInput, QualificationsError
from ..push.export import export as write_records
from ..push.export import first_map
from ..push.mapping import Columns, load, type_named
from ..push.table import Table, read_table
from . import CHANGES, DENIED, FAILED, INTERRUPTED, RESUMABLE, USAGE, explained, status_of
from .screen import progress, say, show, show_csv, show_json, spell, tell_problems

_BEGIN: Final = date(2010, 1, 1)  # no record is older
_SHOWN: Final = 12  # changes that fit a screen
_STYLES: Final = {"-": "red", "+": "green", "!": "yellow"}
_STOPS: Final = {"interrupted": INTERRUPTED, "outage": RESUMABLE, "refused": DENIED}
_EXAMPLES: Final = 5
_BEGUN: Final = {"sent", "unknown", "applied", "failed", "conflict"}
_WORDS: Final = {"planned": "left", "right": "already right", "sent": "without an answer"}
_NOUNS: Final = {"duplicate", "conflict", "error"}
_ROW: Final = ("row", "record", "owner", "outcome", "what", "old", "new", "error")


def types(shared: dict[str, Any], *, json: bool) -> int:
    """Print all types."""
    with _client(shared) as client:
        found = _types(client)
    if json:
        show_json([kind.to_dict() for kind in found])
        return 0
    for kind in found:
        show(f"{kind.name}  ({kind.entity_type.value}, {kind.id})", "bold")
        for item in kind.fields:
            options = ", ".join(option.label for option in item.options or ())
            words = item.type_.value.replace("_", " ") + ", required" * item.is_required
            show(f"  {item.label}: {words}" + (f": {options}" if options else ""))
    return 0


def export(
    shared: dict[str, Any],
    *,
    type: str,
    out: Path | None,
    map: Path | None,
    json: bool,
) -> int:
    """Write the records of a type, and a first map for them."""
    text = io.StringIO(newline="")
    with _client(shared) as client:
        kind = type_named(_types(client), type)
        records = client.stream(
            entity_type=kind.entity_type.value,
            start_time=_BEGIN,
            type_ids=[kind.id],
            include_external_ids=True,
            lane="bulk",
        )
        if json:
            show_json([record.to_dict() for record in records])
            return 0
        written, blank = write_records(records, kind, text)
    if out is None:
        sys.stdout.write(text.getvalue())
    else:
        out.write_text(text.getvalue(), "utf-8-sig", newline="")
    if map is not None:
        text.seek(0)
        headings = tuple(next(csv.reader(text)))
        _write_new(map, first_map(Table(headings, "", text.getvalue(), ",", 1), kind))
    say(f"{written:,} active records of {kind.name!r}" + (f" in {out}" if out else ""))
    if blank:
        say(f"{blank:,} values stay blank, which keeps them: a cell could not give them back")
    return 0


def plan(shared: dict[str, Any], **options: Any) -> int:
    """Make a plan and show it; or write a first map."""
    with _client(shared) as client:
        if options["suggest"]:
            return _suggest(client, **options)
        made = _planned(client, options["out"], **options)
    if options["json"]:
        show_json({"summary": asdict(made.summary), "rows": [*_lines(made)]})
    elif options["csv"]:
        show_csv(_lines(made), _ROW)
    else:
        _show_plan(made, show_all=options["all"])
        say(f"To do it: samsara-qualifications apply {made.path}")
    summary = made.summary
    if summary.counts.get("error", 0) == summary.rows:
        say("no row can be planned", "red")
        return USAGE
    return CHANGES if options["detailed_exitcode"] and summary.left else 0


def apply(shared: dict[str, Any], *, plan: Path, **options: Any) -> int:
    """Apply a plan, or go on with one."""
    made = core.Plan.open(plan)
    with _client(shared) as client:
        return _apply(client, made, **options)


def push(shared: dict[str, Any], *, file: Path, out: Path | None, **options: Any) -> int:
    """Plan, show, ask, apply."""
    path = out or file.with_suffix(".plan")
    with _client(shared) as client:
        names = ("map", "type", "create", "max_changes", "allow_clear")
        digest = _digest(file, *(options[name] for name in names))
        made = core.Plan.open(path) if path.exists() else None
        if made and made.input_digest == digest and made.summary.counts.keys() & _BEGUN:
            say(f"going on with {path}")
        else:
            made = _planned(client, path, file=file, **options)
            _show_plan(made, show_all=options["all"])
        if options["dry_run"]:
            return 0
        return _apply(client, made, **options)


def status(shared: dict[str, Any], *, json: bool) -> int:
    """Show how the shared budget stands."""
    known = {str(it.name): it.rate_limit for it in _wire.ALL} | _wire.SHARED
    limits = {name: RateLimit(*limit) for name, limit in known.items() if name != "token"}
    with _client(shared) as client:
        found = client.budget.status(limits)
    if json:
        show_json(asdict(found))
    elif found.healthy:
        show(f"{found.store}")
        for limit in found.limits:
            line = f"  {limit.key:<13}{limit.used:>4} of {limit.requests}"
            line += f" in {limit.window_seconds:g} s"
            line += f", {limit.in_flight} under way" if limit.in_flight else ""
            if limit.paused_for:
                line += f"; paused for {spell(limit.paused_for)}: {limit.paused_because}"
            show(line)
    if "memory" in found.store and not json:
        say(
            "This budget is shared by one process only: name a store with --budget or "
            "SAMSARA_BUDGET, such as sqlite:////var/lib/renewals/budget.db"
        )
    if not found.healthy:
        say(f"the budget's store does not answer: {found.trouble}", "red")
    return 0 if found.healthy else RESUMABLE


def doctor(shared: dict[str, Any], *, json: bool) -> int:
    """Check what a push needs; each failure comes with its way out."""
    results: list[dict[str, str]] = []
    worst = 0

    def check(name: str, look: Callable[[], str]) -> None:
        nonlocal worst
        state, told, code = "ok", "", 0
        try:
            told = look()
        except QualificationsError as error:
            state, told, code = "FAILED", explained(error), status_of(error)
        worst = max(worst, code)
        results.append({"check": name, "state": state, "text": told})

    with _client(shared) as client:
        config = client._driver.config  # noqa: SLF001  the package's own
        now = datetime.now(UTC)
        check("token", lambda: f"from {shared['token_env']} (its value is not shown)")
        check("host", lambda: config.base_url)
        check("budget", lambda: _store(client))
        check("read types", lambda: f"{len(_types(client))} qualification types")
        check(
            "read records",
            lambda: _count(
                client.stream(entity_type="worker", start_time=now - timedelta(days=1)),
                "records of workers changed since yesterday",
            ),
        )
    results.append({"check": "write", "state": "not tested", "text": "nothing is written here"})
    if json:
        show_json(results)
    else:
        for it in results:
            style = {"ok": "green", "FAILED": "red"}.get(it["state"], "")
            show(f"{it['check']:<13} {it['state']:<10}  {it['text']}", style)
    return worst


def _client(shared: dict[str, Any]) -> QualificationsClient:
    """Return a client of the organisation that the options and the environment name."""
    options = dict(shared)
    variable = options.pop("token_env")
    token = os.environ.get(variable)
    why = "" if token else f"no API token: set {variable} to one of Samsara's dashboard"
    try:
        Token(token or "none")
    except ConfigurationError as error:
        why = str(error).replace("token holds", f"{variable} holds", 1)
    if why:
        say(f"samsara-qualifications: {why}", "red")
        raise typer.Exit(DENIED)
    return QualificationsClient(token, **options)


def _types(client: QualificationsClient) -> list[models.QualificationType]:
    return [kind for owner in models.EntityType for kind in client.types(entity_type=owner)]


def _store(client: QualificationsClient) -> str:
    found = client.budget.status()
    if not found.healthy:
        raise QualificationsError(found.trouble)
    return found.store


def _count(items: Iterable[object], what: str) -> str:
    return f"{sum(1 for _ in items)} {what}"


def _kind(client: QualificationsClient, wanted: str) -> models.QualificationType:
    known = _types(client)
    if not wanted:
        names = ", ".join(repr(kind.name) for kind in known)
        raise InvalidInput(f"which type? Say --type, or type = … in map.toml. There are {names}")
    return type_named(known, wanted)


def _suggest(
    client: QualificationsClient,
    *,
    file: Path,
    map: Path | None,
    type: str,
    **_: Any,
) -> int:
    table = read_table(file)
    say(table.note)
    text = first_map(table, _kind(client, type))
    if map is None:
        sys.stdout.write(text)
    else:
        _write_new(map, text)
    return 0


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        raise InvalidInput(f"{path} is there already: it is not overwritten")
    path.write_text(text, "utf-8")
    say(f"{path} says what the columns seem to be: check each line")


def _planned(
    client: QualificationsClient,
    path: Path,
    *,
    file: Path,
    map: Path | None,
    type: str,
    create: bool,
    max_changes: int | None,
    allow_clear: int,
    **_: Any,
) -> core.Plan:
    settings = load(map) if map else {}
    told = {name: settings[name] for name in ("encoding", "delimiter") if name in settings}
    table = read_table(file, **told)
    columns = Columns(table, settings, _kind(client, type or settings.get("type", "")))
    say(table.note)
    say(columns.note)
    if columns.problems:
        tell_problems((row["row"], text) for row in columns for text in row["problems"])
        raise InvalidInput("\n".join(columns.problems))
    with progress() as see:
        return core.plan(
            client,
            columns,
            type=columns.type,
            path=path,
            create=create,
            max_changes=max_changes,
            allow_clear=allow_clear,
            input_digest=_digest(file, map, type, create, max_changes, allow_clear),
            on_progress=see,
        )


def _digest(file: Path, map: Path | None, *options: object) -> str:
    """Return what tells the input of a plan from another one."""
    parts = [path.read_bytes() for path in (file, map) if path]
    return hashlib.sha256(b"\0".join([*parts, repr(options).encode()])).hexdigest()


def _show_plan(made: core.Plan, *, show_all: bool) -> None:
    tell_problems((row.number, row.error) for row in made.rows("error"))
    most = math.inf if show_all or not sys.stdout.isatty() else _SHOWN
    hidden = 0
    for place, row in enumerate(made.rows("planned")):
        text = core.change_text(row)
        if place < most or text.startswith("-"):
            show(text, _STYLES.get(text[0], ""))
        else:
            hidden += 1
    if hidden:
        show(f"… and {hidden:,} more; --all shows them")
    show(core.summary_text(made.summary), "bold")
    for note in made.summary.notes:
        say(note, "yellow")
    if made.summary.failed:
        say(f"{_report(made, None) / 'errors.csv'} has the rows that cannot be planned")


def _report(made: core.Plan, folder: Path | None) -> Path:
    folder = folder or made.path.with_name(f"{made.path.stem}-report")
    core.report(made, folder)
    return folder


def _lines(made: core.Plan) -> Iterator[dict[str, Any]]:
    """Yield the changes of a plan for programs: a row without any is one line, too."""
    for row in made.rows():
        values = (row.number, row.record_id, row.owner_id, row.outcome)
        for change in row.changes or (("", None, None),):
            yield dict(zip(_ROW, (*values, *change, row.error), strict=True))


def _apply(
    client: QualificationsClient,
    made: core.Plan,
    *,
    yes: bool,
    report: Path | None,
    outage_limit: float | None,
    json: bool,
    **_: Any,
) -> int:
    again = f"samsara-qualifications apply {made.path}"
    if made.summary.refusals:
        raise InvalidInput(
            f"{made.path} is not applied: {'; '.join(made.summary.refusals)}. Look at these rows; "
            "if they are meant, plan again with a greater --allow-clear or --max-changes"
        )
    if made.summary.left and not yes and not _agreed(made):
        say(f"Nothing was sent. To do it later: {again}")
        return 0
    try:
        with progress(f"Ctrl-C again stops at once. To go on: {again}") as see:
            result = core.apply(client, made, outage_limit=outage_limit, on_progress=see)
    except KeyboardInterrupt:
        say(f"Stopped at once; what became of each row is noted. To go on: {again}", "yellow")
        raise
    folder = _report(made, report)
    if json:
        show_json({"stopped": result.stopped, "summary": asdict(result.summary), "report": folder})
    else:
        for row in islice(made.rows("failed", "conflict"), _EXAMPLES):
            show(core.change_text(row), "yellow")
        counts = result.summary.counts.items()
        words = (
            f"{count:,} {_WORDS.get(name, name)}" + "s" * (name in _NOUNS and count > 1)
            for name, count in counts
        )
        show(f"{'Stopped' if result.stopped else 'Done'}: {', '.join(words)}.", "bold")
        show(f"{folder / 'report.csv'} says what became of each row")
        if result.summary.failed:
            show(f"{folder / 'failed.csv'} has what needs a person, to be corrected and pushed")
    if result.stopped:
        if result.error:
            say(explained(result.error), "red")
        say(f"{result.summary.left:,} rows are left. To go on: {again}")
        return _STOPS[result.stopped]
    return FAILED if result.summary.failed else 0


def _agreed(made: core.Plan) -> bool:
    if not sys.stdin.isatty():
        raise InvalidInput("nothing is sent without a yes: look at the plan, then say --yes")
    say(f"{made.path}: {made.type_name!r} at {made.host}. {core.summary_text(made.summary)}")
    return typer.confirm(f"Send {made.summary.left:,} updates?", err=True)
