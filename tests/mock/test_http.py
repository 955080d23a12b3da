"""The protocol: who asks, for what, in which form, how often."""

from __future__ import annotations

import copy
import json
import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.mock import MockServer, Request, Response, SpecViolation
from samsara_qualifications.mock.http import MAX_BODY, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api, Clock

RECORDS = "/qualification-records"
NOW = 1_767_225_600.0


def opened(response: Response) -> dict[str, Any]:
    """Return an error's body, having checked what every error has."""
    error = json.loads(response.body)
    assert ["message", "requestId"] == sorted(error)
    assert error["requestId"] == response.headers["X-Request-Id"]
    assert error["message"]
    assert "right-token" not in error["message"]
    assert "application/json" == response.headers["Content-Type"]
    return error


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong-token",
        "Bearer right-token-and-more",
        "Basic right-token",
        "right-token",
        "Bearer tökén",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PATCH", RECORDS)])
def test_a_wrong_token_is_refused_first(api: Api, method: str, path: str, header: str) -> None:
    """Before path, method or body are looked at."""
    response = api.send(method, path, headers={"authorization": header})

    assert response.status == 401
    assert "Bearer" == response.headers["WWW-Authenticate"]
    assert "token is missing or wrong" in opened(response)["message"]


def test_a_missing_token_is_refused(api: Api) -> None:
    """There is no header at all."""
    assert api.server.handle(Request(method="GET", path=RECORDS)).status == 401


def test_the_scheme_is_spelt_in_any_case(api: Api) -> None:
    """As RFC 9110 has it."""
    headers = {"authorization": "bEARER right-token"}

    assert api.send("GET", RECORDS, query=f"ids={api.seed}", headers=headers).status == 200


@pytest.mark.parametrize(
    "path", ["/", "", "/nowhere", f"{RECORDS}/", f"{RECORDS}/x", "/Qualification-Records"]
)
def test_an_unknown_path_answers_404(api: Api, path: str) -> None:
    """Paths are compared as they are."""
    response = api.send("GET", path)

    assert response.status == 404
    assert "no such path" in opened(response)["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", RECORDS, "DELETE, GET, PATCH, POST"),
        ("OPTIONS", RECORDS, "DELETE, GET, PATCH, POST"),
        ("patch", RECORDS, "DELETE, GET, PATCH, POST"),
        ("GET", f"{RECORDS}/archive", "POST"),
        ("DELETE", f"{RECORDS}/unarchive", "POST"),
        ("POST", f"{RECORDS}/stream", "GET"),
        ("POST", "/qualification-types", "GET"),
    ],
)
def test_another_method_answers_405(api: Api, method: str, path: str, allowed: str) -> None:
    """With the methods that there are."""
    response = api.send(method, path)

    assert (405, allowed) == (response.status, response.headers["Allow"])
    opened(response)


def test_head_answers_405_without_a_body(api: Api) -> None:
    """As no answer to HEAD has one."""
    response = api.send("HEAD", "/qualification-types")

    assert (405, b"") == (response.status, response.body)
    assert "X-Request-Id" in response.headers


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("", 415),
        ("text/plain", 415),
        ("application/json-patch+json", 415),
        ("application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_must_be_json(api: Api, content_type: str, status: int) -> None:
    """By its content type."""
    body = json.dumps({"id": api.seed}).encode()

    response = api.send("PATCH", RECORDS, body=body, headers={"content-type": content_type})

    assert status == response.status


def test_a_read_needs_no_content_type(api: Api) -> None:
    """Nor is a body looked at."""
    headers = {"content-type": "text/plain"}
    query = f"ids={api.seed}"

    assert api.send("GET", RECORDS, query=query, body=b"{", headers=headers).status == 200


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
def test_a_body_may_be_so_long(api: Api, extra: int, status: int) -> None:
    """And no longer."""
    body = json.dumps({"id": api.seed}).encode()

    assert status == api.send("PATCH", RECORDS, body=body.ljust(MAX_BODY + extra)).status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", RECORDS),
        ("POST", RECORDS),
        ("DELETE", RECORDS),
        ("POST", f"{RECORDS}/archive"),
        ("POST", f"{RECORDS}/unarchive"),
    ],
)
def test_a_body_that_is_too_long_changes_nothing(api: Api, method: str, path: str) -> None:
    """Each write answers 413 with the documented body, which the mock checks against the spec."""
    before = copy.deepcopy(api.server.records)
    body = json.dumps({"id": api.seed, "issueDate": "2027-01-01T00:00:00Z"}).encode()

    response = api.send(method, path, body=body.ljust(MAX_BODY + 1))

    assert (413, {"message", "requestId"}) == (response.status, set(json.loads(response.body)))
    assert before == api.server.records


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"id",
        b'{"id": "x"} {}',
        b"\xff\xfe{}",
        b'\xef\xbb\xbf{"id": "x"}',
        '{"id": "x"}'.encode("utf-16"),
        b'{"id": "\xff"}',
        b'{"id": "x", "n": NaN}',
        b'{"id": "x", "n": -Infinity}',
        b'{"id": "x", "n": 1e400}',
        b'{"id": "x", "n": -1' + b"0" * 400 + b"}",
        b'{"id": "x", "n": ' + b"9" * 5000 + b"}",
        b'{"id": "\\ud800"}',
        b'{"\\udfff": 1, "id": "x"}',
        b"[" * 100_000,
        b"[" * 256 + b"]" * 256,
        b'{"id": "x", "n": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"id": "x", "n": ' + b'{"n": ' * 5000 + b"1" + b"}" * 5001,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_json_is_refused(api: Api, body: bytes) -> None:
    """Python's parser is more tolerant than JSON; the mock is not."""
    response = api.send("PATCH", RECORDS, body=body)

    assert response.status == 400
    assert "not valid JSON" in opened(response)["message"]


def test_nesting_has_a_limit_that_every_python_can_read(api: Api) -> None:
    """A body of 100 levels is read; the recursion limit would depend on the caller."""
    body = b'{"id": "x", "n": ' + b"[" * 99 + b"]" * 99 + b"}"

    assert api.send("PATCH", RECORDS, body=body).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'"9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"',
        b"{}",
        b'{"id": null}',
        b'{"id": 1}',
        b'{"id": "x", "issueDate": null}',
        b'{"id": "x", "issueDate": "2025-08-27"}',
        b'{"id": "x", "issueDate": "2025-08-27T10:20:30"}',
        b'{"id": "x", "expirationDate": 0}',
        b'{"id": "x", "owner": {"entityType": "robot", "id": "1"}}',
        b'{"id": "x", "owner": {"entityType": "worker"}}',
        b'{"id": "x", "externalIds": {"a": 1}}',
        b'{"id": "x", "fields": {}}',
        b'{"id": "x", "fields": [{"id": "no-uuid", "type": "text"}]}',
    ],
)
def test_what_breaks_the_schema_is_refused(api: Api, body: bytes) -> None:
    """Before it is asked whether there is such a record."""
    response = api.send("PATCH", RECORDS, body=body)

    assert response.status == 400
    opened(response)


def test_an_error_names_the_place(api: Api) -> None:
    """And does not repeat a long value at length."""
    long = "x" * 100_000
    response = api.send(
        "PATCH",
        RECORDS,
        body=json.dumps({"id": "x", "owner": {"entityType": long, "id": "1"}}).encode(),
    )

    message = opened(response)["message"]
    assert message.startswith("owner.entityType: ")
    assert len(message) == 300


def test_an_error_is_short(api: Api) -> None:
    """It does not echo a long id, path or cursor either."""
    long = "x" * 100_000
    body = json.dumps({"id": long}).encode()

    answers = [
        api.send("PATCH", RECORDS, body=body),
        api.send("GET", f"/{long}"),
        api.send("GET", "/qualification-types", query=f"entityType=worker&after={long}"),
    ]

    assert [404, 404, 400] == [answer.status for answer in answers]
    assert [300] * 3 == [len(opened(answer)["message"]) for answer in answers]


@pytest.mark.parametrize(
    "body",
    [
        {"fields": [{}] * 300_000},
        {"fields": [1] * 300_000},
        {"externalIds": {str(number): 1 for number in range(300_000)}},
    ],
    ids=["fields without ids", "numbers for fields", "numbers for external ids"],
)
def test_many_mistakes_take_no_longer_than_one(api: Api, body: dict[str, Any]) -> None:
    """The first is told; to find all of them took up to 27 s."""
    text = json.dumps({"id": api.seed, **body}).encode()
    start = time.process_time()

    response = api.send("PATCH", RECORDS, body=text)

    assert response.status == 400
    assert time.process_time() - start < 3


def test_of_repeated_keys_the_last_counts(api: Api) -> None:
    """As most parsers have it."""
    body = f'{{"id": "nothing", "id": "{api.seed}"}}'.encode()

    assert api.send("PATCH", RECORDS, body=body).status == 200


def test_unknown_names_are_ignored(api: Api) -> None:
    """In bodies and queries, at every depth, and they are not stored."""
    status, record = api.update(
        colour="red", owner={"entityType": "worker", "id": "1", "colour": "red"}
    )

    assert status == 200
    assert "red" not in json.dumps(record)
    assert api.get(api.seed, colour="red")[0] == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (RECORDS, ""),
        (RECORDS, "ids="),
        (RECORDS, "ids=a&ids=b"),
        (RECORDS, "ids=%ff"),
        (RECORDS, "ids=9814a1fa-f0c6-408b-bf85-51dc3bc71ac7&includeExternalIds=yes"),
        (RECORDS, "ids=9814a1fa-f0c6-408b-bf85-51dc3bc71ac7&includeExternalIds=True"),
        (RECORDS, "ids=9814a1fa-f0c6-408b-bf85-51dc3bc71ac7&includeExternalIds="),
        ("/qualification-types", ""),
        ("/qualification-types", "entityType=robot"),
        ("/qualification-types", "entityType=worker&entityType=worker"),
        (f"{RECORDS}/stream", "entityType=worker"),
        (f"{RECORDS}/stream", "startTime=2025-01-01T00:00:00Z"),
        (f"{RECORDS}/stream", "entityType=worker&startTime=yesterday"),
        (f"{RECORDS}/stream", "entityType=worker&startTime=2025-01-01T00:00:00"),
        (
            f"{RECORDS}/stream",
            "entityType=worker&startTime=2025-01-01T00:00:00+00:00",
        ),  # + is a blank
        (f"{RECORDS}/stream", "entityType=worker&startTime=2025-01-01T00:00:00Z&endTime="),
        (f"{RECORDS}/stream", "entityType=worker&startTime=0000-01-01T00:00:00Z"),
    ],
)
def test_a_query_that_breaks_the_spec_is_refused(api: Api, path: str, query: str) -> None:
    """Missing, misspelt, repeated or undecodable."""
    response = api.send("GET", path, query=query)

    assert response.status == 400
    opened(response)


@pytest.mark.parametrize("query", ["ids=%s,%s", "ids=%s%%2C%s", "ids=%s%%2c%s&x=%%2C"])
def test_a_list_is_joined_with_commas(api: Api, query: str) -> None:
    """Whether they are percent-encoded or not."""
    first, second = list(api.server.records)[:2]

    response = api.send("GET", RECORDS, query=query % (first, second))

    assert [first, second] == [record["id"] for record in json.loads(response.body)["data"]]


@pytest.mark.parametrize(
    ("operation", "limit", "window"),
    [("update", 100, 60), ("archive", 100, 60), ("get", 5, 1), ("types", 5, 1), ("stream", 5, 1)],
)
def test_each_operation_has_its_limit(
    new_api: Callable[..., Api], clock: Clock, operation: str, limit: int, window: float
) -> None:
    """One more is refused with the time to wait, which is a fraction; after it, it passes."""
    api = new_api(rate="spec")
    call = {
        "update": lambda: api.send("PATCH", RECORDS, body=b'{"id": "nothing"}'),
        "archive": lambda: api.send("POST", f"{RECORDS}/archive", body=b"nonsense"),
        "get": lambda: api.send("GET", RECORDS, query="ids=nothing"),
        "types": lambda: api.send("GET", "/qualification-types"),
        "stream": lambda: api.send("GET", f"{RECORDS}/stream"),
    }[operation]

    statuses = {call().status for _ in range(limit)}
    clock.now += window - 0.59765625  # a fraction that floats hold exactly
    refused = call()
    wait = float(refused.headers["Retry-After"])
    clock.now += wait

    assert 429 not in statuses
    assert refused.status == 429
    assert "0.59766" == refused.headers["Retry-After"]
    assert refused.headers["Retry-After"] in opened(refused)["message"]
    assert call().status != 429


def test_operations_are_limited_apart(new_api: Callable[..., Api]) -> None:
    """The reads' limit leaves the writes alone."""
    api = new_api(rate="spec")

    reads = [api.get(api.seed)[0] for _ in range(6)]

    assert [200] * 5 + [429] == reads
    assert api.update()[0] == 200
    assert api.types()[0] == 200


def test_all_operations_together_are_limited(new_api: Callable[..., Api], clock: Clock) -> None:
    """150 a second per token, which one token reaches before the organisation's 200."""
    api = new_api(rate="spec")
    statuses = [api.update()[0] for _ in range(100)] + [api.create()[0] for _ in range(51)]
    clock.now += 1

    assert [200] * 100 + [201] * 50 + [429] == statuses
    assert api.create()[0] == 201


def test_a_rate_of_ones_own_holds_for_each_operation(new_api: Callable[..., Api]) -> None:
    """It replaces the spec's, those over all operations included."""
    api = new_api(rate=(2, 3.0))

    assert [200, 200, 429] == [api.update()[0] for _ in range(3)]
    assert [200, 200, 429] == [api.get(api.seed)[0] for _ in range(3)]


@pytest.mark.parametrize(
    ("behaviours", "wait"),
    [
        ({}, "1.50000"),
        ({"limiter": "fixed"}, "1.00000"),
        ({"limiter": "token_bucket"}, "0.50000"),
        ({"rejected_calls_count": "yes"}, "1.75000"),
    ],
)
def test_the_limiter_can_be_chosen(
    new_api: Callable[..., Api], clock: Clock, behaviours: dict[str, str], wait: str
) -> None:
    """The same calls are told to wait differently."""
    api = new_api(rate=(2, 2.0), behaviours=behaviours)
    clock.now += 0.5 - clock.now % 2
    for pause in (0, 0.25, 0.25):
        clock.now += pause
        api.update()

    response = api.send("PATCH", RECORDS, body=json.dumps({"id": api.seed}).encode())

    assert wait == response.headers["Retry-After"]


def test_refused_calls_do_not_use_up_the_limit(new_api: Callable[..., Api]) -> None:
    """A wrong token, path or method costs nothing."""
    api = new_api(rate=(1, 60.0))
    for _ in range(3):
        api.send("PATCH", RECORDS, headers={"authorization": ""})
        api.send("PUT", RECORDS)

    assert api.update()[0] == 200


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.40235, "0.40235"), (0.402341, "0.40235"), (1e-9, "0.00001"), (60, "60.00000")],
)
def test_waits_are_rounded_up(seconds: float, text: str) -> None:
    """Whoever waits as told is never early."""
    assert text == retry_after(seconds)


def test_every_answer_has_a_request_id_of_its_own(api: Api) -> None:
    """Successes, too."""
    ids = [api.send("GET", path).headers["X-Request-Id"] for path in (RECORDS, "/x")]
    ids.append(
        api.send("PATCH", RECORDS, body=b'{"id": "%s"}' % api.seed.encode()).headers["X-Request-Id"]
    )

    assert len(ids) == len(set(ids))


def test_requests_have_their_json(api: Api) -> None:
    """Those without a body, or with one that is no JSON, have none; slices are lists."""
    api.update(externalIds={"a": "b"})
    api.get(api.seed)
    api.send("PATCH", RECORDS, body=b"{")

    bodies = [received.json for received in api.server.requests]

    assert [{"id": api.seed, "externalIds": {"a": "b"}}, None, None] == bodies
    assert ["GET", "PATCH"] == [received.method for received in api.server.requests[1:]]


def test_requests_are_logged_without_the_token(api: Api, clock: Clock) -> None:
    """Method, path, query, headers, the very bytes of the body, and what came of it."""
    clock.now += 7
    body = b'{ "id":"nothing" }'
    api.send("PATCH", RECORDS, query="a=b", body=body, headers={"x-mine": "1"})
    api.send("GET", "/nowhere")

    first, second = api.server.requests
    assert ("PATCH", RECORDS, "a=b", body) == (first.method, first.path, first.query, first.body)
    assert {"content-type": "application/json", "x-mine": "1"} == first.headers
    assert ("updateQualificationRecord", 404, clock.now) == (
        first.operation,
        first.status,
        first.time,
    )
    assert ("", 404) == (second.operation, second.status)
    assert "right-token" not in repr(api.server.requests)


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="PATCH", path=RECORDS, body=b" " * MAX_BODY),
        Request(method="GET", path="/" + "x" * 1_000_000),
        Request(method="GET", path=RECORDS, query="x" * 1_000_000),
        Request(method="GET", path=RECORDS, headers={"x-mine": "x" * 1_000_000}),
        Request(method="GET", path=RECORDS, headers={"x" * 1_000_000: ""}),
    ],
    ids=["body", "path", "query", "header", "header's name"],
)
def test_the_log_is_bounded(api: Api, request_: Request) -> None:
    """Refused and unauthorised requests are kept, too, but no more than 64 MiB."""
    for _ in range(100):
        api.server.handle(request_)
    api.send("GET", "/last")

    kept = sum(received._size for received in api.server.requests)
    assert MAX_BODY < kept <= 64 * 1024**2
    assert "/last" == api.server.requests[-1].path


def test_the_log_holds_as_much_after_it_was_cleared(api: Api) -> None:
    """What a test has removed no longer counts."""
    large = Request(method="PATCH", path=RECORDS, body=b" " * MAX_BODY)
    for _ in range(3):
        api.server.handle(large)
    api.server.requests.clear()

    for _ in range(3):
        api.server.handle(large)

    assert 3 == len(api.server.requests)


def test_the_log_holds_the_last_request_however_large(api: Api) -> None:
    """A test that looks for it finds it."""
    huge = b" " * 65 * 1024**2
    for _ in range(2):
        api.server.handle(Request(method="PATCH", path=RECORDS, body=huge))

    assert [huge] == [received.body for received in api.server.requests]


def test_what_breaks_the_spec_does_not_leave_unnoticed(
    new_api: Callable[..., Api], caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is a 500 that says so, it is logged, and a listener hears of it."""
    heard: list[SpecViolation] = []
    api = new_api(on_violation=heard.append)
    api.record["recordStatus"] = "sleeping"

    response = api.send("GET", RECORDS, query=f"ids={api.seed}")

    message = opened(response)["message"]
    assert response.status == 500
    assert "the mock broke the spec (/qualification-records, 200): data.0.recordStatus" in message
    assert [message] == [str(violation) for violation in heard] == caplog.messages


def test_what_breaks_the_spec_can_raise(api: Api) -> None:
    """A test's listener may turn it into a failure."""
    api.record["issueDate"] = "yesterday"

    with pytest.raises(SpecViolation, match='"yesterday" is not a "date-time"'):
        api.get(api.seed)


def deep(levels: int) -> list[Any]:
    """Return a list this deep."""
    return [deep(levels - 1)] if levels > 1 else []


@pytest.mark.parametrize("value", [deep(256), "\ud800", {1: 2}, object()], ids=type)
def test_what_is_not_json_does_not_leave_unnoticed(api: Api, value: Any) -> None:
    """A record that a test has edited so is a violation, not a crash."""
    api.record["fields"] = [{"note": value}]

    with pytest.raises(SpecViolation, match="the mock broke the spec"):
        api.get(api.seed)


def test_what_breaks_the_spec_needs_no_listener() -> None:
    """By default, the answer and the log say it."""
    server = MockServer(on_violation=None)
    next(iter(server.types.values()))["name"] = 7
    headers = {"authorization": f"Bearer {server.token}"}

    request = Request(
        method="GET", path="/qualification-types", query="entityType=worker", headers=headers
    )

    assert server.handle(request).status == 500


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"token": "a b"}, "without a blank"),
        ({"token": "tökén"}, "visible ASCII"),
        ({"token": "a\n"}, "visible ASCII"),
        ({"page_size": 0}, "page_size=0 must be a whole number, 1 or more"),
        ({"page_size": 2.5}, "page_size=2.5 must be"),
        ({"page_size": True}, "page_size=True must be"),
        ({"rate": (0, 1)}, "rate=0/1 must be a whole number of requests"),
        ({"rate": (0.5, 1)}, "rate=0.5/1 must be"),
        ({"rate": (math.inf, 1)}, "rate=inf/1 must be"),
        ({"rate": (1, math.inf)}, "rate=1/inf must be"),
        ({"rate": (1, math.nan)}, "rate=1/nan must be"),
        ({"rate": (1, 1e-320)}, "rate=1/1e-320 must be"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    """At once, not at the first request."""
    with pytest.raises(ValueError, match=message):
        MockServer(**options)


def test_the_clock_can_be_frozen_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As freezegun does it: it replaces `time.time`."""
    server = MockServer()
    monkeypatch.setattr(time, "time", lambda: NOW)

    server.handle(Request(method="GET", path="/"))

    assert [NOW] == [received.time for received in server.requests]


def test_tokens_are_made_up_and_differ() -> None:
    """By default, no two servers share a token, so no two clients share a budget."""
    first, second = MockServer(), MockServer(token="")

    assert first.token != second.token
    assert first.token.startswith("mock-")
