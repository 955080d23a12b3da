"""
Hands out a store's slots to those in line, and tells the store what becomes of them.

A caller who comes first asks the store itself. All others wait, and one worker thread asks on their
behalf: so threads and event loops stand in one line, a caller that hangs holds up nobody, and no
event loop waits for a store.

What the store has to hear of a slot is owed first and delivered then, before the next slot is
taken: so nothing is lost while the store does not answer, or where a call is cancelled meanwhile.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import math
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BudgetUnavailable
from .lanes import Lanes
from .status import BudgetEvent
from .window import LEASE, POLL

if TYPE_CHECKING:
    from collections.abc import Callable

    from .lanes import Waiter
    from .stores.store import EventKind, Slot, Store, Wait
    from .window import Lane

PATIENCE = 10.0  # seconds for which those in line bear that the store does not answer
AGAIN = 0.2  # seconds until it is asked again then
BRIEF = 1.0  # seconds of silence that are not worth a word
UNASKED = 5.0  # seconds without a question after which the next failure begins another outage
IDLE = 5.0  # seconds after which a worker without work ends
MOST = 200  # who hear at once that they wait in vain: more would hold up their event loop
BREATH = 0.01  # seconds until the next ones hear it

NEWS: dict[EventKind, str] = {
    "outage": "{text}; calls wait for it, up to " + f"{PATIENCE:g} s",
    "recovered": "{store} answers again",
    "alone": "{text}",
    "log_lost": "{store} has lost its log of {text}: nobody sends until one window has passed",
    "log_new": "the log of {text} in {store} is new: what was sent under it before now does not"
    " count (cold_start='wait' lets one window pass first)",
}
"""What is said of each kind of event."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Debt:
    """
    What a store has to hear.

    Attributes:
        store: The store.
        tell: Tells it, given the seconds that have passed since `when`.
        when: The time that counts, on the dispatcher's clock.
        until: When it does not matter any more.
        paid: Whether the store was told.
        heard: Called once the store was told, or does not answer; from any thread.
    """

    store: Store
    tell: Callable[[float], None]
    when: float
    until: float
    paid: bool = False
    heard: Callable[[], object] | None = None


class Dispatcher:
    """
    The lines before a store, one for each first key.

    Args:
        store: Keeps the log.
        clock: Returns monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.clock = clock
        self.listeners: list[Callable[[BudgetEvent], None]] = []
        store.notify = self._tell
        self._owed: deque[Debt] = deque()  # what nobody has looked at yet
        self._unpaid: list[Debt] = []  # what the store has not heard yet
        self._reset()

    def _reset(self) -> None:
        self._lanes: defaultdict[str, Lanes] = defaultdict(Lanes)
        # Reentrant: a coroutine that is collected leaves its line, wherever its thread is.
        self._lock = threading.RLock()
        self._bell = threading.Condition(self._lock)
        self._delivering = threading.RLock()
        self._rung = False
        self._working = False
        self._deaf: dict[Store, float] = {}  # stores that did not listen: when to try again
        self.outage: BudgetUnavailable | None = None  # why the store does not answer, if so
        self._lost = self._failed = -math.inf  # when the outage began, and when it last showed
        self._told = False  # whether a word was said of it

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits, and all slots are known to be free."""
        if self.store.blocking:
            return False
        self.deliver()
        with self._lock:
            waiting = self._anybody()
        return not waiting and self.store.at_rest

    def waiting(self) -> dict[str, dict[Lane, int]]:
        """Return how many wait in each lane, by the first key."""
        with self._lock:
            return {key: lanes.waiting() for key, lanes in self._lanes.items()}

    def before_fork(self) -> None:
        """Prepare for a fork."""
        if not self.store.blocking:
            self.deliver()
        self._delivering.acquire()
        self.store.before_fork()  # before the lock: who changes the log may want that
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:
        """Resume after a fork; a child has nobody in line, owes nothing, and has no worker."""
        self._lock.release()
        self.store.after_fork(child=child)
        self._delivering.release()
        if child:
            self._owed.clear()
            self._unpaid.clear()
            self._reset()

    def join(self, waiter: Waiter, *, ask: bool) -> None:
        """Get in line. A caller that may block can `ask`: who comes first then has its outcome."""
        now = self.clock()
        with self._lock:
            waiter.asking = ask and not self._anybody()
            lanes = self._lanes[waiter.key]
            if not lanes.add(waiter, now):
                waiter.outcome = waiter.timeout(now)
                return
            if not waiter.asking and (lanes.head() is waiter or not self._working):
                self._ring()
        if waiter.asking:
            try:
                self._ask(waiter)
            finally:
                waiter.asking = False
            self.look_again()

    def leave(self, waiter: Waiter) -> None:
        """Get out of line; a slot that was granted in this very moment goes back."""
        with self._lock:
            lanes = self._lanes[waiter.key]
            first = lanes.head() is waiter
            lanes.remove(waiter)
            if waiter.outcome is waiter.slot or waiter.unsure:
                waiter.unsure = False
                self.owe(waiter.slot, -math.inf)
                first = True
        if first:
            self.look_again()

    def foresee(self, waiter: Waiter) -> None:
        """Find out when a waiter's slot can come, at the earliest, without asking the store."""
        with self._lock:
            self._lanes[waiter.key].foresee(waiter, self.clock())

    def owe(self, slot: Slot, sent: float) -> Debt:
        """
        Note what the store has to hear of a slot. Neither locks nor blocks.

        Args:
            slot: The slot.
            sent: When its request had reached the server; minus infinity if it was not sent.
        """
        store = slot.store or self.store
        return self._owe(store, functools.partial(store.settle, slot), sent, LEASE)

    def owe_pause(self, key: str, seconds: float) -> Debt:
        """Note that the server asked all who send under `key` to wait."""

        def tell(ago: float) -> None:
            if ago < seconds:
                self.store.pause(key, seconds - ago)

        return self._owe(self.store, tell, self.clock(), seconds)

    def _owe(
        self, store: Store, tell: Callable[[float], None], when: float, seconds: float
    ) -> Debt:
        debt = Debt(store, tell, when, self.clock() + seconds)
        self._owed.append(debt)
        return debt

    def pay(self) -> None:
        """Tell the store what it has to hear: now, if others read it, else before the next take."""
        if self.store.blocking:
            self.deliver()
        with contextlib.suppress(RuntimeError):  # the system is out of threads
            self.look_again()

    async def pay_async(self, debt: Debt) -> None:
        """Do what `pay` does, without blocking the event loop."""
        if not self.store.blocking:
            return self.pay()
        from .bell import Bell  # noqa: PLC0415  blocking callers do without asyncio

        bell = Bell()
        debt.heard = bell.ring
        try:
            self.look_again()
        except RuntimeError:
            self.pay()
        if not debt.paid:
            await bell.wait()
        return None

    def look_again(self) -> None:
        """Note that there may be something to do: to grant, or to deliver."""
        with self._lock:
            if self._anybody():
                for lanes in self._lanes.values():
                    lanes.forget()
                self._ring()
            elif self.store.blocking and self._in_debt:
                self._ring()

    def deliver(self) -> None:
        """Tell the store what it has to hear; what it cannot hear now stays owed."""
        with self._delivering:
            known = len(self._unpaid)
            while self._owed:
                self._unpaid.append(self._owed[0])  # first, so that Ctrl-C loses none
                self._owed.popleft()
            patient = max(self._deaf.values()) > self.clock() if self._deaf else False
            for debt in self._unpaid[known if patient else 0 :]:
                self._tell_store(debt)
                heard, debt.heard = debt.heard, None
                if heard:
                    with contextlib.suppress(RuntimeError):  # its event loop is closed
                        heard()
            if not patient:
                self._unpaid = [debt for debt in self._unpaid if not debt.paid]

    def _tell_store(self, debt: Debt) -> None:
        """Tell the store what is owed; note whether that is dealt with."""
        store, now = debt.store, self.clock()
        if debt.paid or self._deaf.get(store, now) > now:
            return
        try:
            debt.tell(now - debt.when)
        except BudgetUnavailable as error:
            if store not in self._deaf:
                _log.warning("%s; what became of slots in use is told later", error)
            self._deaf[store] = self.clock() + AGAIN
            debt.paid = now > debt.until
            return
        except Exception as error:  # noqa: BLE001  it must cost nobody a slot or an answer
            _log.warning("%s; a slot in use comes free when its lease ends", error)
        debt.paid = True
        if self._deaf:
            self._deaf.pop(store, None)
        if self.outage and store is self.store:
            self._note_recovery()

    def serve(self) -> float | None:
        """Grant what can be granted. Return the seconds until the next look, if there is one."""
        self.deliver()
        looks = [AGAIN] if self._in_debt else []
        waiting = dict(self._lanes)
        while waiter := self._next(waiting):
            seconds = self._ask(waiter)
            if waiter in waiting[waiter.key]:
                del waiting[waiter.key]
                looks += [seconds]
            if self.outage:
                break
        for lanes in tuple(self._lanes.values()):
            now = self.clock()
            with self._lock:
                hopeless = lanes.pop_hopeless(now, MOST)
                for waiter in hopeless:
                    waiter.outcome = waiter.timeout(now)
            for waiter in hopeless:
                self._wake(waiter)
            looks += [BREATH] if len(hopeless) >= MOST else []
        return min(looks, default=None)

    def _next(self, waiting: dict[str, Lanes]) -> Waiter | None:
        """Return who comes next under any of these keys: interactive first, then who came first."""
        with self._lock:
            heads = [head for lanes in waiting.values() if (head := lanes.head())]
        return min((it for it in heads if not it.asking), key=lambda it: it.rank, default=None)

    def _ask(self, waiter: Waiter) -> float:
        """Ask the store for a waiter's slot. Return the seconds until the next question."""
        if self._in_debt:
            self.deliver()
        begun = self.clock()
        try:
            wait = self._take(waiter)
            if self._deaf and self._deaf.pop(self.store, 0.0):  # it listens again
                self.deliver()
                wait = wait and self._take(waiter)
        except BudgetUnavailable as error:
            self._note_outage(error, begun)
            return AGAIN
        waiter.unsure = False
        if self.outage:
            self._note_recovery()
        if wait is None:
            self._give(waiter, waiter.slot)
            return 0.0
        now = self.clock()
        with self._lock:
            waiter.expected, waiter.wait = now + wait.seconds, wait
            self._lanes[waiter.key].expect(waiter)  # unless it has gone meanwhile
        if waiter.expected > waiter.deadline:
            self._give(waiter, waiter.timeout(now))
        return min(wait.seconds, POLL, waiter.slot.limits[waiter.key].window_seconds / 2)

    def _take(self, waiter: Waiter) -> Wait | None:
        try:
            return self.store.take(waiter.slot, waiter.lane)
        except BaseException:  # it may have granted the slot all the same
            with self._lock:
                waiter.unsure = waiter in self._lanes[waiter.key]
                if not waiter.unsure:
                    self.owe(waiter.slot, -math.inf)
            raise

    def _give(self, waiter: Waiter, outcome: Slot | Exception) -> None:
        with self._lock:
            in_line = self._lanes[waiter.key].remove(waiter)
            if in_line:
                waiter.outcome = outcome
            if outcome is waiter.slot and not in_line:
                self.owe(waiter.slot, -math.inf)
        if in_line and not waiter.asking:
            self._wake(waiter)

    def _wake(self, waiter: Waiter) -> None:
        try:
            waiter.wake()
        except RuntimeError:  # its event loop is closed
            self.leave(waiter)

    def trouble(self, waiter: Waiter) -> BudgetUnavailable | None:
        """Return why the store does not answer, if that showed since this waiter came."""
        return self.outage if self._failed >= waiter.since else None

    def _note_outage(self, error: BudgetUnavailable, begun: float) -> None:
        now = self.clock()
        if not self.outage or begun - self._failed > UNASKED:
            self._lost, self._told = begun, False
        self.outage, self._failed = error, now
        lasts = error.lasting or now - self._lost >= PATIENCE
        if not self._told and (lasts or now - self._lost >= BRIEF):
            self._told = True
            self._tell("outage", str(error))
        if lasts:
            self._fail(error)

    def _note_recovery(self) -> None:
        self.outage = None
        if self._told:
            self._tell("recovered", "")

    def _fail(self, error: Exception) -> None:
        with self._lock:
            waiters = [waiter for lanes in self._lanes.values() for waiter in lanes]
        for waiter in waiters:
            self._give(waiter, error)

    def _tell(self, kind: EventKind, text: str) -> None:
        title = self.store.title
        event = BudgetEvent(kind, title, NEWS[kind].format(store=title, text=text))
        known = kind == "log_new" and not self.store.volatile
        _log.log(logging.INFO if known else logging.WARNING, "%s", event.text)
        for listener in self.listeners:
            try:
                listener(event)
            except (Exception, SystemExit):  # noqa: BLE001  the caller's code may raise anything
                _log.exception("a listener of the budget failed")

    @property
    def _in_debt(self) -> bool:
        return bool(self._owed or self._unpaid)

    def _anybody(self) -> bool:
        return any(self._lanes.values())

    def _ring(self) -> None:
        """Have the line served soon. The caller holds the lock."""
        self._rung = True
        self._bell.notify()
        if not self._working:
            threading.Thread(target=self._work, name="samsara-budget", daemon=True).start()
            self._working = True

    def _work(self) -> None:
        while True:
            with self._bell:
                self._rung = False
            try:
                wait = self.serve()
            except Exception as error:  # noqa: BLE001  everybody in line has to hear of it
                self._fail(error)
                wait = None
            except BaseException:
                self._working = False  # so that the next one in line starts another
                raise
            with self._bell:
                if not self._rung:
                    self._bell.wait(IDLE if wait is None else wait)
                if not self._rung and not self._anybody() and not self._in_debt:
                    self._working = False
                    return
