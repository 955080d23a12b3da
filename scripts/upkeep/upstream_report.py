"""The report on an upstream document: as plain data, on the terminal, and as Markdown."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

from rich.console import Console

from spec_rules import GAP
from upkeep.change_kinds import Verdict
from upkeep.followers import Gaps, gap_of
from upkeep.wire_diff import Change, effect_of
from upkeep.wire_words import place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upkeep.family_diff import FamilyDiff
    from upkeep.spec_edit import Plan

Report = dict[str, Any]

EXIT_STATUS = {Verdict.SAME: 0, Verdict.NOTED: 0, Verdict.MINOR: 10, Verdict.MAJOR: 20}
_COLOURS = {"same": "green", "noted": "green", "minor": "yellow", "major": "red"}
_UNCHANGED = {
    "same": "nothing has changed",
    "changed": "the wire shape is unchanged; only words (descriptions, examples, names) changed",
    "unknown": "the wire shape is the spec's; no document is locked yet",
    "by hand": "the spec, changed by hand since it was locked, says what the document says",
}
_BY_HAND = (
    "The spec has been changed by hand since it was locked: version and CHANGELOG.md do not follow "
    "by themselves. Write them by hand; make release-check compares the version with the last tag."
)


def make_report(
    diff: FamilyDiff,
    plan: Plan,
    *,
    document: str,
    words: str,
    version: tuple[str, str],
    gaps: Gaps,
    notes: Iterable[str] = (),
    applying: bool = False,
) -> Report:
    """
    Put together what a maintainer must know, as JSON-like data.

    `words` says whether the document's text is the one last taken in (`same`, `changed` or
    `unknown`), or that the spec is not the locked one (`by hand`); `version` is the package's, now
    and after the changes. Who is applying needs not be told how.
    """
    listed = entries(diff.changes, plan, gaps)
    verdict = diff.verdict
    operations = {change.operation for change in diff.changes}
    summary = f"{count(len(listed), 'change')} under {count(len(operations), 'operation')}"
    return {
        "verdict": verdict.name.lower(),
        "exit_status": EXIT_STATUS[verdict],
        "document": document,
        "version": {"now": version[0], "next": version[1]},
        "summary": summary if listed else _UNCHANGED[words],
        "changes": listed,
        "notes": [*diff.notes, *([_BY_HAND] if words == "by hand" else []), *notes],
        "commands": _commands(document, plan, words=words, applying=applying),
    }


def entries(changes: Iterable[Change], plan: Plan, gaps: Gaps) -> list[Report]:
    """Put the occurrences of one change together; rate limits first, then the gravest."""
    groups: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault(change.group, []).append(change)
    listed = [_entry(occurrences, plan, gaps) for occurrences in groups.values()]
    weight = {entry["verdict"]: -Verdict[entry["verdict"].upper()] for entry in listed}
    return sorted(listed, key=lambda e: (e["what"] != "rate limit changed", weight[e["verdict"]]))


def headline(report: Report) -> str:
    """Write a report's first line: the verdict, the version bump, and how much has changed."""
    now, after = report["version"]["now"], report["version"]["next"]
    bump = f"{now} -> {after}" if now != after else f"stays at {now}"
    return f"{report['verdict'].upper()}, {bump}: {report['summary']}"


def title(entry: Report, code: str = "") -> str:
    """Write what has changed, such as `response …cells[].type: enum value added (barcode)`."""
    where = f"{code}{entry['subject']}{code}" if entry["subject"] else ""
    side = "" if entry["side"] == "operation" else entry["side"]
    subject = " ".join(word for word in (side, where) if word)
    change = " -> ".join(part for part in (entry["before"], entry["after"]) if part)
    text = f"{subject}: {entry['what']}" if subject else entry["what"]
    return f"{text} ({change})" if change else text


def under(operations: Iterable[str]) -> str:
    """List operations in short, the methods of a path together."""
    methods: dict[str, list[str]] = {}
    for operation in operations:
        method, path = operation.split(" ", 1)
        methods.setdefault(path, []).append(method)
    return "; ".join(f"{', '.join(names)} {path}" for path, names in methods.items())


def count(number: int, noun: str) -> str:
    """Count things in words, such as `2 changes`."""
    return f"{number} {noun}" + ("s" if number != 1 else "")


def print_report(report: Report, console: Console | None = None) -> None:
    """Print a report, in colours if it goes to a terminal."""
    console = console or Console(soft_wrap=True, highlight=False)
    show = functools.partial(console.print, markup=False)
    show(headline(report), style=f"bold {_COLOURS[report['verdict']]}")
    for entry in report["changes"]:
        show(f"{entry['verdict']:5} {title(entry)}", style=_COLOURS[entry["verdict"]])
        show(f"      {under(entry['operations'])}")
        show(f"      callers: {entry['callers']}; borne by: {entry['borne_by']}")
        if entry["decide"]:
            show(f"      a person must decide: {entry['decide']}", style="cyan")
    for note in report["notes"]:
        show(f"note: {note}", style="cyan")
    for command in report["commands"]:
        show(command, style="bold")


def markdown(report: Report) -> str:
    """Write a report for a pull request, every place of every change folded away at the end."""
    text = [f"**{headline(report)}**"]
    folded: list[str] = []
    for entry in report["changes"]:
        text += ["", f"- **{entry['verdict']}** {title(entry, code='`')}"]
        text += [f"  - under {under(entry['operations'])}", f"  - callers: {entry['callers']}"]
        text += [f"  - borne by: {entry['borne_by']}"]
        text += [f"  - **a person must decide**: {entry['decide']}"] if entry["decide"] else []
        for operation, places in entry["operations"].items():
            shown = ", ".join(f"`{place}`" for place in places if place)
            folded.append(f"- {operation}: {entry['what']} {shown}".rstrip())
    text += [f"\nNote: {note}" for note in report["notes"]]
    text += ["\nNext:\n\n```sh", *report["commands"], "```"]
    if folded:
        text += ["\n<details><summary>Every place</summary>\n", *folded, "\n</details>"]
    return "\n".join(text) + "\n"


def _entry(changes: list[Change], plan: Plan, gaps: Gaps) -> Report:
    first = changes[0]
    effect = effect_of(first)
    operations: dict[str, list[str]] = {}
    for change in changes:
        operations.setdefault(change.operation, []).append(change.place)
    reasons = dict.fromkeys(plan.open[change] for change in changes if change in plan.open)
    missing = list(dict.fromkeys(gap for change in changes if (gap := gap_of(change, gaps))))
    methods = "/".join(f"`{method}`" for method in missing)
    return {
        "verdict": max(change.verdict for change in changes).name.lower(),
        "side": first.side,
        "what": first.what,
        "subject": _subject([change.path for change in changes]),
        "before": first.before,
        "after": first.after,
        "callers": f"cannot send it: not offered by {methods} yet" if missing else effect.caller,
        "borne_by": effect.borne_by,
        "decide": "; ".join(reasons),
        "not_offered_by": missing,
        "operations": operations,
    }


def _subject(paths: list[tuple[tuple[str, str], ...]]) -> str:
    """Write the part of the place that all occurrences share, from the end."""
    tails = [path[1:] for path in paths]
    steps = zip(*map(reversed, tails), strict=False)
    common = [keys[0] for keys in itertools.takewhile(lambda keys: len({*keys}) == 1, steps)]
    text = place(reversed(common))
    return text if len(common) == max(map(len, tails)) else f"…{text.removeprefix('.')}"


def _commands(document: str, plan: Plan, *, words: str, applying: bool) -> list[str]:
    commands: list[str] = []
    if not applying and not plan.failure and (plan.applied or words != "same"):
        commands = [f"make upstream FILE={document} APPLY=1"]
    if plan.open:
        commands += [
            "# decide the open changes by hand in openapi/qualification-records.yaml",
            "# (what is meant to stay: openapi/acknowledged.yaml, with the reason)",
        ]
    if plan.applied or plan.open or words == "by hand":
        gaps = "   # names the descriptions that are still missing" if GAP in plan.text else ""
        commands += [f"make upstream-ci{gaps}"]
    return commands or ["# nothing to run"]
