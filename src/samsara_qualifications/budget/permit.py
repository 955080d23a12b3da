"""The right to send one request."""

from __future__ import annotations

import _thread
import math
import threading
from typing import TYPE_CHECKING

from .dispatcher import Dispatcher
from .stores.store import Slot

if TYPE_CHECKING:
    from .dispatcher import Debt

LATE = 10.0
"""
Seconds after which a request without an answer has reached the server, or never will.

The call gave up, but what it sent may still lie in a buffer or with a proxy, and count when it
arrives. Samsara's answers and those of proxies in between come within seconds; a connection that
needs longer is mostly dead.
"""


class Permit:
    """
    The right to send one request. Settle it when the answer is back; refund it if nothing was sent.

    Whatever becomes of the store or of the caller meanwhile, what is said here gets through: it is
    kept, and told the store before the next slot is taken.

    Attributes:
        waited: Seconds that the call waited in line.
    """

    __slots__ = ("_dispatcher", "_lock", "_slot", "waited")

    def __init__(self, dispatcher: Dispatcher, slot: Slot, waited: float) -> None:
        self._dispatcher = dispatcher
        self._slot: Slot | None = slot
        self._lock = threading.Lock()
        self.waited = waited

    def settle(self, *, answered: bool = True) -> None:
        """
        Let the slot come free one window from now: the exchange is over.

        Args:
            answered: Whether the server answered. If not, the request may still arrive, and the
                slot comes free 10 s later.
        """
        if self._owe(self._sent(answered)):
            self._dispatcher.pay()

    def refund(self) -> None:
        """Free the slot at once: the request was never sent."""
        if self._owe(-math.inf):
            self._dispatcher.pay()

    async def settle_async(self, *, answered: bool = True) -> None:
        """Do what `settle` does, without blocking the event loop."""
        if debt := self._owe(self._sent(answered)):
            await self._dispatcher.pay_async(debt)

    async def refund_async(self) -> None:
        """Do what `refund` does, without blocking the event loop."""
        if debt := self._owe(-math.inf):
            await self._dispatcher.pay_async(debt)

    def _sent(self, answered: bool) -> float:  # noqa: FBT001  private
        return self._dispatcher.clock() + (0.0 if answered else LATE)

    def _owe(self, sent: float) -> Debt | None:
        with self._lock:
            slot, self._slot = self._slot, None
            return self._dispatcher.owe(slot, sent) if slot else None

    def __del__(self) -> None:
        try:
            slot = getattr(self, "_slot", None)  # none yet, if Ctrl-C came while it was made
            if slot:
                self._dispatcher.owe(slot, self._sent(answered=False))
        except KeyboardInterrupt:  # Python would ignore it here: let it come once more
            threading.Timer(0.01, _thread.interrupt_main).start()
