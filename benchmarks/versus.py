"""
What a call costs beside bare httpx, the generated client, the official SDK and http.client.

    make bench                           everything; about five minutes
    make bench ARGUMENTS=--quick         few rounds, about a minute
    make bench ARGUMENTS="--only read"   one of load, first, update, concurrent, gather, read

A server in a process of its own answers every request with the documented response, over plain HTTP
on loopback. Contenders run in fresh processes, in turn, round after round, so that a slow minute of
the machine slows all of them. All figures are processor time of the contender's process (user and
system), as ratios of medians; the quartiles are those of the ratios within each round.

A whole run writes benchmarks/versus.json and the table in benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Result = dict[str, float]
    Samples = dict[str, list[Result]]  # by contender, one a round
    Pick = Callable[[str, str], float]  # of a contender, a figure
    Score = Callable[[Pick, str], float]

HERE = Path(__file__).parent
MARKERS = ("<!-- written by make bench -->", "<!-- end of what make bench writes -->")
PACKAGES = ("samsara-qualifications", "httpx", "httpcore", "h11", "attrs", "samsara-api")
CONTENDERS = {
    "ours": "samsara-qualifications",
    "sdk": "official SDK",
    "generated": "generated client alone",
    "http.client": "http.client",
    "httpx": "bare httpx",
}
SIZES = (100, 500, 5000)
MIB = 1024 * 1024
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Job:
    """
    What is measured together.

    Attributes:
        contenders: Who takes part.
        rounds: How often, in a whole run and in a quick one.
    """

    contenders: tuple[str, ...]
    rounds: tuple[int, int]


JOBS = {
    "load": Job(("python", "httpx", "ours", "sdk", "generated", "http.client"), (30, 5)),
    "first": Job(("python", "httpx", "ours", "sdk", "generated", "http.client"), (20, 3)),
    "update": Job(("httpx", "ours", "sdk", "generated", "http.client"), (12, 2)),
    "concurrent": Job(("httpx", "ours", "sdk", "generated"), (6, 1)),
    "gather": Job(("httpx", "ours"), (3, 1)),
    "read": Job(("ours", "sdk", "generated"), (6, 1)),
}


def to_httpx(figure: str) -> Score:
    """Return the ratio of a figure to bare httpx's."""
    return lambda pick, name: pick(name, figure) / pick("httpx", figure)


def to_itself(figure: str, base: str) -> Score:
    """Return the ratio of a figure to another one of the same contender."""
    return lambda pick, name: pick(name, figure) / pick(name, base)


def over_python(pick: Pick, name: str) -> float:
    """Return what comes on top of Python's own start, as a ratio to bare httpx's."""
    python = pick("python", "cpu")
    return (pick(name, "cpu") - python) / (pick("httpx", "cpu") - python)


def more_memory(pick: Pick, name: str) -> float:
    """Return the MiB on top of bare httpx's."""
    return pick(name, "memory") - pick("httpx", "memory")


@dataclass(frozen=True)
class Row:
    """
    A row of the table.

    Attributes:
        title: What is measured.
        job: The job that measures it.
        score: How a contender's figure is made from the job's.
        goal: What ours may come to at most; none is set without it.
    """

    title: str
    job: str
    score: Score
    goal: float | None = None


ROWS = (
    Row("sync update, minimal body", "update", to_httpx("minimal"), 1.10),
    Row("sync update, full body", "update", to_httpx("full"), 1.20),
    Row("async update, 50 at once", "concurrent", to_httpx("async"), 0.7),
    Row("500 in a gather / 100", "gather", to_itself("500", "100")),
    Row("5,000 in a gather / 100", "gather", to_itself("5000", "100"), 1.3),
    Row("read documented / loads", "read", to_itself("documented", "documented loads"), 5),
    Row("read 591 kB / loads", "read", to_itself("large", "large loads"), 5.5),
    Row("to the first update", "first", over_python, 1.25),
    Row("import", "load", over_python, 0.5),
    Row("MiB over httpx", "first", more_memory, 2.5),
)


@dataclass(frozen=True)
class Cell:
    """What a contender came to in a row: the ratio of medians, and the quartiles of the rounds."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, score: Score, name: str, samples: Samples) -> Cell | None:
        """Score a contender; None where it was not measured."""
        value = _score(score, name, lambda who, figure: _median(samples[who], figure))
        if value is None:
            return None
        found = (
            _score(score, name, lambda who, figure, i=i: samples[who][i][figure])
            for i in range(len(samples[name]))
        )
        rounds = [each for each in found if each is not None]
        if len(rounds) < 2:
            return cls(value, value, value)
        low, _, high = statistics.quantiles(rounds, n=4, method="inclusive")
        return cls(value, low, high)


def _score(score: Score, name: str, pick: Pick) -> float | None:
    """Return a score, or None where a figure that it needs was not measured."""
    try:
        return score(pick, name)
    except KeyError:
        return None


def _median(results: list[Result], figure: str) -> float:
    """Return the median of a figure, over the rounds that have it; KeyError if none has."""
    found = [result[figure] for result in results if figure in result]
    if not found:
        raise KeyError(figure)
    return statistics.median(found)


class Runner:
    """Runs children against one server."""

    def __init__(self, url: str, *, quick: bool) -> None:
        self.url = url
        self.quick = quick
        self.cap = 3.0 if quick else 20.0
        self.notes: list[str] = []
        self.hopeless: dict[str, int] = {}

    def run(self, job: str) -> Samples:
        """Measure a job: each contender once a round."""
        plan = JOBS[job]
        samples: Samples = {name: [] for name in plan.contenders}
        if job in {"load", "first"}:  # the .pyc files are there before anything counts
            for name in plan.contenders:
                self.child(job, name)
        for _ in range(plan.rounds[self.quick]):
            for name in plan.contenders:
                samples[name].append(
                    self.gather(name) if job == "gather" else self.child(job, name)
                )
        return samples

    def gather(self, name: str) -> Result:
        """Gather more and more calls, up to what ends in time."""
        found: Result = {}
        for size in SIZES:
            if size >= self.hopeless.get(name, math.inf):
                break
            result = self.child("gather", name, size, self.cap)
            if "done" in result:
                self.hopeless[name] = size
                failed = f", {result['failed']:g} failed" if "failed" in result else ""
                self.notes.append(
                    f"{CONTENDERS[name]}: of {size:,} updates in one gather {result['done']:,g} "
                    f"were done in {self.cap:g} s{failed}"
                )
                break
            found |= result
        return found

    def child(self, job: str, *arguments: Any) -> Result:
        """Run a job in a fresh process; its figures, or what the process cost where it has none."""
        name, *rest = arguments
        call = f"import jobs; jobs.run(*{(job, name, self.url, *rest)!r})"
        command = [sys.executable, "-c", call]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment["PYTHONPATH"] = str(HERE)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None  # noqa: S101  it is a pipe
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{job} of {name} ended with status {process.returncode}")
        if output:
            result: Result = json.loads(output)
            return result
        memory = usage.ru_maxrss * MAXRSS_UNIT / MIB
        return {"cpu": usage.ru_utime + usage.ru_stime, "memory": memory}


@contextmanager
def server() -> Iterator[str]:
    """Run the server; yield its URL."""
    command = [sys.executable, str(HERE / "answerer.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdin is not None  # noqa: S101  both are pipes
        assert it.stdout is not None  # noqa: S101
        yield f"http://127.0.0.1:{it.stdout.readline().strip()}"
        it.stdin.close()


Table = list[tuple[Row, dict[str, Cell | None]]]


def met(row: Row, cell: Cell | None) -> str:
    """Return whether ours meets the goal."""
    if row.goal is None:
        return ""
    return "yes" if cell and cell.value <= row.goal else "no"


def terminal(table: Table) -> Iterator[str]:
    """Yield the table for 80 columns: quartiles of ours only."""
    yield (
        f"{'':<25}{'goal':>6}{'ours':>7}{'quartiles':>14}{'met':>5}"
        f"{'SDK':>7}{'gen.':>7}{'h.client':>9}"
    )
    for row, cells in table:
        goal = "" if row.goal is None else f"{row.goal:.2f}"
        ours = cells["ours"]
        spread = f"{number(ours.low)}-{number(ours.high)}" if ours else ""
        shown = {name: number(cell.value) if cell else "-" for name, cell in cells.items()}
        yield (
            f"{row.title:<25}{goal:>6}{shown['ours']:>7}{spread:>14}{met(row, ours):>5}"
            f"{shown['sdk']:>7}{shown['generated']:>7}{shown['http.client']:>9}"
        )


def number(value: float) -> str:
    """Return a figure in a few characters."""
    return f"{value:.{1 if abs(value) >= 20 else 2}f}"


def markdown(table: Table) -> Iterator[str]:
    """Yield the table for RESULTS.md."""
    names = [name for name in CONTENDERS if name != "httpx"]
    titles = " | ".join(CONTENDERS[name] for name in names)
    yield f"| | goal | met | {titles} |"
    yield f"| --- | ---: | --- |{' ---: |' * len(names)}"
    for row, cells in table:
        goal = "" if row.goal is None else f"≤ {row.goal:g}"
        figures = " | ".join(
            f"{number(cell.value)} ({number(cell.low)} to {number(cell.high)})" if cell else ""
            for cell in map(cells.get, names)
        )
        yield f"| {row.title} | {goal} | {met(row, cells['ours'])} | {figures} |"


def versions() -> dict[str, str]:
    """Return the versions of what was measured."""
    return {"Python": platform.python_version()} | {
        name: metadata.version(name) for name in PACKAGES
    }


def write(table: Table, samples: dict[str, Samples], notes: list[str]) -> None:
    """Write versus.json, and the table between the markers of RESULTS.md."""
    report = {
        "versions": versions(),
        "cores": os.cpu_count(),
        "rows": {
            row.title: {
                "goal": row.goal,
                **{
                    n: [round(f, 4) for f in (c.value, c.low, c.high)]
                    for n, c in cells.items()
                    if c
                },
            }
            for row, cells in table
        },
        "notes": notes,
        "medians, in seconds and MiB": {
            job: {
                name: {
                    figure: float(f"{_median(results, figure):.4g}")
                    for figure in sorted(set[str]().union(*results))
                }
                for name, results in found.items()
            }
            for job, found in samples.items()
        },
    }
    (HERE / "versus.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    page = HERE / "RESULTS.md"
    before, _, rest = page.read_text("utf-8").partition(MARKERS[0])
    after = rest.partition(MARKERS[1])[2]
    stated = ", ".join(f"{name} {version}" for name, version in versions().items())
    inside = [
        *markdown(table),
        "",
        *notes,
        *([""] if notes else []),
        f"{stated}; {os.cpu_count()} cores.",
    ]
    page.write_text("\n".join([before + MARKERS[0], *inside, MARKERS[1]]) + after, "utf-8")


def main() -> int:
    """Measure, print the table, and after a whole run write it."""
    parser = argparse.ArgumentParser(description="What a call costs, beside other clients.")
    parser.add_argument("--quick", action="store_true", help="few rounds; writes nothing")
    parser.add_argument("--only", choices=JOBS, help="one job; writes nothing")
    options = parser.parse_args()
    samples: dict[str, Samples] = {}
    with server() as url:
        runner = Runner(url, quick=options.quick)
        for job in [options.only] if options.only else JOBS:
            print(f"measuring: {job}", file=sys.stderr, flush=True)
            samples[job] = runner.run(job)
    table = [
        (row, {name: Cell.of(row.score, name, samples[row.job]) for name in CONTENDERS})
        for row in ROWS
        if row.job in samples
    ]
    print("\nProcessor time as a ratio to bare httpx, unless another base is named")
    print(*terminal(table), *runner.notes, sep="\n")
    if not options.quick and not options.only:
        write(table, samples, runner.notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
