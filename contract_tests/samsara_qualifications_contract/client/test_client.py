"""The client's promises: what it refuses, what it says, and how it reads pages."""

from __future__ import annotations

import copy
import functools
import json
import logging
import pickle
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import (
    CLEAR,
    UNSET,
    ApiError,
    ConfigurationError,
    DateTimeField,
    Exactly,
    InvalidInput,
    NotFound,
    NumberField,
    Owner,
    QualificationsClient,
    QualificationsError,
    TextField,
    UnexpectedResponse,
    expiration_of,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import (
    AT_ONCE,
    BROKEN,
    DONE,
    NO_CONNECTION,
    UPDATE,
    failing,
    given,
    raised,
)
from samsara_qualifications_contract.client.calls import CALLS, DAY
from samsara_qualifications_contract.client.recorder import TOKEN, Recorder, answer, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def through_pickle(error: QualificationsError) -> QualificationsError:
    """Return an error that has gone through pickle."""
    again: QualificationsError = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    return again


REFUSED: dict[str, Callable[[QualificationsClient], Any]] = {
    "a naive expiration": lambda c: c.update("r", expiration_date=datetime(2027, 1, 1)),  # noqa: DTZ001  on purpose
    "a naive issue date": lambda c: c.update("r", issue_date=datetime(2027, 1, 1)),  # noqa: DTZ001  on purpose
    "the epoch": lambda c: c.update("r", expiration_date=EPOCH),
    "the epoch elsewhere": lambda c: c.update(
        "r", expiration_date=EPOCH.astimezone(datetime.now().astimezone().tzinfo)
    ),
    "the epoch as a date": lambda c: c.update("r", expiration_date=date(1970, 1, 1)),
    "the empty date of a spreadsheet": lambda c: c.update("r", expiration_date=date(1899, 12, 30)),
    "nothing to change": lambda c: c.update("r"),
    "no fields": lambda c: c.update("r", fields=[]),
    "no external ids": lambda c: c.update("r", external_ids={}),
    "an empty external id": lambda c: c.update("r", external_ids={"hr": ""}),
    "an empty issue date": lambda c: c.update("r", issue_date=date(1899, 12, 30)),
    "the epoch in a field": lambda c: c.update("r", fields=[DateTimeField(samples.UUID, EPOCH)]),
    "a blank text": lambda c: c.update("r", fields=[TextField(samples.UUID, " ")]),
    "None": lambda c: c.update("r", expiration_date=None, issue_date=DAY),  # type: ignore[arg-type]  # on purpose
    "a text as a date": lambda c: c.update("r", issue_date="2027-01-01"),  # type: ignore[arg-type]  # on purpose
    "CLEAR as issue date": lambda c: c.update("r", issue_date=CLEAR),  # type: ignore[arg-type]  # on purpose
    "an empty id": lambda c: c.update("", issue_date=DAY),
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


def test_what_is_meant_is_sent() -> None:
    """What looks like an empty cell goes out where the caller says that it is none."""
    recorder = Recorder(answer(200, DONE))
    given(
        lambda: client_of(recorder).update(
            "r",
            expiration_date=Exactly(date(1900, 1, 1)),
            issue_date=Exactly(EPOCH),
            fields=[
                DateTimeField(samples.UUID, Exactly(date(1899, 12, 30))),
                TextField("0cbbddb3-2541-4889-b4eb-92171cbfc142", Exactly(" ")),
                TextField("1214a1fa-f0c6-408b-bf85-51dc3bc71ac7", CLEAR),
            ],
            external_ids={"hr": Exactly("")},
        )
    )
    body = json.loads(recorder.requests[0].content)
    assert ("1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z") == (
        body["expirationDate"],
        body["issueDate"],
    )
    values = [item.get("dateTimeValue") or item["textValue"] for item in body["fields"]]
    assert ["1899-12-30T00:00:00Z", " ", ""] == [item["value"] for item in values]
    assert {"hr": ""} == body["externalIds"]


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
    texts += [repr(client), str(client), repr(client.budget), repr(client._driver.config)]
    texts.append(caplog.text)
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


def test_errors_name_the_record() -> None:
    """Which one it was, whether the call may be made again, and nothing of httpx behind it."""
    for recorder in (Recorder(answer(503)), Recorder(BROKEN[0])):
        error = failing(recorder)
        assert ("r", True) == (error.record_id, error.retryable)
        assert "update r: " in str(error)
        assert (None, None) == (error.__cause__, error.__context__)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "a\r\nb\x1b[31m \ud800"}, "a b\ufffd[31m \ufffd"),
        ({"Message": "capital"}, "capital"),
        ({"title": "Not good", "detail": "id is wrong"}, "Not good: id is wrong"),
        ({"errors": [{"code": 7}]}, '[{"code": 7}]'),
        ({"message": {"code": 7}}, '{"code": 7}'),
        (b"<html>\n<h1>Bad gateway</h1>", "<html> <h1>Bad gateway</h1>"),
        ({"message": "x" * 1000}, "x" * 499 + "…"),
        ({}, ""),
    ],
    ids=str,
)
def test_the_words_of_an_error(body: Any, words: str) -> None:
    """Whatever their form: one line that can be printed; the body is there as it came."""
    error = failing(Recorder(answer(400, body)))
    assert isinstance(error, ApiError)
    assert words == error.message
    assert (words or "no message") in str(error)
    assert answer(400, body).content.decode() == error.body


@pytest.mark.parametrize(
    ("status", "operation_id", "words"),
    [
        (401, UPDATE, "region"),
        (403, UPDATE, "Write Qualification Records"),
        (403, "getQualificationRecords", "Read Qualification Records"),
    ],
)
def test_hints(status: int, operation_id: str, words: str) -> None:
    """What is likely to be wrong stands in the message."""
    assert words in str(failing(Recorder(answer(status)), operation_id))


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment keeps httpx from working, the variable stands in the message."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "foo://user:Pa55word@127.0.0.1:1")
    error = raised(lambda: QualificationsClient(TOKEN))
    assert isinstance(error, ConfigurationError), repr(error)
    assert "HTTPS_PROXY" in str(error)
    assert "Pa55word" not in str(error)


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


def test_cursors_that_go_round_are_an_error() -> None:
    """Nor would one that gives a few cursors in turn."""
    turns = [page(["a"], cursor, more=True) for cursor in ("c1", "c2", "c1", "c2", "c3")]
    recorder = Recorder(*turns, page([], "", more=False))
    error = raised(lambda: stream(recorder, end_time=DAY))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert 3 == len(recorder.requests)


@pytest.mark.parametrize("cursor", ["", "\ud800", "c" * 8_001], ids=["empty", "half", "long"])
def test_a_next_page_that_cannot_be_asked_for_is_an_error(cursor: str) -> None:
    """A part is not taken for the whole."""
    recorder = Recorder(page(["a", "b"], cursor, more=True))
    error = raised(lambda: stream(recorder, end_time=DAY))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert ("pagination.endCursor", False) == (error.path, error.applied)
    assert "2 items" in str(error)
    assert 1 == len(recorder.requests)


def records(*ids: str) -> httpx.Response:
    """Return the answer of a read."""
    return answer(200, {"data": [{**samples.full_record(), "id": identity} for identity in ids]})


def test_one_record_is_the_one_that_was_asked_for() -> None:
    """It may stand anywhere in the answer; no other is given in its place."""
    assert "b" == given(lambda: client_of(Recorder(records("a", "b"))).get("b")).id
    error = raised(lambda: client_of(Recorder(records("a"))).get("b"))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert ("data.id", False) == (error.path, error.applied)
    error = raised(lambda: client_of(Recorder(records())).get("b"))
    assert isinstance(error, NotFound), repr(error)


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
    assert datetime(2026, 8, 27, 10, 20, 30, tzinfo=UTC) == expiration_of(
        client.update("r", issue_date=DAY)
    )
    body["data"]["expirationDate"] = "1970-01-01T00:00:00Z"
    assert expiration_of(client_of(Recorder(answer(200, body))).update("r", issue_date=DAY)) is None
    del body["data"]["expirationDate"]
    record = client_of(Recorder(answer(200, body))).update("r", issue_date=DAY)
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
