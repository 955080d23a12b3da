"""
A server on raw sockets that misbehaves as it is told: a process of its own.

Commands are lines of JSON on its standard input; each is answered by one line:

    {"do": "open", "script": [[action, ...], ...]}     {"port": 40001}
    {"do": "open", "door": "full"}                     {"port": 40002}
    {"do": "open", "door": "late", "script": [...]}    {"port": 40003}
    {"do": "await", "port": 40001, "requests": 1}      {}, once that many were read
    {"do": "report", "port": 40001}                    {"connections": 1, "requests": ["PATCH ..."]}
    {"do": "close", "port": 40001}                     {}

A script has a list of actions for each connection; the last one serves all further connections.
When its actions have ended, the connection is closed. A door is `open`; `full` (connections are
never accepted), `shut` (they are refused) or `late` (refused for a second, then it is open).

    ["read"]                   read one request; a client that has left ends the script
    ["peek"]                   wait until something arrives, without reading it
    ["send", data]             send bytes
    ["drip", data, pause]      send one byte after the other
    ["flood", data, pause]     send the same bytes again and again
    ["sleep", seconds]         do nothing
    ["silence"]                do nothing until the client leaves
    ["reset"]                  end the connection with a TCP reset
    ["tls", name]              take the server's side of TLS, with the certificate `name`.pem
    ["tls-client", name]       the same at version 1.2, and demand a certificate of the client
    ["past-tls", data]         send bytes that TLS has not made

Data is text, one character a byte; or an object: {"times": n, "of": data}, {"gzip": data},
{"join": [data, ...]}. No connection lasts longer than `LONGEST`.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

LONGEST: Final = 3.5
"""Seconds after which a connection ends, whatever its script says."""

LATE: Final = 1.0
"""Seconds after which a late door opens."""

PATIENCE: Final = 30.0
"""Seconds that `await` waits for a request at most."""

Data = str | dict[str, Any]
Action = list[Any]


def rendered(data: Data) -> bytes:
    """Return the bytes that a script's data stands for."""
    if isinstance(data, str):
        return data.encode("latin-1")
    return _made(json.dumps(data))


@functools.lru_cache(maxsize=3)
def _made(text: str) -> bytes:
    match json.loads(text):
        case {"times": times, "of": data}:
            return rendered(data) * int(times)
        case {"gzip": data}:
            return gzip.compress(rendered(data), 5, mtime=0)
        case {"join": parts}:
            return b"".join(map(rendered, parts))
        case other:
            raise ValueError(f"{other!r} is no data")


class Left(Exception):
    """The client has closed the connection."""


class Connection:
    """One accepted connection, and the actions that a script may name."""

    def __init__(self, sock: socket.socket, door: Door) -> None:
        self._sock = sock
        self._door = door
        self._end = time.monotonic() + LONGEST
        sock.settimeout(LONGEST)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def act(self, action: Action) -> None:
        """Do what an action says."""
        name, *arguments = action
        getattr(self, "do_" + name.replace("-", "_"))(*arguments)

    def close(self) -> None:
        """End the connection."""
        self._sock.close()

    def do_read(self) -> None:
        """Read one request."""
        data = self._receive(b"")
        while b"\r\n\r\n" not in data:
            data += self._receive(data)
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            while name.lower() == b"content-length" and len(body) < int(value):
                body += self._receive(body)
        self._door.note(head + b"\r\n\r\n" + body)

    def _receive(self, so_far: bytes) -> bytes:
        part = self._sock.recv(65_536)
        if not part:
            raise Left(f"after {len(so_far)} bytes")
        return part

    def do_peek(self) -> None:
        """Wait until something arrives."""
        select.select([self._sock], [], [], LONGEST)

    def do_send(self, data: Data) -> None:
        """Send bytes."""
        self._sock.sendall(rendered(data))

    def do_drip(self, data: Data, pause: float) -> None:
        """Send one byte after the other."""
        for byte in rendered(data):
            self.do_sleep(pause)
            self._sock.sendall(bytes([byte]))

    def do_flood(self, data: Data, pause: float) -> None:
        """Send the same bytes again and again."""
        while time.monotonic() < self._end:
            self.do_sleep(pause)
            self.do_send(data)

    def do_sleep(self, seconds: float) -> None:
        """Do nothing; end with the server."""
        if self._door.stop.wait(max(0.0, min(seconds, self._end - time.monotonic()))):
            raise Left

    def do_silence(self) -> None:
        """Do nothing until the client leaves."""
        while time.monotonic() < self._end and not self._door.stop.is_set():
            if select.select([self._sock], [], [], 0.05)[0]:
                self._receive(b"")

    def do_reset(self) -> None:
        """End the connection with a TCP reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def do_tls(self, name: str) -> None:
        """Take the server's side of TLS."""
        self._secure(self._context(name))

    def do_tls_client(self, name: str) -> None:
        """Take the server's side of TLS 1.2, and demand a certificate before any request."""
        context = self._context(name)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        self._secure(context)

    def _context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._door.certificates / f"{name}.pem")
        return context

    def _secure(self, context: ssl.SSLContext) -> None:
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def do_past_tls(self, data: Data) -> None:
        """Send bytes on the socket under TLS."""
        os.write(self._sock.fileno(), rendered(data))


class Door:
    """A port that the system handed out, its script, and what came."""

    def __init__(self, script: list[list[Action]], kind: str, certificates: Path) -> None:
        self.certificates = certificates
        self.stop = threading.Event()
        self._script = script
        self._came = threading.Condition()
        self._requests: list[str] = []
        self._connections = 0
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._fillers: list[socket.socket] = []
        if kind == "full":
            self._sock.listen(0)
            self._fill()
        elif kind != "shut":
            if kind == "open":
                self._sock.listen(64)
            wait = LATE if kind == "late" else 0.0
            threading.Thread(target=self._accept, args=(wait,), daemon=True).start()

    def note(self, request: bytes) -> None:
        """Remember a request."""
        with self._came:
            self._requests.append(request.decode("latin-1"))
            self._came.notify_all()

    def wait_for(self, requests: int) -> None:
        """Wait until that many requests were read."""
        with self._came:
            self._came.wait_for(lambda: len(self._requests) >= requests, PATIENCE)

    def report(self) -> dict[str, Any]:
        """Return what came."""
        with self._came:
            return {"connections": self._connections, "requests": list(self._requests)}

    def close(self) -> None:
        """Accept nothing more; what is under way ends."""
        self.stop.set()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        for sock in [self._sock, *self._fillers]:
            sock.close()

    def _fill(self) -> None:
        for _ in range(2):
            filler = socket.socket()
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
        time.sleep(0.01)

    def _accept(self, wait: float) -> None:
        if self.stop.wait(wait):
            return
        self._sock.listen(64)
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            with self._came:
                actions = self._script[min(self._connections, len(self._script) - 1)]
                self._connections += 1
            threading.Thread(target=self._serve, args=(sock, actions), daemon=True).start()

    def _serve(self, sock: socket.socket, actions: list[Action]) -> None:
        connection = Connection(sock, self)
        try:
            for action in actions:
                connection.act(action)
        except (OSError, Left):
            pass
        finally:
            connection.close()


def main() -> None:
    """Do what the lines of the standard input say, until it ends."""
    certificates = Path(sys.argv[1])
    doors: dict[int, Door] = {}
    for line in sys.stdin:
        command = json.loads(line)
        answer: dict[str, Any] = {}
        match command["do"]:
            case "open":
                door = Door(command.get("script", []), command.get("door", "open"), certificates)
                doors[door.port] = door
                answer = {"port": door.port}
            case "await":
                doors[command["port"]].wait_for(command["requests"])
            case "report":
                answer = doors[command["port"]].report()
            case "close":
                doors.pop(command["port"]).close()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os._exit(0)  # connections that are still under way end with the process


if __name__ == "__main__":
    main()
