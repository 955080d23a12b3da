"""One HTTP exchange: within a time, within a size, and with our own exceptions."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx

from .errors import ConnectionFailed, ExchangeFailed

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes of a response's body, after decoding, that are read at most."""

CONNECT_SECONDS: Final = 10.0
"""Seconds that making a connection may take at most."""

_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_ANY = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What the server sent.

    Attributes:
        status: The HTTP status.
        headers: The headers; names are not case-sensitive.
        body: The decoded body, as far as it came.
        broken: Why the body is incomplete or cannot be decoded; empty where it is whole.
        incomplete: Whether the body broke off.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    broken: str = ""
    incomplete: bool = False


def send(client: httpx.Client, request: httpx.Request, seconds: float) -> Answer:
    """
    Perform one exchange, blocking.

    The time is checked whenever a part of the body arrives, so that a dripping body ends in time.
    Each single wait (to connect, to write, for a part of the headers or the body) is bounded by the
    same time: a server that drips its headers, or drips and then falls silent, takes longer. Only
    `send_async` bounds these.

    Args:
        client: The client that sends.
        request: The request.
        seconds: How long all of it may take.

    Raises:
        ConnectionFailed: Nothing was sent.
        ExchangeFailed: The exchange broke or timed out after that.
    """
    end = time.monotonic() + seconds
    request.extensions["timeout"] = _timeout(seconds)
    with _translated(seconds):
        response = client.send(request, stream=True, auth=None, follow_redirects=False)
    body = bytearray()
    answer = Answer(response.status_code, response.headers, broken=_refused_encoding(response))
    try:
        if not answer.broken:
            for chunk in response.iter_bytes():
                body += chunk
                _check_size(body)
                if time.monotonic() > end:
                    raise httpx.ReadTimeout(f"not complete within {seconds:g} s")
    except _ANY as error:
        answer = _broken(answer, error)
    finally:
        response.close()
    return replace(answer, body=bytes(body))


async def send_async(client: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Answer:
    """Do what `send` does without blocking the event loop; the time is kept exactly."""
    request.extensions["timeout"] = _timeout(seconds)
    answer = None
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            with _translated(seconds):
                response = await client.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
            answer = Answer(
                response.status_code, response.headers, broken=_refused_encoding(response)
            )
            try:
                if not answer.broken:
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        _check_size(body)
            finally:
                await response.aclose()
    except TimeoutError:
        if answer is None:
            raise ExchangeFailed(f"no complete answer within {seconds:g} s") from None
        answer = _broken(answer, httpx.ReadTimeout(f"not complete within {seconds:g} s"))
    except _ANY as error:
        assert answer is not None  # noqa: S101  _translated has dealt with the others
        answer = _broken(answer, error)
    return replace(answer, body=bytes(body))


def _timeout(seconds: float) -> dict[str, float]:
    # Less than all the time, so that a connection that cannot be made is told from a lost answer.
    before = 0.9 * seconds
    return {
        "pool": before,
        "connect": min(before, CONNECT_SECONDS),
        "write": seconds,
        "read": seconds,
    }


@contextmanager
def _translated(seconds: float) -> Generator[None]:
    try:
        yield
    except _NOTHING_SENT as error:
        raise ConnectionFailed(f"no connection to the server: {_reason(error)}") from None
    except httpx.TimeoutException:
        raise ExchangeFailed(f"no complete answer within {seconds:g} s") from None
    except _ANY as error:
        raise ExchangeFailed(f"the exchange broke off: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _broken(answer: Answer, error: Exception) -> Answer:
    undecodable = isinstance(error, httpx.DecodingError)
    return replace(answer, broken=_reason(error), incomplete=not undecodable)


def _refused_encoding(response: httpx.Response) -> str:
    """Refuse what was not asked for: nested or unknown encodings can blow up in memory."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    return "" if encoding in {"gzip", "identity", ""} else f"content-encoding {encoding!r:.40}"


def _check_size(body: bytearray) -> None:
    if len(body) > MAX_BODY:
        raise httpx.DecodingError(f"larger than {MAX_BODY} bytes")
