"""
One end for all waits of a blocking exchange.

httpcore reads its time-outs once for each phase, so that a server that drips could take as long as
it likes. This network backend stands before httpcore's own, and lets no wait outlast the end.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT: Final = 60.0
"""Seconds that making a connection takes at most where nobody says otherwise."""

CHUNK: Final = 16 * 1024
"""Bytes that are written at a time, so that a peer that reads slowly is noticed."""


class NotConnectedError(Exception):
    """No connection was made, or not in time: nothing was sent."""


class UnknownHostError(NotConnectedError):
    """The host's name has no address, or nobody could say."""


class _End(threading.local):
    at: float = math.inf


_end = _End()


class within:  # noqa: N801  a context manager that reads as one
    """
    Let the waits of this thread end after so many seconds.

    Args:
        seconds: How long all waits in the block may take.
    """

    __slots__ = ("_before", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = _end.at
        _end.at = min(self._before, time.monotonic() + self._seconds)

    def __exit__(self, *_: object) -> None:
        _end.at = self._before


def left(timeout: float | None = None) -> float | None:
    """
    Return how long a wait may take.

    Args:
        timeout: Seconds that it may take anyway; `None` for as long as it likes.

    Raises:
        TimeoutError: Nothing is left.
    """
    seconds = _end.at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    if math.isinf(seconds):
        return timeout
    return seconds if timeout is None else min(timeout, seconds)


class Backend:
    """
    A network backend whose waits end in time.

    Args:
        backend: httpcore's own, which does the work.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> Stream:
        """Connect. In a thread of its own: no time-out bounds a resolver, or many addresses."""
        end = time.monotonic() + (left(timeout) or CONNECT)

        def connect() -> Any:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                raise UnknownHostError(str(error)) from None
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            problems: list[str] = []
            for number, address in enumerate(addresses):
                seconds = (end - time.monotonic()) / (len(addresses) - number)
                try:
                    return self._backend.connect_tcp(
                        address, port, max(seconds, 0.001), local_address, socket_options
                    )
                except Exception as error:  # noqa: BLE001  the next address may be better
                    problems.append(f"{address}: {error or type(error).__name__}")
            raise NotConnectedError("; ".join(problems))

        return Stream(_in_thread(connect, end - time.monotonic()))


class Stream:
    """
    A network stream whose waits end in time.

    Args:
        stream: httpcore's own.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, at most so many bytes."""
        data: bytes = self._stream.read(max_bytes, left(timeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all."""
        for start in range(0, len(buffer), CHUNK):
            self._stream.write(buffer[start : start + CHUNK], left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Return the stream under TLS."""
        return Stream(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        """Close it."""
        self._stream.close()


def _in_thread(connect: Callable[[], Any], seconds: float) -> Any:
    future: Future[Any] = Future()

    def work() -> None:
        try:
            future.set_result(connect())
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            future.set_exception(error)

    try:
        threading.Thread(target=work, name="samsara-connect", daemon=True).start()
    except RuntimeError:  # no more threads: the interpreter ends, or the system has no room
        return connect()
    try:
        return future.result(seconds)
    except BaseException as error:
        future.add_done_callback(_close)
        if isinstance(error, TimeoutError):
            raise NotConnectedError(f"not connected within {seconds:.3g} s") from None
        raise


def _close(late: Future[Any]) -> None:
    """Close a connection that nobody waits for any more."""
    if late.exception() is None:
        late.result().close()
