"""A seeded fault, and the ways to make one."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import importlib
import inspect
import json
import sys
import textwrap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from samsara_qualifications.mock import MockServer, Request, Response
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.oracle.spec import Json, Operation

PACKAGE = "samsara_qualifications."


@dataclass(frozen=True)
class Fault:
    """
    One fault.

    Attributes:
        group: What it is a fault of.
        text: What it does, in one line.
        contract: What it breaks: a behaviour, a place in the spec, or a promise of the client.
        apply: Makes it, in this process.
    """

    group: str
    text: str
    contract: str
    apply: Callable[[], None] = field(repr=False)


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
        before: The record that the request names, as it was.
        response: The response.
        payload: The response's JSON object; empty where there is none.
    """

    server: MockServer
    operation: Operation | None
    request: Request
    body: Json
    query: dict[str, str]
    before: Json | None = None
    response: Response = field(default_factory=lambda: Response(status=0))
    payload: Json = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The operation's id without its common part, such as `update`."""
        return self.operation.id.removesuffix("QualificationRecord") if self.operation else ""

    @property
    def success(self) -> bool:
        """Whether the request succeeded."""
        return 200 <= self.response.status < 300

    @property
    def stored(self) -> Json:
        """The record that the request named, or made, as it is stored."""
        made = self.payload.get("data", {}) if self.name == "create" else self.body
        found: Json = self.server.records.get(made.get("id", ""), {})
        return found

    def refuse(self, status: int, **headers: str) -> None:
        """Answer with an error."""
        self.payload = {"message": "refused", "requestId": f"r{id(self.payload)}"}
        header = {"X-Request-Id": self.payload["requestId"], **headers}
        self.response = Response(
            status=status, headers={"Content-Type": "application/json", **header}
        )


def on_request(change: Callable[[Exchange], object]) -> Callable[[], None]:
    """Return what changes each request on its way in; `refuse` answers it at once."""
    return lambda: _intercept(change, None)


def on_response(change: Callable[[Exchange], object]) -> Callable[[], None]:
    """Return what changes each response on its way out, or the state behind it."""
    return lambda: _intercept(None, change)


def switch(name: str, choice: str) -> Callable[[], None]:
    """Return what makes every mock choose another behaviour than the suite expects."""

    def apply() -> None:
        original = MockServer.__init__

        def patched(self: MockServer, **options: Any) -> None:
            options["behaviours"] = {name: choice, **(options.get("behaviours") or {})}
            original(self, **options)

        MockServer.__init__ = patched  # type: ignore[method-assign]

    return apply


def swap(target: str, value: Any) -> Callable[[], None]:
    """Return what puts another value or function in a place, such as `_flow:parse_retry_after`."""

    def apply() -> None:
        owner, name = _find(target)
        getattr(owner, name)  # a place that is gone must not go unnoticed
        setattr(owner, name, value)

    return apply


def edit(target: str, old: str, new: str) -> Callable[[], None]:
    """Return what changes the source text of a function, in memory, such as `_flow:call`."""

    def apply() -> None:
        owner, name = _find(target)
        original = getattr(owner, name)
        source = textwrap.dedent(inspect.getsource(original))
        original = inspect.unwrap(original)
        if source.count(old) != 1:
            raise LookupError(f"{target} does not hold {old!r} once: write the fault anew")
        scope = sys.modules[original.__module__].__dict__
        local: dict[str, Any] = {}
        code = "from __future__ import annotations\n" + source.replace(old, new)
        exec(compile(code, target, "exec"), scope, local)  # noqa: S102  a fault is made of source
        changed = local[original.__name__]
        original.__code__ = inspect.unwrap(changed).__code__  # wherever it was imported to

    return apply


def _find(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    full = module if module.startswith("samsara_") else PACKAGE + module
    owner: Any = importlib.import_module(full)
    *steps, name = path.split(".")
    for step in steps:
        owner = getattr(owner, step)
    return owner, name


def _intercept(
    before: Callable[[Exchange], object] | None, after: Callable[[Exchange], object] | None
) -> None:
    original = MockServer.handle

    def handle(self: MockServer, request: Request) -> Response:
        operation = spec.find(request.method, request.path)
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        exchange = Exchange(self, operation, request, _object(request.body), query)
        known = self.records.get(str(exchange.body.get("id", "")))
        exchange.before = None if known is None else json.loads(json.dumps(known))
        if before and _authorised(self, request):
            original_body, original_query = json.dumps(exchange.body), dict(query)
            before(exchange)
            if exchange.response.status:
                return _rendered(exchange)
            if json.dumps(exchange.body) != original_body:
                request = replace(request, body=json.dumps(exchange.body).encode())
            if exchange.query != original_query:
                request = replace(request, query=urlencode(exchange.query))
        exchange.response = original(self, request)
        if not after:
            return exchange.response
        exchange.payload = _object(exchange.response.body)
        original_payload = json.dumps(exchange.payload)
        after(exchange)
        changed = json.dumps(exchange.payload) != original_payload
        return _rendered(exchange) if changed else exchange.response

    MockServer.handle = handle  # type: ignore[method-assign]


def _authorised(server: MockServer, request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {server.token}"


def _rendered(exchange: Exchange) -> Response:
    return replace(exchange.response, body=json.dumps(exchange.payload).encode())


def _object(text: bytes) -> Json:
    try:
        value = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
