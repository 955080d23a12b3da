"""What an exchange takes of a caller's httpx client, how long it lasts, and how many there are."""

from __future__ import annotations

import asyncio
import functools
import gzip
import socket
import threading
import time
import tracemalloc
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    BadRequest,
    BudgetTimeout,
    ConfigurationError,
    ConnectionFailed,
    ExchangeFailed,
    QualificationsClient,
    RetryPolicy,
    UnexpectedResponse,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import (
    CREATE,
    DONE,
    UPDATE,
    failing,
    given,
    raised,
)
from samsara_qualifications_contract.client.calls import CHANGE, perform
from samsara_qualifications_contract.client.recorder import (
    NO_LIMITS,
    TOKEN,
    Recorder,
    answer,
    async_client_of,
    client_of,
    in_parts,
)

if TYPE_CHECKING:
    from collections.abc import Generator


ONCE = RetryPolicy(attempts=1)
PATIENCE = 5.0
"""Seconds after which what should have happened is missed."""

MIB = 1024 * 1024


def lent(recorder: Recorder, **options: Any) -> httpx.Client:
    """Return a caller's own httpx client."""
    return httpx.Client(transport=recorder, **options)


def sent(request: httpx.Request) -> tuple[str, str, bytes, list[tuple[bytes, bytes]]]:
    """Return all of a request."""
    return request.method, str(request.url), request.content, request.headers.raw


@pytest.mark.parametrize("operation_id", [UPDATE, "getQualificationRecords"])
@pytest.mark.parametrize(
    "own",
    [
        {"headers": {"Accept": "text/html", "X-Theirs": "1"}},
        {"params": {"limit": "1", "ids": "another"}},
        {"cookies": {"session": "1"}},
        {"auth": ("user", "password")},
        {"base_url": "https://elsewhere.example/v9"},
    ],
    ids=lambda own: next(iter(own)),
)
def test_a_callers_settings_stay_out(own: dict[str, Any], operation_id: str) -> None:
    """Whatever a caller's httpx client is set to, the request is the same to the byte."""
    good = answer(200, samples.body_of(operation_id), Set_Cookie="session=2; Path=/")
    recorder = Recorder(good)
    client = client_of(recorder, http_client=lent(recorder, **own))
    for one in (client_of(recorder), client, client):
        given(functools.partial(perform, one, operation_id))
    plain, *others = map(sent, recorder.requests)
    assert [plain, plain] == others


def test_hooks_are_called() -> None:
    """A request hook sees what goes out, a response hook what came."""
    seen: list[bytes] = []

    def request_hook(request: httpx.Request) -> None:
        seen.append(request.content)

    def response_hook(response: httpx.Response) -> None:
        seen.append(response.read())

    recorder = Recorder(answer(200, DONE))
    hooks = {"request": [request_hook], "response": [response_hook]}
    given(
        lambda: client_of(recorder, http_client=lent(recorder, event_hooks=hooks)).update(
            "r", **CHANGE
        )
    )
    body = b'{"id":"r","issueDate":"2025-08-27T00:00:00Z"}'
    assert [body, answer(200, DONE).content] == seen


def fail(_: object) -> None:
    """Fail, as a hook may."""
    raise RuntimeError("hook")


def test_a_response_hook_that_fails_decides_nothing() -> None:
    """What the server has answered counts."""
    recorder = Recorder(answer(200, DONE))
    own = lent(recorder, event_hooks={"response": [fail]})
    assert "r" == given(lambda: client_of(recorder, http_client=own).update("r", **CHANGE)).id


def test_a_request_hook_that_fails_sends_nothing() -> None:
    """It fails the call, which was not sent, nor is sent again."""
    recorder = Recorder(answer(200, DONE))
    error = failing(recorder, http_client=lent(recorder, event_hooks={"request": [fail]}))
    assert isinstance(error, ConfigurationError), repr(error)
    assert error.applied is False
    assert [] == recorder.requests


def test_a_callers_client_stays_open() -> None:
    """Who made it closes it; after that, nothing is sent."""
    recorder = Recorder(answer(200, DONE))
    own = lent(recorder)
    with client_of(recorder, http_client=own) as client:
        client.update("r", **CHANGE)
    assert own.is_closed is False
    own.close()
    error = raised(lambda: client.update("r", **CHANGE))
    assert isinstance(error, ConfigurationError), repr(error)
    assert 1 == len(recorder.requests)


@contextmanager
def dripping() -> Generator[str]:
    """Serve an answer whose headers come byte by byte, for longer than anybody waits."""
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            end = time.monotonic() + 2 * PATIENCE
            while not over.wait(0.02) and time.monotonic() < end:
                try:
                    connection.sendall(b"a")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join(PATIENCE)


@contextmanager
def serving(*connections: bytes) -> Generator[str]:
    """Serve connections one after the other: read something, send these bytes, wait for the end."""

    def serve() -> None:
        for data in connections:
            connection, _ = listener.accept()
            connection.settimeout(PATIENCE)
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(data)
                while data and connection.recv(65536):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(PATIENCE)


def raw(status: str, body: bytes) -> bytes:
    """Return a response as it stands on the wire."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def local(url: str, **options: Any) -> QualificationsClient:
    """Return a client with connections of its own."""
    usual: dict[str, Any] = {"limits": NO_LIMITS, "retry": ONCE, "deadline": PATIENCE}
    return QualificationsClient(TOKEN, base_url=url, **{**usual, **options})


def test_headers_that_drip_end_in_time() -> None:
    """A server that never gets to the end of its headers holds nobody up."""
    with dripping() as url, local(url, timeout=0.3) as client:
        began = time.monotonic()
        error = raised(lambda: client.update("r", **CHANGE))
        assert time.monotonic() - began < PATIENCE
    assert isinstance(error, ExchangeFailed), repr(error)
    assert error.applied is None


def test_a_call_in_a_hook_ends_with_the_call_around_it() -> None:
    """A request hook may call another client; the time of the first one counts for both."""
    with dripping() as url, local(url, timeout=2 * PATIENCE, deadline=None) as inner:

        def ask(_: httpx.Request) -> None:
            inner.get("r")

        recorder = Recorder(answer(200, DONE))
        began = time.monotonic()
        error = failing(
            recorder, http_client=lent(recorder, event_hooks={"request": [ask]}), timeout=0.3
        )
        assert time.monotonic() - began < PATIENCE
    assert error.applied is False
    assert [] == recorder.requests


def test_each_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that refuses is not the end."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (f"127.0.0.{n}", 0)) for n in (2, 1)]
    with serving(raw("200 OK", answer(200, DONE).content)) as url:
        known = socket.getaddrinfo

        def resolve(host: str, *arguments: Any, **named: Any) -> Any:
            return found if host == "localhost" else known(host, *arguments, **named)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with local(url.replace("127.0.0.1", "localhost")) as client:
            assert "r" == given(lambda: client.update("r", **CHANGE)).id


def test_what_follows_an_answer_is_not_the_next_one() -> None:
    """Else each answer would be read as that of the request after its own."""
    stray = raw("404 Not Found", b"")
    whole = raw("200 OK", answer(200, DONE).content)
    with serving(whole + stray, whole) as url, local(url) as client:
        for _ in range(2):
            assert "r" == given(lambda: client.update("r", **CHANGE)).id


def test_a_proxy_that_fails_has_passed_nothing_on() -> None:
    """Only the way to the server was asked for: nothing was sent."""
    with serving(b"") as url, httpx.Client(proxy=url) as own:
        client = local("https://api.samsara.com", http_client=own)
        error = raised(lambda: client.update("r", **CHANGE))
    assert isinstance(error, ConnectionFailed), repr(error)
    assert error.applied is False


def test_an_exchange_that_cannot_end_in_time_is_not_begun() -> None:
    """Nobody would know what became of it."""
    recorder = Recorder(answer(200, DONE))
    error = failing(recorder, deadline=0.009)
    assert isinstance(error, BudgetTimeout), repr(error)
    assert [] == recorder.requests


def test_a_body_that_drips_ends_in_time() -> None:
    """Nor does one that never gets to the end of its body, over any transport."""
    recorder = Recorder(in_parts(200, *[b" "] * 600, pause=0.02))
    began = time.monotonic()
    error = failing(recorder, timeout=0.3, retry=ONCE)
    assert time.monotonic() - began < PATIENCE
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert error.applied is True


class Silent(httpx.AsyncBaseTransport):
    """Never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait."""
        await asyncio.Event().wait()
        raise AssertionError("nothing came")


async def test_an_async_exchange_ends_in_time() -> None:
    """Nor one that waits on an event loop."""
    client = async_client_of(Silent(), timeout=0.1, retry=ONCE)
    call = asyncio.ensure_future(client.update("r", **CHANGE))
    await asyncio.wait([call], timeout=PATIENCE)
    assert call.done()
    assert isinstance(call.exception(), ExchangeFailed), repr(call)


def test_a_bomb_is_not_unpacked() -> None:
    """A small answer that unpacks to a large one is refused, in bounded memory."""
    bomb = gzip.compress(bytes(100 * MIB), compresslevel=1)
    recorder = Recorder(in_parts(200, bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        error = failing(recorder)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert "is larger than" in str(error)
    assert peak < 50 * MIB


def test_gzip_may_have_several_members() -> None:
    """They are one body, as gzip's specification says."""
    whole = answer(200, DONE).content
    zipped = gzip.compress(whole[:50]) + gzip.compress(whole[50:])
    recorder = Recorder(in_parts(200, zipped[:70], zipped[70:], Content_Encoding="gzip"))
    assert "r" == given(lambda: client_of(recorder).update("r", **CHANGE)).id


def test_the_body_of_an_error_is_bounded() -> None:
    """What is beyond 64 KiB is not read."""
    error = failing(Recorder(answer(400, b"x" * MIB)))
    assert isinstance(error, BadRequest), repr(error)
    assert 64 * 1024 == len(error.body)


def test_an_answer_of_countless_small_values_is_refused() -> None:
    """They would take up many times their size."""
    error = failing(Recorder(answer(200, b"[" + b"[]," * 200_000 + b"[]]")))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert "more values" in str(error)


@pytest.mark.parametrize("operation_id", [UPDATE, CREATE])
def test_the_answer_of_a_write_is_bounded(operation_id: str) -> None:
    """One record takes no 9 MiB."""
    error = failing(Recorder(answer(200, b" " * 9 * MIB)), operation_id)
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert "is larger than" in str(error)
