"""The log in this process's memory."""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from typing import TYPE_CHECKING

from ..window import LEASE, Log, take
from .store import Wait, pause_of, unheard, use_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..window import Lane, RateLimit
    from .store import Notify, Slot, Use


class SlotArray:
    """Slots in memory, sorted."""

    def __init__(self) -> None:
        self.times = array("d")

    def expire(self, now: float) -> int:
        """Forget those that are free by now; return how many are left."""
        if self.times and self.times[0] <= now:
            del self.times[: bisect_right(self.times, now)]
        return len(self.times)

    def time(self, index: int) -> float:
        """Return when the slot at this place comes free."""
        return self.times[index]

    def later(self, time: float) -> int:
        """Return how many come free after this time."""
        return len(self.times) - bisect_right(self.times, time)

    def add(self, time: float, slot_id: str = "") -> None:  # noqa: ARG002  equal times are alike
        """Take a slot that comes free at this time."""
        insort(self.times, time)

    def drop(self, time: float) -> None:
        """Forget the slot that comes free at this time, if it is there."""
        index = bisect_left(self.times, time)
        if index < len(self.times) and self.times[index] == time:
            del self.times[index]


class MemoryLog(Log):
    """A log in memory."""

    def __init__(self) -> None:
        self.array = SlotArray()
        super().__init__(self.array)


class MemoryStore:
    """
    The slots of one process.

    Args:
        clock: Returns monotonic seconds.
    """

    title = "this process's memory"
    blocking = False
    volatile = False

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.notify: Notify = unheard
        self._clock = clock
        self._lock = threading.Lock()
        self._logs: defaultdict[str, MemoryLog] = defaultdict(MemoryLog)

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot under every limit, or say how long to wait."""
        with self._lock:
            logs = {key: self._logs[key] for key in slot.limits}
            now = self._clock()
            seconds, key = take(logs, slot.limits, lane, now)
            if seconds:
                return Wait(seconds, key, pause_of(logs[key], now))
            slot.store, slot.taken = self, now
            return None

    def settle(self, slot: Slot, ago: float) -> None:
        """Let the slot come free one window after `ago` seconds before now; at once if infinite."""
        with self._lock:
            now = self._clock()
            for key, limit in slot.limits.items():
                slots = self._logs[key].array
                slots.drop(slot.taken + limit.window_seconds + LEASE)
                if ago < limit.window_seconds:
                    slots.add(now - ago + limit.window_seconds)

    def pause(self, key: str, seconds: float, why: str = "server") -> None:
        """Refuse everybody under `key` for this long."""
        with self._lock:
            now = self._clock()
            self._logs[key].pause(now, now + seconds, why)

    def use(self, limits: Mapping[str, RateLimit]) -> dict[str, Use]:
        """Return how far each limit is used."""
        with self._lock:
            now = self._clock()
            return {key: use_of(self._logs[key], limit, now) for key, limit in limits.items()}

    @property
    def at_rest(self) -> bool:
        """Whether all slots are free, and nobody is to wait."""
        with self._lock:
            now = self._clock()
            logs = self._logs.values()
            return all(log.paused <= now and not log.slots.expire(now) for log in logs)

    def close(self) -> None:
        """Keep everything: the window outlives the client."""

    def before_fork(self) -> None:
        """Let nobody change the log."""
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:  # noqa: ARG002  both go on alike
        """Resume after a fork; a child has a copy of the log."""
        self._lock.release()
