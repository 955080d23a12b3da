"""
The limits of a server that is not ours, in real time: run by name only, alone, and for a while.

Each operation gets its documented burst, and more until it is refused. The reads come first; the
requests are those that change nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness.api import TOO_MANY, wait_of
from samsara_qualifications_contract.oracle.spec import READS, WRITES
from samsara_qualifications_contract.server.plain import plain_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.spec import Operation

Limit = tuple[int, float]
MOST, REFUSALS = 3, 4
"""Times its limit an operation is asked, at most, until it refuses; and how often it does then."""
GAP, SLACK = 0.01, 0.02
"""Seconds: between two requests, so that the limit over all operations is not met; after a wait."""


def limit_of(operation: Operation, facts: Facts) -> Limit:
    """Return an operation's limit in requests and seconds."""
    return facts.rate or operation.limit


def cost(facts: Facts) -> tuple[int, float]:
    """Return how many requests the checks make at most, and how many seconds they take."""
    reads, writes = ([limit_of(op, facts) for op in group] for group in (READS, WRITES))
    requests = sum(MOST * limit[0] + REFUSALS for limit in (*reads, *writes))
    waits = sum(2 * limit[1] for limit in reads) + max(limit[1] for limit in writes)
    return requests, waits + GAP * requests


class Limits:
    """
    Uses limits up and waits them out.

    Args:
        api: The server.
        facts: What is known of it.
        clock: Seconds, that pass.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        api: Api,
        facts: Facts,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.sleep = sleep
        self._api, self._facts, self._clock = api, facts, clock
        self._before = ""

    def use_up(self, operation: Operation) -> float:
        """Send requests until some are refused; return when, by the last, the next may pass."""
        requests, seconds = limit_of(operation, self._facts)
        times: list[float] = []
        refusals = 0
        while True:
            times.append(self._clock())
            reply = self._send(operation)
            count = len(times)
            if reply.status == TOO_MANY:
                few = f"{requests} requests in {seconds:g} s that pass; number {count} is refused"
                if self._before and count == 1:
                    few += f", right after the limit of {self._before} was used up: is it shared?"
                reply.must(count > requests, few, operation.place)
                refusals += 1
                wait = self._wait(reply, seconds)
                if refusals == REFUSALS:
                    self._before = operation.id
                    return self._clock() + wait
            elif count >= MOST * requests and not refusals:
                break
            self.sleep(GAP)
        if times[requests] - times[0] >= seconds:
            pytest.skip(f"no more than {requests} requests in {seconds:g} s can be sent: too slow")
        raise reply.breach(
            f"status 429 for one of {count} requests where {requests} in {seconds:g} s may "
            f"pass; all passed, in {times[-1] - times[0]:.1f} s",
            operation.place,
        )

    def passes(self, operation: Operation, when: float) -> None:
        """Fail unless a request passes from this time on."""
        self.sleep(max(0.0, when - self._clock()) + SLACK)
        reply = self._send(operation)
        reply.must(reply.status != TOO_MANY, "a request that passes once Retry-After is over")

    def _send(self, operation: Operation) -> Reply:
        target, content = plain_request(operation)
        return self._api.send(operation.method, target, content, patient=False)

    def _wait(self, reply: Reply, seconds: float) -> float:
        asked, wait = reply.response.headers.get("Retry-After"), wait_of(reply.response)
        most = seconds + SLACK if "." in (asked or "") else seconds + 1
        known = wait is not None and wait <= most
        reply.must(known, f"Retry-After: seconds or a date within {seconds:g} s, came {asked!r}")
        return wait or 0.0


@pytest.fixture
def limits(target: Target) -> Iterator[Limits]:
    """The target."""
    with target.open() as api:
        yield Limits(api, target.facts)


@pytest.mark.parametrize("operation", READS, ids=lambda o: o.id)
def test_reads(limits: Limits, target: Target, operation: Operation) -> None:
    """The documented burst passes, more is refused, and after `Retry-After` one passes."""
    limits.sleep(limit_of(operation, target.facts)[1])  # the run itself has read already
    limits.passes(operation, limits.use_up(operation))


def test_writes(limits: Limits) -> None:
    """The same of the writes, whose waits are one."""
    waits = [(operation, limits.use_up(operation)) for operation in WRITES]
    for operation, when in waits:
        limits.passes(operation, when)
