"""A planned change, and a plan, in words for a person."""

from __future__ import annotations

import math
from datetime import date, datetime

from .._text import printable
from .model import FAILED, Change, Row, Summary, Value


def change_text(row: Row) -> str:
    """
    Return a row in one line, such as `~ row 17  worker 281474  Driver License  expires …`.

    The first character tells what it does: `+` makes a record, `-` clears something, `~` changes
    something, `!` needs a person, and a blank has nothing to do.
    """
    who = f"{row.entity_type} {row.owner_id}" if row.owner_id else row.key
    changes = ", ".join(_change(change, new=row.action == "create") for change in row.changes)
    if row.outcome in FAILED:
        sign, what = "!", f"{row.outcome}: {row.error}"
    elif not row.changes:
        sign, what = " ", row.error or "already right"
    elif row.action == "create":
        sign, what = "+", f"new: {changes}"
    else:
        sign, what = "-" if any(it.new is None for it in row.changes) else "~", changes
    return f"{sign} row {row.number}  {printable(who)}  {printable(row.type_name)}  {what}"


def _change(change: Change, *, new: bool) -> str:
    name = printable(change.name)
    if change.new is None:
        return f"{'expiration date' if name == 'expires' else name} is cleared"
    if new:
        return f"{name} {_shown(change.new)}"
    nothing = "never" if name == "expires" else "nothing"
    old = nothing if change.old is None else _shown(_brief(change.old, change.new))
    return f"{name} {old} → {_shown(change.new)}"


def _brief(old: Value, new: Value) -> Value:
    """Return the day of a moment, where that is enough to tell it from the new one."""
    if isinstance(old, datetime) and isinstance(new, date):
        day = new.date() if isinstance(new, datetime) else new
        return old if old.date() == day else old.date()
    return old


def _shown(value: Value) -> str:
    match value:
        case date():
            return value.isoformat()
        case list():
            return "[" + ", ".join(map(_shown, value)) + "]"
        case _:
            return f'"{printable(value)}"' if isinstance(value, str) else f"{value:.15g}"


def summary_text(summary: Summary) -> str:
    """Return a plan in one line, such as `Plan: 6,543 to update (66 min at 100/min), …`."""
    counts, left = summary.counts, summary.left
    minutes = math.ceil(left / summary.per_minute)
    time = f" ({minutes:,} min at {summary.per_minute:,.0f}/min)" if left else ""
    found = [f"{left:,} to update{time}", f"{counts.get('right', 0):,} already right"]
    for count, name in (
        (counts.get("applied", 0), "applied"),
        (summary.creations, "new record"),
        (summary.clears, "clear"),
        *((counts.get(name, 0), name) for name in ("duplicate", "conflict", "failed", "error")),
    ):
        plural = "s" if count > 1 and name not in {"applied", "failed"} else ""
        found += [f"{count:,} {name}{plural}"] if count else []
    return f"Plan: {', '.join(found)}."
