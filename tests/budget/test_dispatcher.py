"""The order in which slots are handed out, step by step on a clock set by hand."""

from __future__ import annotations

import asyncio
import gc
import math
import signal
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget import dispatcher as module
from samsara_qualifications.budget import permit as permit_module
from samsara_qualifications.budget.budget import Budget
from samsara_qualifications.budget.lanes import Waiter
from samsara_qualifications.budget.permit import Permit
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.budget.stores.store import Slot, Wait
from samsara_qualifications.budget.window import LEASE, RateLimit
from samsara_qualifications.errors import (
    BudgetTimeout,
    BudgetUnavailable,
    ConfigurationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

    from samsara_qualifications.budget.dispatcher import Dispatcher
    from samsara_qualifications.budget.window import Lane

LIMITS = {"update": RateLimit(2, 60)}


class Fickle(MemoryStore):
    """A store that is asked over a network, and that can be lost."""

    blocking = True
    lost = False
    unheard = False

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot, unless lost; where unheard, nobody hears of it."""
        self.check()
        wait = super().take(slot, lane)
        if self.unheard:
            raise BudgetUnavailable("gone")
        return wait

    def settle(self, slot: Slot, ago: float) -> None:
        """Settle a slot, unless lost."""
        self.check()
        super().settle(slot, ago)

    def pause(self, key: str, seconds: float) -> None:
        """Pause, unless lost."""
        self.check()
        super().pause(key, seconds)

    def check(self) -> None:
        """Fail where the store is lost."""
        if self.lost:
            raise BudgetUnavailable("gone")


@pytest.fixture
def dispatcher(stepped: Callable[[], Dispatcher]) -> Dispatcher:
    """Return a dispatcher before an empty memory store."""
    return stepped()


@pytest.fixture
def fickle(stepped: Callable, clock: Clock) -> Dispatcher:
    """Return a dispatcher before a store that can be lost."""
    return stepped(Fickle(clock))


def budget_of(dispatcher: Dispatcher) -> Budget:
    """Return a budget before a dispatcher."""
    budget = Budget(dispatcher.store)
    budget._dispatcher = dispatcher
    return budget


def new_waiter(
    dispatcher: Dispatcher,
    lane: Lane = "interactive",
    timeout: float = math.inf,
    limits: dict[str, RateLimit] = LIMITS,
    wake: Callable[[], object] = lambda: None,
) -> Waiter:
    """Return a waiter who is not in line yet."""
    now = dispatcher.clock()
    return Waiter(Slot(limits), lane, now, now + timeout, wake)


def join(dispatcher: Dispatcher, *args: object, **options: object) -> Waiter:
    """Let a new waiter get in line."""
    waiter = new_waiter(dispatcher, *args, **options)
    dispatcher.join(waiter, ask=False)
    return waiter


def granted(waiters: list[Waiter]) -> list[bool]:
    """Return who has a slot."""
    return [isinstance(waiter.outcome, Slot) for waiter in waiters]


def settle(dispatcher: Dispatcher, *waiters: Waiter) -> None:
    """Let the waiters' requests be answered now."""
    for waiter in waiters:
        dispatcher.owe(waiter.outcome, dispatcher.clock())


def use_up(dispatcher: Dispatcher) -> list[Waiter]:
    """Take both slots, and let their requests be answered now."""
    waiters = [join(dispatcher) for _ in range(2)]
    dispatcher.serve()
    settle(dispatcher, *waiters)
    return waiters


def test_first_come_first_served(dispatcher: Dispatcher, clock: Clock) -> None:
    """Slots go to those who came first, as they come free."""
    waiters = [join(dispatcher) for _ in range(3)]
    dispatcher.serve()
    assert [True, True, False] == granted(waiters)

    settle(dispatcher, *waiters[:2])
    clock.now += 60
    assert dispatcher.serve() is None
    assert [True, True, True] == granted(waiters)


def test_interactive_comes_before_bulk(dispatcher: Dispatcher) -> None:
    """A person's call takes the slot that bulk was waiting for."""
    waiters = [join(dispatcher, "bulk") for _ in range(3)] + [join(dispatcher) for _ in range(2)]
    dispatcher.serve()

    assert [False, False, False, True, True] == granted(waiters)


def test_looks_again_soon(dispatcher: Dispatcher) -> None:
    """Whoever waits is asked for again within a second: another process may give a slot back."""
    for _ in range(3):
        join(dispatcher)

    assert 1.0 == dispatcher.serve()


def test_who_leaves_frees_the_place(dispatcher: Dispatcher, clock: Clock) -> None:
    """A waiter who goes burns nothing, and the next one comes up."""
    waiters = [join(dispatcher) for _ in range(4)]
    dispatcher.serve()
    dispatcher.leave(waiters[2])
    settle(dispatcher, *waiters[:2])
    clock.now += 60
    dispatcher.serve()

    assert [True, True, False, True] == granted(waiters)


def test_slot_of_a_waiter_who_just_left_goes_back(dispatcher: Dispatcher) -> None:
    """A slot granted in the moment of leaving is refunded, and goes to the next."""
    waiters = [join(dispatcher) for _ in range(3)]
    dispatcher.serve()
    dispatcher.leave(waiters[0])
    dispatcher.serve()

    assert granted(waiters)[2]


def test_slot_of_a_waiter_who_left_while_it_was_asked_for_goes_back(
    dispatcher: Dispatcher,
) -> None:
    """The store's answer comes too late for one, and goes to the next."""
    waiters = [join(dispatcher) for _ in range(3)]

    class Slow(MemoryStore):
        def take(self, *args: object) -> Wait | None:
            dispatcher.leave(waiters[0])
            return super().take(*args)

    dispatcher.store = Slow(dispatcher.clock)
    dispatcher.serve()
    dispatcher.serve()

    assert [False, True, True] == granted(waiters)


def test_waiter_leaves_from_within_the_queue(dispatcher: Dispatcher) -> None:
    """A coroutine that is collected in the middle of another call stops nobody."""
    waiter = join(dispatcher)

    def leave() -> None:
        with dispatcher._lock:
            dispatcher.leave(waiter)

    thread = threading.Thread(target=leave, daemon=True)
    thread.start()
    thread.join(5)

    assert not thread.is_alive()
    assert dispatcher.serve() is None


def test_waiter_who_left_while_it_was_refused_hears_nothing(dispatcher: Dispatcher) -> None:
    """Whoever has gone gets no error either."""
    for _ in range(2):
        join(dispatcher)
    dispatcher.serve()
    waiter = join(dispatcher, timeout=1)

    class Slow(MemoryStore):
        def take(self, *_: object) -> Wait | None:
            dispatcher.leave(waiter)
            return Wait(60.0, "update")

    dispatcher.store = Slow(dispatcher.clock)

    assert dispatcher.serve() is None
    assert waiter.outcome is None
    assert not dispatcher._owed


def test_child_has_nobody_in_line_and_the_parent_everybody(dispatcher: Dispatcher) -> None:
    """Those who wait are the parent's threads; a child does not have them."""
    waiter = join(dispatcher)
    dispatcher.before_fork()
    dispatcher.after_fork(child=False)
    assert dispatcher._lanes["update"].head() is waiter
    dispatcher.before_fork()
    dispatcher.after_fork(child=True)

    assert not dispatcher._anybody()
    assert dispatcher.serve() is None


def test_child_owes_what_is_in_its_memory_and_nothing_else(
    dispatcher: Dispatcher, fickle: Dispatcher, clock: Clock
) -> None:
    """A log in memory is copied as it stands; a store that others read hears it of the parent."""
    for it in (dispatcher, fickle):
        use_up(it)
        it.before_fork()
        it.after_fork(child=True)
    clock.now += 60
    waiters = [join(it) for it in (dispatcher, fickle)]
    for it in (dispatcher, fickle):
        it.serve()

    assert [True, False] == granted(waiters)


def test_slot_of_a_waiter_whose_loop_is_closed_goes_back(dispatcher: Dispatcher) -> None:
    """Nobody can hear of the slot, so the next one gets it."""

    def closed() -> None:
        raise RuntimeError("Event loop is closed")

    join(dispatcher, wake=closed)
    waiters = [join(dispatcher) for _ in range(2)]
    dispatcher.serve()
    dispatcher.serve()

    assert [True, True] == granted(waiters)


def test_fails_at_once_when_no_slot_comes_in_time(dispatcher: Dispatcher, clock: Clock) -> None:
    """A deadline before the next slot is refused now, with the time of the next slot."""
    settle_soon = [join(dispatcher) for _ in range(2)]
    dispatcher.serve()
    settle(dispatcher, *settle_soon)
    clock.now += 20
    late, in_time = join(dispatcher, timeout=39), join(dispatcher, timeout=40)
    dispatcher.serve()

    assert isinstance(late.outcome, BudgetTimeout)
    assert 40.0 == late.outcome.retry_after
    assert 0.0 == late.outcome.waited
    assert in_time.outcome is None


def test_fails_at_once_when_others_come_first(dispatcher: Dispatcher, clock: Clock) -> None:
    """Those ahead take the next two slots, so the third cannot come before a window more."""
    first = [join(dispatcher) for _ in range(2)]
    dispatcher.serve()
    settle(dispatcher, *first)
    waiters = [join(dispatcher, timeout=100) for _ in range(3)]
    bulk = join(dispatcher, "bulk", timeout=100)
    dispatcher.serve()

    assert [None, None] == [waiter.outcome for waiter in waiters[:2]]
    assert isinstance(waiters[2].outcome, BudgetTimeout)
    assert 120.0 == waiters[2].outcome.retry_after
    assert isinstance(bulk.outcome, BudgetTimeout)


def test_those_with_time_are_not_foreseen(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand who wait as long as it takes cost no question each."""
    for _ in range(2):
        join(dispatcher)
    dispatcher.serve()
    asked = []
    take = dispatcher.store.take
    monkeypatch.setattr(dispatcher.store, "take", lambda *args: asked.append(args) or take(*args))
    for _ in range(100):
        join(dispatcher, "bulk")
    dispatcher.serve()

    assert 1 == len(asked)


def test_few_hear_at_once_that_they_wait_in_vain(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand wake-ups at once would hold up their event loop: some come now, more soon."""
    monkeypatch.setattr(module, "MOST", 10)
    limits = {"update": RateLimit(50, 60)}
    for _ in range(50):
        join(dispatcher, limits=limits)
    dispatcher.serve()
    patient = join(dispatcher, limits=limits)
    late = [join(dispatcher, timeout=20, limits=limits) for _ in range(25)]
    looks = [dispatcher.serve() for _ in range(3)]

    assert [module.BREATH, module.BREATH, 1.0] == looks
    assert all(isinstance(waiter.outcome, BudgetTimeout) for waiter in late)
    assert patient.outcome is None


def test_who_waits_in_vain_is_known_without_asking(dispatcher: Dispatcher) -> None:
    """One question to the store is enough for a line of ten thousand with deadlines."""
    use_up(dispatcher)
    take, asked = dispatcher.store.take, []
    dispatcher.store.take = lambda *args: asked.append(args) or take(*args)
    waiters = [join(dispatcher, timeout=300) for _ in range(10_000)]
    dispatcher.serve()

    assert 1 == len(asked)
    assert [None] * 10 == [waiter.outcome for waiter in waiters[:10]]
    assert all(isinstance(waiter.outcome, BudgetTimeout) for waiter in waiters[10:])


def test_pause_makes_waits_vain(dispatcher: Dispatcher, clock: Clock) -> None:
    """Whoever waits behind others hears at once that the server asked for more than their time."""
    use_up(dispatcher)
    patient = join(dispatcher)
    waiter = join(dispatcher, timeout=70)
    dispatcher.serve()
    assert waiter.outcome is None
    dispatcher.store.pause("update", 90)
    dispatcher.serve()

    assert patient.outcome is None
    assert isinstance(waiter.outcome, BudgetTimeout)
    assert 90 == waiter.outcome.retry_after
    assert "UTC the server asked all to wait, until " in str(waiter.outcome)
    assert "send less" not in str(waiter.outcome)


def test_what_was_expected_is_forgotten_with_those_who_waited(
    dispatcher: Dispatcher, clock: Clock
) -> None:
    """A slot that was given back is there for a newcomer, whatever the last one was told."""
    first = [join(dispatcher) for _ in range(2)]
    dispatcher.serve()
    waiter = join(dispatcher)
    dispatcher.serve()
    dispatcher.owe(first[0].outcome, -math.inf)
    dispatcher.serve()
    assert granted([waiter]) == [True]
    dispatcher.owe(waiter.outcome, -math.inf)
    newcomer = join(dispatcher, timeout=1)
    dispatcher.serve()

    assert granted([newcomer]) == [True]


def test_slot_that_comes_with_the_deadline_goes_back(dispatcher: Dispatcher) -> None:
    """A waiter who finds no slot gives up, even if the worker grants one in this moment."""

    class Late(Waiter):
        __slots__ = ()
        outcomes = (None, Slot(LIMITS))

        @property
        def outcome(self) -> object:
            first, *Late.outcomes = Late.outcomes
            return first

        @outcome.setter
        def outcome(self, _: object) -> None:
            pass

    with pytest.raises(BudgetTimeout):
        budget_of(dispatcher)._permit(Late(Slot(LIMITS), "interactive", 0.0, 0.0, pytest.fail))


def test_bulk_fails_at_once_when_other_bulk_comes_first(dispatcher: Dispatcher) -> None:
    """A bulk call counts those ahead in its own lane, too."""
    use_up(dispatcher)
    waiters = [join(dispatcher, "bulk", timeout=100) for _ in range(3)]
    dispatcher.serve()

    assert waiters[0].outcome is None
    assert isinstance(waiters[2].outcome, BudgetTimeout)


def test_interactive_does_not_count_the_bulk_before_it(dispatcher: Dispatcher) -> None:
    """What bulk was told, it was told for its own lane."""
    use_up(dispatcher)
    bulk = [join(dispatcher, "bulk") for _ in range(10)]
    dispatcher.serve()
    waiter = join(dispatcher, timeout=61)
    dispatcher.serve()

    assert waiter.outcome is None
    assert not any(granted(bulk))


def test_who_fails_at_once_makes_room(dispatcher: Dispatcher) -> None:
    """Whoever came first hears first: those behind do not count a call that has gone."""
    one = {"update": RateLimit(1, 60)}
    first = join(dispatcher, limits=one)
    dispatcher.serve()
    settle(dispatcher, first)
    waiters = [join(dispatcher, timeout=timeout, limits=one) for timeout in (math.inf, 100, 130)]
    dispatcher.serve()

    assert isinstance(waiters[1].outcome, BudgetTimeout)
    assert waiters[2].outcome is None  # its slot comes in 120 s, as the second's would have


def test_deadline_before_the_store_was_asked(dispatcher: Dispatcher, clock: Clock) -> None:
    """A call that nobody came to serve tells how long it waited, and promises nothing."""
    waiter = new_waiter(dispatcher, timeout=2)
    clock.now += 2
    error = waiter.timeout(clock.now)

    assert (2.0, 0.0) == (error.waited, error.retry_after)
    assert "cannot be predicted" in str(error)


def test_who_was_refused_waits_for_no_further_word(dispatcher: Dispatcher) -> None:
    """Only a call that nobody came to serve hears the store out past its deadline."""
    waiters = [join(dispatcher, timeout=70) for _ in range(4)]
    budget = budget_of(dispatcher)
    assert [True, True, False, False] == [budget._is_unheard(waiter) for waiter in waiters]
    dispatcher.serve()

    assert not any(budget._is_unheard(waiter) for waiter in waiters)


def test_looks_again_as_soon_as_the_shortest_window_asks(dispatcher: Dispatcher) -> None:
    """The line with the nearest look decides when that is."""
    for _ in range(3):
        join(dispatcher)
    for _ in range(2):
        join(dispatcher, limits={"read": RateLimit(1, 0.5)})

    assert 0.25 == dispatcher.serve()


def test_whatever_may_free_a_slot_rings(dispatcher: Dispatcher) -> None:
    """The worker looks as soon as the first is refused, a slot comes back, or the first leaves."""

    def rung() -> bool:
        """Tell whether the bell has rung since the last question."""
        dispatcher._rung, rung = False, dispatcher._rung
        return rung

    permits = [budget_of(dispatcher).acquire(LIMITS) for _ in range(2)]
    assert not rung()
    first = new_waiter(dispatcher)
    dispatcher.join(first, ask=True)
    assert rung()
    permits[0].refund()
    assert rung()
    second = join(dispatcher)
    assert not rung()  # it stands behind the first, who is looked after
    dispatcher.leave(second)
    assert not rung()
    dispatcher.leave(first)
    assert not rung()  # nobody is left


def test_lines_of_different_keys_are_independent(dispatcher: Dispatcher) -> None:
    """A limit that is used up holds up nobody who waits for another."""
    for _ in range(3):
        join(dispatcher)
    other = join(dispatcher, limits={"read": RateLimit(5, 1)})
    dispatcher.serve()

    assert isinstance(other.outcome, Slot)


def test_longest_waiting_comes_first_under_a_shared_limit(
    dispatcher: Dispatcher, clock: Clock
) -> None:
    """Updates and reads that share the organisation's limit have it as they came, lane by lane."""
    shared = {"organization": RateLimit(2, 60)}
    update = {"update": RateLimit(100, 60), **shared}
    get = {"get": RateLimit(100, 60), **shared}
    served = []

    def come(name: str, limits: dict, lane: Lane) -> None:
        """Let a call get in line that notes when it is served."""
        waiter = new_waiter(dispatcher, lane, limits=limits)
        waiter.wake = lambda: served.append((name, waiter))
        dispatcher.join(waiter, ask=False)
        clock.now += 1

    for number in range(4):
        come(f"bulk {number}", update, "bulk")
        come(f"update {number}", update, "interactive")
        come(f"get {number}", get, "interactive")
    while len(served) < 12:
        before = len(served)
        dispatcher.serve()
        settle(dispatcher, *(waiter for _, waiter in served[before:]))
        clock.now += 1

    names = [name for name, _ in served]
    assert [f"{kind} {number}" for number in range(4) for kind in ("update", "get")] == names[:8]
    assert [f"bulk {number}" for number in range(4)] == names[8:]


def test_interactive_comes_before_bulk_of_another_key(dispatcher: Dispatcher, clock: Clock) -> None:
    """A person's read has the slot that an update's push has waited for, and for longer."""
    shared = {"organization": RateLimit(1, 60)}
    first, bulk = (
        join(dispatcher, lane, limits={"update": RateLimit(9, 60), **shared})
        for lane in ("interactive", "bulk")
    )
    dispatcher.serve()
    clock.now += 1
    read = join(dispatcher, limits={"get": RateLimit(9, 60), **shared})
    dispatcher.owe(first.outcome, -math.inf)
    dispatcher.serve()

    assert [True, False] == granted([read, bulk])


def test_newcomer_under_another_key_does_not_overtake(dispatcher: Dispatcher) -> None:
    """While anybody waits, nobody asks the store past the line: it may be for the same slot."""
    shared = {"organization": RateLimit(1, 60)}
    first, second = (join(dispatcher, limits={"update": RateLimit(9, 60), **shared}) for _ in "ab")
    dispatcher.serve()
    dispatcher.owe(first.outcome, -math.inf)
    newcomer = new_waiter(dispatcher, limits={"get": RateLimit(9, 60), **shared})
    dispatcher.join(newcomer, ask=True)
    dispatcher.serve()

    assert [True, False] == granted([second, newcomer])


def test_first_in_line_asks_itself(dispatcher: Dispatcher) -> None:
    """An uncontended call has its slot without any worker."""
    waiter = new_waiter(dispatcher, wake=pytest.fail)
    dispatcher.join(waiter, ask=True)

    assert isinstance(waiter.outcome, Slot)


def test_newcomer_does_not_overtake_who_is_asking(dispatcher: Dispatcher) -> None:
    """While the first asks the store itself, later callers wait behind it."""
    later: list[Waiter] = []

    class Slow(MemoryStore):
        def take(self, *args: object) -> Wait | None:
            if not later:
                later.append(join(dispatcher))
                dispatcher.serve()
                assert later[0].outcome is None
            return super().take(*args)

    dispatcher.store = Slow(dispatcher.clock)
    first = new_waiter(dispatcher)
    dispatcher.join(first, ask=True)
    dispatcher.serve()

    assert [True, True] == granted([first, later[0]])


def test_collected_permit_settles(dispatcher: Dispatcher, clock: Clock) -> None:
    """A permit that was lost may have been used: it counts until its request has arrived."""
    budget = budget_of(dispatcher)
    permits = [budget.acquire(LIMITS) for _ in range(2)]
    clock.now += 100
    permits.clear()
    gc.collect()
    with pytest.raises(BudgetTimeout, match=r"60\.000 s"):
        budget.acquire(LIMITS, timeout=0)
    clock.now += 60 + permit_module.LATE

    assert 0.0 == budget.acquire(LIMITS, timeout=0).waited


def test_request_without_an_answer_counts_until_it_has_arrived(
    dispatcher: Dispatcher, clock: Clock
) -> None:
    """What was sent may reach the server after its call gave up: the window runs from then."""
    budget = budget_of(dispatcher)
    answered, unanswered = budget.acquire(LIMITS), budget.acquire(LIMITS)
    answered.settle()
    unanswered.settle(answered=False)
    clock.now += 60
    budget.acquire(LIMITS, timeout=0)
    with pytest.raises(BudgetTimeout) as caught:
        budget.acquire(LIMITS, timeout=0)

    assert permit_module.LATE == caught.value.retry_after


def test_ctrl_c_while_a_permit_is_collected_is_heard(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python ignores what a finalizer raises, so the interrupt comes once more."""
    monkeypatch.setattr(Permit, "_sent", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    heeded = signal.signal(signal.SIGINT, signal.default_int_handler)
    permit = budget_of(dispatcher).acquire(LIMITS)
    try:
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012  it may come in either line
            del permit
            for _ in range(500):
                time.sleep(0.01)
    finally:
        signal.signal(signal.SIGINT, heeded)


def test_ctrl_c_while_a_slot_settles_loses_nothing(
    fickle: Dispatcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store did not hear since Ctrl-C came, it hears before the next take."""
    budget = budget_of(fickle)
    permits = [budget.acquire(LIMITS) for _ in range(2)]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fickle.store, "check", interrupted)
        for permit in permits:
            with pytest.raises(KeyboardInterrupt):
                permit.settle()
    clock.now += 60

    assert 0.0 == budget.acquire(LIMITS, timeout=0).waited


async def test_cancelled_settle_loses_nothing(fickle: Dispatcher, clock: Clock) -> None:
    """A task that is cancelled while its slot goes back has given it back."""
    limits = {"update": RateLimit(60, 60)}
    budget = budget_of(fickle)
    permits = [budget.acquire(limits) for _ in range(60)]
    tasks = [asyncio.create_task(permit.settle_async()) for permit in permits]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    clock.now += 60

    assert [0.0] * 60 == [budget.acquire(limits, timeout=0).waited for _ in range(60)]


def test_first_of_settle_and_refund_wins(
    make_store: Callable, stepped: Callable, clock: Clock
) -> None:
    """Both can be called any number of times, and only the first call counts."""
    budget = budget_of(stepped(make_store(clock)))
    settled, refunded = budget.acquire(LIMITS), budget.acquire(LIMITS)
    settled.settle()
    settled.refund()
    refunded.refund()
    refunded.refund()
    refunded.settle()
    budget.acquire(LIMITS, timeout=0)

    with pytest.raises(BudgetTimeout):
        budget.acquire(LIMITS, timeout=0)


def test_what_is_owed_is_delivered_with_its_time(fickle: Dispatcher, clock: Clock) -> None:
    """Answers that came while the store was lost free their slots when they would have."""
    limits = {"update": RateLimit(30, 60)}
    budget, other = budget_of(fickle), {"read": RateLimit(1, 1)}
    permits = [budget.acquire(limits) for _ in range(30)]
    fickle.store.lost = True
    for permit in permits:
        permit.settle()
    budget.pause("read", 8)
    clock.now += 3
    fickle.store.lost = False
    with pytest.raises(BudgetTimeout) as caught:
        budget.acquire(limits, timeout=0)
    assert 57.0 == caught.value.retry_after
    with pytest.raises(BudgetTimeout) as caught:
        budget.acquire(other, timeout=0)
    assert 5.0 == caught.value.retry_after
    clock.now += 57

    assert [0.0] * 30 == [budget.acquire(limits, timeout=0).waited for _ in range(30)]


def test_what_is_owed_is_delivered_where_nobody_comes(fickle: Dispatcher, clock: Clock) -> None:
    """Others who share the store need not wait for the next call of this process."""
    waiters = [join(fickle) for _ in range(2)]
    fickle.serve()
    fickle.store.lost = True
    settle(fickle, *waiters)
    assert module.AGAIN == fickle.serve()
    clock.now += module.AGAIN
    fickle.store.lost = False

    assert fickle.serve() is None
    assert 0 == fickle.store.use(LIMITS)["update"].in_flight


def test_what_is_owed_for_longer_than_a_lease_is_forgotten(
    fickle: Dispatcher, clock: Clock
) -> None:
    """The slot has come free by itself, and nothing has to be kept for a store that is gone."""
    use_up(fickle)
    fickle.store.lost = True
    fickle.serve()
    clock.now += LEASE + 1
    fickle.serve()

    assert not fickle._owed


def test_unwilling_store_costs_no_answer(
    fickle: Dispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has an answer keeps it; what a store will never hear is dropped, and said."""

    def refuse(*_: object) -> None:
        raise ConfigurationError("refused")

    budget = budget_of(fickle)
    permit = budget.acquire(LIMITS)
    monkeypatch.setattr(fickle.store, "check", refuse)
    permit.settle()

    assert "refused; a slot in use comes free when its lease ends" in caplog.text
    assert not fickle._owed


def test_outage_is_borne(
    fickle: Dispatcher, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody fails while the store may come back; it is said when that begins and ends."""
    waiters = [join(fickle), join(fickle, "bulk"), join(fickle, timeout=60)]
    fickle.store.lost = True
    events = []
    fickle.listeners.append(events.append)
    for _ in range(40):
        assert module.AGAIN == fickle.serve()
        clock.now += module.AGAIN
    assert [None] * 3 == [waiter.outcome for waiter in waiters]
    fickle.store.lost = False
    fickle.serve()

    assert [True, False, True] == granted(waiters)
    assert ["outage", "recovered"] == [event.kind for event in events]
    assert all(event.text in caplog.text for event in events)


def test_outage_that_lasts_fails_everybody(fickle: Dispatcher, clock: Clock) -> None:
    """All in line hear of it after ten seconds, and whoever comes later hears of it at once."""
    waiters = [join(fickle), join(fickle, "bulk"), join(fickle, timeout=60)]
    fickle.store.lost = True
    for _ in range(11):
        fickle.serve()
        clock.now += module.PATIENCE / 10
    late = new_waiter(fickle)
    fickle.join(late, ask=True)

    assert ["gone"] * 4 == [str(waiter.outcome) for waiter in [*waiters, late]]


def test_outage_whose_questions_take_long_ends_too(fickle: Dispatcher, clock: Clock) -> None:
    """A store that needs longer to fail than it is left alone otherwise is one outage, not many."""
    waiter = join(fickle)

    def hang() -> None:
        clock.now += module.UNASKED + 1
        raise BudgetUnavailable("gone")

    fickle.store.check = hang
    for _ in range(2):
        fickle.serve()

    assert "gone" == str(waiter.outcome)


def test_store_that_does_not_answer_is_asked_for_one_line(fickle: Dispatcher) -> None:
    """Others that wait under other keys need not find out, one after the other, what is known."""
    for key in ("update", "get", "stream"):
        join(fickle, limits={key: RateLimit(1, 1)})
    asked = []

    def lost() -> None:
        asked.append(1)
        raise BudgetUnavailable("gone")

    fickle.store.check = lost
    fickle.serve()

    assert 1 == len(asked)


def test_second_outage_is_borne_like_the_first(fickle: Dispatcher, clock: Clock) -> None:
    """What nobody noticed the end of does not count for one that begins an hour later."""
    fickle.store.lost = True
    join(fickle)
    fickle.serve()
    clock.now += 3600
    waiter = join(fickle)
    fickle.serve()

    assert waiter.outcome is None


def test_deadline_in_an_outage_says_so(fickle: Dispatcher, clock: Clock) -> None:
    """The store is why there is no slot, and a call that cannot wait hears of it at once."""
    fickle.store.lost = True
    with pytest.raises(BudgetUnavailable, match="gone"):
        budget_of(fickle).acquire(LIMITS, timeout=0)

    assert not fickle._anybody()


def test_failure_that_lasts_is_not_waited_for(fickle: Dispatcher) -> None:
    """Where waiting cannot help, all hear of it at once."""
    waiters = [join(fickle) for _ in range(2)]

    def broken() -> None:
        raise BudgetUnavailable("replaced", lasting=True)

    fickle.store.check = broken
    fickle.serve()

    assert ["replaced"] * 2 == [str(waiter.outcome) for waiter in waiters]
    assert not any(waiter.outcome.retryable for waiter in waiters)


def test_slot_that_may_have_been_taken_goes_back(fickle: Dispatcher) -> None:
    """Who leaves after a take whose answer was lost gives back what it may have got."""
    fickle.store.unheard = True
    waiter = join(fickle)
    fickle.serve()
    fickle.store.unheard = False
    assert 1 == fickle.store.use(LIMITS)["update"].used
    fickle.leave(waiter)
    fickle.serve()

    assert 0 == fickle.store.use(LIMITS)["update"].used


def test_slot_that_may_have_been_taken_goes_back_whoever_finds_the_store_again(
    fickle: Dispatcher,
) -> None:
    """That another call was answered since does not tell what became of this one's slot."""
    fickle.store.unheard = True
    waiter = join(fickle)
    fickle.serve()
    fickle.store.unheard = False
    other = new_waiter(fickle, limits={"read": RateLimit(1, 1)})
    fickle.join(other, ask=False)
    waiter.asking = True  # so that the store is asked for the other one alone
    fickle.serve()
    assert granted([waiter, other]) == [False, True]
    fickle.leave(waiter)
    fickle.serve()

    assert 0 == fickle.store.use(LIMITS)["update"].used


def test_debt_that_cannot_be_told_is_dropped(
    fickle: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a store raises, it costs nobody else a slot or an answer."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    budget = budget_of(fickle)
    permit = budget.acquire(LIMITS)
    settle, fickle.store.settle = fickle.store.settle, broken
    permit.settle()
    fickle.store.settle = settle

    assert "division by zero; a slot in use comes free when its lease ends" in caplog.text
    assert budget.acquire(LIMITS, timeout=0)


def test_who_left_behind_another_shortens_no_wait(dispatcher: Dispatcher, clock: Clock) -> None:
    """Those behind who have gone do not bring the others forward."""
    use_up(dispatcher)
    waiters = [join(dispatcher, timeout=100) for _ in range(12)]
    dispatcher.serve()
    for waiter in waiters[1:]:
        dispatcher.leave(waiter)
    dispatcher.foresee(waiters[0])

    assert clock.now + 60 == waiters[0].expected


def test_slow_failures_are_not_added_up(fickle: Dispatcher, clock: Clock) -> None:
    """A store that takes its time to fail costs one wait for all that it should hear."""
    limits = {"update": RateLimit(50, 60)}
    budget = budget_of(fickle)
    permits = [budget.acquire(limits) for _ in range(50)]
    asked = []

    def hang() -> None:
        asked.append(clock.now)
        clock.now += 0.3
        raise BudgetUnavailable("gone")

    fickle.store.check = hang
    begun = clock.now
    for permit in permits:
        permit.settle()
    assert clock.now - begun <= 0.3
    waiter = join(fickle)
    while clock.now - begun < 11:
        wait = fickle.serve()
        clock.now += wait

    assert "gone" == str(waiter.outcome)
    assert len(asked) < 40


def test_pause_outlives_a_long_outage(fickle: Dispatcher, clock: Clock) -> None:
    """What a server asked for counts for so long, however late the store hears of it."""
    fickle.store.lost = True
    budget_of(fickle).pause("update", 3600)
    for _ in range(400):
        clock.now += 1
        fickle.serve()
    fickle.store.lost = False
    clock.now += 1
    fickle.serve()

    assert 3199 == fickle.store.use(LIMITS)["update"].pause.left
    assert not fickle._in_debt


def test_ctrl_c_while_the_store_is_asked_loses_no_slot(
    fickle: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slot that was granted while nobody could hear of it goes back."""
    take = MemoryStore.take

    def interrupted(store: MemoryStore, *args: object) -> None:
        take(store, *args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Fickle, "take", interrupted)
        with pytest.raises(KeyboardInterrupt):
            budget_of(fickle).acquire(LIMITS)
    fickle.serve()

    assert 0 == fickle.store.use(LIMITS)["update"].used


def test_pause_that_is_over_is_no_reason(dispatcher: Dispatcher, clock: Clock) -> None:
    """An error names no pause that ended, or that was told to those who have gone."""
    dispatcher.store.pause("update", 5)
    first = join(dispatcher)
    dispatcher.serve()
    assert first.wait.pause
    clock.now += 5
    join(dispatcher)
    dispatcher.serve()
    late = [join(dispatcher, timeout=59) for _ in range(3)][-1]

    assert isinstance(late.outcome, BudgetTimeout)
    assert "UTC" not in str(late.outcome)


def test_stale_head_blocks_nobody(clock: Clock) -> None:
    """Whoever was torn out of its call by two Ctrl-Cs stays in line, and stops nobody."""
    budget = Budget(MemoryStore())
    dispatcher = budget._dispatcher
    stale = new_waiter(dispatcher)
    dispatcher._working = True  # as if a worker had just ended
    dispatcher.join(stale, ask=False)
    dispatcher._working = False

    assert budget.acquire(LIMITS, timeout=5)


def test_status_while_others_use_new_keys(dispatcher: Dispatcher) -> None:
    """It tells of the limits that were known when it was asked."""
    budget = budget_of(dispatcher)
    budget.acquire(LIMITS)
    use = dispatcher.store.use

    def use_while_another_key_comes(limits: dict) -> dict:
        budget.acquire({f"key {len(budget._limits)}": RateLimit(1, 1)})
        return use(limits)

    dispatcher.store.use = use_while_another_key_comes

    assert ["update"] == [limit.key for limit in budget.status().limits]


async def test_old_outage_does_not_fail_a_call_of_now(fickle: Dispatcher) -> None:
    """A store that is back answers the first call that asks it, one that cannot wait, too."""
    budget = Budget(Fickle())
    store = budget._dispatcher.store
    store.lost = True
    with pytest.raises(BudgetUnavailable):
        await budget.acquire_async(LIMITS, timeout=0)
    store.lost = False

    assert await budget.acquire_async(LIMITS, timeout=0)


def test_heaps_forget_those_who_have_gone(dispatcher: Dispatcher) -> None:
    """Behind one that stays, thousands can come and go."""
    for _ in range(2):
        join(dispatcher)
    dispatcher.serve()
    stays = join(dispatcher, timeout=1e6)
    dispatcher.serve()
    for _ in range(5000):
        dispatcher.leave(join(dispatcher, timeout=1e5))
    queue = dispatcher._lanes["update"]._interactive

    assert stays in dispatcher._lanes["update"]
    assert len(queue.deadlines) < 300
    assert len(queue.unchecked) < 300


def test_endless_deadline(dispatcher: Dispatcher) -> None:
    """A number too large for a clock is as good as none."""
    assert budget_of(dispatcher).acquire(LIMITS, timeout=10**400)


def test_listener_that_fails_harms_nobody(
    fickle: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    """What is raised by a caller's function is logged, and the others are called."""
    heard = []
    budget = budget_of(fickle)
    for listener in (partial(int, "no number"), sys.exit, heard.append, heard.append):
        budget.listen(listener)

    def broken() -> None:
        raise BudgetUnavailable("replaced", lasting=True)

    fickle.store.check = broken
    with pytest.raises(BudgetUnavailable):
        budget.acquire(LIMITS, timeout=0)

    assert ["outage"] == [event.kind for event in heard]
    assert 2 == caplog.text.count("a listener of the budget failed")
