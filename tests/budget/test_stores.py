"""What every store does alike, by examples."""

from __future__ import annotations

import math
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.budget.stores.store import Pause, Slot, Use
from samsara_qualifications.budget.window import LEASE, RateLimit
from tests.budget.taking import take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Clock

LIMITS = {"update": RateLimit(2, 60)}
SIX = {"update": RateLimit(6, 60)}


def test_interactive_waiter_goes_before_bulk_of_another_process(
    make_store: Callable, clock: Clock
) -> None:
    """Bulk leaves a slot that came free to whoever was refused, until that one has it."""
    store, one = make_store(clock), {"update": RateLimit(1, 60)}
    first = take(store, one)
    assert 60.0 == take(store, one)
    store.settle(first, math.inf)
    clock.now += 1

    assert 0 < take(store, one, "bulk")
    second = take(store, one)
    assert isinstance(second, Slot)
    store.settle(second, math.inf)
    clock.now += 120
    assert isinstance(take(store, one, "bulk"), Slot)


def test_all_limits_or_none(make_store: Callable, clock: Clock) -> None:
    """Where one limit refuses, no slot is taken under the others, and the refusal names it."""
    store = make_store(clock)
    both = {**LIMITS, "organization": RateLimit(1, 1)}
    assert isinstance(take(store, both), Slot)
    wait = store.take(Slot(both), "interactive")
    assert (1.0, "organization", None) == wait

    assert isinstance(take(store, LIMITS), Slot)
    assert 60.0 == take(store, LIMITS)


def test_settled_slot_comes_free_one_window_after_the_answer(
    make_store: Callable, clock: Clock
) -> None:
    """The window runs from the answer, however late the store hears of it."""
    store = make_store(clock)
    early, late = take(store, LIMITS), take(store, LIMITS)
    clock.now += 2.5
    store.settle(early, 0.0)
    clock.now += 20
    store.settle(late, 19.0)
    clock.now += 39.5

    assert 0.5 == take(store, LIMITS)
    clock.now += 0.5
    assert isinstance(take(store, LIMITS), Slot)
    assert 1.0 == take(store, LIMITS)


def test_what_is_heard_after_a_window_frees_the_slot_at_once(
    make_store: Callable, clock: Clock
) -> None:
    """A request that was answered more than a window ago counts no more."""
    store = make_store(clock)
    slots = [take(store, LIMITS) for _ in range(2)]
    clock.now += 70
    store.settle(slots[0], 65.0)

    assert isinstance(take(store, LIMITS), Slot)
    assert isinstance(take(store, LIMITS), float)


def test_slot_that_may_still_be_used_counts_from_later(make_store: Callable, clock: Clock) -> None:
    """Where no answer came, the request may arrive for a while."""
    store = make_store(clock)
    for slot in [take(store, LIMITS) for _ in range(2)]:
        store.settle(slot, -10.0)
    clock.now += 69

    assert 1.0 == take(store, LIMITS)


def test_refunded_slot_is_free_at_once(make_store: Callable, clock: Clock) -> None:
    """What was not sent costs nothing, however often the store hears of it."""
    store = make_store(clock)
    first = take(store, LIMITS)
    clock.now += 0.25
    take(store, LIMITS)
    for _ in range(2):
        store.settle(first, math.inf)

    assert isinstance(take(store, LIMITS), Slot)
    assert isinstance(take(store, LIMITS), float)


def test_slot_that_nobody_settles_comes_free(make_store: Callable, clock: Clock) -> None:
    """A caller that died holds its slot for a window after the longest exchange."""
    store = make_store(clock)
    for _ in range(2):
        take(store, LIMITS)
    clock.now += 60 + LEASE - 0.5
    assert isinstance(take(store, LIMITS), float)
    clock.now += 0.5

    assert isinstance(take(store, LIMITS), Slot)


def test_pause_stops_one_key(make_store: Callable, clock: Clock) -> None:
    """A pause holds for its key, and for no other, and the refusal says why."""
    store = make_store(clock)
    store.pause("update", 7.5)
    clock.now += 0.5
    assert (7.0, "update", Pause(7.0, 0.5, "server")) == store.take(Slot(LIMITS), "interactive")
    assert isinstance(take(store, {"read": RateLimit(5, 1)}), Slot)
    clock.now += 7

    assert isinstance(take(store, LIMITS), Slot)


@pytest.mark.parametrize("requests", [4, 100])
def test_bulk_has_half_at_once_and_the_rest_evenly(
    make_store: Callable, clock: Clock, requests: int
) -> None:
    """A push of half the limit goes out at once; then each takes as long as the limit says."""
    store, limits = make_store(clock), {"update": RateLimit(requests, 60)}
    for _ in range(requests // 2):
        store.settle(take(store, limits, "bulk"), 0.0)

    assert 30.0 == pytest.approx(take(store, limits, "bulk"))
    clock.now += 30
    assert isinstance(take(store, limits, "bulk"), Slot)


def test_bulk_leaves_slots_to_interactive_calls_of_late(make_store: Callable, clock: Clock) -> None:
    """Whoever came in the last quarter of a window is expected to come again."""
    store, limits = make_store(clock), {"update": RateLimit(20, 60)}
    for _ in range(19):
        store.settle(take(store, limits), 0.0)
    clock.now += 57

    assert 3.0 == pytest.approx(take(store, limits, "bulk"))
    assert isinstance(take(store, limits), Slot)


def test_bulk_stands_back_only_where_the_slot_is_missing(
    make_store: Callable, clock: Clock
) -> None:
    """An interactive call refused under one key keeps bulk off no other."""
    store = make_store(clock)
    wide = {"update": RateLimit(20, 60)}
    both = {**wide, "organization": RateLimit(1, 1)}
    assert isinstance(take(store, both), Slot)
    assert 1.0 == take(store, both)

    assert isinstance(take(store, wide, "bulk"), Slot)


def test_use_tells_and_changes_nothing(make_store: Callable, clock: Clock) -> None:
    """What is used, under way and paused can be read, of limits that were never used, too."""
    store = make_store(clock)
    slots = [take(store, SIX) for _ in range(3)]
    store.settle(slots[0], 0.0)
    store.pause("read", 5)
    clock.now += 1
    limits = {**SIX, "read": RateLimit(1, 1), "unknown": RateLimit(1, 1)}
    first, second = store.use(limits), store.use(limits)

    rate = pytest.approx(3 / 15 * math.exp(-1 / 15), rel=1e-5)
    assert Use(3, 2, rate, None) == first["update"] == second["update"]
    assert Use(0, 0, 0.0, Pause(4.0, 1.0, "server")) == first["read"]
    assert Use() == first["unknown"]
    clock.now += 59
    assert 2 == store.use(SIX)["update"].used
    assert isinstance(take(store, {"unknown": RateLimit(1, 1)}), Slot)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_new_log_is_told_once(request: pytest.FixtureRequest, clock: Clock, kind: str) -> None:
    """A log that others share and that knows nothing may have lost what it knew: that is said."""
    make = request.getfixturevalue(f"make_{kind}")
    options = {"clock": clock} if kind == "sqlite" else {}
    name, heard = secrets.token_hex(8), []
    store = make(name, **options)
    store.notify = lambda *news: heard.append(news)
    store.use(LIMITS)
    store.pause("update", 0)
    assert [] == heard
    assert isinstance(take(store, {**LIMITS, "read": RateLimit(1, 1)}), Slot)
    take(store, LIMITS)
    other = make(name, **options)
    other.notify = store.notify
    take(other, LIMITS)

    assert [("log_new", "'update', 'read'")] == heard


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_cold_start_that_waits(request: pytest.FixtureRequest, clock: Clock, kind: str) -> None:
    """Whoever trusts no new log lets one window pass, once, and for all who share it."""
    make = request.getfixturevalue(f"make_{kind}")
    options = {"clock": clock} if kind == "sqlite" else {}
    name = secrets.token_hex(8)
    store, trusting = make(name, wait=True, **options), make(name, **options)
    wait = store.take(Slot(LIMITS), "interactive")
    assert (60.0, Pause(60.0, 0.0, "new")) == (wait.seconds, wait.pause)
    clock.now += 20
    assert 40.0 == take(trusting, LIMITS)
    clock.now += 40

    assert isinstance(take(store, LIMITS), Slot)


def test_memory_changes_under_its_lock() -> None:
    """The time is read, and the log changed, by one thread at a time."""
    locked = []

    def clock() -> float:
        locked.append(store._lock.locked())
        return 0.0

    store = MemoryStore(clock)
    slot = take(store, LIMITS)
    store.pause("update", 1)
    store.settle(slot, 0.0)
    store.use(LIMITS)

    assert [True] * 4 == locked


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_old_state_of_a_log_is_noticed(
    request: pytest.FixtureRequest, clock: Clock, tmp_path: Path, kind: str
) -> None:
    """A backup, or a replica that lagged, does not know of the latest slots: one window passes."""
    limits, name = {"update": RateLimit(10, 60)}, secrets.token_hex(8)
    store = request.getfixturevalue(f"make_{kind}")(name, **_clock(kind, clock))
    take(store, limits)
    saved = _save(store, tmp_path)
    for _ in range(9):
        take(store, limits)
    clock.now += 1
    _restore(store, saved)
    heard = []
    store.notify = lambda *news: heard.append(news)

    assert 60.0 == take(store, limits)
    assert [("log_lost", "'update'")] == heard
    clock.now += 60
    assert isinstance(take(store, limits), Slot)


def _clock(kind: str, clock: Clock) -> dict:
    return {"clock": clock} if kind == "sqlite" else {}


def _save(store: Any, folder: Path) -> Any:
    if hasattr(store, "_cursor"):
        copy = sqlite3.connect(folder / "backup.db")
        store._cursor.connection.backup(copy)
        return copy
    keys = store._client.keys(f"{store._prefix}*")
    return {key: store._client.dump(key) for key in keys}


def _restore(store: Any, saved: Any) -> None:
    if hasattr(store, "_cursor"):
        saved.backup(store._cursor.connection)
        saved.close()
    else:
        for key, value in saved.items():
            store._client.restore(key, 0, value, replace=True)
