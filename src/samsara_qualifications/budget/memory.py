"""The log in this process's memory."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from .store import Slot
from .window import Log, take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .window import Lane, RateLimit


class MemoryStore:
    """
    The slots of one process.

    What becomes of a slot is noted, and applied by the next `take`: the call may come from a
    finaliser that interrupts another one.

    Args:
        clock: Returns monotonic seconds.
    """

    blocking = False

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logs: defaultdict[str, Log] = defaultdict(Log)
        self._settled: deque[tuple[Slot, float]] = deque()
        self._refunded: deque[Slot] = deque()

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""
        with self._lock:
            self._catch_up()
            logs = {key: self._logs[key] for key in limits}
            now = self._clock()
            wait = take(logs, limits, lane, ahead, now)
            return Slot(limits, now) if wait is None else wait

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        self._settled.append((slot, self._clock()))

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        self._refunded.append(slot)

    def drop(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        self._settled.append((slot, self._clock()))

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for this long."""
        with self._lock:
            self._logs[key].pause(self._clock(), seconds)

    @property
    def at_rest(self) -> bool:
        """Whether all slots are free, and nobody is to wait."""
        with self._lock:
            self._catch_up()
            now = self._clock()
            return all(log.at_rest(now) for log in self._logs.values())

    def close(self) -> None:
        """Keep everything: the window outlives the client."""

    def before_fork(self) -> None:
        """Let nobody change the log."""
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:  # noqa: ARG002  both go on alike
        """Resume after a fork; a child has a copy of the log."""
        self._lock.release()

    def _catch_up(self) -> None:
        while self._settled:
            slot, now = self._settled.popleft()
            for key, limit in slot.limits.items():
                self._logs[key].settle(now, limit, slot.taken)
        while self._refunded:
            slot = self._refunded.popleft()
            for key, limit in slot.limits.items():
                self._logs[key].refund(limit, slot.taken)
