"""One exchange over a real socket with a server that misbehaves: error type and `applied`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    ConnectionFailed,
    ExchangeFailed,
    Owner,
    RetryPolicy,
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
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    _close(caller, http_client)


def _close(caller: Any, http_client: Any) -> None:
    if caller.runner:
        caller.runner.run(http_client.aclose())
    else:
        http_client.close()
