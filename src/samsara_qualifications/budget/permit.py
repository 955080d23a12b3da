"""The right to send one request."""

from __future__ import annotations

import _thread
import functools
import logging
import threading
from typing import TYPE_CHECKING

from ..errors import QualificationsError
from .queue import Queue
from .store import Slot, Store

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger(__name__)


class Permit:
    """
    The right to send one request. Settle it when the answer is back; refund it if nothing was sent.

    Attributes:
        waited: Seconds that the call waited in line.
    """

    __slots__ = ("_lock", "_queue", "_slot", "waited")

    def __init__(self, queue: Queue, slot: Slot, waited: float) -> None:
        self._queue = queue
        self._slot: Slot | None = slot
        self._lock = threading.Lock()
        self.waited = waited

    def settle(self) -> None:
        """Let the slot come free one window from now: the exchange is over, however it ended."""
        if slot := self._give_up():
            tell(self._queue.store.settle, slot)

    def refund(self) -> None:
        """Free the slot at once: the request was never sent."""
        if slot := self._give_up():
            tell(self._queue.store.refund, slot)
            self._queue.look_again()

    async def settle_async(self) -> None:
        """Do what `settle` does."""
        await off_loop(self._queue.store, self.settle)

    async def refund_async(self) -> None:
        """Do what `refund` does."""
        await off_loop(self._queue.store, self.refund)

    def _give_up(self) -> Slot | None:
        with self._lock:
            slot, self._slot = self._slot, None
        return slot

    def __del__(self) -> None:
        try:
            slot = getattr(self, "_slot", None)  # none yet, if Ctrl-C came while it was made
            if slot:
                self._queue.store.drop(slot)
        except KeyboardInterrupt:  # Python would ignore it here: let it come once more
            threading.Timer(0.01, _thread.interrupt_main).start()


async def off_loop(store: Store, do: Callable[..., None], *args: object) -> None:
    """Call `do`, in a thread of its own if the store does I/O: others may fill the loop's."""
    if store.blocking:
        import asyncio  # noqa: PLC0415  blocking callers do without it
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  the same

        loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1)
        try:
            call = loop.run_in_executor(thread, functools.partial(do, *args))
        except RuntimeError:  # the interpreter shuts down, and starts no more threads
            do(*args)
        else:
            thread.shutdown(wait=False)  # it ends once it has done this
            await call
    else:
        do(*args)


def tell(do: Callable[..., None], *args: object) -> None:
    """Call `do`; a store that fails must not cost a caller the answer that it already has."""
    try:
        do(*args)
    except QualificationsError as error:
        _logger.warning(
            "%s; the budget could not be updated: a slot in use comes free when its lease ends, and"
            " a pause is not shared",
            error,
        )
