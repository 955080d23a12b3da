"""What the calls of a client know of an outage of the server, and who looks whether it is over."""

from __future__ import annotations

import logging
import math
import threading
from typing import Final

FIRST: Final = 1.0
"""Seconds between the first two tries; each further time between two is twice as long."""

LOOK: Final = 1.0
"""Seconds after which a waiting call looks whether another one has found the server well."""

_log = logging.getLogger("samsara_qualifications")


class Outage:
    """
    An outage as the calls of one client see it: one of them at a time tries the server.

    Thread-safe. Times are seconds on the rules' clock.

    Args:
        longest: Seconds between two tries at most.
        exchange: Seconds that a try may take.
    """

    def __init__(self, longest: float, exchange: float) -> None:
        self._longest = max(longest, FIRST)
        self._exchange = exchange
        self._next = 0.0
        self._pause = FIRST
        self.on = False
        self.answered = -math.inf
        """When the server last answered; so early that it never did."""
        self.after_fork()

    def after_fork(self) -> None:
        """Go on in a child process, where nobody holds the lock."""
        self._lock = threading.Lock()

    def over(self, now: float) -> None:
        """Note an answer: the server is there, whatever it says."""
        self.answered = now
        if self.on:
            with self._lock:
                self.on, self._pause = False, FIRST
            _log.warning("the server answers again")

    def note(self, now: float, *, ask: float = 0.0, tried: bool) -> float:
        """
        Note a call that failed for want of the server.

        Args:
            now: The time.
            ask: Seconds that the server asked to wait.
            tried: Whether it was this call's turn to try the server.

        Returns:
            The seconds until the next try.
        """
        with self._lock:
            begins = not self.on
            if begins or tried:
                self.on, self._next = True, now + max(self._pause, ask)
                self._pause = min(2 * self._pause, self._longest)
            wait = max(0.0, self._next - now)
        if begins:
            _log.warning("the server does not answer; bulk calls wait until it does")
        return wait

    def turn(self, now: float) -> float:
        """Take the turn to try the server, or return the seconds after which to look again."""
        with self._lock:
            if not self.on:
                return 0.0
            if now < self._next:
                return min(self._next - now, LOOK)
            self._next = now + self._exchange  # nobody else, until this try has ended
            return 0.0
