"""What holds for every schedule of calls, delays, cancellations, deaths and pauses."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsara_qualifications.budget.lanes import Waiter
from samsara_qualifications.budget.permit import LATE, Permit
from samsara_qualifications.budget.stores.store import Slot
from samsara_qualifications.budget.window import LEASE, Lane, RateLimit
from samsara_qualifications.errors import BudgetTimeout
from tests.budget.taking import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

    from samsara_qualifications.budget.dispatcher import Dispatcher

EXAMPLES = {"memory": 200, "sqlite": 60, "redis": 25}
seconds = st.integers(0, 24 * 8).map(lambda eighths: eighths / 8)  # exact in binary
LOST = {"given up", "collected"}
short = st.integers(0, 4 * 8).map(lambda eighths: eighths / 8)


@dataclass(frozen=True)
class Call:
    """
    One call: when it comes, what it is, and what becomes of its request.

    An answer comes `back` seconds after the request has arrived. A call gives up, or is collected,
    `back` seconds after it was sent; its request arrives within `LATE` seconds of that. Nobody is
    told of a call whose process died; its request arrives while the lease lasts.
    """

    at: float
    process: int
    lane: Lane
    timeout: float
    cancelled_after: float
    out: float
    back: float
    fate: Literal["answered", "given up", "collected", "died", "never sent"]

    @property
    def delay(self) -> float:
        """Return the seconds from sending the request to its arrival."""
        return min(self.out, self.back + LATE) if self.fate in LOST else self.out

    @property
    def lasts(self) -> float:
        """Return the seconds from sending the request to the end of the call."""
        return self.back if self.fate in LOST else self.out + self.back


calls = st.builds(
    Call,
    at=short | seconds,
    process=st.integers(0, 1),
    lane=st.sampled_from(["interactive", "bulk"]),
    timeout=st.just(math.inf) | st.just(math.inf) | seconds,
    cancelled_after=st.just(math.inf) | st.just(math.inf) | short,
    out=short | short | short | st.just(LATE) | st.just(LEASE),
    back=short,
    fate=st.sampled_from(["answered"] * 4 + ["given up", "collected", "never sent", "died"]),
)
pauses = st.tuples(seconds, short)


@dataclass
class World:
    """A clock, two processes before one store, and the server that counts what arrives."""

    clock: Callable[[], float]
    dispatchers: list[Dispatcher]
    limits: dict[str, RateLimit]
    arrivals: list[float] = field(default_factory=list)
    outcomes: dict[Call, list[object]] = field(default_factory=lambda: defaultdict(list))
    grants: list[tuple[int, Call]] = field(default_factory=list)
    waiting: dict[int, tuple[Call, Waiter]] = field(default_factory=dict)
    permits: dict[int, Permit] = field(default_factory=dict)
    paused: float = -math.inf

    def run(self, schedule: list[Call], pauses: list[tuple[float, float]]) -> None:
        """Play everything to its end."""
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.start = self.clock.now
        for number, call in enumerate(sorted(schedule, key=lambda call: call.at)):
            self.later(call.at, partial(self.join, number, call))
        for at, length in pauses:
            self.later(at, partial(self.pause, length))
        look = math.inf
        while self.events or look < math.inf:
            if self.events and self.events[0][0] <= look:
                self.clock.now, _, event = heapq.heappop(self.events)
                event()
            else:
                self.clock.now = look
            waits = [wait for it in self.dispatchers if (wait := it.serve()) is not None]
            look = self.clock.now + min(waits, default=math.inf)
            assert self.clock.now - self.start < 10_000, "somebody starves"

    def later(self, at: float, event: Callable[[], None]) -> None:
        """Schedule an event, this many seconds after the start."""
        heapq.heappush(self.events, (self.start + at, next(self.order), event))

    def later_from_now(self, delay: float, event: Callable[[], None]) -> None:
        """Schedule an event, this many seconds from now."""
        self.later(self.clock.now - self.start + delay, event)

    def join(self, number: int, call: Call) -> None:
        """Let a call begin."""
        now = self.clock.now
        slot, end = Slot(self.limits), partial(self.end, number)
        waiter = Waiter(slot, call.lane, now, now + call.timeout, end)
        self.waiting[number] = call, waiter
        self.dispatchers[call.process].join(waiter, ask=False)
        if waiter.outcome is not None:  # refused: others come first
            self.end(number)
        for patience in (call.timeout, call.cancelled_after):
            if patience < math.inf:
                self.later_from_now(patience, partial(self.leave, number))

    def leave(self, number: int) -> None:
        """Let a call give up, if it still waits."""
        if number in self.waiting:
            call, waiter = self.waiting.pop(number)
            self.dispatchers[call.process].leave(waiter)

    def end(self, number: int) -> None:
        """Take note of a call's outcome, and let its request take its course."""
        now, (call, waiter) = self.clock.now, self.waiting.pop(number)
        if isinstance(waiter.outcome, BudgetTimeout):
            assert call.timeout < math.inf
            return
        assert waiter.slot is waiter.outcome
        assert now >= self.paused
        assert now <= waiter.deadline
        self.grants.append((number, call))
        if call.lane == "bulk":
            peers = [other for other, _ in self.waiting.values() if other.process == call.process]
            assert "interactive" not in {peer.lane for peer in peers}
        permit = Permit(self.dispatchers[call.process], waiter.slot, now - waiter.since)
        self.permits[number] = permit
        if call.fate == "never sent":
            self.finish(number, call)
        else:
            self.arrivals.append(now + call.delay)
            self.later_from_now(call.lasts, partial(self.finish, number, call))

    def finish(self, number: int, call: Call) -> None:
        """Let a call end: the budget hears of it, unless its process died."""
        permit = self.permits.pop(number)
        match call.fate:
            case "never sent":
                permit.refund()
            case "died":
                permit._slot = None
            case "collected":
                del permit
            case _:
                permit.settle(answered=call.fate == "answered")

    def pause(self, length: float) -> None:
        """Let the server answer 429."""
        self.paused = max(self.paused, self.clock.now + length)
        self.dispatchers[0].owe_pause("update", length)
        self.dispatchers[0].pay()


@pytest.mark.parametrize("make_store", EXAMPLES, indirect=True)
def test_every_schedule_is_safe_fair_and_ends(
    make_store: Callable, stepped: Callable, clock: Clock, request: pytest.FixtureRequest
) -> None:
    """No window holds more than the limit, lanes are in order, nobody starves, nothing leaks."""
    kind = request.node.callspec.params["make_store"]

    @settings(
        max_examples=EXAMPLES[kind],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        requests=st.integers(1, 3),
        window=st.sampled_from([2.0, 8.0]),
        schedule=st.lists(calls, min_size=8, max_size=30),
        pauses=st.lists(pauses, max_size=3),
    )
    def check(
        requests: int, window: float, schedule: list[Call], pauses: list[tuple[float, float]]
    ) -> None:
        limits = {"update": RateLimit(requests, window), "organization": RateLimit(5, 1.0)}
        store = make_store(clock)
        world = World(clock, [stepped(store), stepped(store)], limits)
        world.run(schedule, pauses)

        for limit in limits.values():
            arrivals = sorted(world.arrivals)
            spans = [b - a for a, b in zip(arrivals, arrivals[limit.requests :], strict=False)]
            assert all(span >= limit.window_seconds for span in spans)
        for process, lane in itertools.product((0, 1), ("interactive", "bulk")):
            order = [n for n, call in world.grants if (call.process, call.lane) == (process, lane)]
            assert sorted(order) == order
        assert {} == world.waiting
        for dispatcher in world.dispatchers:
            dispatcher.deliver()
            assert not dispatcher._owed
        clock.now += 1000
        for _ in range(requests):
            assert isinstance(take(store, {"update": limits["update"]}), Slot)
        assert not isinstance(take(store, {"update": limits["update"]}), Slot)

    check()
