"""What a page can insert: tables that code holds, figures that commands print, what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from samsara_qualifications import _wire
from samsara_qualifications.mock.behaviours import BEHAVIOURS, as_markdown
from samsara_qualifications_contract.live.questions import NOT_PROBED, QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[2]
OURS: Final = "samsara-qualifications"
REQUESTS: Final = ("Input", "InputType", "Request", "Response")


def behaviours(_: str) -> str:
    """Return what the mock does, documented or assumed."""
    return as_markdown()


def unknowns(_: str) -> str:
    """Return what is assumed, and how a live run finds it out."""
    asked = {question.behaviour: question.text for question in QUESTIONS}
    lines = ["| assumed | it could be | a live run asks |", "|---|---|---|"]
    for row in BEHAVIOURS:
        if row.source == "assumed":
            others = ", ".join(f"`{choice}`" for choice in row.choices[1:])
            question = asked.get(row.name, NOT_PROBED.get(row.name, ""))
            lines.append(f"| `{row.name}`: {row.text} | {others} | {question} |")
    return "\n".join(lines)


def models(_: str) -> str:
    """Return a directive for each model of an answer; what requests are made of is left out."""
    lines: list[str] = []
    for name in _wire.models.__all__:
        if not name.endswith(REQUESTS):
            is_enum = issubclass(getattr(_wire.models, name), Enum)
            members = "undoc-members" if is_enum else "no-members"
            lines += [f".. autoclass:: samsara_qualifications.models.{name}", f"   :{members}:", ""]
    return "\n".join(lines)


def section(argument: str) -> str:
    """Return a section of a file of the repository, without its heading: `FILE # HEADING`."""
    file, _, heading = argument.partition(" # ")
    text = (ROOT / file).read_text("utf-8")
    found = re.search(rf"(?ms)^(#+) {re.escape(heading)}[^\n]*\n(.*?)(?=^\1 |^##? |\Z)", text)
    if found is None:
        raise ValueError(f"{file} has no section {heading!r}")
    return found[2].strip("\n")


def limiters(_: str) -> str:
    """Return the rows of the limiters that are measured beside ours, with ours for the same."""
    lines = section("benchmarks/RESULTS.md # Long: `make bench-budget LONG=1`").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    head, rows = rows[0], rows[2:]
    columns = [head.index(name) for name in ("scenario", "store", "limiter")]
    columns += [head.index(name) for name in ("most in a window", "over", "failed")]
    others = {(row[1], row[2]) for row in rows if row[0] != OURS}
    chosen = sorted(
        (row for row in rows if (row[1], row[2]) in others), key=lambda row: row[2:0:-1]
    )
    shown = [[row[column] for column in columns] for row in [head, ["---"] * len(head), *chosen]]
    return "\n".join(f"| {' | '.join(row)} |" for row in shown)


def output(command: str) -> str:
    """Return a command of ours and what it prints, as a block."""
    program, *arguments = shlex.split(command)
    path = sys.executable if program == "python" else Path(sys.executable).with_name(program)
    done = subprocess.run(
        [str(path), *arguments],
        env={**os.environ, "COLUMNS": "88", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```console\n$ {command}\n{done.stdout.strip()}\n```"


INSERTIONS: Final[dict[str, Callable[[str], str]]] = {
    "behaviours": behaviours,
    "unknowns": unknowns,
    "section": section,
    "limiters": limiters,
    "models": models,
    "output": output,
}
