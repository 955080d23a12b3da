"""Small HTTP servers for tests: each answers as a function says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

    from samsara_qualifications.mock import MockServer


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Answer:
    """An answer; without a status the connection is closed."""

    status: int
    body: bytes = b""
    headers: dict[str, str] | None = None


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """Return an answer of JSON."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


class Server(ThreadingHTTPServer):
    """Threads that end with the test."""

    daemon_threads = True


@contextmanager
def serving(
    answer: Callable[[Asked], Answer], *, tls: ssl.SSLContext | None = None
) -> Generator[str]:
    """Run a server; give its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            came = answer(Asked(self.command, self.path, dict(self.headers), body))
            if not came.status:
                self.close_connection = True
                return
            self.send_response(came.status)
            for name, text in (came.headers or {}).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(came.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(came.body)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_OPTIONS = do_HEAD = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def of_mock(mock: MockServer) -> Callable[[Asked], Answer]:
    """Return what answers as a mock does."""
    client = httpx.Client(transport=mock.transport(), base_url="http://samsara.mock")
    dropped = {"content-length", "connection", "transfer-encoding", "date", "server"}

    def answer(asked: Asked) -> Answer:
        headers = {k: v for k, v in asked.headers.items() if k.lower() not in {"host", *dropped}}
        came = client.request(asked.method, asked.target, content=asked.body, headers=headers)
        kept = {k: v for k, v in came.headers.items() if k.lower() not in dropped}
        return Answer(came.status_code, came.content, kept)

    return answer
