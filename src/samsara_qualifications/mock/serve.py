"""The mock as a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .asgi import application
from .server import MockServer

if TYPE_CHECKING:
    import asyncio

    import uvicorn

LOOPBACK = "127.0.0.1"
_PORTS = range(65_536)


def listen(port: int = 0, host: str = LOOPBACK) -> socket.socket:
    """Return a socket that listens on a port; 0 lets the system choose."""
    if port not in _PORTS:
        raise ValueError(f"port={port} must be from 0 to {_PORTS[-1]}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    # Connections inherit it; asyncio would set it for sockets that name TCP, as this one does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def new_http_server(server: MockServer, *, access_log: bool = False) -> uvicorn.Server:
    """Return an HTTP server, to be run with a listening socket, that answers as the mock does."""
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
    """Run the mock in a thread as a real server on a loopback port, and give its base URL."""
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
