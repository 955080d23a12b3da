"""The order in which slots are handed out, step by step on a clock set by hand."""

from __future__ import annotations

import gc
import math
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget.budget import Budget
from samsara_qualifications.budget.line import Waiter
from samsara_qualifications.budget.memory import MemoryStore
from samsara_qualifications.budget.queue import FORESIGHT
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import RateLimit
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

    from samsara_qualifications.budget.queue import Queue
    from samsara_qualifications.budget.window import Lane

LIMITS = {"update": RateLimit(2, 60)}


@pytest.fixture
def queue(stepped: Callable[[], Queue]) -> Queue:
    """Return a queue before an empty memory store."""
    return stepped()


def join(
    queue: Queue,
    lane: Lane = "interactive",
    timeout: float = math.inf,
    limits: dict[str, RateLimit] = LIMITS,
) -> Waiter:
    """Let a new waiter get in line."""
    now = queue.clock()
    waiter = Waiter(limits, lane, now, now + timeout, lambda: None)
    queue.join(waiter, ask=False)
    return waiter


def granted(waiters: list[Waiter]) -> list[bool]:
    """Return who has a slot."""
    return [isinstance(waiter.outcome, Slot) for waiter in waiters]


def settle(queue: Queue, *waiters: Waiter) -> None:
    """Let the waiters' requests be answered now."""
    for waiter in waiters:
        queue.store.settle(waiter.outcome)


def test_first_come_first_served(queue: Queue, clock: Clock) -> None:
    """Slots go to those who came first, as they come free."""
    waiters = [join(queue) for _ in range(3)]
    queue.serve()
    assert [True, True, False] == granted(waiters)

    settle(queue, *waiters[:2])
    clock.now += 60
    assert queue.serve() is None
    assert [True, True, True] == granted(waiters)


def test_interactive_comes_before_bulk(queue: Queue) -> None:
    """A person's call takes the slot that bulk was waiting for."""
    waiters = [join(queue, "bulk") for _ in range(3)] + [join(queue) for _ in range(2)]
    queue.serve()

    assert [False, False, False, True, True] == granted(waiters)


def test_looks_again_soon(queue: Queue) -> None:
    """Whoever waits is asked for again within a second: another process may give a slot back."""
    for _ in range(3):
        join(queue)

    assert 1.0 == queue.serve()


def test_who_leaves_frees_the_place(queue: Queue, clock: Clock) -> None:
    """A waiter who goes burns nothing, and the next one comes up."""
    waiters = [join(queue) for _ in range(4)]
    queue.serve()
    queue.leave(waiters[2])
    settle(queue, *waiters[:2])
    clock.now += 60
    queue.serve()

    assert [True, True, False, True] == granted(waiters)


def test_slot_of_a_waiter_who_just_left_goes_back(queue: Queue) -> None:
    """A slot granted in the moment of leaving is refunded, and goes to the next."""
    waiters = [join(queue) for _ in range(3)]
    queue.serve()
    queue.leave(waiters[0])
    queue.serve()

    assert granted(waiters)[2]


def test_slot_of_a_waiter_who_left_while_it_was_asked_for_goes_back(queue: Queue) -> None:
    """The store's answer comes too late for one, and goes to the next."""
    waiters = [join(queue) for _ in range(3)]

    class Slow(MemoryStore):
        def take(self, *args: object) -> Slot | float:
            queue.leave(waiters[0])
            return super().take(*args)

    queue.store = Slow(queue.clock)
    queue.serve()
    queue.serve()

    assert [False, True, True] == granted(waiters)


def test_waiter_leaves_from_within_the_queue(queue: Queue) -> None:
    """A coroutine that is collected in the middle of another call stops nobody."""
    waiter = join(queue)

    def leave() -> None:
        with queue._lock:
            queue.leave(waiter)

    thread = threading.Thread(target=leave, daemon=True)
    thread.start()
    thread.join(5)

    assert not thread.is_alive()
    assert queue.serve() is None


def test_waiter_who_left_while_it_was_refused_hears_nothing(queue: Queue) -> None:
    """Whoever has gone gets no error either."""
    for _ in range(2):
        join(queue)
    queue.serve()
    waiter = join(queue, timeout=1)

    class Slow(MemoryStore):
        def take(self, *args: object) -> Slot | float:
            queue.leave(waiter)
            return 60.0

    queue.store = Slow(queue.clock)

    assert queue.serve() is None
    assert waiter.outcome is None
    assert not queue._returned


def test_child_has_nobody_in_line_and_the_parent_everybody(queue: Queue) -> None:
    """Those who wait are the parent's threads; a child does not have them."""
    waiter = join(queue)
    queue.before_fork()
    queue.after_fork(child=False)
    assert queue._lines["update"].head() is waiter
    queue.before_fork()
    queue.after_fork(child=True)

    assert queue._lines["update"].head() is None
    assert queue.serve() is None


def test_slot_of_a_waiter_whose_loop_is_closed_goes_back(queue: Queue) -> None:
    """Nobody can hear of the slot, so the next one gets it."""

    def closed() -> None:
        raise RuntimeError("Event loop is closed")

    deaf = Waiter(LIMITS, "interactive", 0.0, math.inf, closed)
    queue.join(deaf, ask=False)
    waiters = [join(queue) for _ in range(2)]
    queue.serve()
    queue.serve()

    assert [True, True] == granted(waiters)


def test_fails_at_once_when_no_slot_comes_in_time(queue: Queue, clock: Clock) -> None:
    """A deadline before the next slot is refused now, with the time of the next slot."""
    settle_soon = [join(queue) for _ in range(2)]
    queue.serve()
    settle(queue, *settle_soon)
    clock.now += 20
    late, in_time = join(queue, timeout=39), join(queue, timeout=40)
    queue.serve()

    assert isinstance(late.outcome, BudgetTimeout)
    assert 40.0 == late.outcome.retry_after
    assert 0.0 == late.outcome.waited
    assert in_time.outcome is None


def test_fails_at_once_when_others_come_first(queue: Queue, clock: Clock) -> None:
    """Those ahead take the next two slots, so the third cannot come before a window more."""
    first = [join(queue) for _ in range(2)]
    queue.serve()
    settle(queue, *first)
    waiters = [join(queue, timeout=100) for _ in range(3)]
    bulk = join(queue, "bulk", timeout=100)
    queue.serve()

    assert [None, None] == [waiter.outcome for waiter in waiters[:2]]
    assert isinstance(waiters[2].outcome, BudgetTimeout)
    assert 120.0 == waiters[2].outcome.retry_after
    assert isinstance(bulk.outcome, BudgetTimeout)


def test_those_with_time_are_not_foreseen(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand who wait as long as it takes cost no question each."""
    for _ in range(2):
        join(queue)
    queue.serve()
    asked = []
    take = queue.store.take
    monkeypatch.setattr(queue.store, "take", lambda *args: asked.append(args) or take(*args))
    for _ in range(100):
        join(queue, "bulk")
    queue.serve()

    assert 1 == len(asked)


def test_line_moves_on_between_those_who_wait_in_vain(queue: Queue) -> None:
    """With many to refuse, each look serves who comes first before it refuses more."""
    first = [join(queue) for _ in range(2)]
    queue.serve()
    patient = [join(queue) for _ in range(2)]
    late = [join(queue, timeout=5) for _ in range(3 * FORESIGHT)]
    assert 0.0 == queue.serve()
    queue.store.refund(first[0].outcome)
    assert 0.0 == queue.serve()

    assert [True, False] == granted(patient)
    assert late[-1].outcome is None
    assert 1.0 == queue.serve()
    assert all(isinstance(waiter.outcome, BudgetTimeout) for waiter in late)


def test_slot_that_comes_with_the_deadline_goes_back(queue: Queue) -> None:
    """A waiter who finds no slot gives up, even if the worker grants one in this moment."""

    class Late(Waiter):
        __slots__ = ()
        outcomes = (None, Slot(LIMITS, 0.0))

        @property
        def outcome(self) -> object:
            first, *Late.outcomes = Late.outcomes
            return first

        @outcome.setter
        def outcome(self, _: object) -> None:
            pass

    with pytest.raises(BudgetTimeout):
        Budget(queue)._permit(Late(LIMITS, "interactive", 0.0, 0.0, pytest.fail))


def test_bulk_fails_at_once_when_other_bulk_comes_first(queue: Queue) -> None:
    """A bulk call counts those ahead in its own lane, too."""
    first = [join(queue) for _ in range(2)]
    queue.serve()
    settle(queue, *first)
    waiters = [join(queue, "bulk", timeout=100) for _ in range(3)]
    queue.serve()

    assert waiters[0].outcome is None
    assert isinstance(waiters[2].outcome, BudgetTimeout)


def test_who_fails_at_once_makes_room(queue: Queue) -> None:
    """Whoever came first hears first: those behind do not count a call that has gone."""
    one = {"update": RateLimit(1, 60)}
    first = join(queue, limits=one)
    queue.serve()
    settle(queue, first)
    waiters = [join(queue, timeout=timeout, limits=one) for timeout in (math.inf, 100, 130)]
    queue.serve()

    assert isinstance(waiters[1].outcome, BudgetTimeout)
    assert waiters[2].outcome is None  # its slot comes in 120 s, as the second's would have


def test_deadline_before_the_store_was_asked(clock: Clock) -> None:
    """A call that nobody came to serve tells how long it waited, and promises nothing."""
    error = Waiter(LIMITS, "interactive", clock.now - 2, clock.now, lambda: None).timeout(clock.now)

    assert (2.0, 0.0) == (error.waited, error.retry_after)
    assert "cannot be predicted" in str(error)


def test_who_was_refused_waits_for_no_further_word(queue: Queue) -> None:
    """Only a call that nobody came to serve hears the store out past its deadline."""
    waiters = [join(queue) for _ in range(3)]
    assert all(waiter.unheard for waiter in waiters)
    queue.serve()

    assert not any(waiter.unheard for waiter in waiters)


def test_who_was_served_is_not_foreseen(queue: Queue) -> None:
    """Whoever stood behind another, and has gone in the same look, does not matter any more."""
    waiters = [join(queue, timeout=10) for _ in range(2)]

    assert queue.serve() is None
    assert [True, True] == granted(waiters)


def test_looks_again_as_soon_as_the_shortest_window_asks(queue: Queue) -> None:
    """The line with the nearest look decides when that is."""
    for _ in range(3):
        join(queue)
    for _ in range(2):
        join(queue, limits={"read": RateLimit(1, 0.5)})

    assert 0.25 == queue.serve()


def test_whatever_may_free_a_slot_rings(queue: Queue) -> None:
    """The worker looks as soon as the first is refused, a slot comes back, or the first leaves."""

    def rung() -> bool:
        """Tell whether the bell has rung since the last question."""
        queue._worker._rung, rung = False, queue._worker._rung
        return rung

    permits = [Budget(queue).acquire(LIMITS) for _ in range(2)]
    assert not rung()
    first = Waiter(LIMITS, "interactive", 0.0, math.inf, lambda: None)
    queue.join(first, ask=True)
    assert rung()
    permits[0].refund()
    assert rung()
    join(queue)
    assert rung()
    queue.leave(first)
    assert rung()


def test_lines_of_different_keys_are_independent(queue: Queue) -> None:
    """A limit that is used up holds up nobody who waits for another."""
    for _ in range(3):
        join(queue)
    other = Waiter({"read": RateLimit(5, 1)}, "interactive", 0.0, math.inf, lambda: None)
    queue.join(other, ask=False)
    queue.serve()

    assert isinstance(other.outcome, Slot)


def test_first_in_line_asks_itself(queue: Queue) -> None:
    """An uncontended call has its slot without any worker."""
    waiter = Waiter(LIMITS, "interactive", 0.0, math.inf, pytest.fail)
    queue.join(waiter, ask=True)

    assert isinstance(waiter.outcome, Slot)


def test_newcomer_does_not_overtake_who_is_asking(queue: Queue) -> None:
    """While the first asks the store itself, later callers wait behind it."""
    later: list[Waiter] = []

    class Slow(MemoryStore):
        def take(self, *args: object) -> Slot | float:
            if not later:
                later.append(join(queue))
                queue.serve()
                assert later[0].outcome is None
            return super().take(*args)

    queue.store = Slow(queue.clock)
    first = Waiter(LIMITS, "interactive", 0.0, math.inf, lambda: None)
    queue.join(first, ask=True)
    queue.serve()

    assert [True, True] == granted([first, later[0]])


def test_collected_permit_settles(queue: Queue, clock: Clock) -> None:
    """A permit that was lost holds its slot for one window, and not for its lease."""
    budget = Budget(queue)
    permits = [budget.acquire(LIMITS) for _ in range(2)]
    clock.now += 100
    with pytest.raises(BudgetTimeout):
        budget.acquire(LIMITS, timeout=0)
    permits.clear()
    gc.collect()
    with pytest.raises(BudgetTimeout, match=r"60\.000 s"):
        budget.acquire(LIMITS, timeout=0)
    clock.now += 60

    assert 0.0 == budget.acquire(LIMITS, timeout=0).waited


def test_ctrl_c_while_a_permit_is_collected_is_heard(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python ignores what a finalizer raises, so the interrupt comes once more."""
    monkeypatch.setattr(MemoryStore, "drop", lambda *_: signal.raise_signal(signal.SIGINT))
    heeded = signal.signal(signal.SIGINT, signal.default_int_handler)
    permit = Budget(queue).acquire(LIMITS)
    try:
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012  it may come in either line
            del permit
            time.sleep(5)
    finally:
        signal.signal(signal.SIGINT, heeded)


def test_first_of_settle_and_refund_wins(
    make_store: Callable, stepped: Callable, clock: Clock
) -> None:
    """Both can be called any number of times, and only the first call counts."""
    budget = Budget(stepped(make_store(clock)))
    settled, refunded = budget.acquire(LIMITS), budget.acquire(LIMITS)
    settled.settle()
    settled.refund()
    refunded.refund()
    refunded.refund()
    refunded.settle()
    budget.acquire(LIMITS, timeout=0)

    with pytest.raises(BudgetTimeout):
        budget.acquire(LIMITS, timeout=0)


def test_outage_fails_everybody_in_line(queue: Queue) -> None:
    """All waiters hear of a lost store in the time that one call takes to find out."""

    class Lost(MemoryStore):
        def take(self, *args: object) -> Slot | float:
            raise BudgetUnavailable("gone")

    waiters = [join(queue), join(queue, "bulk"), join(queue)]
    queue.store = Lost()
    with pytest.raises(BudgetUnavailable):
        queue.serve()
    queue._fail(BudgetUnavailable("gone"))

    assert ["gone", "gone", "gone"] == [str(waiter.outcome) for waiter in waiters]
