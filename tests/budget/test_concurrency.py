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

from samsara_qualifications.budget import Budget, RateLimit, bell, budget, dispatcher, open_budget
from samsara_qualifications.budget.lanes import Lanes
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from samsara_qualifications.budget.lanes import Waiter

WINDOW = 0.2
LIMITS = {"update": RateLimit(4, WINDOW)}
ONE = {"one": RateLimit(1, 60)}


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


def in_line(shared: Budget) -> int:
    """Return how many are in line."""
    return sum(sum(lanes.values()) for lanes in shared._dispatcher.waiting().values())


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

    class Watched(Lanes):
        def add(self, waiter: Waiter, now: float) -> bool:
            came.append(waiter)
            return super().add(waiter, now)

        def remove(self, waiter: Waiter) -> bool:
            served.append(waiter)
            return super().remove(waiter)

    monkeypatch.setattr(dispatcher, "Lanes", Watched)
    shared._dispatcher._reset()

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
    wait_until(lambda: in_line(one) == 1)  # the loop is held up: the slot is there, unheard of
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
    """A deadline that could have been met ends the wait once it is known that it is missed."""
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
        assert 0.3 - WINDOW <= caught.value.waited <= time.monotonic() - begun
    permits[0].refund()
    await first
    assert 0 == in_line(shared)


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
        wait_until(lambda: in_line(one))
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

    assert 0 == in_line(one)
    one.acquire({"update": RateLimit(4, 60)}, timeout=0)


async def test_free_slot_is_had_at_once(shared: Budget) -> None:
    """A coroutine that comes first waits for nobody, whatever kind of store there is."""
    permit = await asyncio.wait_for(shared.acquire_async(LIMITS), 10)

    await permit.settle_async()


async def test_store_that_does_io_works_off_the_loop(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread talks to the file or the server at once; memory is told before the next slot."""
    store = shared._dispatcher.store
    threads: list[threading.Thread] = []
    monkeypatch.setattr(store, "pause", lambda *_: threads.append(threading.current_thread()))
    await shared.pause_async("update", 1)
    told = len(threads)
    await shared.acquire_async(LIMITS)

    does_io = not isinstance(store, MemoryStore)
    assert int(does_io) == told
    assert [does_io] == [thread is not threading.current_thread() for thread in threads]


async def test_full_pool_of_the_loop_holds_up_no_slot(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slots go back although the caller's own work fills the loop's threads; the worker ends."""
    monkeypatch.setattr(dispatcher, "IDLE", 0.001)
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
    wait_until(lambda: not shared._dispatcher._working)
    more = set(threading.enumerate()) - before
    for thread in more:
        thread.join(5)
    assert not any(thread.is_alive() for thread in more)
    assert 2 + 1 == len([await shared.acquire_async(LIMITS, timeout=0) for _ in "123"])


def test_uncontended_call_needs_no_thread(shared: Budget) -> None:
    """As long as nobody waits, no worker is started."""
    for permit in use_up(shared):
        permit.refund()

    assert not shared._dispatcher._working


def test_call_that_fails_needs_no_thread(one: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is gone for good fails each call at once, and no worker asks it again."""

    def broken(*_: object) -> None:
        raise BudgetUnavailable("gone", lasting=True)

    monkeypatch.setattr(one._dispatcher.store, "take", broken)
    for _ in range(3):
        with pytest.raises(BudgetUnavailable):
            one.acquire(LIMITS)

    assert not one._dispatcher._working


def test_program_ends_while_calls_wait() -> None:
    """The worker does not keep a process alive."""
    program = """
import math
from samsara_qualifications.budget import RateLimit, open_budget
from samsara_qualifications.budget.lanes import Waiter
from samsara_qualifications.budget.stores.store import Slot
budget, limits = open_budget(), {"update": RateLimit(1, 60)}
permit = budget.acquire(limits)
budget._dispatcher.join(Waiter(Slot(limits), "interactive", 0.0, math.inf, print), ask=False)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_worker_ends_when_there_is_nothing_to_do(
    one: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread is left behind, and the next waiter starts another."""
    monkeypatch.setattr(dispatcher, "IDLE", 0.001)
    for _ in range(2):
        permits = use_up(one, window=0.01)
        threading.Timer(0.01, permits[0].refund).start()
        permits.append(one.acquire(LIMITS))
        wait_until(lambda: not one._dispatcher._working)
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


def test_failure_of_the_store_costs_no_answer(
    shared: Budget, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has an answer keeps it while the store is away, and the store hears of it later."""
    store, lost = shared._dispatcher.store, True
    monkeypatch.setattr(dispatcher, "AGAIN", 0.0)

    def break_off(tell: Callable[..., None]) -> Callable[..., None]:
        def broken(*arguments: object) -> None:
            if lost:
                raise BudgetUnavailable("gone")
            tell(*arguments)

        return broken

    permit = shared.acquire(ONE)
    for name in ("settle", "pause"):
        monkeypatch.setattr(store, name, break_off(getattr(store, name)))
    permit.refund()
    shared.pause("other", 60)
    shared._dispatcher.deliver()

    assert 1 == caplog.text.count("gone; what became of slots in use is told later")
    lost = False
    shared.acquire(ONE, timeout=0)
    with pytest.raises(BudgetTimeout, match="the server asked all to wait"):
        shared.acquire({"other": RateLimit(4, 60)}, timeout=0)


def test_refusal_of_the_store_costs_no_answer(
    shared: Budget, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that will not listen is told once, and whoever has an answer keeps it."""

    def refuse(*_: object) -> None:
        raise ConfigurationError("refused")

    permit = shared.acquire(LIMITS)
    for name in ("settle", "pause"):
        monkeypatch.setattr(shared._dispatcher.store, name, refuse)
    permit.settle()
    shared.pause("update", 1)
    for _ in range(2):
        shared._dispatcher.deliver()

    assert 2 == caplog.text.count("refused; ")


@pytest.mark.parametrize("lasting", [True, False])
def test_failure_of_the_store_reaches_everybody(
    one: Budget, monkeypatch: pytest.MonkeyPatch, *, lasting: bool
) -> None:
    """A store that is gone for good, or for too long, fails all who wait; the budget lives on."""
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
    wait_until(lambda: in_line(one) == 3)

    def broken(*_: object) -> None:
        raise BudgetUnavailable("gone", lasting=lasting)

    patience = 60 if lasting else 0.2
    begun = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "PATIENCE", patience)
        patch.setattr(dispatcher, "AGAIN", 0.01)
        patch.setattr(one._dispatcher.store, "take", broken)
        one._dispatcher.look_again()
        for thread in threads:
            thread.join()
    took = time.monotonic() - begun
    permits[0].refund()

    assert lasting == (took < patience)
    assert [("gone", lasting)] * 3 == [(str(error), error.lasting) for error in errors]
    assert 3 == len(set(map(id, errors)))
    one.acquire({"update": RateLimit(4, 60)}, timeout=0)


def test_outage_that_passes_reaches_nobody(shared: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in line, and those who come meanwhile, wait for the store, and have their slots."""
    store, (permit, *_) = shared._dispatcher.store, use_up(shared)
    served: list[float] = []

    def call() -> None:
        served.append(shared.acquire({"update": RateLimit(4, 60)}, timeout=300).waited)

    async def call_async() -> None:
        permit = await shared.acquire_async({"other": RateLimit(4, 60)}, timeout=30)
        served.append(permit.waited)

    asked = threading.Event()

    def broken(*_: object) -> None:
        asked.set()
        raise BudgetUnavailable("gone")

    calls = [threading.Thread(target=call)]
    calls += [threading.Thread(target=lambda: asyncio.run(call_async())) for _ in "12"]
    calls[0].start()
    wait_until(lambda: in_line(shared) == 1)
    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "AGAIN", 0.01)
        patch.setattr(store, "take", broken)
        shared._dispatcher.look_again()
        assert asked.wait(10)
        for thread in calls[1:]:
            thread.start()
        wait_until(lambda: in_line(shared) == 3)
        permit.refund()
    for thread in calls:
        thread.join(10)

    assert 3 == len(served)
    assert shared._dispatcher.outage is None


async def test_deadline_in_an_outage_ends_the_wait(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can wait no longer hears why there is no slot, at the deadline and not before."""

    def broken(*_: object) -> None:
        raise BudgetUnavailable("gone")

    monkeypatch.setattr(shared._dispatcher.store, "take", broken)
    for timeout in (0, 0.2):
        for attempt in (
            asyncio.to_thread(shared.acquire, LIMITS, timeout=timeout),
            shared.acquire_async(LIMITS, timeout=timeout),
        ):
            begun = time.monotonic()
            with pytest.raises(BudgetUnavailable, match="gone"):
                await attempt
            assert timeout <= time.monotonic() - begun < dispatcher.PATIENCE / 2
    assert 0 == in_line(shared)


async def test_debt_that_is_paid_at_once_holds_up_no_task(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may tell the store before the task that owes it begins to wait for that."""

    class SlowBell(bell.Bell):
        def __init__(self) -> None:
            super().__init__()
            other = threading.Thread(target=shared._dispatcher.deliver)
            other.start()
            other.join()

    permit = await shared.acquire_async(LIMITS)
    monkeypatch.setattr(bell, "Bell", SlowBell)
    await asyncio.wait_for(permit.settle_async(), 5)
    await asyncio.wait_for(shared.pause_async("update", 0.01), 5)


def test_permit_that_is_collected_at_any_moment_disturbs_nobody(one: Budget) -> None:
    """The collector may run while the store is told of others, and find a permit in a cycle."""
    thresholds = gc.get_threshold()
    try:
        for more in range(40):
            gc.collect()
            gc.disable()
            permits = [one.acquire({"update": RateLimit(10_000, 60)}) for _ in range(30)]
            cycle = [permits.pop()]
            cycle.append(cycle)
            for permit in permits:
                permit.settle()
            del permits, permit, cycle
            gc.set_threshold(gc.get_count()[0] + more, *thresholds[1:])
            gc.enable()
            one._dispatcher.deliver()
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()


async def test_settling_without_threads_costs_no_answer(
    shared: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that is out of threads, or a program that ends, settles all the same."""
    monkeypatch.setattr(dispatcher, "IDLE", 0.001)
    permit = await shared.acquire_async(ONE)
    wait_until(lambda: not shared._dispatcher._working)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        await asyncio.wait_for(permit.refund_async(), 5)

    shared.acquire(ONE, timeout=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_child_of_a_fork_has_a_budget_that_works(shared: Budget) -> None:
    """Whatever the parent's threads were doing, the child can acquire, and counts the same."""
    permits = use_up(shared)
    waiting = threading.Thread(target=shared.acquire, args=[{"update": RateLimit(4, 60)}])
    waiting.start()
    wait_until(lambda: in_line(shared))
    child = os.fork()
    if not child:
        ok = 0 == in_line(shared)
        shared.acquire({"other": RateLimit(4, 60)}, timeout=5).settle()
        with contextlib.suppress(BudgetTimeout):
            shared.acquire({"update": RateLimit(4, 60)}, timeout=0)
            ok = False
        os._exit(0 if ok else 1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    permits[0].refund()
    waiting.join(timeout=10)

    assert not waiting.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
async def test_child_of_a_fork_can_cancel_what_waited(one: Budget) -> None:
    """A task that waited in the parent's line can be ended in the child, which has another."""
    use_up(one)
    call = one.acquire_async({"update": RateLimit(4, 60)})
    call.send(None)  # it is in line
    child = os.fork()
    if not child:
        code = 1
        try:
            call.close()
            code = 0
        finally:
            os._exit(code)
    call.close()
    _, status = await asyncio.to_thread(os.waitpid, child, 0)

    assert 0 == os.waitstatus_to_exitcode(status)


def test_import_of_the_package_names_what_is_public() -> None:
    """The budget's classes are those of its package."""
    assert budget.Budget is Budget
