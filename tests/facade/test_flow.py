"""The call flow, fed by hand: no clock, no socket, no event loop."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from samsara_qualifications import (
    CLEAR,
    UNSET,
    ApiError,
    BadRequest,
    BudgetTimeout,
    BudgetUnavailable,
    ConfigurationError,
    ConnectionFailed,
    ExchangeFailed,
    NotFound,
    Owner,
    QualificationsError,
    RateLimit,
    RateLimited,
    RequestTimedOut,
    RetryEvent,
    RetryPolicy,
    ServerError,
    UnexpectedResponse,
    WaitEvent,
    _calls,
    _flow,
    _wire,
)
from samsara_qualifications._exchange import Answer
from samsara_qualifications._flow import Acquire, Pause, Send, Sleep
from samsara_qualifications._outage import Outage
from samsara_qualifications._rules import Rules
from samsara_qualifications.retry import RetryQuota

LIMITS = {"update": RateLimit(100, 60)}
UNKNOWN = "whether it was applied is unknown"
TOKEN = "secret-token"
EXAMPLES = _wire.spec()["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
RECORD: bytes = json.dumps(EXAMPLES["application/json"]["examples"]["seed"]["value"]).encode()
OK = Answer(200, {}, RECORD)
ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
NOTHING = dict.fromkeys(["issue_date", "owner", "fields", "external_ids"], UNSET)
CALLS = {
    "update": _calls.update(ID, expiration_date=CLEAR, **NOTHING),
    "create": _calls.create(
        ID,
        **{**NOTHING, "owner": Owner.worker("281474"), "issue_date": date(2026, 1, 1)},
        expiration_date=UNSET,
    ),
    "delete": _calls.delete("1"),
    "get": _calls.get(ID, include_external_ids=UNSET),
}
SUBJECT = f"update {ID}"


class Permit:
    """What the budget hands out."""

    waited = 0.0


class Flow:
    """A call whose steps a test performs; time passes only where a step says so."""

    def __init__(
        self,
        operation: Any = _wire.UPDATE,
        *,
        deadline: float = 60.0,
        lane: Any = "interactive",
        **changes: Any,
    ) -> None:
        self.now = 1000.0
        self.events: list[Any] = []
        self.quota = RetryQuota()
        self.rules = replace(
            Rules(
                policy=RetryPolicy(),
                quota=self.quota,
                outage=Outage(20.0, 30.0),
                limits=dict.fromkeys([item.name for item in _wire.ALL], LIMITS),
                timeout=30.0,
                clock=lambda: self.now,
                wall_clock=lambda: 1_767_225_600.0,
                random=lambda: 1.0,
                redact=lambda text: text.replace(TOKEN, "[token]"),
                on_retry=self.events.append,
                on_wait=self.events.append,
            ),
            **changes,
        )
        self.call = CALLS[operation.name]
        self._steps = _flow.run(self.rules, self.call, lane=lane, deadline=deadline)
        self.step: Any = next(self._steps)
        self.result: Any = None

    def feed(self, *outcomes: Any) -> Any:
        """Give the results of the next steps; an exception is raised where the step waits."""
        for outcome in outcomes:
            try:
                if isinstance(outcome, BaseException):
                    self.step = self._steps.throw(outcome)
                else:
                    self.step = self._steps.send(outcome)
            except StopIteration as stop:
                self.result = stop.value
                self.step = None
        return self.step

    def attempt(self, outcome: Any) -> Any:
        """Give a permit, then the outcome of sending; return the step after that."""
        assert isinstance(self.step, Acquire)
        return self.feed(Permit(), outcome)

    def fail(self, outcome: Any) -> Any:
        """Give a permit and the outcome that ends the call; return the error."""
        with pytest.raises(QualificationsError) as caught:
            self.attempt(outcome)
        return caught.value


def error(status: int, *, headers: dict[str, str] | None = None, body: bytes = b"{}") -> Answer:
    """An answer with an error status."""
    return Answer(status, headers or {}, body)


def test_a_call_acquires_sends_and_reads() -> None:
    """The straight way: one slot, one request, one record."""
    flow = Flow(lane="bulk")
    assert Acquire(LIMITS, "bulk", 60.0) == flow.step
    permit = Permit()
    expected = Send(flow.call.request, permit, "bulk", 30.0, 30.0, 1060.0, bears=True)
    assert expected == flow.feed(permit)
    flow.feed(OK)
    assert "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7" == flow.result.id


def test_an_endless_deadline_waits_as_long_as_it_takes() -> None:
    """The bulk lane's default."""
    flow = Flow(deadline=math.inf)
    assert flow.step.timeout is None
    assert (30.0, math.inf) == (flow.feed(Permit()).timeout, flow.step.end)


def test_the_deadline_bounds_the_exchange() -> None:
    """What is left after the wait for a slot bounds the wait for other exchanges, too."""
    flow = Flow(deadline=10)
    flow.now += 7
    assert (3.0, 1010.0) == (flow.feed(Permit()).patience, flow.step.end)


def test_a_call_that_finds_no_exchange_free_gives_its_slot_back_and_queues_again() -> None:
    """It was not sent, so that it is no attempt; its deadline goes on."""
    flow = Flow(policy=RetryPolicy(attempts=1))
    flow.feed(Permit())
    flow.now += 30
    assert Acquire(LIMITS, "interactive", 30.0) == flow.feed(None)
    flow.attempt(OK)
    assert flow.result.id


def test_a_call_that_finds_no_exchange_free_ends_with_its_deadline() -> None:
    """Nothing was sent, and the message says what to change."""
    flow = Flow(deadline=10)
    flow.feed(Permit())
    flow.now += 10
    with pytest.raises(BudgetTimeout, match="or a larger max_in_flight") as caught:
        flow.feed(None)
    assert caught.value.applied is False


def test_an_operation_without_a_body_returns_nothing() -> None:
    """Whatever the server sends along."""
    flow = Flow(_wire.DELETE)
    flow.attempt(Answer(200, {}, b"<html>", broken="cut", incomplete=True))
    assert (None, None) == (flow.step, flow.result)


@pytest.mark.parametrize(
    "outcome",
    [
        ConnectionFailed("no"),
        ExchangeFailed("no"),
        error(408),
        error(500),
        error(502),
        error(503),
        error(504),
    ],
    ids=["connect", "exchange", "408", "500", "502", "503", "504"],
)
def test_an_update_is_sent_again_on_a_new_slot(outcome: Any) -> None:
    """After a failure that may pass, and after the backoff."""
    flow = Flow()
    assert Sleep(0.5) == flow.attempt(outcome)
    flow.now += 0.5
    assert Acquire(LIMITS, "interactive", 59.5) == flow.feed(None)
    flow.attempt(OK)
    assert flow.result.id


@pytest.mark.parametrize(
    "outcome",
    [error(408), error(500), error(502), error(503), error(504), ExchangeFailed("no")],
    ids=["408", "500", "502", "503", "504", "exchange"],
)
def test_a_creation_is_never_sent_again_after_an_unknown_outcome(outcome: Any) -> None:
    """A second one would make a second record."""
    assert Flow(_wire.CREATE).fail(outcome).applied is None


@pytest.mark.parametrize("outcome", [ConnectionFailed("no"), error(429)], ids=["connect", "429"])
def test_a_creation_is_sent_again_where_nothing_was_applied(outcome: Any) -> None:
    """A refused connection and a 429 are safe."""
    flow = Flow(_wire.CREATE)
    assert isinstance(flow.attempt(outcome), Sleep | Pause)
    assert isinstance(flow.feed(None), Acquire)


@pytest.mark.parametrize(
    "status", [300, 302, 307, 400, 401, 403, 404, 405, 409, 413, 422, 501, 505, 520, 600]
)
def test_all_other_statuses_are_final(status: int) -> None:
    """They would not change, or nobody can tell."""
    assert status == Flow().fail(error(status)).status


@pytest.mark.parametrize(
    "outcome",
    [
        BudgetTimeout("no", waited=1, retry_after=2),
        BudgetUnavailable("no"),
        ConfigurationError("no"),
    ],
    ids=["timeout", "unavailable", "closed"],
)
def test_a_failure_before_the_sending_is_final(outcome: QualificationsError) -> None:
    """Nothing was sent, and it would not help to ask again."""
    flow = Flow()
    with pytest.raises(type(outcome)) as caught:
        flow.feed(outcome)
    assert (False, "update") == (caught.value.applied, caught.value.operation)


def test_a_500_is_repeated_once() -> None:
    """A bug on the server would come again."""
    flow = Flow()
    assert isinstance(flow.attempt(error(500)), Sleep)
    flow.feed(None)
    assert (None, 500) == ((failure := flow.fail(error(500))).applied, failure.status)


def test_the_attempts_of_the_policy_are_kept() -> None:
    """Three attempts are three requests."""
    flow = Flow(policy=RetryPolicy(attempts=3))
    for _ in range(2):
        assert isinstance(flow.attempt(error(503)), Sleep)
        flow.feed(None)
    assert 503 == flow.fail(error(503)).status


def test_the_backoff_doubles_up_to_its_bound_with_jitter() -> None:
    """Full jitter: the random number scales the whole wait."""
    flow = Flow(policy=RetryPolicy(backoff=1, max_backoff=3), random=lambda: 0.5)
    waits = []
    for _ in range(4):
        waits.append(flow.attempt(error(503)).seconds)
        flow.feed(None)
    assert [0.5, 1.0, 1.5, 1.5] == waits


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_as_it_is(status: int) -> None:
    """A fraction of a second, to the last digit."""
    step = Flow().attempt(error(status, headers={"retry-after": "0.40235"}))
    assert (0.40235, "update") == (step.seconds, getattr(step, "key", "update"))
    assert (Pause if status == 429 else Sleep) is type(step)


def test_a_429_pauses_the_budget_and_needs_no_sleep_of_its_own() -> None:
    """The next slot comes when the pause is over."""
    flow = Flow()
    assert Pause("update", 7.0) == flow.attempt(error(429, headers={"retry-after": "7"}))
    assert isinstance(flow.feed(None), Acquire)


@pytest.mark.parametrize("header", ["0", "-3", "nan", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_retry_after_without_a_wait_falls_back_to_the_backoff(header: str) -> None:
    """No hot loop: who asks for no wait gets the usual one."""
    assert Pause("update", 0.5) == Flow().attempt(error(429, headers={"retry-after": header}))


@pytest.mark.parametrize("header", ["120", "86400", "1e400", "inf", "9" * 5000])
def test_a_retry_after_beyond_the_deadline_fails_at_once_and_says_so(header: str) -> None:
    """Nobody sleeps blindly, and nothing is clipped; other callers are held back all the same."""
    flow = Flow()
    step = flow.attempt(error(429, headers={"retry-after": header}))
    assert Pause("update", min(float(header), 300.0)) == step
    with pytest.raises(
        RateLimited, match=r"sent again: .* but the deadline is 60 s away"
    ) as caught:
        flow.feed(None)
    assert (False, float(header)) == (caught.value.applied, caught.value.retry_after)


def test_a_retry_after_beyond_the_policy_fails_at_once_and_says_so() -> None:
    """Even where the deadline would allow it."""
    flow = Flow(deadline=math.inf)
    failure = flow.fail(error(503, headers={"retry-after": "301"}))
    assert "may start in 301 s, but RetryPolicy.max_retry_after is 300 s" in str(failure)


def test_a_patience_of_zero_does_not_forbid_the_backoff() -> None:
    """`max_retry_after` is about what the server asks for, and nothing else."""
    flow = Flow(policy=RetryPolicy(max_retry_after=0))
    assert Sleep(0.5) == flow.attempt(error(503))
    flow.feed(None)
    assert "max_retry_after is 0 s" in str(flow.fail(error(503, headers={"retry-after": "1"})))


def test_the_deadline_bounds_the_retries() -> None:
    """There is no attempt after it, and no sleep up to it."""
    flow = Flow(deadline=1)
    flow.now += 0.6
    assert "the deadline is 0.4 s away" in str(flow.fail(error(503)))


def test_429s_have_a_count_of_their_own() -> None:
    """They use up none of the other attempts, and end some time, too."""
    flow = Flow(policy=RetryPolicy(attempts=2, rate_limited_attempts=3, backoff=0))
    for outcome in [error(429), error(503), error(429)]:
        assert isinstance(flow.attempt(outcome), Sleep | Pause)
        flow.feed(None)
    assert isinstance(flow.attempt(error(429)), Pause)
    with pytest.raises(RateLimited) as caught:
        flow.feed(None)
    assert caught.value.applied is None


CUT = Answer(200, {}, b"{", broken="cut", incomplete=True)


@pytest.mark.parametrize(
    ("first", "last", "applied"),
    [
        (ExchangeFailed("no"), error(400), None),
        (error(503), error(404), None),
        (error(408), ConfigurationError("closed"), None),
        (ConnectionFailed("no"), error(404), False),
        (error(429), error(400), False),
        (ConnectionFailed("no"), error(520), None),
        (ConnectionFailed("no"), Answer(200, {}, b"?"), True),
    ],
)
def test_applied_speaks_for_all_attempts(first: Any, last: Any, applied: Any) -> None:
    """A refusal at last does not undo what an earlier attempt may have done."""
    flow = Flow(policy=RetryPolicy(backoff=0))
    flow.attempt(first)
    flow.feed(None)
    assert applied is flow.fail(last).applied


@pytest.mark.parametrize(
    "last",
    [BudgetTimeout("no slot", waited=1, retry_after=2), BudgetUnavailable("no store")],
    ids=["timeout", "unavailable"],
)
def test_a_budget_that_fails_a_retry_leaves_the_outcome_unknown(last: QualificationsError) -> None:
    """The first attempt may have been applied; the error tells of it in a note."""
    flow = Flow()
    flow.attempt(ExchangeFailed("the exchange broke off"))
    flow.feed(None)
    with pytest.raises(type(last)) as caught:
        flow.feed(last)
    assert caught.value.applied is None
    assert [
        f"The attempt before it failed: {SUBJECT}: the exchange broke off"
    ] == caught.value.__notes__


def test_the_quota_ends_the_retries_of_an_outage() -> None:
    """500 tokens are 100 retries after an error, or 50 after a time-out."""
    flow = Flow(policy=RetryPolicy(attempts=1000, backoff=0), deadline=math.inf)
    for _ in range(100):
        assert isinstance(flow.attempt(error(503)), Sleep)
        flow.feed(None)
    assert "retry quota" in str(flow.fail(error(503)))


def test_a_timeout_costs_twice_as_much() -> None:
    """It is the dearest failure for a server in trouble."""
    flow = Flow(policy=RetryPolicy(attempts=1000, backoff=0), deadline=math.inf)
    for _ in range(50):
        assert isinstance(flow.attempt(ExchangeFailed("no")), Sleep)
        flow.feed(None)
    assert "retry quota" in str(flow.fail(ExchangeFailed("no")))


def test_429s_cost_no_quota() -> None:
    """They say that the server is well."""
    flow = Flow(policy=RetryPolicy(rate_limited_attempts=1000, backoff=0))
    flow.quota.take(500)
    for _ in range(200):
        assert isinstance(flow.attempt(error(429)), Pause)
        flow.feed(None)
    flow.attempt(OK)
    assert flow.result.id


def test_a_success_gives_back_what_its_retries_took() -> None:
    """And only what they took."""
    flow = Flow(policy=RetryPolicy(backoff=0))
    flow.quota.take(100)
    for outcome in [error(503), ExchangeFailed("no")]:
        flow.attempt(outcome)
        flow.feed(None)
    assert not flow.quota.take(386)
    flow.attempt(OK)
    assert flow.quota.take(400)
    assert not flow.quota.take(1)


def test_a_retry_that_cannot_start_in_time_costs_nothing() -> None:
    """The deadline is looked at before the quota."""
    flow = Flow(deadline=0.1)
    flow.fail(error(503))
    assert flow.quota.take(500)


def test_the_hooks_hear_of_waits_and_retries() -> None:
    """Plain events, with what an operator wants to know."""
    flow = Flow(lane="bulk")
    permit = Permit()
    permit.waited = 1.5
    flow.feed(permit, error(503))
    expected = [
        WaitEvent("update", ID, 1, "bulk", 1.5),
        RetryEvent(
            "update", ID, 1, 0.5, f"{SUBJECT}: the server answered 503: no message; {UNKNOWN}"
        ),
    ]
    assert expected == flow.events


def test_a_hook_that_fails_does_not_end_the_call(caplog: Any) -> None:
    """It is the caller's code, and the update matters more."""

    def fail(_event: object) -> None:
        raise RuntimeError("the hook is broken")

    flow = Flow(on_retry=fail, on_wait=fail)
    permit = Permit()
    permit.waited = 1.5
    assert isinstance(flow.feed(permit, error(503)), Sleep)
    messages = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert 2 * ["a hook failed; the call goes on"] == messages


def test_the_log_names_operation_attempt_wait_and_reason(caplog: Any) -> None:
    """And never the token, even where the server repeats it."""
    caplog.set_level(logging.DEBUG, logger="samsara_qualifications")
    flow = Flow()
    permit = Permit()
    permit.waited = 1.5
    flow.feed(permit, error(503, body=b'{"message": "bad secret-token!"}'))
    expected = [
        f"{SUBJECT} waited 1.500 s for a slot",
        f"attempt 1 failed, next in 0.500 s: {SUBJECT}: the server answered 503: bad [token]!; "
        + UNKNOWN,
    ]
    assert expected == [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("body", "headers", "message", "request_id"),
    [
        (b'{"message": "no", "requestId": "r"}', {}, "no", "r"),
        (b'{"message": "no", "requestId": "r"}', {"x-request-id": "h"}, "no", "r"),
        (b'{"message": "no"}', {"x-request-id": "h"}, "no", "h"),
        (b'{"message": 5, "requestId": []}', {}, "5", None),
        (b'{"Message": "no", "RequestId": 7}', {}, "no", "7"),
        (b'{"title": "no", "detail": "why"}', {}, "no: why", None),
        (b'{"errors": [{"code": 1}]}', {}, '[{"code": 1}]', None),
        (b'{"other": "no"}', {}, '{"other": "no"}', None),
        (b'{"message": "a\\u0000b\\u202e\\ud800"}', {}, "a\ufffdb\ufffd\ufffd", None),
        (b'{"message": "a\\n\\tb"}', {}, "a b", None),
        (b"\xef\xbb\xbf" + b'{"message": "BOM"}', {}, "BOM", None),
        ('{"message": "é"}'.encode("utf-16"), {}, "é", None),
        (b'["x"]', {}, '["x"]', None),
        (b"<html>\n <b>Bad</b>\n</html>", {}, "<html> <b>Bad</b> </html>", None),
        (b"\xff\xfe\x00", {}, "\ufffd\ufffd\ufffd", None),
        (b"", {}, "", None),
        (b"[" * 100_000, {}, "[" * 499 + "…", None),
        (b"9" * 5000, {}, "9" * 499 + "…", None),
        (b'{"message": "' + b"x" * 9999 + b'"}', {}, "x" * 499 + "…", None),
        (b"x" * 495 + b" secret-token", {}, "x" * 495 + " [to…", None),
    ],
)
def test_an_error_tells_the_servers_words_whatever_the_body(
    body: bytes, headers: dict[str, str], message: str, request_id: str | None
) -> None:
    """JSON or not, long or not: in one line, shortened, without the token."""
    failure = Flow().fail(error(400, headers=headers, body=body))
    assert (message, request_id) == (failure.message, failure.request_id)
    assert body.decode("utf-8", "replace").replace(TOKEN, "[token]") == failure.body
    shown = f"{SUBJECT}: the server answered 400: {message or 'no message'}"
    assert (f"{shown} (request id {request_id})" if request_id else shown) == str(failure)


@pytest.mark.parametrize(
    ("status", "operation", "words"),
    [
        (401, _wire.UPDATE, "it belongs to this region's host"),
        (403, _wire.UPDATE, "the scope Write Qualification Records"),
        (403, _wire.GET, "the scope Read Qualification Records"),
    ],
)
def test_a_token_that_is_refused_is_told_why(status: int, operation: Any, words: str) -> None:
    """What is likely to be wrong stands in the message."""
    assert words in str(Flow(operation).fail(error(status)))


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, BadRequest), (404, NotFound), (408, RequestTimedOut), (500, ServerError)],
)
def test_the_class_follows_the_status(status: int, expected: type[ApiError]) -> None:
    """It does not depend on the body."""
    flow = Flow(policy=RetryPolicy(attempts=1))
    failure = flow.fail(error(status, body=b"<html>"))
    assert expected is type(failure)
    assert (failure.applied is None) == (UNKNOWN in str(failure))


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (b"<html>", "", "the body is not JSON"),
        (b'{"data": {"id": 5}}', "data.", "data"),
        (b'{"data": "secret-token"}', "data", "[token]"),
    ],
)
def test_a_success_that_cannot_be_read_says_where(body: bytes, path: str, reason: str) -> None:
    """It was applied, and the error says what is wrong with the answer."""
    failure = Flow().fail(Answer(200, {"x-request-id": "r"}, body))
    assert isinstance(failure, UnexpectedResponse)
    assert (True, 200, "r", False) == (
        failure.applied,
        failure.status,
        failure.request_id,
        failure.incomplete,
    )
    assert failure.path.startswith(path)
    assert reason in str(failure)
    assert TOKEN not in str(failure)


def test_a_write_is_never_sent_again_after_a_success_that_broke_off() -> None:
    """It was applied; a read is sent again."""
    failure = Flow().fail(CUT)
    assert (True, True) == (failure.applied, failure.incomplete)
    assert isinstance(Flow(_wire.GET).attempt(CUT), Sleep)


def test_a_strict_check_comes_before_the_reading() -> None:
    """Its finding is the error."""
    seen = []
    flow = Flow(check=lambda operation, body: seen.append((operation.name, body)))
    flow.attempt(OK)
    assert [("update", RECORD)] == seen


def outlast(flow: Flow, seconds: float) -> int:
    """Let a call fail for so long; return how often it was sent."""
    sent = 0
    end = flow.now + seconds
    while flow.now < end and flow.step is not None:
        if isinstance(flow.step, Sleep):
            flow.now += flow.step.seconds
            flow.feed(None)
        else:
            sent += 1
            assert sent <= seconds, "it hammers"
            flow.attempt(error(503))
    return sent


def test_a_bulk_call_bears_an_outage() -> None:
    """It waits without hammering, and goes on when the server is back."""
    flow = Flow(lane="bulk", deadline=math.inf)
    sent = outlast(flow, 1800)
    assert 90 < sent < 110
    while isinstance(flow.step, Sleep):
        flow.now += flow.step.seconds
        flow.feed(None)
    flow.attempt(OK)
    assert (flow.result.id, False) == (ID, flow.rules.outage.on)


def test_an_outage_is_borne_for_so_long_and_no_longer() -> None:
    """Then the call fails as it would have failed at first."""
    flow = Flow(lane="bulk", deadline=math.inf, policy=RetryPolicy(outage_limit=600))
    begun = flow.now
    with pytest.raises(ServerError) as caught:
        outlast(flow, 3600)
    assert 600 <= flow.now - begun < 660
    assert caught.value.applied is None


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ({"lane": "interactive"}, ConnectionFailed("no")),
        ({"lane": "bulk", "policy": RetryPolicy(outage_limit=0)}, ConnectionFailed("no")),
        ({"lane": "bulk"}, error(500)),
        ({"lane": "bulk"}, error(404)),
        ({"lane": "bulk", "operation": _wire.CREATE}, ExchangeFailed("no")),
        ({"lane": "bulk", "operation": _wire.CREATE}, error(503)),
    ],
    ids=["interactive", "off", "500", "404", "create-unknown", "create-503"],
)
def test_no_outage_is_borne(options: dict[str, Any], outcome: Any) -> None:
    """Where a person waits, where it was switched off, and where it is none or unsafe."""
    flow = Flow(**{"operation": _wire.UPDATE, "deadline": math.inf, **options})

    def fail_again_and_again() -> None:
        for _ in range(20):
            if isinstance(flow.step, Sleep):
                flow.feed(None)
            flow.attempt(outcome)

    with pytest.raises(QualificationsError):
        fail_again_and_again()


def test_a_host_without_a_name_is_an_outage_only_if_it_had_one_before() -> None:
    """A typing error fails fast; a resolver that fails in the night does not."""

    def unknown() -> ConnectionFailed:
        failure = ConnectionFailed("no such host")
        failure.unknown_host = True
        return failure

    once = RetryPolicy(attempts=1)
    assert Flow(lane="bulk", deadline=math.inf, policy=once).fail(unknown()).unknown_host
    flow = Flow(lane="bulk", deadline=math.inf, policy=once)
    flow.rules.outage.over(flow.now)
    assert isinstance(flow.attempt(unknown()), Sleep)


def test_one_call_at_a_time_tries_the_server_in_an_outage() -> None:
    """The others wait, and go on at once when it has an answer; a try may take its time."""
    outage = Outage(20.0, 30.0)
    outage.note(100.0, tried=False)
    assert [1.0, 1.0] == [outage.turn(100.0), outage.turn(100.0)]
    assert [0.0, 1.0, 1.0] == [outage.turn(101.0), outage.turn(101.0), outage.turn(130.0)]
    assert 2.0 == outage.note(107.0, tried=True)
    assert 2.0 == outage.note(107.0, tried=False)
    assert [1.0, 0.0] == [outage.turn(107.0), outage.turn(109.0)]
    outage.over(110.0)
    assert [0.0, 0.0] == [outage.turn(110.0), outage.turn(110.0)]


def test_no_policy_makes_the_tries_hammer() -> None:
    """At least a second lies between two of them, and what the server asks for."""
    outage = Outage(0.0, 30.0)
    assert 1.0 == outage.note(100.0, tried=False)
    assert 0.0 == outage.turn(101.0)
    assert 1.0 == outage.note(101.0, tried=True)
    assert 0.0 == outage.turn(102.0)
    assert 77.0 == outage.note(102.0, ask=77.0, tried=True)


def test_a_call_that_fails_alone_gives_up() -> None:
    """Where others are answered, it is no outage, however patient the policy is."""
    flow = Flow(lane="bulk", deadline=math.inf, policy=RetryPolicy(attempts=1))

    def fail_amid_others() -> None:
        for _ in range(10):
            while isinstance(flow.step, Sleep):
                flow.now += flow.step.seconds
                flow.feed(None)
            flow.attempt(error(504))
            flow.now += 0.1
            flow.rules.outage.over(flow.now)

    with pytest.raises(ServerError):
        fail_amid_others()
    assert flow.now < 1010


def test_a_creation_that_fails_tells_the_others_of_the_outage() -> None:
    """It is not sent again itself."""
    flow = Flow(_wire.CREATE, lane="bulk", deadline=math.inf)
    assert 503 == flow.fail(error(503)).status
    assert flow.rules.outage.on


def test_an_outage_that_outlasts_the_deadline_raises_its_own_error() -> None:
    """Not that of a slot that nobody could have used."""
    flow = Flow(lane="bulk", deadline=30, policy=RetryPolicy(attempts=1))
    with pytest.raises(ServerError) as caught:
        outlast(flow, 60)
    assert (503, True) == (caught.value.status, 1029 < flow.now <= 1031)


@pytest.mark.parametrize("asked", ["301", "inf"])
def test_a_long_retry_after_is_no_outage_to_bear(asked: str) -> None:
    """`max_retry_after` says that the call fails at once."""
    flow = Flow(lane="bulk", deadline=math.inf)
    assert 503 == flow.fail(error(503, headers={"retry-after": asked})).status


def test_what_does_not_pass_by_itself_is_no_outage() -> None:
    """A certificate that is not trusted, a proxy that refuses."""
    failure = ConnectionFailed("the certificate is not trusted")
    failure.lasting = True
    once = RetryPolicy(attempts=1)
    caught = Flow(lane="bulk", deadline=math.inf, policy=once).fail(failure)
    assert (False, False) == (caught.applied, caught.retryable)
