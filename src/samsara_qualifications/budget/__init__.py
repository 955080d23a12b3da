"""
The rate-limit budget: never more requests in any window than the server allows.

    budget = open_budget("redis://localhost/0", name="acme")
    permit = budget.acquire({"update": RateLimit(100, 60)}, lane="bulk")

All who open a budget by the same URL and name share its slots: the threads and event loops of a
process (`memory://`), the processes of a host (`sqlite:///path`), or hosts (`redis://host`).
"""

from __future__ import annotations

import asyncio
import functools
import math
import threading
from typing import TYPE_CHECKING, Literal, get_args

from samsara_qualifications.budget.memory import MemoryStore
from samsara_qualifications.budget.queue import Queue, Waiter
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import Lane, RateLimit
from samsara_qualifications.errors import ConfigurationError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samsara_qualifications.budget.store import Store

__all__ = ["Budget", "Lane", "Permit", "RateLimit", "open_budget"]


class Permit:
    """
    The right to send one request. Settle it when the answer is back; refund it if nothing was sent.

    Attributes:
        waited: Seconds that the call waited in line.
    """

    __slots__ = ("_lock", "_queue", "_slot", "waited")

    def __init__(self, queue: Queue, slot: Slot, waited: float) -> None:
        self._queue = queue
        self._slot: Slot | None = slot
        self._lock = threading.Lock()
        self.waited = waited

    def settle(self) -> None:
        """Let the slot come free one window from now: the exchange is over, however it ended."""
        if slot := self._give_up():
            self._queue.store.settle(slot)

    def refund(self) -> None:
        """Free the slot at once: the request was never sent."""
        if slot := self._give_up():
            self._queue.store.refund(slot)
            self._queue.look_again()

    async def settle_async(self) -> None:
        """Do what `settle` does."""
        await _off_loop(self._queue.store, self.settle)

    async def refund_async(self) -> None:
        """Do what `refund` does."""
        await _off_loop(self._queue.store, self.refund)

    def _give_up(self) -> Slot | None:
        with self._lock:
            slot, self._slot = self._slot, None
        return slot

    def __del__(self) -> None:
        if self._slot:
            self._queue.store.drop(self._slot)


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
            lane: `"interactive"` takes any free slot; `"bulk"` may use a free window, and is paced
                evenly once it has to wait.
            timeout: Seconds to wait at most; 0 means now or never, `None` as long as it takes.

        Returns:
            A permit for one request.

        Raises:
            BudgetTimeout: As soon as it is known that no slot comes free in time.
            BudgetUnavailable: If the store does not answer.
            InvalidInput: If an argument is out of range.
        """
        woken = threading.Event()
        waiter = self._waiter(limits, lane, timeout, woken.set)
        if slot := self._take(waiter):
            return self._permit(waiter, slot)
        self._queue.join(waiter)
        try:
            woken.wait(min(waiter.deadline - self._queue.clock(), threading.TIMEOUT_MAX))
            return self._permit(waiter, waiter.outcome)
        except BaseException:
            self._queue.leave(waiter)
            raise

    async def acquire_async(
        self,
        limits: Mapping[str, RateLimit],
        *,
        lane: Lane = "interactive",
        timeout: float | None = None,  # noqa: ASYNC109 - refuses at once, which no outer timeout can
    ) -> Permit:
        """Do what `acquire` does, without blocking the event loop."""
        woken = asyncio.Event()
        wake = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        waiter = self._waiter(limits, lane, timeout, wake)
        if not self._queue.store.blocking and (slot := self._take(waiter)):
            return self._permit(waiter, slot)
        self._queue.join(waiter)
        try:
            left = waiter.deadline - self._queue.clock()
            try:
                async with asyncio.timeout(None if left == math.inf else left):
                    await woken.wait()
            except TimeoutError:
                pass
            return self._permit(waiter, waiter.outcome)
        except BaseException:
            self._queue.leave(waiter)
            raise

    def pause(self, key: str, seconds: float) -> None:
        """
        Let nobody who shares this budget send under `key` for a while, since the server said 429.

        Pauses that come again slow the bulk lane down; it recovers by itself.

        Args:
            key: What the limit counts, as given to `acquire`.
            seconds: Seconds to wait.
        """
        if not 0 <= seconds < math.inf:
            raise InvalidInput(f"seconds={seconds!r} is no pause: give seconds, 0 or more")
        self._queue.store.pause(key, seconds)

    async def pause_async(self, key: str, seconds: float) -> None:
        """Do what `pause` does, without blocking the event loop."""
        await _off_loop(self._queue.store, self.pause, key, seconds)

    def close(self) -> None:
        """Release the store's connections. A later call opens them again."""
        self._queue.store.close()

    async def aclose(self) -> None:
        """Do what `close` does, without blocking the event loop."""
        await _off_loop(self._queue.store, self.close)

    def _waiter(
        self,
        limits: Mapping[str, RateLimit],
        lane: Lane,
        timeout: float | None,
        wake: Callable[[], object],
    ) -> Waiter:
        if not limits:
            raise InvalidInput("limits is empty: name at least one limit to take a slot under")
        if lane not in get_args(Lane):
            raise InvalidInput(f"lane={lane!r} is unknown: use 'interactive' or 'bulk'")
        if timeout is not None and not timeout >= 0:
            raise InvalidInput(f"timeout={timeout!r} is no time to wait: give seconds, or None")
        now = self._queue.clock()
        return Waiter(limits, lane, now, now + (math.inf if timeout is None else timeout), wake)

    def _take(self, waiter: Waiter) -> Slot | None:
        taken = self._queue.take(waiter.limits, waiter.lane)
        if taken is None or isinstance(taken, Slot):
            return taken
        now = self._queue.clock()
        waiter.expected = now + taken
        if waiter.expected > waiter.deadline:
            raise waiter.timeout(now)
        return None

    def _permit(self, waiter: Waiter, outcome: Slot | Exception | None) -> Permit:
        now = self._queue.clock()
        if isinstance(outcome, Slot):
            return Permit(self._queue, outcome, now - waiter.since)
        raise outcome or waiter.timeout(now)


async def _off_loop(store: Store, do: Callable[..., None], *args: object) -> None:
    if store.blocking:
        await asyncio.to_thread(do, *args)
    else:
        do(*args)


_memory: dict[str, Budget] = {}
_opening = threading.Lock()


def open_budget(
    url: str | None = None,
    *,
    name: str = "default",
    on_outage: Literal["fail", "local"] = "fail",
    local_share: float = 0.1,
) -> Budget:
    """
    Open the budget that everybody shares who opens the same URL and name.

    Args:
        url: `memory://` (also for `None`), `sqlite:///path`, `redis://…` or `rediss://…`.
        name: Keeps budgets in one store apart; one per organisation.
        on_outage: What to do while the store does not answer: `"fail"`, or go on `"local"`ly.
        local_share: The share of each limit that this process may use in the meantime.

    Returns:
        The budget.

    Raises:
        ConfigurationError: If the URL, or what it points to, cannot be used.
    """
    if url is None or url == "memory://":
        with _opening:
            return _memory.setdefault(name, Budget(Queue(MemoryStore())))
    raise ConfigurationError(
        f"{url!r} is no budget: use memory://, sqlite:///path, redis://host/0 or rediss://host/0"
    )
