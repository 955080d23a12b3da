"""
The line in which calls wait for a slot: first come, first served in each lane, interactive first.

Callers wait; one worker thread asks the store on their behalf. So threads and event loops stand in
one line, a caller that hangs holds up nobody, and no event loop ever waits for a store.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING

from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import POLL
from samsara_qualifications.errors import BudgetTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samsara_qualifications.budget.store import Store
    from samsara_qualifications.budget.window import Lane, RateLimit

IDLE = 5.0  # seconds after which a worker without work ends


class Waiter:
    """
    One call in line.

    Args:
        limits: The limits to take a slot under, the slowest first.
        lane: The lane to wait in.
        since: When the call began, on the queue's clock.
        deadline: When it gives up.
        wake: Called when `outcome` is there, from any thread.
    """

    __slots__ = ("deadline", "expected", "key", "lane", "limits", "outcome", "since", "wake")

    def __init__(
        self,
        limits: Mapping[str, RateLimit],
        lane: Lane,
        since: float,
        deadline: float,
        wake: Callable[[], object],
    ) -> None:
        self.limits = limits
        self.key = next(iter(limits))
        self.lane: Lane = lane
        self.since = since
        self.deadline = deadline
        self.wake = wake
        self.expected = since  # the earliest time at which its slot can come
        self.outcome: Slot | Exception | None = None

    def timeout(self, now: float) -> BudgetTimeout:
        """Return the error that says why this waiter gives up."""
        retry_after = max(0.0, self.expected - now)
        return BudgetTimeout(
            f"no slot of the rate limit {self.key!r} comes free before the deadline: the next can"
            f" be expected in {retry_after:.3f} s; allow more time, or send less",
            waited=now - self.since,
            retry_after=retry_after,
        )


class Line:
    """Those who wait under one key."""

    def __init__(self) -> None:
        self.lanes: dict[Lane, OrderedDict[Waiter, None]] = {
            "interactive": OrderedDict(),
            "bulk": OrderedDict(),
        }

    def head(self) -> Waiter | None:
        """Return who comes next."""
        return next((waiter for lane in self.lanes.values() for waiter in lane), None)

    def ahead(self, lane: Lane, waiter: Waiter | None = None) -> int:
        """Return how many come before `waiter`, or before a newcomer."""
        own = self.lanes[lane]
        place = len(own) if waiter is None else list(own).index(waiter)
        return place if lane == "interactive" else place + len(self.lanes["interactive"])


class Queue:
    """
    Hands out a store's slots in order.

    Args:
        store: Keeps the log.
        clock: Returns seconds that never go back.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Start anew with nobody in line, as in a child process."""
        self._lines: defaultdict[str, Line] = defaultdict(Line)
        self._unseen: deque[Waiter] = deque()  # joined behind others, with a deadline
        self._returned: deque[Slot] = deque()  # granted to callers who had gone
        self._bell = threading.Condition()
        self._rung = False
        self._working = False

    def take(self, limits: Mapping[str, RateLimit], lane: Lane) -> Slot | float | None:
        """Ask the store at once. Return `None`, without asking, if others are in line."""
        with self._bell:
            if self._lines[next(iter(limits))].ahead(lane):
                return None
        return self.store.take(limits, lane)

    def join(self, waiter: Waiter) -> None:
        """Get in line."""
        with self._bell:
            line = self._lines[waiter.key]
            if line.ahead(waiter.lane):
                self._unseen.append(waiter)
            line.lanes[waiter.lane][waiter] = None
            self._ring()

    def leave(self, waiter: Waiter) -> None:
        """Get out of line; a slot that was granted in this very moment goes back."""
        with self._bell:
            self._lines[waiter.key].lanes[waiter.lane].pop(waiter, None)
            if isinstance(waiter.outcome, Slot):
                self._returned.append(waiter.outcome)
            self._ring()

    def look_again(self) -> None:
        """Note that slots came free before their time."""
        with self._bell:
            if any(line.head() for line in self._lines.values()):
                self._ring()

    def serve(self) -> float | None:
        """Grant what can be granted. Return the seconds until the next look, if anybody waits."""
        while self._returned:
            self.store.refund(self._returned.popleft())
        with self._bell:
            lines = tuple(self._lines.values())
        waits = [self._serve(line) for line in lines]
        while self._unseen:
            self._foresee(self._unseen.popleft())
        return min((wait for wait in waits if wait is not None), default=None)

    def _serve(self, line: Line) -> float | None:
        while True:
            with self._bell:
                waiter = line.head()
            if waiter is None:
                return None
            taken = self.store.take(waiter.limits, waiter.lane)
            if isinstance(taken, Slot):
                self._deliver(waiter, taken)
            elif self._can_wait(waiter, taken):
                return min(taken, POLL, waiter.limits[waiter.key].window_seconds / 2)

    def _foresee(self, waiter: Waiter) -> None:
        with self._bell:
            line = self._lines[waiter.key]
            gone = waiter not in line.lanes[waiter.lane]
            ahead = 0 if gone else line.ahead(waiter.lane, waiter)
        if ahead:
            wait = self.store.take(waiter.limits, waiter.lane, ahead)
            if not isinstance(wait, Slot):
                self._can_wait(waiter, wait)

    def _can_wait(self, waiter: Waiter, seconds: float) -> bool:
        now = self.clock()
        waiter.expected = now + seconds
        if waiter.expected <= waiter.deadline:
            return True
        self._deliver(waiter, waiter.timeout(now))
        return False

    def _deliver(self, waiter: Waiter, outcome: Slot | Exception) -> None:
        with self._bell:
            in_line = self._lines[waiter.key].lanes[waiter.lane].pop(waiter, waiter) is None
            if in_line:
                waiter.outcome = outcome
            elif isinstance(outcome, Slot):
                self._returned.append(outcome)
        if in_line:
            try:
                waiter.wake()
            except RuntimeError:  # its event loop is closed
                self.leave(waiter)

    def _ring(self) -> None:
        self._rung = True
        self._bell.notify()
        if not self._working:
            self._working = True
            threading.Thread(target=self._work, name="samsara-budget", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                wait = self.serve()
            except Exception as error:  # noqa: BLE001 - every waiter has to hear of any failure
                self._fail(error)
                wait = None
            with self._bell:
                if not self._rung:
                    self._bell.wait(IDLE if wait is None else wait)
                if not self._rung and not any(line.head() for line in self._lines.values()):
                    self._working = False
                    return
                self._rung = False

    def _fail(self, error: Exception) -> None:
        with self._bell:
            waiters = [
                w for line in self._lines.values() for lane in line.lanes.values() for w in lane
            ]
        for waiter in waiters:
            self._deliver(waiter, error)
