"""The arithmetic of a sliding log that settles."""

from __future__ import annotations

import math

import pytest

from samsara_qualifications.budget.stores.memory import SlotArray
from samsara_qualifications.budget.window import (
    BURST,
    GRACE,
    LEASE,
    MARGIN,
    MEMORY,
    POLL,
    Log,
    RateLimit,
    take,
)
from samsara_qualifications.errors import ConfigurationError

LIMIT = RateLimit(4, 60)
WIDE = RateLimit(100, 60)


def new_log() -> Log:
    """Return an empty log."""
    return Log(SlotArray())


def take_all(log: Log, now: float, lane: str = "interactive", limit: RateLimit = LIMIT) -> int:
    """Take slots until one is refused; return how many there were."""
    taken = 0
    while not take({"key": log}, {"key": limit}, lane, now)[0]:
        taken += 1
    return taken


def settle(log: Log, now: float, taken: float, limit: RateLimit = LIMIT) -> None:
    """Let the slot that was taken at that time come free one window from now."""
    refund(log, taken, limit)
    log.slots.add(now + limit.window_seconds)


def refund(log: Log, taken: float, limit: RateLimit = LIMIT) -> None:
    """Free the slot that was taken at that time."""
    log.slots.drop(taken + limit.window_seconds + LEASE)


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
    assert LIMIT.requests == take_all(new_log(), 0.0)


@pytest.mark.parametrize("requests", [1, 2, 4, 5, 100, 10_000])
def test_bulk_has_half_of_a_free_window_at_once(requests: int) -> None:
    """The rest is left to others, and to bulk itself by and by."""
    log, limit = new_log(), RateLimit(requests, 60)
    at_once = math.ceil(requests / 2)

    assert at_once == take_all(log, 0.0, "bulk", limit)
    assert requests - at_once == take_all(log, 0.0, "interactive", limit)


def test_slot_under_way_holds_its_lease() -> None:
    """Unsettled slots come free one window after the longest exchange, and not before."""
    log = new_log()
    take_all(log, 0.0)

    assert 0 == take_all(log, 59.9 + LEASE)
    assert LIMIT.requests == take_all(log, 60 + LEASE)


def test_settled_slot_comes_free_one_window_later() -> None:
    """The window runs from the answer, not from the request."""
    log = new_log()
    take_all(log, 0.0)
    settle(log, 2.5, taken=0.0)

    assert 0 == take_all(log, 62.4)
    assert 1 == take_all(log, 62.5)


def test_refunded_slot_is_free_at_once() -> None:
    """A request that was never sent costs nothing, and a second refund frees no other slot."""
    log = new_log()
    take_all(log, 0.0)
    for taken in (0.0, -1.0, 1.0):
        refund(log, taken)

    assert 1 == take_all(log, 0.1)


def test_chance_of_a_slot_under_way_is_a_window_from_now() -> None:
    """It could settle this very moment, and not come free sooner than one window later."""
    log = new_log()
    take_all(log, 0.0)

    assert 70.0 == log.chance(10.0, LIMIT, "interactive")


def test_lowered_limit_waits_until_enough_slots_are_free() -> None:
    """Slots above a lowered limit have to come free before the next is granted."""
    log = new_log()
    for second in (1.0, 2.0, 3.0, 4.0):
        take({"key": log}, {"key": LIMIT}, "interactive", second)
        settle(log, second, taken=second)

    assert 63.0 == log.chance(5.0, RateLimit(2, 60), "interactive")


def test_lower_limit_under_a_shared_key_finds_no_slot() -> None:
    """As `acquire` documents it: all who share a key give the same limit, or the lower starves."""
    log, low, high = new_log(), RateLimit(1, 60), RateLimit(3, 60)
    for second in range(0, 600, 20):
        now = float(second)
        if take({"key": log}, {"key": high}, "interactive", now)[0] == 0:
            settle(log, now, taken=now, limit=high)
        assert log.chance(now, low, "interactive") > now


def test_bulk_goes_evenly_after_its_burst() -> None:
    """Requests of both lanes together are evenly spread, so that slots come back evenly."""
    log = new_log()
    for _ in range(take_all(log, 0.0, "bulk")):
        settle(log, 0.0, taken=0.0)

    assert 30.0 == log.chance(0.0, LIMIT, "bulk")
    assert not take({"key": log}, {"key": LIMIT}, "bulk", 30.0)[0]
    assert 45.0 == log.chance(30.0, LIMIT, "bulk")
    assert not take({"key": log}, {"key": LIMIT}, "interactive", 30.0)[0]
    assert log.chance(30.0, LIMIT, "bulk") >= 60.0


def test_window_that_comes_free_all_at_once_is_not_used_at_once() -> None:
    """Bulk spreads it out, and interactive calls find slots meanwhile."""
    log = new_log()
    for _ in range(take_all(log, 0.0, "interactive", WIDE)):
        settle(log, 0.0, taken=0.0, limit=WIDE)

    assert 50 == take_all(log, 60.0, "bulk", WIDE)
    assert 60.0 < log.chance(60.0, WIDE, "bulk")
    assert 50 == take_all(log, 60.0, "interactive", WIDE)


def steady(log: Log, rate: float = 0.0) -> None:
    """Let bulk have used a whole window evenly, and interactive calls come at this rate."""
    for place in range(WIDE.requests - 1):
        log.slots.add(100 + 0.6 * (place + 1))
    log.rate, log.rated, log.turn = rate, 100.0, 100.0


def test_bulk_alone_leaves_no_slot() -> None:
    """Where nobody else came of late, the last free slot is used."""
    log = new_log()
    steady(log)

    assert 100.0 == log.chance(100.0, WIDE, "bulk")


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_bulk_leaves_what_interactive_calls_are_expected_to_need(rate: float) -> None:
    """After interactive calls of late, the last free slot is theirs until the next comes free."""
    log = new_log()
    steady(log, rate)

    assert 100.6 == log.chance(100.0, WIDE, "bulk")
    assert 100.0 == log.chance(100.0, WIDE, "interactive")


def test_more_is_left_before_a_gap() -> None:
    """Free slots last until others come back: by demand, and at half of the limit at least."""

    def left(rate: float, gap: float) -> int:
        """Return how many free slots bulk leaves when the next comes after `gap` seconds."""
        for free in range(1, WIDE.requests):
            log = new_log()
            log.rate, log.turn = rate, 0.0
            for _ in range(WIDE.requests - free):
                log.slots.add(gap)
            if log.chance(0.0, WIDE, "bulk") == 0.0:
                return free - 1
        return WIDE.requests

    assert [4, 9, 24] == [left(0.0, gap) for gap in (6, 12, 30)]
    assert left(0.8, 6) > left(0.5, 6) > left(0.0, 6)
    assert math.isclose(0.8 * 6 + MARGIN * math.sqrt(0.8 * 6), left(0.8, 6), abs_tol=1)


def test_rate_of_interactive_calls_fades() -> None:
    """One call counts as one in a quarter of a window, and is half forgotten before the next."""
    log = new_log()
    log.take(0.0, WIDE, "interactive")
    memory = MEMORY * 60

    assert 1 / memory == log.rate_at(0.0, WIDE)
    assert 1 / memory / math.e == pytest.approx(log.rate_at(memory, WIDE))
    log.take(memory, WIDE, "interactive")
    assert (1 + 1 / math.e) / memory == pytest.approx(log.rate_at(memory, WIDE))
    log.take(memory, WIDE, "bulk")
    assert (1 + 1 / math.e) / memory == pytest.approx(log.rate_at(memory, WIDE))


def test_bulk_stands_back_for_an_interactive_waiter() -> None:
    """A refused interactive call keeps bulk off until it looks again, or has its slot."""
    log, one = new_log(), RateLimit(1, 60)
    take_all(log, 0.0, limit=one)

    refund(log, 0.0, one)
    log.turn = 0.0
    assert POLL + GRACE == log.chance(0.0, one, "bulk")
    assert not take({"key": log}, {"key": one}, "interactive", 0.5)[0]
    refund(log, 0.5, one)
    log.turn = 0.0
    assert 0.5 == log.chance(0.5, one, "bulk")


def test_pause_refuses_everybody() -> None:
    """Nothing is granted until the pause is over; a shorter one does not end it."""
    log = new_log()
    log.pause(0.0, 5.0, "server")
    log.pause(1.0, 2.0, "lost")

    assert 5.0 == log.chance(2.0, LIMIT, "interactive")
    assert (0.0, "server") == (log.paused_since, log.why)
    assert 0 == take_all(log, 4.9)
    assert 4 == take_all(log, 5.0)


def test_pause_without_a_wait_changes_nothing() -> None:
    """A server that says `Retry-After: 0`, however often, does not slow anybody down."""
    log = new_log()
    for _ in range(4):
        log.pause(7.0, 7.0, "server")

    assert new_log().paused == log.paused
    assert BURST * LIMIT.requests == take_all(log, 7.0, "bulk")


def test_all_limits_or_none() -> None:
    """Where one limit refuses, no slot is taken under the others, and it is named."""
    logs = {"wide": new_log(), "narrow": new_log()}
    limits = {"wide": LIMIT, "narrow": RateLimit(1, 1)}

    assert 0.0 == take(logs, limits, "interactive", 0.0)[0]
    assert (1.0, "narrow") == take(logs, limits, "interactive", 0.0)
    assert 1 == logs["wide"].slots.expire(0.0)


def test_shift_moves_every_time_and_nothing_else() -> None:
    """After a reboot all times mean what they meant when the host went down."""
    log = Log(SlotArray(), 1.0, 0.25, 2.0, 3.0, 4.0, 5.0, "server")
    log.shift(-10.0)

    assert (-9.0, 0.25, -8.0, -7.0) == (log.turn, log.rate, log.rated, log.reservation)
    assert (-6.0, -5.0, "server") == (log.paused, log.paused_since, log.why)


def test_refunds_hold_bulk_back_no_longer_than_a_window() -> None:
    """Requests that were never sent, however many, do not add up to hours."""
    log = new_log()
    for _ in range(2000):
        log.take(0.0, WIDE, "bulk")
        refund(log, 0.0, WIDE)

    assert log.turn <= 60.0
