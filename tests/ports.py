"""Ports of the loopback that stay a test's own while nobody listens on them."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def reserved_port() -> Iterator[int]:
    """Reserve a free port: only a server that asks for its number gets it, and may come back to it.

    The system hands a port that is merely looked up to the next process or connection.
    """
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        if sys.platform != "linux":  # where two sockets cannot share a port
            place.close()
        yield port
