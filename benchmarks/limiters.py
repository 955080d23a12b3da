"""
One face for every limiter in the benchmark: `acquire(seconds)` returns what to call afterwards.

Each is used as its documentation shows for a strict limit over a window.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from typing import TYPE_CHECKING, Any, Protocol

from samsara_qualifications.budget import Lane, RateLimit, open_budget
from samsara_qualifications.errors import BudgetTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker import Rate

POLL = 0.01  # seconds between two tries, for a library that cannot wait


class Late(Exception):
    """No slot came free before the end of the run."""


class Limiter(Protocol):
    """What a scenario sends through."""

    def acquire(self, seconds: float, lane: Lane) -> Callable[[], object]:
        """Wait for a slot; return what to call when the answer is back."""
        ...

    async def acquire_async(self, seconds: float, lane: Lane) -> Callable[[], Any]:
        """Do the same in an event loop; what is returned is to be awaited."""
        ...


class Ours:
    """This package's budget."""

    def __init__(self, rate: Rate, store: str, name: str) -> None:
        self._budget = open_budget(store, name=name)
        self._limits = {"update": RateLimit(rate.requests, rate.window)}

    def acquire(self, seconds: float, lane: Lane) -> Callable[[], object]:
        """Wait for a permit; settle it."""
        try:
            return self._budget.acquire(self._limits, lane=lane, timeout=seconds).settle
        except BudgetTimeout as error:
            raise Late from error

    async def acquire_async(self, seconds: float, lane: Lane) -> Callable[[], Any]:
        """Wait for a permit; settle it."""
        try:
            permit = await self._budget.acquire_async(self._limits, lane=lane, timeout=seconds)
        except BudgetTimeout as error:
            raise Late from error
        return permit.settle_async


class Library:
    """A library: waits for a slot, and hears nothing of the answer."""

    def wait(self, seconds: float) -> bool:
        """Wait for a slot; return whether it came."""
        raise NotImplementedError

    def acquire(self, seconds: float, lane: Lane) -> Callable[[], object]:  # noqa: ARG002 - none has lanes
        """Wait for a slot."""
        if seconds <= 0 or not self.wait(seconds):
            raise Late
        return lambda: None


class Limits(Library):
    """The moving window of `limits`, tried again and again: it cannot wait."""

    def __init__(self, rate: Rate, store: str, name: str) -> None:
        from limits import RateLimitItemPerSecond, storage, strategies  # noqa: PLC0415 - an extra

        self._item = RateLimitItemPerSecond(rate.requests, int(rate.window))
        made = storage.storage_from_string(store)
        self._limiter = strategies.MovingWindowRateLimiter(made)
        self._name = name

    def wait(self, seconds: float) -> bool:
        """Try until the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):  # two threads start the memory storage's timer
                if self._limiter.hit(self._item, self._name):
                    return True
            time.sleep(POLL)
        return False


class Pyrate(Library):
    """`pyrate-limiter`, which waits by itself."""

    def __init__(self, rate: Rate, store: str, name: str) -> None:
        import pyrate_limiter as pyrate  # noqa: PLC0415 - an extra

        rates = [pyrate.Rate(rate.requests, int(rate.window * 1000))]
        bucket: Any = pyrate.InMemoryBucket(rates)
        if store != "memory://":
            import redis  # noqa: PLC0415 - an extra

            pool = redis.ConnectionPool.from_url(store)  # pyright: ignore[reportUnknownMemberType]
            bucket = pyrate.RedisBucket.init(rates, redis.Redis(connection_pool=pool), name)
        self._limiter = pyrate.Limiter(bucket)

    def wait(self, seconds: float) -> bool:
        """Wait until the end."""
        return bool(self._limiter.try_acquire("update", timeout=seconds))


class Throttled(Library):
    """The sliding window of `throttled-py`, which waits by itself."""

    def __init__(self, rate: Rate, store: str, name: str) -> None:
        import throttled  # noqa: PLC0415 - an extra

        span = dt.timedelta(seconds=rate.window)
        self._throttle = throttled.Throttled(
            key=name,
            using=throttled.RateLimiterType.SLIDING_WINDOW.value,
            quota=throttled.rate_limiter.per_duration(span, rate.requests),
            store=throttled.MemoryStore()
            if store == "memory://"
            else throttled.RedisStore(server=store),
        )

    def wait(self, seconds: float) -> bool:
        """Wait until the end."""
        return not self._throttle.limit(timeout=seconds).limited


class Aio:
    """`aiolimiter`, for tasks of one loop."""

    def __init__(self, rate: Rate, store: str, name: str) -> None:  # noqa: ARG002 - memory only
        import aiolimiter  # noqa: PLC0415 - an extra

        self._limiter = aiolimiter.AsyncLimiter(rate.requests, rate.window)

    async def acquire_async(self, seconds: float, lane: Lane) -> Callable[[], Any]:  # noqa: ARG002 - none
        """Wait for a slot."""
        import asyncio  # noqa: PLC0415 - beside the library

        try:
            await asyncio.wait_for(self._limiter.acquire(), seconds)
        except TimeoutError as error:
            raise Late from error
        return lambda: asyncio.sleep(0)


LIMITERS: dict[str, tuple[type, str]] = {
    "samsara-qualifications": (Ours, "samsara_qualifications"),
    "pyrate-limiter": (Pyrate, "pyrate_limiter"),
    "limits": (Limits, "limits"),
    "throttled-py": (Throttled, "throttled"),
    "aiolimiter": (Aio, "aiolimiter"),
}
