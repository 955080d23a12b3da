"""The mock server: state, limits and faults behind one pure `handle(request) -> response`."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import threading
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from . import behaviours as table
from . import http, seed, spec
from .asgi import App, application
from .faults import Faults
from .limits import Limiter, check_rate
from .messages import (
    Json,
    Received,
    Refused,
    Request,
    Response,
    SpecViolation,
)
from .state import State
from .transport import AsyncMockTransport, MockTransport

if TYPE_CHECKING:
    from .spec import Operation

_LOG = logging.getLogger("samsara_qualifications.mock")
_LOG_SIZE = 10_000
_LOG_BYTES = 64 * 1024 * 1024


def _wall_clock() -> float:
    return time.time()  # looked up at each call: a test may freeze it later


def _new_uuid() -> str:
    return str(uuid.uuid4())


class MockServer:
    """
    A pretend organisation at Samsara with qualification types and records.

    Args:
        token: The bearer token to accept; a new one by default.
        rate: The limit of each operation, as (requests, seconds); `"spec"` for the documented ones,
            those over all operations included; `None` for no limits.
        behaviours: Choices that differ from the default, by name: see `BEHAVIOURS`.
        seed_data: The `types`, `records` and `owners` to begin with, as the API shows them; some
            plausible ones by default.
        page_size: How many items a page holds.
        clock: Returns the seconds since the epoch.
        new_id: Returns a new UUID as text.
        on_violation: Called before a response that the spec does not allow is turned into a 500; it
            may raise.

    Attributes:
        token: The bearer token that is accepted.
        faults: Add faults here.
        requests: The last requests, oldest first: 10,000 at most, and 64 MiB of them.

    Raises:
        ValueError: An option is out of range, or the seed data does not fit the spec.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        rate: tuple[float, float] | Literal["spec"] | None = "spec",
        behaviours: Mapping[str, str] | None = None,
        seed_data: Json | None = None,
        page_size: int = 100,
        clock: Callable[[], float] = _wall_clock,
        new_id: Callable[[], str] = _new_uuid,
        on_violation: Callable[[SpecViolation], None] | None = None,
    ) -> None:
        if token and not re.fullmatch(r"[!-~]+", token):
            raise ValueError("the token must be of visible ASCII characters, without a blank")
        if type(page_size) is not int or page_size < 1:
            raise ValueError(f"page_size={page_size} must be a whole number, 1 or more")
        self._spec = spec.load()
        choices = table.choose(behaviours or {})
        self.token = token or f"mock-{secrets.token_hex(8)}"
        self.faults = Faults(self._spec.by_id())
        self.requests: deque[Received] = deque(maxlen=_LOG_SIZE)
        self._logged = 0  # bytes; more than there are where the caller has removed some
        self._state = State(
            seed.checked(seed.load() if seed_data is None else seed_data, self._spec),
            clock=clock,
            new_id=new_id,
            choices=choices,
            page_size=page_size,
        )
        self._perform: dict[str, Callable[[Json], Json | None]] = {
            "updateQualificationRecord": self._state.update,
            "createQualificationRecord": self._state.create,
            "deleteQualificationRecord": self._state.delete,
            "archiveQualificationRecord": self._state.archive,
            "unarchiveQualificationRecord": self._state.unarchive,
            "getQualificationRecords": self._state.get,
            "streamQualificationRecords": self._state.stream,
            "listQualificationTypes": self._state.list_types,
        }
        self._limiter = self._new_limiter(rate, choices)
        self._clock = clock
        self._new_id = new_id
        self._on_violation = on_violation
        self._lock = threading.Lock()

    @property
    def records(self) -> dict[str, Json]:
        """The records by id, as the API shows them, external ids included; edit them freely."""
        return self._state.records

    @property
    def types(self) -> dict[str, Json]:
        """The qualification types by id, as the API shows them; edit them freely."""
        return self._state.types

    def transport(self, sleep: Callable[[float], None] = time.sleep) -> MockTransport:
        """Return a transport for `httpx.Client`; `sleep` waits where a fault delays."""
        return MockTransport(self, sleep)

    def async_transport(
        self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> AsyncMockTransport:
        """Return a transport for `httpx.AsyncClient`; `sleep` waits where a fault delays."""
        return AsyncMockTransport(self, sleep)

    def asgi(self) -> App:
        """Return an ASGI application."""
        return application(self)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        operation = http.find(self._spec, request)
        name = operation.id if operation else ""
        with self._lock:
            now = self._clock()
            fault = self.faults.take(name)
            if fault is None:
                response = self._answer(request, operation, now)
            else:
                response = fault.strike(lambda: self._answer(request, operation, now))
            self._log(
                Received(
                    method=request.method,
                    path=request.path,
                    query=request.query,
                    headers={k: v for k, v in request.headers.items() if k != "authorization"},
                    body=request.body,
                    operation=name,
                    status=None if response.cut in {"connect", "request"} else response.status,
                    time=now,
                )
            )
        return replace(response, body=b"") if request.method == "HEAD" else response

    def _log(self, received: Received) -> None:
        self.requests.append(received)
        self._logged += received.size
        if self._logged > _LOG_BYTES:
            self._logged = sum(earlier.size for earlier in self.requests)
        if self._logged > _LOG_BYTES:
            while len(self.requests) > 1 and self._logged > _LOG_BYTES / 2:
                self._logged -= self.requests.popleft().size

    def _answer(self, request: Request, operation: Operation | None, now: float) -> Response:
        request_id = self._new_id()
        headers = {"X-Request-Id": request_id}
        try:
            status, payload = self._outcome(request, operation, now)
        except Refused as refusal:
            message = str(refusal)[: spec.MAX_MESSAGE]
            status, payload = refusal.status, {"message": message, "requestId": request_id}
            headers |= refusal.headers
        if breach := self._breach(operation, status, payload):
            violation = SpecViolation(
                f"the mock broke the spec ({request.path}, {status}): {breach}"
            )
            _LOG.error("%s", violation)
            if self._on_violation:
                self._on_violation(violation)
            status, payload = 500, {"message": str(violation), "requestId": request_id}
        return http.answer(status, payload, headers)

    def _outcome(
        self, request: Request, operation: Operation | None, now: float
    ) -> tuple[int, Json | None]:
        http.authorise(request, self.token)
        if operation is None:
            raise http.astray(self._spec, request)
        if wait := self._limiter.admit(operation.id, now):
            text = http.retry_after(wait)
            raise Refused(429, f"too many requests; wait {text} s", {"Retry-After": text})
        if operation.body is None:
            values = http.read_query(operation, request.query)
        else:
            values = http.read_body(operation.body, request)
        return operation.success, self._perform[operation.id](values)

    def _breach(self, operation: Operation | None, status: int, payload: Json | None) -> str | None:
        rule = self._spec.error
        if operation:
            rule = operation.responses.get(str(status), operation.responses["default"])
        return rule.breach(payload)

    def _new_limiter(
        self, rate: tuple[float, float] | Literal["spec"] | None, choices: Mapping[str, str]
    ) -> Limiter:
        operations = self._spec.by_id()
        own: dict[str, tuple[float, float]] = {}
        if rate == "spec":
            own = {name: operation.rate for name, operation in operations.items()}
        elif rate is not None:
            check_rate(rate)
            own = dict.fromkeys(operations, rate)
        return Limiter(
            own,
            list(self._spec.shared.values()) if rate == "spec" else [],
            kind=choices["limiter"],
            count_rejected=choices["rejected_calls_count"] == "yes",
        )
