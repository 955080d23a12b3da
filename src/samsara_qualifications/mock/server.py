"""The mock server: state, limits and faults behind one pure `handle(request) -> response`."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .. import _wire
from . import behaviours as table
from . import control as controls
from . import http, seed, spec
from .asgi import App, application
from .faults import LOST, Fault, Faults
from .limits import Limiter, check_rate
from .messages import Json, Received, Refused, Request, Response, SpecViolation
from .state import State
from .transport import MockTransport

if TYPE_CHECKING:
    from .spec import Operation

Rate: TypeAlias = tuple[float, float] | Literal["spec"] | None

_LOG = logging.getLogger("samsara_qualifications.mock")
_LOG_SIZE = 10_000
_LOG_BYTES = 64 * 1024 * 1024


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
        faults: Faults to begin with.
        control: Whether `/_mock/reset` and `/_mock/faults` are there, for tests in any language.

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
        rate: Rate = "spec",
        behaviours: Mapping[str, str] | None = None,
        seed_data: Json | None = None,
        page_size: int = 100,
        clock: Callable[[], float] = lambda: time.time(),  # noqa: PLW0108  a test may freeze it
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        on_violation: Callable[[SpecViolation], None] | None = None,
        faults: Iterable[Fault] = (),
        control: bool = False,
    ) -> None:
        if token and not re.fullmatch(r"[!-~]+", token):
            raise ValueError("the token must be of visible ASCII characters, without a blank")
        if type(page_size) is not int or page_size < 1:
            raise ValueError(f"page_size={page_size} must be a whole number, 1 or more")
        choices = table.choose(behaviours or {})
        data = seed.checked(seed.load() if seed_data is None else seed_data)
        self._operations = spec.operations()
        self.token = token or f"mock-{secrets.token_hex(8)}"
        self.faults = Faults()
        self.requests: list[Received] = []
        self._first_faults = tuple(faults)
        self._new_limiter = partial(_limiter, rate, choices)
        self._new_state = partial(
            State, data, clock=clock, new_id=new_id, choices=choices, page_size=page_size
        )
        self._clock = clock
        self._new_id = new_id
        self._on_violation = on_violation
        self._control = control
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget all that happened: records, types, limits, faults and requests begin anew."""
        with self._lock:
            self._state, self._limiter = self._new_state(), self._new_limiter()
            self.requests.clear()
            self.faults.clear()
            self.faults.add(*self._first_faults)

    @property
    def records(self) -> dict[str, Json]:
        """The records by id, as the API shows them, external ids included; edit them freely."""
        return self._state.records

    @property
    def types(self) -> dict[str, Json]:
        """The qualification types by id, as the API shows them; edit them freely."""
        return self._state.kinds

    def add_record(
        self, qualification_type: str, fields: seed.Fields = (), **properties: Any
    ) -> Json:
        """
        Add a record, as a request to create one does.

        Args:
            qualification_type: The id or the name of its type.
            fields: Values by label, as `fields_for` takes them, or the JSON of a request's fields;
                required ones may be missing.
            properties: Others by their JSON names, such as `expirationDate="2027-01-01T00:00:00Z"`;
                `id` and `recordStatus`, too. By default, the record is issued now to an owner of
                the seed data.

        Returns:
            The record, as it stands in `records`.

        Raises:
            ValueError: A name is unknown, or a value is wrong.
        """
        with self._lock:
            return seed.add_record(self._state, qualification_type, fields, properties)

    def transport(self, sleep: Callable[[float], None] = time.sleep) -> MockTransport:
        """Return a transport for `httpx.Client`; `sleep` waits where a fault delays."""
        return MockTransport(self, sleep)

    def async_transport(
        self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> MockTransport:
        """Return a transport for `httpx.AsyncClient`; `sleep` waits where a fault delays."""
        return MockTransport(self, sleep)

    def asgi(self) -> App:
        """Return an ASGI application."""
        return application(self)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        with self._lock:
            if self._control and request.path.startswith(controls.PREFIX):
                response = controls.answer(request, self.token, self.faults, self.reset)
            else:
                response = self._exchange(request)
        return replace(response, body=b"") if request.method == "HEAD" else response

    def _exchange(self, request: Request) -> Response:
        operation = self._operations.get(request.path, {}).get(request.method)
        name = operation.id if operation else ""
        now = self._clock()
        fault = self.faults.take(name, request)
        answer = partial(self._answer, request, operation, now)
        response = fault._strike(answer) if fault else answer()
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        status = None if response.cut in LOST else response.status
        received: Any = {**vars(request), "headers": headers}
        self._log(Received(**received, operation=name, status=status, time=now))
        return response

    def _log(self, received: Received) -> None:
        self.requests.append(received)
        del self.requests[:-_LOG_SIZE]
        if received._size > _LOG_BYTES / _LOG_SIZE:  # smaller ones never add up to too much
            excess = sum(earlier._size for earlier in self.requests) - _LOG_BYTES
            while excess > 0 and len(self.requests) > 1:
                excess -= self.requests.pop(0)._size

    def _answer(self, request: Request, operation: Operation | None, now: float) -> Response:
        request_id = self._new_id()
        headers = {"X-Request-Id": request_id}
        try:
            status, payload = self._outcome(request, operation, now)
        except Refused as refusal:
            status, headers = refusal.status, {**headers, **refusal.headers}
            payload = {"message": str(refusal)[: spec.MAX_MESSAGE], "requestId": request_id}
        if breach := self._breach(operation, status, payload):
            text = f"the mock broke the spec ({request.path}, {status}): {breach}"
            _LOG.error("%s", text)
            if self._on_violation:
                self._on_violation(SpecViolation(text))
            status, payload = 500, {"message": text, "requestId": request_id}
        return http.answer(status, payload, headers)

    def _outcome(
        self, request: Request, operation: Operation | None, now: float
    ) -> tuple[int, Json | None]:
        http.authorise(request, self.token)
        operation = operation or http.find(self._operations, request)
        if wait := self._limiter.admit(operation.id, now):
            text = http.retry_after(wait)
            raise Refused(429, f"too many requests; wait {text} s", {"Retry-After": text})
        if operation.body is None:
            values = http.read_query(operation, request.query)
        else:
            values = http.read_body(operation.body, request)
        return operation.success, getattr(self._state, operation.name)(values)

    def _breach(self, operation: Operation | None, status: int, payload: Json | None) -> str | None:
        rule = spec.component("Error")
        if operation:
            rule = operation.responses.get(str(status), operation.responses["default"])
        return rule.breach(payload)


def _limiter(rate: Rate, choices: Mapping[str, str]) -> Limiter:
    if rate and rate != "spec":
        check_rate(rate)
    rates = {it.operation_id: it.rate_limit if rate == "spec" else rate for it in _wire.ALL}
    return Limiter(
        {name: own for name, own in rates.items() if own},
        list(_wire.SHARED.values()) if rate == "spec" else [],
        kind=choices["limiter"],
        count_rejected=choices["rejected_calls_count"] == "yes",
    )
