"""Waiting for slots, from threads and event loops at once."""

from __future__ import annotations

import contextlib
import copy
import functools
import math
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from ..errors import InvalidInput
from .line import Waiter
from .permit import Permit, off_loop, tell
from .queue import Queue
from .store import Slot
from .window import LANES, Lane, RateLimit, is_number

if TYPE_CHECKING:
    import asyncio

ANSWER = 1.0  # seconds to wait for the store's first answer, even past the deadline


class Budget:
    """
    Slots of rate limits, handed out in order. Usable from threads and event loops at once.

    Args:
        queue: The line before the store; `open_budget` makes both.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def acquire(
        self,
        limits: Mapping[str, RateLimit],
        *,
        lane: Lane = "interactive",
        timeout: float | None = None,
    ) -> Permit:
        """
        Wait for a slot under every limit.

        Args:
            limits: Each limit by the key of what it counts, the slowest first.
            lane: `"interactive"` takes any free slot; `"bulk"` has a third of a free window at
                once, and the rest evenly spread, so as to leave slots to interactive calls.
            timeout: Seconds to wait at most; 0 means now or never, `None` as long as it takes.

        Returns:
            A permit for one request.

        Raises:
            BudgetTimeout: As soon as it is known that no slot comes free in time.
            BudgetUnavailable: The store does not answer.
            InvalidInput: An argument is out of range.
        """
        asleep = threading.Lock()
        waiter = self._waiter(limits, lane, timeout, asleep.release)
        asleep.acquire()
        try:
            self._queue.join(waiter, ask=True)
            if waiter.outcome is None:
                left = max(waiter.deadline - self._queue.clock(), 0)
                asleep.acquire(timeout=min(left, threading.TIMEOUT_MAX))
            if waiter.unheard:
                asleep.acquire(timeout=ANSWER)
            return self._permit(waiter)
        except BaseException:
            self._queue.leave(waiter)
            raise

    async def acquire_async(
        self,
        limits: Mapping[str, RateLimit],
        *,
        lane: Lane = "interactive",
        timeout: float | None = None,  # noqa: ASYNC109  refuses at once, which no outer timeout can
    ) -> Permit:
        """Do what `acquire` does, without blocking the event loop."""
        import asyncio  # noqa: PLC0415  blocking callers do without it

        woken = asyncio.Event()
        wake = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        waiter = self._waiter(limits, lane, timeout, wake)
        try:
            self._queue.join(waiter, ask=not self._queue.store.blocking)
            if waiter.outcome is None:
                left = waiter.deadline - self._queue.clock()
                await _wait(woken, asyncio.timeout(None if left == math.inf else left))
            if waiter.unheard:
                await _wait(woken, asyncio.timeout(ANSWER))
            return self._permit(waiter)
        except BaseException:
            self._queue.leave(waiter)
            raise

    def pause(self, key: str, seconds: float) -> None:
        """
        Let nobody who shares this budget send under `key` for a while: the server answered 429.

        Repeated pauses slow the bulk lane down; it recovers on its own.

        Args:
            key: What the limit counts, as given to `acquire`.
            seconds: Seconds to wait.
        """
        if not (is_number(seconds) and 0 <= seconds < math.inf):
            raise InvalidInput(f"seconds={seconds!r} is not a valid pause: give seconds, 0 or more")
        tell(self._queue.store.pause, key, seconds)

    async def pause_async(self, key: str, seconds: float) -> None:
        """Do what `pause` does, without blocking the event loop."""
        await off_loop(self._queue.store, self.pause, key, seconds)

    def close(self) -> None:
        """Release the store's connections. A later call opens them again."""
        self._queue.store.close()

    async def aclose(self) -> None:
        """Do what `close` does, without blocking the event loop."""
        await off_loop(self._queue.store, self.close)

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits, and all slots are known to be free."""
        return self._queue.at_rest

    def before_fork(self) -> None:
        """Prepare for a fork."""
        self._queue.before_fork()

    def after_fork(self, *, child: bool) -> None:
        """Resume after a fork, in the parent or as its child."""
        self._queue.after_fork(child=child)

    def _waiter(
        self,
        limits: Mapping[str, RateLimit],
        lane: Lane,
        timeout: float | None,
        wake: Callable[[], object],
    ) -> Waiter:
        _check(limits)
        if lane not in LANES:
            raise InvalidInput(f"lane={lane!r} is unknown: use 'interactive' or 'bulk'")
        if timeout is not None and not (is_number(timeout) and timeout >= 0):
            raise InvalidInput(
                f"timeout={timeout!r} is not a valid timeout: give seconds, 0 or more, or None"
            )
        now = self._queue.clock()
        return Waiter(limits, lane, now, now + (math.inf if timeout is None else timeout), wake)

    def _permit(self, waiter: Waiter) -> Permit:
        now = self._queue.clock()
        outcome = waiter.outcome or waiter.timeout(now)  # read once: the worker may still grant
        if isinstance(outcome, Slot):
            return Permit(self._queue, outcome, now - waiter.since)
        raise copy.copy(outcome) from outcome.__cause__  # others in line may raise the same one


def _check(limits: object) -> None:
    # Here, since a wrong one in the line would be everybody's trouble.
    if not isinstance(limits, Mapping):
        raise InvalidInput("limits is not a mapping: pass {'update': RateLimit(100, 60)}")
    if not limits:
        raise InvalidInput("limits is empty: name at least one limit to take a slot under")
    for key, limit in cast("Mapping[object, object]", limits).items():
        if not isinstance(key, str):
            raise InvalidInput(f"limits: {key!r} is not a key: name each limit by a str")
        if not isinstance(limit, RateLimit):
            raise InvalidInput(
                f"limits[{key!r}]={limit!r} is not a RateLimit: pass RateLimit(requests, seconds)"
            )


async def _wait(woken: asyncio.Event, limit: asyncio.Timeout) -> None:
    with contextlib.suppress(TimeoutError):
        async with limit:
            await woken.wait()
