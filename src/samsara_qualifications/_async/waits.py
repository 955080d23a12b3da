"""How a task waits; `_sync/waits.py` says how a thread does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

__all__ = ["Bell", "owner", "sleep"]

sleep = asyncio.sleep
owner = asyncio.get_running_loop


class Bell:
    """Wakes one waiter."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.ring = self._event.set

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, but no longer than so many seconds; infinity is allowed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                await self._event.wait()
        self._event.clear()
