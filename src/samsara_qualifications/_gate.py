"""
How many exchanges of a client are under way at once.

Few are cheaper than many: at each event httpcore's pool looks at all waiting requests, times all
connections. With 50 calls at once, 8 exchanges under way take about half of the processor time that
50 take. An exchange that is slow to answer stops counting, so that slow answers cost no throughput.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .budget import Lane

FEW: Final = 8
"""Exchanges that may be under way by default, not counting those that are slow to answer."""

SLOW: Final = 0.1
"""
Seconds after which an exchange no longer counts, so that 80 may begin in a second; the limits of
all operations together allow 23.
"""

BUSY: Final = 10
"""
How much longer it counts where this process is too busy to look in time: then answers seem slow
because of us, and more exchanges would make it worse.
"""


class Pass:
    """
    One exchange that is under way, or waits to be.

    Args:
        lane: The lane of its call.
        wake: Called when it has begun, or should look, if it had to wait.
    """

    __slots__ = ("began", "due", "lane", "wake")

    def __init__(self, lane: Lane, wake: Callable[[], object]) -> None:
        self.lane: Lane = lane
        self.wake = wake
        self.began: float | None = None
        self.due = math.inf  # when it looks again


class Gate:
    """
    Lets exchanges begin: interactive calls before bulk calls, and one is kept for them.

    Thread-safe. A caller that has to wait does so by itself, and looks again after a while.

    Args:
        most: How many may be under way; `None` for a few, and more where answers are slow.
        clock: Returns seconds that never go back.
    """

    def __init__(self, most: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most or FEW
        self._slow = math.inf if most else SLOW
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: dict[Pass, None] = {}  # under way, in the order in which they began
        self._lines: dict[Lane, OrderedDict[Pass, None]] = {
            "interactive": OrderedDict(),
            "bulk": OrderedDict(),
        }

    def enter(self, one: Pass, *, first: bool = False) -> float:
        """
        Begin, or get in line.

        Args:
            one: The pass.
            first: Whether it goes before the others of its lane: it has waited before.

        Returns:
            0 if it has begun, else when to look, in seconds.
        """
        with self._lock:
            now = self._clock()
            self._lines[one.lane][one] = None
            if first:
                self._lines[one.lane].move_to_end(one, last=False)
            self._admit(now, asking=one)
            ahead = sum(map(len, self._lines.values())) - 1
            return self._wait(one, now, ahead // self._most + 1)

    def look(self, one: Pass) -> float:
        """Look whether it has begun, or may; return what `enter` returns."""
        with self._lock:
            now = self._clock()
            late = now - one.due > self._slow / 2
            slow = self._slow * (BUSY if late else 1)
            while self._counted and now - self._oldest() >= slow:
                del self._counted[next(iter(self._counted))]
            if self._admit(now, asking=one):
                self._ring()  # whoever comes next now looks for itself
            return self._wait(one, now, 1)

    def leave(self, one: Pass) -> None:
        """Note that its exchange has ended, or that nobody waits for it any more."""
        with self._lock:
            self._counted.pop(one, None)
            waited = one in self._lines[one.lane]
            self._lines[one.lane].pop(one, None)
            self._admit(self._clock())
            if waited:
                self._ring()

    def _ring(self) -> None:
        for line in self._lines.values():
            if line:
                next(iter(line)).wake()
                return

    def _admit(self, now: float, asking: Pass | None = None) -> bool:
        begun = False
        for lane, line in self._lines.items():
            kept = 1 if lane == "bulk" and self._most > 1 else 0
            while line and len(self._counted) < self._most - kept:
                one, _ = line.popitem(last=False)
                one.began = now
                self._counted[one] = None
                begun = True
                if one is not asking:
                    one.wake()
        return begun

    def _wait(self, one: Pass, now: float, turns: int) -> float:
        if one.began is not None:
            return 0.0
        one.due = now + self._slow * turns
        return self._slow * turns

    def _oldest(self) -> float:
        return next(iter(self._counted)).began or 0.0
