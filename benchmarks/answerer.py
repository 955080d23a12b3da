"""
A server that answers every request with the documented response of an update, as fast as it can.

Prints its port, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import re
import sys

from answers import documented

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answerer(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n") + 4) >= 4:
            length = LENGTH.search(self.received, 0, end)
            end += int(length[1]) if length else 0
            if len(self.received) < end:
                return
            self.received = self.received[end:]
            self.transport.write(self.answer)


async def main() -> None:
    """Serve until the end of standard input."""
    body = documented()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    answer = head.encode() + b"\r\n" + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answerer(answer), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
