"""What every store does alike, by examples."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget.memory import MemoryStore
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import LEASE, RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

LIMITS = {"update": RateLimit(2, 60)}


def test_interactive_waiter_goes_before_bulk_of_another_process(
    make_store: Callable, clock: Clock
) -> None:
    """Bulk leaves a slot that came free to whoever was refused, until that one has it."""
    store = make_store(clock)
    slots = [store.take(LIMITS, "interactive") for _ in range(2)]
    assert 60.0 == store.take(LIMITS, "interactive")
    store.refund(slots[0])

    assert 0 < store.take(LIMITS, "bulk") < 1.2
    slots.append(store.take(LIMITS, "interactive"))
    store.refund(slots[1])
    clock.now += 0.1
    assert isinstance(store.take(LIMITS, "bulk"), Slot)


def test_all_limits_or_none(make_store: Callable, clock: Clock) -> None:
    """Where one limit refuses, no slot is taken under the others."""
    store = make_store(clock)
    both = {**LIMITS, "organization": RateLimit(1, 1)}
    assert isinstance(store.take(both, "interactive"), Slot)
    assert 1.0 == store.take(both, "interactive")

    assert isinstance(store.take(LIMITS, "interactive"), Slot)
    assert 60.0 == store.take(LIMITS, "interactive")


def test_settled_slot_comes_free_one_window_after_the_answer(
    make_store: Callable, clock: Clock
) -> None:
    """The window runs from the answer."""
    store = make_store(clock)
    slots = [store.take(LIMITS, "interactive") for _ in range(2)]
    clock.now += 2.5
    store.settle(slots[0])
    clock.now += 59.5

    assert 0.5 == store.take(LIMITS, "interactive")
    clock.now += 0.5
    assert isinstance(store.take(LIMITS, "interactive"), Slot)
    assert isinstance(store.take(LIMITS, "interactive"), float)


def test_slot_that_nobody_settles_comes_free(make_store: Callable, clock: Clock) -> None:
    """A caller that died holds its slot for a window after the longest exchange."""
    store = make_store(clock)
    for _ in range(2):
        store.take(LIMITS, "interactive")
    clock.now += 60 + LEASE - 0.5
    assert isinstance(store.take(LIMITS, "interactive"), float)
    clock.now += 0.5

    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_memory_is_told_from_within_a_take(clock: Clock) -> None:
    """A finaliser that runs in the middle of a call gives its slots back, and stops nobody."""
    store = MemoryStore(clock)
    slots = [store.take(LIMITS, "interactive") for _ in range(2)]

    def give_back() -> None:
        with store._lock:
            store.settle(slots[0])
            store.refund(slots[1])

    thread = threading.Thread(target=give_back, daemon=True)
    thread.start()
    thread.join(5)

    assert not thread.is_alive()
    assert isinstance(store.take(LIMITS, "interactive"), Slot)
    assert 60.0 == store.take(LIMITS, "interactive")


def test_pause_stops_one_key(make_store: Callable, clock: Clock) -> None:
    """A pause holds for its key, and for no other."""
    store = make_store(clock)
    store.pause("update", 7.5)

    assert 7.5 == store.take(LIMITS, "interactive")
    assert isinstance(store.take({"read": RateLimit(5, 1)}, "interactive"), Slot)
    clock.now += 7.5
    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_bulk_makes_free_slots_last(make_store: Callable, clock: Clock) -> None:
    """Paced bulk looks ahead to the fourth slot that comes free, and spreads out till then."""
    store = make_store(clock)
    limits = {"update": RateLimit(6, 60)}

    def take(lane: str) -> None:
        slot = store.take(limits, lane)
        assert isinstance(slot, Slot)
        store.settle(slot)

    for _ in range(3):
        take("interactive")
    clock.now += 50
    take("interactive")
    store.pause("update", 1)
    assert 1.0 == store.take(limits, "bulk")
    clock.now += 1
    take("bulk")

    # One slot is free, three come free in 9 s, and the next in 59 s: five turns until then.
    assert 59 / 5 == pytest.approx(store.take(limits, "bulk"))


@pytest.mark.parametrize(
    ("interactive", "step"),
    [
        pytest.param([(4, 50), (1, 0)], 10.0, id="no further than the fourth slot"),
        pytest.param([(5, 59)], 9.0, id="no step shorter than 0.9 of window/limit"),
    ],
)
def test_bulk_step(
    make_store: Callable, clock: Clock, interactive: list[tuple[int, float]], step: float
) -> None:
    """A slot far off does not slow bulk down, and slots near by do not let it rush."""
    store = make_store(clock)
    limits = {"update": RateLimit(6, 60)}
    for calls, seconds in interactive:
        for _ in range(calls):
            store.settle(store.take(limits, "interactive"))
        clock.now += seconds
    store.settle(store.take(limits, "bulk"))

    assert step == pytest.approx(store.take(limits, "bulk"))


def test_repeated_pauses_halve_the_bulk_pace(make_store: Callable, clock: Clock) -> None:
    """Three pauses, half a minute apart, leave two strikes: every step takes twice as long."""
    store = make_store(clock)
    limits = {"update": RateLimit(6, 60)}
    for seconds in (30, 30, 0):
        store.pause("update", 0)
        clock.now += seconds
    store.settle(store.take(limits, "bulk"))

    # Five slots are free until the next in 60 s: six turns of 10 s, each taken twice.
    assert 20.0 == pytest.approx(store.take(limits, "bulk"))


def test_bulk_stands_back_only_where_the_slot_is_missing(
    make_store: Callable, clock: Clock
) -> None:
    """An interactive call refused under one key keeps bulk off no other."""
    store = make_store(clock)
    wide = {"update": RateLimit(6, 60)}
    both = {**wide, "organization": RateLimit(1, 1)}
    assert isinstance(store.take(both, "interactive"), Slot)
    assert 1.0 == store.take(both, "interactive")

    assert isinstance(store.take(wide, "bulk"), Slot)


def test_memory_changes_under_its_lock() -> None:
    """The time is read, and the log changed, by one thread at a time."""
    locked = []

    def clock() -> float:
        locked.append(store._lock.locked())
        return 0.0

    store = MemoryStore(clock)
    store.take(LIMITS, "interactive")
    store.pause("update", 1)

    assert [True, True] == locked
