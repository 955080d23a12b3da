"""One exchange over a real socket with a server that misbehaves: error type and `applied`."""

from __future__ import annotations

import gzip
import json
import resource
import socket
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    BadRequest,
    ConnectionFailed,
    ExchangeFailed,
    NotFound,
    Owner,
    RedirectRefused,
    RequestTimedOut,
    RetryPolicy,
    ServerError,
    UnexpectedResponse,
    _exchange,
    _wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = _wire.spec()["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
RECORD_ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
RECORD: bytes = json.dumps(EXAMPLES["application/json"]["examples"]["seed"]["value"]).encode()
RECORDS = b'{"data": [' + json.dumps(json.loads(RECORD)["data"]).encode() + b"]}"
TYPE = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
OWNER = Owner.worker("281474")
DAY = date(2026, 1, 1)
ONCE = RetryPolicy(attempts=1)
REQUEST_ID = "x-request-id: r-1\r\n"


def response(status: str = "200 OK", headers: str = "", body: bytes = RECORD) -> bytes:
    """Return the bytes of a response."""
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
    return head.encode("latin-1") + body


def answer(*parts: bytes) -> Callable[[Any], None]:
    """Return a handler that reads a request and sends the parts."""

    def handle(connection: Any) -> None:
        connection.read()
        for part in parts:
            connection.send(part)

    return handle


def test_a_whole_answer_is_read(connect: Any, serve: Any) -> None:
    """A well-behaved server is heard."""
    server = serve(answer(response()))
    assert "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7" == connect(server.url).update().id


def test_a_refused_connection_sent_nothing(connect: Any) -> None:
    """Where nobody listens, nothing was applied."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionFailed) as caught:
        connect(f"http://127.0.0.1:{port}", retry=ONCE).update()
    assert (False, "update") == (caught.value.applied, caught.value.operation)


def test_a_host_without_an_address_sent_nothing(connect: Any) -> None:
    """A name that no resolver knows is a failed connection."""
    with pytest.raises(ConnectionFailed) as caught:
        connect("https://nobody.invalid", retry=ONCE).update()
    assert caught.value.applied is False


def reset_unread(connection: Any) -> None:
    """Reset the connection without a look at what comes."""
    connection.wait()
    connection.reset()


def reset_read(connection: Any) -> None:
    """Reset the connection once the request is there."""
    connection.read()
    connection.reset()


def close_read(connection: Any) -> None:
    """Close the connection once the request is there."""
    connection.read()


def silence(connection: Any) -> None:
    """Read the request, and say nothing."""
    connection.read()
    connection.stop.wait(10)


@pytest.mark.parametrize(
    "handler",
    [
        reset_unread,
        reset_read,
        close_read,
        silence,
        answer(b"SSH-2.0-OpenSSH_9.6\r\n"),
        answer(b"HTTP/1.1 200 OK\r\n"),
        answer(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n"),
        answer(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        answer(b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n"),
        answer(b"HTTP/1.1 100 Continue\r\n\r\n"),
        answer(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
    ],
    ids=[
        "reset-unread",
        "reset-read",
        "closed",
        "silent",
        "no-http",
        "half-a-head",
        "huge-headers",
        "header-without-colon",
        "negative-length",
        "interim-only",
        "another-protocol",
    ],
)
def test_an_answer_that_never_comes_leaves_the_outcome_unknown(
    connect: Any, serve: Any, handler: Any
) -> None:
    """What breaks before the status is known may have been applied or not."""
    server = serve(handler)
    with pytest.raises(ExchangeFailed) as caught:
        connect(server.url, retry=ONCE, timeout=0.5).update()
    assert (None, "update") == (caught.value.applied, caught.value.operation)


def drip_body(connection: Any) -> None:
    """Send the body byte by byte."""
    connection.read()
    head, _, body = response(headers=REQUEST_ID).partition(b"\r\n\r\n")
    connection.send(head + b"\r\n\r\n")
    connection.drip(body)


def stop_in_the_body(connection: Any) -> None:
    """Send half of the body, and fall silent."""
    connection.read()
    connection.send(response(headers=REQUEST_ID)[:-100])
    connection.stop.wait(10)


TRUNCATED = answer(response(headers=REQUEST_ID)[:-100])
BAD_CHUNK = answer(
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-request-id: r-1\r\n\r\nZZ\r\n"
)


@pytest.mark.parametrize(
    "handler",
    [drip_body, stop_in_the_body, TRUNCATED, BAD_CHUNK],
    ids=["drip", "stop", "truncated", "bad-chunk"],
)
def test_a_success_that_breaks_off_was_applied(connect: Any, serve: Any, handler: Any) -> None:
    """A success's status says that the call was applied, even if the body never ends."""
    server = serve(handler)
    with pytest.raises(UnexpectedResponse) as caught:
        connect(server.url, retry=ONCE, timeout=0.5).update()
    assert (True, True, 200, "r-1") == (
        caught.value.applied,
        caught.value.incomplete,
        caught.value.status,
        caught.value.request_id,
    )


def test_a_read_that_breaks_off_is_asked_for_again(connect: Any, serve: Any) -> None:
    """It changes nothing, so that the record can be had all the same."""
    whole = response(body=RECORDS)
    server = serve(answer(whole[:-100]), answer(whole))
    assert RECORD_ID == connect(server.url)("get", RECORD_ID).id
    assert 2 == len(server.requests)


def test_a_write_that_breaks_off_is_not_repeated(connect: Any, serve: Any) -> None:
    """It was applied: a second one could undo another writer's change, or make a second record."""
    server = serve(TRUNCATED)
    caller = connect(server.url)
    with pytest.raises(UnexpectedResponse) as updated:
        caller.update()
    with pytest.raises(UnexpectedResponse) as created:
        caller("create", TYPE, owner=OWNER, issue_date=DAY)
    assert (True, True, 2) == (updated.value.applied, created.value.applied, len(server.requests))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("content-encoding: gzip\r\n", RECORD),
        ("content-encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(RECORD))),
        ("content-encoding: br\r\n", RECORD),
        ("content-type: text/html\r\n", b"<html>OK</html>"),
        ("", b""),
        ("", b"null"),
        ("", b'{"data": {}}'),
        ("", b"\xff\xfe"),
    ],
    ids=[
        "no-gzip",
        "nested-gzip",
        "brotli",
        "html",
        "empty",
        "null",
        "no-record",
        "no-text",
    ],
)
def test_a_success_that_cannot_be_read_was_applied_and_is_not_repeated(
    connect: Any, serve: Any, headers: str, body: bytes
) -> None:
    """Another attempt would bring the same answer."""
    server = serve(answer(response(headers=headers + REQUEST_ID, body=body)))
    with pytest.raises(UnexpectedResponse) as caught:
        connect(server.url).update()
    assert (True, False, 1) == (
        caught.value.applied,
        caught.value.incomplete,
        len(server.requests),
    )


def test_a_gzip_stream_that_ends_early_broke_off(connect: Any, serve: Any) -> None:
    """Its length is as announced, and yet it is not whole."""
    half = gzip.compress(RECORD)[:-50]
    server = serve(answer(response(headers="content-encoding: gzip\r\n", body=half)))
    with pytest.raises(UnexpectedResponse, match="the gzip stream ends early") as caught:
        connect(server.url).update()
    assert (True, True, 1) == (
        caught.value.applied,
        caught.value.incomplete,
        len(server.requests),
    )


def test_gzip_is_read(connect: Any, serve: Any) -> None:
    """What was asked for is understood."""
    server = serve(
        answer(response(headers="content-encoding: GZip\r\n", body=gzip.compress(RECORD)))
    )
    assert connect(server.url).update().id
    assert b"\r\nAccept-Encoding: gzip\r\n" in server.requests[0]


def test_a_gzip_bomb_is_refused_within_bounds(connect: Any, serve: Any) -> None:
    """A body is read up to a size, after decoding, and memory stays near it."""
    bomb = gzip.compress(bytes(8 * _exchange.MAX_READ), 1)
    server = serve(answer(response(headers="content-encoding: gzip\r\n", body=bomb)))
    caller = connect(server.url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnexpectedResponse, match="larger than 8388608 bytes") as caught:
        caller.update()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 4 * _exchange.MAX_WRITE
    assert (True, 1) == (caught.value.applied, len(server.requests))


@pytest.mark.parametrize(
    "location", ["https://[::1", "javascript:alert(1)", "http://[::bad", "x" * 90_000]
)
def test_a_redirect_to_nowhere_is_refused_as_one(connect: Any, serve: Any, location: str) -> None:
    """Where it points does not matter, not even whether that is a URL."""
    server = serve(answer(response("302 Found", f"location: {location}\r\n", b"")))
    with pytest.raises(RedirectRefused) as caught:
        connect(server.url).update()
    assert (False, 1) == (caught.value.applied, len(server.requests))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_never_followed(connect: Any, serve: Any, status: int) -> None:
    """The token goes to the host that the caller named, and to no other."""
    elsewhere = serve(answer(response()))
    headers = f"location: {elsewhere.url}/qualification-records\r\n"
    server = serve(answer(response(f"{status} Elsewhere", headers, b"")))
    with pytest.raises(RedirectRefused) as caught:
        connect(server.url).update()
    assert (status, False) == (caught.value.status, caught.value.applied)
    assert f"points to {elsewhere.url}/" in str(caught.value)
    assert "check the client's base_url" in str(caught.value)
    assert (1, 0) == (len(server.requests), elsewhere.connections)


def test_a_redirect_is_not_followed_by_a_callers_client_that_follows(
    connect: Any, serve: Any, kind: str
) -> None:
    """Also where the caller's own httpx client follows redirects, and knows another password."""
    elsewhere = serve(answer(response()))
    headers = f"location: {elsewhere.url}/\r\n"
    server = serve(answer(response("307 Elsewhere", headers, b"")))
    made = httpx.AsyncClient if kind == "async" else httpx.Client
    http_client = made(follow_redirects=True, auth=("user", "password"))
    caller = connect(server.url, http_client=http_client)
    with pytest.raises(RedirectRefused):
        caller.update()
    assert 0 == elsewhere.connections
    assert b"Authorization: Bearer token-of-a-test\r\n" in server.requests[0]
    _close(caller, http_client)


@pytest.mark.parametrize(
    ("status", "kind_of_error", "applied"),
    [
        ("400 Bad Request", BadRequest, False),
        ("404 Not Found", NotFound, False),
        ("408 Request Timeout", RequestTimedOut, None),
        ("413 Too Large", BadRequest, False),
        ("500 Oops", ServerError, None),
        ("501 Not Implemented", ServerError, None),
        ("520 Who Knows", ServerError, None),
        ("600 Beyond", ServerError, None),
        ("999 Request Denied", ServerError, None),
    ],
)
def test_a_status_decides_whatever_the_body(
    connect: Any, serve: Any, status: str, kind_of_error: type[Exception], applied: Any
) -> None:
    """An HTML page of a proxy does not change the class."""
    body = b"<html>\n  <h1>gateway</h1>" + bytes(range(256))
    server = serve(answer(response(status, "content-encoding: br\r\n" + REQUEST_ID, body)))
    with pytest.raises(kind_of_error) as caught:
        connect(server.url, retry=ONCE).update()
    assert (applied, int(status[:3]), "r-1") == (
        caught.value.applied,
        caught.value.status,
        caught.value.request_id,
    )
    assert kind_of_error is type(caught.value)


def test_interim_answers_are_passed_over(connect: Any, serve: Any) -> None:
    """Early hints come before the answer, and are not it."""
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
    server = serve(answer(b"HTTP/1.1 100 Continue\r\n\r\n", hints, response()))
    assert connect(server.url).update().id


def test_no_content_is_success_where_none_is_expected(connect: Any, serve: Any) -> None:
    """204 suits a deletion, and is no record."""
    server = serve(answer(response("204 No Content", body=b"")))
    assert connect(server.url)("delete", "1") is None
    with pytest.raises(UnexpectedResponse, match="answered 204, so the call was applied"):
        connect(server.url).update()


def test_a_connection_that_is_closed_on_reuse_is_made_anew(connect: Any, serve: Any) -> None:
    """A server may close an idle connection at any time: the update is sent again."""

    def close_second(connection: Any) -> None:
        connection.read()
        connection.send(response())
        connection.read()

    server = serve(close_second, answer(response()))
    caller = connect(server.url)
    assert caller.update().id
    assert caller.update().id
    assert (2, 3) == (server.connections, len(server.requests))


def test_a_creation_on_a_connection_that_is_closed_on_reuse_is_not_repeated(
    connect: Any, serve: Any
) -> None:
    """Nobody can tell whether the server took it."""

    def close_second(connection: Any) -> None:
        connection.read()
        connection.send(response())
        connection.read()

    server = serve(close_second, answer(response()))
    caller = connect(server.url)
    caller.update()
    with pytest.raises(ExchangeFailed) as caught:
        caller("create", TYPE, owner=OWNER, issue_date=DAY)
    assert (None, 2) == (caught.value.applied, len(server.requests))


def test_a_dripping_body_ends_in_time(connect: Any, serve: Any) -> None:
    """It would take 40 s: the time-out counts for the whole exchange, not for each byte."""
    server = serve(drip_body)
    with pytest.raises(UnexpectedResponse, match=r"not complete within 0\.3 s"):
        connect(server.url, retry=ONCE, timeout=0.3).update()


def test_dripping_headers_end_in_time(connect: Any, serve: Any) -> None:
    """They would take 60 s: no single wait is long."""

    def drip_headers(connection: Any) -> None:
        connection.read()
        connection.drip(response(headers="x: y\r\n" * 500))

    server = serve(drip_headers)
    with pytest.raises(ExchangeFailed, match=r"within 0\.3 s"):
        connect(server.url, retry=ONCE, timeout=0.3).update()


def test_an_unreachable_host_is_told_from_a_lost_answer(connect: Any) -> None:
    """A connection that nobody accepts ends as such, although the time is short."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.settimeout(0)
            second.connect_ex(address)
            with pytest.raises(ConnectionFailed) as caught:
                connect(f"http://127.0.0.1:{address[1]}", retry=ONCE, timeout=0.5).update()
    assert caught.value.applied is False


ROOTS = [
    kind
    for kind in vars(httpx).values()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and kind.__module__ == httpx.__name__
    and kind.__base__.__module__ == "builtins"
]


def test_the_roots_of_the_exceptions_of_httpx_are_known() -> None:
    """The walk below starts from the right places."""
    names = {"HTTPError", "InvalidURL", "CookieConflict", "StreamError"}
    assert names == {root.__name__ for root in ROOTS}


def walk(kind: type[Exception]) -> list[type[Exception]]:
    """Return all classes of an exception tree that can be raised."""
    return [kind, *(found for child in kind.__subclasses__() for found in walk(child))]


@pytest.mark.parametrize(
    "raised",
    [found for root in ROOTS for found in walk(root)],
    ids=lambda kind: kind.__name__,
)
def test_every_exception_of_httpx_is_mapped(connect: Any, kind: str, raised: Any) -> None:
    """Whatever httpx raises while it sends arrives as an exception of this package."""

    def fail(request: httpx.Request) -> httpx.Response:
        if raised is httpx.HTTPStatusError:
            raise raised("told", request=request, response=httpx.Response(500))
        bare = issubclass(raised, httpx.StreamError) and raised is not httpx.StreamError
        raise raised() if bare else raised("told")

    transport = httpx.MockTransport(fail)
    made = httpx.AsyncClient if kind == "async" else httpx.Client
    http_client = made(transport=transport)
    caller = connect("https://samsara.test", http_client=http_client, retry=ONCE)
    nothing_sent = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
    nothing_sent.add("UnsupportedProtocol")
    expected = ConnectionFailed if raised.__name__ in nothing_sent else ExchangeFailed
    with pytest.raises(expected) as caught:
        caller.update()
    assert (False if expected is ConnectionFailed else None) is caught.value.applied
    _close(caller, http_client)


def _close(caller: Any, http_client: Any) -> None:
    if caller.runner:
        caller.runner.run(http_client.aclose())
    else:
        http_client.close()
