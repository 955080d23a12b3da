"""What goes in and out of the mock: requests, responses, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from . import strict_json

Json = dict[str, Any]
Cut = Literal["connect", "request", "response", "body"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    An HTTP request.

    Attributes:
        method: Such as `"PATCH"`.
        path: As on the wire, without the query.
        query: What follows the question mark, as on the wire.
        headers: By name in lower case.
        body: The bytes of the body.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The JSON value of the body; `None` where it holds none."""
        try:
            return strict_json.parse(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, kw_only=True)
class Response:
    """
    An HTTP response, and how it travels.

    Attributes:
        status: The HTTP status.
        headers: By name.
        body: The bytes of the body.
        delay: Seconds until the response starts.
        drip: Seconds before each single byte of the body; 0 sends it at once.
        cut: Where the connection breaks, as in `Fault`; `None` where it holds.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    delay: float = 0.0
    drip: float = 0.0
    cut: Cut | None = None

    @property
    def _sized_headers(self) -> dict[str, str]:
        """The headers, with the length of the body unless they tell another."""
        return {"Content-Length": str(len(self.body)), **self.headers}

    def _parts(self) -> list[bytes]:
        """Return the parts in which the body is sent: half of it where the connection breaks."""
        body = self.body[: len(self.body) // 2] if self.cut == "body" else self.body
        return [bytes([byte]) for byte in body] if self.drip else [body]


class Handler(Protocol):
    """What answers requests: the server, as its transports and its ASGI application see it."""

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        ...


@dataclass(frozen=True, kw_only=True)
class Received(Request):
    """
    A request in the server's log; its headers lack the token.

    Attributes:
        operation: The operation's id; empty where path and method name none.
        status: The status that was answered; `None` where the request got lost.
        time: When it came, in seconds since the epoch, by the server's clock.
    """

    operation: str
    status: int | None
    time: float

    @property
    def _size(self) -> int:
        """How many bytes were received, about."""
        return len(self.body) + len(f"{self.path}{self.query}{self.headers}")


class Refused(ValueError):
    """The request is answered with an error status, and with headers such as `Allow`."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class SpecViolation(AssertionError):
    """The mock was about to answer what the spec does not allow: its own mistake, or its data's."""
