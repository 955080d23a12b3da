"""The check of another server's limits finds what is wrong with them, on a clock of its own."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import httpx
import pytest

from samsara_qualifications_contract.harness.api import Api
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, START, own_server
from samsara_qualifications_contract.oracle.spec import READS, WRITES
from samsara_qualifications_contract.server.rate_limits import Limits, cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.spec import Operation

Change = "Callable[[httpx.Response], None]"


class Watch:
    """Seconds that pass while somebody sleeps."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def look(
    target: Target,
    operation: Operation,
    change: Callable[[httpx.Response, float], object] = lambda *_: None,
    rate: tuple[int, float] | str | None = "spec",
) -> None:
    """Look at a mock with a limit whose refusals are changed."""
    watch = Watch()

    def changed(response: httpx.Response) -> None:
        if response.status_code == 429:
            change(response, watch.now)

    transport = own_server(rate=rate, clock=watch).transport()
    with httpx.Client(
        transport=transport, base_url="http://samsara.mock", event_hooks={"response": [changed]}
    ) as client:
        api = Api(client, MOCK_TOKEN, own_server=True)
        limits = Limits(api, target.facts, watch, watch.sleep)
        limits.passes(operation, limits.use_up(operation))


def as_date(response: httpx.Response, now: float) -> None:
    """Say it as a date, rounded up."""
    until = now + float(response.headers["Retry-After"]) + 1
    response.headers["Retry-After"] = formatdate(until, usegmt=True)
    response.headers["Date"] = formatdate(now, usegmt=True)


def says(text: str) -> Callable[[httpx.Response, float], None]:
    """Say something else."""

    def change(response: httpx.Response, now: float) -> None:
        response.headers["Retry-After"] = text

    return change


@pytest.mark.parametrize("operation", [READS[0], WRITES[0]], ids=lambda o: o.id)
def test_a_right_limit_passes(target: Target, operation: Operation) -> None:
    """With `Retry-After` in seconds or as a date."""
    look(target, operation)
    look(target, operation, as_date)


def test_a_wrong_limit_is_found(target: Target) -> None:
    """One that is too low, that is none, or that says nothing of when to come back, or a lie."""
    [read, *_] = READS
    for change, rate, text in (
        (says("1"), (4, 1.0), "expected.*|5 requests in 1 s that pass; number 5 is refused"),
        (says("1"), None, "status 429 for one of 15 requests where 5 in 1 s may pass"),
        (says("soon"), "spec", r"Retry-After: seconds or a date within 1 s, came 'soon'"),
        (says("3600"), "spec", r"Retry-After: seconds or a date within 1 s, came '3600'"),
        (says("0.1"), "spec", "a request that passes once Retry-After is over"),
        (lambda r, _: r.headers.pop("Retry-After"), "spec", "a date within 1 s, came None"),
    ):
        with pytest.raises(Breach, match=text):
            look(target, read, change, rate)


def test_its_cost_is_known(target: Target) -> None:
    """By the documented limits."""
    requests, seconds = cost(target.facts)
    assert 1577 == requests
    assert 81 == int(seconds)
