"""The arithmetic of a sliding log that settles."""

from __future__ import annotations

import math
from array import array

import pytest

from samsara_qualifications.budget.window import GRACE, LEASE, PACE, POLL, Log, RateLimit, take
from samsara_qualifications.errors import ConfigurationError

LIMIT = RateLimit(4, 60)


def take_all(log: Log, now: float, lane: str = "interactive") -> int:
    """Take slots until one is refused; return how many there were."""
    taken = 0
    while take({"key": log}, {"key": LIMIT}, lane, 0, now) is None:
        taken += 1
    return taken


@pytest.mark.parametrize("requests", [0, -1, 1.5, True, "4", None])
def test_limit_needs_a_whole_number_of_requests(requests: object) -> None:
    """Anything but an int of at least 1 is refused by name."""
    with pytest.raises(ConfigurationError, match=f"requests={requests!r}.*1 or more"):
        RateLimit(requests, 60)


@pytest.mark.parametrize("seconds", [0, -1.0, math.inf, math.nan, "60", None, True])
def test_limit_needs_a_window(seconds: object) -> None:
    """A window that is not a positive, finite time is refused by name."""
    with pytest.raises(ConfigurationError, match=f"window_seconds={seconds!r}"):
        RateLimit(4, seconds)


def test_free_window_is_had_at_once() -> None:
    """An interactive call may use all of a free window, and no more than that."""
    assert LIMIT.requests == take_all(Log(), 0.0)


def test_bulk_has_a_third_of_a_free_window_at_once() -> None:
    """The rest is left to others, and to bulk itself by and by."""
    log = Log()

    assert 2 == take_all(log, 0.0, "bulk")
    assert 2 == take_all(log, 0.0, "interactive")


def test_slot_under_way_holds_its_lease() -> None:
    """Unsettled slots come free one window after the longest exchange, and not before."""
    log = Log()
    take_all(log, 0.0)

    assert 0 == take_all(log, 59.9 + LEASE)
    assert LIMIT.requests == take_all(log, 60 + LEASE)


def test_settled_slot_comes_free_one_window_later() -> None:
    """The window runs from the answer, not from the request."""
    log = Log()
    take_all(log, 0.0)
    log.settle(2.5, LIMIT, taken=0.0)

    assert 0 == take_all(log, 62.4)
    assert 1 == take_all(log, 62.5)


def test_refunded_slot_is_free_at_once() -> None:
    """A request that was never sent costs nothing, and a second refund frees no other slot."""
    log = Log()
    take_all(log, 0.0)
    log.refund(LIMIT, taken=0.0)
    log.refund(LIMIT, taken=-1.0)
    log.refund(LIMIT, taken=1.0)

    assert 1 == take_all(log, 0.1)


def test_settling_after_the_lease_counts_again() -> None:
    """An answer that came later than any lease still holds its slot for one window."""
    log = Log()
    take_all(log, 0.0)
    late = 60 + LEASE + 1
    assert late == log.chance(late, LIMIT, "interactive")
    log.settle(late, LIMIT, taken=0.0)

    assert LIMIT.requests - 1 == take_all(log, late)


def test_chance_counts_those_ahead() -> None:
    """Whoever stands behind others gets the slot after theirs; laps take a window each."""
    log = Log()
    for second in range(4):
        take({"key": log}, {"key": LIMIT}, "interactive", 0, float(second))
        log.settle(second + 0.5, LIMIT, taken=float(second))

    chances = [log.chance(10.0, LIMIT, "interactive", ahead) for ahead in range(6)]

    assert [60.5, 61.5, 62.5, 63.5, 120.5, 121.5] == chances


def test_chance_with_free_slots_ahead() -> None:
    """Those ahead take the free slots first."""
    log = Log()
    take({"key": log}, {"key": LIMIT}, "interactive", 0, 0.0)
    log.settle(0.5, LIMIT, taken=0.0)

    chances = [log.chance(1.0, LIMIT, "interactive", ahead) for ahead in (0, 2, 3, 4)]

    assert [1.0, 1.0, 60.5, 61.0] == chances


def test_chance_of_a_slot_under_way_is_a_window_from_now() -> None:
    """It could settle this very moment, and not come free sooner than one window later."""
    log = Log()
    take_all(log, 0.0)

    assert 70.0 == log.chance(10.0, LIMIT, "interactive")


def test_lowered_limit_waits_until_enough_slots_are_free() -> None:
    """Slots above a lowered limit have to come free before the next is granted."""
    log = Log()
    for second in (1.0, 2.0, 3.0, 4.0):
        take({"key": log}, {"key": LIMIT}, "interactive", 0, second)
        log.settle(second, LIMIT, taken=second)

    assert 63.0 == log.chance(5.0, RateLimit(2, 60), "interactive")


def test_bulk_is_paced_in_its_first_window() -> None:
    """What is left after its burst lasts until the first slots come free."""
    log = Log()
    take_all(log, 0.0, "bulk")
    for _ in range(2):
        log.settle(0.0, LIMIT, taken=0.0)

    # Two slots are free until the next at 60: bulk's turns part the time in three.
    assert 20.0 == log.chance(0.0, LIMIT, "bulk")
    assert take({"key": log}, {"key": LIMIT}, "bulk", 0, 20.0) is None
    assert 40.0 == log.chance(20.0, LIMIT, "bulk")
    assert 20.0 == log.chance(20.0, LIMIT, "interactive")


def test_bulk_is_paced_in_every_later_window() -> None:
    """A window that comes free all at once is handed out evenly again."""
    log = Log()
    take_all(log, 0.0)
    for _ in range(2):
        log.settle(0.0, LIMIT, taken=0.0)

    assert 1 == take_all(log, 60.0, "bulk")
    assert 60.0 + PACE * 15 < log.chance(60.0, LIMIT, "bulk")
    assert 60.0 == log.chance(60.0, LIMIT, "interactive")


def test_bulk_leaves_free_slots_until_the_next_come_free() -> None:
    """What interactive calls took is not taken again: the rest lasts until the window's end."""
    log = Log()
    take({"key": log}, {"key": LIMIT}, "bulk", 0, 0.0)
    for second in (1.0, 2.0):
        take({"key": log}, {"key": LIMIT}, "interactive", 0, second)
    for taken in (0.0, 1.0, 2.0):
        log.settle(taken, LIMIT, taken)

    # One slot is free until the next at 60: bulk's turn comes half way.
    assert 30.0 == log.chance(3.0, LIMIT, "bulk")


def test_refund_hurries_the_pace() -> None:
    """A turn that was put off since slots were scarce comes at once when they are back."""
    log = Log()
    for _ in range(2):
        take({"key": log}, {"key": LIMIT}, "interactive", 0, 0.0)
    assert take({"key": log}, {"key": LIMIT}, "bulk", 0, 1.0) is None
    put_off = log.chance(1.5, LIMIT, "bulk")
    log.refund(LIMIT, taken=0.0)

    assert put_off > log.chance(1.5, LIMIT, "bulk")


def test_bulk_stands_back_for_an_interactive_waiter() -> None:
    """A refused interactive call keeps bulk off until it looks again, or has its slot."""
    log = Log()
    take_all(log, 0.0)

    log.refund(LIMIT, taken=0.0)
    assert POLL + GRACE == log.chance(0.0, LIMIT, "bulk")
    assert take({"key": log}, {"key": LIMIT}, "interactive", 0, 0.5) is None
    log.refund(LIMIT, taken=0.5)
    assert 0.5 == log.chance(0.5, LIMIT, "bulk")


def test_pause_refuses_everybody() -> None:
    """Nothing is granted until the pause is over; a shorter one does not end it."""
    log = Log()
    log.pause(0.0, 5.0)
    log.pause(1.0, 1.0)

    assert 5.0 == log.chance(2.0, LIMIT, "interactive")
    assert 0 == take_all(log, 4.9)
    assert 4 == take_all(log, 5.0)


def test_repeated_pauses_halve_the_bulk_pace_and_it_recovers() -> None:
    """The first pause costs no pace, each later one half of it; a minute undoes one."""

    def step(now: float) -> float:
        """Return the seconds from a bulk call to the next."""
        log.slots, log.bulk = [now + 1, now + 2], now
        return log.chance(now, LIMIT, "bulk") - now

    log = Log()
    even = PACE * 15
    paces = []
    for second in (0.0, 1.0, 2.0):
        log.pause(second, 0.5)
        paces.append(round(step(second + 0.5) / even))
    log.pause(2.1, 0.5)  # within the pause: the same event, seen by another request

    assert [1, 2, 4] == paces
    assert 4 == round(step(2.6) / even)
    assert 2 == round(step(62.0) / even)
    assert 1 == pytest.approx(step(182.0) / even)


def test_repeated_pauses_shrink_the_burst() -> None:
    """A bulk lane that is slowed down does not burst through what the slow pace leaves free."""
    log = Log()
    log.pause(0.0, 0.5)
    log.pause(1.0, 0.5)

    assert 1 == take_all(log, 1.5, "bulk")


def test_all_limits_or_none() -> None:
    """Where one limit refuses, no slot is taken under the others."""
    logs = {"wide": Log(), "narrow": Log()}
    limits = {"wide": LIMIT, "narrow": RateLimit(1, 1)}

    assert take(logs, limits, "interactive", 0, 0.0) is None
    assert 1.0 == take(logs, limits, "interactive", 0, 0.0)
    assert 1 == len(logs["wide"].slots)


def test_nothing_is_taken_with_others_ahead() -> None:
    """The question when a slot can come takes none, and leaves no trace."""
    log = Log()

    assert 0.0 == take({"key": log}, {"key": LIMIT}, "bulk", 1, 7.0)
    assert Log() == log


def test_shift_moves_every_time() -> None:
    """After a reboot all times mean what they meant when the host went down."""
    log = Log()
    take_all(log, 0.0)
    log.pause(0.0, 100.0)
    before = log.chance(1.0, LIMIT, "bulk")
    log.shift(-500.0)

    assert before - 500.0 == log.chance(-499.0, LIMIT, "bulk")


def test_shift_moves_nothing_but_times() -> None:
    """Every time moves alike, and what is not a time stays."""
    log = Log(array("d", [7.0, 8.0]), 1.0, 2.0, 3.0, 4.0, strikes=5.0)
    log.shift(-10.0)

    assert Log(array("d", [-3.0, -2.0]), -9.0, -8.0, -7.0, -6.0, strikes=5.0) == log
