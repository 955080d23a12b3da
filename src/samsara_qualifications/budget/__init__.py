"""
The rate-limit budget: never more requests in any window than the server allows.

    budget = open_budget("redis://localhost/0", name="acme")
    permit = budget.acquire({"update": RateLimit(100, 60)}, lane="bulk")

All who open a budget by the same URL and name share its slots: the threads and event loops of a
process (`memory://`), the processes of a host (`sqlite:///path`), or hosts (`redis://host`).
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..errors import ConfigurationError
from .budget import Budget
from .permit import Permit
from .status import BudgetEvent, BudgetStatus, LimitStatus
from .stores.fallback import LocalFallback
from .stores.memory import MemoryStore
from .window import Lane, RateLimit, is_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

    from .stores.store import Store

__all__ = [
    "Budget",
    "BudgetEvent",
    "BudgetStatus",
    "Lane",
    "LimitStatus",
    "Permit",
    "RateLimit",
    "open_budget",
]


def open_budget(
    url: str | None = None,
    *,
    name: str = "default",
    on_outage: Literal["fail", "local"] = "fail",
    local_share: float = 0.1,
    cold_start: Literal["trust", "wait"] = "trust",
) -> Budget:
    """
    Open the budget shared by everybody who opens the same URL and name.

    Args:
        url: `memory://` (also for `None`), `sqlite:///relative/path`, `sqlite:////absolute/path`,
            `redis://host/0`, `rediss://host/0` or `unix:///path/of/redis.sock`. `?name=` takes
            precedence over `name`; `?cluster=true` says that the server is a node of a cluster.
        name: Keeps budgets in one store apart: one for each organisation.
        on_outage: What to do while the store does not answer: `"fail"` when that has lasted 10 s,
            or go on alone after one window (`"local"`). Alone, the limit holds only as long as all
            processes are cut off alike: one that still reaches the store uses all of the limit, and
            each that does not adds its share.
        local_share: The share of each limit that this process then uses, above 0 and up to 1. All
            processes that go on alone must come to 1 at most.
        cold_start: What to do where nothing is known of earlier requests: `"trust"` that there were
            none, or `"wait"` until one window has passed. It is `"trust"`, since a store is new far
            more often than it has lost its data while nobody used it; both are reported.

    Returns:
        The budget.

    Raises:
        ConfigurationError: The URL, or what it points to, cannot be used.
    """
    if on_outage not in {"fail", "local"}:
        raise ConfigurationError(f"on_outage={on_outage!r} is unknown: use 'fail' or 'local'")
    if not (is_number(local_share) and 0 < local_share <= 1):
        raise ConfigurationError(
            f"local_share={local_share!r} is not a valid share: give a number above 0, up to 1"
        )
    if cold_start not in {"trust", "wait"}:
        raise ConfigurationError(f"cold_start={cold_start!r} is unknown: use 'trust' or 'wait'")
    parts = _parse(url or "memory://")
    query = dict(parse_qsl(parts.query))
    name = query.pop("name", name)
    named = isinstance(name, str) and name and not set(name) & set("{}")  # pyright: ignore[reportUnnecessaryIsInstance]
    if not named:
        raise ConfigurationError(
            f"name={name!r} is not a valid name: give one that has no braces and is not empty"
        )
    cluster = query.pop("cluster", "") == "true"
    query.pop("decode_responses", None)  # what the log holds is bytes
    if parts.scheme in {"memory", "sqlite"} and (query or parts.fragment):
        raise ConfigurationError(
            f"{url!r} holds more than a place and ?name=...: neither # nor ? can stand in a path"
        )
    target = parts._replace(query=urlencode(query))
    with _opening:
        fallback = on_outage == "local" and target.scheme != "memory"
        wait = cold_start == "wait" and target.scheme != "memory"
        key = (target, name, local_share if fallback else None, wait, cluster)
        if key not in _budgets:
            _forget_the_unused()
            store = _open_store(target, name, wait=wait, cluster=cluster)
            _budgets[key] = Budget(LocalFallback(store, local_share) if fallback else store)
        return _budgets[key]


def _forget_the_unused() -> None:
    """Let budgets go that nobody has any more, and whose slots are all free: tokens change."""
    for key in [key for key, budget in _budgets.items() if budget._at_rest]:
        known = weakref.ref(_budgets.pop(key))
        if (used := known()) is not None:
            _budgets[key] = used


def _parse(url: str) -> SplitResult:
    if type(url) is not str:
        raise ConfigurationError(
            f"the budget's URL must be a str, not a value of type {type(url).__name__}"
        )
    parts = None
    with contextlib.suppress(ValueError):  # its text can hold a part of the password
        found = urlsplit(url)
        _ = found.port
        parts = found
    if parts is None:
        raise ConfigurationError(
            "the budget's URL cannot be read: check its host and port; in a password write / as"
            " %2F, # as %23 and ? as %3F"
        )
    if parts.scheme == "sqlite" and url[7:9] != "//":
        raise ConfigurationError(
            f"{url!r} does not say where the file is: write sqlite:///relative/path, or"
            " sqlite:////absolute/path with four slashes"
        )
    return parts


def _open_store(url: SplitResult, name: str, *, wait: bool, cluster: bool) -> Store:
    match url.scheme:
        case "memory":
            return MemoryStore()
        case "sqlite" if not url.netloc and url.path not in {"", "/"}:
            from .stores.sqlite import SqliteStore  # noqa: PLC0415  loads sqlite3

            return SqliteStore(url.path[1:], name, wait=wait)
        case "redis" | "rediss" | "unix":
            from .stores.redis import RedisStore  # noqa: PLC0415  needs an extra

            where = f"{url.scheme}://{url.netloc}{url.path}"  # `geturl` would drop the slashes
            return RedisStore(f"{where}?{url.query}", name, wait=wait, cluster=cluster)
        case scheme:
            raise ConfigurationError(
                f"a budget cannot be opened by a {scheme or 'relative'!r} URL: use memory://,"
                " sqlite:///path, redis://host/0, rediss://host/0 or unix:///path/of/redis.sock"
            )


def _at_exit() -> None:
    for budget in _budgets.values():
        budget._at_exit()


atexit.register(_at_exit)
_opening = threading.Lock()
_budgets: dict[tuple[object, ...], Budget] = {}


def _before_fork() -> None:
    _opening.acquire()
    for budget in _budgets.values():
        budget._before_fork()


def _after_fork(*, child: bool) -> None:
    for budget in _budgets.values():
        budget._after_fork(child=child)
    _opening.release()
    util = sys.modules.get("multiprocessing.util")
    if child and util:  # a process of multiprocessing ends without `atexit`
        util.register_after_fork(_at_exit, _at_exit_of_a_child)


def _at_exit_of_a_child(at_exit: Callable[[], None]) -> None:
    sys.modules["multiprocessing.util"].Finalize(None, at_exit, exitpriority=0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=functools.partial(_after_fork, child=False),
        after_in_child=functools.partial(_after_fork, child=True),
    )
