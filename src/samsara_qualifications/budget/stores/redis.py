"""
The log in Redis, for any number of hosts.

Each call is one script on the server, by the server's clock. All keys of a budget share a hash tag.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import math
import os
import time
from typing import TYPE_CHECKING, Any

from ...errors import BudgetUnavailable, ConfigurationError
from .. import window
from .store import Births, Pause, Use, Wait, tell_births, unheard

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.exceptions import MovedError, NoScriptError, RedisClusterException
    from redis.retry import Retry
except ImportError as error:
    raise ConfigurationError(
        "a budget in Redis needs the redis package: pip install 'samsara-qualifications[redis]'"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..window import Lane, RateLimit
    from .store import EventKind, Notify, Slot

TIMEOUT = 0.3  # seconds to wait for a connection, and for an answer
KEEP = 30 * 86_400  # seconds that a log outlives its last use: what is not there then was lost
MICRO = 1_000_000
CONSTANTS = f"""local LEASE, KEEP = {window.LEASE * MICRO}, {KEEP * 1000}
local POLL, GRACE = {window.POLL * MICRO}, {window.GRACE * MICRO}
local BURST, MEMORY, MARGIN = {window.BURST}, {window.MEMORY}, {window.MARGIN}
"""
try:
    SCRIPT = (
        importlib.resources.files("samsara_qualifications.budget.stores")
        .joinpath("redis.lua")
        .read_text("utf-8")
    )
except FileNotFoundError:
    raise ConfigurationError(
        "the budget's script, redis.lua, was left out of this program: with PyInstaller, add "
        "--collect-data samsara_qualifications"
    ) from None


class _Script:
    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisStore:
    """
    Slots of all hosts that use the same server and name.

    Args:
        url: As redis-py takes it.
        name: Keeps budgets on one server apart.
        wait: Whether a window has to pass before the first slot of a new log.
        cluster: Whether the server is a node of a cluster; the others are asked, too.

    Raises:
        ConfigurationError: The URL cannot be used.
    """

    blocking = True
    volatile = True
    at_rest = False

    def __init__(self, url: str, name: str, *, wait: bool = False, cluster: bool = False) -> None:
        self.notify: Notify = unheard
        self._prefix = f"samsara-budget:2:{{{name}}}:"
        self._wait = wait
        retry = Retry(NoBackoff(), 0)  # the dispatcher asks again, for all who wait
        try:
            pool = redis.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  untyped
                url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=retry
            )
            pool.make_connection()  # which only makes an object, and checks its options
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"the Redis URL cannot be used: {error}") from None
        self._cluster_url = url if cluster else ""
        self._cluster: redis.RedisCluster | None = None
        self._client = redis.Redis.from_pool(pool)
        options = {"host": "localhost", "port": 6379} | pool.connection_kwargs
        self.title = "Redis at " + ("{path}" if "path" in options else "{host}:{port}").format_map(
            options
        )
        self._script = _Script(f"#!lua\n{CONSTANTS}{SCRIPT}")
        self._when_full = _Script(f"#!lua flags=allow-oom\n{CONSTANTS}{SCRIPT}")
        self._births = Births()
        self._clock = time.monotonic

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot under every limit, or say how long to wait."""
        again = bool(slot.id)
        slot.id = slot.id or os.urandom(8).hex()
        numbers: list[int] = []
        now = self._clock()
        for key, limit in slot.limits.items():
            born, count = self._births.known(key, now - limit.window_seconds - window.LEASE)
            numbers += (limit.requests, _micro(limit.window_seconds), int(born), count)
        reply = self._run("take", slot.limits, slot.id, lane, +self._wait, +again, *numbers)
        seconds, number, left, since, why, *news = reply
        told: list[tuple[EventKind, str]] = []
        births = zip(slot.limits, news[::3], news[1::3], news[2::3], strict=True)
        for key, born, count, kind in births:
            self._births.note(key, now, born, count)
            if kind:
                told.append((kind.decode(), key))
        tell_births(self.notify, told)
        if seconds > 0:
            keys = list(slot.limits)
            return Wait(seconds / MICRO, keys[number - 1], _pause(left, since, why))
        slot.store = self
        return None

    def settle(self, slot: Slot, ago: float) -> None:
        """Let the slot come free one window after `ago` seconds before now; at once if infinite."""
        spans = [max(limit.window_seconds - ago, 0) for limit in slot.limits.values()]
        self._run("settle", slot.limits, slot.id, *map(_micro, spans))

    def pause(self, key: str, seconds: float, why: str = "server") -> None:
        """Refuse everybody under `key` for this long."""
        self._run("pause", [key], _micro(seconds), why)

    def use(self, limits: Mapping[str, RateLimit]) -> dict[str, Use]:
        """Return how far each limit is used."""
        windows = [_micro(limit.window_seconds) for limit in limits.values()]
        reply = self._run("use", limits, *windows)
        return {
            key: Use(used, in_flight, float(rate), _pause(*pause))
            for key, (used, in_flight, rate, *pause) in zip(limits, reply, strict=True)
        }

    def close(self) -> None:
        """Close the connections that are not in use."""
        cluster, self._cluster = self._cluster, None
        if cluster:
            cluster.close()
        self._client.connection_pool.disconnect(inuse_connections=False)

    def before_fork(self) -> None:
        """Do nothing: redis-py gives a child connections of its own."""

    def after_fork(self, *, child: bool) -> None:
        """Do nothing."""

    def _run(self, operation: str, limits: Sequence[str] | Mapping[str, Any], *args: Any) -> Any:
        keys = [self._prefix + key + part for key in limits for part in (":slots", ":state")]
        script = self._script if operation == "take" else self._when_full
        try:
            client = self._connected()
            try:
                return client.evalsha(script.sha, len(keys), *keys, operation, *args)
            except NoScriptError:  # a new server, or one that was told to forget
                return client.eval(script.text, len(keys), *keys, operation, *args)
        except redis.AuthenticationError as error:
            raise ConfigurationError(
                f"{self.title} refuses the user name or password of the budget's URL"
            ) from error
        except redis.ResponseError as error:
            self.close()  # a new connection may find the node that has taken over
            raise self._refusal(type(error), str(error)) from error
        except (redis.RedisError, RedisClusterException) as error:
            raise BudgetUnavailable(
                f"{self.title} does not answer ({error}): see that it runs, and can be reached from"
                " here"
            ) from error

    def _connected(self) -> redis.Redis | redis.RedisCluster:
        if self._cluster_url and not self._cluster:
            self._cluster = redis.RedisCluster.from_url(  # pyright: ignore[reportUnknownMemberType]
                self._cluster_url,
                socket_timeout=TIMEOUT,
                socket_connect_timeout=TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        return self._cluster or self._client

    def _refusal(self, kind: type, answer: str) -> ConfigurationError | BudgetUnavailable:
        if "WRONGTYPE" in answer:
            return ConfigurationError(
                f"{self.title} holds something else under {self._prefix}*: remove it, or give the"
                " budget another name"
            )
        if kind is MovedError:
            return ConfigurationError(
                f"{self.title} is one node of a Redis cluster: add ?cluster=true to the budget's"
                " URL"
            )
        if "unexpected symbol near '#'" in answer:
            return ConfigurationError(f"{self.title} is too old: Redis 7, or Valkey, is needed")
        return BudgetUnavailable(f"{self.title} refuses: {answer.rstrip('.')}")


def _pause(left: int, since: int, why: bytes) -> Pause | None:
    return Pause(left / MICRO, since / MICRO, why.decode()) if left else None


def _micro(seconds: float) -> int:
    return math.ceil(seconds * MICRO)
