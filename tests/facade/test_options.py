"""What a client can be told, once or for some calls: options, headers, and what it tells back."""

from __future__ import annotations

import asyncio
import inspect
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest

from samsara_qualifications import (
    AnswerEvent,
    AsyncQualificationsClient,
    ConfigurationError,
    EntityType,
    InvalidInput,
    NotFound,
    Owner,
    QualificationsClient,
    RateLimit,
    RetryEvent,
    RetryPolicy,
    ServerError,
    WaitEvent,
)
from samsara_qualifications.mock import Fault, MockServer
from samsara_qualifications_contract.client.calls import NO_LIMITS

from .conftest import DAY, SEED, TOKEN, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[..., Caller]

START = datetime(2020, 1, 1, tzinfo=UTC)


def with_options(caller: Caller, **options: Any) -> Caller:
    """Return a caller of a client with other options."""
    other = object.__new__(Caller)
    other.runner, other.client = caller.runner, caller.client.with_options(**options)
    return other


# with_options


def test_other_options_share_the_rest(connect: Connect, mock: MockServer) -> None:
    """The budget, the connections and what is known of outages; the first client keeps its own."""
    caller = connect(mock)
    once = with_options(caller, retry=RetryPolicy.off())
    assert once.client.budget is caller.client.budget
    assert type(once.client) is type(caller.client)
    mock.faults.add(Fault(status=503))
    with pytest.raises(ServerError):
        once.update()
    mock.faults.add(Fault(status=503))
    caller.update()
    assert once.client._driver is caller.client._driver


def test_a_lane_for_all_calls(connect: Connect, mock: MockServer) -> None:
    """The client's lane counts where the call names none."""
    waits: list[str] = []
    limits = dict.fromkeys(NO_LIMITS, RateLimit(2, 0.05))
    caller = connect(mock, limits=limits, on_wait=lambda event: waits.append(event.lane))
    bulk = with_options(caller, lane="bulk")
    for _ in range(4):
        bulk.update()
    assert {"bulk"} == set(waits)
    waits.clear()
    for _ in range(4):
        bulk.update(lane="interactive")
    assert {"interactive"} == set(waits)
    assert "bulk" == connect(mock, lane="bulk").client._rules.lane


def test_options_add_up(connect: Connect, mock: MockServer) -> None:
    """What is left out stays as it was."""
    caller = connect(mock, timeout=7, deadline=8)
    rules = with_options(with_options(caller, timeout=3), lane="bulk").client._rules
    assert (3, 8, "bulk") == (rules.timeout, rules.deadline, rules.lane)
    assert (7, 8, "interactive") == (
        caller.client._rules.timeout,
        caller.client._rules.deadline,
        caller.client._rules.lane,
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timeout": 0}, "timeout=0 leaves no time"),
        ({"timeout": "3"}, "timeout must be seconds"),
        ({"timeout": 1e9}, r"timeout=1e\+09 is too long"),
        ({"deadline": -1}, "deadline=int -1 is not a valid time"),
        ({"retry": 3}, "retry must be a RetryPolicy"),
        ({"lane": "fast"}, "lane=str 'fast' must be 'interactive' or 'bulk'"),
        ({"on_answer": 7}, "on_answer must be a plain function of one event"),
        ({"on_retry": 7}, "on_retry must be a plain function of one event"),
        ({"on_wait": 7}, "on_wait must be a plain function of one event"),
    ],
)
def test_wrong_options_are_refused(
    connect: Connect, mock: MockServer, options: dict[str, Any], text: str
) -> None:
    """By the client and by `with_options` in the same words."""
    caller = connect(mock)
    with pytest.raises(ConfigurationError, match="^" + text):
        caller.client.with_options(**options)
    with pytest.raises(ConfigurationError, match="^" + text):
        connect(mock, **options)


def test_both_clients_take_the_same_options() -> None:
    """And `with_options` takes nothing that the client does not know."""
    makers = [QualificationsClient, AsyncQualificationsClient]
    first, second = (set(inspect.signature(made).parameters) for made in makers)
    assert first == second
    assert {*inspect.signature(QualificationsClient.with_options).parameters} - {"self"} < first


# what the server answered


def test_each_answer_is_told(connect: Connect, mock: MockServer) -> None:
    """Successes and errors, with the request id, the headers and the bytes."""
    answers: list[AnswerEvent] = []
    caller = connect(mock, on_answer=answers.append)
    mock.faults.add(Fault(status=503))
    caller.update()
    with pytest.raises(NotFound):
        caller("delete", "nobody")
    assert [
        ("update", SEED, 1, 503),
        ("update", SEED, 2, 200),
        ("delete", "nobody", 1, 404),
    ] == [(it.operation, it.record_id, it.attempt, it.status) for it in answers]
    success = answers[1]
    assert success.request_id == success.headers["x-request-id"]
    assert b'"issueDate"' in success.body
    assert 0 <= success.seconds < 60


def test_waits_and_retries_of_one_call(connect: Connect, mock: MockServer) -> None:
    """As those of a client are."""
    retries: list[RetryEvent] = []
    waits: list[WaitEvent] = []
    caller = connect(mock, limits=dict.fromkeys(NO_LIMITS, RateLimit(1, 0.05)))
    mock.faults.add(Fault(status=503))
    with_options(caller, on_retry=retries.append, on_wait=waits.append).update()
    caller.update()
    assert ([1], [2]) == ([it.attempt for it in retries], [it.attempt for it in waits])


def test_an_answer_of_one_call(connect: Connect, mock: MockServer) -> None:
    """`with_options` is the way to see those of one call alone."""
    answers: list[AnswerEvent] = []
    caller = connect(mock)
    with_options(caller, on_answer=answers.append).update()
    caller.update()
    assert 1 == len(answers)


def test_no_answer_shows_the_token(connect: Connect, serve: Callable[..., Any]) -> None:
    """A server that repeats it is not believed."""
    body = b'{"message": "you sent ' + TOKEN.encode() + b'", "requestId": "7"}'
    head = (
        b"HTTP/1.1 400 Bad Request\r\nX-Echo: " + TOKEN.encode() + b"\r\nContent-Length: %d\r\n\r\n"
    )
    server = serve(lambda c: (c.read(), c.send(head % len(body) + body)))
    answers: list[AnswerEvent] = []
    with pytest.raises(Exception, match="400"):
        connect(server.url, on_answer=answers.append).update()
    [seen] = answers
    assert TOKEN not in repr(seen)
    assert TOKEN not in repr(dict(seen.headers))
    assert b"you sent" in seen.body
    assert TOKEN.encode() not in seen.body


def test_a_hook_that_fails_is_no_failure(connect: Connect, mock: MockServer) -> None:
    """The call goes on, as with the other hooks."""

    def fail(_event: AnswerEvent) -> None:
        raise RuntimeError

    assert SEED == connect(mock, on_answer=fail).update().id


# what each request says


def test_headers_of_the_caller(connect: Connect, mock: MockServer) -> None:
    """A version of the API, the program, and any others."""
    caller = connect(
        mock,
        api_version="2025-10-23",
        app_info="acme-renewals/1.2",
        default_headers={"X-Trace": "7", "x-samsara-team": "fleet"},
    )
    caller.update()
    [request] = mock.requests
    assert "2025-10-23" == request.headers["x-samsara-version"]
    assert ("7", "fleet") == (request.headers["x-trace"], request.headers["x-samsara-team"])
    agent = request.headers["user-agent"]
    assert agent.startswith("samsara-qualifications/")
    assert agent.endswith(" acme-renewals/1.2")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"default_headers": {"Authorization": "x"}}, "'Authorization', which the client sets"),
        ({"default_headers": {"content-type": "x"}}, "'content-type', which the client sets"),
        ({"default_headers": {"User-Agent": "x"}}, "pass app_info"),
        ({"default_headers": {"X-Samsara-Version": "x"}}, "pass api_version"),
        ({"default_headers": {"a b": "x"}}, "'a b' is not a valid name"),
        ({"default_headers": {"x": "a\r\nb: c"}}, "'x' must be printable ASCII"),
        ({"default_headers": {"x": "é"}}, "'x' must be printable ASCII"),
        ({"default_headers": {"x": 7}}, "'x' must be printable ASCII"),
        ({"default_headers": [("x", "y")]}, "default_headers must map names to texts"),
        ({"api_version": "latest"}, "api_version='latest' must be a day such as '2025-10-23'"),
        ({"api_version": 2025}, "api_version=2025 must be a day"),
        ({"app_info": "a\nb"}, "app_info must be printable ASCII"),
        ({"app_info": ""}, "app_info must be printable ASCII"),
    ],
)
def test_wrong_headers_are_refused(
    connect: Connect, mock: MockServer, options: dict[str, Any], text: str
) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigurationError) as caught:
        connect(mock, **options)
    assert text in str(caught.value)


# the environment


def test_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Region, time-out and retries; an argument comes first."""
    monkeypatch.setenv("SAMSARA_REGION", "eu")
    monkeypatch.setenv("SAMSARA_TIMEOUT", "7.5")
    monkeypatch.setenv("SAMSARA_RETRY", "off")
    client = QualificationsClient(TOKEN)
    assert "https://api.eu.samsara.com" == client._driver.config.base_url
    assert (7.5, RetryPolicy.off()) == (client._rules.timeout, client._rules.policy)
    client = QualificationsClient(TOKEN, base_url="https://x.test", timeout=3, retry=RetryPolicy())
    assert "https://x.test" == client._driver.config.base_url
    assert (3, RetryPolicy()) == (client._rules.timeout, client._rules.policy)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("SAMSARA_REGION", "asia", "SAMSARA_REGION='asia' must be one of 'us', 'eu', 'ca'"),
        ("SAMSARA_TIMEOUT", "soon", "SAMSARA_TIMEOUT='soon' must be a number of seconds"),
        ("SAMSARA_TIMEOUT", "0", "SAMSARA_TIMEOUT=0 leaves no time"),
        ("SAMSARA_TIMEOUT", "nan", "SAMSARA_TIMEOUT=float nan is not a valid time"),
        ("SAMSARA_RETRY", "never", "SAMSARA_RETRY='never' must be 'off', or not be set"),
        ("SAMSARA_LOG", "loud", "SAMSARA_LOG='loud' must be one of 'debug', 'info', 'warning'"),
    ],
)
def test_wrong_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    """By name, with what could stand there."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        QualificationsClient(TOKEN)
    assert str(caught.value).startswith(text)
    monkeypatch.setenv(name, "")
    QualificationsClient(TOKEN).close()


def test_a_setting_does_not_matter_beside_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even read."""
    for name in ("SAMSARA_RETRY", "SAMSARA_TIMEOUT", "SAMSARA_REGION"):
        monkeypatch.setenv(name, "nonsense")
    options: dict[str, Any] = {"retry": RetryPolicy(), "timeout": 3, "base_url": "https://x.test"}
    with QualificationsClient(TOKEN, **options) as client:
        other = client.with_options(retry=RetryPolicy.off(), timeout=4)
    assert (RetryPolicy.off(), 4) == (other._rules.policy, other._rules.timeout)


def test_two_hosts_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not guessed which of them counts."""
    monkeypatch.setenv("SAMSARA_REGION", "eu")
    monkeypatch.setenv("SAMSARA_BASE_URL", "https://x.test")
    with pytest.raises(ConfigurationError, match="SAMSARA_REGION and SAMSARA_BASE_URL are both"):
        QualificationsClient(TOKEN)


PROGRAM = """
import samsara_qualifications as s
from samsara_qualifications.mock import MockServer
import httpx
from datetime import date
server = MockServer(rate=None, token="hidden-token-7")
lent = httpx.Client(transport=server.transport())
client = s.QualificationsClient(server.token, base_url="http://127.0.0.1", http_client=lent)
client.update("9814a1fa-f0c6-408b-bf85-51dc3bc71ac7", issue_date=date(2026, 1, 1))
"""


@pytest.mark.parametrize(("level", "lines"), [("debug", 1), ("info", 0)])
def test_the_log_goes_to_stderr(level: str, lines: int) -> None:
    """With `SAMSARA_LOG`, without a line of configuration, and without the token."""
    environment = {"SAMSARA_LOG": level}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    told = done.stderr.splitlines()
    assert lines == len(told), done.stderr
    assert "hidden-token-7" not in done.stderr
    if told:
        assert f"update {SEED}: attempt 1, answered 200 in " in told[0]
        assert "request id " in told[0]


def test_a_program_with_a_log_of_its_own_keeps_it(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, mock: MockServer, caplog: Any
) -> None:
    """The lines go where the program's go, and only once."""
    monkeypatch.setenv("SAMSARA_LOG", "debug")
    logger = logging.getLogger("samsara_qualifications")
    handlers = list(logger.handlers)
    connect(mock).update()
    connect(mock).update()
    assert handlers == logger.handlers  # pytest's handler stands at the root
    assert 2 == caplog.text.count("answered 200")
    logger.setLevel(logging.NOTSET)


# pages


def test_pages_with_their_cursor(connect: Connect) -> None:
    """A stream goes on after a crash where its last page ended."""
    server = MockServer(rate=None, page_size=1)
    caller = connect(server)
    whole = caller("stream", entity_type="worker", start_time=START)
    assert len(whole) > 1

    def pages(**options: Any) -> list[Any]:
        found = caller.client.stream(entity_type="worker", start_time=START, **options).pages()
        if caller.runner is None:
            return list(found)
        return caller.runner.run(_all(found))

    every = pages()
    assert [record.id for record in whole] == [it.id for page in every for it in page.items]
    assert None is every[-1].cursor
    rest = pages(after=every[0].cursor)
    assert [page.items for page in every[1:]] == [page.items for page in rest]


async def _all(found: Any) -> list[Any]:
    return [page async for page in found]


@pytest.mark.parametrize("after", [None, "", 7])
def test_a_cursor_must_be_one(connect: Connect, mock: MockServer, after: Any) -> None:
    """An empty one would begin anew, unseen."""
    with pytest.raises(InvalidInput, match=r"^after"):
        connect(mock).client.stream(entity_type="worker", start_time=START, after=after)


def test_items_are_an_iterator() -> None:
    """As a generator: one item at a time, and it can be closed."""
    server = MockServer(rate=None, page_size=1)
    with QualificationsClient(
        server.token, base_url="http://127.0.0.1", http_client=_lent(server)
    ) as client:
        found = client.types(entity_type="worker")
        first = next(found)
        assert first.id not in {kind.id for kind in found}
        found.close()
        assert [] == list(found)


def test_async_items_are_an_iterator() -> None:
    """The same on an event loop."""

    async def use() -> None:
        import httpx  # noqa: PLC0415

        server = MockServer(rate=None, page_size=1)
        lent = httpx.AsyncClient(transport=server.async_transport())
        async with AsyncQualificationsClient(
            server.token, base_url="http://127.0.0.1", http_client=lent
        ) as client:
            found = client.types(entity_type="worker")
            first = await anext(found)
            assert first.id not in {kind.id async for kind in found}
            await found.aclose()
        await lent.aclose()

    asyncio.run(use())


def _lent(server: MockServer) -> Any:
    import httpx  # noqa: PLC0415

    return httpx.Client(transport=server.transport())


# small ones


def test_entity_types_are_named() -> None:
    """Those of the spec."""
    assert {"worker", "asset"} == set(get_args(EntityType))


def test_external_ids_are_a_mapping(connect: Connect, mock: MockServer) -> None:
    """They are read as one, equal one, and go back in."""
    caller = connect(mock)
    record = caller.update(external_ids={"hr": "7", "payroll": "p-1"})
    ids = record.external_ids
    assert isinstance(ids, Mapping)
    assert {"hr": "7", "payroll": "p-1"} == ids == dict(ids)
    assert ("7", None, 2) == (ids["hr"], ids.get("nobody"), len(ids))
    assert {"hr", "payroll"} == set(ids)
    caller.update(external_ids={**ids, "hr": "8"})
    caller.update(external_ids=ids, owner=Owner.worker("281474"))


def test_retries_can_be_off(connect: Connect, mock: MockServer) -> None:
    """Not for a 429 either, and not in an outage."""
    caller = connect(mock, retry=RetryPolicy.off())
    for status in (429, 500, 503):
        mock.faults.add(Fault(status=status))
        before = len(mock.requests)
        with pytest.raises(Exception, match=str(status)):
            caller.update(lane="bulk", issue_date=DAY)
        assert before + 1 == len(mock.requests)
