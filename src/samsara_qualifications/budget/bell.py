"""How a task waits for what happens in another thread."""

from __future__ import annotations

import asyncio
import math


class Bell:
    """Wakes one task, from any thread. To be made in the task's event loop."""

    __slots__ = ("_loop", "_rung")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung: asyncio.Future[None] = self._loop.create_future()

    def ring(self) -> None:
        """Wake the task. RuntimeError if its event loop is closed."""
        self._loop.call_soon_threadsafe(self._finish)

    async def wait(self, seconds: float = math.inf) -> None:
        """Wait until it rings, but no longer than so many seconds."""
        if self._rung.done():
            self._rung = self._loop.create_future()
        timer = None if seconds == math.inf else self._loop.call_later(seconds, self._finish)
        try:
            await self._rung
        finally:
            if timer:
                timer.cancel()

    def _finish(self) -> None:
        if not self._rung.done():
            self._rung.set_result(None)
