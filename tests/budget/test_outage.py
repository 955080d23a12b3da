"""Going on alone while the store is lost, and coming back."""

from __future__ import annotations

import math
import secrets
import threading
import time
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget import Budget, RateLimit, dispatcher, open_budget
from samsara_qualifications.budget.lanes import Waiter
from samsara_qualifications.budget.permit import LATE, Permit
from samsara_qualifications.budget.stores.fallback import LocalFallback
from samsara_qualifications.budget.stores.sqlite import SqliteStore
from samsara_qualifications.budget.stores.store import Slot
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable
from tests.budget.taking import take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Clock

    from samsara_qualifications.budget.stores.store import Wait

LIMITS = {"update": RateLimit(10, 60)}


class Flaky(SqliteStore):
    """A store that can be lost."""

    lost = False

    def __getattribute__(self, name: str) -> Callable:
        """Refuse every operation while the store is lost."""
        if name in {"take", "settle", "pause", "use"} and self.lost:
            raise BudgetUnavailable("gone")
        return super().__getattribute__(name)


@pytest.fixture
def shared(tmp_path: Path, clock: Clock) -> Iterator[Flaky]:
    """Return the store that two processes share."""
    store = Flaky(tmp_path / "budget.db", "a", clock=clock)
    yield store
    store.close()


@pytest.fixture
def alone(shared: Flaky, clock: Clock) -> LocalFallback:
    """Return one process's fallback, for a fifth of the limit."""
    return LocalFallback(shared, 0.2, clock)


def take_all(store: LocalFallback | Flaky) -> list[Slot]:
    """Take slots until one is refused."""
    slots = []
    while isinstance(taken := take(store, LIMITS), Slot):
        slots.append(taken)
    return slots


def lose(shared: Flaky, store: LocalFallback, clock: Clock) -> None:
    """Lose the store, and let the window of silence pass."""
    shared.lost = True
    assert [] == take_all(store)
    clock.now += 60


def test_first_waits_out_a_window(alone: LocalFallback, shared: Flaky, clock: Clock) -> None:
    """What the others sent before is unknown, so nothing is sent for one window."""
    shared.lost = True
    assert 60.0 == take(alone, LIMITS)
    clock.now += 59
    assert 1.0 == take(alone, LIMITS)
    clock.now += 1

    assert 2 == len(take_all(alone))


def test_first_waits_out_the_longest_window(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """The slowest limit says how long the others' use may matter."""
    shared.lost = True

    assert 60.0 == take(alone, {**LIMITS, "organization": RateLimit(5, 1)})


def test_share_comes_free_one_window_after_the_answers(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """A long outage is lived through window by window."""
    shared.lost = True
    take_all(alone)
    for _ in range(3):
        clock.now += 60
        slots = take_all(alone)
        assert 2 == len(slots)
        for slot in slots:
            with pytest.raises(BudgetUnavailable):  # the others are yet to hear of it
                alone.settle(slot, 0.0)


async def test_loop_does_not_wait_for_a_lost_store(
    alone: LocalFallback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call asks the store first, and so leaves the event loop."""
    threads: list[threading.Thread] = []
    monkeypatch.setattr(alone, "pause", lambda *_: threads.append(threading.current_thread()))
    await Budget(alone).pause_async("update", 1)

    assert 1 == len(threads)
    assert threads[0] is not threading.current_thread()


def test_one_thread_at_a_time_goes_on_alone(shared: Flaky) -> None:
    """Since when the store is lost, and what was sent alone, is noted under a lock."""
    locked = []

    def clock() -> float:
        locked.append(store._lock.locked())
        return 0.0

    store = LocalFallback(shared, 0.2, clock)
    shared.lost = True
    take(store, LIMITS)

    assert [True] == locked


def test_share_is_one_request_at_least(shared: Flaky, clock: Clock) -> None:
    """A share of less than one request would stop everything."""
    store = LocalFallback(shared, 0.01, clock)
    lose(shared, store, clock)

    assert 1 == len(take_all(store))


def test_glitch_costs_nothing(alone: LocalFallback, shared: Flaky) -> None:
    """A store that is back before anything was sent alone goes on as it was."""
    shared.lost = True
    take(alone, LIMITS)
    shared.lost = False

    assert 10 == len(take_all(alone))


def test_comes_back_after_a_window_for_all(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """What was sent alone is unknown to the others, so all wait for one window."""
    lose(shared, alone, clock)
    sent, unsent, under_way = *take_all(alone), None
    for slot, ago in ((sent, 0.0), (unsent, math.inf)):
        with pytest.raises(BudgetUnavailable):  # the others are yet to hear of it
            alone.settle(slot, ago)
    (under_way,) = take_all(alone)
    clock.now += 1
    shared.lost = False

    assert 60.0 == take(alone, LIMITS)
    wait = shared.take(Slot(LIMITS), "interactive")
    assert (60.0, "alone") == (wait.seconds, wait.pause.why)
    clock.now += 5
    alone.settle(under_way, 0.0)
    clock.now += 55
    assert 9 == len(take_all(alone))  # the late answer's slot counts from when it came


def test_every_limit_that_was_used_alone_is_waited_out(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """Coming back under one key does not forget what was sent under another."""
    reads = {"read": RateLimit(10, 60)}
    lose(shared, alone, clock)
    for limits in (LIMITS, reads):
        assert isinstance(take(alone, limits), Slot)
    shared.lost = False

    assert 60.0 == take(alone, reads)
    assert 60.0 == take(shared, LIMITS)


def test_late_answers_count_one_by_one(
    make_redis: Callable, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slots taken alone, whose answers come when the store is back, are as many slots there."""
    store = make_redis(secrets.token_hex(8))
    alone = LocalFallback(store, 0.2, clock)

    def lost(*_: object) -> Slot:
        raise BudgetUnavailable("gone")

    with monkeypatch.context() as outage:
        outage.setattr(store, "take", lost)
        take_all(alone)
        clock.now += 60
        slots = take_all(alone)
    assert 60.0 == take(alone, LIMITS)
    clock.now += 30
    for slot in slots:
        alone.settle(slot, 0.0)
    clock.now += 30

    assert 10 - len(slots) == len(take_all(alone))


def test_slot_of_the_store_is_refunded_there(alone: LocalFallback, shared: Flaky) -> None:
    """As long as the store answers, it keeps the slots."""
    (first, *_) = take_all(alone)
    alone.settle(first, math.inf)

    assert isinstance(take(shared, LIMITS), Slot)


def test_second_outage_waits_again(alone: LocalFallback, shared: Flaky, clock: Clock) -> None:
    """Each loss of the store begins with a window of silence."""
    shared.lost = True
    take_all(alone)
    shared.lost = False
    slots = take_all(alone)
    clock.now += 100
    shared.lost = True

    assert 60.0 == take(alone, LIMITS)
    with pytest.raises(BudgetUnavailable):
        alone.settle(slots[0], 0.0)


def test_pause_holds_here_at_least(alone: LocalFallback, shared: Flaky, clock: Clock) -> None:
    """A 429 that comes while the store is lost still stops this process."""
    lose(shared, alone, clock)
    with pytest.raises(BudgetUnavailable):
        alone.pause("update", 7)

    assert 7.0 == take(alone, LIMITS)


def test_outage_in_the_budget(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`on_outage="local"` waits where `"fail"` raises, once it has lost its patience."""
    monkeypatch.setattr(dispatcher, "PATIENCE", 0.2)
    monkeypatch.setattr(dispatcher, "AGAIN", 0.01)
    begun = time.monotonic()
    name = secrets.token_hex(8)
    url = f"redis://127.0.0.1:{free_port}/0?name={name}"
    with pytest.raises(BudgetUnavailable):
        open_budget(url).acquire(LIMITS)
    assert 0.2 <= time.monotonic() - begun < 5
    local = open_budget(url, on_outage="local")
    with pytest.raises(BudgetTimeout, match=r"(60\.000|59\.\d+) s"):
        local.acquire(LIMITS, timeout=1)
    local.close()


def test_lost_permits_and_forks_reach_both(
    alone: LocalFallback, shared: Flaky, clock: Clock, stepped: Callable
) -> None:
    """A collected permit settles where its slot is, in time; both stores go on after a fork."""
    line = stepped(alone)
    Permit(line, take_all(alone)[0], 0.0)
    line.deliver()
    assert 0 == alone._local.use(LIMITS)["update"].used
    clock.now += 60 + LATE
    assert 1 == len(take_all(shared))

    lose(shared, alone, clock)
    collected, _ = take_all(alone)
    Permit(line, collected, 0.0)
    line.deliver()
    alone.before_fork()
    alone.after_fork(child=True)
    clock.now += 60

    assert [] == take_all(alone)
    clock.now += LATE
    assert 1 == len(take_all(alone))


def test_late_answer_that_is_told_again_counts_once(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """Whoever answered while the store was lost for a moment is one request, here and there."""
    lose(shared, alone, clock)
    late, _ = take_all(alone)
    shared.lost = False
    assert 60.0 == take(alone, LIMITS)
    shared.lost = True
    for _ in "12":
        with pytest.raises(BudgetUnavailable):
            alone.settle(late, 0.0)
    shared.lost = False
    alone.settle(late, 0.0)

    assert 1 == shared.use(LIMITS)["update"].used
    assert 2 == alone._local.use(LIMITS)["update"].used


def test_going_alone_and_coming_back_are_told(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """Whoever listens hears of each once, with what this process does now."""
    budget, events = Budget(alone), []
    take_all(alone)
    budget.listen(events.append)
    budget.listen(events.append)
    for _ in "12":
        lose(shared, alone, clock)
        take_all(alone)
        shared.lost = False
        take_all(alone)

    assert ["alone", "recovered"] * 2 == [event.kind for event in events]
    assert "gone; this process waits 60 s, and then goes on alone with 20%" in events[0].text
    assert f"{shared.title} answers again" == events[1].text


def test_store_that_is_long_in_failing_fails_those_in_line(
    shared: Flaky, clock: Clock, monkeypatch: pytest.MonkeyPatch, stepped: Callable
) -> None:
    """Patience ends although each question outlasts it, as where a name is looked up in vain."""

    def fail(*_: object) -> None:
        clock.now += 2 * dispatcher.PATIENCE
        raise BudgetUnavailable("gone")

    monkeypatch.setattr(shared, "take", fail)
    line = stepped(shared)
    waiter = Waiter(Slot(LIMITS), "interactive", clock.now, math.inf, lambda: None)
    line.join(waiter, ask=False)
    for _ in range(5):
        line.serve()

    assert "gone" == str(waiter.outcome)


def test_spending_of_another_thread_is_remembered(
    alone: LocalFallback, shared: Flaky, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one thread sends alone while another finds the store back still holds up all."""
    lose(shared, alone, clock)
    shared.lost = False

    def take_while_another_finds_it_lost(*args: object) -> Wait | None:
        monkeypatch.undo()
        shared.lost = True
        assert isinstance(take(alone, LIMITS), Slot)
        shared.lost = False
        return shared.take(*args)

    monkeypatch.setattr(shared, "take", take_while_another_finds_it_lost)
    assert isinstance(take(alone, LIMITS), Slot)

    assert 60.0 == take(alone, LIMITS)
    assert 60.0 == take(shared, LIMITS)


def test_what_was_sent_alone_is_told_without_another_call(
    alone: LocalFallback, shared: Flaky, clock: Clock
) -> None:
    """A process that goes idle, or ends, after going alone lets the others know all the same."""
    budget = Budget(alone)
    budget._dispatcher.clock = clock
    shared.lost = True
    take(alone, LIMITS)
    clock.now += 60
    slot = Slot(LIMITS)
    assert alone.take(slot, "interactive") is None
    budget._dispatcher.owe(slot, clock.now)
    budget._dispatcher.deliver()
    shared.lost = False
    clock.now += 1
    budget.close()

    assert 60.0 == take(shared, LIMITS)


def test_slot_that_the_store_granted_unheard_is_refunded(
    alone: LocalFallback, shared: Flaky, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going alone afterwards does not make anybody forget it."""
    granted = Slot(LIMITS)

    def lose_the_answer(slot: Slot, lane: str) -> None:
        monkeypatch.undo()
        shared.take(slot, lane)
        raise BudgetUnavailable("gone")

    monkeypatch.setattr(shared, "take", lose_the_answer)
    assert alone.take(granted, "interactive") is not None
    alone.settle(granted, math.inf)

    assert 0 == shared.use(LIMITS)["update"].used
