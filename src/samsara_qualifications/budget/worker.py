"""The thread that serves those in line, for as long as anybody waits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE = 5.0  # seconds after which a worker without work ends


class Worker:
    """
    Calls `serve` when the bell rings, and again after the seconds that it returns.

    Args:
        lock: Guards the line; whoever rings or asks holds it.
        serve: Does what can be done; returns the seconds until the next look, or `None`.
        anybody: Returns whether anybody waits.
    """

    def __init__(
        self,
        lock: threading.RLock,
        serve: Callable[[], float | None],
        anybody: Callable[[], bool],
    ) -> None:
        self._serve = serve
        self._anybody = anybody
        self._bell = threading.Condition(lock)
        self._rung = False
        self.working = False

    def ring(self) -> None:
        """Have the line served soon. The caller holds the lock."""
        self._rung = True
        self._bell.notify()
        if not self.working:
            threading.Thread(target=self._work, name="samsara-budget", daemon=True).start()
            self.working = True

    def _work(self) -> None:
        while True:
            with self._bell:
                self._rung = False
            wait = self._serve()
            with self._bell:
                if not self._rung:
                    self._bell.wait(IDLE if wait is None else wait)
                if not self._rung and not self._anybody():
                    self.working = False
                    return
