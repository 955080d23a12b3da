"""Waiting for slots, from threads and event loops at once."""

from __future__ import annotations

import copy
import functools
import math
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from ..errors import InvalidInput, QualificationsError
from .dispatcher import Dispatcher
from .lanes import Waiter
from .permit import Permit
from .status import BudgetEvent, BudgetStatus, limit_status
from .stores.store import Slot, Store
from .window import LANES, Lane, RateLimit, is_number

if TYPE_CHECKING:
    from .dispatcher import Debt

ANSWER = 1.0  # seconds to wait for the store's first answer, even past the deadline
_T = TypeVar("_T")
LONGEST = 86_400.0  # seconds that a pause lasts at most, whatever the server asks for


class Budget:
    """
    Slots of rate limits, handed out in order. Usable from threads and event loops at once.

    Args:
        store: Where the log stands; `open_budget` opens it.
    """

    def __init__(self, store: Store) -> None:
        self._dispatcher = Dispatcher(store)
        self._limits: dict[str, RateLimit] = {}

    def __repr__(self) -> str:
        return f"Budget({self._dispatcher.store.title})"

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
            limits: Each limit by the key of what it counts, the slowest first. All who share a key
                give the same limit: with a higher one elsewhere, a lower one finds no slot.
            lane: `"interactive"` takes any free slot; `"bulk"` takes half of a free window at once,
                and then what interactive calls leave, evenly spread.
            timeout: Seconds to wait at most; 0 means now or never, `None` as long as it takes.

        Returns:
            A permit for one request.

        Raises:
            BudgetTimeout: As soon as it is known that no slot comes free in time.
            BudgetUnavailable: The store does not answer, neither until the deadline nor for 10 s.
            InvalidInput: An argument is out of range.
        """
        asleep = threading.Lock()
        waiter = self._waiter(limits, lane, timeout, asleep.release)
        asleep.acquire()
        try:
            self._dispatcher.join(waiter, ask=True)
            if waiter.outcome is None:
                left = max(waiter.deadline - self._dispatcher.clock(), 0)
                asleep.acquire(timeout=min(left, threading.TIMEOUT_MAX))
                if self._is_unheard(waiter):
                    asleep.acquire(timeout=ANSWER)
            return self._permit(waiter)
        except BaseException:
            self._dispatcher.leave(waiter)
            raise

    async def acquire_async(
        self,
        limits: Mapping[str, RateLimit],
        *,
        lane: Lane = "interactive",
        timeout: float | None = None,  # noqa: ASYNC109  refuses at once, which no outer timeout can
    ) -> Permit:
        """Do what `acquire` does, without blocking the event loop."""
        from .bell import Bell  # noqa: PLC0415  blocking callers do without asyncio

        bell = Bell()
        waiter = self._waiter(limits, lane, timeout, bell.ring)
        try:
            self._dispatcher.join(waiter, ask=not self._dispatcher.store.blocking)
            if waiter.outcome is None:
                await bell.wait(max(waiter.deadline - self._dispatcher.clock(), 0))
                if self._is_unheard(waiter):
                    await bell.wait(ANSWER)
            return self._permit(waiter)
        except BaseException:
            self._dispatcher.leave(waiter)
            raise

    def pause(self, key: str, seconds: float) -> None:
        """
        Let nobody who shares this budget send under `key` for a while: the server answered 429.

        Args:
            key: What the limit counts, as given to `acquire`.
            seconds: Seconds to wait; more than a day counts as a day.

        Raises:
            InvalidInput: The time is not a number of seconds, 0 or more.
        """
        if not (is_number(seconds) and 0 <= seconds < math.inf):
            raise InvalidInput(f"seconds={seconds!r} is not a valid pause: give seconds, 0 or more")
        self._owe_pause(key, seconds)
        self._dispatcher.pay()

    async def pause_async(self, key: str, seconds: float) -> None:
        """Do what `pause` does, without blocking the event loop."""
        await self._dispatcher.pay_async(self._owe_pause(key, seconds))

    def status(self, limits: Mapping[str, RateLimit] | None = None) -> BudgetStatus:
        """
        Return how the budget stands, for a person or a dashboard. Not for signal handlers.

        Args:
            limits: The limits to tell of; `None` for those that were used through this budget.

        Returns:
            The state of the store and of each limit. A store that does not answer is part of it,
            and no error.

        Raises:
            InvalidInput: The limits are not limits.
        """
        limits = dict(self._limits) if limits is None else _checked(limits)
        store = self._dispatcher.store
        try:
            self._dispatcher.deliver()
            uses = store.use(limits)
        except QualificationsError as error:
            return BudgetStatus(store.title, healthy=False, trouble=str(error), limits=())
        waiting = self._dispatcher.waiting()
        found = [
            limit_status(key, limit, uses[key], waiting.get(key, {}))
            for key, limit in limits.items()
        ]
        return BudgetStatus(store.title, healthy=True, trouble="", limits=tuple(found))

    async def status_async(self, limits: Mapping[str, RateLimit] | None = None) -> BudgetStatus:
        """Do what `status` does, without blocking the event loop."""
        return await self._off_loop(self.status, limits)

    def listen(self, listener: Callable[[BudgetEvent], None]) -> None:
        """
        Have a function called with each event of this budget, from any thread.

        Args:
            listener: What to call; it must not block, and what it raises is logged.
        """
        if listener not in self._dispatcher.listeners:
            self._dispatcher.listeners.append(listener)

    def close(self) -> None:
        """Release the store's connections. A later call opens them again."""
        self._dispatcher.deliver()
        self._dispatcher.store.close()

    async def aclose(self) -> None:
        """Do what `close` does, without blocking the event loop."""
        await self._off_loop(self.close)

    @property
    def _at_rest(self) -> bool:
        """Whether nobody waits, and all slots are known to be free."""
        return self._dispatcher.at_rest

    def _at_exit(self) -> None:
        """Tell the store what it has to hear, before the process ends."""
        if self._dispatcher.store.blocking:
            self._dispatcher.deliver()

    def _before_fork(self) -> None:
        """Prepare for a fork."""
        self._dispatcher.before_fork()

    def _after_fork(self, *, child: bool) -> None:
        """Resume after a fork, in the parent or as its child."""
        self._dispatcher.after_fork(child=child)

    def _waiter(
        self,
        limits: Mapping[str, RateLimit],
        lane: Lane,
        timeout: float | None,
        wake: Callable[[], object],
    ) -> Waiter:
        _checked(limits)
        if lane not in LANES:
            raise InvalidInput(f"lane={lane!r} is unknown: use 'interactive' or 'bulk'")
        if timeout is not None and not (is_number(timeout) and timeout >= 0):
            raise InvalidInput(
                f"timeout={timeout!r} is not a valid timeout: give seconds, 0 or more, or None"
            )
        self._limits.update(limits)
        now = self._dispatcher.clock()
        seconds = math.inf if timeout is None else timeout
        deadline = math.inf if seconds > threading.TIMEOUT_MAX else now + seconds
        return Waiter(Slot(limits), lane, now, deadline, wake)

    def _is_unheard(self, waiter: Waiter) -> bool:
        """Tell whether nobody knows yet when the slot can come."""
        if waiter.outcome is None and waiter.expected is None:
            self._dispatcher.foresee(waiter)
        heard = waiter.outcome or waiter.expected is not None or self._dispatcher.trouble(waiter)
        return not heard

    def _permit(self, waiter: Waiter) -> Permit:
        now = self._dispatcher.clock()
        outcome = waiter.outcome  # read once: the worker may still grant
        if isinstance(outcome, Slot):
            return Permit(self._dispatcher, outcome, now - waiter.since)
        error = outcome or self._dispatcher.trouble(waiter) or waiter.timeout(now)
        raise copy.copy(error) from error.__cause__  # others in line may raise the same one

    def _owe_pause(self, key: str, seconds: float) -> Debt:
        if not (is_number(seconds) and 0 <= seconds < math.inf):
            raise InvalidInput(f"seconds={seconds!r} is not a valid pause: give seconds, 0 or more")
        return self._dispatcher.owe_pause(key, min(seconds, LONGEST))

    async def _off_loop(self, do: Callable[..., _T], *args: object) -> _T:
        """Call `do`, in a thread of its own if the store does I/O: others may fill the loop's."""
        if not self._dispatcher.store.blocking:
            return do(*args)
        import asyncio  # noqa: PLC0415  blocking callers do without it
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  the same

        thread = ThreadPoolExecutor(1)
        work = asyncio.get_running_loop().run_in_executor(thread, functools.partial(do, *args))
        thread.shutdown(wait=False)  # it ends once it has done this
        return await work


def _checked(limits: Mapping[str, RateLimit]) -> Mapping[str, RateLimit]:
    # Here, since a wrong one in the line would be everybody's trouble.
    if not isinstance(limits, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
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
    return limits
