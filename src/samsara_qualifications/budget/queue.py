"""
Hands out a store's slots to those in line.

A caller who comes first asks the store itself. All others wait, and one worker thread asks on their
behalf: so threads and event loops stand in one line, a caller that hangs holds up nobody, and no
event loop waits for a store.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from .line import Line
from .store import Slot
from .window import POLL
from .worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from .line import Waiter
    from .store import Store

FORESIGHT = 20  # waiters whose deadlines are checked before the line moves on


class Queue:
    """
    The lines before a store, one for each first key.

    Args:
        store: Keeps the log.
        clock: Returns monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.clock = clock
        self._reset()

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits, and all slots are known to be free."""
        with self._lock:
            return not self._anybody() and not self._returned and self.store.at_rest

    def before_fork(self) -> None:
        """Prepare for a fork."""
        self._lock.acquire()
        self.store.before_fork()

    def after_fork(self, *, child: bool) -> None:
        """Resume after a fork; a child has nobody in line, and no worker."""
        self.store.after_fork(child=child)
        self._lock.release()
        if child:
            self._reset()

    def _reset(self) -> None:
        self._lines: defaultdict[str, Line] = defaultdict(Line)
        self._unseen: deque[Waiter] = deque()  # behind others, with a deadline; perhaps in vain
        self._returned: deque[Slot] = deque()  # granted to callers who had gone
        # Reentrant: what a finaliser gives back rings the bell, wherever its thread is.
        self._lock = threading.RLock()
        self._worker = Worker(self._lock, self._work, self._anybody)

    def join(self, waiter: Waiter, *, ask: bool) -> None:
        """Get in line. A caller that may block can `ask`: who comes first then has its outcome."""
        with self._lock:
            first = self._lines[waiter.key].add(waiter)
            waiter.asking = ask and first
            if not first and waiter.deadline < math.inf:
                self._unseen.append(waiter)
            if not waiter.asking:
                self._worker.ring()
        if waiter.asking:
            try:
                self._ask(waiter)
            finally:
                waiter.asking = False
            self.look_again()

    def leave(self, waiter: Waiter) -> None:
        """Get out of line; a slot that was granted in this very moment goes back."""
        with self._lock:
            self._lines[waiter.key].remove(waiter)
            if isinstance(waiter.outcome, Slot):
                self._returned.append(waiter.outcome)
                self._worker.ring()
        self.look_again()

    def look_again(self) -> None:
        """Note that slots may have come free, or that somebody else now comes first."""
        with self._lock:
            if self._anybody():
                self._worker.ring()

    def serve(self) -> float | None:
        """Grant what can be granted. Return the seconds until the next look, if anybody waits."""
        while self._returned:
            self.store.refund(self._returned.popleft())
        with self._lock:
            lines = tuple(self._lines.values())
        waits = [self._serve(line) for line in lines]
        for _ in range(min(len(self._unseen), FORESIGHT)):
            self._foresee(self._unseen.popleft())
        if self._unseen:
            return 0.0
        return min((wait for wait in waits if wait is not None), default=None)

    def _serve(self, line: Line) -> float | None:
        while True:
            with self._lock:
                waiter = line.head()
            if waiter is None or waiter.asking:
                return None
            wait = self._ask(waiter)
            if waiter in line:
                return min(wait, POLL, waiter.limits[waiter.key].window_seconds / 2)

    def _foresee(self, waiter: Waiter) -> None:
        with self._lock:
            line = self._lines[waiter.key]
            ahead = line.ahead(waiter) if waiter in line else 0
        if ahead:
            self._ask(waiter, ahead)

    def _ask(self, waiter: Waiter, ahead: int = 0) -> float:
        taken = self.store.take(waiter.limits, waiter.lane, ahead)
        if isinstance(taken, Slot):
            self._give(waiter, taken)
            return 0.0
        now = self.clock()
        waiter.expected = now + taken
        if waiter.expected > waiter.deadline:
            self._give(waiter, waiter.timeout(now))
        return taken

    def _give(self, waiter: Waiter, outcome: Slot | Exception) -> None:
        with self._lock:
            in_line = self._lines[waiter.key].remove(waiter)
            if in_line:
                waiter.outcome = outcome
            elif isinstance(outcome, Slot):
                self._returned.append(outcome)
        if in_line and not waiter.asking:
            try:
                waiter.wake()
            except RuntimeError:  # its event loop is closed
                self.leave(waiter)

    def _anybody(self) -> bool:
        return any(self._lines.values())

    def _work(self) -> float | None:
        try:
            return self.serve()
        except Exception as error:  # noqa: BLE001  everybody in line has to hear of it
            self._fail(error)
            return None

    def _fail(self, error: Exception) -> None:
        with self._lock:
            waiters = [waiter for line in self._lines.values() for waiter in line.all()]
        for waiter in waiters:
            self._give(waiter, error)
