"""The log in this process's memory."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from samsara_qualifications.budget import window
from samsara_qualifications.budget.store import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samsara_qualifications.budget.window import Lane, RateLimit


class MemoryStore:
    """
    The slots of one process. One under way has no lease: its permit settles it, or is collected.

    Args:
        clock: Returns seconds that never go back.
    """

    blocking = False

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logs: defaultdict[str, window.Log] = defaultdict(lambda: window.Log(lease=math.inf))
        self._under_way: set[Slot] = set()
        self._dropped: deque[Slot] = deque()

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""
        with self._lock:
            while self._dropped:
                self._settle(self._dropped.popleft())
            logs = {key: self._logs[key] for key in limits}
            now = self._clock()
            wait = window.take(logs, limits, lane, ahead, now)
            if wait is not None:
                return wait
            slot = Slot(limits, now)
            self._under_way.add(slot)
            return slot

    def has(self, slot: Slot) -> bool:
        """Return whether the slot was taken here and is under way."""
        return slot in self._under_way

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        with self._lock:
            self._settle(slot)

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        with self._lock:
            if slot in self._under_way:
                self._under_way.remove(slot)
                for key, limit in slot.limits.items():
                    self._logs[key].refund(limit, slot.taken)

    def drop(self, slot: Slot) -> None:
        """Settle the slot with the next call."""
        self._dropped.append(slot)

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for so long."""
        with self._lock:
            self._logs[key].pause(self._clock(), seconds)

    def close(self) -> None:
        """Keep everything: the window outlives the client."""

    def before_fork(self) -> None:
        """Let nobody change the log."""
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:
        """Go on; a child with a copy of the log, in which all that is under way settles now."""
        if child:
            for slot in tuple(self._under_way):
                self._settle(slot)
        self._lock.release()

    def _settle(self, slot: Slot) -> None:
        if slot in self._under_way:
            self._under_way.remove(slot)
            now = self._clock()
            for key, limit in slot.limits.items():
                self._logs[key].settle(now, limit, slot.taken)
