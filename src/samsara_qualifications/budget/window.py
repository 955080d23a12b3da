"""
The sliding log of a rate limit: pure arithmetic on times, without clock, lock or I/O.

A slot is the time at which it comes free. While its request is under way that is unknown, so the
slot holds a lease, long enough for any exchange. Once the answer is back, it settles: it comes free
one window later. The server saw the request before the answer came, so it never sees more than
the limit in any window, however late a request arrives.

The same arithmetic stands in `redis.lua`, where the Redis server does it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeGuard, get_args

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

Lane = Literal["interactive", "bulk"]
LANES = get_args(Lane)

LEASE = 120.0  # seconds that an exchange may last: a slot whose holder died stays taken so long
POLL = 1.0  # seconds after which a waiter asks again: others may have returned slots
GRACE = 0.1  # seconds for which bulk leaves a free slot to an interactive waiter in another process
RECOVERY = 60.0  # seconds without a pause after which one halving of the bulk pace is undone
BURST = 1 / 3  # of the limit: beyond it, bulk spreads what is left until slots come free
PACE = 0.9  # of window/limit: bulk's shortest step, so that it catches up on missed turns
HORIZON = 4  # how many slots about to come free bulk plans with, to leave some for interactive


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value can be compared with numbers, and is no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """
    At most `requests` in any `window_seconds`.

    Args:
        requests: Requests per window, at least 1.
        window_seconds: Length of the window in seconds.

    Raises:
        ConfigurationError: A value is out of range.
    """

    requests: int
    window_seconds: float

    def __post_init__(self) -> None:
        if type(self.requests) is not int or self.requests < 1:
            raise ConfigurationError(
                f"requests={self.requests!r} is not a valid number of requests: give a whole"
                " number, 1 or more"
            )
        if not (is_number(self.window_seconds) and 0 < self.window_seconds < math.inf):
            raise ConfigurationError(
                f"window_seconds={self.window_seconds!r} is not a valid window: give a number of"
                " seconds above 0"
            )


def _no_slots() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Log:
    """What is known about one limit's recent use. Times are seconds of the store's clock."""

    slots: array[float] = field(default_factory=_no_slots)  # when each comes free, sorted
    bulk: float = -math.inf  # when the bulk lane last took a slot
    paused: float = -math.inf  # the server asked everybody to wait until then
    reservation: float = -math.inf  # until then, free slots are kept for an interactive waiter
    struck: float = -math.inf  # when `strikes` was last set
    strikes: float = 0.0  # recent pauses: each beyond the first halves the bulk pace

    def chance(self, now: float, limit: RateLimit, lane: Lane, ahead: int = 0) -> float:
        """Return the earliest time for a slot, once `ahead` others have theirs."""
        del self.slots[: bisect_right(self.slots, now)]
        laps, place = divmod(ahead, limit.requests)
        index = place + len(self.slots) - limit.requests
        # A slot whose request is under way settles now at the earliest.
        free = now if index < 0 else min(self.slots[index], now + limit.window_seconds)
        earliest = max(free + laps * limit.window_seconds, self.paused)
        if lane == "bulk":
            earliest = max(earliest, self.reservation)
            slowness = math.pow(2, max(0.0, self._strikes(now) - 1))
            if len(self.slots) >= BURST * limit.requests / slowness:
                return max(earliest, self._turn(now, limit, slowness))
        return earliest

    def take(self, now: float, limit: RateLimit, lane: Lane) -> None:
        """Take a slot, which must be free."""
        insort(self.slots, now + limit.window_seconds + LEASE)
        if lane == "interactive":
            self.reservation = -math.inf
        else:
            self.bulk = now

    def refuse(self, now: float, chance: float) -> None:
        """Note that an interactive caller waits: bulk leaves the next slot to it."""
        self.reservation = min(chance, now + POLL) + GRACE

    def settle(self, now: float, limit: RateLimit, taken: float) -> None:
        """Let the slot that was taken at that time come free one window from now."""
        self.refund(limit, taken)
        insort(self.slots, now + limit.window_seconds)

    def refund(self, limit: RateLimit, taken: float) -> None:
        """Free the slot that was taken at that time, since nothing was sent."""
        slot = taken + limit.window_seconds + LEASE
        index = bisect_left(self.slots, slot)
        if index < len(self.slots) and self.slots[index] == slot:
            del self.slots[index]

    def pause(self, now: float, seconds: float) -> None:
        """Refuse everybody for this long. Repeated pauses slow the bulk lane down."""
        if now >= self.paused:
            self.strikes = min(self._strikes(now) + 1, 4)
            self.struck = now
        self.paused = max(self.paused, now + seconds)

    def at_rest(self, now: float) -> bool:
        """Return whether nothing is left of any use: a new log would say the same."""
        used = bool(self.slots) and self.slots[-1] > now
        return not used and self.paused <= now and not self._strikes(now)

    def shift(self, seconds: float) -> None:
        """Shift every time by `seconds`, as if the clock had stood still for that long."""
        self.slots = array("d", [slot + seconds for slot in self.slots])
        self.bulk += seconds
        self.paused += seconds
        self.reservation += seconds
        self.struck += seconds

    def _turn(self, now: float, limit: RateLimit, slowness: float) -> float:
        # What is free has to last, evenly used, until the next slots come free.
        window = limit.window_seconds
        last = max(self.bulk, now - window)
        step = PACE * window / limit.requests
        free = limit.requests - len(self.slots)
        for count, slot in enumerate(self.slots[:HORIZON], start=free + 1):
            step = max(step, (min(slot, now + window) - last) / max(count, 1))
        return last + step * slowness

    def _strikes(self, now: float) -> float:
        return max(0.0, self.strikes - (now - self.struck) / RECOVERY)


def take(
    logs: Mapping[str, Log],
    limits: Mapping[str, RateLimit],
    lane: Lane,
    ahead: int,
    now: float,
) -> float | None:
    """
    Take a slot in every log, or in none.

    Returns:
        `None` when taken, otherwise the seconds until it can be at the earliest. With others ahead
        it never is.
    """
    chances = {key: logs[key].chance(now, limit, lane, ahead) for key, limit in limits.items()}
    wait = max(chances.values()) - now
    if ahead:
        return wait
    if wait <= 0:
        for key, limit in limits.items():
            logs[key].take(now, limit, lane)
        return None
    if lane == "interactive":
        for key, chance in chances.items():
            if chance > now:
                logs[key].refuse(now, chance)
    return wait
