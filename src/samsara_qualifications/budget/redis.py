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

from ..errors import BudgetUnavailable, ConfigurationError
from . import window
from .store import Slot

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.exceptions import NoScriptError
    from redis.retry import Retry
except ImportError as error:
    raise ConfigurationError(
        "a budget in Redis needs the redis package: pip install 'samsara-qualifications[redis]'"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .window import Lane, RateLimit

TIMEOUT = 0.3  # seconds to wait for a connection, and for an answer
MEMORY = max(window.LEASE, 4 * window.RECOVERY)  # seconds that a budget's state outlives a window
MICRO = 1_000_000
CONSTANTS = f"""local LEASE, MEMORY = {window.LEASE * MICRO}, {MEMORY * MICRO}
local POLL, GRACE = {window.POLL * MICRO}, {window.GRACE * MICRO}
local RECOVERY = {window.RECOVERY * MICRO}
local BURST, PACE, HORIZON = {window.BURST}, {window.PACE}, {window.HORIZON}
"""
try:
    SCRIPT = (
        importlib.resources.files("samsara_qualifications.budget")
        .joinpath("redis.lua")
        .read_text("utf-8")
    )
except FileNotFoundError:
    raise ConfigurationError(
        "the budget's script, redis.lua, was left out of this program: with PyInstaller, add "
        "--collect-data samsara_qualifications"
    ) from None


class RedisStore:
    """
    Slots of all hosts that use the same server and name.

    Args:
        url: The server's URL, as redis-py takes it.
        name: Keeps budgets on one server apart.

    Raises:
        ConfigurationError: The URL cannot be used.
    """

    blocking = True
    at_rest = False

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        retry = Retry(NoBackoff(), 0)  # a take whose answer was lost must not be repeated
        try:
            pool = redis.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  untyped
                url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=retry
            )
            pool.make_connection()  # which only makes an object, and checks its options
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"the Redis URL cannot be used: {error}") from None
        self._client = redis.Redis.from_pool(pool)
        self._script = CONSTANTS + SCRIPT
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._server = "{host}:{port}".format_map(
            {"host": "localhost", "port": 6379} | pool.connection_kwargs
        )
        self._taken: dict[str, tuple[float, int]] = {}  # each key's last slot: when, which log

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""
        now = time.monotonic()
        slot = Slot(limits, now, os.urandom(12).hex())
        logs = [self._known(key, limit, now) for key, limit in limits.items()]
        numbers: list[int] = []
        for limit, log in zip(limits.values(), logs, strict=True):
            numbers += (limit.requests, _micro(limit.window_seconds), log)
        reply = self._run("take", limits, slot.id, lane, ahead, *numbers)
        if isinstance(reply, int):
            return reply / MICRO
        logs = reply or logs  # the server returns them only if they differ
        self._taken |= {key: (now, log) for key, log in zip(limits, logs, strict=True)}
        return slot

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        windows = [_micro(limit.window_seconds) for limit in slot.limits.values()]
        self._run("settle", slot.limits, slot.id, *windows)

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        self._run("refund", slot.limits, slot.id)

    def drop(self, slot: Slot) -> None:
        """Leave the slot to its lease."""

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for this long."""
        self._run("pause", [key], _micro(seconds))

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._client.connection_pool.disconnect(inuse_connections=False)

    def before_fork(self) -> None:
        """Do nothing: redis-py gives a child connections of its own."""

    def after_fork(self, *, child: bool) -> None:
        """Do nothing."""

    def _known(self, key: str, limit: RateLimit, now: float) -> int:
        """Return in which log this process took slots that may still count; 0 if none do."""
        taken, log = self._taken.get(key, (-math.inf, 0))
        return log if now - taken < limit.window_seconds + window.LEASE else 0

    def _run(self, operation: str, limits: Sequence[str] | Mapping[str, Any], *args: Any) -> Any:
        prefix = f"samsara-budget:{{{self._name}}}:"
        keys = [prefix + key + part for key in limits for part in (":slots", ":state")]
        try:
            try:
                return self._client.evalsha(self._sha, len(keys), *keys, operation, *args)
            except NoScriptError:  # a new server, or one that was told to forget
                return self._client.eval(self._script, len(keys), *keys, operation, *args)
        except redis.AuthenticationError as error:
            raise ConfigurationError(
                f"Redis at {self._server} refuses the user name or password of the budget's URL"
            ) from error
        except redis.ResponseError as error:
            if "WRONGTYPE" in str(error):
                raise ConfigurationError(
                    f"Redis at {self._server} holds something else under {prefix}*: remove it, or"
                    " give the budget another name"
                ) from error
            raise BudgetUnavailable(f"Redis at {self._server} refuses: {error}") from error
        except redis.RedisError as error:
            raise BudgetUnavailable(
                f"Redis at {self._server} does not answer ({error}): see that it runs, and can be"
                " reached from here"
            ) from error


def _micro(seconds: float) -> int:
    return math.ceil(seconds * MICRO)
