"""What the spec says of a raw HTTP request: which statuses may come, before any state is known."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    import httpx

    from samsara_qualifications_contract.oracle.spec import Json, Operation

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Verdict:
    """
    What may come.

    Attributes:
        statuses: The statuses of which one must come; empty where the request is valid, so that the
            server's state decides.
        why: The rule.
        value: The body or query of a valid request, parsed.
        rests: The assumed behaviours that this rests on; none where the spec decides.
    """

    statuses: frozenset[int]
    why: str
    value: Any = None
    rests: frozenset[str] = frozenset()

    @property
    def valid(self) -> bool:
        """Whether the request is valid."""
        return not self.statuses


def judge(request: httpx.Request, token: str, prefix: str = "") -> Verdict:
    """
    Judge a request by the spec alone.

    Args:
        request: The request.
        token: The right token.
        prefix: What stands before the API's paths in the server's URL.
    """
    path = request.url.path.removeprefix(prefix)
    if request.headers.get("authorization", "") == f"Bearer {token}":
        return _with_token(request, path)
    first = () if _with_token(request, path).valid else ("auth_first",)
    return _refused("a wrong or missing token", 401, *first)


def _with_token(request: httpx.Request, path: str) -> Verdict:
    methods = spec.methods(path)
    if not methods:
        return _refused("no such path", 404)
    operation = spec.find(request.method, path)
    if operation is None:
        return _refused(f"the path supports only {', '.join(sorted(methods))}", 405)
    return _body(operation, request) if operation.body_schema else _query(operation, request)


def _body(operation: Operation, request: httpx.Request) -> Verdict:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != spec.JSON_TYPE:
        return _refused("a body that is not JSON by its content type", 415, "content_type")
    try:
        value = json.loads(request.content, parse_constant=_no_number)
    except ValueError as error:
        return _refused(f"a body that is not JSON: {error}", 400)
    assert operation.body_schema
    problems = spec.breaches(operation.body_schema, value) or _not_finite(value)
    if problems:
        return _refused(problems[0], 400)
    return _valid(value, unknown=spec.has_unknown(operation.body_schema, value))


def _query(operation: Operation, request: httpx.Request) -> Verdict:
    try:
        pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        return _refused(f"a query that is not UTF-8: {error}", 400)
    names = [name for name, _ in pairs if name in operation.parameters]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        return _refused(f"{twice[0]} given twice (assumed)", 400, "repeated_parameter")
    parameters = operation.parameters
    value = {name: _typed(parameters[name], text) for name, text in pairs if name in parameters}
    schema = {
        "properties": {name: node["schema"] for name, node in parameters.items()},
        "required": [name for name, node in parameters.items() if node.get("required")],
    }
    problems = spec.breaches(schema, value)
    if problems:
        return _refused(problems[0], 400)
    return _valid(value, unknown=any(name not in parameters for name, _ in pairs))


def _valid(value: Any, *, unknown: bool) -> Verdict:
    return Verdict(frozenset(), "valid", value, frozenset({"unknown_names"} if unknown else ()))


def parsed(operation: Operation, request: httpx.Request) -> Any:
    """Return the JSON body or the query of a request, as far as it can be read."""
    if operation.body_schema is None:
        pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        known = operation.parameters
        return {name: _typed(known[name], text) for name, text in pairs if name in known}
    try:
        value = json.loads(request.content)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is not text
    except (ValueError, RecursionError):
        return None
    return value


def _typed(node: Json, text: str) -> Any:
    kind = spec.resolve(node["schema"])["type"]
    if kind == "array":
        return text.split(",") if text else []
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


def _refused(why: str, status: int, *rests: str) -> Verdict:
    return Verdict(frozenset({status}), why, rests=frozenset(rests))


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _not_finite(value: Any) -> list[str]:
    """Return a message where a number stands that no double can hold."""
    try:
        text = json.dumps(value, allow_nan=False)
        json.loads(text, parse_int=_double, parse_float=_double)
    except (ValueError, OverflowError) as error:
        return [f"a number that no double can hold: {error}"]
    return []


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text[:20])
    return number
