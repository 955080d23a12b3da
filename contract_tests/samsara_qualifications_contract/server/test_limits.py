"""The rate limits, on a clock that stands still unless it is told to move."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness.targets import START
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.server.plain import plain_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.spec import Operation

pytestmark = [pytest.mark.needs("own_server"), pytest.mark.behaviour("rate_limits")]
OPERATIONS = list(spec.OPERATIONS.values())
READ = spec.OPERATIONS["getQualificationRecords"]
WRITE = spec.OPERATIONS["updateQualificationRecord"]
TINY = 1e-4


@dataclass
class StandingClock:
    """Seconds since the epoch; they pass by hand."""

    now: float = START

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> StandingClock:
    """A clock that stands still."""
    return StandingClock()


@pytest.fixture
def api(target: Target, clock: StandingClock) -> Iterator[Api]:
    """A mock with the real limits."""
    with target.open(rate="spec", clock=clock) as opened:
        yield opened


def send(api: Api, operation: Operation) -> Reply:
    """Send a plain request of an operation."""
    target, content = plain_request(operation)
    return api.send(operation.method, target, content, patient=False)


def use_up(api: Api, operation: Operation) -> None:
    """Send as many requests as may pass."""
    for number in range(operation.limit[0]):
        passes(send(api, operation), f"request {number + 1} of the window to pass")


def passes(reply: Reply, expected: str = "a request that passes the limit") -> None:
    """Fail where a request meets the limit."""
    reply.must(reply.status != 429, expected)


def wait_of(reply: Reply) -> float:
    """Return `Retry-After` in seconds."""
    text = reply.answers(429).response.headers.get("retry-after", "")
    number = text.replace(".", "", 1)
    reply.must(number.isdigit(), f"Retry-After in seconds, perhaps a fraction, not {text!r}")
    return float(text)


def waits(reply: Reply, expected: float) -> float:
    """Fail unless `Retry-After` is this; return it."""
    wait = wait_of(reply)
    reply.must(abs(wait - expected) < TINY, f"Retry-After: expected {expected:g}, came {wait}")
    return wait


@pytest.mark.behaviour("retry_after")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_each_operation_has_its_limit(api: Api, clock: StandingClock, operation: Operation) -> None:
    """So many requests pass and no more, until `Retry-After` is over, and not before."""
    seconds = operation.limit[1]
    use_up(api, operation)
    clock.now += seconds * 0.31
    wait = waits(send(api, operation), seconds * 0.69)
    clock.now += wait - 2 * TINY
    send(api, operation).answers(429)
    clock.now += 2 * TINY
    passes(send(api, operation), "a free slot after Retry-After")


@pytest.mark.behaviour("limiter")
def test_the_window_slides(api: Api, clock: StandingClock) -> None:
    """Each request frees its slot one window after it came, and not all at once."""
    for _ in range(5):
        passes(send(api, READ))
        clock.now += 0.125
    for gap in (0.375, 0.125, 0.125, 0.125, 0.125):
        waits(send(api, READ), gap)
        clock.now += gap
        passes(send(api, READ))


@pytest.mark.behaviour("rejected_calls_count")
def test_refused_calls_do_not_count(api: Api, clock: StandingClock) -> None:
    """However often it is asked in vain, the wait does not grow."""
    use_up(api, READ)
    for _ in range(20):
        waits(send(api, READ), 1)
    clock.now += 1.0
    use_up(api, READ)


def test_limits_are_apart(api: Api) -> None:
    """What one operation has used up, the others still have."""
    use_up(api, WRITE)
    send(api, WRITE).answers(429)
    for operation in OPERATIONS:
        if operation != WRITE:
            passes(send(api, operation), "a limit of its own")


@pytest.mark.behaviour("shared_limits")
def test_the_limit_of_a_token(api: Api, clock: StandingClock) -> None:
    """All operations together pass 150 requests a second."""
    limit = spec.DOCUMENT["x-rate-limits"]["token"]["requests"]
    for number, operation in zip(range(limit), itertools.cycle(spec.WRITES), strict=False):
        passes(send(api, operation), f"request {number + 1} of the second to pass")
    clock.now += waits(send(api, WRITE), 1)
    passes(send(api, WRITE), "a free slot after Retry-After")


def test_a_limit_is_not_an_outcome(api: Api, clock: StandingClock) -> None:
    """A 429 does nothing, and is told apart from a wrong token."""
    use_up(api, READ)
    send(api, READ).answers(429)
    api.send("GET", "/qualification-records?ids=x", headers={"Authorization": "x"}).answers(401)
    clock.now += 1
    passes(send(api, READ))


@pytest.mark.behaviour("limiter")
@pytest.mark.parametrize("kind", ["fixed", "token_bucket"])
def test_other_limiters(target: Target, kind: str) -> None:
    """The alternatives hold the limit, too, and free a slot after `Retry-After`."""
    clock = StandingClock()
    with target.open(rate="spec", clock=clock, behaviours={"limiter": kind}) as api:
        use_up(api, READ)
        clock.now += wait_of(send(api, READ))
        passes(send(api, READ))
