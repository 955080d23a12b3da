"""
The one call flow: acquire a slot, send, classify, perhaps wait and send again, read.

A flow is a generator of steps. It does no input or output: a driver performs each step, sends the
result in, and throws the errors of this package back in.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from . import _reader, errors
from .retry import REPEATABLE_STATUSES, RetryPolicy, RetryQuota, parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ._exchange import Answer
    from ._wire import Operation, Request
    from .budget import Lane, Permit, RateLimit

BRIEF: Final = 500
"""Characters of the server's words that an error keeps at most."""

NOTICEABLE: Final = 0.001
"""Seconds from which on a wait for a slot is told."""

_log = logging.getLogger("samsara_qualifications")


@dataclass(frozen=True, slots=True)
class Acquire:
    """Wait for a slot of the budget; the result is the permit."""

    limits: Mapping[str, RateLimit]
    lane: Lane
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request on a permit; the result is the answer."""

    request: Request
    permit: Permit
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Tell the budget that the server asked all to wait."""

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


Step: TypeAlias = Acquire | Send | Pause | Sleep


@dataclass(frozen=True, slots=True)
class RetryEvent:
    """
    A call is about to be sent again.

    Attributes:
        operation: The client's method.
        attempt: The number of the attempt that failed; 1 is the first.
        wait: Seconds until the next one may start.
        reason: What went wrong.
    """

    operation: str
    attempt: int
    wait: float
    reason: str


@dataclass(frozen=True, slots=True)
class WaitEvent:
    """
    A call has waited for a slot of the budget.

    Attributes:
        operation: The client's method.
        lane: The lane in which it waited.
        waited: Seconds.
    """

    operation: str
    lane: Lane
    waited: float


def ignore(_event: object) -> None:
    """Do nothing with an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """
    What all calls of a client have in common.

    Attributes:
        policy: How often and how patiently to send again.
        quota: What retries draw on.
        limits: For each operation, the limits that its calls count against, the slowest first.
        timeout: Seconds that one exchange may take.
        clock: Seconds that only ever rise.
        wall_clock: Seconds since 1970.
        random: A random number from 0 to 1.
        redact: Removes the token from a text of the server's.
        check: Validates a success's body further; used by strict clients.
    """

    policy: RetryPolicy
    quota: RetryQuota
    limits: Mapping[str, Mapping[str, RateLimit]]
    timeout: float
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    random: Callable[[], float]
    redact: Callable[[str], str]
    on_retry: Callable[[RetryEvent], None] = ignore
    on_wait: Callable[[WaitEvent], None] = ignore
    check: Callable[[Operation[Any], bytes], None] | None = None


@dataclass(slots=True)
class _Progress:
    """Where a call stands: what has been sent, and what may have been applied."""

    end: float
    attempts: int = 0
    rate_limited: int = 0
    server_errors: int = 0
    applied: bool | None = False
    last: str = ""
    spent: list[int] = field(default_factory=list[int])

    def note(self, error: errors.QualificationsError) -> None:
        """Remember an error, and let it say what all attempts together may have applied."""
        if self.applied is not True and error.applied is not False:
            self.applied = error.applied
        error.applied = self.applied
        if self.last:
            error.add_note(f"The attempt before it failed: {self.last}")
        self.last = str(error)
        self.rate_limited += isinstance(error, errors.RateLimited)
        self.server_errors += isinstance(error, errors.ServerError) and error.status == 500  # noqa: PLR2004


def call(
    rules: Rules, operation: Operation[Any], request: Request, *, lane: Lane, deadline: float
) -> Generator[Step, Any, Any]:
    """
    Carry out one call.

    Args:
        rules: What all calls of the client have in common.
        operation: The operation.
        request: Its request.
        lane: The lane in which it waits for slots.
        deadline: Seconds that all of it may take; infinity is allowed.

    Yields:
        The steps for the driver.

    Returns:
        The generated model of the response; `None` where the operation has none.

    Raises:
        QualificationsError: The call failed; `applied` says what is known of its effect.
    """
    progress = _Progress(end=rules.clock() + deadline)
    while True:
        try:
            answer = yield from _attempt(rules, operation, request, lane, progress)
            result = _read(rules, operation, answer)
        except errors.QualificationsError as error:
            if not (yield from _prepare_retry(rules, operation, error, progress)):
                raise
        else:
            rules.quota.give_back(sum(progress.spent) or 1)
            return result


def _attempt(
    rules: Rules, operation: Operation[Any], request: Request, lane: Lane, progress: _Progress
) -> Generator[Step, Any, Answer]:
    remaining = progress.end - rules.clock()
    permit: Permit = yield Acquire(
        rules.limits[operation.name],
        lane,
        timeout=None if math.isinf(remaining) else max(0.0, remaining),
    )
    if permit.waited >= NOTICEABLE:
        _log.debug("%s waited %.3f s for a slot", operation.name, permit.waited)
        _emit(rules.on_wait, WaitEvent(operation.name, lane, permit.waited))
    progress.attempts += 1
    seconds = max(0.001, min(rules.timeout, progress.end - rules.clock()))
    answer: Answer = yield Send(request, permit, seconds)
    return answer


def _prepare_retry(
    rules: Rules, operation: Operation[Any], error: errors.QualificationsError, progress: _Progress
) -> Generator[Step, Any, bool]:
    """Wait where there is a next attempt; return whether there is."""
    error.operation = operation.name
    progress.note(error)
    asked = error.retry_after if isinstance(error, errors.ApiError) else None
    wait = asked or rules.policy.backoff_before(progress.attempts + 1, rules.random())
    again = _may_retry(rules, operation, error, progress, wait)
    if again:
        _announce_retry(rules, operation, error, progress.attempts, wait)
    if isinstance(error, errors.RateLimited):
        yield Pause(operation.name, min(wait, rules.policy.max_retry_after))
    elif again:
        yield Sleep(wait)
    return again


def _may_retry(
    rules: Rules,
    operation: Operation[Any],
    error: errors.QualificationsError,
    progress: _Progress,
    wait: float,
) -> bool:
    """Return whether there is a next attempt; where one is due but impossible, say why in error."""
    if isinstance(error, errors.RateLimited):
        due = progress.rate_limited < rules.policy.rate_limited_attempts
    else:
        others = progress.attempts - progress.rate_limited
        due = _may_repeat(operation, error, progress) and others < rules.policy.attempts
    if due and (obstacle := _obstacle(rules, error, progress, wait)):
        error.args = (f"{error}. It was not sent again: {obstacle}",)
        return False
    return due


def _obstacle(
    rules: Rules, error: errors.QualificationsError, progress: _Progress, wait: float
) -> str:
    remaining = progress.end - rules.clock()
    start = f"the next attempt may start in {wait:.3g} s, but"
    if wait >= remaining:
        return f"{start} the deadline is {max(0.0, remaining):.3g} s away"
    longest = rules.policy.max_retry_after
    if isinstance(error, errors.ApiError) and (error.retry_after or 0) > longest:
        return f"{start} RetryPolicy.max_retry_after is {longest:g} s"
    if isinstance(error, errors.RateLimited):
        return ""
    cost = RetryQuota.TIMEOUT if isinstance(error, errors.ExchangeFailed) else RetryQuota.RETRY
    if not rules.quota.take(cost):
        return "too many calls of this client fail at the moment (retry quota)"
    progress.spent.append(cost)
    return ""


def _may_repeat(
    operation: Operation[Any], error: errors.QualificationsError, progress: _Progress
) -> bool:
    if isinstance(error, errors.ConnectionFailed):
        return True
    if not operation.repeatable:
        return False
    if isinstance(error, errors.ApiError):
        again = error.status in REPEATABLE_STATUSES
        return again or (error.status == 500 and progress.server_errors == 1)  # noqa: PLR2004
    if isinstance(error, errors.UnexpectedResponse):
        return error.incomplete
    return isinstance(error, errors.ExchangeFailed)


def _announce_retry(
    rules: Rules,
    operation: Operation[Any],
    error: errors.QualificationsError,
    attempt: int,
    wait: float,
) -> None:
    _log.info("%s: attempt %d failed, next in %.3f s: %s", operation.name, attempt, wait, error)
    _emit(rules.on_retry, RetryEvent(operation.name, attempt, wait, str(error)))


def _emit(hook: Callable[[Any], None], event: object) -> None:
    try:
        hook(event)
    except Exception:  # noqa: BLE001  a hook is the caller's code, and may raise anything
        _log.exception("a hook failed; the call goes on")


def _read(rules: Rules, operation: Operation[Any], answer: Answer) -> Any:
    """Return the model of a success; raise the error of anything else."""
    if not 200 <= answer.status < 300:  # noqa: PLR2004  HTTP's success class
        raise _api_error(rules, operation, answer)
    if operation.model is None:
        return None
    request_id = answer.headers.get("x-request-id")
    problem, path = answer.broken and f"cannot be read: {answer.broken}", ""
    if not problem:
        try:
            if rules.check is not None:
                rules.check(operation, answer.body)
            return operation.model.from_dict(_reader.read(answer.body, operation.component))
        except _reader.UnreadableError as error:
            problem, path = str(error), error.path
    raise errors.UnexpectedResponse(
        rules.redact(
            f"{operation.name}: the server answered {answer.status}, so the call was applied, but "
            f"{path or 'the body'} {problem}"
        ),
        status=answer.status,
        path=path,
        request_id=request_id,
        incomplete=answer.incomplete,
    )


def _api_error(rules: Rules, operation: Operation[Any], answer: Answer) -> errors.ApiError:
    message, request_id = _error_body(answer)
    message = " ".join(rules.redact(message).split())[:BRIEF]
    request_id = rules.redact(request_id or answer.headers.get("x-request-id", "")) or None
    text = f"{operation.name}: the server answered {answer.status}: {message or 'no message'}"
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
