"""What a client is made from: arguments first, then the environment."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from . import _headers, _rules, _values, _wire
from ._token import Token
from .budget import Budget, Lane, RateLimit, open_budget
from .budget.window import LEASE
from .errors import ConfigurationError, InvalidInput
from .retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_log = logging.getLogger("samsara_qualifications")

Region: TypeAlias = Literal["us", "eu", "ca"]
EntityType: TypeAlias = Literal["worker", "asset"]

LOG_LEVELS: Final = ("debug", "info", "warning")


class HttpClient(Protocol):
    """An `httpx.Client`, as far as signatures name it: importing this package loads no httpx."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class AsyncHttpClient(Protocol):
    """An `httpx.AsyncClient`, as far as signatures name it."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    async def aclose(self) -> None:
        """Close it."""
        ...


HOSTS: Final[Mapping[Region, str]] = {
    "us": "https://api.samsara.com",
    "eu": "https://api.eu.samsara.com",
    "ca": "https://api.ca.samsara.com",
}
"""The API's hosts, by Samsara's API documentation."""

MAX_PORT: Final = 65_535

_URL: Final = (
    r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[^][/?#@:%\s\\]+)"
    r"(:(?P<port>\d{1,5}))?(?P<path>(/[^?#@\s\\]*)?)"
)

TIMEOUT: Final = 30.0
"""Seconds that one exchange takes at most, unless the caller says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """
    A client's configuration, checked. The token shows in no repr.

    Attributes:
        base_url: The host, without a slash at the end.
        organization: The organization's name; empty where none was given, or a `Budget`.
        token: The API token, which takes itself out of texts.
        budget: The budget that its calls share.
        limits: For each operation its limits, by the key that they count under, the slowest first.
        headers: What each request says, besides the token.
        deadline: Seconds that a call takes at most; `None` for the lane's own.
        timeout: Seconds that one exchange takes at most.
        lane: The lane of calls that name none.
        retry: When to send again.
        max_in_flight: How many exchanges may be under way; `None` for as many as make sense.
        check: Validates a success's body further; used by strict clients.
    """

    base_url: str
    organization: str
    token: Token = field(repr=False)
    budget: Budget
    limits: Mapping[str, Mapping[str, RateLimit]] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    deadline: float | None
    timeout: float
    lane: Lane
    retry: RetryPolicy
    max_in_flight: int | None
    on_answer: Callable[[Any], None] | None
    on_retry: Callable[[Any], None]
    on_wait: Callable[[Any], None]
    check: Callable[[_wire.Operation[Any], bytes], None] | None


def configure(
    *,
    token: str | Callable[[], str] | None,
    region: str | None,
    base_url: str | None,
    organization: str | None,
    budget: Budget | str | None,
    limits: Mapping[str, RateLimit] | None,
    deadline: float | None,
    timeout: float | None,
    lane: Lane,
    retry: RetryPolicy | None,
    max_in_flight: int | None,
    api_version: str | None,
    app_info: str | None,
    default_headers: Mapping[str, str] | None,
    on_answer: Callable[[Any], None] | None,
    on_retry: Callable[[Any], None] | None,
    on_wait: Callable[[Any], None] | None,
    strict: bool,
) -> Config:
    """Check a client's options and complete them from the environment."""
    from hashlib import sha256  # noqa: PLC0415  it loads OpenSSL

    _log_to_stderr()
    secret = Token(token)
    host = _base_url(region, base_url)
    scope = sha256(secret.latest.encode()).hexdigest()[:12]
    return Config(
        base_url=host,
        organization="" if isinstance(budget, Budget) else _organization(organization) or "",
        token=secret,
        budget=_budget(budget, host, organization, scope),
        limits=_limits({} if limits is None else limits, token_scope=scope),
        headers=_headers.headers(api_version, app_info, default_headers),
        deadline=_deadline(deadline),
        timeout=_timeout(timeout),
        lane=_lane(lane),
        retry=_retry(retry),
        max_in_flight=_max_in_flight(max_in_flight),
        on_answer=_answer_hook(on_answer),
        on_retry=_hook("on_retry", on_retry),
        on_wait=_hook("on_wait", on_wait),
        check=_strict_check() if strict else None,
    )


def changed(
    rules: _rules.Rules,
    *,
    deadline: float | None,
    timeout: float | None,
    lane: Lane | None,
    retry: RetryPolicy | None,
    **hooks: Callable[[Any], None] | None,
) -> _rules.Rules:
    """Return a client's rules with other options, checked as `configure` checks them."""
    given = {name: hook for name, hook in hooks.items() if hook is not None}
    changes: dict[str, Any] = {name: _hook(name, hook) for name, hook in given.items()}
    if deadline is not None:
        changes["deadline"] = _deadline(deadline)
    if timeout is not None:
        changes["timeout"] = _timeout(timeout)
    if lane is not None:
        changes["lane"] = _lane(lane)
    if retry is not None:
        changes["policy"] = _retry(retry)
    return replace(rules, **changes)


def _base_url(region: str | None, base_url: str | None) -> str:
    if region is not None and base_url is not None:
        raise ConfigurationError("Pass region or base_url, not both: they name the same host")
    if base_url is not None:
        return _checked_url("base_url", base_url)
    if region is not None:
        return _region_host("region", region)
    url, region = os.environ.get("SAMSARA_BASE_URL"), os.environ.get("SAMSARA_REGION")
    if url and region:
        raise ConfigurationError(
            "SAMSARA_REGION and SAMSARA_BASE_URL are both set, and name the same host: unset one"
        )
    if url:
        return _checked_url("SAMSARA_BASE_URL", url)
    return _region_host("SAMSARA_REGION", region or "us")


def _region_host(source: str, region: str) -> str:
    for name, host in HOSTS.items():
        if name == region:
            return host
    raise ConfigurationError(f"{source}={region!r} must be one of {', '.join(map(repr, HOSTS))}")


def _checked_url(source: str, text: object) -> str:
    found = re.fullmatch(_URL, text) if isinstance(text, str) else None
    if found is None or not 0 < int(found["port"] or 443) <= MAX_PORT:
        raise ConfigurationError(
            f"{source} must be scheme, host and perhaps port and path, such as "
            "https://api.samsara.com: no user, query, fragment or blank"
        )
    scheme = found["scheme"].lower()
    host = _host_name(source, found["host"])
    is_plain = is_loopback(host) or host == os.environ.get("SAMSARA_PLAIN_HTTP_HOST", "").lower()
    if scheme != "https" and not (scheme == "http" and is_plain):
        raise ConfigurationError(
            f"{source}={text!r} would send the token in plain text: use https (plain http is for "
            "loopback addresses, and for a mock server at the host in SAMSARA_PLAIN_HTTP_HOST)"
        )
    port = f":{found['port']}" if found["port"] else ""
    return f"{scheme}://{host}{port}{found['path'].rstrip('/')}"


def _host_name(source: str, host: str) -> str:
    if host.startswith("["):
        return host.lower()
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        raise ConfigurationError(
            f"{source} names the host {host!r:.80}, which is not a valid host name"
        ) from None


def is_loopback(host: str) -> bool:
    """Return whether a host, by its name or address, is this machine itself."""
    from ipaddress import ip_address  # noqa: PLC0415  few need it, and it takes a while to load

    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _organization(given: str | None) -> str | None:
    source = "SAMSARA_ORGANIZATION" if given is None else "organization"
    name = (os.environ.get("SAMSARA_ORGANIZATION") or None) if given is None else given
    named = isinstance(name, str) and name.strip() and not set(name) & set("{}")
    if name is not None and not named:
        raise ConfigurationError(
            f"{source}={name!r:.80} is not a valid name: give one that has no braces and "
            "is not empty"
        )
    return name


def _budget(budget: Budget | str | None, host: str, organization: str | None, scope: str) -> Budget:
    if isinstance(budget, Budget):
        if organization is not None:
            raise ConfigurationError(
                "organization and a Budget object say the same: pass one of them, or the budget's"
                " URL"
            )
        return budget
    organization = _organization(organization)
    url = budget or os.environ.get("SAMSARA_BUDGET")
    if url and not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            f"budget must be a Budget or a URL such as 'sqlite:///budget.db', "
            f"not {_values.shown(url)}"
        )
    if url:
        opened = open_budget(url, name=organization or "default")
    else:
        opened = open_budget("memory://", name=f"{host} {organization or ''}".rstrip())
    if organization is None:
        _expect_one_token(opened, scope)
    return opened


_scopes: WeakKeyDictionary[Budget, set[str]] = WeakKeyDictionary()


def _expect_one_token(budget: Budget, scope: str) -> None:
    """Say once that two tokens share a budget: they may be of two organizations."""
    known = _scopes.setdefault(budget, set())
    if known and scope not in known and len(known) == 1:
        _log.warning(
            "a second API token shares %r: rate limits count per organization, so this is right for"
            " two tokens of one; for another organization pass organization='its name', or set"
            " SAMSARA_ORGANIZATION",
            budget,
        )
    known.add(scope)


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
    if policy is not None:
        return policy
    setting = os.environ.get("SAMSARA_RETRY", "")
    if setting not in {"", "off"}:
        raise ConfigurationError(f"SAMSARA_RETRY={setting!r} must be 'off', or not be set")
    return RetryPolicy.off() if setting else RetryPolicy()


def _lane(lane: Lane) -> Lane:
    with _as_option():
        return _rules.checked_lane(lane)


def _hook(name: str, hook: Callable[[Any], None] | None) -> Callable[[Any], None]:
    if hook is not None and (not callable(hook) or _is_async(hook)):
        raise ConfigurationError(
            f"{name} must be a plain function of one event, not {_values.shown(hook)}: nobody "
            "would await a coroutine"
        )
    return hook or _rules.ignore


def _answer_hook(hook: Callable[[Any], None] | None) -> Callable[[Any], None] | None:
    """Return who hears of answers: nobody, unless somebody asked for it, or reads the log."""
    listens = hook is not None or _log.isEnabledFor(logging.DEBUG)
    return _hook("on_answer", hook) if listens else None


def _is_async(hook: object) -> bool:
    called: Any = getattr(type(hook), "__call__", None)  # noqa: B004  of an object, its own
    return iscoroutinefunction(hook) or iscoroutinefunction(called)


def _deadline(value: float | None) -> float | None:
    with _as_option():
        return None if value is None else _values.time_span("deadline", value)


def _timeout(value: float | None) -> float:
    name, given = "timeout", value
    if given is None:
        name, given = "SAMSARA_TIMEOUT", _number("SAMSARA_TIMEOUT", TIMEOUT)
    with _as_option():
        seconds = _values.time_span(name, given)
    if seconds > LEASE / 2:
        raise ConfigurationError(
            f"{name}={seconds:g} is too long: the budget waits {LEASE:g} s for the end of an "
            f"exchange, so let it take {LEASE / 2:g} s at most"
        )
    return seconds


def _number(name: str, default: float) -> float:
    text = os.environ.get(name)
    try:
        return float(text) if text else default
    except ValueError:
        raise ConfigurationError(f"{name}={text!r:.80} must be a number of seconds") from None


@contextmanager
def _as_option() -> Generator[None]:
    """Refuse a wrong option as such: nobody has called anything yet."""
    try:
        yield
    except InvalidInput as error:
        raise ConfigurationError(str(error)) from None


def _log_to_stderr() -> None:
    """Let the package's log be seen where the environment asks for it, and nobody has cared."""
    level = os.environ.get("SAMSARA_LOG")
    if not level:
        return
    if level not in LOG_LEVELS:
        raise ConfigurationError(
            f"SAMSARA_LOG={level!r:.80} must be one of {', '.join(map(repr, LOG_LEVELS))}"
        )
    _log.setLevel(level.upper())
    if not _log.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        _log.addHandler(handler)


def _max_in_flight(value: int | None) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise ConfigurationError(
            f"max_in_flight={_values.shown(value)} must be a whole number, 1 or more, or None"
        )
    return value


def _strict_check() -> Callable[[_wire.Operation[Any], bytes], None]:
    from ._strict import checker  # noqa: PLC0415  it needs an extra

    return checker()
