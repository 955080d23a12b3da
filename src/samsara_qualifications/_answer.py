"""What an answer means: the result of a success, or the error of anything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from . import errors
from ._wire import UnreadableError
from .retry import parse_retry_after

if TYPE_CHECKING:
    from ._calls import Call
    from ._exchange import Answer
    from ._rules import Rules

_T = TypeVar("_T")

BRIEF: Final = 500
"""Characters of the server's words that an error keeps at most."""


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
        raise _api_error(answer, rules)
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
        path=rules.redact(path),
        request_id=_known(answer.request_id, rules),
        incomplete=answer.incomplete,
    )


def _api_error(answer: Answer, rules: Rules) -> errors.ApiError:
    message, request_id = _error_body(answer)
    message = " ".join(rules.redact(message).split())[:BRIEF]
    request_id = rules.redact(request_id or answer.headers.get("x-request-id", "")) or None
    text = f"the server answered {answer.status}: {message or 'no message'}"
    if location := rules.redact(answer.headers.get("location", "")):
        text += f"; it points to {location:.200} (not followed): check the client's base_url"
    kind = errors.kind_of(answer.status)
    if kind.applied is None:
        text += "; whether it was applied is unknown"
    return kind(
        f"{text} (request id {request_id})" if request_id else text,
        status=answer.status,
        message=message,
        request_id=request_id,
        retry_after=parse_retry_after(answer.headers.get("retry-after"), now=rules.wall_clock()),
    )


def _known(request_id: str | None, rules: Rules) -> str | None:
    return None if request_id is None else rules.redact(request_id)


def _error_body(answer: Answer) -> tuple[str, str | None]:
    """Return message and request id of an error's body, which may be anything."""
    try:
        body: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return answer.body.decode("utf-8", "replace"), None
    known = cast("dict[str, Any]", body)
    message, request_id = known.get("message"), known.get("requestId")
    return (
        message if isinstance(message, str) else "",
        request_id if isinstance(request_id, str) else None,
    )
