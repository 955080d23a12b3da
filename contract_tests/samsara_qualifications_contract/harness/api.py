"""A raw client for the suite: sends anything, and checks every answer against the spec."""

from __future__ import annotations

import json
import re
import time
import zlib
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx

from samsara_qualifications_contract.harness.failures import Breach, Step, breach, step
from samsara_qualifications_contract.harness.transport import INTERRUPTION, reason
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from samsara_qualifications_contract.oracle.spec import Json, Operation

TOO_MANY = 429
PATIENCE = 300.0
"""Seconds that a request may be told to wait in all."""
LEAST_WAIT, USUAL_WAIT = 0.05, 1.0
_UNAUTHORIZED, _NOT_ALLOWED = 401, 405
_FIRST_ERROR = 300
_SERVER_ERROR = 500
REQUEST_ID = "behaviour request_id (documented)"
_NUMBER = re.compile(r"\d{1,6}(\.\d*)?", re.ASCII)


@dataclass(frozen=True)
class Reply:
    """
    An answer, with the request and the steps that led to it.

    `wrote` holds the writes that a read shows: the last of them is to blame for what is not right.
    """

    request: httpx.Request
    response: httpx.Response
    operation: Operation | None
    steps: list[Step]
    own_server: bool
    token: str = field(repr=False)
    prefix: str = ""
    wrote: Sequence[Reply] = field(default=(), repr=False)

    @property
    def path(self) -> str:
        """The path as the spec has it: without what stands before it in the server's URL."""
        return self.request.url.path.removeprefix(self.prefix)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def data(self) -> Any:
        """The `data` of the body."""
        return self.json["data"]

    @property
    def pagination(self) -> Any:
        """The `pagination` of the body."""
        return self.json["pagination"]

    @cached_property
    def json(self) -> Any:
        """The body, which every reader of JSON must understand, and in the same way."""
        try:
            return spec.strict_json(self.response.content, self.response.charset_encoding)
        except ValueError as error:
            raise self.breach(f"a body of JSON that all readers take alike: {error}") from None

    def after(self, writes: Sequence[Reply], record_id: str = "") -> Reply:
        """Return the reply as what shows these writes: those that name the record, if any do."""
        named = [w for w in writes if record_id.encode() in w.request.content + w.response.content]
        return replace(self, wrote=named or writes)

    def breach(self, expected: str, source: str | None = None, hints: Sequence[str] = ()) -> Breach:
        """Return a failure of this answer."""
        place = self.operation.place if self.operation else spec.FILE
        return breach(
            self.request,
            self.response,
            [write.request for write in self.wrote],
            self.steps,
            expected=expected,
            source=source or place,
            hints=hints,
            token=self.token,
            own_server=self.own_server,
        )

    def must(self, holds: object, expected: str, source: str | None = None) -> None:
        """Fail unless the contract holds."""
        if not holds:
            raise self.breach(expected, source)

    def answers(self, *statuses: int, source: str | None = None) -> Reply:
        """Fail unless the status is one of these; return the reply."""
        wanted = " or ".join(map(str, statuses))
        if statuses == (_UNAUTHORIZED,):  # whatever the operation
            source = source or f"{spec.FILE}#/components/responses/Unauthorized"
        self.must(self.status in statuses, f"expected status {wanted}, came {self.status}", source)
        return self


class Unanswered(Breach):
    """No answer came."""


class Api:
    """
    Sends requests and checks each answer: its schema, its content type, an error's request id.

    Args:
        client: The httpx client, with the base URL.
        token: The bearer token.
        own_server: Whether the server is the suite's own mock.
        on_reply: Called with each reply, as for the counter of coverage. Where nobody listens, the
            headers that nothing rests on are not looked at either.
        sleep: Waits for a number of seconds when the server asks to.

    Attributes:
        prefix: What stands before the API's paths in the server's URL, such as `/v1`; mostly
            nothing.
        writes: The replies to all writes.
        waited: Seconds that the server has let requests wait.
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
        self.writes: list[Reply] = []
        self.waited = 0.0
        self._errors: set[str] = set()
        """The request ids of errors."""

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
        plain = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        escaped = zlib.crc32(plain) % 2  # by the body: who repeats it sends the same
        content = json.dumps(body).encode() if plain and escaped else plain
        commas = "," * (len(self._steps) % 2)  # as they are, or encoded: clients do both
        asked = urlencode(query or {}, safe=commas, quote_via=quote)
        return self.send(operation.method, f"{operation.path}?{asked}".rstrip("?"), content)

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
                self.waited += wait
                response = self._send(request)
        reply = self._reply(request, response)
        refused = patient and reply.status == TOO_MANY
        reply.must(not refused, f"a request that passes within {PATIENCE:g} s, as Retry-After says")
        conforms(reply)
        if self._on_reply:
            accompanied(reply, self._errors)
            self._on_reply(reply)
        return reply

    def _send(self, request: httpx.Request) -> httpx.Response:
        INTERRUPTION.check()
        try:
            return self.client.send(request)
        except httpx.RequestError as error:
            operation = spec.find(request.method, request.url.path.removeprefix(self.prefix))
            self._steps.append(step(request, self.token, None))
            found = breach(
                request,
                f"no answer: {reason(error)}",
                [],
                list(self._steps),
                expected="an answer",
                source=operation.place if operation else spec.FILE,
                hints=[],
                token=self.token,
                own_server=self._own_server,
            )
            raise Unanswered(found.failure, found.steps) from None

    def _reply(self, request: httpx.Request, response: httpx.Response) -> Reply:
        operation = spec.find(request.method, request.url.path.removeprefix(self.prefix))
        made = None
        if operation and operation.id == "createQualificationRecord" and response.is_success:
            made = _id_of(response)
        self._steps.append(step(request, self.token, made))
        steps = list(self._steps)
        reply = Reply(
            request, response, operation, steps, self._own_server, self.token, self.prefix
        )
        if request.method not in {"GET", "HEAD"}:
            self.writes.append(reply)
        return reply


def conforms(reply: Reply) -> None:
    """Fail unless an answer has the form that the spec gives it."""
    reply.must(reply.status < _SERVER_ERROR, f"expected no server error, came {reply.status}")
    headers, source = reply.response.headers, None
    if reply.request.method == "HEAD":
        return
    if reply.status >= _FIRST_ERROR:
        schema: Json | None = {"$ref": "#/components/schemas/Error"}
        source = f"{spec.FILE}#/components/schemas/Error"
    elif reply.operation is None:
        raise reply.breach("an error: the spec has no such operation")
    else:
        reply.answers(reply.operation.success)
        schema = reply.operation.response_schema(reply.status)
    if reply.status == _NOT_ALLOWED and (methods := spec.methods(reply.path)):
        came = {name.strip() for name in headers.get("allow", "").split(",")}
        wanted, shown = (", ".join(sorted(names)) for names in (methods, came))
        reply.must(methods == came, f'Allow: expected "{wanted}", came "{shown}"')
    if schema is None:
        reply.must(not reply.response.content, "no content")
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    text = f"content type: expected {spec.JSON_TYPE}, came {kind or 'none'}"
    reply.must(kind == spec.JSON_TYPE, text, source)
    for problem in spec.breaches(schema, reply.json):
        raise reply.breach(f"a body as the spec describes it; {problem}", source)


def accompanied(reply: Reply, errors: set[str]) -> None:
    """Fail unless the headers around an answer are right; note an error's request id."""
    headers = reply.response.headers
    cache = headers.get("cache-control", "").lower()
    for_all = "public" in cache or "s-maxage" in cache
    reply.must(not for_all, f"what a token shows is not cached for all, came {cache}", "RFC 9111")
    if reply.status < _FIRST_ERROR or reply.request.method == "HEAD":
        return
    reply.must(reply.json["message"], "a message")
    identity, header = reply.json["requestId"], headers.get("x-request-id")
    reply.must(header == identity, f"X-Request-Id: expected {identity}, came {header}", REQUEST_ID)
    fresh = identity and identity not in errors
    reply.must(fresh, f"a request id of its own, came {identity!r} again", REQUEST_ID)
    errors.add(identity)


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
