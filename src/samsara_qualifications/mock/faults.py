"""Faults on request: what can go wrong between a client and the API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .messages import Cut, Response

_ERRORS = 300
_RANGES = (
    ("times", 1, 1e9),
    ("skip", 0, 1e9),
    ("status", 200, 999),
    ("delay", 0, 1e9),
    ("drip", 0, 1e9),
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """
    A fault that strikes the next requests.

    What is not given stays as the mock would answer: `Fault(delay=2)` delays the real answer,
    `Fault(status=502, body="<html>")` replaces it.

    Attributes:
        operation: The operationId that it strikes, such as `"updateQualificationRecord"`; `None`
            strikes any request.
        times: How many requests it strikes.
        skip: How many requests it lets pass before.
        status: The HTTP status to answer.
        headers: Headers to answer, over the real ones; `None` as the value removes one.
        body: The body to answer: bytes and text as they are, anything else as JSON. Its content
            type is `application/json` unless `headers` say otherwise.
        applied: Whether the request is carried out all the same. By default it is, unless the fault
            answers with a redirect or an error, or loses the request.
        delay: Seconds until the response starts.
        drip: Seconds before each single byte of the body.
        cut: Where the connection breaks: at `"connect"`, before anything is sent (over a real
            socket: without an answer); after the `"request"`, which is lost; before the
            `"response"`, of a request that was carried out; in the midst of the `"body"`.
    """

    operation: str | None = None
    times: int = 1
    skip: int = 0
    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    body: Any = None
    applied: bool | None = None
    delay: float = 0.0
    drip: float = 0.0
    cut: Cut | None = None

    def __post_init__(self) -> None:
        """Refuse a fault that leaves nothing to answer, or makes no sense."""
        replaced = (
            self.cut in {"connect", "request", "response"} or self.status or self.body is not None
        )
        if self.applied is False and not replaced:
            raise ValueError("a request that is not carried out needs a status, a body or a cut")
        for name, least, most in _RANGES:
            value: float | None = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise ValueError(f"{name}={value!r} must be from {least} to {most:g}")

    @property
    def carries_out(self) -> bool:
        """Whether the request is carried out."""
        if self.applied is not None:
            return self.applied
        return self.cut not in {"connect", "request"} and (self.status or 0) < _ERRORS

    def strike(self, real_answer: Callable[[], Response]) -> Response:
        """Return what comes of a request that the fault strikes."""
        response = real_answer() if self.carries_out else Response(status=200)
        headers = {"Content-Type": "application/json"} if self.body is not None else {}
        headers |= {name.title(): value for name, value in response.headers.items()}
        for name, value in self.headers.items():
            headers.pop(name.title(), None)
            if value is not None:
                headers[name.title()] = value
        return replace(
            response,
            status=self.status or response.status,
            headers=headers,
            body=response.body if self.body is None else _encoded(self.body),
            delay=self.delay,
            drip=self.drip,
            cut=self.cut,
        )


class Faults:
    """
    The faults of a server that are still to come; those added first strike first.

    Args:
        operations: The operationIds that there are.
    """

    def __init__(self, operations: Collection[str]) -> None:
        self._operations = operations
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """
        Arrange a fault.

        Raises:
            ValueError: There is no such operation.
        """
        if fault.operation is not None and fault.operation not in self._operations:
            names = ", ".join(self._operations)
            raise ValueError(f"no operation {fault.operation!r}; there are: {names}")
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget the faults that are still to come."""
        with self._lock:
            self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, operation: str) -> Fault | None:
        """Return the fault that strikes a request of this operation now, if there is one."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.operation not in {None, operation}:
                    continue
                if fault.skip:
                    self._waiting[place] = replace(fault, skip=fault.skip - 1)
                    return None
                if fault.times > 1:
                    self._waiting[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[place]
                return fault
        return None


def _encoded(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
