"""
The one call flow: acquire a slot, send, read the answer, perhaps wait and send again.

A flow is a generator of steps. It does no input or output: a driver performs each step, sends the
result in, and throws the errors of this package back in.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

from . import _answer, errors
from ._rules import AnswerEvent, RetryEvent, WaitEvent
from ._text import LONG, printable
from .retry import OUTAGE_STATUSES, REPEATABLE_STATUSES, RetryQuota

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ._calls import Call
    from ._exchange import Answer
    from ._rules import Rules
    from ._wire import Request
    from .budget import Lane, Permit, RateLimit

NOTICEABLE: Final = 0.001
"""Shorter waits for a slot are not reported (seconds)."""

SHORTEST: Final = 0.01
"""Seconds in which an exchange can come to an end, at least."""

ALONE: Final = 3
"""How often a call fails as in an outage, while others are answered, before it gives up."""

PATIENCE: Final = 30.0
"""Seconds that a slot is held while others are under way; then it goes back to the budget."""

_T = TypeVar("_T")

_log = logging.getLogger("samsara_qualifications")


class Acquire(NamedTuple):
    """Wait for a slot of the budget; the result is the permit."""

    limits: Mapping[str, RateLimit]
    lane: Lane
    timeout: float | None


class Send(NamedTuple):
    """
    Send the request on a permit, as soon as few exchanges are under way; the result is the answer.

    Attributes:
        request: The request.
        permit: The right to send it; it is given back if nothing was sent, else settled.
        lane: The lane in which it waits for others to end.
        patience: Seconds that it waits for them at most; the result is `None` where that is over.
        timeout: Seconds that the exchange may take.
        end: When the call has to be over, on the rules' clock.
        bears: Whether it rather waits than goes out in an outage; the result is `None` then, too.
        again: Whether it has waited for the others before, and so goes first.
    """

    request: Request
    permit: Permit
    lane: Lane
    patience: float
    timeout: float
    end: float
    bears: bool = False
    again: bool = False


class Pause(NamedTuple):
    """Tell the budget that the server asked all to wait."""

    key: str
    seconds: float


class Sleep(NamedTuple):
    """Wait."""

    seconds: float


Step: TypeAlias = Acquire | Send | Pause | Sleep


@dataclass(slots=True)
class _Progress:
    """Where a call stands: what has been sent, and what may have been applied."""

    end: float
    attempts: int = 0
    rate_limited: int = 0
    server_errors: int = 0
    applied: bool | None = False
    last: str = ""
    obstacle: str = ""
    tries: bool = False
    failure: errors.QualificationsError | None = None
    failed_since: float = 0.0
    failed_at: float = 0.0
    alone: int = 0
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


def run(rules: Rules, call: Call[_T], *, lane: Lane, deadline: float) -> Generator[Step, Any, _T]:
    """
    Carry out one call.

    Args:
        rules: What all calls of the client have in common.
        call: The request, and what becomes of its answer.
        lane: The lane in which it waits for slots.
        deadline: Seconds that all of it may take; infinity is allowed.

    Yields:
        The steps for the driver.

    Returns:
        The call's result.

    Raises:
        QualificationsError: The call failed; `applied` says what is known of its effect.
    """
    progress = _Progress(end=rules.clock() + deadline)
    while True:
        try:
            answer = yield from _attempt(rules, call, lane, progress)
            result = _answer.read(call, answer, rules)
        except errors.QualificationsError as error:
            again = yield from _prepare_retry(rules, call, error, progress)
            if not (again or _bears(rules, call, lane, error, progress)):
                error.args = (f"{error}{progress.obstacle}",)
                raise
        else:
            rules.quota.give_back(sum(progress.spent) or 1)
            return result


def _attempt(
    rules: Rules, call: Call[Any], lane: Lane, progress: _Progress
) -> Generator[Step, Any, Answer]:
    name = call.operation.name
    again = False
    while True:
        if rules.policy._patience(lane):
            yield from _wait_for_the_server(rules, progress)
        left = progress.end - rules.clock()
        timeout = None if math.isinf(left) else max(0.0, left)
        permit: Permit = yield Acquire(rules.limits[name], lane, timeout)
        if permit.waited >= NOTICEABLE:
            _log.debug("%s waited %.3f s for a slot", call.subject, permit.waited)
            event = WaitEvent(name, call.record_id, progress.attempts + 1, lane, permit.waited)
            _emit(rules.on_wait, event)
        progress.attempts += 1
        began = rules.clock() if rules.on_answer else 0.0
        answer: Answer | None = yield Send(
            call.request,
            permit,
            lane,
            min(PATIENCE, progress.end - rules.clock()),
            rules.timeout,
            progress.end,
            bears=bool(rules.policy._patience(lane)) and not progress.tries,
            again=again,
        )
        if answer is not None:
            if rules.on_answer:
                _announce_answer(rules, call, answer, progress.attempts, rules.clock() - began)
            if answer.status not in OUTAGE_STATUSES:
                rules.outage.over(rules.clock())
            return answer
        progress.attempts -= 1
        again = True
        if rules.clock() >= progress.end:
            raise errors.BudgetTimeout(
                "as many exchanges of this client as may be were under way until the deadline; "
                "allow more time, or a larger max_in_flight",
                waited=left,
                retry_after=0.0,
            )


def _wait_for_the_server(rules: Rules, progress: _Progress) -> Generator[Step, Any, None]:
    """Wait while there is an outage, until it is over or this call's turn to try the server."""
    progress.tries = False
    while wait := rules.outage.turn(rules.clock()):
        left = progress.end - rules.clock()
        if left < SHORTEST:
            raise progress.failure or errors.BudgetTimeout(
                "the server did not answer other calls until the deadline; nothing was sent",
                waited=0.0,
                retry_after=wait,
            )
        yield Sleep(min(wait, left))
    progress.tries = rules.outage.on


def _bears(
    rules: Rules,
    call: Call[Any],
    lane: Lane,
    error: errors.QualificationsError,
    progress: _Progress,
) -> bool:
    """Return whether a call that failed goes on, as it bears the outage that it failed of."""
    asked = _asked(error)
    if not _is_outage(error, rules) or asked > rules.policy.max_retry_after:
        return False
    now = rules.clock()
    wait = rules.outage.note(now, ask=asked, tried=progress.tries)
    if progress.failure is None:
        progress.failed_since = now
    elif rules.outage.answered > progress.failed_at:
        progress.alone += 1  # others are answered: it is this call that fails
    progress.failure, progress.failed_at = error, now
    bears = (
        _may_repeat(call, error, progress)
        and now + SHORTEST < progress.end
        and now - progress.failed_since < rules.policy._patience(lane)
        and progress.alone < ALONE
    )
    if bears:
        _announce_retry(rules, call, error, progress.attempts, wait)
    return bears


def _is_outage(error: errors.QualificationsError, rules: Rules) -> bool:
    if isinstance(error, errors.ApiError):
        return error.status in OUTAGE_STATUSES
    if isinstance(error, errors.ConnectionFailed):  # a name that was never known is a wrong one
        return not (error.lasting or (error.unknown_host and math.isinf(rules.outage.answered)))
    return isinstance(error, errors.ExchangeFailed)


def _prepare_retry(
    rules: Rules, call: Call[Any], error: errors.QualificationsError, progress: _Progress
) -> Generator[Step, Any, bool]:
    """Wait where there is a next attempt; return whether there is."""
    identify(rules, call, error)
    progress.note(error)
    wait = _asked(error) or rules.policy._backoff_before(progress.attempts + 1, rules.random())
    again = _may_retry(rules, call, error, progress, wait)
    if again:
        _announce_retry(rules, call, error, progress.attempts, wait)
    if isinstance(error, errors.RateLimited):
        yield Pause(call.operation.name, min(wait, rules.policy.max_retry_after))
    elif again:
        yield Sleep(wait)
    return again


def identify(rules: Rules, call: Call[Any], error: errors.QualificationsError) -> None:
    """Let an error say what it is about, in texts that are fit to print and hold no token."""
    for name, value in list(vars(error).items()):
        if isinstance(value, str):
            text = rules.redact(value)
            setattr(error, name, text if name == "body" else printable(text))
    error.operation = call.operation.name
    if call.operation.name == "update" and call.request.content:
        error.sent = json.loads(rules.redact(call.request.content.decode()))
    error.record_id = printable(rules.redact(call.record_id)) or None
    message = rules.redact(f"{call.subject}: {error}")
    error.args = (printable(message, LONG),)


def _may_retry(
    rules: Rules,
    call: Call[Any],
    error: errors.QualificationsError,
    progress: _Progress,
    wait: float,
) -> bool:
    """Return whether there is a next attempt; where one is due but impossible, note why."""
    if isinstance(error, errors.RateLimited):
        due = progress.rate_limited < rules.policy.rate_limited_attempts
    else:
        others = progress.attempts - progress.rate_limited
        due = _may_repeat(call, error, progress) and others < rules.policy.attempts
    obstacle = _obstacle(rules, error, progress, wait) if due else ""
    progress.obstacle = f". It was not sent again: {obstacle}" if obstacle else ""
    return due and not obstacle


def _obstacle(
    rules: Rules, error: errors.QualificationsError, progress: _Progress, wait: float
) -> str:
    remaining = progress.end - rules.clock()
    start = f"the next attempt may start in {wait:.3g} s, but"
    if wait + SHORTEST > remaining:
        return f"{start} the deadline is {max(0.0, remaining):.3g} s away"
    longest = rules.policy.max_retry_after
    if _asked(error) > longest:
        return f"{start} RetryPolicy.max_retry_after is {longest:g} s"
    if isinstance(error, errors.RateLimited):
        return ""
    cost = RetryQuota.TIMEOUT if isinstance(error, errors.ExchangeFailed) else RetryQuota.RETRY
    if not rules.quota.take(cost):
        return "too many calls of this client fail at the moment (retry quota)"
    progress.spent.append(cost)
    return ""


def _asked(error: errors.QualificationsError) -> float:
    """Return the seconds that the server asked to wait; 0 where it did not ask."""
    return (error.retry_after or 0.0) if isinstance(error, errors.ApiError) else 0.0


def _may_repeat(call: Call[Any], error: errors.QualificationsError, progress: _Progress) -> bool:
    if isinstance(error, errors.ConnectionFailed):
        return True
    if not call.operation.repeatable:
        return False
    if isinstance(error, errors.ApiError):
        again = error.status in REPEATABLE_STATUSES
        return again or (error.status == 500 and progress.server_errors == 1)  # noqa: PLR2004
    if isinstance(error, errors.UnexpectedResponse):  # a write that has succeeded stays as it is
        return error.incomplete and call.operation.reads
    return isinstance(error, errors.ExchangeFailed)


def _announce_answer(
    rules: Rules, call: Call[Any], answer: Answer, attempt: int, seconds: float
) -> None:
    headers = {name.lower(): rules.redact(text) for name, text in answer.headers.items()}
    body = answer.body.decode("utf-8", "surrogateescape")
    request_id = printable(rules.redact(answer.request_id or ""), 100) or None
    event = AnswerEvent(
        operation=call.operation.name,
        record_id=call.record_id,
        attempt=attempt,
        status=answer.status,
        headers=headers,
        body=rules.redact(body).encode("utf-8", "surrogateescape"),
        request_id=request_id,
        seconds=seconds,
    )
    text = "%s: attempt %d, answered %d in %.3f s (request id %s)"
    _log.debug(text, call.subject, attempt, answer.status, seconds, request_id)
    _emit(rules.on_answer, event)


def _announce_retry(
    rules: Rules,
    call: Call[Any],
    error: errors.QualificationsError,
    attempt: int,
    wait: float,
) -> None:
    _log.info("attempt %d failed, next in %.3f s: %s", attempt, wait, error)
    event = RetryEvent(call.operation.name, call.record_id, attempt, wait, str(error))
    _emit(rules.on_retry, event)


def _emit(hook: Callable[[Any], None] | None, event: object) -> None:
    try:
        if hook:
            hook(event)
    except Exception:  # noqa: BLE001  a hook is the caller's code, and may raise anything
        _log.exception("a hook failed; the call goes on")
