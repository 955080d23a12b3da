"""One end for all waits of a blocking exchange."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import ConnectionFailed, ExchangeFailed, RetryPolicy, _deadline

if TYPE_CHECKING:
    from collections.abc import Callable

ONCE = RetryPolicy(attempts=1)


class Wire:
    """A stream and a backend that note how long each wait might have taken."""

    def __init__(self) -> None:
        self.waits: list[Any] = []
        self.written: list[bytes] = []
        self.closed = threading.Event()

    def read(self, _max_bytes: int, timeout: Any) -> bytes:
        """Read nothing."""
        self.waits.append(timeout)
        return b""

    def write(self, data: bytes, timeout: Any) -> None:
        """Note what is written."""
        self.waits.append(timeout)
        self.written.append(data)

    def close(self) -> None:
        """Note that it was closed."""
        self.closed.set()


def test_no_wait_is_longer_than_what_is_left() -> None:
    """And none longer than its own time-out."""
    wire = Wire()
    stream = _deadline.Stream(wire)
    with _deadline.within(10):
        stream.read(1, 3)
        stream.read(1, 30)
        stream.read(1)
    assert 3 == wire.waits[0]
    assert all(9 < wait <= 10 for wait in wire.waits[1:])


def test_without_an_end_a_time_out_is_what_it_was() -> None:
    """As for a caller who uses the connection outside of an exchange."""
    wire = Wire()
    _deadline.Stream(wire).read(1, 3)
    _deadline.Stream(wire).read(1)
    assert [3, None] == wire.waits


def test_after_the_end_nothing_waits() -> None:
    """The wait itself is refused."""
    wire = Wire()
    with _deadline.within(0), pytest.raises(TimeoutError):
        _deadline.Stream(wire).read(1, 3)
    assert [] == wire.waits


def test_a_long_body_is_written_in_parts() -> None:
    """So that a peer that reads slowly is noticed; no byte is lost."""
    wire = Wire()
    data = bytes(range(256)) * 200
    _deadline.Stream(wire).write(data)
    assert (4, data) == (len(wire.written), b"".join(wire.written))


def test_a_connection_that_comes_too_late_is_closed() -> None:
    """Nobody would use it."""
    late = Wire()
    go = threading.Event()

    class Backend:
        def connect_tcp(self, *_: Any) -> Wire:
            go.wait(5)
            return late

    with _deadline.within(0.05), pytest.raises(_deadline.NotConnectedError):
        _deadline.Backend(Backend()).connect_tcp("127.0.0.1", 1)
    go.set()
    assert late.closed.wait(5)


def test_slow_name_resolution_ends_in_time(
    connect: Callable[..., Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time-out of a socket bounds a resolver."""
    go = threading.Event()

    def resolve(*_: Any, **__: Any) -> Any:
        go.wait(5)
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    begun = time.monotonic()
    with pytest.raises(ConnectionFailed) as caught:
        connect("https://samsara.test", retry=ONCE, timeout=1.0).update()
    assert time.monotonic() - begun < 3, kind
    assert caught.value.applied is False
    go.set()


@pytest.mark.parametrize(
    "part", [b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: y\r\n"]
)
def test_an_answer_that_never_gets_anywhere_ends_in_time(
    connect: Callable[..., Any], serve: Callable[..., Any], part: bytes
) -> None:
    """However often something arrives."""

    def flood(connection: Any) -> None:
        connection.read()
        connection.send(part)
        while not connection.stop.wait(0.02):
            connection.send(part if part.endswith(b"\r\n\r\n") else b"z: 1\r\n")

    begun = time.monotonic()
    with pytest.raises(ExchangeFailed, match=r"no complete answer within 0\.3 s"):
        connect(serve(flood).url, retry=ONCE, timeout=0.3).update()
    assert time.monotonic() - begun < 1.3
