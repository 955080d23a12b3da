"""A raw client for the suite: sends anything, and checks every answer against the spec."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from samsara_qualifications_contract.harness.failures import Breach, Step, breach
from samsara_qualifications_contract.harness.transport import INTERRUPTION, reason
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samsara_qualifications_contract.oracle.spec import Json, Operation

TOO_MANY = 429
PATIENCE = 300.0
"""Seconds that a request may be told to wait in all."""
LEAST_WAIT, USUAL_WAIT = 0.05, 1.0
_FIRST_ERROR = 300
_SERVER_ERROR = 500
_NUMBER = re.compile(r"\d{1,6}(\.\d*)?", re.ASCII)


@dataclass(frozen=True)
class Reply:
    """An answer, with the request and the steps that led to it."""

    request: httpx.Request
    response: httpx.Response
    operation: Operation | None
    steps: list[Step]
    own_server: bool

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def data(self) -> Any:
        """The `data` of the body."""
        return self.json()["data"]

    @property
    def pagination(self) -> Any:
        """The `pagination` of the body."""
        return self.json()["pagination"]

    def json(self) -> Any:
        """Return the body."""
        try:
            return json.loads(self.response.content)
        except ValueError:
            raise self.breach("a body of JSON") from None

    def breach(self, expected: str, source: str | None = None) -> Breach:
        """Return a failure of this answer."""
        name = f"{self.request.method} {self.request.url.path}"
        return breach(
            self.request,
            self.response,
            operation=f"{name} ({self.operation.id})" if self.operation else name,
            expected=expected,
            source=source or (self.operation.place if self.operation else spec.FILE),
            steps=self.steps,
            own_server=self.own_server,
        )

    def must(self, holds: object, expected: str, source: str | None = None) -> None:
        """Fail unless the contract holds."""
        if not holds:
            raise self.breach(expected, source)

    def answers(self, *statuses: int, source: str | None = None) -> Reply:
        """Fail unless the status is one of these; return the reply."""
        wanted = " or ".join(map(str, statuses))
        self.must(self.status in statuses, f"expected status {wanted}, came {self.status}", source)
        return self


class Unanswered(AssertionError):
    """No answer came."""


class Api:
    """
    Sends requests and checks each answer: its schema, its content type, an error's request id.

    Args:
        client: The httpx client, with the base URL.
        token: The bearer token.
        own_server: Whether the server is the suite's own mock.
        on_reply: Called with each reply, as for the counter of coverage.
        sleep: Waits for a number of seconds when the server asks to.

    Attributes:
        prefix: What stands before the API's paths in the server's URL, such as `/v1`; mostly
            nothing.
    """

    def __init__(
        self,
        client: httpx.Client,
        token: str,
        *,
        own_server: bool,
        on_reply: Callable[[Reply], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.token = token
        self._own_server = own_server
        self._on_reply = on_reply
        self._sleep = sleep
        self._steps: list[Step] = []
        self.prefix = client.base_url.path.rstrip("/")

    def made(self) -> list[str]:
        """Return the ids of the records that were made, as far as they are known."""
        return [step.made for step in self._steps if step.made]

    def update(self, body: Json) -> Reply:
        """Send a PATCH."""
        return self.operate("updateQualificationRecord", body)

    def create(self, body: Json) -> Reply:
        """Send a POST."""
        return self.operate("createQualificationRecord", body)

    def mark(self, operation: str, record_id: str) -> Reply:
        """Delete, archive or unarchive a record."""
        return self.operate(f"{operation}QualificationRecord", {"id": record_id})

    def get(self, *ids: str, **query: str) -> Reply:
        """Read records by id."""
        return self.operate("getQualificationRecords", query={"ids": ",".join(ids), **query})

    def stream(self, **query: str) -> Reply:
        """Read a page of changes."""
        return self.operate("streamQualificationRecords", query=query)

    def types(self, **query: str) -> Reply:
        """Read a page of qualification types."""
        return self.operate("listQualificationTypes", query=query)

    def operate(
        self, operation_id: str, body: object = None, *, query: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request of an operation, with a JSON body or a query."""
        operation = spec.OPERATIONS[operation_id]
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.send(operation.method, operation.path, content, query=query)

    def send(
        self,
        method: str,
        target: str,
        content: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None,
        patient: bool = True,
    ) -> Reply:
        """
        Send any request.

        Args:
            method: The HTTP method.
            target: The path, with or without a query.
            content: The bytes of the body.
            query: More parameters.
            headers: Headers over the usual ones; `None` leaves one out.
            patient: Whether a 429 is waited out.
        """
        usual: dict[str, str | None] = {"Authorization": f"Bearer {self.token}"}
        if content:
            usual["Content-Type"] = spec.JSON_TYPE
        request = self.client.build_request(
            method,
            target,
            params=dict(query) if query else None,
            content=content or None,
            headers={k: v for k, v in {**usual, **(headers or {})}.items() if v is not None},
        )
        return self.exchange(request, patient=patient)

    def exchange(self, request: httpx.Request, *, patient: bool = True) -> Reply:
        """Send a request that is built already, and check the answer."""
        response, waited = self._send(request), 0.0
        while patient and response.status_code == TOO_MANY and waited < PATIENCE:
            wait = wait_of(response)
            wait = USUAL_WAIT if wait is None else max(wait, LEAST_WAIT)
            waited += wait
            if waited <= PATIENCE:
                self._sleep(wait)
                response = self._send(request)
        reply = self._reply(request, response)
        refused = patient and reply.status == TOO_MANY
        reply.must(not refused, f"a request that passes within {PATIENCE:g} s, as Retry-After says")
        conforms(reply)
        if self._on_reply:
            self._on_reply(reply)
        return reply

    def _send(self, request: httpx.Request) -> httpx.Response:
        INTERRUPTION.check()
        try:
            return self.client.send(request)
        except httpx.RequestError as error:
            name = f"{request.method} {request.url.path}"
            raise Unanswered(f"{name}: no answer: {reason(error)}") from error

    def _reply(self, request: httpx.Request, response: httpx.Response) -> Reply:
        operation = spec.find(request.method, request.url.path.removeprefix(self.prefix))
        made = None
        if operation and operation.id == "createQualificationRecord" and response.is_success:
            made = _id_of(response)
        target = request.url.raw_path.decode("ascii")
        self._steps.append(Step(request.method, target, request.content, made))
        return Reply(request, response, operation, list(self._steps), self._own_server)


def conforms(reply: Reply) -> None:
    """Fail unless an answer has the form that the spec gives it."""
    reply.must(reply.status < _SERVER_ERROR, f"expected no server error, came {reply.status}")
    if reply.status >= _FIRST_ERROR:
        schema: Json | None = {"$ref": "#/components/schemas/Error"}
    elif reply.operation is None:
        raise reply.breach("an error: the spec has no such operation")
    else:
        reply.answers(reply.operation.success)
        schema = reply.operation.response_schema(reply.status)
    if reply.request.method == "HEAD":
        return
    if schema is None:
        reply.must(not reply.response.content, "no content")
        return
    kind = reply.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    reply.must(
        kind == spec.JSON_TYPE, f"content type: expected {spec.JSON_TYPE}, came {kind or 'none'}"
    )
    for problem in spec.breaches(schema, reply.json()):
        raise reply.breach(f"a body as the spec describes it; {problem}")


def wait_of(response: httpx.Response) -> float | None:
    """Return how many seconds the server asks to wait, or until which date; `None` if neither."""
    asked = response.headers.get("Retry-After", "")
    if _NUMBER.fullmatch(asked):
        return float(asked)
    try:
        until = parsedate_to_datetime(asked).timestamp()
        now = parsedate_to_datetime(response.headers.get("Date", formatdate())).timestamp()
    except ValueError:
        return None
    return max(0.0, until - now)


def _id_of(response: httpx.Response) -> str | None:
    try:
        return str(response.json()["data"]["id"])
    except (ValueError, KeyError, TypeError):
        return None
