"""Going on alone while the store does not answer, with a share of each limit."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from ...errors import BudgetUnavailable
from ..window import RateLimit
from .memory import MemoryStore
from .store import Slot, Use, Wait, unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..window import Lane
    from .store import EventKind, Notify, Store


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
        self.notify: Notify = unheard
        self._store = store
        store.notify = self._pass_on
        self.title = store.title
        self.volatile = store.volatile
        self._share = share
        self._clock = clock
        self._local = MemoryStore(clock)
        self._lock = threading.Lock()
        self._lost: float | None = None  # since when the store does not answer
        self._spent: Mapping[str, float] = {}  # keys that were used alone, with their windows

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot from the store, or else from this process's share."""
        try:
            self._tell_spent()
            wait = self._store.take(slot, lane)
        except BudgetUnavailable as error:
            with self._lock:
                lost, wait = self._lost is None, self._take_alone(slot, lane)
            if lost:
                self._tell_alone(slot, error)
        else:
            with self._lock:
                back, self._lost = self._lost is not None, None
            if back:
                self.notify("recovered", "")
        return wait

    def settle(self, slot: Slot, ago: float) -> None:
        """Let the slot come free; the others hear of one taken alone as soon as they can."""
        if slot.store is self and not slot.told:
            self._local.settle(slot, ago)
            slot.told = True
        self._tell_spent()
        self._store.settle(slot, ago)

    def pause(self, key: str, seconds: float, why: str = "server") -> None:
        """Refuse everybody under `key` for this long; at least here."""
        self._local.pause(key, seconds, why)
        self._store.pause(key, seconds, why)

    def use(self, limits: Mapping[str, RateLimit]) -> dict[str, Use]:
        """Return how far each limit is used, as the store knows it."""
        return self._store.use(limits)

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

    def _take_alone(self, slot: Slot, lane: Lane) -> Wait | None:
        now = self._clock()
        self._lost = now if self._lost is None else self._lost
        key = max(slot.limits, key=lambda key: slot.limits[key].window_seconds)
        seconds = self._lost + slot.limits[key].window_seconds - now
        if seconds > 0:
            return Wait(seconds, key)
        shares = {key: self._part(limit) for key, limit in slot.limits.items()}
        own = Slot(shares)
        wait = self._local.take(own, lane)
        if wait is None:
            slot.store, slot.taken, slot.told = self, own.taken, False
            slot.id = slot.id or os.urandom(8).hex()
            windows = {key: limit.window_seconds for key, limit in slot.limits.items()}
            self._spent = {**self._spent, **windows}
        return wait

    def _tell_spent(self) -> None:
        """Let all wait for a window, if this process sent anything that the store does not know."""
        spent = self._spent
        for key, window in spent.items():
            self._store.pause(key, window, "alone")
        with self._lock:
            if self._spent is spent:
                self._spent = {}

    def _pass_on(self, kind: EventKind, text: str) -> None:
        self.notify(kind, text)

    def _tell_alone(self, slot: Slot, error: BudgetUnavailable) -> None:
        window = max(limit.window_seconds for limit in slot.limits.values())
        self.notify(
            "alone",
            f"{error}; this process waits {window:g} s, and then goes on alone with"
            f" {self._share:.0%} of each limit until the store answers",
        )

    def _part(self, limit: RateLimit) -> RateLimit:
        return RateLimit(max(1, int(limit.requests * self._share)), limit.window_seconds)
