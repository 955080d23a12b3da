"""The mock as a real server on a loopback port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .asgi import application
from .extra import needed
from .server import MockServer

if TYPE_CHECKING:
    import asyncio

    import uvicorn

_HOST = "127.0.0.1"
_PORTS = range(65_536)


def listen(port: int = 0) -> socket.socket:
    """Return a socket that listens on a loopback port; 0 lets the system choose."""
    if port not in _PORTS:
        raise ValueError(f"port={port} must be from 0 to {_PORTS[-1]}")
    # By its protocol asyncio knows TCP, and sends at once: otherwise each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL of a listening socket."""
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def new_http_server(server: MockServer, *, access_log: bool = False) -> uvicorn.Server:
    """Return an HTTP server, to be run with a listening socket, that answers as the mock does."""
    with needed():
        import uvicorn  # noqa: PLC0415  of the extra
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415  the same

    class Protocol(H11Protocol):
        """Tells the application its connection, so that a fault can break it."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.app_state = {**self.app_state, "connection": transport}

    return uvicorn.Server(
        uvicorn.Config(
            application(server),
            http=Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=access_log,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )


@contextmanager
def running(server: MockServer) -> Generator[str]:
    """Run the mock in a thread as a real server, and give its base URL."""
    listener = listen()
    http_server = new_http_server(server)
    thread = threading.Thread(target=http_server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield url_of(listener)
    finally:
        http_server.should_exit = True
        thread.join()
        listener.close()
