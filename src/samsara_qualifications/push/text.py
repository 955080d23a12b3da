"""A planned change, and a plan, in words for a person."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, Final

from .._text import printable
from .model import FAILED, Change, Row, Summary, Value

_TOLD: Final = ("applied", "new record", "clear", "duplicate", "conflict", "failed", "error")
_NOUNS: Final = {*_TOLD} - {"applied", "failed"}


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
    known: dict[Any, int] = {"new record": summary.creations, "clear": summary.clears, **counts}
    found += [counted(known[name], name) for name in _TOLD if known.get(name)]
    return f"Plan: {', '.join(found)}."


def counted(count: int, name: str) -> str:
    """Return a number with what it counts, such as `2 errors`."""
    return f"{count:,} {name}{'s' * (count > 1 and name in _NOUNS)}"
