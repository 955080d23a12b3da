"""What a client is made from: arguments first, then the environment."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import os
import platform
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, get_args

import httpx

from . import _flow, _values, _wire
from .budget import Budget, Lane, RateLimit, open_budget
from .budget.window import EXCHANGE
from .errors import ConfigurationError, InvalidInput
from .retry import RetryPolicy, RetryQuota

if TYPE_CHECKING:
    from collections.abc import Callable

HttpClientT = TypeVar("HttpClientT", httpx.Client, httpx.AsyncClient)

Region: TypeAlias = Literal["us", "eu", "ca"]

HOSTS: Final[Mapping[Region, str]] = {
    "us": "https://api.samsara.com",
    "eu": "https://api.eu.samsara.com",
    "ca": "https://api.ca.samsara.com",
}
"""The API's hosts (source: upstream)."""

MAX_PORT: Final = 65_535

ANSWER_SECONDS: Final = 60.0
"""How long an interactive call takes at most, unless the caller says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """A client's configuration, checked. The token shows in no repr."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    budget: Budget
    deadline: float | None
    rules: _flow.Rules = field(repr=False)

    def url(self, request: _wire.Request) -> str:
        """Return the absolute URL of a request."""
        return self.base_url + request.target

    @property
    def trust_env(self) -> bool:
        """Whether the environment's proxies may carry the requests: plain http stays at home."""
        return self.base_url.startswith("https:")

    def call_deadline(self, deadline: float | None, lane: Lane) -> float:
        """Return the seconds that a call may take: its own, the client's, or the lane's."""
        if lane not in get_args(Lane):
            raise InvalidInput(f"lane={lane!r} must be 'interactive' or 'bulk'")
        if deadline is not None:
            return _values.time_span("deadline", deadline)
        if self.deadline is not None:
            return self.deadline
        return math.inf if lane == "bulk" else ANSWER_SECONDS


def configure(
    *,
    token: str | None,
    region: str | None,
    base_url: str | None,
    budget: Budget | str | None,
    limits: Mapping[str, RateLimit] | None,
    deadline: float | None,
    timeout: float,
    retry: RetryPolicy | None,
    on_retry: Callable[[_flow.RetryEvent], None] | None,
    on_wait: Callable[[_flow.WaitEvent], None] | None,
    strict: bool,
) -> Config:
    """Check a client's options and complete them from the environment."""
    secret = _token(token)
    host = _base_url(region, base_url)
    scope = hashlib.sha256(secret.encode()).hexdigest()[:12]
    return Config(
        base_url=host,
        headers={
            "Authorization": f"Bearer {secret}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": _user_agent(),
        },
        budget=_budget(budget, name=f"{host} {scope}"),
        deadline=None if deadline is None else _span("deadline", deadline),
        rules=_flow.Rules(
            policy=_retry(retry),
            quota=RetryQuota(),
            limits=_limits({} if limits is None else limits, token_scope=scope),
            timeout=_timeout(timeout),
            clock=time.monotonic,
            wall_clock=time.time,
            random=random.random,
            redact=lambda text: text.replace(secret, "[token]"),
            on_retry=_hook("on_retry", on_retry),
            on_wait=_hook("on_wait", on_wait),
            check=_strict_check() if strict else None,
        ),
    )


def _token(token: str | None) -> str:
    source = "token" if token is not None else "SAMSARA_API_TOKEN"
    secret = os.environ.get("SAMSARA_API_TOKEN") if token is None else token
    if secret is None:
        raise ConfigurationError("No API token: pass token=... or set SAMSARA_API_TOKEN")
    if not isinstance(secret, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"{source} must be a string, not {type(secret).__name__}")
    if not secret:
        raise ConfigurationError(f"{source} is empty: it must be a Samsara API token")
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise ConfigurationError(
            f"{source} holds a blank, a line end or another character that no token has: "
            "strip what was read from a file (the value is not shown here)"
        )
    return secret


def _base_url(region: str | None, base_url: str | None) -> str:
    if region is not None and base_url is not None:
        raise ConfigurationError("Pass region or base_url, not both: they name the same host")
    if base_url is not None:
        return _checked_url("base_url", base_url)
    if region is not None:
        return _region_host(region)
    from_environment = os.environ.get("SAMSARA_BASE_URL")
    return _checked_url("SAMSARA_BASE_URL", from_environment) if from_environment else HOSTS["us"]


def _region_host(region: str) -> str:
    for name, host in HOSTS.items():
        if name == region:
            return host
    raise ConfigurationError(f"region={region!r} must be one of {', '.join(map(repr, HOSTS))}")


def _checked_url(source: str, text: str) -> str:
    try:
        url = httpx.URL(text)
        url.host.encode("idna")
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        raise ConfigurationError(f"{source} is no URL: {error}") from None
    if (
        not url.host
        or "%" in url.host
        or not 0 < (url.port or 443) <= MAX_PORT
        or any(mark in str(url) for mark in "@?#")
    ):
        raise ConfigurationError(
            f"{source} must be scheme, host and perhaps port and path, such as "
            "https://api.samsara.com: no user, query or fragment"
        )
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        raise ConfigurationError(
            f"{source}={text!r} would send the token in plain text: use https "
            "(plain http is for loopback addresses only)"
        )
    return str(url).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _budget(budget: Budget | str | None, *, name: str) -> Budget:
    if isinstance(budget, Budget):
        return budget
    url = budget or os.environ.get("SAMSARA_BUDGET")
    if not url:
        return open_budget("memory://", name=name)
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            f"budget must be a Budget or a URL such as 'sqlite:///budget.db', "
            f"not {_values.shown(url)}"
        )
    return open_budget(url)


def _limits(
    overrides: Mapping[str, RateLimit], *, token_scope: str
) -> dict[str, dict[str, RateLimit]]:
    """Return each operation's limits by the key that they count under, the slowest first."""
    known = {operation.name: operation.rate_limit for operation in _wire.ALL} | _wire.SHARED
    if not isinstance(overrides, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            "limits must map names to limits, such as {'update': RateLimit(60, 60)}, "
            f"not {_values.shown(overrides)}"
        )
    for key, limit in overrides.items():
        if key not in known:
            raise ConfigurationError(f"limits names {key!r}; known are {', '.join(known)}")
        if not isinstance(limit, RateLimit):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(
                f"limits[{key!r}]={limit!r} must be RateLimit(requests, seconds)"
            )
    limits = {key: RateLimit(*limit) for key, limit in known.items()} | dict(overrides)
    return {
        operation.name: {
            operation.name: limits[operation.name],
            f"token:{token_scope}": limits["token"],
            "organization": limits["organization"],
        }
        for operation in _wire.ALL
    }


def _retry(policy: RetryPolicy | None) -> RetryPolicy:
    if not isinstance(policy, RetryPolicy | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"retry must be a RetryPolicy, not {_values.shown(policy)}")
    return policy or RetryPolicy()


def _hook(name: str, hook: Callable[[Any], None] | None) -> Callable[[Any], None]:
    if hook is not None and not callable(hook):
        raise ConfigurationError(
            f"{name} must be a function of one event, not {_values.shown(hook)}"
        )
    return hook or _flow.ignore


def _timeout(value: float) -> float:
    seconds = _span("timeout", value)
    if seconds > EXCHANGE / 2:
        raise ConfigurationError(
            f"timeout={seconds:g} is too long: the budget waits {EXCHANGE:g} s for the end of an "
            f"exchange, so let it take {EXCHANGE / 2:g} s at most"
        )
    return seconds


def _span(name: str, value: float) -> float:
    try:
        return _values.time_span(name, value)
    except InvalidInput as error:
        raise ConfigurationError(str(error)) from None


def _user_agent() -> str:
    try:
        own = version("samsara-qualifications")
    except PackageNotFoundError:
        own = "unknown"
    return f"samsara-qualifications/{own} python/{platform.python_version()}"


def _strict_check() -> Callable[[_wire.Operation[Any], bytes], None]:
    from ._strict import check  # noqa: PLC0415  needs an extra

    return check


def http_client(kind: type[HttpClientT], given: HttpClientT | None, config: Config) -> HttpClientT:
    """Return the caller's httpx client, or one of our own."""
    if given is None:
        return kind(trust_env=config.trust_env)
    if not isinstance(given, kind):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            f"http_client must be an httpx.{kind.__name__}, not {_values.shown(given)}"
        )
    return given


def describe(name: str, config: Config) -> str:
    """Return a client's repr; it has no token."""
    arguments: dict[str, Any] = {"base_url": config.base_url, "budget": config.budget}
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
