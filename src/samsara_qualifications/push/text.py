"""A planned change, and a plan, in words for a person."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

from .._text import printable
from .model import Change, Row, Summary, Value

_ENDS: Final = {"right": "already right", "duplicate": "duplicate"}
_DATES: Final = {"expires": "expiration date", "issued": "issue date"}


def change_text(row: Row) -> str:
    """
    Return a row in one line, such as `~ row 17  worker 281474  Driver License  expires …`.

    The first character tells what it does: `+` creates a record, `-` clears something, `~` changes
    something, `!` is an error, a failure or a conflict, and a blank is none of these.
    """
    who = f"{row.entity_type} {row.owner_id}" if row.owner_id else row.key
    if row.outcome in {"error", "failed", "conflict"}:
        sign, what = "!", row.error if row.outcome == "error" else f"{row.outcome}: {row.error}"
    elif not row.changes:
        sign, what = " ", row.error or _ENDS.get(row.outcome, row.outcome)
    else:
        what = ", ".join(_change(change, new=row.action == "create") for change in row.changes)
        sign = "-" if any(change.new is None for change in row.changes) else "~"
        sign, what = ("+", f"new: {what}") if row.action == "create" else (sign, what)
    return f"{sign} row {row.number}  {printable(who)}  {printable(row.type_name)}  {what}".rstrip()


def _change(change: Change, *, new: bool) -> str:
    name = printable(change.name)
    if change.new is None:
        return f"{_DATES.get(change.name, name)} is cleared"
    if new:
        return f"{name} {_shown(change.new)}"
    nothing = "never" if change.name == "expires" else "nothing"
    old = nothing if change.old is None else _shown(change.old)
    return f"{name} {old} → {_shown(change.new)}"


def _shown(value: Value) -> str:
    match value:
        case date():
            return value.isoformat()
        case str():
            return f'"{printable(value)}"'
        case tuple():
            return "[" + ", ".join(_shown(item) for item in value) + "]"
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def summary_text(summary: Summary) -> str:
    """Return a plan in one line, such as `Plan: 6,543 to update (66 min at 100/min), …`."""
    counts = summary.counts
    to_do = summary.left
    created = min(summary.creations, to_do)
    parts = [f"{to_do - created:,} to update" + _minutes(to_do, summary.per_minute)]
    parts += [f"{created:,} to create"] if created else []
    parts.append(f"{counts.get('right', 0):,} already right")
    for count, name in (
        (summary.clears, "clear"),
        (counts.get("duplicate", 0), "duplicate"),
        (counts.get("conflict", 0), "conflict"),
        (counts.get("failed", 0), "failure"),
        (counts.get("error", 0), "error"),
    ):
        if count:
            parts.append(f"{count:,} {name}" + "s" * (count > 1))
    applied = counts.get("applied", 0)
    return "Plan: " + ", ".join(parts + ([f"{applied:,} applied"] if applied else [])) + "."


def _minutes(updates: int, per_minute: float) -> str:
    minutes = math.ceil(updates / per_minute)
    return f" ({minutes:,} min at {per_minute:g}/min)" if updates else ""
