"""What became of a plan's rows, in files for people and programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from .model import FAILED, Row, Value
from .planfile import Plan, as_json, told

_COLUMNS: Final = (
    *("row", "record", "owner", "key", "outcome", "changes", "applied", "error", "request_id"),
    "time",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def report(plan: Plan, folder: str | Path) -> list[Path]:
    """
    Write what became of each row of a plan.

    `report.csv` and `report.json` have all rows, `errors.csv` those that need a person, with the
    reason and the input's columns. In these a text that a spreadsheet would take for a formula
    begins with an apostrophe. `failed.csv` has the same rows with the input's columns alone, to the
    letter, ready to be corrected and pushed again. The last two are left out where all went well.

    Args:
        plan: The plan.
        folder: Where the files go; made where there is none.

    Returns:
        The files.

    Raises:
        PlanError: They cannot be written.
    """
    to = Path(folder)
    with told(to, OSError):
        to.mkdir(parents=True, exist_ok=True)
        files = [to / name for name in ("report.csv", "report.json")]
        _write_csv(files[0], _COLUMNS, (_safe(_line(row)) for row in plan.rows()))
        _write_json(files[1], plan)
        headings = _headings(plan)
        for name, extra in (("errors.csv", ("row", "outcome", "error")), ("failed.csv", ())):
            file = to / name
            with suppress(FileNotFoundError):
                file.unlink()
            if headings is not None:
                rows = (_cells(row, extra) for row in plan.rows(*FAILED))
                lines = (_safe(cells) for cells in rows) if extra else rows
                _write_csv(file, dict.fromkeys([*extra, *headings]), lines)
                files.append(file)
    return files


def _headings(plan: Plan) -> list[str] | None:
    """Return the columns of the rows that need a person; `None` where no row does."""
    found: dict[str, None] | None = None
    for row in plan.rows(*FAILED):
        found = (found or {}) | dict.fromkeys(_cells(row, ()))
    return None if found is None else list(found)


def _cells(row: Row, extra: Iterable[str]) -> dict[str, Any]:
    told = {name: str(getattr(row, "number" if name == "row" else name)) for name in extra}
    return told | dict(row.cells or {"key": row.key})


def _line(row: Row) -> dict[str, str]:
    applied = {True: "yes", False: "no", None: "unknown"}[row.applied]
    return {
        "row": str(row.number),
        "record": row.record_id,
        "owner": row.owner_id,
        "key": row.key,
        "outcome": row.outcome,
        "changes": "; ".join(
            f"{it.name}: {_text(it.old)} -> {_text(it.new)}" for it in row.changes
        ),
        "applied": "" if row.applied is None and row.time is None else applied,
        "error": row.error,
        "request_id": row.request_id,
        "time": "" if row.time is None else row.time.isoformat(timespec="seconds"),
    }


def _text(value: Value | None) -> str:
    return (
        "nothing" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)
    )


def _safe(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: f"'{text}" if text.startswith(_FORMULA) else text for name, text in cells.items()}


def _write_csv(path: Path, headings: Iterable[str], lines: Iterator[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(headings), restval="")
        writer.writeheader()
        writer.writerows(lines)


def _write_json(path: Path, plan: Plan) -> None:
    summary = plan.summary
    with path.open("w", encoding="utf-8") as file:
        head = {"type": plan.type_name, "host": plan.host, "counts": summary.counts}
        file.write(f'{{"summary": {json.dumps(head)},\n"rows": [')
        for place, row in enumerate(plan.rows()):
            line = _line(row) | {
                "row": row.number,
                "changes": [change._asdict() for change in row.changes],
                "applied": row.applied,
            }
            file.write((",\n" if place else "\n") + as_json(line))
        file.write("\n]}\n")
