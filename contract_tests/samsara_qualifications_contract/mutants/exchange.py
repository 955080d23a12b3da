"""An exchange of the mock while a fault is at work, and the words that faults of it are made of."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from samsara_qualifications.mock import MockServer, Request, Response
from samsara_qualifications_contract.mutants.fault import Make, wrap
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.spec import Json, is_list, is_object

if TYPE_CHECKING:
    from types import UnionType

    from samsara_qualifications_contract.oracle.spec import Operation

Change = Callable[[Any], object]
"""Changes an exchange, or a JSON object in one."""
HANDLE = "mock.server:MockServer.handle"
_refusals = itertools.count()


@dataclass
class Exchange:
    """
    One exchange of the mock, while a fault is at work.

    Attributes:
        server: The mock.
        operation: The operation, where there is one.
        request: The request.
        body: The request's JSON object; empty where there is none.
        query: The request's parameters.
        before: The record that the request names, as it was; empty where it names none.
        response: The response.
        payload: The response's JSON object; empty where there is none.
    """

    server: MockServer
    operation: Operation | None
    request: Request
    body: Json
    query: dict[str, str]
    before: Json = field(default_factory=dict[str, Any])
    response: Response = field(default_factory=lambda: Response(status=0))
    payload: Json = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The first word of the operation's id, such as `update` or `list`; empty without one."""
        return re.split("[A-Z]", self.operation.id)[0] if self.operation else ""

    @property
    def success(self) -> bool:
        """Whether the request succeeded."""
        return 200 <= self.response.status < 300

    @property
    def stored(self) -> Json:
        """The record that the request named, or made, as it is stored."""
        made = self.payload.get("data", {}) if self.name == "create" else self.body
        found: Json = self.server.records.get(str(made.get("id", "")), {})
        return found

    @property
    def own(self) -> Json:
        """The stored record, as a copy that takes its place."""
        record = copy.deepcopy(self.stored)
        self.server.records[record["id"]] = record
        return record

    def refuse(self, status: int, **headers: str) -> None:
        """Answer with an error."""
        self.payload = {"message": "refused", "requestId": f"r{next(_refusals)}"}
        header = {"X-Request-Id": self.payload["requestId"], **headers}
        self.response = Response(
            status=status, headers={"Content-Type": "application/json", **header}
        )

    def answer(self, status: int, body: bytes = b"") -> None:
        """Answer with a status and a text."""
        self.response = replace(self.response, status=status, body=body)


def drop(*names: str) -> Change:
    """Return what removes properties."""
    return lambda item: [item.pop(name, None) for name in names]


def put(**values: Any) -> Change:
    """Return what sets properties."""
    return lambda item: item.update(copy.deepcopy(values))


def turn(path: str, change: Callable[[Any], Any], of: type | UnionType = object) -> Change:
    """Return what changes the value at a path, such as `a.b`, if it is there and of this type."""
    *steps, name = path.split(".")

    def apply(item: Any) -> None:
        inner = _at(item, steps)
        if is_object(inner) and name in inner and isinstance(inner[name], of):
            inner[name] = change(inner[name])

    return apply


def each(path: str, change: Change, **having: str) -> Change:
    """Return what changes each object of a list that has these properties."""

    def apply(item: Any) -> None:
        found = _at(item, path.split("."))
        for part in found if is_list(found) else []:
            if is_object(part) and having.items() <= part.items():
                change(part)

    return apply


def where(condition: Callable[[Any], object], change: Change) -> Change:
    """Return what makes a change where a condition holds."""
    return lambda item: condition(item) and change(item)


def fields(kind: str, change: Change) -> Change:
    """Return what changes each field of a kind in a record, or in a body."""
    return each("fields", change, type=kind)


def cells(kind: str, change: Change) -> Change:
    """Return what changes each cell of a kind in a record, or in a body."""
    return fields("table", each("tableValue.rows", each("cells", change, type=kind)))


def before(operations: str, change: Change) -> Make:
    """Return what changes exchanges on their way in; `refuse` answers one at once; "" is all."""
    return _intercept(where(_among(operations), change), None)


def after(operations: str, change: Change) -> Make:
    """Return what changes exchanges that have succeeded, or the state behind them; "" is all."""
    chosen = _among(operations)
    return on_response(where(lambda x: x.success and chosen(x), change))


def on_response(change: Change) -> Make:
    """Return what changes each exchange on its way out, or the state behind it."""
    return _intercept(None, change)


def body(operations: str, change: Change) -> Make:
    """Return what changes the bodies of requests."""
    return before(operations, lambda x: change(x.body))


def query(operations: str, change: Change) -> Make:
    """Return what changes the parameters of requests."""
    return before(operations, lambda x: change(x.query))


def page(operations: str, change: Change) -> Make:
    """Return what changes the bodies of successes."""
    return after(operations, lambda x: change(x.payload))


def records(operations: str, change: Change) -> Make:
    """Return what changes each record in the bodies of successes."""
    return after(operations, lambda x: [change(record) for record in records_of(x)])


def stored(operations: str, change: Change) -> Make:
    """Return what changes the stored record after a success, and it alone."""
    return after(operations, lambda x: change(x.own))


def requests(change: Callable[[MockServer, Request], Request]) -> Make:
    """Return what changes raw requests."""
    return wrap(HANDLE, lambda go, server, request: go(server, change(server, request)))


def responses(change: Callable[[Response], Response]) -> Make:
    """Return what changes raw responses."""
    return wrap(HANDLE, lambda go, server, request: change(go(server, request)))


def records_of(exchange: Exchange) -> list[Json]:
    """Return the records that an answer shows."""
    data: Any = exchange.payload.get("data", [])
    return [item for item in (data if is_list(data) else [data]) if "recordStatus" in item]


def _at(item: Any, steps: list[str]) -> Any:
    for step in steps:
        item = item.get(step) if is_object(item) else None
    return item


def _among(operations: str) -> Callable[[Exchange], bool]:
    return lambda x: not operations or x.name in operations.split()


def _intercept(inward: Change | None, outward: Change | None) -> Make:
    def handle(go: Any, server: MockServer, request: Request) -> Response:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        operation = spec.find(request.method, request.path)
        exchange = Exchange(server, operation, request, _object(request.body), query)
        known = server.records.get(str(exchange.body.get("id", "")), {})
        exchange.before = json.loads(json.dumps(known))
        if inward and request.headers.get("authorization") == f"Bearer {server.token}":
            given = json.dumps(exchange.body), dict(query)
            inward(exchange)
            if exchange.response.status:
                return _rendered(exchange)
            if json.dumps(exchange.body) != given[0]:
                request = replace(request, body=json.dumps(exchange.body).encode())
            if exchange.query != given[1]:
                request = replace(request, query=urlencode(exchange.query))
        exchange.response = go(server, request)
        if not outward:
            return exchange.response
        exchange.payload = _object(exchange.response.body)
        original = json.dumps(exchange.payload)
        outward(exchange)
        changed = json.dumps(exchange.payload) != original
        return _rendered(exchange) if changed else exchange.response

    return wrap(HANDLE, handle)


def _rendered(exchange: Exchange) -> Response:
    return replace(exchange.response, body=json.dumps(exchange.payload).encode())


def _object(text: bytes) -> Json:
    try:
        value = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}
