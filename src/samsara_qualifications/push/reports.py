"""What became of a plan's rows, in files for people and programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .model import FAILED, Row, Value
from .planfile import Plan, told

_COLUMNS: Final = (
    *("number", "record_id", "owner_id", "key", "outcome", "changes", "applied"),
    *("error", "request_id", "time"),
)
_UNNAMED: Final = r"\(column \d+\)"  # as the reader of files calls what has no heading
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def report(plan: Plan, folder: str | Path) -> list[Path]:
    """
    Write what became of each row of a plan.

    `report.csv` and `report.json` have all rows; `errors.csv` those that need a person, with the
    reason and the input's columns. In a CSV file a text that a spreadsheet would take for a formula
    begins with an apostrophe, but not in `failed.csv`: it has the rows of `errors.csv` with the
    input's columns alone, to the letter, ready to be corrected and pushed again. These two are
    removed where no row needs a person.

    Args:
        plan: The plan.
        folder: Where the files go; made where there is none.

    Returns:
        The files.

    Raises:
        PlanError: They cannot be written.
    """
    to = Path(folder)
    whole, as_json = to / "report.csv", to / "report.json"
    with told(to, OSError):
        to.mkdir(parents=True, exist_ok=True)
        _write(whole, _COLUMNS, (_safe(_line(row)) for row in plan.rows()))
        _write_json(as_json, plan)
        return [whole, as_json, *write_failed(plan, to)]


def write_failed(plan: Plan, folder: Path) -> list[Path]:
    """Write the rows that need a person; where there are none, remove what an earlier plan left."""
    errors, failed = folder / "errors.csv", folder / "failed.csv"
    headings = list(dict.fromkeys(name for row in plan.rows(*FAILED) for name in _input(row)))
    with told(folder, OSError):
        if not headings:
            for path in (errors, failed):
                path.unlink(missing_ok=True)
            return []
        folder.mkdir(parents=True, exist_ok=True)
        rows = (_line(row) | _input(row) for row in plan.rows(*FAILED))
        _write(errors, ["number", "outcome", "error", *headings], map(_safe, rows))
        _write_input(failed, headings, map(_input, plan.rows(*FAILED)))
        return [errors, failed]


def _input(row: Row) -> dict[str, str]:
    return dict(row.cells) or {"key": row.key}


def _line(row: Row) -> dict[str, str]:
    line = {name: str(getattr(row, name)) for name in _COLUMNS}
    line["changes"] = "; ".join(
        f"{name}: {_text(old)} > {_text(new)}" for name, old, new in row.changes
    )
    line["applied"] = {True: "yes", False: "no", None: "unknown" if row.time else ""}[row.applied]
    line["time"] = row.time.isoformat(timespec="seconds") if row.time else ""
    return line


def _text(value: Value | None) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "nothing" if value is None else str(value)


def _safe(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: f"'{text}" if text.startswith(_FORMULA) else text for name, text in cells.items()}


def _write(path: Path, headings: Sequence[str], lines: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)


def _write_input(path: Path, headings: Sequence[str], lines: Iterable[Mapping[str, str]]) -> None:
    """Write rows as they came: one with too many cells, or too few, must be refused again."""
    named = list(headings)
    while named and re.fullmatch(_UNNAMED, named[-1]):
        named.pop()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("" if re.fullmatch(_UNNAMED, name) else name for name in named)
        for line in lines:
            there = max(place for place, name in enumerate(headings, 1) if name in line)
            writer.writerow(line.get(name, "") for name in headings[:there])


def _write_json(path: Path, plan: Plan) -> None:
    """Write one row a line, as they come: a plan may be larger than the memory."""
    head = {"type": plan.type_name, "host": plan.host, "counts": plan.summary.counts}
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"plan": {json.dumps(head)},\n"rows": [\n')
        for place, row in enumerate(plan.rows()):
            line: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
            line["changes"] = [change._asdict() for change in row.changes]
            file.write(",\n" * bool(place) + json.dumps(line, default=lambda day: day.isoformat()))
        file.write("\n]}\n")
