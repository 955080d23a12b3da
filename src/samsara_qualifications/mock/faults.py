"""Faults on request: what can go wrong between a client and the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, cast, get_args
from urllib.parse import parse_qs

from .. import _wire
from . import spec
from .messages import Cut, Json, Request, Response

When: TypeAlias = str | Mapping[str, Any] | Callable[[Request], bool]

LOST = ("connect", "request")
_ERRORS = 300


@dataclass(frozen=True, kw_only=True, repr=False)
class Fault:
    """
    A fault that strikes the next requests.

    What is not given stays as the mock would answer: `Fault(delay=2)` delays the real answer,
    `Fault(status=502, body="<html>")` replaces it.

    Attributes:
        operation: The operationId that it strikes, such as `"updateQualificationRecord"`; `None`
            strikes any request.
        when: Which of these it strikes: those that name a record by this id, those whose JSON body
            holds this part (of a list, these items in any order), or those for which this function
            of the `Request` is true; `None` strikes all.
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

    Raises:
        ValueError: A value is out of range, or nothing is left to answer.
    """

    operation: str | None = None
    when: When | None = None
    times: int = 1
    skip: int = 0
    status: int | None = None
    headers: Mapping[str, str | None] | None = None
    body: Any = None
    applied: bool | None = None
    delay: float = 0.0
    drip: float = 0.0
    cut: Cut | None = None

    def __post_init__(self) -> None:
        given = {**vars(self), "body": None, "when": None if callable(self.when) else self.when}
        mistakes = spec.rule(_FORM).breaches(given)
        if _is_pointless(vars(self)):
            mistakes.append(_POINTLESS)
        if mistakes:
            raise ValueError("; ".join(mistakes))

    def __repr__(self) -> str:
        return f"Fault({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"

    @property
    def _given(self) -> Json:
        """The attributes that are not as by default."""
        values = ((field, getattr(self, field.name)) for field in fields(self))
        return {field.name: value for field, value in values if value != field.default}

    def _fits(self, operation: str, request: Request) -> bool:
        """Return whether a request of this operation is one of those that it strikes."""
        if self.operation not in {None, operation}:
            return False
        if callable(self.when):
            return self.when(request)
        if isinstance(self.when, str):
            ids = ",".join(parse_qs(request.query).get("ids", [])).split(",")
            return self.when in ids or _holds(request.json, {"id": self.when})
        return self.when is None or _holds(request.json, self.when)

    def _strike(self, real_answer: Callable[[], Response]) -> Response:
        """Return what comes of a request that the fault strikes."""
        arrives = self.cut not in LOST and (self.status or 0) < _ERRORS
        applied = arrives if self.applied is None else self.applied
        response = real_answer() if applied else Response(status=200)
        headers = {"Content-Type": "application/json"} if self.body is not None else {}
        headers |= {name.title(): value for name, value in response.headers.items()}
        for name, value in (self.headers or {}).items():
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


@dataclass(eq=False)
class _Arranged:
    fault: Fault
    seen: int = 0

    @property
    def struck(self) -> int:
        return max(self.seen - self.fault.skip, 0)

    @property
    def is_over(self) -> bool:
        return self.struck == self.fault.times


class Faults:
    """The faults of a server; those added first strike first."""

    def __init__(self) -> None:
        self._arranged: list[_Arranged] = []

    def add(self, *faults: Fault) -> None:
        """Arrange faults."""
        self._arranged += map(_Arranged, faults)

    def clear(self) -> None:
        """Forget all faults."""
        self._arranged = []

    def __len__(self) -> int:
        return sum(not arranged.is_over for arranged in self._arranged)

    @property
    def unstruck(self) -> list[Fault]:
        """Those that have not struck any request."""
        return [arranged.fault for arranged in self._arranged if not arranged.struck]

    def as_json(self) -> list[Json]:
        """Return all, each with how many requests it has struck."""
        shown = [{"fault": it.fault._given, "struck": it.struck} for it in self._arranged]
        return cast("list[Json]", json.loads(json.dumps(shown, default=repr)))

    def take(self, operation: str, request: Request) -> Fault | None:
        """Return the fault that strikes a request of this operation now, if there is one."""
        for arranged in self._arranged:
            if not arranged.is_over and arranged.fault._fits(operation, request):
                arranged.seen += 1
                return arranged.fault if arranged.struck else None
        return None


def read(data: Any) -> list[Fault]:
    """Return the faults of a JSON value, one or a list of them; tell all mistakes with places."""
    items: list[Any] = data if isinstance(data, list) else [data]  # pyright: ignore[reportUnknownVariableType]
    rule = spec.rule({**_FORM, "type": "object", "additionalProperties": False})
    mistakes: list[str] = []
    for place, item in enumerate(items):
        wrong = rule.breaches(item) or ([_POINTLESS] if _is_pointless(item) else [])
        mistakes += [f"faults[{place}]: {text}" for text in wrong]
    if mistakes:
        raise ValueError("\n".join([*mistakes, f"A fault has: {', '.join(_FORM['properties'])}"]))
    return [Fault(**item) for item in items]


_IDS = [operation.operation_id for operation in _wire.ALL]
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1e9}
_TEXT = {"type": ["null", "string"]}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 1e9}
_FORM: Json = {
    "properties": {
        "operation": {"enum": [None, *_IDS]},
        "when": {"type": ["null", "string", "object"]},
        "times": {**_COUNT, "minimum": 1},
        "skip": _COUNT,
        "status": {"type": ["null", "integer"], "minimum": 200, "maximum": 999},
        "headers": {"type": ["null", "object"], "additionalProperties": _TEXT},
        "body": {},
        "applied": {"type": ["null", "boolean"]},
        "delay": _SECONDS,
        "drip": _SECONDS,
        "cut": {"enum": [None, *get_args(Cut)]},
    }
}
_POINTLESS = "a request that is not carried out needs a status, a body or a cut"


def _is_pointless(given: Json) -> bool:
    replaced = given.get("status") or given.get("body") is not None
    return given.get("applied") is False and not replaced and given.get("cut") in (None, "body")


def _holds(value: Any, part: Any) -> bool:
    """Return whether a JSON value has all that a part of it names."""
    if isinstance(part, Mapping):
        items = cast("Json", part).items()
        return isinstance(value, dict) and all(
            name in value and _holds(value[name], item) for name, item in items
        )
    if isinstance(part, list):
        return isinstance(value, list) and all(any(_holds(v, p) for v in value) for p in part)  # pyright: ignore[reportUnknownVariableType]
    return bool(value == part) and isinstance(value, bool) is isinstance(part, bool)


def _encoded(body: Any) -> bytes:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return text.encode() if isinstance(text, str) else text
