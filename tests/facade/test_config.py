"""What clients are made from: arguments, environment, and refusals that show no token."""

from __future__ import annotations

import copy
import importlib.metadata
import logging
import math
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    AsyncQualificationsClient,
    Budget,
    ConfigurationError,
    QualificationsClient,
    RateLimit,
    RetryPolicy,
    __version__,
    _config,
    _headers,
    _wire,
    open_budget,
)

if TYPE_CHECKING:
    from pathlib import Path


async def coroutine(_event: object) -> None:
    """Hear of an event, if anybody awaits it."""


CLIENTS = [QualificationsClient, AsyncQualificationsClient]
TOKEN = "samsara_api_5ecr3t"


@pytest.fixture(params=CLIENTS, ids=["blocking", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    """Each class of client in turn."""
    return request.param


def refusal(kind: Any, token: Any = TOKEN, **options: Any) -> str:
    """Return the message with which a client refuses to be made."""
    with pytest.raises(ConfigurationError) as caught:
        kind(token, **options)
    assert caught.value.applied is False
    return str(caught.value)


def test_arguments_come_before_the_environment(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the token and for the host."""
    monkeypatch.setenv("SAMSARA_API_TOKEN", "from-the-environment")
    monkeypatch.setenv("SAMSARA_BASE_URL", "https://environment.test")
    assert "from-the-environment" == kind()._driver.config.token.current()
    assert "given" == kind("given")._driver.config.token.current()
    assert "https://environment.test" == kind()._driver.config.base_url
    assert "https://given.test" == kind(base_url="https://given.test")._driver.config.base_url
    assert "https://api.eu.samsara.com" == kind(region="eu")._driver.config.base_url


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "https://api.samsara.com"),
        ({"region": "us"}, "https://api.samsara.com"),
        ({"region": "eu"}, "https://api.eu.samsara.com"),
        ({"region": "ca"}, "https://api.ca.samsara.com"),
        ({"base_url": "https://api.samsara.com/"}, "https://api.samsara.com"),
        ({"base_url": "HTTPS://API.Samsara.COM"}, "https://api.samsara.com"),
        ({"base_url": "https://proxy.test:8443/samsara//"}, "https://proxy.test:8443/samsara"),
        ({"base_url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"base_url": "http://127.8.9.1"}, "http://127.8.9.1"),
        ({"base_url": "http://LocalHost:8080/"}, "http://localhost:8080"),
        ({"base_url": "http://[::1]:8080"}, "http://[::1]:8080"),
        ({"base_url": "https://exämple.test"}, "https://xn--exmple-cua.test"),
    ],
)
def test_a_host_is_chosen_by_region_or_url(
    kind: Any, options: dict[str, Any], expected: str
) -> None:
    """Plain http goes to this machine only."""
    assert expected == kind(TOKEN, **options)._driver.config.base_url


def test_plain_http_goes_to_the_host_that_is_named(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mock in another container; to no other host, and no other scheme."""
    monkeypatch.setenv("SAMSARA_PLAIN_HTTP_HOST", "Mock")
    monkeypatch.setenv("SAMSARA_BASE_URL", "http://mock:8080")
    assert "http://mock:8080" == kind(TOKEN)._driver.config.base_url
    for url in ("http://mock.test", "http://api.samsara.com", "ftp://mock"):
        text = refusal(kind, base_url=url)
        assert "would send the token in plain text" in text
        assert "SAMSARA_PLAIN_HTTP_HOST" in text


def test_the_hosts_are_those_of_the_spec() -> None:
    """In the same order, by the same names."""
    servers = {server["description"]: server["url"] for server in _wire.spec()["servers"]}
    assert servers == dict(_config.HOSTS)


def test_an_empty_setting_is_as_good_as_none(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Except the token, which must be meant."""
    monkeypatch.setenv("SAMSARA_BASE_URL", "")
    monkeypatch.setenv("SAMSARA_BUDGET", "")
    assert "https://api.samsara.com" == kind(TOKEN)._driver.config.base_url
    monkeypatch.setenv("SAMSARA_API_TOKEN", "")
    assert "SAMSARA_API_TOKEN is empty" in refusal(kind, None)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "No API token: pass token=... or set SAMSARA_API_TOKEN"),
        ("", "token is empty"),
        (f"{TOKEN}\n", "token holds a blank, a line end or another character"),
        (f"Bearer {TOKEN}", "token holds 'Bearer' or quotes: pass the token alone"),
        (f"bearer {TOKEN}", "token holds 'Bearer' or quotes"),
        (f'"{TOKEN}"', "token holds 'Bearer' or quotes"),
        (f" {TOKEN}", "token holds a blank"),
        (f"{TOKEN}\x00", "token holds a blank"),
        (f"{TOKEN}é", "token holds a blank"),
        (TOKEN.encode(), "token must be a string, not bytes"),
        (5, "token must be a string, not int"),
    ],
)
def test_a_wrong_token_is_refused_and_not_shown(kind: Any, token: Any, message: str) -> None:
    """At once, and with what to do."""
    text = refusal(kind, token)
    assert text.startswith(message)
    assert TOKEN not in text


def test_a_wrong_token_in_the_environment_is_named(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable, not by its value."""
    monkeypatch.setenv("SAMSARA_API_TOKEN", f"{TOKEN}\n")
    text = refusal(kind, None)
    assert text.startswith("SAMSARA_API_TOKEN holds a blank")
    assert TOKEN not in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": "mars"}, "region='mars' must be one of 'us', 'eu', 'ca'"),
        ({"region": ""}, "region='' must be one of"),
        ({"region": "us", "base_url": "https://x.test"}, "Pass region or base_url, not both"),
        ({"base_url": ""}, "base_url must be scheme, host and perhaps port and path"),
        ({"base_url": "api.samsara.com"}, "base_url must be scheme, host"),
        ({"base_url": "https://"}, "base_url must be scheme, host"),
        ({"base_url": "https://host/?"}, "no user, query, fragment or blank"),
        ({"base_url": "https://host/#x"}, "no user, query, fragment or blank"),
        ({"base_url": "https://user:pass@host"}, "no user, query, fragment or blank"),
        ({"base_url": "https://ho st"}, "base_url must be scheme, host"),
        ({"base_url": "https://host:99999"}, "base_url must be scheme, host"),
        ({"base_url": "https://a..b"}, "base_url names the host 'a..b', which is not a valid host"),
        ({"base_url": f"https://{'a' * 70}.test"}, "which is not a valid host name"),
        ({"base_url": "https://host\n"}, "base_url must be scheme, host"),
        ({"base_url": "https://[::1"}, "base_url must be scheme, host"),
        ({"base_url": 5}, "base_url must be scheme, host"),
        ({"base_url": "ftp://host"}, "would send the token in plain text: use https"),
        ({"base_url": "//host"}, "base_url must be scheme, host"),
        ({"base_url": "http://api.samsara.com"}, "base_url='http://api.samsara.com' would send"),
        ({"base_url": "http://localhost.evil.test"}, "would send the token in plain text"),
        ({"base_url": "http://0.0.0.0"}, "would send the token in plain text"),
        ({"base_url": "http://10.0.0.1"}, "would send the token in plain text"),
        ({"budget": "mysql://host"}, "mysql"),
        (
            {"budget": 5},
            "budget must be a Budget or a URL such as 'sqlite:///budget.db', not int 5",
        ),
        ({"limits": [1]}, "limits must map names to limits"),
        ({"limits": "update"}, "not str 'update'"),
        ({"limits": {"patch": RateLimit(1, 1)}}, "limits names 'patch'; known are update, "),
        ({"limits": {"update": (60, 60)}}, "limits['update']=(60, 60) must be RateLimit("),
        ({"limits": {"update": 60}}, "limits['update']=60 must be RateLimit("),
        ({"deadline": 0}, "deadline=0 leaves no time"),
        ({"deadline": -1}, "deadline=int -1 is not a valid time"),
        ({"deadline": math.nan}, "deadline=float nan is not a valid time"),
        ({"deadline": "60"}, "deadline must be seconds as a number, not str '60'"),
        ({"timeout": 0}, "timeout=0 leaves no time"),
        ({"timeout": math.inf}, "timeout=inf is too long: the budget waits 120 s"),
        ({"timeout": 61}, "so let it take 60 s at most"),
        ({"timeout": httpx.Timeout(5)}, "timeout must be seconds as a number, not Timeout"),
        ({"retry": 3}, "retry must be a RetryPolicy, not int 3"),
        ({"retry": False}, "retry must be a RetryPolicy, not bool False"),
        ({"on_retry": 5}, "on_retry must be a plain function of one event, not int 5"),
        ({"on_wait": "log"}, "on_wait must be a plain function of one event, not str 'log'"),
        ({"on_retry": coroutine}, "nobody would await a coroutine"),
        ({"http_client": object()}, "http_client must be an httpx."),
        ({"max_in_flight": 0}, "max_in_flight=int 0 must be a whole number, 1 or more"),
        ({"max_in_flight": 2.0}, "max_in_flight=float 2.0 must be a whole number"),
        ({"max_in_flight": True}, "max_in_flight=bool True must be a whole number"),
        ({"base_url": "https://[:::]"}, "base_url='https://[:::]' is not a valid URL"),
        ({"base_url": "https://host:0"}, "base_url must be scheme, host"),
        ({"base_url": "https://host "}, "fragment or blank"),
        ({"base_url": "https:// host"}, "fragment or blank"),
    ],
)
def test_a_wrong_option_is_refused_by_name(
    kind: Any, options: dict[str, Any], message: str
) -> None:
    """When the client is made, not when it is used."""
    text = refusal(kind, **options)
    assert message in text
    assert "pass@" not in text


def test_a_client_takes_its_own_kind_of_httpx_client() -> None:
    """A mix-up would fail at the first call, or worse."""
    assert "must be an httpx.Client" in refusal(
        QualificationsClient, http_client=httpx.AsyncClient()
    )
    with httpx.Client() as http_client:
        text = refusal(AsyncQualificationsClient, http_client=http_client)
    assert "must be an httpx.AsyncClient" in text


def test_a_wrong_url_in_the_environment_is_named(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable."""
    monkeypatch.setenv("SAMSARA_BASE_URL", "http://api.samsara.com")
    assert refusal(kind).startswith("SAMSARA_BASE_URL='http://api.samsara.com' would send")
    monkeypatch.setenv("SAMSARA_BASE_URL", "https://a..b")
    assert refusal(kind).startswith("SAMSARA_BASE_URL names the host 'a..b'")


def test_a_wrong_budget_in_the_environment_is_refused(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At construction, as a wrong argument is."""
    monkeypatch.setenv("SAMSARA_BUDGET", "mysql://host")
    assert "mysql" in refusal(kind)


def test_clients_of_one_host_share_a_budget_whatever_their_token(
    kind: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Limits count for an organization; a store's URL shares them further, an argument chooses."""
    first = kind(TOKEN)
    assert first.budget is QualificationsClient("another").budget
    assert first.budget is not kind(TOKEN, region="eu").budget
    own = open_budget("memory://", name="of a test")
    assert own is kind(TOKEN, budget=own).budget
    monkeypatch.setenv("SAMSARA_BUDGET", f"sqlite:///{tmp_path / 'budget.db'}")
    assert isinstance(kind(TOKEN).budget, Budget)
    assert first.budget is not kind(TOKEN).budget
    kind(TOKEN).budget.close()


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_organizations_are_kept_apart_in_every_store(
    kind: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: str
) -> None:
    """By an argument or the environment; a name in the budget's URL counts more."""
    url = None if store == "memory" else f"sqlite:///{tmp_path / 'budget.db'}"
    none, acme = kind(TOKEN, budget=url).budget, kind(TOKEN, budget=url, organization="acme").budget
    assert acme is kind("another", budget=url, organization="acme").budget
    assert none is not acme
    assert acme is not kind(TOKEN, budget=url, organization="other").budget
    monkeypatch.setenv("SAMSARA_ORGANIZATION", "acme")
    assert acme is kind(TOKEN, budget=url).budget
    if url:
        assert kind(TOKEN, budget=f"{url}?name=acme", organization="other").budget is acme
    monkeypatch.setenv("SAMSARA_ORGANIZATION", "")
    assert none is kind(TOKEN, budget=url).budget
    for budget in (none, acme, kind(TOKEN, budget=url, organization="other").budget):
        budget.close()


@pytest.mark.parametrize("name", ["", " ", "a{b", 5])
def test_a_wrong_organization_is_refused(
    kind: Any, monkeypatch: pytest.MonkeyPatch, name: Any
) -> None:
    """Where it was given, by name and value."""
    assert "is not a valid name" in refusal(kind, organization=name)
    monkeypatch.setenv("SAMSARA_ORGANIZATION", "a}b")
    assert "SAMSARA_ORGANIZATION='a}b'" in refusal(kind)


def test_an_organization_beside_a_budget_is_refused(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget has a name already; what the environment says does not matter to it."""
    own = open_budget("memory://", name="of a test")
    assert "pass one of them" in refusal(kind, budget=own, organization="acme")
    for name in ("acme", "a}b"):
        monkeypatch.setenv("SAMSARA_ORGANIZATION", name)
        assert own is kind(TOKEN, budget=own).budget


def test_a_second_token_without_an_organization_is_told_once(
    kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be one of another organization, which has a budget of its own."""
    host = f"https://{kind.__name__.lower()}.test"
    for token in (TOKEN, TOKEN, "second", "third", "second"):
        kind(token, base_url=host)
    kind("fourth", base_url=host, organization="acme")
    told = [record.message for record in caplog.records if "a second API token" in record.message]
    assert 1 == len(told)
    assert "organization='its name'" in told[0]
    assert TOKEN not in told[0]


def test_a_token_that_rotates_is_asked_for(kind: Any) -> None:
    """When the client is made, and before each request."""
    tokens = iter(["first-token", "second-token", "third-token"])
    token = kind(lambda: next(tokens))._driver.config.token
    assert token.rotates
    assert "[token] and third-token" == token.redact("first-token and third-token")
    assert ["second-token", "third-token"] == [token.current(), token.current()]
    assert "[token] [token] [token]" == token.redact("first-token second-token third-token")


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "what the function passed as token returns must be a string, not NoneType"),
        (f"Bearer {TOKEN}", "returns holds 'Bearer' or quotes"),
        ("", "returns is empty"),
        (ValueError(TOKEN), "the function passed as token raised ValueError"),
    ],
)
def test_a_wrong_token_of_a_function_is_refused_and_not_shown(
    kind: Any, returned: Any, message: str
) -> None:
    """As one that is passed."""

    def token() -> Any:
        if isinstance(returned, Exception):
            raise returned
        return returned

    with pytest.raises(ConfigurationError, match=message) as caught:
        kind(token)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_the_limits_are_those_of_the_spec_slowest_first(kind: Any) -> None:
    """Under keys that tell tokens apart, and organisations not."""
    limits = kind(TOKEN)._driver.config.limits
    assert {operation.name for operation in _wire.ALL} == set(limits)
    (own, token, organisation) = limits["update"]
    assert ("update", "organization") == (own, organisation)
    assert token.startswith("token:")
    assert TOKEN not in token
    expected = [RateLimit(100, 60), RateLimit(150, 1), RateLimit(200, 1)]
    assert expected == list(limits["update"].values())
    assert RateLimit(5, 1) == limits["stream"]["stream"]


def test_a_limit_can_be_lowered(kind: Any) -> None:
    """An operation's, or one over all; the others stay."""
    changes = {"update": RateLimit(60, 60), "organization": RateLimit(20, 1)}
    limits = kind(TOKEN, limits=changes)._driver.config.limits
    assert [RateLimit(60, 60), RateLimit(150, 1), RateLimit(20, 1)] == list(
        limits["update"].values()
    )
    assert RateLimit(100, 60) == limits["create"]["create"]


@pytest.mark.parametrize(
    ("client", "call", "lane", "expected"),
    [
        (None, None, "interactive", 60.0),
        (None, None, "bulk", math.inf),
        (5, None, "interactive", 5.0),
        (5, None, "bulk", 5.0),
        (5, 7, "bulk", 7.0),
        (None, 0.5, "interactive", 0.5),
        (None, math.inf, "interactive", math.inf),
    ],
)
def test_the_nearest_deadline_counts(
    kind: Any, *, client: float | None, call: float | None, lane: Any, expected: float
) -> None:
    """The call's, the client's, the lane's."""
    assert (expected, lane) == kind(TOKEN, deadline=client)._rules.terms(call, lane)


def test_no_text_of_a_client_shows_the_token(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither its repr, nor that of its parts, nor the log."""
    caplog.set_level(logging.DEBUG)
    client = kind(TOKEN, base_url="https://samsara.test", retry=RetryPolicy(attempts=2))
    texts = [
        repr(client),
        str(client),
        repr(client._driver.config),
        repr(client.budget),
        caplog.text,
    ]
    assert not [text for text in texts if TOKEN in text]
    assert repr(client).startswith(f"{kind.__name__}(base_url='https://samsara.test', budget=")


def test_a_client_is_neither_copied_nor_pickled(kind: Any) -> None:
    """It holds connections and the token."""
    client = kind(TOKEN)
    for duplicate in [copy.copy, copy.deepcopy, pickle.dumps]:
        with pytest.raises(TypeError, match="make one where it is needed"):
            duplicate(client)


def test_the_user_agent_names_the_version() -> None:
    """It is the one that the build gives the package."""
    assert importlib.metadata.version("samsara-qualifications") == __version__
    expected = f"samsara-qualifications/{__version__} python/3."
    assert _headers._user_agent(None).startswith(expected)
