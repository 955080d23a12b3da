"""
What the client makes of an answer, and what it must make of it.

The rules of the tolerant reader:
- unknown properties and unknown enum values are kept;
- `null` for an optional property is read as absent;
- a date-time is read as its instant in any spelling of RFC 3339, cut to the microsecond; a leap
  second is the last microsecond of its minute;
- a string is any string, also where its format is `uri`; a number is any finite double; an integer
  may be written as `3.0`; a blank may stand for the `T` of a date-time;
- all else that breaks the spec is refused, with the path of the value: the call was applied;
- an update that is answered with another record is refused: whether it was applied is unknown.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from uuid import UUID

import httpx

from samsara_qualifications import (
    ApiError,
    BadRequest,
    Budget,
    Forbidden,
    NotFound,
    QualificationsClient,
    RateLimited,
    RedirectRefused,
    RequestTimedOut,
    RetryPolicy,
    ServerError,
    Unauthorized,
)
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.calls import CALLS, NO_LIMITS, Instant, perform
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.oracle.spec import mapped

READERS = [name for name in CALLS if samples.body_of(name) is not None]
STATUSES: dict[int, type[ApiError]] = {
    **dict.fromkeys([302, 308], RedirectRefused),
    **dict.fromkeys([400, 405, 409, 413, 415, 418], BadRequest),
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: RequestTimedOut,
    429: RateLimited,
    **dict.fromkeys([500, 501, 502, 503, 504, 520, 599], ServerError),
}


def outcome(
    operation_id: str, payload: Any, status: int | None = None, *, strict: bool = False
) -> Any:
    """
    Return what a call gives for an answer: JSON again, or the error, of whatever class.

    Args:
        operation_id: The call.
        payload: The body: bytes as they are, anything else as JSON; nothing where it is `None`.
        status: The status; without it, that of a success.
        strict: Whether the client is a strict one.
    """
    answers, client = _shared_reader(strict) if status is None else _reader(strict)
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    answers[:] = status or spec.OPERATIONS[operation_id].success, b"" if payload is None else body
    try:
        return perform(client, operation_id)
    except Exception as error:  # noqa: BLE001  any other class than the package's is the failure
        return error


def _reader(strict: bool) -> tuple[list[Any], QualificationsClient]:  # noqa: FBT001  private
    answers: list[Any] = []
    headers = {"Content-Type": spec.JSON_TYPE, "X-Request-Id": "header-id"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(answers[0], content=answers[1], headers=headers)
    )
    return answers, QualificationsClient(
        "samsara_api_secret",
        limits=NO_LIMITS,
        budget=Budget(MemoryStore()),
        retry=RetryPolicy(attempts=1, rate_limited_attempts=1),
        strict=strict,
        http_client=httpx.Client(transport=transport),
    )


_shared_reader = cache(_reader)
"""One client lives through thousands of successes, which saves making thousands."""


def expected(value: Any, *, absent: bool = False) -> Any:
    """Return what the model of a JSON value renders, by the rules above."""
    return mapped(value, _expected_text, drop_nulls=absent)


def _expected_text(text: str) -> Any:
    try:
        moment = instants.parse(text)
    except ValueError:
        return _lower_uuid(text)
    if text[17:19] == "60":
        moment = moment // instants.SECOND * instants.SECOND - instants.MICROSECOND
    return Instant(moment // instants.MICROSECOND)


def _lower_uuid(text: str) -> str:
    try:
        return str(UUID(text)) if len(text) == len(samples.UUID) else text
    except ValueError:
        return text
