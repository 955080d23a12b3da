"""Who waits, and who comes next: first come, first served in each lane, interactive before bulk."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from ..errors import BudgetTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .store import Slot
    from .window import Lane, RateLimit


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

    __slots__ = (
        "asking",
        "deadline",
        "expected",
        "key",
        "lane",
        "limits",
        "outcome",
        "since",
        "wake",
    )

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
        self.asking = False  # the caller asks the store itself, at this moment
        self.expected: float | None = None  # the earliest time for its slot, once it was asked for
        self.outcome: Slot | Exception | None = None

    @property
    def unheard(self) -> bool:
        """Whether nobody has asked the store yet when the slot can come."""
        return self.outcome is None and self.expected is None

    def timeout(self, now: float) -> BudgetTimeout:
        """Return the error that says why this waiter gives up."""
        retry_after = max(0.0, (self.expected or now) - now)
        when = f"can be expected in {retry_after:.3f} s" if self.expected else "cannot be predicted"
        return BudgetTimeout(
            f"no slot of the rate limit {self.key!r} comes free before the deadline: the next"
            f" {when}; allow more time, or send less",
            waited=now - self.since,
            retry_after=retry_after,
        )


class Line:
    """Those who wait under one key."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, OrderedDict[Waiter, None]] = {
            "interactive": OrderedDict(),
            "bulk": OrderedDict(),
        }

    def __contains__(self, waiter: Waiter) -> bool:
        return waiter in self._lanes[waiter.lane]

    def __bool__(self) -> bool:
        return any(self._lanes.values())

    def all(self) -> list[Waiter]:
        """Return everybody, in order."""
        return [waiter for lane in self._lanes.values() for waiter in lane]

    def head(self) -> Waiter | None:
        """Return who comes next."""
        for lane in self._lanes.values():
            if lane:
                return next(iter(lane))
        return None

    def ahead(self, waiter: Waiter) -> int:
        """Return how many come before `waiter`, who is in line."""
        place = list(self._lanes[waiter.lane]).index(waiter)
        return place if waiter.lane == "interactive" else place + len(self._lanes["interactive"])

    def add(self, waiter: Waiter) -> bool:
        """Let `waiter` in. Return whether it comes next."""
        self._lanes[waiter.lane][waiter] = None
        return self.head() is waiter

    def remove(self, waiter: Waiter) -> bool:
        """Let `waiter` out. Return whether it was in line."""
        return self._lanes[waiter.lane].pop(waiter, waiter) is None
