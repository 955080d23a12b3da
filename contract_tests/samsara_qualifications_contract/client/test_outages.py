"""An outage of the server: bulk calls bear it, and one at a time looks whether it is over."""

from __future__ import annotations

import asyncio
import functools
import socket
import time

import httpx

from samsara_qualifications import (
    ConnectionFailed,
    Owner,
    QualificationsError,
    RetryEvent,
    RetryPolicy,
    ServerError,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import DONE, NO_CONNECTION, given, raised
from samsara_qualifications_contract.client.calls import CHANGE, DAY
from samsara_qualifications_contract.client.recorder import (
    Recorder,
    answer,
    async_client_of,
    client_of,
)

ONCE = RetryPolicy(attempts=1)
DOWN = answer(503)
SECONDS = 2.0
"""A deadline in which a call that bears an outage looks twice: at once, and after a second."""


def test_a_bulk_call_bears_an_outage() -> None:
    """It goes on where attempts alone would have ended, in a call as in a connection."""
    for trouble in (DOWN, NO_CONNECTION):
        recorder = Recorder(trouble, answer(200, DONE))
        update = client_of(recorder, retry=ONCE, deadline=10).update
        given(functools.partial(update, "r", **CHANGE, lane="bulk"))
        assert 2 == len(recorder.requests)


def test_an_interactive_call_bears_none() -> None:
    """A person waits for it."""
    recorder = Recorder(DOWN, answer(200, DONE))
    client = client_of(recorder, retry=ONCE, deadline=SECONDS)
    assert isinstance(raised(lambda: client.update("r", **CHANGE)), ServerError)
    assert 1 == len(recorder.requests)


def test_a_creation_may_have_happened() -> None:
    """It is not sent again, whatever the lane."""
    recorder = Recorder(DOWN, answer(201, DONE))
    client = client_of(recorder, retry=ONCE, deadline=SECONDS)
    error = raised(
        lambda: client.create(samples.UUID, owner=Owner.worker("1"), issue_date=DAY, lane="bulk")
    )
    assert isinstance(error, ServerError), repr(error)
    assert 1 == len(recorder.requests)


def test_what_does_not_pass_is_no_outage() -> None:
    """A name that was never found fails at once, and a proxy that refuses."""
    unknown = httpx.ConnectError("unknown host")
    unknown.__cause__ = socket.gaierror(-2, "Name or service not known")
    for trouble in (unknown, httpx.ProxyError("407 Proxy Authentication Required")):
        recorder = Recorder(trouble)
        update = client_of(recorder, retry=ONCE, deadline=SECONDS).update
        error = raised(functools.partial(update, "r", **CHANGE, lane="bulk"))
        assert isinstance(error, ConnectionFailed), repr(error)
        assert 1 == len(recorder.requests)


def test_the_server_says_when_to_try_again() -> None:
    """Its wish counts in an outage, too."""
    events: list[RetryEvent] = []
    recorder = Recorder(answer(503, Retry_After="1.3"), answer(200, DONE))
    client = client_of(recorder, retry=ONCE, deadline=10, on_retry=events.append)
    assert "r" == given(lambda: client.update("r", **CHANGE, lane="bulk")).id
    assert [1.3] == [round(event.wait, 3) for event in events]


def test_an_outage_is_borne_as_long_as_the_policy_says() -> None:
    """After that, the call fails with what it last saw."""
    recorder = Recorder(DOWN)
    policy = RetryPolicy(attempts=1, outage_limit=0.5)
    client = client_of(recorder, retry=policy, deadline=5)
    error = raised(lambda: client.update("r", **CHANGE, lane="bulk"))
    assert isinstance(error, ServerError), repr(error)
    assert 2 == len(recorder.requests)


async def test_one_call_at_a_time_tries_the_server() -> None:
    """All others wait for it: no crowd stands before a server that is down."""
    recorder = Recorder(DOWN)
    client = async_client_of(recorder, retry=ONCE, deadline=SECONDS)
    began = time.monotonic()
    found = await asyncio.gather(
        *(client.update(f"r{number}", **CHANGE, lane="bulk") for number in range(5)),
        return_exceptions=True,
    )
    assert 5 == sum(isinstance(error, QualificationsError) for error in found)
    assert time.monotonic() - began >= SECONDS - 0.1
    assert 2 == len(recorder.requests)
