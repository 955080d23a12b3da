"""Faults of the client's flow: retries, waits, limits, pages."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications import RateLimit, _config, _wire, retry
from samsara_qualifications.budget.permit import Permit
from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY = "what is sent again, and what is not"
WAIT = "Retry-After is kept"
LIMIT = "the budget keeps the limit"
PAGES = "all pages come in order"

parse = retry.parse_retry_after


def _waits(change: Callable[[float], float]) -> Callable[[], None]:
    def parsed(value: str | None, *, now: float) -> float | None:
        wait = parse(value, now=now)
        return None if wait is None else change(wait)

    return swap("_answer:parse_retry_after", parsed)


def _seconds_only(value: str | None, *, now: float) -> float | None:
    return float(value) if value and value.replace(".", "").isdigit() else None


def _more_limits(offset: int) -> Callable[[], None]:
    original = _config._limits

    def limits(*arguments: Any, **options: Any) -> Any:
        found = original(*arguments, **options)
        return {
            name: {
                key: RateLimit(max(1, limit.requests + offset), limit.window_seconds)
                for key, limit in own.items()
            }
            for name, own in found.items()
        }

    return swap("_config:_limits", limits)


def _statuses(*more: int) -> Callable[[], None]:
    return swap("_flow:REPEATABLE_STATUSES", retry.REPEATABLE_STATUSES | {*more})


FAULTS = [
    Fault(
        "retries",
        "a creation is sent again after an unknown outcome",
        RETRY,
        swap("_wire:CREATE", _wire.CREATE._replace(repeatable=True)),
    ),
    Fault(
        "retries",
        "an update is not sent again",
        RETRY,
        swap("_wire:UPDATE", _wire.UPDATE._replace(repeatable=False)),
    ),
    Fault("retries", "a 400 is sent again", RETRY, _statuses(400)),
    Fault("retries", "a 409 is sent again", RETRY, _statuses(409)),
    Fault("retries", "a 501 is sent again", RETRY, _statuses(501)),
    Fault("retries", "a 500 is sent again and again", RETRY, _statuses(500)),
    Fault(
        "retries",
        "a 503 is final",
        RETRY,
        swap("_flow:REPEATABLE_STATUSES", retry.REPEATABLE_STATUSES - {503}),
    ),
    Fault(
        "retries",
        "a broken exchange is final",
        RETRY,
        edit(
            "_flow:_may_repeat", "return isinstance(error, errors.ExchangeFailed)", "return False"
        ),
    ),
    Fault(
        "retries",
        "a failed connection is final",
        RETRY,
        edit("_flow:_may_repeat", "isinstance(error, errors.ConnectionFailed)", "False"),
    ),
    Fault(
        "retries",
        "there is one attempt too many",
        RETRY,
        edit("_flow:_may_retry", "others < ", "others <= "),
    ),
    Fault(
        "retries",
        "a 429 counts one attempt too many",
        RETRY,
        edit("_flow:_may_retry", "rate_limited < ", "rate_limited <= "),
    ),
    Fault(
        "retries",
        "the deadline does not bound the wait",
        "one deadline bounds all",
        edit("_flow:_obstacle", "wait + SHORTEST > remaining", "False"),
    ),
    Fault(
        "retries",
        "a redirect is followed",
        "redirects are refused",
        edit(
            "_exchange:Exchanger.send",
            "self._transport.handle_request(made)",
            "self._client.send(made, stream=True, follow_redirects=True)",
        ),
    ),
    Fault(
        "retries",
        "a redirect counts as a success",
        "redirects are refused",
        edit("_answer:read", "< 300", "< 400"),
    ),
    Fault(
        "retries",
        "a write is sent again after a success that broke off",
        RETRY,
        edit("_flow:_may_repeat", "error.incomplete and call.operation.reads", "error.incomplete"),
    ),
    Fault(
        "retries",
        "a read whose answer breaks off is final",
        RETRY,
        edit("_flow:_may_repeat", "error.incomplete and call.operation.reads", "False"),
    ),
    Fault(
        "waits",
        "Retry-After is ignored",
        WAIT,
        swap("_answer:parse_retry_after", lambda *_, **__: None),
    ),
    Fault(
        "waits", "a fraction of Retry-After is dropped", WAIT, _waits(lambda wait: float(int(wait)))
    ),
    Fault("waits", "a long Retry-After is cut to 20 s", WAIT, _waits(lambda wait: min(wait, 20.0))),
    Fault(
        "waits",
        "a date in Retry-After is ignored",
        WAIT,
        swap("_answer:parse_retry_after", _seconds_only),
    ),
    Fault(
        "waits",
        "the first of several Retry-After headers counts",
        WAIT,
        edit("retry:parse_retry_after", "max(0.0, *waits)", "waits[0]"),
    ),
    Fault("waits", "Retry-After is only half kept", WAIT, _waits(lambda wait: wait / 2)),
    Fault("limits", "one request too many is sent", LIMIT, _more_limits(1)),
    Fault("limits", "one request too few is sent", "limits come from the spec", _more_limits(-1)),
    Fault(
        "limits",
        "a permit is not given back after a failed connection",
        LIMIT,
        swap("budget.permit:Permit.refund", Permit.settle),
    ),
    Fault(
        "limits",
        "a slot comes free as soon as the answer is there",
        LIMIT,
        swap("budget.permit:Permit.settle", Permit.refund),
    ),
    Fault(
        "limits",
        "a caller's lower limit is ignored",
        LIMIT,
        edit("_config:_limits", "| dict(overrides)", ""),
    ),
    Fault(
        "pages",
        "only the first page is read",
        PAGES,
        swap("_calls:Pages.after", lambda *_: None),
    ),
    Fault(
        "pages",
        "an empty page ends the list",
        PAGES,
        edit(
            "_calls:Pages.after",
            "not page.pagination.has_next_page",
            "not page.pagination.has_next_page or not page.data",
        ),
    ),
    Fault(
        "pages",
        "a cursor that repeats ends the list",
        PAGES,
        edit("_calls:Pages.after", "raise self._endless(again, answer)", "return None"),
    ),
    Fault(
        "pages",
        "cursors that go round are not noticed",
        PAGES,
        edit("_calls:Pages.after", "self._seen.add(cursor)", "self._seen = {cursor}"),
    ),
    Fault(
        "pages",
        "the last page is asked for again",
        PAGES,
        edit("_calls:Pages.after", "not page.pagination.has_next_page", "False"),
    ),
    Fault(
        "pages",
        "a next page without a cursor ends the list",
        PAGES,
        edit(
            "_calls:Pages.after",
            "if not cursor or",
            "if not cursor:\n        return None\n    if",
        ),
    ),
    Fault(
        "pages",
        "a cursor that no URL can carry raises",
        "every failure is of the package",
        edit("_calls:Pages.after", " or not _values.is_encodable(cursor)", ""),
    ),
    Fault(
        "pages",
        "a cursor may have any length",
        PAGES,
        swap("_calls:MAX_CURSOR", 1 << 40),
    ),
]
