"""A person is never behind a machine: single calls beside endless bulk, on a clock set by hand."""

from __future__ import annotations

import heapq
import itertools
import math
import random
import statistics
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget.lanes import Waiter
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.budget.stores.store import Slot
from samsara_qualifications.budget.window import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

    from samsara_qualifications.budget.dispatcher import Dispatcher
    from samsara_qualifications.budget.window import Lane

LIMIT = RateLimit(100, 60)
STEP = LIMIT.window_seconds / LIMIT.requests
ROUND = (0.05, 0.4)  # seconds that a request is under way, from and to
WARM = 130.0  # seconds of bulk alone, before others come
SETTLED = 15.0  # seconds after that from which on waits are bounded
END = 600.0
POSSIBLE = (END - WARM) / (LIMIT.window_seconds + sum(ROUND) / 2) * LIMIT.requests


@dataclass
class World:
    """Bulk without end, and interactive calls as they are told to come."""

    dispatcher: Dispatcher
    clock: Clock
    waits: list[tuple[float, float]] = field(default_factory=list)  # interactive: when, how long
    bulk: list[float] = field(default_factory=list)
    pushed: int = 10**9  # how many bulk calls there are

    def run(self, arrivals: list[float], end: float = END) -> World:
        """Let calls come at these times, and everything go on until the end."""
        self.start, self.dice = self.clock.now, random.Random(1)  # noqa: S311  no secret
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.count = itertools.count()
        self.now = 0.0
        for at in arrivals:
            self.later(at, partial(self.join, "interactive"))
        for _ in range(min(self.pushed, 3)):
            self.join("bulk")
        while self.now < end:
            self.clock.now = self.start + self.now
            while self.events and self.events[0][0] <= self.now:
                heapq.heappop(self.events)[2]()
            wait = self.dispatcher.serve()
            look = math.inf if wait is None else self.now + max(wait, 1e-6)
            self.now = min([look] + [at for at, *_ in self.events[:1]])
        return self

    def later(self, at: float, event: Callable[[], None]) -> None:
        """Schedule an event, this many seconds after the start."""
        heapq.heappush(self.events, (at, next(self.count), event))

    def join(self, lane: Lane) -> None:
        """Let a call get in line; when it is served, it is sent, and another bulk call follows."""
        waiter = Waiter(Slot({"update": LIMIT}), lane, self.now, math.inf, lambda: None)
        waiter.wake = partial(self.serve, waiter)
        self.dispatcher.join(waiter, ask=False)

    def serve(self, waiter: Waiter) -> None:
        """Let a call have its slot."""
        self.later(self.now + self.dice.uniform(*ROUND), partial(self.settle, waiter.slot))
        if waiter.lane == "interactive":
            self.waits.append((waiter.since, self.now - waiter.since))
        else:
            self.bulk.append(self.now)
            if len(self.bulk) + 2 < self.pushed:
                self.later(self.now, partial(self.join, "bulk"))

    def settle(self, slot: Slot) -> None:
        """Let a request be answered."""
        self.dispatcher.owe(slot, self.clock.now)


@pytest.fixture
def world(stepped: Callable[[], Dispatcher], clock: Clock) -> World:
    """Return an idle budget of 100 requests a minute."""
    return World(stepped(), clock)


def by_chance(rate: float, seed: int = 3) -> list[float]:
    """Return when calls come that come so often a second, each by chance."""
    dice, at, found = random.Random(seed), WARM, []  # noqa: S311  the same
    while (at := at + dice.expovariate(rate)) < END:
        found.append(at)
    return found


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_single_calls_find_a_slot_beside_bulk(
    stepped: Callable[[], Dispatcher], clock: Clock, rate: float
) -> None:
    """At any demand up to half of the limit; bulk has nearly all of the rest."""
    waits: list[float] = []
    used: list[float] = []
    for seed in range(20):
        world = World(stepped(MemoryStore(clock)), clock)
        world.run(by_chance(rate, seed))
        waits += [wait for at, wait in world.waits if at > WARM + SETTLED]
        bulk = sum(at > WARM for at in world.bulk)
        used.append(bulk / (POSSIBLE - len(world.waits)))
    cuts = statistics.quantiles(waits, n=100)

    assert cuts[94] <= 0.5
    assert cuts[98] <= 2.0
    assert statistics.mean(used) >= 0.96
    assert max(used) <= 1.0


def test_bulk_alone_uses_everything(world: World) -> None:
    """Nothing is kept for those who do not come."""
    world.run([])

    assert sum(at > WARM for at in world.bulk) >= 0.99 * POSSIBLE


@pytest.mark.parametrize("count", [1, 5, 20, 50, 100])
def test_crowd_that_nobody_expected_waits_as_the_limit_says(world: World, count: int) -> None:
    """Once bulk is evenly spread, the k-th call of a sudden crowd waits for k steps at most."""
    world.run([WARM + 30.0] * count, end=WARM + 100)
    waits = sorted(wait for _, wait in world.waits)

    assert count == len(waits)
    assert all(wait <= k * STEP + ROUND[1] for k, wait in enumerate(waits, 1))


@pytest.mark.parametrize("count", [1, 10, 40])
def test_crowd_right_after_a_push_waits_twice_as_long_at_most(world: World, count: int) -> None:
    """What bulk has left after a push of half a window lasts at half of the limit."""
    world.run([20.0] * count, end=100)

    assert all(wait <= 2 * k * STEP for k, (_, wait) in enumerate(sorted(world.waits), 1))


@pytest.mark.parametrize(("count", "seconds"), [(50, 0.0), (100, 60.0), (480, 290.0)])
def test_push_on_an_idle_budget(world: World, count: int, seconds: float) -> None:
    """Half a window goes out at once; the rest is evenly spread."""
    world.pushed = count
    world.run([], end=400)

    assert count == len(world.bulk)
    assert world.bulk[-1] <= seconds
