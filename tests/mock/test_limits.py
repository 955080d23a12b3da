"""Rate limits: who passes, and how long the others wait."""

import pytest

from samsara_qualifications.mock.limits import Limiter

GOLDEN = 0.6180339887  # multiples of it, taken modulo 1, spread evenly and never repeat


def one(kind: str = "sliding", *, count_rejected: bool = False) -> Limiter:
    """Return a limiter of 3 calls in 10 s."""
    return Limiter({"call": (3, 10.0)}, [], kind=kind, count_rejected=count_rejected)


def waits(limiter: Limiter, *times: float) -> list[float]:
    """Return what calls at these times must wait."""
    return [limiter.admit("call", time) for time in times]


def test_a_sliding_window_frees_a_slot_one_window_after_its_call() -> None:
    """The fourth call waits for the first to leave the window."""
    assert [0, 0, 0, 6.0, 0.5, 0, 0.5] == waits(one(), 100, 101, 103.5, 104, 109.5, 110, 110.5)


def test_a_fixed_window_frees_all_slots_at_its_end() -> None:
    """Between two multiples of the window pass three; then three more at once."""
    assert [0, 0, 0, 1.0, 0, 0, 0, 9.0] == waits(
        one("fixed"), 107, 108, 108, 109, 110, 110, 110, 111
    )


def test_a_token_bucket_fills_evenly() -> None:
    """Three at once, then one each third of the window."""
    third = 10 / 3
    expected = [0, 0, 0, pytest.approx(third), 0, pytest.approx(third), pytest.approx(1.0)]

    assert expected == waits(
        one("token_bucket"), 100, 100, 100, 100, 100 + third, 100 + third, 99 + 2 * third
    )


@pytest.mark.parametrize(
    ("kind", "expected"), [("sliding", 0.0), ("fixed", 0.0), ("token_bucket", 0.0)]
)
def test_rejected_calls_do_not_count_by_default(kind: str, expected: float) -> None:
    """Who was rejected and waits as told passes, however often it was rejected."""
    limiter = one(kind)
    waits(limiter, *[100.0] * 10)

    assert expected == limiter.admit("call", 110.0)


@pytest.mark.parametrize("kind", ["sliding", "token_bucket"])
def test_rejected_calls_can_count(kind: str) -> None:
    """Who keeps calling keeps waiting."""
    limiter = one(kind, count_rejected=True)
    waits(limiter, 100, 100, 100, 100, 105, 105, 105)

    assert limiter.admit("call", 110) > 0


@pytest.mark.parametrize("kind", ["sliding", "fixed", "token_bucket"])
def test_a_call_passes_after_the_wait_that_it_was_told(kind: str) -> None:
    """Whoever waits exactly as long as told passes, at any time."""
    limiter = one(kind)
    now = 1_767_225_600.0
    for step in range(300):
        now += step * GOLDEN % 1
        wait = limiter.admit("call", now)
        if wait:
            now += wait + 1e-5
            assert limiter.admit("call", now) == 0


def test_no_sliding_window_ever_holds_more_than_the_limit() -> None:
    """Whatever the calls' times, three at most pass in any 10 s."""
    limiter = one()
    now, passed = 0.0, []
    for step in range(1000):
        now += 8 * (step * GOLDEN % 1) ** 3
        if limiter.admit("call", now) == 0:
            passed.append(now)

    assert max(sum(start <= t < start + 10 for t in passed) for start in passed) == 3


def test_operations_count_apart_and_shared_limits_count_all() -> None:
    """Each operation has its own limit; a shared one is used up by both."""
    limiter = Limiter({"a": (1, 10.0), "b": (2, 10.0)}, [(2, 1.0)])

    assert [0, 10.0, 0, 1.0, 0] == [
        limiter.admit("a", 0.0),
        limiter.admit("a", 0.0),
        limiter.admit("b", 0.0),
        limiter.admit("b", 0.0),
        limiter.admit("b", 1.0),
    ]


def test_an_operation_without_a_limit_passes() -> None:
    """No limit, no wait."""
    assert Limiter({}, []).admit("anything", 0.0) == 0
