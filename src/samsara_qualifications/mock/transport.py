"""The mock as an httpx transport: no socket, the same answers and the same faults."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx

from .messages import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from .messages import Handler, Response


class MockTransport(httpx.BaseTransport):
    """
    A transport for `httpx.Client` that asks a mock server.

    Args:
        server: The server.
        sleep: Waits for a number of seconds where a fault delays.
    """

    def __init__(self, server: Handler, sleep: Callable[[float], None] = time.sleep) -> None:
        self._server = server
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        exchange = _Exchange(request, self._server.handle(_read(request, request.read())))
        for seconds in exchange.start():
            self._sleep(seconds)
        return exchange.response(_Stream(exchange, self._sleep))


class AsyncMockTransport(httpx.AsyncBaseTransport):
    """
    A transport for `httpx.AsyncClient` that asks a mock server.

    Args:
        server: The server.
        sleep: Waits for a number of seconds where a fault delays.
    """

    def __init__(
        self, server: Handler, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._server = server
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        exchange = _Exchange(request, self._server.handle(_read(request, await request.aread())))
        for seconds in exchange.start():
            await self._sleep(seconds)
        return exchange.response(_AsyncStream(exchange, self._sleep))


class _Exchange:
    """How an answer travels: what to wait for, and what to raise, in httpx's terms."""

    def __init__(self, request: httpx.Request, answer: Response) -> None:
        self._request = request
        self._answer = answer
        self._patience: float | None = request.extensions.get("timeout", {}).get("read")

    def response(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
        length = {"Content-Length": str(len(self._answer.body))}
        return httpx.Response(
            self._answer.status,
            headers={**length, **self._answer.headers},
            stream=stream,
            extensions={"http_version": b"HTTP/1.1"},
            request=self._request,
        )

    def start(self) -> Iterator[float]:
        """Yield the seconds to wait before the response starts."""
        if self._answer.cut == "connect":
            raise httpx.ConnectError("the mock refused the connection", request=self._request)
        yield from self._wait(self._answer.delay)
        if self._answer.cut in {"request", "response"}:
            raise httpx.ReadError("the mock reset the connection", request=self._request)

    def body(self) -> Iterator[float | bytes]:
        """Yield the parts of the body, and the seconds to wait before them."""
        for part in self._answer.parts():
            yield from self._wait(self._answer.drip)
            yield part
        if self._answer.cut == "body":
            raise httpx.RemoteProtocolError("the mock closed the connection", request=self._request)

    def _wait(self, seconds: float) -> Iterator[float]:
        if self._patience is not None and seconds > self._patience:
            yield self._patience
            raise httpx.ReadTimeout("the mock took too long", request=self._request)
        if seconds:
            yield seconds


class _Stream(httpx.SyncByteStream):
    def __init__(self, exchange: _Exchange, sleep: Callable[[float], None]) -> None:
        self._exchange = exchange
        self._sleep = sleep

    def __iter__(self) -> Iterator[bytes]:
        for step in self._exchange.body():
            if isinstance(step, bytes):
                yield step
            else:
                self._sleep(step)


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, exchange: _Exchange, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._exchange = exchange
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for step in self._exchange.body():
            if isinstance(step, bytes):
                yield step
            else:
                await self._sleep(step)


def _read(request: httpx.Request, body: bytes) -> Request:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(
        method=request.method,
        path=path,
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
