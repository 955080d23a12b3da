"""What a person sees: data on stdout, sentences and progress on stderr; plain in a pipe."""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from textwrap import fill
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from ..push.model import Progress as Step

_EXAMPLES: Final = 3  # rows that are named for problems that are alike
_KINDS: Final = 15  # different problems that are shown
_QUIET: Final = 30.0  # seconds between two lines of progress without a terminal
_PHASES: Final = {"rows": "reading the file", "records": "reading records", "updates": "updating"}

for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, TextIOWrapper) and _stream.isatty():
        _stream.reconfigure(errors="replace")  # a terminal may lack letters
    elif isinstance(_stream, TextIOWrapper):
        _stream.reconfigure(encoding="utf-8")

out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say(text: str, style: str = "", *, command: str = "") -> None:
    """Tell a person something, perhaps with a command, which is never broken into lines."""
    text = _wrapped(text, err)
    between = "\n  " if err.is_terminal else " "
    err.print(text + between * bool(command) + command, style=style)


def show(text: str, style: str = "") -> None:
    """Print data in the form for people."""
    out.print(_wrapped(text, out), style=style)


def _wrapped(text: str, console: Console) -> str:
    """Return a text that a terminal can take, further lines indented; in a pipe it is one line."""
    text = "".join(it if it.isprintable() else "\N{REPLACEMENT CHARACTER}" for it in text)
    if not console.is_terminal:
        return text
    return fill(text, console.width, subsequent_indent="    ", break_on_hyphens=False)


def show_json(data: object) -> None:
    """Print data as JSON."""
    sys.stdout.write(json.dumps(data, indent=2, default=str) + "\n")


def show_csv(rows: Iterable[Mapping[str, Any]], headings: Iterable[str]) -> None:
    """Print data as CSV."""
    writer = csv.DictWriter(sys.stdout, [*headings], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def tell_problems(problems: Iterable[tuple[int, str]]) -> None:
    """Say what is wrong with rows; what is alike is told once, with the first rows and a number."""
    found: dict[str, tuple[str, list[int]]] = {}
    for number, text in problems:
        alike = re.sub(r"'[^']*'|\d+", "", text)
        found.setdefault(alike, (text, []))[1].append(number)
    for text, (first, *others) in [*found.values()][:_KINDS]:
        rest = len(others) - _EXAMPLES
        rows = ", ".join(map(str, others[:_EXAMPLES])) + (f" and {rest:,} more" * (rest > 0))
        also = f" (also row{'s' * (len(others) > 1)} {rows})" if others else ""
        say(f"row {first}: {text}{also}", "yellow")
    if len(found) > _KINDS:
        say(f"… and problems of {len(found) - _KINDS} other kinds", "yellow")


@contextmanager
def progress(again: str = "") -> Generator[Callable[[Step], None]]:
    """
    Show how far a push is: a bar on a terminal, else a line now and then.

    Where it stops, say which command goes on.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[figures]}"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    tasks: dict[str, Any] = {}
    told = time.monotonic()
    stopping = False

    def see(step: Step) -> None:
        nonlocal told, stopping
        if step.waiting.startswith("finishing") and not stopping:
            stopping = True
            text = f"{step.waiting}, at most a few seconds; Ctrl-C again stops at once. To go on:"
            say(text, "yellow", command=again)
        if step.phase not in tasks:
            tasks[step.phase] = bar.add_task(_PHASES[step.phase], total=step.total, figures="")
        text = _figures(step)
        bar.update(tasks[step.phase], completed=step.done, total=step.total, figures=text)
        if not err.is_terminal and time.monotonic() - told >= _QUIET:
            told = time.monotonic()
            say(f"{_PHASES[step.phase]}: {text}")

    with bar:
        yield see


def _figures(step: Step) -> str:
    parts = [f"{step.done:,}" if step.total is None else f"{step.done:,} of {step.total:,}"]
    parts += [f"{60 * step.rate:.0f}/min"] if step.rate else []
    parts += [f"{spell(step.rest)} left"] if step.rest is not None else []
    parts += [f"{step.errors:,} errors"] if step.errors else []
    return ", ".join([*parts, *([step.waiting] if step.waiting else [])])


def spell(seconds: float) -> str:
    """Return a time in words, such as `66 min`."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"  # noqa: PLR2004
