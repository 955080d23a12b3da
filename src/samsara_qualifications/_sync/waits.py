"""How a thread waits; `_async/waits.py` says how a task does."""

from __future__ import annotations

import threading
from time import sleep

__all__ = ["Bell", "owner", "sleep"]


def owner() -> object:
    """Return nobody: any thread may use a blocking client."""
    return None


class Bell:
    """Wakes one waiter."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.ring = self._event.set

    def wait(self, seconds: float) -> None:
        """Wait until it rings, but no longer than so many seconds; infinity is allowed."""
        self._event.wait(min(seconds, threading.TIMEOUT_MAX))
        self._event.clear()
