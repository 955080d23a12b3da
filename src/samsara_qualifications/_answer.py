"""What an answer means: the result of a success, or the error of anything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from . import errors
from ._text import printable
from ._wire import UnreadableError
from .retry import parse_retry_after

if TYPE_CHECKING:
    from ._calls import Call
    from ._exchange import Answer
    from ._rules import Rules

_T = TypeVar("_T")


def read(call: Call[_T], answer: Answer, rules: Rules) -> _T:
    """
    Return the result of a call.

    Args:
        call: What was asked.
        answer: What the server sent.
        rules: What all calls of the client have in common.

    Raises:
        ApiError: The status is no success.
        UnexpectedResponse: It is, but the body cannot be read, or is about something else.
    """
    if not 200 <= answer.status < 300:  # noqa: PLR2004  HTTP's success class
        raise _api_error(call, answer, rules)
    if not call.operation.component:
        return call.result(None, answer)
    problem, path = answer.broken, ""
    if not problem:
        try:
            if rules.check is not None:
                rules.check(call.operation, answer.body)
            model = call.operation.read(answer.body)
        except UnreadableError as error:
            problem, path = str(error), error.path
        else:
            return call.result(model, answer)
    applied = "" if call.operation.reads else ", so the call was applied"
    raise errors.UnexpectedResponse(
        f"the server answered {answer.status}{applied}, but {path or 'the body'} {problem}",
        status=answer.status,
        path=path,
        request_id=answer.request_id,
        incomplete=answer.incomplete,
    )


def _api_error(call: Call[Any], answer: Answer, rules: Rules) -> errors.ApiError:
    body = answer.body.decode("utf-8", "replace")
    known = _object(answer.body)
    words = rules.redact(_words(known) or ("" if known == {} else body))
    message = printable(words)
    request_id = _request_id(known) or answer.request_id
    text = f"the server answered {answer.status}: {message or 'no message'}"
    if location := answer.headers.get("location", ""):
        shown = printable(rules.redact(location), 200)
        text += f"; it points to {shown} (not followed): check the client's base_url"
    kind = errors.kind_of(answer.status)
    text += _hint(call, answer.status)
    if kind.applied is None and not call.operation.reads:
        text += "; whether it was applied is unknown"
    return kind(
        f"{text} (request id {printable(request_id, 100)})" if request_id else text,
        status=answer.status,
        message=message,
        body=body,
        request_id=request_id,
        retry_after=parse_retry_after(answer.headers.get("retry-after"), now=rules.wall_clock()),
    )


def _hint(call: Call[Any], status: int) -> str:
    if status == 401:  # noqa: PLR2004  Unauthorized
        return "; check the token, and that it belongs to this region's host"
    if status == 403:  # noqa: PLR2004  Forbidden
        scope = "Read" if call.operation.reads else "Write"
        return f"; the token needs the scope {scope} Qualification Records"
    return ""


def _object(body: bytes) -> dict[str, Any] | None:
    """Return the object that an error's body is, its names in lower case; it may be anything."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return None
    return {name.lower(): item for name, item in cast("dict[str, Any]", value).items()}


def _words(known: dict[str, Any] | None) -> str:
    """Return what an error's body says; proxies and gateways have names of their own for it."""
    if found := _first(known, "message"):
        return found
    titled = [_first(known, name) for name in ("title", "error", "detail", "errors", "reason")]
    return ": ".join(text for text in titled if text)


def _request_id(known: dict[str, Any] | None) -> str:
    found = (known or {}).get("requestid")
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _first(known: dict[str, Any] | None, name: str) -> str:
    value = (known or {}).get(name)
    if not value and value != 0:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
