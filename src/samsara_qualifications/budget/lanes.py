"""Who waits under one key, and who comes next: interactive before bulk, each as they came."""

from __future__ import annotations

import heapq
import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..errors import BudgetTimeout
from .stores.store import PAUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .stores.store import Slot, Wait
    from .window import Lane


SPARE = 100  # entries of those who have gone that a heap may hold, and as many as wait


@dataclass(slots=True, eq=False)
class Waiter:
    """
    One call in line.

    Args:
        slot: The slot that it waits for.
        lane: The lane to wait in.
        since: When the call began, on the dispatcher's clock.
        deadline: When it gives up.
        wake: Called when `outcome` is there, from any thread.

    Attributes:
        asking: Whether the caller asks the store itself, at this moment.
        expected: The earliest time for its slot, once the store was asked for it.
        wait: What the store said then.
        unsure: Whether the store may have granted the slot without having been heard.
        outcome: The slot, or why there is none.
        ticket: Its place in its lane, of all who ever joined.
        key: The key under which it waits: that of the slowest limit.
    """

    slot: Slot
    lane: Lane
    since: float
    deadline: float
    wake: Callable[[], object]
    asking: bool = False
    expected: float | None = None
    wait: Wait | None = None
    unsure: bool = False
    outcome: Slot | Exception | None = None
    ticket: int = -1
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = next(iter(self.slot.limits))

    @property
    def rank(self) -> tuple[bool, float]:
        """What orders those who come next under different keys."""
        return self.lane == "bulk", self.since

    def timeout(self, now: float) -> BudgetTimeout:
        """Return the error that says why this waiter gives up."""
        left = max(0.0, (self.expected or now) - now)
        key = self.wait.key if self.wait else self.key
        when = f"can be expected in {left:.3f} s" if self.expected else "cannot be predicted"
        text = (
            f"no slot of the rate limit {key!r} comes free before the deadline: the next {when}"
            f"{self._reason() or '; allow more time, or send less'}"
        )
        return BudgetTimeout(text, waited=now - self.since, retry_after=left)

    def _reason(self) -> str:
        pause = self.wait and self.wait.pause
        if not pause:
            return ""
        now = datetime.now(UTC)
        since, until = (
            (now + timedelta(seconds=seconds)).strftime("%H:%M:%S")
            for seconds in (-min(pause.ago, 1e8), min(pause.left, 1e8))
        )
        return f"; at {since} UTC {PAUSES[pause.why]}, until {until}"


@dataclass(slots=True)
class _Queue:
    """
    Those of one lane.

    Attributes:
        waiters: Those who wait, by their tickets.
        joined: How many ever joined; the next one's ticket.
        left: How many of them have left.
        expected: The earliest time for the first one's slot, as the store last said.
        wait: What the store said then.
        unchecked: The tickets of those who joined before that was known.
        deadlines: When those who wait give up, as a heap, with their tickets; some may have gone.
    """

    waiters: OrderedDict[int, Waiter] = field(default_factory=OrderedDict[int, "Waiter"])
    joined: int = 0
    left: int = 0
    expected: float = -math.inf
    wait: Wait | None = None
    unchecked: deque[int] = field(default_factory=deque[int])
    deadlines: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])


class Lanes:
    """The lanes of those who wait under one key."""

    def __init__(self) -> None:
        self._interactive, self._bulk = _Queue(), _Queue()
        self._queues: dict[Lane, _Queue] = {"interactive": self._interactive, "bulk": self._bulk}

    def __contains__(self, waiter: Waiter) -> bool:
        return self._queues[waiter.lane].waiters.get(waiter.ticket) is waiter

    def __iter__(self) -> Iterator[Waiter]:
        for queue in self._queues.values():
            yield from queue.waiters.values()

    def __bool__(self) -> bool:
        return bool(self._interactive.waiters or self._bulk.waiters)

    def waiting(self) -> dict[Lane, int]:
        """Return how many wait in each lane."""
        return {lane: len(queue.waiters) for lane, queue in self._queues.items()}

    def head(self) -> Waiter | None:
        """Return who comes next."""
        first = self._interactive.waiters or self._bulk.waiters
        return next(iter(first.values())) if first else None

    def add(self, waiter: Waiter, now: float) -> bool:
        """Let a waiter in, unless it would wait in vain. Return whether it is in."""
        queue = self._queues[waiter.lane]
        waiter.ticket = queue.joined
        if self._in_vain(waiter, now):
            return False
        queue.joined += 1
        queue.waiters[waiter.ticket] = waiter
        if waiter.deadline < math.inf:
            queue.unchecked.append(waiter.ticket)
            heapq.heappush(queue.deadlines, (waiter.deadline, waiter.ticket))
        return True

    def remove(self, waiter: Waiter) -> bool:
        """Let a waiter out. Return whether it was in line."""
        if waiter not in self:
            return False
        queue = self._queues[waiter.lane]
        if next(iter(queue.waiters)) == waiter.ticket:
            queue.expected, queue.wait = -math.inf, None
        del queue.waiters[waiter.ticket]
        queue.left += 1
        if len(queue.deadlines) > 2 * len(queue.waiters) + SPARE:
            queue.deadlines = [it for it in queue.deadlines if it[1] in queue.waiters]
            heapq.heapify(queue.deadlines)
            queue.unchecked = deque(it for it in queue.unchecked if it in queue.waiters)
        return True

    def expect(self, waiter: Waiter) -> None:
        """Note what the store said of the one who comes next."""
        if waiter in self:
            queue = self._queues[waiter.lane]
            queue.expected, queue.wait = waiter.expected or -math.inf, waiter.wait

    def forget(self) -> None:
        """Forget what the store said: a slot may have come free since."""
        for queue in self._queues.values():
            queue.expected, queue.wait = -math.inf, None

    def foresee(self, waiter: Waiter, now: float) -> None:
        """Note when a waiter's slot can come, at the earliest, if anything is known of that."""
        own, first = self._queues[waiter.lane], self._interactive
        ahead = max(waiter.ticket - own.left, 0)  # at least: some behind it may have left, too
        slowest = own
        if own is not first and first.waiters:
            ahead += len(first.waiters)
            slowest = max(own, first, key=lambda queue: queue.expected)
        limits = waiter.slot.limits.values()
        laps = max(ahead // limit.requests * limit.window_seconds for limit in limits)
        if laps or slowest.expected > now:
            waiter.expected = max(now, slowest.expected) + laps
            waiter.wait = slowest.wait

    def pop_hopeless(self, now: float, most: int) -> list[Waiter]:
        """Let some out who are known to wait in vain; all of them, if fewer than `most`."""
        found: list[Waiter] = []
        for queue in self._queues.values():
            while queue.deadlines and len(found) < most:
                waiter = queue.waiters.get(queue.deadlines[0][1])
                if waiter and not self._in_vain(waiter, now):
                    break
                heapq.heappop(queue.deadlines)
                if waiter:
                    found.append(waiter)
                    self.remove(waiter)
            known = max(queue.expected, self._interactive.expected) > -math.inf
            while known and queue.unchecked and len(found) < most:
                waiter = queue.waiters.get(queue.unchecked.popleft())
                if waiter and self._in_vain(waiter, now):
                    found.append(waiter)
                    self.remove(waiter)
        return found

    def _in_vain(self, waiter: Waiter, now: float) -> bool:
        """Tell whether others who come first leave no slot in time."""
        if waiter.deadline < math.inf:
            self.foresee(waiter, now)
        return waiter.expected is not None and waiter.expected > waiter.deadline
