"""A server that asks to wait is waited for, as long as that is reasonable."""

from __future__ import annotations

import httpx
import pytest

from samsara_qualifications_contract.harness.api import Api
from samsara_qualifications_contract.harness.failures import Breach

NOW = "Wed, 21 Oct 2015 07:28:00 GMT"
IN_A_MINUTE = "Wed, 21 Oct 2015 07:29:00 GMT"


def waits(asked: str | None, refusals: int = 1) -> list[float]:
    """Return how long the suite sleeps where a server refuses so often."""
    headers = {"Date": NOW} if asked is None else {"Retry-After": asked, "Date": NOW}
    body = {"message": "slow down", "requestId": "r"}
    refused = httpx.Response(429, headers=headers, json=body)
    answers = [*[refused] * refusals, httpx.Response(200)]
    slept: list[float] = []
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    with httpx.Client(transport=transport, base_url="http://samsara.mock") as client:
        api = Api(client, "token", own_server=True, sleep=slept.append)
        api.mark("archive", "x").answers(200)
    return slept


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("0.40235", 0.40235), (IN_A_MINUTE, 60), (NOW, 0.05), ("0", 0.05), ("soon", 1), (None, 1)],
)
def test_the_suite_waits_as_it_is_told(asked: str | None, expected: float) -> None:
    """`Retry-After` is a number of seconds or a date; what is neither is one second."""
    assert [expected] == waits(asked)
    assert [expected] * 3 == waits(asked, 3)


@pytest.mark.parametrize("asked", ["3600", "Wed, 21 Oct 2015 08:28:00 GMT", "100"])
def test_it_does_not_wait_for_ever(asked: str) -> None:
    """A server that never lets a request pass is one that fails."""
    with pytest.raises(Breach, match="a request that passes within 300 s"):
        waits(asked, 10)
