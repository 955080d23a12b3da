"""
The official SDK and this package, side by side: 480 updates, 8 threads, 100 a minute.

    make bench-sdk                     the real limit; takes about five minutes
    make bench-sdk WINDOW=6            scaled

Each client has a mock server of its own, as a process, with a sliding window and a fractional
`Retry-After`; both run at the same time, and both with their defaults: the SDK with its own retries
and no rate limiter (it has none), this package in the lane that is meant for a push. Prints calls
done and lost, 429s, and time against the ideal.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from samsara import Samsara

from samsara_qualifications import QualificationsClient, RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
LIMIT = 100
THREADS = 8
UPDATES_PER_THREAD = 60


@dataclass
class Result:
    """What became of one client's updates."""

    name: str
    done: int = 0
    lost: int = 0
    too_many: int = 0
    seconds: float = 0.0


def main() -> int:
    """Run both, print the table; exit status 1 where ours lost a call or was refused one."""
    parser = argparse.ArgumentParser(description="The official SDK and this package, side by side.")
    parser.add_argument("--window", type=float, default=60.0, help="seconds; the API's is 60")
    window = parser.parse_args().window
    total = THREADS * UPDATES_PER_THREAD
    ideal = (math.ceil(total / LIMIT) - 1) * window
    print(f"{total} updates, {THREADS} threads, {LIMIT} per {window:g} s; ideal {ideal:g} s")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda run: run(window), (official_sdk, ours)))
    print(f"{'client':<24}{'done':>6}{'lost':>6}{'429s':>6}{'seconds':>9}{'over ideal':>12}")
    for result in results:
        over = f"{result.seconds / ideal - 1:+.1%}" if not result.lost else "-"
        print(
            f"{result.name:<24}{result.done:>6}{result.lost:>6}{result.too_many:>6}"
            f"{result.seconds:>9.1f}{over:>12}"
        )
    return 1 if results[1].lost or results[1].too_many else 0


def official_sdk(window: float) -> Result:
    """Push with the official SDK, as its documentation shows it."""
    result = Result("official SDK")
    with server(window) as (url, token), counted(result) as http:
        client = Samsara(base_url=url, token=token, httpx_client=http)

        def update(date: datetime) -> None:
            client.beta_ap_is.patch_qualification_record(id=RECORD, expiration_date=date)

        push(result, update)
    return result


def ours(window: float) -> Result:
    """Push with this package."""
    result = Result("samsara-qualifications")
    limits = {"update": RateLimit(LIMIT, window)}
    with ExitStack() as stack:
        url, token = stack.enter_context(server(window))
        http = stack.enter_context(counted(result))
        client = QualificationsClient(token, base_url=url, http_client=http, limits=limits)

        def update(date: datetime) -> None:
            client.update(RECORD, expiration_date=date, lane="bulk")

        push(result, update)
    return result


def push(result: Result, update: Callable[[datetime], None]) -> None:
    """Call `update` from all threads, and count what comes back."""

    def worker(thread: int) -> tuple[int, int]:
        done = 0
        for number in range(UPDATES_PER_THREAD):
            day = thread * UPDATES_PER_THREAD + number
            try:
                update(datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=day))
            except Exception:  # noqa: BLE001, S112  whatever it is, this update is lost
                continue
            done += 1
        return done, UPDATES_PER_THREAD - done

    begin = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        counts = list(pool.map(worker, range(THREADS)))
    result.seconds = time.monotonic() - begin
    result.done, result.lost = (sum(column) for column in zip(*counts, strict=True))


@contextmanager
def counted(result: Result) -> Generator[httpx.Client]:
    """Give an httpx client that counts the 429s that it receives."""

    def count(response: httpx.Response) -> None:
        result.too_many += response.status_code == 429

    with httpx.Client(timeout=60, event_hooks={"response": [count]}) as client:
        yield client


@contextmanager
def server(window: float) -> Generator[tuple[str, str]]:
    """Run a mock server as a process; give its URL and token."""
    command = [sys.executable, "-m", "samsara_qualifications.mock", "--rate", f"{LIMIT}/{window:g}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  it is a pipe
            url, token = (process.stdout.readline().partition(": ")[2].strip() for _ in range(2))
            yield url, token
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
