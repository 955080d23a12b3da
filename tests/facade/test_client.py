"""Both clients against the mock: what they do, what they promise, what becomes of the slots."""

from __future__ import annotations

import inspect
import logging
import pickle
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

from samsara_qualifications import (
    CLEAR,
    AsyncQualificationsClient,
    BadRequest,
    BudgetTimeout,
    BudgetUnavailable,
    ConfigurationError,
    ConnectionFailed,
    ExchangeFailed,
    InvalidInput,
    NotFound,
    NumberField,
    Owner,
    QualificationsClient,
    QualificationsError,
    RateLimit,
    RateLimited,
    RetryPolicy,
    ServerError,
    TextField,
    UnexpectedResponse,
    expiration_of,
)
from samsara_qualifications.budget import dispatcher
from samsara_qualifications.mock import Fault, MockServer

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 1, 1)
SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
NUMBER = "b945c828-1126-5583-8fe5-d7549dc8320e"
TYPE = "b5187e63-aef0-58c1-87ab-922f24c67299"
START = datetime(2000, 1, 1, tzinfo=UTC)
CERTIFICATE = TextField("5a6a77a8-b74c-56d6-9a31-da3121a2c453", "HZ-7")
WORKER = Owner.worker("281474")
LIMITS = ["update", "token", "organization"]


def test_a_record_lives_from_creation_to_deletion(connect: Any, mock: MockServer) -> None:
    """Every method, on one record."""
    caller = connect(mock, strict=True)
    made = caller(
        "create",
        TYPE,
        owner=WORKER,
        issue_date=date(2026, 1, 1),
        expiration_date=date(2028, 1, 1),
        fields=[CERTIFICATE],
        external_ids={"hr": "new"},
    )
    assert datetime(2028, 1, 1, tzinfo=UTC) == expiration_of(made)
    changed = caller("update", made.id, expiration_date=CLEAR, issue_date=date(2026, 2, 1))
    assert expiration_of(changed) is None
    assert datetime(2026, 2, 1, tzinfo=UTC) == changed.issue_date
    assert caller("archive", made.id) is None
    assert "archived" == str(caller("get", made.id).record_status)
    assert caller("unarchive", made.id) is None
    found = caller("get", made.id, include_external_ids=True)
    assert ("active", {"hr": "new"}) == (str(found.record_status), found.external_ids.to_dict())
    changes = caller("stream", entity_type="worker", start_time=START)
    assert made.id == changes[-1].id
    assert caller("delete", made.id) is None
    with pytest.raises(NotFound):
        caller("get", made.id)


def test_a_custom_field_is_set(connect: Any, mock: MockServer) -> None:
    """By its id, and no other changes."""
    record = connect(mock).update(fields=[NumberField(NUMBER, 7)])
    values = {str(field.id): field for field in record.fields}
    assert 7 == values[NUMBER].number_value.value
    assert len(mock.records[SEED]["fields"]) == len(record.fields)


def test_an_answer_about_another_record_is_no_success(connect: Any, mock: MockServer) -> None:
    """Whoever mixed the answers up, nobody knows what became of this record."""
    other = next(record for record_id, record in mock.records.items() if record_id != SEED)
    mock.faults.add(Fault(body={"data": other}))
    with pytest.raises(UnexpectedResponse, match=f"'{other['id']}', not '{SEED}'") as caught:
        connect(mock).update(issue_date=date(2026, 2, 1))
    assert ("update", None, "data.id") == (
        caught.value.operation,
        caught.value.applied,
        caught.value.path,
    )


@pytest.mark.parametrize("record_id", [SEED.upper(), "hr:7"])
def test_a_record_has_several_ids(connect: Any, mock: MockServer, record_id: str) -> None:
    """An external id, or another way to write a UUID, is answered with the record's own id."""
    mock.faults.add(Fault(status=200, body={"data": mock.records[SEED]}))
    assert SEED == connect(mock)("update", record_id, issue_date=date(2026, 2, 1)).id


def test_many_records_are_read_by_the_hundred(connect: Any, mock: MockServer) -> None:
    """One request each hundred, and all records in the server's order."""
    template = mock.records[SEED]
    ids = [f"{number:08d}-f0c6-408b-bf85-51dc3bc71ac7" for number in range(250)]
    mock.records.update({record_id: {**template, "id": record_id} for record_id in ids})
    caller = connect(mock)
    assert ids == [record.id for record in caller("get", iter(ids))]
    assert 3 == len(mock.requests)
    assert [] == caller("get", [])
    assert 3 == len(mock.requests)


def test_one_unknown_record_is_not_found(connect: Any, mock: MockServer) -> None:
    """Whether the server says so, or answers with nothing."""
    mock.faults.add(Fault(status=200, body={"data": []}))
    with pytest.raises(NotFound, match="no record with the id 'x'") as caught:
        connect(mock)("get", "x")
    assert ("get", 200, False) == (
        caught.value.operation,
        caught.value.status,
        caught.value.applied,
    )


@pytest.fixture
def pages() -> MockServer:
    """A mock whose pages hold two items."""
    return MockServer(rate=None, page_size=2)


def test_a_stream_ends(connect: Any, pages: MockServer) -> None:
    """With an end time and without."""
    caller = connect(pages)
    options = {"entity_type": "worker", "start_time": START}
    bounded = caller("stream", **options, end_time=date(2100, 1, 1))
    until_now = caller("stream", **options)
    workers = [r for r in pages.records.values() if r["owner"]["entityType"] == "worker"]
    assert len(workers) == len(bounded) == len({record.id for record in until_now})
    assert [record.id for record in bounded] == [record.id for record in until_now]
    moments = [record.updated_at_time for record in until_now]
    assert sorted(moments) == moments
    assert len(workers) > 2


def test_a_loop_that_updates_what_it_reads_ends(pages: MockServer) -> None:
    """Its own changes come after the end of the stream."""
    with httpx.Client(transport=pages.transport()) as http_client:
        own = QualificationsClient(pages.token, base_url="https://x.test", http_client=http_client)
        stream = own.stream(entity_type="worker", start_time=START)
        updated = [own.update(record.id, issue_date=DAY).id for record in stream]
    assert len(updated) == len(set(updated)) > 2


def test_the_types_come_over_all_pages(connect: Any, pages: MockServer) -> None:
    """Each page is asked for with the cursor of the one before."""
    found = connect(pages)("types", entity_type="worker")
    known = [item for item in pages.types.values() if item["entityType"] == "worker"]
    assert sorted(item["id"] for item in known) == sorted(str(item.id) for item in found)
    cursors = ["after=" in request.query for request in pages.requests]
    assert [False, *[True] * (len(cursors) - 1)] == cursors
    assert len(cursors) > 1


def page(cursor: str, items: int = 1, *, more: bool = True) -> Fault:
    """Return a page that has nothing to do with the mock's data."""
    data = [MockServer().types[TYPE]] * items
    pagination = {"endCursor": cursor, "hasNextPage": more}
    return Fault(status=200, body={"data": data, "pagination": pagination})


def test_pages_that_go_in_a_circle_are_an_error(connect: Any, mock: MockServer) -> None:
    """An endless loop would use up the budget; the items so far have been given."""
    for cursor in ["a", "b", "b"]:
        mock.faults.add(page(cursor))
    caller = connect(mock)
    with pytest.raises(UnexpectedResponse, match="gave the cursor 'b' twice") as caught:
        caller("types", entity_type="worker")
    assert ("types", "pagination.endCursor") == (caught.value.operation, caught.value.path)
    assert 3 == len(mock.requests)


def test_an_empty_page_does_not_end_the_types(connect: Any, mock: MockServer) -> None:
    """Only the server says that there is no next one."""
    for fault in [page("a", items=0), page("b"), page("c", more=False)]:
        mock.faults.add(fault)
    assert 2 == len(connect(mock)("types", entity_type="worker"))


@pytest.mark.parametrize("cursor", ["", "\ud800", "c" * 8_001], ids=["none", "half", "long"])
def test_a_next_page_that_cannot_be_asked_for_is_no_quiet_end(
    connect: Any, mock: MockServer, cursor: str
) -> None:
    """It is said how much has come."""
    for fault in [page("a"), page(cursor)]:
        mock.faults.add(fault)
    with pytest.raises(Exception, match="the 2 items so far are complete") as caught:
        connect(mock)("types", entity_type="worker")
    assert isinstance(caught.value, UnexpectedResponse)
    assert (False, "types") == (caught.value.applied, caught.value.operation)


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_circle_of_cursors_is_noticed(connect: Any, mock: MockServer, cursors: list[str]) -> None:
    """Of any length."""
    for cursor in cursors:
        mock.faults.add(page(cursor))
    with pytest.raises(UnexpectedResponse, match="twice, so the pages would never end"):
        connect(mock)("types", entity_type="worker")
    assert len(cursors) == len(mock.requests)


def test_a_page_is_asked_for_when_it_is_needed(mock: MockServer) -> None:
    """Who stops early sends no more requests."""
    pages = MockServer(rate=None, page_size=1)
    with httpx.Client(transport=pages.transport()) as http_client:
        own = QualificationsClient(pages.token, base_url="https://x.test", http_client=http_client)
        stream = own.stream(entity_type="worker", start_time=START)
        assert 0 == len(pages.requests)
        next(stream)
        assert 1 == len(pages.requests)


def test_a_client_is_closed_by_its_context(serve: Any) -> None:
    """And says so to who goes on."""

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    with QualificationsClient("token", base_url=serve(answer).url) as own:
        own.delete("1")
    own.close()
    with pytest.raises(ConfigurationError, match="The client is closed: make a new one") as caught:
        own.delete("1")
    assert caught.value.applied is False


def test_a_closed_client_uses_no_slot(
    connect: Any, mock: MockServer, store: Any, budget: Any
) -> None:
    """What was taken goes back."""
    caller = connect(mock, budget=budget)
    own = caller.client._driver._exchanger._client
    if caller.runner:
        caller.runner.run(own.aclose())
    else:
        own.close()
    with pytest.raises(ConfigurationError):
        caller.update()
    assert (["refunded"], 0) == (store.fates, len(mock.requests))


def test_a_callers_httpx_client_stays_open(connect: Any, mock: MockServer) -> None:
    """It is theirs to close."""
    caller = connect(mock)
    caller.close()
    assert not caller.client._driver._exchanger._client.is_closed
    assert caller.update().id


FORK = """
import os, sys
from samsara_qualifications import QualificationsClient
client = QualificationsClient("token", base_url=sys.argv[1])
client.delete("parent")
child = os.fork()
client.delete("parent" if child else "child")
if child:
    assert 0 == os.waitpid(child, 0)[1]
    client.delete("parent")
client.close()
"""


def test_a_child_process_uses_connections_of_its_own(serve: Any) -> None:
    """After a fork: else both would read each other's answers."""
    connections: list[list[bytes]] = []

    def answer(connection: Any) -> None:
        bodies: list[bytes] = []
        connections.append(bodies)
        while data := connection.read():
            bodies.append(data.rpartition(b"\r\n\r\n")[2])
            connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = serve(answer)
    subprocess.run([sys.executable, "-c", FORK, server.url], check=True)
    assert [[b'{"id":"parent"}'] * 3, [b'{"id":"child"}']] == connections


def test_a_callers_httpx_client_is_refused_in_a_child_process(
    connect: Any, mock: MockServer
) -> None:
    """Nobody but the caller can make another like it."""
    caller = connect(mock)
    caller.client._driver.after_fork()
    with pytest.raises(ConfigurationError, match="After a fork, the parent's httpx client must"):
        caller.update()


def test_a_client_of_our_own_is_renewed_in_a_child_process(connect: Any, serve: Any) -> None:
    """The parent's is left alone."""

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    caller = connect(serve(answer).url)
    parents = caller.client._driver._exchanger._client
    caller.client._driver.after_fork()
    caller("delete", "1")
    assert parents is not caller.client._driver._exchanger._client
    assert not parents.is_closed


def test_the_proxies_of_the_environment_are_used(
    connect: Any, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For https, through a tunnel that does not see the token."""

    def refuse(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    proxy = serve(refuse)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(ConnectionFailed, match="403") as caught:
        connect("https://samsara.test", retry=RetryPolicy(attempts=1)).update()
    assert caught.value.applied is False
    assert proxy.requests[0].startswith(b"CONNECT samsara.test:443 HTTP/1.1")
    assert b"token-of-a-test" not in proxy.requests[0]


def test_plain_http_takes_no_proxy(
    connect: Any, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would see the token on its way to this machine."""

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    server, proxy = serve(answer), serve(answer)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    connect(server.url)("delete", "1")
    assert (1, 0) == (server.connections, proxy.connections)


ONCE = RetryPolicy(attempts=1, rate_limited_attempts=1)


@pytest.mark.parametrize(
    ("fault", "raised", "fates"),
    [
        (None, None, ["settled"]),
        (Fault(status=404), NotFound, ["settled"]),
        (Fault(status=500), ServerError, ["settled"]),
        (Fault(body="<html>"), UnexpectedResponse, ["settled"]),
        (Fault(cut="request"), ExchangeFailed, ["unanswered"]),
        (Fault(cut="body"), UnexpectedResponse, ["settled"]),
        (Fault(delay=9), ExchangeFailed, ["unanswered"]),
        (Fault(cut="connect"), ConnectionFailed, ["refunded"]),
        (
            Fault(status=429, headers={"Retry-After": "0.01"}),
            RateLimited,
            ["settled", "paused update 0.01"],
        ),
    ],
    ids=["ok", "404", "500", "html", "reset", "cut", "late", "connect", "429"],
)
def test_every_slot_is_settled_or_refunded(
    connect: Any, mock: MockServer, store: Any, *, budget: Any, fault: Any, raised: Any, fates: Any
) -> None:
    """Refunded only where nothing was sent; for longer where the request may arrive yet."""
    caller = connect(mock, budget=budget, retry=ONCE, timeout=0.2)
    if fault:
        mock.faults.add(fault)
        with pytest.raises(raised):
            caller.update()
    else:
        caller.update()
    assert fates == store.fates


def test_every_attempt_takes_a_slot_of_its_own(
    connect: Any, mock: MockServer, store: Any, budget: Any
) -> None:
    """A retry counts for the server as any request does."""
    mock.faults.add(Fault(status=503, times=2))
    mock.faults.add(Fault(cut="connect"))
    connect(mock, budget=budget).update()
    assert ["settled", "settled", "refunded", "settled"] == store.fates


def test_a_token_that_rotates_is_sent(connect: Any, mock: MockServer) -> None:
    """Each request shows the one of its moment; one that cannot be had sends nothing."""
    caller = connect(mock, token=lambda: mock.token)
    caller.update()
    mock.token = "another-token"
    caller.update()
    mock.token = "another token"
    with pytest.raises(ConfigurationError, match="returns holds a blank") as caught:
        caller.update()
    assert (False, 2) == (caught.value.applied, len(mock.requests))


def test_the_limit_is_never_exceeded(connect: Any, mock: MockServer) -> None:
    """The sixth update of five waits, or fails before it is sent."""
    limits = dict.fromkeys(LIMITS, RateLimit(5, 60))
    caller = connect(mock, limits=limits, deadline=0.2)
    for _ in range(5):
        caller.update()
    with pytest.raises(BudgetTimeout) as caught:
        caller.update()
    assert (5, False, "update") == (
        len(mock.requests),
        caught.value.applied,
        caught.value.operation,
    )
    assert 59 < caught.value.retry_after <= 60


def test_a_wait_for_a_slot_is_told(connect: Any, mock: MockServer) -> None:
    """To the hook."""
    waits: list[Any] = []
    limits = dict.fromkeys(LIMITS, RateLimit(1, 0.05))
    caller = connect(mock, limits=limits, on_wait=waits.append)
    caller.update()
    caller.update(lane="bulk")
    (wait,) = [event for event in waits if event.waited > 0.01]
    assert ("update", "bulk") == (wait.operation, wait.lane)


def test_a_429_is_waited_out_to_the_fraction(
    connect: Any, mock: MockServer, store: Any, budget: Any
) -> None:
    """And the update is sent again: nothing is lost."""
    mock.faults.add(Fault(status=429, headers={"Retry-After": "0.04235"}))
    events: list[Any] = []
    caller = connect(mock, budget=budget, on_retry=events.append, on_wait=events.append)
    assert caller.update().id
    assert ["settled", "paused update 0.04235", "settled"] == store.fates
    retry = next(event for event in events if hasattr(event, "reason"))
    assert ("update", 1, 0.04235) == (retry.operation, retry.attempt, retry.wait)
    assert max(event.waited for event in events if hasattr(event, "waited")) > 0.03


def test_an_absurd_retry_after_fails_at_once_and_says_so(connect: Any, mock: MockServer) -> None:
    """Nobody sleeps for an hour without knowing."""
    mock.faults.add(Fault(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(
        RateLimited, match=r"may start in 3\.6e\+03 s, but the deadline is"
    ) as caught:
        connect(mock).update()
    assert (3600.0, False, 1) == (
        caught.value.retry_after,
        caught.value.applied,
        len(mock.requests),
    )


@pytest.mark.parametrize(
    "fault", [Fault(status=503), Fault(cut="response"), Fault(status=500, applied=True)]
)
def test_a_creation_is_never_repeated_after_an_unknown_outcome(
    connect: Any, mock: MockServer, fault: Fault
) -> None:
    """There is one record at most, and the caller knows that nobody knows."""
    before = len(mock.records)
    mock.faults.add(fault)
    with pytest.raises(QualificationsError) as caught:
        connect(mock)("create", TYPE, owner=WORKER, issue_date=START, fields=[CERTIFICATE])
    assert (None, 1) == (caught.value.applied, len(mock.requests))
    assert (fault.status != 503) == (len(mock.records) - before)


@pytest.mark.parametrize(
    ("faults", "raised", "applied"),
    [
        ([Fault(cut="response"), Fault(status=400)], BadRequest, None),
        ([Fault(delay=9), Fault(status=404)], NotFound, None),
        ([Fault(cut="connect"), Fault(status=404)], NotFound, False),
    ],
    ids=["reset-400", "late-404", "connect-404"],
)
def test_applied_speaks_for_all_attempts(
    connect: Any, mock: MockServer, *, faults: list[Fault], raised: Any, applied: Any
) -> None:
    """The last answer alone would lie."""
    for fault in faults:
        mock.faults.add(fault)
    with pytest.raises(raised) as caught:
        connect(mock, timeout=0.1).update()
    assert (applied, 2) == (caught.value.applied, len(mock.requests))


@pytest.mark.parametrize(
    ("fault", "there"), [(Fault(cut="response"), True), (Fault(status=503), False)]
)
def test_an_unknown_outcome_can_be_confirmed(
    connect: Any, mock: MockServer, *, fault: Fault, there: bool
) -> None:
    """The record is read, and compared with what was sent."""
    mock.faults.add(fault)
    caller = connect(mock, retry=RetryPolicy(attempts=1))
    with pytest.raises(QualificationsError) as caught:
        caller.update(issue_date=date(2026, 3, 4), external_ids={"hr": "x-1"})
    assert (None, SEED, True) == (
        caught.value.applied,
        caught.value.record_id,
        caught.value.retryable,
    )
    assert there is caller("confirm", pickle.loads(pickle.dumps(caught.value)))  # noqa: S301
    assert "includeExternalIds=true" in mock.requests[-1].query


def test_only_an_update_can_be_confirmed(connect: Any, mock: MockServer) -> None:
    """A record that a creation may have made has an id that nobody knows."""
    mock.faults.add(Fault(status=503))
    caller = connect(mock, retry=RetryPolicy(attempts=1))
    with pytest.raises(ServerError) as caught:
        caller("create", TYPE, owner=WORKER, issue_date=START, fields=[CERTIFICATE])
    assert not caught.value.retryable
    with pytest.raises(Exception, match=r"not ServerError of create; .* found by stream") as last:
        caller("confirm", caught.value)
    assert isinstance(last.value, InvalidInput)


def test_the_record_asked_for_is_returned_wherever_it_stands(
    connect: Any, mock: MockServer
) -> None:
    """The server may send others along; without it there is no record."""
    first, second = list(mock.records.values())[:2]
    for data in ([first, second], [second, first]):
        mock.faults.add(Fault(status=200, body={"data": data}))
        assert second["id"] == connect(mock)("get", second["id"]).id
    mock.faults.add(Fault(status=200, body={"data": [first]}))
    with pytest.raises(UnexpectedResponse, match="answered with record") as caught:
        connect(mock)("get", second["id"])
    assert (False, second["id"]) == (caught.value.applied, caught.value.record_id)


def test_what_the_client_returns_it_also_takes(connect: Any, mock: MockServer) -> None:
    """Ids of types, owners and external ids of records."""
    caller = connect(mock)
    kinds = [kind.id for kind in caller("types", entity_type="worker")]
    assert caller("stream", entity_type="worker", start_time=START, type_ids=kinds)
    caller.update(external_ids={"hr": "1"})
    record = caller("get", SEED, include_external_ids=True)
    caller.update(owner=record.owner, external_ids=record.external_ids)
    assert record.owner.id == caller("get", UUID(SEED)).owner.id


def test_a_retry_without_a_slot_leaves_the_outcome_unknown(connect: Any, mock: MockServer) -> None:
    """The first attempt may have been applied."""
    mock.faults.add(Fault(cut="response"))
    limits = dict.fromkeys(LIMITS, RateLimit(1, 60))
    with pytest.raises(BudgetTimeout) as caught:
        connect(mock, limits=limits, deadline=1).update(issue_date=date(2026, 1, 1))
    assert caught.value.applied is None
    assert "The attempt before it failed: " in caught.value.__notes__[0]
    assert "2026-01-01T00:00:00Z" == mock.records[SEED]["issueDate"]


def test_the_deadline_bounds_all_of_a_call(connect: Any, mock: MockServer) -> None:
    """Attempts and waits together, however patient the policy is."""
    mock.faults.add(Fault(status=503, times=100_000))
    caller = connect(mock, retry=RetryPolicy(attempts=100_000, backoff=0.05), deadline=0.3)
    with pytest.raises((ServerError, BudgetTimeout), match="deadline") as caught:
        caller.update()
    assert caught.value.applied is None
    assert 1 < len(mock.requests) < 2000


def test_the_deadline_of_a_call_bounds_the_exchange(connect: Any, mock: MockServer) -> None:
    """Less than the time-out is left for a server that says nothing."""
    mock.faults.add(Fault(delay=30))
    with pytest.raises(ExchangeFailed, match=r"no complete answer within 0\.[12]"):
        connect(mock).update(deadline=0.2)


class LostStore:
    """Replaces a store's methods with those of one that does not answer."""

    def __init__(self, store: Any, *names: str) -> None:
        store.blocking = True  # one that can be lost does I/O, and is told at once
        for name in names:
            setattr(store, name, self.fail)

    def fail(self, *_: object) -> Any:
        """Do not answer."""
        raise BudgetUnavailable("the store does not answer")


def test_a_store_that_is_lost_while_settling_hides_no_success(
    connect: Any, mock: MockServer, store: Any, *, budget: Any, caplog: Any
) -> None:
    """The record has been updated, and the caller gets it; the log tells."""
    LostStore(store, "settle")
    assert connect(mock, budget=budget).update().id
    assert "the store does not answer" in caplog.text


def test_a_store_that_is_lost_while_refunding_hides_no_failure(
    connect: Any, mock: MockServer, store: Any, *, budget: Any, caplog: Any
) -> None:
    """The caller hears of the connection; the log tells of the store."""
    LostStore(store, "settle")
    mock.faults.add(Fault(cut="connect"))
    with pytest.raises(ConnectionFailed):
        connect(mock, budget=budget, retry=ONCE).update()
    assert "the store does not answer" in caplog.text


def test_a_store_that_is_lost_while_pausing_ends_no_call(
    connect: Any, mock: MockServer, store: Any, *, budget: Any, caplog: Any
) -> None:
    """The 429 was meant for all; this call goes on all the same, and the log tells."""
    LostStore(store, "pause")
    mock.faults.add(Fault(status=429, headers={"Retry-After": "5"}))
    assert connect(mock, budget=budget).update().id
    assert "the store does not answer" in caplog.text


def test_a_store_that_does_not_answer_sends_nothing(
    connect: Any, mock: MockServer, store: Any, *, budget: Any, monkeypatch: Any
) -> None:
    """Without a slot there is no request, however long the call waits for the store."""
    monkeypatch.setattr(dispatcher, "PATIENCE", 0.05)
    monkeypatch.setattr(dispatcher, "AGAIN", 0.01)
    LostStore(store, "take")
    with pytest.raises(BudgetUnavailable) as caught:
        connect(mock, budget=budget).update()
    assert (False, "update", 0) == (
        caught.value.applied,
        caught.value.operation,
        len(mock.requests),
    )


def test_threads_share_a_client(mock: MockServer, store: Any, budget: Any) -> None:
    """Each gets its own records back, and every slot is accounted for."""
    ids = list(mock.records)[:4]
    wrong: list[str] = []
    with httpx.Client(transport=mock.transport()) as http_client:
        own = QualificationsClient(
            mock.token,
            base_url="https://x.test",
            budget=budget,
            http_client=http_client,
            limits=dict.fromkeys(LIMITS, RateLimit(10_000, 1)),
        )

        def work(record_id: str) -> None:
            wrong.extend(
                record.id
                for record in (own.update(record_id, issue_date=DAY) for _ in range(25))
                if record.id != record_id
            )

        threads = [threading.Thread(target=work, args=(record_id,)) for record_id in ids * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [] == wrong
    assert ["settled"] * 200 == store.fates


def test_nothing_that_is_logged_shows_the_token(
    connect: Any, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """On any level, of any library below, even where the server repeats it."""
    caplog.set_level(logging.DEBUG)
    body = b'{"message": "bad token-of-a-test", "requestId": "token-of-a-test"}'

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(
            b"HTTP/1.1 503 No\r\nretry-after: 0.01\r\nx-request-id: 7\r\n"
            b"content-length: %d\r\n\r\n" % len(body) + body
        )

    with pytest.raises(ServerError) as caught:
        connect(serve(answer).url, retry=RetryPolicy(attempts=2)).update()
    texts = [caplog.text, str(caught.value), repr(caught.value), *caught.value.__notes__]
    texts += [repr(vars(caught.value))]
    assert not [text for text in texts if "token-of-a-test" in text]
    assert f"attempt 1 failed, next in 0.010 s: update {SEED}: " in caplog.text


def shape(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Return the parameters of a method, without its http_client's type."""
    parameters = inspect.signature(function).parameters.values()
    return [
        (p.name, p.kind, p.default) for p in parameters if p.name not in {"self", "http_client"}
    ]


def test_both_clients_have_the_same_methods() -> None:
    """By name, parameters and defaults: they cannot drift apart."""
    blocking = dict(inspect.getmembers(QualificationsClient, inspect.isfunction))
    twin = dict(inspect.getmembers(AsyncQualificationsClient, inspect.isfunction))
    blocking, twin = ({n: m for n, m in all_.items() if n[0] != "_"} for all_ in (blocking, twin))
    assert set(blocking) - {"close"} == set(twin) - {"aclose"}
    for name in blocking.keys() & twin.keys():
        assert shape(blocking[name]) == shape(twin[name])
    assert shape(QualificationsClient.__init__) == shape(AsyncQualificationsClient.__init__)
