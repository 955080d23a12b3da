"""What the calls of a client know of an outage of the server, and who looks whether it is over."""

from __future__ import annotations

import logging
import threading
from typing import Final

_log = logging.getLogger("samsara_qualifications")

FIRST: Final = 1.0
"""Seconds between the first two looks; each further time between two is twice as long."""

LOOK: Final = 1.0
"""Seconds after which a waiting call looks whether another one has found the server well."""


class Outage:
    """
    An outage as the calls of one client see it: one of them at a time tries the server.

    Thread-safe. Times are seconds on the rules' clock.

    Args:
        longest: Seconds between two tries at most.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._began: float | None = None
        self._next = 0.0
        self._pause = FIRST
        self.answered = False
        self.after_fork()

    def after_fork(self) -> None:
        """Go on in a child process, where nobody holds the lock."""
        self._lock = threading.Lock()

    @property
    def began(self) -> float | None:
        """When it began; `None` while the server is well."""
        return self._began

    def over(self) -> None:
        """Note an answer: the server is there, whatever it says."""
        self.answered = True
        if self._began is not None:
            with self._lock:
                self._began, self._pause = None, FIRST
            _log.warning("the server answers again")

    def note(self, now: float) -> float:
        """Note a call that ended for want of the server; return the seconds to the next try."""
        with self._lock:
            if self._began is None:
                _log.warning("the server does not answer; calls wait until it does")
                self._began, self._next = now, now + self._pause
            return max(0.0, self._next - now)

    def turn(self, now: float) -> float:
        """Take the turn to try the server, or return the seconds after which to look again."""
        with self._lock:
            if self._began is None:
                return 0.0
            if now < self._next:
                return min(self._next - now, LOOK)
            self._pause = min(2 * self._pause, self._longest)
            self._next = now + self._pause
            return 0.0
