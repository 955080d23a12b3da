"""Going on alone while the store does not answer, with a share of each limit."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from ..errors import BudgetUnavailable
from .memory import MemoryStore
from .store import Slot
from .window import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .store import Store
    from .window import Lane

ALONE = "alone"  # the id of slots of this process's memory


class LocalFallback:
    """
    A store, and this process's memory for the time that it does not answer.

    Nothing is sent for one window after the store was lost, since the others' use is unknown, and
    for one window after it is back, if this process sent anything on its own. Every call asks the
    store first, so all who share it are back as soon as it answers.

    Args:
        store: The store to fall back from.
        share: The share of each limit that this process may use alone; at least one request.
        clock: Returns monotonic seconds.
    """

    blocking = True
    at_rest = False

    def __init__(
        self, store: Store, share: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._share = share
        self._clock = clock
        self._local = MemoryStore(clock)
        self._lock = threading.Lock()
        self._lost: float | None = None  # since when the store does not answer
        self._spent: Mapping[str, float] = {}  # keys that were used alone, with their windows

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot from the store, or else from this process's share."""
        spent = self._spent
        try:
            for key, window in spent.items():
                self._store.pause(key, window)
            taken = self._store.take(limits, lane, ahead)
        except BudgetUnavailable:
            with self._lock:
                return self._take_alone(limits, lane, ahead)
        with self._lock:
            self._lost = None
            if self._spent is spent:
                self._spent = {}
        return taken

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        if slot.id == ALONE:
            self._local.settle(slot)
            if self._lost is not None:
                return
            slot = Slot(slot.limits, slot.taken, os.urandom(12).hex())
        self._store.settle(slot)

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        (self._local if slot.id == ALONE else self._store).refund(slot)

    def drop(self, slot: Slot) -> None:
        """Deal with a slot whose permit was collected unsettled."""
        (self._local if slot.id == ALONE else self._store).drop(slot)

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for this long; at least here."""
        self._local.pause(key, seconds)
        self._store.pause(key, seconds)

    def close(self) -> None:
        """Release the store's connections."""
        self._store.close()

    def before_fork(self) -> None:
        """Prepare both stores for a fork."""
        self._lock.acquire()
        self._local.before_fork()
        self._store.before_fork()

    def after_fork(self, *, child: bool) -> None:
        """Resume both stores after a fork."""
        self._store.after_fork(child=child)
        self._local.after_fork(child=child)
        self._lock.release()

    def _take_alone(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int) -> Slot | float:
        now = self._clock()
        self._lost = now if self._lost is None else self._lost
        wait = self._lost + max(limit.window_seconds for limit in limits.values()) - now
        if wait > 0:
            return wait
        shares = {key: self._part(limit) for key, limit in limits.items()}
        taken = self._local.take(shares, lane, ahead)
        if isinstance(taken, Slot):
            taken.id = ALONE
            windows = {key: limit.window_seconds for key, limit in limits.items()}
            self._spent = {**self._spent, **windows}
        return taken

    def _part(self, limit: RateLimit) -> RateLimit:
        return RateLimit(max(1, int(limit.requests * self._share)), limit.window_seconds)
