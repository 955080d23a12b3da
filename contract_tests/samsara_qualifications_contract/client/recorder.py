"""A transport that keeps each request and gives prepared answers: what a client really sends."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import httpx

from samsara_qualifications import (
    AsyncQualificationsClient,
    Budget,
    QualificationsClient,
    RateLimit,
    _wire,
)
from samsara_qualifications.budget.stores.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

BASE_URL = "https://api.samsara.com"
TOKEN = "samsara_api_secret"
PLENTY = RateLimit(1_000_000, 1)
NO_LIMITS = dict.fromkeys([*(operation.name for operation in _wire.ALL), *_wire.SHARED], PLENTY)
Answer = httpx.Response | Exception


class InParts(httpx.SyncByteStream, httpx.AsyncByteStream):
    """
    A body that comes bit by bit, as it is, and may break off.

    Args:
        parts: Bytes, or exceptions to raise.
        pause: Seconds before each part.
    """

    def __init__(self, *parts: bytes | Exception, pause: float = 0.0) -> None:
        self._parts = parts
        self._pause = pause

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            time.sleep(self._pause)
            yield _or_raise(part)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            await asyncio.sleep(self._pause)
            yield _or_raise(part)


class Recorder(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """
    Keeps requests and answers them in order; the last answer is given again and again.

    Args:
        answers: Responses, or exceptions to raise.
    """

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def prepare(self, *answers: Answer) -> None:
        """Forget what came, and answer otherwise from now on."""
        self.requests.clear()
        self._answers = list(answers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep a request, and answer."""
        request.read()
        return self._next(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Keep a request, and answer."""
        await request.aread()
        return self._next(request)

    def _next(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer.stream, InParts):
            return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def in_parts(
    status: int, *parts: bytes | Exception, pause: float = 0.0, **headers: str
) -> httpx.Response:
    """Return a response whose body comes in parts; `_` in a header means `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=InParts(*parts, pause=pause))


def answer(status: int, payload: Any = None, **headers: str) -> httpx.Response:
    """Return a response: bytes as they are, anything else as JSON; `_` in a header means `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(payload, bytes):
        return httpx.Response(status, content=payload, headers=named)
    content = b"" if payload is None else json.dumps(payload).encode()
    return httpx.Response(
        status, content=content, headers={"Content-Type": "application/json"} | named
    )


def client_of(
    transport: httpx.BaseTransport, *, base_url: str = BASE_URL, **options: Any
) -> QualificationsClient:
    """Return a client that sends through a transport, with rate limits that never matter."""
    usual: dict[str, Any] = {**_usual(), "http_client": httpx.Client(transport=transport)}
    return QualificationsClient(base_url=base_url, **{**usual, **options})


def async_client_of(
    transport: httpx.AsyncBaseTransport, **options: Any
) -> AsyncQualificationsClient:
    """Return an async client that sends through a transport, with rate limits that never matter."""
    own = httpx.AsyncClient(transport=transport)
    usual: dict[str, Any] = {**_usual(), "http_client": own}
    return AsyncQualificationsClient(base_url=BASE_URL, **{**usual, **options})


def _usual() -> dict[str, Any]:
    return {"token": TOKEN, "limits": NO_LIMITS, "budget": Budget(MemoryStore())}


def _or_raise(part: bytes | Exception) -> bytes:
    if isinstance(part, Exception):
        raise part
    return part
