"""The mock as an httpx transport: no socket, the same answers and the same faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from .messages import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .messages import Handler, Response


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for `httpx.Client`, or with a `sleep` that can be awaited for `AsyncClient`."""

    def __init__(self, server: Handler, sleep: Callable[[float], Any]) -> None:
        self._server = server
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        exchange = self._exchange(request, request.read())
        for seconds in exchange.start():
            self._sleep(seconds)
        return exchange.response()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        exchange = self._exchange(request, await request.aread())
        for seconds in exchange.start():
            await self._sleep(seconds)
        return exchange.response()

    def _exchange(self, request: httpx.Request, body: bytes) -> _Exchange:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(method=request.method, path=path, query=query, headers=headers, body=body)
        return _Exchange(request, self._server.handle(asked), self._sleep)


@dataclass
class _Exchange(httpx.SyncByteStream, httpx.AsyncByteStream):
    """How an answer travels, in httpx's terms: what to wait for, and what to raise."""

    _request: httpx.Request
    _answer: Response
    _sleep: Callable[[float], Any]

    def response(self) -> httpx.Response:
        return httpx.Response(
            self._answer.status,
            headers=self._answer._sized_headers,
            stream=self,
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

    def __iter__(self) -> Iterator[bytes]:
        for step in self._body():
            if isinstance(step, bytes):
                yield step
            else:
                self._sleep(step)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for step in self._body():
            if isinstance(step, bytes):
                yield step
            else:
                await self._sleep(step)

    def _body(self) -> Iterator[float | bytes]:
        """Yield the parts of the body, and the seconds to wait before them."""
        for part in self._answer._parts():
            yield from self._wait(self._answer.drip)
            yield part
        if self._answer.cut == "body":
            raise httpx.RemoteProtocolError("the mock closed the connection", request=self._request)

    def _wait(self, seconds: float) -> Iterator[float]:
        patience = self._request.extensions.get("timeout", {}).get("read")
        if patience is not None and seconds > patience:
            yield patience
            raise httpx.ReadTimeout("the mock took too long", request=self._request)
        if seconds:
            yield seconds
