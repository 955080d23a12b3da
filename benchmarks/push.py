"""
What a push costs: a plan and its application, against the mock as a process.

    python benchmarks/push.py              10,000 rows, and the use of the budget at 100 per 3 s
    python benchmarks/push.py --long       100,000 rows, too
    python benchmarks/push.py --budget     only the use of the budget

Plan and apply run in a process each; processor time and memory are those of that process. Exits
with 1 if a figure is over its bound, a plan of an unchanged file sends a write, or the push uses
clearly less of the budget than plain updates do.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from samsara_qualifications import QualificationsClient, RateLimit, push
from samsara_qualifications.mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

LICENCE: Final = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
NAMES: Final = ("update", "get", "stream", "types", "token", "organization")
PLENTY: Final = RateLimit(1_000_000, 1)
RATE: Final = RateLimit(100, 3)
BOUNDS: Final = {"plan": 15.0, "apply": 60.0}  # seconds of processor time, for 10,000 rows
ENDS: Final = {"plan": "planned", "apply": "applied", "plan again": "right"}
MEMORY: Final = 120.0  # MiB
USED: Final = 0.99


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield rows that renew everybody's licence, with the columns that they came in."""
    for number in range(count):
        day = date(2034, 1, 1) + timedelta(days=number % 365)
        yield {
            "owner": str(1_000_000 + number),
            "expiration_date": day,
            "fields": {"Licence class": "Class B", "License Number": f"D{number}"},
            "row": number + 2,
            "cells": {
                "Worker": str(1_000_000 + number),
                "Expires": day.isoformat(),
                "Class": "Class B",
                "Number": f"D{number}",
                "Depot": "Ludwigshafen am Rhein",
            },
        }


@contextmanager
def server(folder: Path, records: int, rate: str = "none") -> Generator[tuple[str, str]]:
    """Run the mock with that many licences; give its URL and token."""
    mock = MockServer()
    licence, kind = mock.records[LICENCE], mock.types[LICENCE]
    data: dict[str, Any] = {"types": [kind], "records": []}
    for number in range(records):
        owner = {"entityType": "worker", "id": str(1_000_000 + number), "externalIds": {}}
        record = {"id": f"00000000-0000-4000-8000-{number:012d}", "owner": owner}
        data["records"].append(copy.deepcopy(licence) | record)
    seed = folder / "seed.json"
    seed.write_text(json.dumps(data), "utf-8")
    module = [sys.executable, "-m", "samsara_qualifications.mock"]
    command = [*module, "--seed-data", str(seed), "--rate", rate]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  it is a pipe
            lines = [process.stdout.readline().partition(": ")[2].strip() for _ in range(2)]
            yield lines[0], lines[1]
        finally:
            process.terminate()


def measured(job: str, *arguments: object) -> dict[str, float]:
    """Do a job in a process of its own, and return its figures."""
    command = [sys.executable, __file__, "--job", job, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def do(job: str, url: str, token: str, path: str, count: str) -> None:
    """Plan or apply, and print what it took."""
    sent: list[float] = []

    def note(request: httpx.Request) -> None:
        if request.method == "PATCH":
            sent.append(time.monotonic())

    limits = dict.fromkeys(NAMES, PLENTY) | ({"update": RATE} if job in {"budget", "plain"} else {})
    begin = time.process_time()
    with (
        httpx.Client(event_hooks={"request": [note]}) as http,
        QualificationsClient(token, base_url=url, http_client=http, limits=limits) as client,
    ):
        counts: dict[Any, int] = {}
        if job == "plan":
            source = rows(int(count))
            plan = push.plan(client, source, type=LICENCE, path=path, entity_type="worker")
            counts = dict(plan.summary.counts)
        elif job == "plain":
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(functools.partial(renew, client), range(int(count))))
        else:
            counts = dict(push.apply(client, path).summary.counts)
    figures = {
        "cpu": time.process_time() - begin,
        "mib": peak(),
        "sent": float(len(sent)),
        **counts,
    }
    if windows := max(0, len(sent) - 1) // RATE.requests:
        took = sorted(sent)[windows * RATE.requests] - min(sent)
        figures["used"] = windows * RATE.window_seconds / took
    print(json.dumps(figures))


def peak() -> float:
    """Return the most memory that this process has had, in MiB; its parent's does not count."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def cost(folder: Path, count: int) -> bool:
    """Print what a push of so many rows costs; return whether it is within its bounds."""
    well = True
    path = folder / f"{count}.plan"
    with server(folder, count) as (url, token):
        for what, job in (("plan", "plan"), ("apply", "apply"), ("plan again", "plan")):
            figures = measured(job, url, token, path, count)
            bound = BOUNDS[job] * count / 10_000
            kept = figures["cpu"] <= bound and figures["mib"] <= MEMORY
            kept &= figures["sent"] == (count if job == "apply" else 0)
            kept &= figures.get(ENDS[what]) == count
            well &= kept
            cpu, mib, sent = figures["cpu"], figures["mib"], figures["sent"]
            line = f"{count:,} | {what} | {cpu:.1f} | {bound:.0f} | {mib:.0f} | {sent:,.0f}"
            print(f"| {line} |" + ("" if kept else " **over its bound**"))
    return well


def renew(client: QualificationsClient, number: int) -> None:
    """Update a record, without a plan."""
    record_id = f"00000000-0000-4000-8000-{number:012d}"
    client.update(record_id, expiration_date=date(2035, 1, 1), lane="bulk")


def use_of_the_budget(folder: Path) -> bool:
    """Print how much of a budget a push of 1,000 uses, and plain updates from 8 threads beside."""
    path = folder / "budget.plan"
    with server(folder, 1_000, f"{RATE.requests}/{RATE.window_seconds:g}") as (url, token):
        measured("plan", url, token, path, 1_000)
        figures = measured("budget", url, token, path, 1_000)
        plain = measured("plain", url, token, path, 1_000)
    well = figures["used"] >= min(USED, plain["used"] - 0.02) and figures.get("applied") == 1_000
    print(
        f"\n1,000 updates at {RATE.requests} per {RATE.window_seconds:g} s:"
        f" {figures['used']:.2%} of the budget used, {figures['sent']:,.0f} sent;"
        f" plain updates in the bulk lane: {plain['used']:.2%}"
    )
    return well


def main() -> int:
    """Measure, or do a job of a measurement."""
    parser = argparse.ArgumentParser(description="What a push costs.")
    parser.add_argument("--long", action="store_true", help="100,000 rows, too")
    parser.add_argument("--budget", action="store_true", help="only the use of the budget")
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        do(*options.job)
        return 0
    counts = [] if options.budget else [10_000, 100_000] if options.long else [10_000]
    if counts:
        print("| rows | | CPU s | at most | MiB | updates sent |")
        print("| ---: | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        wells = [cost(Path(folder), count) for count in counts]
        wells.append(use_of_the_budget(Path(folder)))
    return 0 if all(wells) else 1


if __name__ == "__main__":
    sys.exit(main())
