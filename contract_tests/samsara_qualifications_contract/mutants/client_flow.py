"""Faults of the client's flow: retries, waits, limits, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications import RateLimit, _wire, retry
from samsara_qualifications.budget.permit import Permit
from samsara_qualifications_contract.mutants.fault import Make, Table, edit, swap, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY = "what is sent again, and what is not"
WAIT = "Retry-After is kept"
LIMIT = "the budget keeps the limit"
PAGES = "all pages come in order"


def _waits(change: Callable[[float], float]) -> Make:
    def parsed(parse: Any, value: str | None, *, now: float) -> float | None:
        wait = parse(value, now=now)
        return None if wait is None else change(wait)

    return wrap("_answer:parse_retry_after", parsed)


def _seconds_only(value: str | None, *, now: float) -> float | None:
    return float(value) if value and value.replace(".", "").isdigit() else None


def _more_limits(offset: int) -> Make:
    def limits(original: Any, *arguments: Any, **options: Any) -> Any:
        return {
            name: {
                key: RateLimit(max(1, limit.requests + offset), limit.window_seconds)
                for key, limit in own.items()
            }
            for name, own in original(*arguments, **options).items()
        }

    return wrap("_config:_limits", limits)


def _statuses(*more: int) -> Make:
    return swap("_flow:REPEATABLE_STATUSES", retry.REPEATABLE_STATUSES | {*more})


FAULTS: Table = {
    ("retries", RETRY): {
        "a creation is sent again after an unknown outcome": swap(
            "_wire:CREATE", _wire.CREATE._replace(repeatable=True)
        ),
        "an update is not sent again": swap(
            "_wire:UPDATE", _wire.UPDATE._replace(repeatable=False)
        ),
        "a 400 is sent again": _statuses(400),
        "a 409 is sent again": _statuses(409),
        "a 501 is sent again": _statuses(501),
        "a 500 is sent again and again": _statuses(500),
        "a 503 is final": swap("_flow:REPEATABLE_STATUSES", retry.REPEATABLE_STATUSES - {503}),
        "a broken exchange is final": edit(
            "_flow:_may_repeat", "return isinstance(error, errors.ExchangeFailed)", "return False"
        ),
        "a failed connection is final": edit(
            "_flow:_may_repeat", "isinstance(error, errors.ConnectionFailed)", "False"
        ),
        "there is one attempt too many": edit("_flow:_may_retry", "others < ", "others <= "),
        "a 429 counts one attempt too many": edit(
            "_flow:_may_retry", "rate_limited < ", "rate_limited <= "
        ),
        "a write is sent again after a success that broke off": edit(
            "_flow:_may_repeat", "error.incomplete and call.operation.reads", "error.incomplete"
        ),
        "a read whose answer breaks off is final": edit(
            "_flow:_may_repeat", "error.incomplete and call.operation.reads", "False"
        ),
    },
    ("retries", "one deadline bounds all"): {
        "the deadline does not bound the wait": edit(
            "_flow:_obstacle", "wait + SHORTEST > remaining", "False"
        ),
    },
    ("retries", "redirects are refused"): {
        "a redirect is followed": edit(
            "_exchange:Exchanger.send",
            "self._transport.handle_request(made)",
            "self._client.send(made, stream=True, follow_redirects=True)",
        ),
        "a redirect counts as a success": edit("_answer:read", "< 300", "< 400"),
    },
    ("waits", WAIT): {
        "Retry-After is ignored": swap("_answer:parse_retry_after", lambda *_, **__: None),
        "a fraction of Retry-After is dropped": _waits(lambda wait: float(int(wait))),
        "a long Retry-After is cut to 20 s": _waits(lambda wait: min(wait, 20.0)),
        "a date in Retry-After is ignored": swap("_answer:parse_retry_after", _seconds_only),
        "the first of several Retry-After headers counts": edit(
            "retry:parse_retry_after", "max(0.0, *waits)", "waits[0]"
        ),
        "Retry-After is only half kept": _waits(lambda wait: wait / 2),
    },
    ("limits", LIMIT): {
        "one request too many is sent": _more_limits(1),
        "a permit is not given back after a failed connection": swap(
            "budget.permit:Permit.refund", Permit.settle
        ),
        "a slot comes free as soon as the answer is there": swap(
            "budget.permit:Permit.settle", Permit.refund
        ),
        "a caller's lower limit is ignored": edit("_config:_limits", "| dict(overrides)", ""),
        "one request too few is sent": _more_limits(-1),
    },
    ("pages", PAGES): {
        "only the first page is read": swap("_calls:Pages.after", lambda *_: None),
        "an empty page ends the list": edit(
            "_calls:Pages.after",
            "not page.pagination.has_next_page",
            "not page.pagination.has_next_page or not page.data",
        ),
        "a cursor that repeats ends the list": edit(
            "_calls:Pages.after", "raise self._endless(again, answer)", "return None"
        ),
        "cursors that go round are not noticed": edit(
            "_calls:Pages.after", "self._seen.add(cursor)", "self._seen = {cursor}"
        ),
        "the last page is asked for again": edit(
            "_calls:Pages.after", "not page.pagination.has_next_page", "False"
        ),
        "a next page without a cursor ends the list": edit(
            "_calls:Pages.after", "if not cursor or", "if not cursor:\n        return None\n    if"
        ),
        "a cursor may have any length": swap("_calls:MAX_CURSOR", 1 << 40),
    },
    ("pages", "every failure is of the package"): {
        "a cursor that no URL can carry raises": edit(
            "_calls:Pages.after", " or not _values.is_encodable(cursor)", ""
        ),
    },
}
