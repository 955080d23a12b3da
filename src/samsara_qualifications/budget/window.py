"""
The sliding log of a rate limit: pure arithmetic on times, without clock, lock or I/O.

A slot is the time at which it comes free. While its request is under way that is unknown, so the
slot holds a lease, long enough for any exchange. Once the answer is back, it settles: it comes free
one window later. The server saw the request before the answer came, so it never sees more than
the limit in any window, however late a request arrives.

Interactive calls take any free slot. Bulk calls take every slot that this leaves, evenly spread,
and none that interactive calls may need before the next one comes free.

The same arithmetic stands in `stores/redis.lua`, where the Redis server does it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeGuard, get_args

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

Lane = Literal["interactive", "bulk"]
LANES: tuple[Lane, ...] = get_args(Lane)

LEASE = 120.0  # seconds that an exchange may last: a slot whose holder died stays taken so long
POLL = 1.0  # seconds after which a waiter asks again: others may have returned slots
GRACE = 0.1  # seconds for which bulk leaves a free slot to an interactive waiter in another process
BURST = 0.5  # of the limit: bulk has it at once, and interactive calls may come at this pace unseen
MEMORY = 0.25  # of the window: how far back the rate of interactive calls reaches
MARGIN = 2.0  # standard deviations of the interactive calls to expect that bulk leaves free


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


class Slots(Protocol):
    """The times at which slots come free, in order."""

    def expire(self, now: float) -> int:
        """Forget those that are free by now; return how many are left."""
        ...

    def time(self, index: int) -> float:
        """Return when the slot at this place comes free; the first has index 0."""
        ...

    def later(self, time: float) -> int:
        """Return how many come free after this time."""
        ...

    def add(self, time: float, slot_id: str) -> None:
        """Take a slot that comes free at this time."""
        ...


@dataclass(slots=True)
class Log:
    """
    What is known about one limit's recent use. Times are seconds of the store's clock.

    Attributes:
        slots: When each slot comes free.
        turn: When bulk is to send next, so that requests of both lanes together are evenly spread.
        rate: Interactive requests a second, of late, as of `rated`.
        reservation: Until then, bulk leaves free slots to an interactive waiter.
        paused: Nobody sends before then; `paused_since` and `why` say who asked for that.
    """

    slots: Slots
    turn: float = -math.inf
    rate: float = 0.0
    rated: float = 0.0
    reservation: float = -math.inf
    paused: float = -math.inf
    paused_since: float = -math.inf
    why: str = ""

    def chance(self, now: float, limit: RateLimit, lane: Lane) -> float:
        """Return the earliest time for a slot."""
        used = self.slots.expire(now)
        free = limit.requests - used
        earliest = now
        if free < 1:  # a slot whose request is under way settles now at the earliest
            earliest = min(self.slots.time(-free), now + limit.window_seconds)
        earliest = max(earliest, self.paused)
        if lane == "bulk":
            earliest = max(earliest, self.reservation)
            if used >= BURST * limit.requests:
                earliest = max(earliest, self.turn)
            if used and free > 0:
                following = min(self.slots.time(0), now + limit.window_seconds)
                earliest = max(earliest, following - self._reach(now, limit, free - 1))
        return earliest

    def take(self, now: float, limit: RateLimit, lane: Lane, slot_id: str = "") -> None:
        """Take a slot, which must be free."""
        self.slots.add(now + limit.window_seconds + LEASE, slot_id)
        step = limit.window_seconds / limit.requests
        self.turn = min(max(self.turn, now) + step, now + limit.window_seconds)
        if lane == "interactive":
            self.rate = self.rate_at(now, limit) + 1 / (MEMORY * limit.window_seconds)
            self.rated = now
            self.reservation = -math.inf

    def refuse(self, now: float, chance: float) -> None:
        """Note that an interactive caller waits: bulk leaves the next slot to it."""
        self.reservation = min(chance, now + POLL) + GRACE

    def pause(self, now: float, until: float, why: str) -> None:
        """Refuse everybody until then."""
        if until > max(now, self.paused):
            self.paused, self.paused_since, self.why = until, now, why

    def rate_at(self, now: float, limit: RateLimit) -> float:
        """Return the interactive requests a second, of late."""
        return self.rate * math.exp((self.rated - now) / (MEMORY * limit.window_seconds))

    def shift(self, seconds: float) -> None:
        """Shift every time but the slots' by `seconds`, as if the clock had stood still so long."""
        self.turn += seconds
        self.rated += seconds
        self.reservation += seconds
        self.paused += seconds
        self.paused_since += seconds

    def _reach(self, now: float, limit: RateLimit, left: int) -> float:
        """Return the seconds for which interactive calls get by with the slots that are left."""
        unseen = (left + 1) * limit.window_seconds / (BURST * limit.requests)
        rate = self.rate_at(now, limit)
        if rate * limit.window_seconds < 1:  # a slot kept for so few would mostly be lost
            return unseen
        # `expected` solves expected + MARGIN * sqrt(expected) = left.
        expected = (math.sqrt(MARGIN * MARGIN / 4 + left) - MARGIN / 2) ** 2
        return min(unseen, expected / rate)


def take(
    logs: Mapping[str, Log],
    limits: Mapping[str, RateLimit],
    lane: Lane,
    now: float,
    slot_id: str = "",
) -> tuple[float, str]:
    """
    Take a slot in every log, or in none.

    Returns:
        The seconds until it can be taken at the earliest, 0 where it is; and the key that says so.
    """
    chances = {key: logs[key].chance(now, limit, lane) for key, limit in limits.items()}
    slowest = max(chances, key=lambda key: chances[key])
    wait = chances[slowest] - now
    if wait <= 0:
        for key, limit in limits.items():
            logs[key].take(now, limit, lane, slot_id)
        return 0.0, slowest
    if lane == "interactive":
        for key, chance in chances.items():
            if chance > now:
                logs[key].refuse(now, chance)
    return wait, slowest
