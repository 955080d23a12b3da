"""What the client sends again and what not, how long it waits, and the slots that it takes."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from samsara_qualifications import (
    BadRequest,
    BudgetTimeout,
    ConnectionFailed,
    ExchangeFailed,
    RateLimit,
    RateLimited,
    RedirectRefused,
    RetryEvent,
    RetryPolicy,
    ServerError,
    UnexpectedResponse,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import (
    BROKEN,
    CREATE,
    DONE,
    NO_CONNECTION,
    UPDATE,
    failing,
    succeeding,
)
from samsara_qualifications_contract.client.calls import DAY
from samsara_qualifications_contract.client.recorder import (
    NO_LIMITS,
    Recorder,
    answer,
    client_of,
    in_parts,
)
from samsara_qualifications_contract.harness.targets import own_server

WHOLE = answer(200, DONE).content


@pytest.mark.parametrize("status", [408, 502, 503, 504])
def test_outages_are_repeated(status: int) -> None:
    """After an unknown outcome, an update is sent again, the same to the byte; a creation never."""
    recorder = Recorder(answer(status), answer(status), answer(200, DONE))
    succeeding(recorder)
    assert 3 == len(recorder.requests)
    assert 1 == len({request.content for request in recorder.requests})
    recorder = Recorder(answer(status), answer(201, DONE))
    error = failing(recorder, CREATE)
    assert 1 == len(recorder.requests)
    assert error.applied is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 501, 505])
@pytest.mark.parametrize("operation_id", [UPDATE, CREATE])
def test_refusals_are_final(status: int, operation_id: str) -> None:
    """What the server has refused is not sent again."""
    recorder = Recorder(answer(status), answer(200, DONE))
    failing(recorder, operation_id)
    assert 1 == len(recorder.requests)


def test_a_500_is_repeated_once() -> None:
    """A 500 may pass, but not a second one."""
    recorder = Recorder(answer(500), answer(200, DONE))
    succeeding(recorder)
    assert 2 == len(recorder.requests)
    recorder = Recorder(answer(500), answer(500), answer(200, DONE))
    failing(recorder)
    assert 2 == len(recorder.requests)


@pytest.mark.parametrize("attempts", [1, 3])
def test_attempts_are_bounded(attempts: int) -> None:
    """So many attempts, and no more."""
    recorder = Recorder(answer(503))
    failing(recorder, retry=RetryPolicy(backoff=0, attempts=attempts))
    assert attempts == len(recorder.requests)
    recorder = Recorder(answer(429, Retry_After="0"))
    failing(recorder, retry=RetryPolicy(backoff=0, rate_limited_attempts=attempts))
    assert attempts == len(recorder.requests)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda e: type(e).__name__)
def test_broken_exchanges(broken: Exception) -> None:
    """After a break, an update is sent again and a creation is not; the outcome is unknown."""
    recorder = Recorder(broken, answer(200, DONE))
    succeeding(recorder)
    assert 2 == len(recorder.requests)
    recorder = Recorder(broken, answer(201, DONE))
    error = failing(recorder, CREATE)
    assert isinstance(error, ExchangeFailed)
    assert error.applied is None
    assert 1 == len(recorder.requests)


@pytest.mark.parametrize("operation_id", [UPDATE, CREATE])
@pytest.mark.parametrize("body", [b"", WHOLE], ids=["before the body", "after the body"])
def test_a_write_that_succeeded_is_final(body: bytes, operation_id: str) -> None:
    """A success that breaks off was applied: it is not sent again, and not taken for whole."""
    recorder = Recorder(in_parts(200, body, BROKEN[0]), answer(200, DONE))
    error = failing(recorder, operation_id)
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert error.applied is True
    assert 1 == len(recorder.requests)


def test_a_read_that_breaks_off_is_repeated() -> None:
    """A read changes nothing."""
    whole = answer(200, samples.body_of("getQualificationRecords"))
    recorder = Recorder(in_parts(200, b'{"data": [', BROKEN[0]), whole)
    succeeding(recorder, "getQualificationRecords")
    assert 2 == len(recorder.requests)


def test_a_refusal_that_breaks_off_is_one() -> None:
    """The status alone says that nothing was applied."""
    recorder = Recorder(in_parts(400, b'{"message": "no', BROKEN[0]), answer(200, DONE))
    error = failing(recorder)
    assert isinstance(error, BadRequest), repr(error)
    assert error.applied is False
    assert 1 == len(recorder.requests)


@pytest.mark.parametrize("operation_id", [UPDATE, CREATE])
def test_failed_connections_are_repeated(operation_id: str) -> None:
    """Nothing was sent, so that even a creation is tried again."""
    recorder = Recorder(NO_CONNECTION, answer(201, DONE))
    succeeding(recorder, operation_id)
    assert 2 == len(recorder.requests)
    error = failing(Recorder(NO_CONNECTION), operation_id)
    assert isinstance(error, ConnectionFailed)
    assert error.applied is False


def test_what_was_applied_is_remembered() -> None:
    """A refusal of the second attempt does not hide that the first may have been applied."""
    error = failing(Recorder(BROKEN[0], answer(400, samples.ERROR)))
    assert isinstance(error, BadRequest)
    assert error.applied is None


def test_creations_are_repeated_after_a_429() -> None:
    """A 429 has not been applied."""
    recorder = Recorder(answer(429, Retry_After="0"), answer(201, DONE))
    succeeding(recorder, CREATE)
    assert 2 == len(recorder.requests)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept(status: int) -> None:
    """The client waits as long as the server asks, to the fraction."""
    events: list[RetryEvent] = []
    recorder = Recorder(answer(status, samples.ERROR, Retry_After="0.0123"), answer(200, DONE))
    succeeding(recorder, retry=RetryPolicy(backoff=0), on_retry=events.append)
    assert [0.0123] == [event.wait for event in events]


def test_the_longest_of_several_retry_afters_is_kept() -> None:
    """Where a proxy asks, too, both are heard."""
    events: list[RetryEvent] = []
    recorder = Recorder(answer(429, Retry_After="0.001, 0.0123, 0.002"), answer(200, DONE))
    succeeding(recorder, retry=RetryPolicy(backoff=0), on_retry=events.append)
    assert [0.0123] == [event.wait for event in events]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_long_retry_after_is_not_slept(form: str) -> None:
    """Where the wait is longer than there is time, the call fails at once and says so."""
    soon = datetime.now(UTC) + timedelta(seconds=1000)
    text = "1000" if form == "seconds" else format_datetime(soon, usegmt=True)
    recorder = Recorder(answer(429, samples.ERROR, Retry_After=text))
    error = failing(recorder)
    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert 900 < error.retry_after <= 1000
    assert 1 == len(recorder.requests)


def test_the_deadline_bounds_retries() -> None:
    """No attempt starts after the deadline, nor is one waited for that could not start."""
    recorder = Recorder(answer(503, samples.ERROR, Retry_After="3"), answer(200, DONE))
    error = failing(recorder, deadline=2)
    assert isinstance(error, ServerError), repr(error)
    assert "It was not sent again" in str(error)
    assert 1 == len(recorder.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused(status: int) -> None:
    """A redirect is not followed, nor taken for a success."""
    recorder = Recorder(answer(status, Location="https://elsewhere.example/"), answer(200, DONE))
    error = failing(recorder)
    assert isinstance(error, RedirectRefused)
    assert 1 == len(recorder.requests)


def test_a_failed_connection_costs_no_slot() -> None:
    """A permit whose request was never sent is given back."""
    recorder = Recorder(NO_CONNECTION, NO_CONNECTION, answer(200, DONE))
    succeeding(recorder, limits={**NO_LIMITS, "update": RateLimit(1, 60)}, deadline=5)
    assert 3 == len(recorder.requests)


def test_every_retry_takes_a_slot() -> None:
    """A repeated request counts against the limit as any other."""
    recorder = Recorder(answer(503), answer(200, DONE))
    error = failing(recorder, limits={**NO_LIMITS, "update": RateLimit(1, 60)}, deadline=1)
    assert isinstance(error, BudgetTimeout)
    assert 1 == len(recorder.requests)
    assert error.applied is None


def test_the_budget_keeps_the_limit() -> None:
    """A server that counts sees no request too many."""
    server = own_server(rate=(3, 0.3), clock=time.time)
    client = client_of(
        server.transport(), token=server.token, limits={**NO_LIMITS, "update": RateLimit(3, 0.3)}
    )
    record = next(iter(server.records))
    for _ in range(7):
        client.update(record, issue_date=date(2026, 1, 1))
    assert [200] * 7 == [request.status for request in server.requests]


def test_limits_come_from_the_spec() -> None:
    """Unless told otherwise, the client keeps 100 writes a minute and 5 reads a second."""
    recorder = Recorder(answer(200, samples.body_of("getQualificationRecords")))
    client = client_of(recorder, limits={}, deadline=0.4)
    sent = 0
    try:
        for _ in range(6):
            client.get(["r"])
            sent += 1
    except BudgetTimeout:
        pass
    assert 5 == sent
    recorder = Recorder(answer(200, DONE))
    client = client_of(recorder, limits={"token": NO_LIMITS["token"]}, deadline=0.5)
    for _ in range(100):
        client.update("r", issue_date=DAY)
    with pytest.raises(BudgetTimeout):
        client.update("r", issue_date=DAY)


def test_a_429_pauses_all() -> None:
    """While the server asks one call to wait, no other is sent."""
    recorder = Recorder(answer(429, samples.ERROR, Retry_After="40"), answer(200, DONE))
    client = client_of(recorder, deadline=60, retry=RetryPolicy(max_retry_after=300))
    client.budget.pause("update", 40)
    with pytest.raises(BudgetTimeout):
        client.update("r", issue_date=DAY, deadline=1)
    assert [] == recorder.requests
