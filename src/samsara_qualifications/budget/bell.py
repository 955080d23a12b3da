"""How a task waits for what happens in another thread."""

from __future__ import annotations

import asyncio
import math


class Bell:
    """Wakes one task, from any thread. To be made in the task's event loop."""

    __slots__ = ("_asleep", "_loop", "_rung")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._asleep: asyncio.Future[None] | None = None
        self._rung = False

    def ring(self) -> None:
        """Wake the task. RuntimeError if its event loop is closed."""
        self._loop.call_soon_threadsafe(self._wake, True)  # noqa: FBT003  it rang

    async def wait(self, seconds: float = math.inf) -> None:
        """Wait until it rings, or has rung, but no longer than so many seconds."""
        if self._rung:
            return
        self._asleep = self._loop.create_future()
        timer = None if seconds == math.inf else self._loop.call_later(seconds, self._wake)
        try:
            await self._asleep
        finally:
            if timer:
                timer.cancel()

    def _wake(self, rung: bool = False) -> None:  # noqa: FBT001, FBT002  private
        self._rung = self._rung or rung
        if self._asleep and not self._asleep.done():
            self._asleep.set_result(None)
