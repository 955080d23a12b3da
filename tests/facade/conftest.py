"""Both clients behind one way to call them, and a server on a real socket that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import select
import socket
import struct
import threading
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import httpx
import pytest

from samsara_qualifications import (
    AsyncQualificationsClient,
    Budget,
    QualificationsClient,
    RetryPolicy,
)
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.mock import MockServer
from samsara_qualifications_contract.client.calls import NO_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from samsara_qualifications.budget.stores.store import Slot, Wait

SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
DAY = date(2026, 1, 1)
TOKEN = "token-of-a-test"

Kind = Literal["blocking", "async"]


class Caller:
    """A client of either kind, whose methods are called by name and return when they are done."""

    def __init__(self, kind: Kind, **options: Any) -> None:
        self.runner = asyncio.Runner() if kind == "async" else None
        made = AsyncQualificationsClient if self.runner else QualificationsClient
        self.client: Any = made(**options)

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method; a list of all items where it returns an iterator."""
        result = getattr(self.client, method)(*arguments, **options)
        pages = method in {"stream", "types"}
        if self.runner is None:
            return list(result) if pages else result
        return self.runner.run(_collect(result) if pages else result)

    def update(self, **options: Any) -> Any:
        """Update the seed's record."""
        return self("update", SEED, **{"issue_date": DAY, **options})

    def close(self) -> None:
        """Close the client."""
        if self.runner is None:
            self.client.close()
        else:
            self.runner.run(self.client.aclose())


async def _collect(items: Any) -> list[Any]:
    return [item async for item in items]


@pytest.fixture(params=["blocking", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of client in turn."""
    kind: Kind = request.param
    return kind


@pytest.fixture
def connect(kind: Kind) -> Iterator[Callable[..., Caller]]:
    """Return a function that makes a client of a mock server or a base URL; retries do not wait."""
    with contextlib.ExitStack() as stack:

        def make(server: MockServer | str, **options: Any) -> Caller:
            if isinstance(server, str):
                defaults: dict[str, Any] = {"token": TOKEN, "base_url": server}
            else:
                defaults = {"token": server.token, "base_url": "https://samsara.test"}
                if "http_client" not in options:
                    defaults["http_client"] = in_process(server)
            defaults["retry"] = RetryPolicy(backoff=0)
            defaults["limits"] = NO_LIMITS
            defaults["budget"] = Budget(MemoryStore())
            caller = Caller(kind, **{**defaults, **options})
            stack.callback(tidy, caller)
            return caller

        def in_process(server: MockServer) -> Any:
            if kind == "async":
                return httpx.AsyncClient(transport=server.async_transport())
            return httpx.Client(transport=server.transport())

        def tidy(caller: Caller) -> None:
            caller.close()
            if caller.runner:
                caller.runner.close()

        yield make


@pytest.fixture
def mock() -> MockServer:
    """A mock server without rate limits, which breaks the spec in no test unseen."""

    def fail(violation: Exception) -> None:
        raise violation

    return MockServer(rate=None, on_violation=fail)


class RecordingStore(MemoryStore):
    """A store that notes what becomes of each slot."""

    def __init__(self) -> None:
        super().__init__()
        self.deliver: Callable[[], None] = lambda: None
        self.taken = 0
        self._fates: list[str] = []

    @property
    def fates(self) -> list[str]:
        """What became of the slots, with all that a budget still owes to this store."""
        self.deliver()
        return self._fates

    def take(self, *args: Any) -> Wait | None:
        """Count the slots."""
        wait = super().take(*args)
        self.taken += wait is None
        return wait

    def settle(self, slot: Slot, ago: float) -> None:
        """Note that the slot was given back, used, or used by a request without an answer."""
        fate = "refunded" if ago == math.inf else "settled" if ago >= 0 else "unanswered"
        self._fates.append(fate)
        super().settle(slot, ago)

    def note_pause(self, key: str, seconds: float) -> None:
        """Note a pause as it is asked for: once the store is told, less of it is left."""
        self.fates.append(f"paused {key} {seconds:g}")


@pytest.fixture
def store() -> RecordingStore:
    """The store of `budget`: its `fates` tell what became of the slots."""
    return RecordingStore()


@pytest.fixture
def budget(store: RecordingStore) -> Budget:
    """A budget on `store`, which notes what is asked of it, too."""
    budget = Budget(store)
    dispatcher: Any = budget._dispatcher
    owe_pause = dispatcher.owe_pause

    def noted(key: str, seconds: float) -> Any:
        store.note_pause(key, seconds)
        return owe_pause(key, seconds)

    dispatcher.owe_pause, store.deliver = noted, dispatcher.deliver
    return budget


class Connection:
    """One connection that the rude server has accepted."""

    def __init__(self, sock: socket.socket, server: RudeServer) -> None:
        self._sock = sock
        self._server = server
        self.stop = server.stop

    def read(self) -> bytes:
        """Read one request; empty where the client has closed the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = self._sock.recv(65_536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            while name.lower() == b"content-length" and len(body) < int(value):
                body += self._sock.recv(65_536)
        request = head + b"\r\n\r\n" + body
        self._server.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._sock.sendall(data)

    def drip(self, data: bytes, pause: float = 0.02) -> None:
        """Send one byte after the other."""
        for byte in data:
            if self.stop.wait(pause):
                return
            self.send(bytes([byte]))

    def wait(self) -> None:
        """Wait until something arrives, without reading it."""
        select.select([self._sock], [], [])

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


class RudeServer:
    """A server that hands each connection to the next function, and further ones to the last."""

    def __init__(self, *handlers: Callable[[Connection], None]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stop = threading.Event()
        self._handlers = handlers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop, and wait until all threads have ended."""
        self.stop.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            handler = self._handlers[min(self.connections, len(self._handlers) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._handle, args=(sock, handler))
            self._threads.append(thread)
            thread.start()

    def _handle(self, sock: socket.socket, handler: Callable[[Connection], None]) -> None:
        sock.settimeout(5)
        with sock, contextlib.suppress(OSError):
            handler(Connection(sock, self))


@pytest.fixture
def serve() -> Iterator[Callable[..., RudeServer]]:
    """Return a function that starts a rude server on a port that the system hands out."""
    with contextlib.ExitStack() as stack:

        def start(*handlers: Callable[[Connection], None]) -> RudeServer:
            server = RudeServer(*handlers)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the caller's environment out: no token, no URL, no proxy."""
    for name in [name for name in os.environ if name.startswith("SAMSARA_")]:
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
