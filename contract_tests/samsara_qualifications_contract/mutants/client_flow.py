"""Faults of the client's flow: retries, waits, outages, limits, pages, confirmations, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications import RateLimit, _wire, retry
from samsara_qualifications.budget.permit import Permit
from samsara_qualifications_contract.mutants.fault import Make, Table, edit, swap, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


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
    ("retries", "what is sent again, and what is not"): {
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
    ("waits", "Retry-After is kept"): {
        "Retry-After is ignored": swap("_answer:parse_retry_after", lambda *_, **__: None),
        "a fraction of Retry-After is dropped": _waits(lambda wait: float(int(wait))),
        "a long Retry-After is cut to 20 s": _waits(lambda wait: min(wait, 20.0)),
        "a date in Retry-After is ignored": swap("_answer:parse_retry_after", _seconds_only),
        "the first of several Retry-After headers counts": edit(
            "retry:parse_retry_after", "max(0.0, *waits)", "waits[0]"
        ),
        "Retry-After is only half kept": _waits(lambda wait: wait / 2),
    },
    ("limits", "the budget keeps the limit"): {
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
    ("pages", "all pages come in order"): {
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
            "_calls:Pages.after",
            "if not _is_cursor",
            "if not cursor:\n        return None\n    if not _is_cursor",
        ),
        "a cursor may have any length": swap("_calls:MAX_CURSOR", 1 << 40),
    },
    ("pages", "every failure is of the package"): {
        "a cursor that no URL can carry raises": edit(
            "_calls:_is_cursor", " and _values.is_encodable(text)", ""
        ),
    },
    ("outages", "bulk calls bear an outage"): {
        "no call bears an outage": swap("retry:BULK_OUTAGE", 0.0),
        "a failed connection is no outage": edit(
            "_flow:_is_outage", "return not (error.lasting", "return False and (error.lasting"
        ),
        "an outage is borne without end": edit(
            "_flow:_bears", "now - progress.failed_since < rules.policy._patience(lane)", "True"
        ),
    },
    ("outages", "a failure that does not pass is told at once"): {
        "an interactive call bears an outage": edit(
            "retry:RetryPolicy._patience", 'BULK_OUTAGE if lane == "bulk" else 0.0', "BULK_OUTAGE"
        ),
        "a host that nobody knows is waited for": edit(
            "_flow:_is_outage", "error.unknown_host and math.isinf(rules.outage.answered)", "False"
        ),
        "a proxy that refuses is waited for": edit("_flow:_is_outage", "error.lasting or ", ""),
    },
    ("outages", "a server that is down is spared"): {
        "a creation is sent again in an outage": edit(
            "_flow:_bears", "_may_repeat(call, error, progress)", "True"
        ),
        "the server's wish is not heard in an outage": edit(
            "_outage:Outage.note", "max(self._pause, ask)", "self._pause"
        ),
        "all calls try the server at once": edit(
            "_outage:Outage.turn", "if now < self._next:", "if False:"
        ),
    },
    ("confirm", "confirm says whether an update is there"): {
        "every update is confirmed": swap("_calls:is_applied", lambda *_: True),
        "the first thing that is there decides": edit(
            "_confirm:_all",
            "False if False in found else True if True in found else None",
            "True if True in found else False if False in found else None",
        ),
        "a date that was cleared is not found": edit(
            "_confirm:_same_expiration",
            "EPOCH.isoformat() if shown is None else shown",
            '"2001-01-01T00:00:00+00:00" if shown is None else shown',
        ),
        "external ids are not read": edit(
            "_calls:confirm", '"externalIds" in sent or UNSET', "UNSET"
        ),
        "a creation is confirmed": edit(
            "_calls:confirm",
            "not isinstance(error, QualificationsError) or error.sent is None",
            "False",
        ),
    },
    ("labels", "fields by their labels"): {
        "a label of two fields names the first": edit("labels:find", "len(found) > 1", "False"),
        "a field may be named twice": edit("labels:_inputs", "other is not name", "False"),
        "numbers may have any decimal places": edit(
            "labels:_within_places", "places > allowed", "False"
        ),
        "a calendar day reads as a moment": edit(
            "labels:_moment", "if offset else day", "if offset else shown.value"
        ),
        "a check box reads as its id": edit(
            "labels:_shown",
            "_READERS[kind](held)",
            'getattr(held, "value_ids", _READERS[kind](held))',
        ),
    },
}
