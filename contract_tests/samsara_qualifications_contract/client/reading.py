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

from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from samsara_qualifications import (
    ApiError,
    BadRequest,
    Forbidden,
    NotFound,
    RateLimited,
    RedirectRefused,
    RequestTimedOut,
    RetryPolicy,
    ServerError,
    Unauthorized,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.calls import CALLS, Instant, perform
from samsara_qualifications_contract.client.recorder import Recorder, answer, client_of
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.oracle.spec import mapped

if TYPE_CHECKING:
    from samsara_qualifications import QualificationsClient

READERS = [name for name in CALLS if samples.body_of(name) is not None]
STATUSES: dict[int, type[ApiError]] = {
    302: RedirectRefused,
    308: RedirectRefused,
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: BadRequest,
    408: RequestTimedOut,
    409: BadRequest,
    413: BadRequest,
    415: BadRequest,
    418: BadRequest,
    429: RateLimited,
    500: ServerError,
    501: ServerError,
    502: ServerError,
    503: ServerError,
    504: ServerError,
    520: ServerError,
    599: ServerError,
}
ONCE = RetryPolicy(attempts=1, rate_limited_attempts=1)


def outcome(operation_id: str, payload: Any, *, strict: bool = False) -> Any:
    """Return what a call gives for an answer: JSON again, or the error, of whatever class."""
    recorder, client = _reader(strict=strict)
    recorder.prepare(answer(spec.OPERATIONS[operation_id].success, payload))
    try:
        return perform(client, operation_id)
    except Exception as error:  # noqa: BLE001  any other class than the package's is the failure
        return error


@cache
def _reader(*, strict: bool) -> tuple[Recorder, QualificationsClient]:
    """Return a client that lives through thousands of answers, which saves making thousands."""
    recorder = Recorder(answer(200))
    return recorder, client_of(recorder, retry=ONCE, strict=strict)


def error_of(operation_id: str, status: int, body: Any) -> BaseException:
    """Return the error that a call ends with."""
    recorder = Recorder(answer(status, body, X_Request_Id="header-id"))
    try:
        perform(client_of(recorder, retry=ONCE), operation_id)
    except Exception as error:  # noqa: BLE001  any other class than the package's is the failure
        return error
    raise AssertionError(f"{operation_id}: {status} was taken for a success")


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
