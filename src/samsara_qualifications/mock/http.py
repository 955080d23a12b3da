"""HTTP as the mock reads and writes it: who asks, for what, with which values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from . import strict_json
from .messages import Json, Refused, Request, Response

if TYPE_CHECKING:
    from .spec import Operation, Rule

T = TypeVar("T")
MAX_BODY = 16 * 1024 * 1024
MAX_IDS = 100
JSON_TYPE = "application/json"
_BOOLEANS = {"true": True, "false": False}


def authorise(request: Request, token: str) -> None:
    """Refuse a request whose bearer token is missing or wrong."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(given.strip().encode(), token.encode()):
        raise Refused(401, "the bearer token is missing or wrong", {"WWW-Authenticate": "Bearer"})


def find(table: Mapping[str, Mapping[str, T]], request: Request) -> T:
    """Return what a table has for the request's path and method; refuse a request without."""
    methods = table.get(request.path)
    if methods is None:
        raise Refused(404, f"no such path: {request.path}")
    if request.method not in methods:
        allowed = ", ".join(sorted(methods))
        raise Refused(405, f"{request.path} supports only {allowed}", {"Allow": allowed})
    return methods[request.method]


def read_query(operation: Operation, text: str) -> Json:
    """Return the query's values by parameter, converted to their types and checked."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Refused(400, f"query: {error}") from error
    values: Json = {}
    for name, value in pairs:
        if name in values:
            raise Refused(400, f"{name}: given twice; join several values with commas")
        kind = operation.parameters.get(name)
        if kind == "array" and value.count(",") >= MAX_IDS:
            raise Refused(400, f"{name}: more than {MAX_IDS} ids")
        if kind:
            values[name] = _typed(kind, value)
    if breach := operation.query.breach(values):
        raise Refused(400, breach)
    return values


def read_body(rule: Rule, request: Request) -> Json:
    """Return the JSON value of the request's body, checked."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(request.body) > MAX_BODY:
        raise Refused(413, f"the body is longer than {MAX_BODY} bytes")
    if media_type != JSON_TYPE:
        raise Refused(415, f"the body must be {JSON_TYPE}, not {media_type or 'of unknown type'}")
    value: Json = _parsed(request.body)
    if breach := rule.breach(value):
        raise Refused(400, breach)
    return value


def answer(status: int, payload: Json | None, headers: Mapping[str, str]) -> Response:
    """Return a response that carries the payload, if there is one, as JSON."""
    if payload is None:
        return Response(status=status, headers=headers)
    body = json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    return Response(status=status, headers={"Content-Type": JSON_TYPE, **headers}, body=body)


def retry_after(seconds: float) -> str:
    """Return the header's text for a wait, rounded up to 10 microseconds."""
    return f"{math.ceil(seconds * 1e5) / 1e5:.5f}"


def _typed(kind: str, text: str) -> object:
    if kind == "array":
        return text.split(",") if text else []
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


def _parsed(body: bytes) -> Any:
    try:
        return strict_json.parse(body)
    except ValueError as error:
        raise Refused(400, f"the body is not valid JSON: {error}") from error
