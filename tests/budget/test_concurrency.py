"""Threads, event loops and forks in one line, on real clocks and small windows."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget import Budget, RateLimit, budget, open_budget, queue, worker
from samsara_qualifications.budget.line import Line, Waiter
from samsara_qualifications.budget.memory import MemoryStore
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = 0.2
LIMITS = {"update": RateLimit(4, WINDOW)}


@pytest.fixture(params=["memory", "sqlite", "redis"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Budget:
    """Return an unused budget in each kind of store."""
    url = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/budget.db"}.get(request.param)
    return open_budget(url or request.getfixturevalue("redis_url"), name=secrets.token_hex(8))


@pytest.fixture
def one() -> Budget:
    """Return an unused budget in memory."""
    return open_budget(name=secrets.token_hex(8))


def use_up(shared: Budget, window: float = 60) -> list:
    """Take four slots, and return the permits."""
    return [shared.acquire({"update": RateLimit(4, window)}) for _ in range(4)]


def wait_until(condition) -> None:  # noqa: ANN001  any call
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_threads_and_loops_share_the_limit(shared: Budget) -> None:
    """No window holds more than the limit, and everybody is served."""
    sent: list[float] = []

    def call() -> None:
        permit = shared.acquire(LIMITS)
        sent.append(time.monotonic())
        permit.settle()

    async def call_async() -> None:
        permit = await shared.acquire_async(LIMITS, lane="bulk")
        sent.append(time.monotonic())
        await permit.settle_async()

    async def run_loop() -> None:
        await asyncio.gather(*(call_async() for _ in range(3)))

    threads = [threading.Thread(target=call) for _ in range(6)]
    threads += [threading.Thread(target=lambda: asyncio.run(run_loop())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent.sort()
    assert 12 == len(sent)
    assert all(later - first >= WINDOW for first, later in zip(sent, sent[4:], strict=False))


def test_threads_are_served_as_they_came(shared: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty threads and the worker hand out slots in exactly the order of the line."""
    came: list[Waiter] = []
    served: list[Waiter] = []

    class Watched(Line):
        def add(self, waiter: Waiter) -> bool:
            came.append(waiter)
            return super().add(waiter)

        def remove(self, waiter: Waiter) -> bool:
            served.append(waiter)
            return super().remove(waiter)

    monkeypatch.setattr(queue, "Line", Watched)
    shared._queue._reset()

    def call() -> None:
        for _ in range(5):
            shared.acquire({"update": RateLimit(10, 0.02)}).settle()

    threads = [threading.Thread(target=call) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 150 == len(came)
    assert came == served


async def test_cancelled_task_burns_nothing(shared: Budget) -> None:
    """A task cancelled in line leaves no trace: the slots go to those behind it."""
    permits = use_up(shared)
    tasks = [asyncio.create_task(shared.acquire_async({"update": RateLimit(4, 60)})) for _ in "123"]
    await asyncio.sleep(0.02)
    tasks[0].cancel()
    permits[0].refund()
    permits[1].refund()
    await asyncio.gather(*tasks[1:])

    with pytest.raises(asyncio.CancelledError):
        await tasks[0]


async def test_task_cancelled_with_its_slot_gives_it_back(one: Budget) -> None:
    """A cancellation that arrives with the slot returns it to the next in line."""
    permits = use_up(one)
    first = asyncio.create_task(one.acquire_async({"update": RateLimit(4, 60)}))
    second = asyncio.create_task(one.acquire_async({"update": RateLimit(4, 60)}))
    await asyncio.sleep(0.01)
    permits[0].refund()
    line = one._queue._lines["update"]
    wait_until(lambda: len(line.all()) == 1)  # the loop is held up: the slot is there, unheard of
    first.cancel()

    assert 0 < (await second).waited < 10
    assert first.cancelled()


async def test_waiting_holds_up_no_loop(shared: Budget) -> None:
    """The loop goes on while a call waits in line, and while the store works."""
    permits = use_up(shared)
    task = asyncio.create_task(shared.acquire_async({"update": RateLimit(4, 60)}))
    for _ in range(20):
        begun = time.perf_counter()
        await asyncio.sleep(0)
        assert time.perf_counter() - begun < 1
    await permits[0].refund_async()
    permit = await task

    assert permit.waited > 0
    await permit.settle_async()


async def test_timeout_in_line(shared: Budget) -> None:
    """A deadline that could have been met, and was not, ends the wait."""
    permits = use_up(shared)
    first = asyncio.create_task(shared.acquire_async(LIMITS))
    await asyncio.sleep(0.01)
    begun = time.monotonic()
    for attempt in (
        asyncio.to_thread(shared.acquire, LIMITS, timeout=0.3),
        shared.acquire_async(LIMITS, timeout=0.3),
    ):
        with pytest.raises(BudgetTimeout) as caught:
            await attempt
        assert 0.3 <= caught.value.waited <= time.monotonic() - begun
    permits[0].refund()
    await first
    assert not one_waits(shared)


def one_waits(shared: Budget) -> bool:
    """Tell whether anybody is in line."""
    return shared._queue._anybody()


def test_loop_that_was_closed_in_line(one: Budget) -> None:
    """A slot for a task whose loop is gone goes to the next in line."""
    permits = use_up(one)
    loop = asyncio.new_event_loop()
    task = loop.create_task(one.acquire_async({"update": RateLimit(4, 60)}))
    loop.run_until_complete(asyncio.sleep(0.01))
    task._log_destroy_pending = False
    loop.close()
    permits[0].refund()

    assert 0 <= one.acquire({"update": RateLimit(4, 60)}).waited
    del task, loop
    gc.collect()


def test_hanging_loop_holds_up_nobody(one: Budget) -> None:
    """A waiter whose loop does not run has its slot; those behind have theirs."""
    permits = use_up(one)
    loop = asyncio.new_event_loop()
    task = loop.create_task(one.acquire_async({"update": RateLimit(4, 60)}))
    loop.run_until_complete(asyncio.sleep(0.01))
    permits[0].refund()
    permits[1].refund()
    one.acquire({"update": RateLimit(4, 60)}, timeout=10)

    assert loop.run_until_complete(task).waited > 0
    loop.close()


@pytest.mark.skipif(os.name == "nt", reason="the system has no such signals")
def test_interrupted_thread_burns_nothing(one: Budget) -> None:
    """Ctrl-C in line leaves the line as it was."""
    permits = use_up(one)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    main = threading.main_thread().ident
    interrupted = threading.Event()

    def interrupt() -> None:
        wait_until(lambda: one_waits(one))
        signal.pthread_kill(main, signal.SIGINT)
        while not interrupted.wait(2):  # a signal in the moment of falling asleep goes unheard
            signal.pthread_kill(main, signal.SIGINT)

    waker = threading.Thread(target=interrupt)
    waker.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            one.acquire({"update": RateLimit(4, 60)})
    finally:
        interrupted.set()
        signal.signal(signal.SIGINT, before)
    waker.join()
    permits[0].refund()

    assert not one_waits(one)
    one.acquire({"update": RateLimit(4, 60)}, timeout=0)


async def test_free_slot_is_had_at_once(shared: Budget) -> None:
    """A coroutine that comes first waits for nobody, whatever kind of store there is."""
    permit = await asyncio.wait_for(shared.acquire_async(LIMITS), 10)

    await permit.settle_async()


async def test_store_that_does_io_works_off_the_loop(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread talks to the file or the server; memory needs none."""
    store = shared._queue.store
    threads: list[threading.Thread] = []
    monkeypatch.setattr(store, "pause", lambda *_: threads.append(threading.current_thread()))
    await shared.pause_async("update", 1)

    does_io = not isinstance(store, MemoryStore)
    assert [does_io] == [thread is not threading.current_thread() for thread in threads]


async def test_full_pool_of_the_loop_holds_up_no_slot(shared: Budget) -> None:
    """Slots go back although the caller's own work fills the loop's threads; no thread is kept."""
    permits = [await shared.acquire_async(LIMITS) for _ in range(2)]
    loop, done = asyncio.get_running_loop(), threading.Event()
    pool = ThreadPoolExecutor(1)
    loop.set_default_executor(pool)
    work = loop.run_in_executor(None, done.wait)
    before = set(threading.enumerate())
    try:
        async with asyncio.timeout(5):
            await permits[0].settle_async()
            await permits[1].refund_async()
    finally:
        done.set()
        await work
    more = set(threading.enumerate()) - before
    for thread in more:
        thread.join(5)
    assert not any(thread.is_alive() for thread in more)


def test_uncontended_call_needs_no_thread(shared: Budget) -> None:
    """As long as nobody waits, no worker is started."""
    for permit in use_up(shared):
        permit.refund()

    assert not shared._queue._worker.working


def test_call_that_fails_needs_no_thread(one: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is gone fails call after call, and starts no worker for any of them."""

    def broken(*_: object) -> float:
        raise BudgetUnavailable("gone")

    monkeypatch.setattr(one._queue.store, "take", broken)
    for _ in range(3):
        with pytest.raises(BudgetUnavailable):
            one.acquire(LIMITS)

    assert not one._queue._worker.working


def test_program_ends_while_calls_wait() -> None:
    """The worker does not keep a process alive."""
    program = """
import math
from samsara_qualifications.budget import RateLimit, open_budget
from samsara_qualifications.budget.line import Waiter
budget, limits = open_budget(), {"update": RateLimit(1, 60)}
permit = budget.acquire(limits)
budget._queue.join(Waiter(limits, "interactive", 0.0, math.inf, print), ask=False)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_worker_ends_when_there_is_nothing_to_do(
    one: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread is left behind, and the next waiter starts another."""
    monkeypatch.setattr(worker, "IDLE", 0.001)
    for _ in range(2):
        permits = use_up(one, window=0.01)
        threading.Timer(0.01, permits[0].refund).start()
        permits.append(one.acquire(LIMITS))
        wait_until(lambda: not one._queue._worker.working)
        for permit in permits:
            permit.refund()


def test_worker_that_cannot_start_is_started_later(
    one: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that is out of threads for a moment fails one call, and not all later ones."""
    permits = use_up(one, window=0.01)
    limits = {"update": RateLimit(4, 0.01)}

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            one.acquire(limits)
    threading.Timer(0.01, permits[0].settle).start()

    one.acquire(limits, timeout=10)


async def test_now_or_never(shared: Budget) -> None:
    """Without time to wait, a free slot is had, and a refusal says when the next comes."""
    limits = {"update": RateLimit(4, 60)}
    for _ in range(2):
        await shared.acquire_async(limits, timeout=0)
        await asyncio.to_thread(shared.acquire, limits, timeout=0)
    waiting = asyncio.create_task(shared.acquire_async(limits))
    await asyncio.sleep(0.05)

    with pytest.raises(BudgetTimeout) as caught:
        await shared.acquire_async(limits, timeout=0)
    assert caught.value.retry_after > 30
    with pytest.raises(BudgetTimeout) as caught:
        await asyncio.to_thread(shared.acquire, limits, timeout=0)
    assert caught.value.retry_after > 30
    waiting.cancel()


@pytest.mark.parametrize("error", [BudgetUnavailable("gone"), ConfigurationError("refused")])
def test_failure_of_the_store_costs_no_answer(
    one: Budget, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """Whatever keeps the budget from being told, whoever has an answer keeps it."""

    def broken(*_: object) -> None:
        raise error

    permit = one.acquire(LIMITS)
    for name in ("settle", "pause"):
        monkeypatch.setattr(one._queue.store, name, broken)
    permit.settle()
    one.pause("update", 1)

    assert 2 == caplog.text.count(f"{error}; the budget could not be updated")


def test_failure_of_the_store_reaches_everybody(
    one: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that breaks while calls wait fails them all, and the budget lives on."""
    permits = use_up(one)
    errors: list[Exception] = []

    def call() -> None:
        try:
            one.acquire({"update": RateLimit(4, 60)})
        except BudgetUnavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(one._queue._lines["update"].all()) == 3)

    def broken(*_: object) -> float:
        raise BudgetUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(one._queue.store, "take", broken)
        one._queue.look_again()
        for thread in threads:
            thread.join()
    permits[0].refund()

    assert ["gone"] * 3 == [str(error) for error in errors]
    assert 3 == len(set(map(id, errors)))
    one.acquire({"update": RateLimit(4, 60)}, timeout=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_child_of_a_fork_has_a_budget_that_works(shared: Budget) -> None:
    """Whatever the parent's threads were doing, the child can acquire, and counts the same."""
    permits = use_up(shared)
    waiting = threading.Thread(target=shared.acquire, args=[{"update": RateLimit(4, 60)}])
    waiting.start()
    wait_until(lambda: one_waits(shared))
    child = os.fork()
    if not child:
        ok = not one_waits(shared)
        shared.acquire({"other": RateLimit(4, 60)}, timeout=5).settle()
        with contextlib.suppress(BudgetTimeout):
            shared.acquire({"update": RateLimit(4, 60)}, timeout=0)
            ok = False
        os._exit(0 if ok else 1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    permits[0].refund()
    waiting.join(timeout=10)

    assert not waiting.is_alive()


def test_import_of_the_package_names_what_is_public() -> None:
    """The budget's classes are those of its package."""
    assert budget.Budget is Budget
