"""The client's promises: what it refuses, repeats, waits for, and says."""

from __future__ import annotations

import copy
import functools
import logging
import pickle
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests import samples
from contract_tests.calls import CALLS, DAY, perform
from contract_tests.recorder import NO_LIMITS, TOKEN, Recorder, answer, client_of
from contract_tests.targets import own_server
from samsara_qualifications import (
    CLEAR,
    UNSET,
    ApiError,
    BadRequest,
    BudgetTimeout,
    ConfigurationError,
    ConnectionFailed,
    ExchangeFailed,
    InvalidInput,
    NumberField,
    Owner,
    QualificationsClient,
    QualificationsError,
    RateLimit,
    RateLimited,
    RedirectRefused,
    RetryEvent,
    RetryPolicy,
    TextField,
    UnexpectedResponse,
    expiration_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

UPDATE = "updateQualificationRecord"
CREATE = "createQualificationRecord"
DONE = samples.body_of(UPDATE)
AT_ONCE = RetryPolicy(backoff=0)
NO_CONNECTION = httpx.ConnectError("refused")
BROKEN = [httpx.ReadError("reset"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def given(call: Callable[[], Any]) -> Any:
    """Return what a call gives; an error, of whatever class, fails the test."""
    try:
        return call()
    except Exception as error:
        raise AssertionError(f"it raised {error!r}") from error


def through_pickle(error: QualificationsError) -> QualificationsError:
    """Return an error that has gone through pickle."""
    again: QualificationsError = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    return again


def raised(call: Callable[[], object]) -> Exception:
    """Return what a call raises, of whatever class; a result fails the test."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001  the tests look at the class
        return error
    raise AssertionError(f"there was no error, but {result!r:.200}")


def failing(recorder: Recorder, operation_id: str = UPDATE, **options: Any) -> QualificationsError:
    """Return the error that a call ends with; anything but the package's own fails the test."""
    options = {"retry": AT_ONCE, **options}
    error = raised(lambda: perform(client_of(recorder, **options), operation_id))
    assert isinstance(error, QualificationsError), f"{operation_id} raised {error!r}"
    return error


def succeeding(recorder: Recorder, operation_id: str = UPDATE, **options: Any) -> Any:
    """Return what a call gives; an error fails the test."""
    options = {"retry": AT_ONCE, **options}
    return given(lambda: perform(client_of(recorder, **options), operation_id))


REFUSED: dict[str, Callable[[QualificationsClient], Any]] = {
    "a naive expiration": lambda c: c.update("r", expiration_date=datetime(2027, 1, 1)),  # noqa: DTZ001
    "a naive issue date": lambda c: c.update("r", issue_date=datetime(2027, 1, 1)),  # noqa: DTZ001
    "the epoch": lambda c: c.update("r", expiration_date=EPOCH),
    "the epoch elsewhere": lambda c: c.update(
        "r", expiration_date=EPOCH.astimezone(datetime.now().astimezone().tzinfo)
    ),
    "the epoch as a date": lambda c: c.update("r", expiration_date=date(1970, 1, 1)),
    "None": lambda c: c.update("r", expiration_date=None),  # type: ignore[arg-type]  # on purpose
    "a text as a date": lambda c: c.update("r", issue_date="2027-01-01"),  # type: ignore[arg-type]  # on purpose
    "CLEAR as issue date": lambda c: c.update("r", issue_date=CLEAR),  # type: ignore[arg-type]  # on purpose
    "an empty id": lambda c: c.update(""),
    "a blank id": lambda c: c.delete(" r"),
    "an id with a comma": lambda c: c.get(["a,b"]),
    "no number": lambda c: c.update("r", fields=[NumberField(samples.UUID, float("nan"))]),
    "a field twice": lambda c: c.update("r", fields=[TextField(samples.UUID, "x")] * 2),
    "a surrogate": lambda c: c.update("r", external_ids={"hr": "\ud800"}),
    "an unknown entity": lambda c: c.stream(entity_type="driver", start_time=DAY),
    "CLEAR on creation": lambda c: c.create(
        samples.UUID,
        owner=Owner.worker("1"),
        issue_date=DAY,
        expiration_date=CLEAR,  # type: ignore[arg-type]  # on purpose
    ),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_wrong_values_are_not_sent(call: Callable[[QualificationsClient], Any]) -> None:
    """A value that cannot be meant is refused before anything is sent."""
    recorder = Recorder(answer(200, DONE))
    error = raised(lambda: call(client_of(recorder)))
    assert isinstance(error, InvalidInput), repr(error)
    assert error.applied is False
    assert [] == recorder.requests


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
    """No attempt starts after the deadline."""
    recorder = Recorder(answer(503, samples.ERROR, Retry_After="30"), answer(200, DONE))
    failing(recorder, deadline=5)
    assert 1 == len(recorder.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused(status: int) -> None:
    """A redirect is not followed, nor taken for a success."""
    recorder = Recorder(answer(status, Location="https://elsewhere.example/"), answer(200, DONE))
    error = failing(recorder)
    assert isinstance(error, RedirectRefused)
    assert 1 == len(recorder.requests)


def test_no_text_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """Not an error, nor its pickle, nor a repr, nor a log; also where the server echoes it."""
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"bad token {TOKEN}", "requestId": "r"}
    texts: list[str] = []
    for recorder in (
        Recorder(answer(401, echo)),
        Recorder(answer(400, TOKEN.encode())),
        Recorder(answer(503, echo)),
        Recorder(answer(200, {"data": {"id": TOKEN}})),
        Recorder(answer(200, {"data": TOKEN})),
        Recorder(NO_CONNECTION),
    ):
        error = failing(recorder)
        texts += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
    client = client_of(Recorder(answer(200, DONE)))
    texts += [repr(client), str(client), repr(client.budget), repr(client._config), caplog.text]
    assert [] == [text for text in texts if TOKEN in text]


def test_errors_survive_pickling() -> None:
    """Errors go through pickle and copy whole."""
    error = failing(Recorder(answer(429, samples.ERROR, Retry_After="400")))
    for make in (through_pickle, copy.copy, copy.deepcopy):
        again = given(functools.partial(make, error))
        assert (type(error), str(error), vars(error)) == (type(again), str(again), vars(again))


@pytest.mark.parametrize("operation_id", CALLS)
def test_errors_name_the_call(operation_id: str) -> None:
    """An error says which call failed, with which status, and the server's request id."""
    error = failing(Recorder(answer(400, samples.ERROR)), operation_id)
    assert isinstance(error, ApiError)
    assert (400, "req-1", "no such record") == (error.status, error.request_id, error.message)
    assert "req-1" in str(error)
    assert error.operation in operation_id.lower() + " types get stream"
    assert error.operation


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
        client.update(record)
    assert [200] * 7 == [request.status for request in server.requests]


def test_limits_come_from_the_spec() -> None:
    """Without other word, the client keeps 100 writes a minute and 5 reads a second."""
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
        client.update("r")
    with pytest.raises(BudgetTimeout):
        client.update("r")


def test_a_429_pauses_all() -> None:
    """While the server asks one call to wait, no other is sent."""
    recorder = Recorder(answer(429, samples.ERROR, Retry_After="40"), answer(200, DONE))
    client = client_of(recorder, deadline=60, retry=RetryPolicy(max_retry_after=300))
    client.budget.pause("update", 40)
    with pytest.raises(BudgetTimeout):
        client.update("r", deadline=1)
    assert [] == recorder.requests


def page(ids: list[str], cursor: str, *, more: bool) -> httpx.Response:
    """Return a page of the stream."""
    records = [{**samples.full_record(), "id": identity} for identity in ids]
    return answer(200, {"data": records, "pagination": {"endCursor": cursor, "hasNextPage": more}})


def stream(recorder: Recorder, **arguments: Any) -> list[str]:
    """Return the ids that a stream gives."""
    found = client_of(recorder, retry=AT_ONCE).stream(
        entity_type="worker", start_time=DAY, **arguments
    )
    return [record.id for record in found]


def test_all_pages_come_in_order() -> None:
    """A stream asks for each next page with the cursor of the one before, and then stops."""
    recorder = Recorder(page(["a", "b"], "c1", more=True), page(["c"], "c2", more=False))
    assert ["a", "b", "c"] == given(lambda: stream(recorder, end_time=DAY))
    assert [None, "c1"] == [request.url.params.get("after") for request in recorder.requests]


def test_an_open_stream_ends_now() -> None:
    """Without an end time, the stream ends at the time of the call, the same for all pages."""
    recorder = Recorder(page(["a"], "c1", more=True), page([], "", more=False))
    before = datetime.now(UTC)
    assert ["a"] == stream(recorder)
    ends = {request.url.params["endTime"] for request in recorder.requests}
    assert 1 == len(ends)
    assert before <= datetime.fromisoformat(ends.pop()) <= datetime.now(UTC)


def test_empty_pages_are_borne() -> None:
    """An empty page in the middle is not the end."""
    recorder = Recorder(page([], "c1", more=True), page(["a"], "", more=False))
    assert ["a"] == stream(recorder, end_time=DAY)


def test_a_cursor_that_repeats_is_an_error() -> None:
    """A server that gives the same cursor again would never come to an end."""
    recorder = Recorder(page(["a"], "c1", more=True))
    error = raised(lambda: stream(recorder, end_time=DAY))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert 2 == len(recorder.requests)


def test_many_ids_take_several_requests() -> None:
    """At most 100 ids go into one read; each id is asked for once."""
    recorder = Recorder(answer(200, samples.body_of("getQualificationRecords")))
    ids = [f"r{number}" for number in range(250)]
    records = client_of(recorder).get([*ids, "r0"])
    asked = [request.url.params["ids"].split(",") for request in recorder.requests]
    assert [100, 100, 50] == [len(part) for part in asked]
    assert ids == [identity for part in asked for identity in part]
    assert 3 == len(records)


def test_reading_the_expiration() -> None:
    """Absent and cleared read alike; a date reads as itself."""
    body = samples.body_of(UPDATE)
    client = client_of(Recorder(answer(200, body)))
    assert datetime(2026, 8, 27, 10, 20, 30, tzinfo=UTC) == expiration_of(client.update("r"))
    body["data"]["expirationDate"] = "1970-01-01T00:00:00Z"
    assert expiration_of(client_of(Recorder(answer(200, body))).update("r")) is None
    del body["data"]["expirationDate"]
    record = client_of(Recorder(answer(200, body))).update("r")
    assert record.expiration_date is UNSET
    assert expiration_of(record) is None


@pytest.mark.parametrize("url", ["http://api.samsara.com", "ftp://x", "https://user:pw@x", "x"])
def test_unsafe_hosts_are_refused(url: str) -> None:
    """No token goes out in plain text, nor to half a URL."""
    with pytest.raises(ConfigurationError):
        client_of(Recorder(answer(200)), base_url=url)


def test_a_wrong_token_is_refused_early() -> None:
    """A token that no header can carry is named as such, and not shown."""
    for token in ("", "a\nb", "ü"):
        with pytest.raises(ConfigurationError) as caught:
            client_of(Recorder(answer(200)), token=token)
        assert not token or repr(token)[1:-1] not in str(caught.value)
