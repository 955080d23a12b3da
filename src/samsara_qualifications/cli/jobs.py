"""What each command does, by functions that Python has, too; a job returns the exit status."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
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
from ..push.reports import write_failed
from ..push.table import Table, read_table
from ..push.text import counted
from ..sentinels import EPOCH
from . import CHANGES, DENIED, FAILED, INTERRUPTED, NAME, RESUMABLE, USAGE, explained, status_of
from .app import SHARED
from .screen import progress, say, show, show_csv, show_json, spell, tell_problems

Options = dict[str, Any]
"""What stands on the command line, by the names in `app`."""

_DATABASE: Final = b"SQLite format 3"
_SHOWN: Final = 12  # changes that fit a screen
_EXAMPLES: Final = 5
_STYLES: Final = {"-": "red", "+": "green", "!": "yellow"}
_STOPS: Final = {"interrupted": INTERRUPTED, "outage": RESUMABLE, "refused": DENIED}
_BEGUN: Final = {"sent", "unknown", "applied", "failed", "conflict"}
_OUTCOMES: Final[tuple[core.Outcome, ...]] = (
    *("applied", "right", "duplicate", "conflict", "failed", "error", "unknown", "sent", "planned"),
)
_WORDS: Final = {"right": "already right", "sent": "without an answer", "planned": "left"}
_ROW: Final = ("row", "record", "owner", "outcome", "what", "old", "new", "error")


def types(client: QualificationsClient, options: Options) -> int:
    """Print all types."""
    found = _types(client)
    if options["json"]:
        show_json([kind.to_dict() for kind in found])
        return 0
    for kind in found:
        show(f"{kind.name}  ({kind.entity_type.value}, {kind.id})", "bold")
        for item in kind.fields:
            choices = ", ".join(option.label for option in item.options or ())
            words = item.type_.value.replace("_", " ") + ", required" * item.is_required
            show(f"  {item.label}: {words}" + (f": {choices}" if choices else ""))
    return 0


def export(client: QualificationsClient, options: Options) -> int:
    """Write the records of a type, and a first map for them."""
    out: Path | None = options["out"]
    kind = _kind(client, options["type"])
    if out and out.is_file() and out.read_bytes().startswith(_DATABASE):
        raise InvalidInput(f"{out} is a plan, or another database: it is not overwritten")
    records = client.stream(
        entity_type=kind.entity_type.value,
        start_time=EPOCH,
        type_ids=[kind.id],
        include_external_ids=True,
        lane="bulk",
    )
    if options["json"]:
        show_json([record.to_dict() for record in records])
        return 0
    file = io.StringIO(newline="")
    written, blank = write_records(records, kind, file)
    text = file.getvalue()
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8-sig", newline="")
    if options["map"]:
        headings = next(csv.reader(io.StringIO(text)))
        _write_new(options["map"], first_map(Table(tuple(headings)), kind))
    say(f"{written:,} active records of {kind.name!r}" + (f" in {out}" if out else ""))
    if blank:
        say(f"{blank:,} values stay blank, which keeps them: a cell could not give them back")
    return 0


def plan(client: QualificationsClient, options: Options) -> int:
    """Make a plan and show it; or write a first map."""
    if options["suggest"]:
        return _suggest(client, options)
    if options["json"] and options["csv"]:
        raise InvalidInput("--json and --csv: say one of them")
    made, wrong = _planned(client, _path(options), options)
    summary = made.summary
    if options["json"]:
        show_json({"summary": asdict(summary), "rows": [*_lines(made)]})
    elif options["csv"]:
        show_csv(_lines(made), _ROW)
    else:
        _show_plan(made, wrong, show_all=options["all"])
        if summary.refusals:
            say(_refusal(made), "yellow")
        elif summary.left:
            say("To do it:", command=_again(made, options))
    if summary.counts.get("error", 0) == summary.rows:
        say("no row can be planned", "red")
        return USAGE
    return CHANGES if options["detailed_exitcode"] and summary.left else 0


def apply(client: QualificationsClient, options: Options) -> int:
    """Apply a plan, or go on with one."""
    return _apply(client, core.Plan.open(options["plan"]), options)


def push(client: QualificationsClient, options: Options) -> int:
    """Plan, show, ask, apply; or go on with what was begun of the same file."""
    path = _path(options)
    made = core.Plan.open(path) if path.exists() else None
    begun = made and made.summary.left and made.summary.counts.keys() & _BEGUN
    if made and begun and made.input_digest == _digest(options):
        say(f"going on with {path}")
    else:
        made, wrong = _planned(client, path, options)
        try:
            to = say if options["json"] else show
            _show_plan(made, wrong, show_all=options["all"], to=to)
            sys.stdout.flush()
        except (BrokenPipeError, SystemExit):  # rich makes the one of the other
            text = "The output was closed, and nothing was sent. To do it:"
            say(text, command=_again(made, options))
            raise
    return 0 if options["dry_run"] else _apply(client, made, options)


def status(client: QualificationsClient, options: Options) -> int:
    """Show how the shared budget stands."""
    known = {str(it.name): it.rate_limit for it in _wire.ALL} | _wire.SHARED
    found = client.budget.status(
        {name: RateLimit(*limit) for name, limit in known.items() if name != "token"}
    )
    if options["json"]:
        show_json(asdict(found))
    elif not found.healthy:
        say(f"the budget's store does not answer: {found.trouble}", "red")
    else:
        show(found.store)
        for it in found.limits:
            line = f"  {it.key:<13}{it.used:>4} of {it.requests} in {it.window_seconds:g} s"
            line += f", {it.in_flight} under way" if it.in_flight else ""
            pause = f", paused for {spell(it.paused_for)}: {it.paused_because}"
            show(line + pause * bool(it.paused_for))
        if "memory" in found.store:
            say(
                "This budget is shared by one process only: name a store with --budget or "
                "SAMSARA_BUDGET, such as sqlite:////var/lib/renewals/budget.db"
            )
    return 0 if found.healthy else RESUMABLE


def doctor(client: QualificationsClient, options: Options) -> int:
    """Check what a push needs; each failure comes with its way out."""
    results = [("token", "ok", f"from {options['token_env']} (its value is not shown)")]
    worst = 0
    checks: dict[str, Callable[[], str]] = {
        "host": lambda: client._driver.config.base_url,
        "budget": lambda: _store(client),
        "read types": lambda: f"{len(_types(client))} qualification types",
        "read records": lambda: f"{_recent(client)} records of workers changed since yesterday",
    }
    for name, check in checks.items():
        try:
            results.append((name, "ok", check()))
        except QualificationsError as error:
            results.append((name, "FAILED", explained(error)))
            worst = max(worst, status_of(error))
    results.append(("write", "not tested", "nothing is written here"))
    if options["json"]:
        show_json([dict(zip(("check", "state", "text"), it, strict=True)) for it in results])
    else:
        for name, state, text in results:
            style = {"ok": "green", "FAILED": "red"}.get(state, "")
            show(f"{name:<13} {state:<10}  {text}", style)
    return worst


def client_of(token_env: str, **options: Any) -> QualificationsClient:
    """Return a client of the organisation that the options and the environment name."""
    token = os.environ.get(token_env)
    why = "" if token else f"no API token: set {token_env} to one of Samsara's dashboard"
    try:
        Token(token or "none")
    except ConfigurationError as error:
        why = str(error).replace("token", token_env, 1)
    if why:
        say(f"{NAME}: {why}", "red")
        raise typer.Exit(DENIED)
    return QualificationsClient(token, **options)


def _types(client: QualificationsClient) -> list[models.QualificationType]:
    return [kind for owner in ("worker", "asset") for kind in client.types(entity_type=owner)]


def _store(client: QualificationsClient) -> str:
    found = client.budget.status()
    if not found.healthy:
        raise QualificationsError(found.trouble)
    return found.store


def _recent(client: QualificationsClient) -> int:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return sum(1 for _ in client.stream(entity_type="worker", start_time=yesterday))


def _kind(client: QualificationsClient, *wanted: str) -> models.QualificationType:
    known = _types(client)
    said = {kind.id: kind for kind in (type_named(known, name) for name in wanted if name)}
    if not said:
        names = ", ".join(repr(kind.name) for kind in known)
        raise InvalidInput(f"which type? Say --type, or type = … in map.toml. There are {names}")
    if len(said) > 1:
        raise InvalidInput(f"--type and the map's type are two: {' and '.join(map(repr, wanted))}")
    (kind,) = said.values()
    return kind


def _suggest(client: QualificationsClient, options: Options) -> int:
    table = read_table(options["file"])
    say(table.note)
    text = first_map(table, _kind(client, options["type"]))
    if options["map"]:
        _write_new(options["map"], text)
    else:
        sys.stdout.write(text)
    return 0


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        raise InvalidInput(f"{path} is there already: it is not overwritten")
    path.write_text(text, "utf-8")
    say(f"{path} says what the columns seem to be: check each line")


def _planned(
    client: QualificationsClient, path: Path, options: Options
) -> tuple[core.Plan, list[tuple[int, str]]]:
    """Return a plan of a file, and what is wrong with the file, by row."""
    settings = load(options["map"]) if options["map"] else {}
    told = {name: settings[name] for name in ("encoding", "delimiter") if name in settings}
    table = read_table(options["file"], **told)
    kind = _kind(client, options["type"], settings.get("type", ""))
    columns = Columns(table, settings, kind)
    say(table.note)
    say(columns.note)
    wrong: list[tuple[int, str]] = []

    def rows() -> Iterator[dict[str, Any]]:
        for row in columns:
            wrong.extend((row["row"], text) for text in row["problems"])
            yield row

    if columns.problems:
        for _ in rows():
            pass
        tell_problems(wrong)
        raise InvalidInput("\n".join(columns.problems))
    guards: Any = {name: options[name] for name in ("create", "max_changes", "allow_clear")}
    with progress() as see:
        guards |= {"input_digest": _digest(options), "on_progress": see}
        return core.plan(client, rows(), type=kind, path=path, **guards), wrong


def _path(options: Options) -> Path:
    file: Path = options["file"]
    if not file.name:
        raise InvalidInput(f"{str(file)!r} is no file")
    return options["out"] or file.with_suffix(".plan")


def _digest(options: Options) -> str:
    """Return what tells the input of a plan from another one."""
    read = [options[name].read_bytes() for name in ("file", "map") if options[name]]
    said = [options[name] for name in ("type", "create", "max_changes", "allow_clear")]
    return hashlib.sha256(b"\0".join([*read, repr(said).encode()])).hexdigest()


def _show_plan(
    made: core.Plan,
    wrong: list[tuple[int, str]],
    *,
    show_all: bool,
    to: Callable[[str, str], None] = show,
) -> None:
    told = {number for number, _ in wrong}
    others = ((row.number, row.error) for row in made.rows("error") if row.number not in told)
    tell_problems(sorted([*wrong, *others]))
    most = math.inf if show_all or not sys.stdout.isatty() else _SHOWN
    hidden = 0
    for place, row in enumerate(made.rows("planned")):
        text = core.change_text(row)
        if place < most or text.startswith("-"):
            to(text, _STYLES.get(text[0], ""))
        else:
            hidden += 1
    if hidden:
        to(f"… and {hidden:,} more; --all shows them", "")
    to(core.summary_text(made.summary), "bold")
    for note in made.summary.notes:
        say(note, "yellow")
    folder = _folder(made, None)
    if write_failed(made, folder):
        say(f"{folder / 'errors.csv'} has the rows that cannot be planned")


def _folder(made: core.Plan, told: Path | None) -> Path:
    folder = told or made.path.with_name(f"{made.path.stem}-report")
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is no folder, and the report would go there: say --report")
    return folder


def _again(made: core.Plan, options: Options) -> str:
    """Return the command that applies a plan, or goes on with it, where it was made."""
    usual = {"token_env": "SAMSARA_API_TOKEN"}
    told = {name: options[name] for name in SHARED if options[name] not in {None, usual.get(name)}}
    if "@" in (told.get("budget") or ""):
        told["budget"] = "…"  # it may hold a password
    said = [word for name, text in told.items() for word in (f"--{name.replace('_', '-')}", text)]
    return shlex.join([NAME, "apply", str(made.path), *said])


def _refusal(made: core.Plan) -> str:
    return (
        f"{made.path} is not applied: {'; '.join(made.summary.refusals)}. Look at these rows; if "
        "they are meant, plan again with a greater --allow-clear or --max-changes"
    )


def _lines(made: core.Plan) -> Iterator[dict[str, Any]]:
    """Yield the changes of a plan for programs; a row without any is one, too."""
    for row in made.rows():
        for change in row.changes or (("", None, None),):
            known = (row.number, row.record_id, row.owner_id, row.outcome, *change, row.error)
            yield dict(zip(_ROW, known, strict=True))


def _apply(client: QualificationsClient, made: core.Plan, options: Options) -> int:
    again, folder = _again(made, options), _folder(made, options["report"])
    if made.summary.refusals:
        raise InvalidInput(_refusal(made))
    if made.summary.left and not options["yes"] and not _agreed(made):
        say("Nothing was sent. To do it later:", command=again)
        return 0
    try:
        with progress(again) as see:
            limit = options["outage_limit"]
            result = core.apply(client, made, outage_limit=limit, on_progress=see)
    except KeyboardInterrupt:
        text = "Stopped at once; what became of each row is noted. To go on:"
        say(text, "yellow", command=again)
        raise
    core.report(made, folder)
    if options["json"]:
        show_json({"stopped": result.stopped, "summary": asdict(result.summary), "report": folder})
    else:
        _show_result(made, result, folder)
    if result.stopped:
        if result.error:
            say(explained(result.error), "red")
        left = result.summary.left
        rows = "1 row is" if left == 1 else f"{left:,} rows are"
        say(f"{rows} left. To go on:", command=again)
        return _STOPS[result.stopped]
    return FAILED if result.summary.failed else 0


def _agreed(made: core.Plan) -> bool:
    if not sys.stdin.isatty():
        raise InvalidInput("nothing is sent without a yes: look at the plan, then say --yes")
    say(f"{made.path}: {made.type_name!r} at {made.host}. {core.summary_text(made.summary)}")
    left = made.summary.left
    sys.stderr.write(f"Send {left:,} update{'s' * (left > 1)}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def _show_result(made: core.Plan, result: core.Result, folder: Path) -> None:
    for row in islice(made.rows("failed", "conflict"), _EXAMPLES):
        show(core.change_text(row), "yellow")
    counts = result.summary.counts
    words = [counted(counts[it], _WORDS.get(it, it)) for it in _OUTCOMES if it in counts]
    show(f"{'Stopped' if result.stopped else 'Done'}: {', '.join(words)}.", "bold")
    show(f"{folder / 'report.csv'} says what became of each row")
    if result.summary.failed:
        show(f"{folder / 'failed.csv'} has what needs a person, to be corrected and pushed")
