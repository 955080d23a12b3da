"""How a row is performed: the client is made, called, and what came of it is written down."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import io
import itertools
import logging
import os
import socket
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from unittest import mock
from uuid import UUID

import httpx

from samsara_qualifications import (
    AsyncQualificationsClient,
    Owner,
    QualificationsClient,
    QualificationsError,
    RetryPolicy,
    open_budget,
)
from samsara_qualifications_contract.client.calls import NO_LIMITS
from tests.faults.row import OTHER, SEED, TOKEN, Kind, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_budgets = itertools.count()
_RETRY = {"attempts": 2, "rate_limited_attempts": 2, "backoff": 0}
_DAY = date(2026, 1, 1)
_ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "update": ((SEED,), {"issue_date": _DAY}),
    "update-bulk": ((SEED,), {"issue_date": _DAY, "lane": "bulk"}),
    "update-uuid": ((UUID(SEED),), {"issue_date": _DAY}),
    "create": ((OTHER,), {"owner": Owner.worker("281474"), "issue_date": _DAY}),
    "delete": ((SEED,), {}),
    "archive": ((SEED,), {}),
    "get": ((SEED,), {}),
    "get-many": (([SEED, OTHER],), {}),
    "stream": (
        (),
        {
            "entity_type": "worker",
            "start_time": datetime(2026, 1, 1, tzinfo=UTC),
            "end_time": datetime(2026, 2, 1, tzinfo=UTC),
        },
    ),
    "types": ((), {"entity_type": "worker"}),
}


@dataclass
class Outcome:
    """
    What came of a row.

    Attributes:
        name: `success`, or the exception's class.
        error: The exception.
        result: What the call returned, as plain data: a record's id, or how many came.
        seconds: How long it took.
        log: What the package logged.
        grown: MiB by which the process grew; 0 where that was not measured.
    """

    name: str
    error: BaseException | None = None
    result: Any = None
    seconds: float = 0.0
    log: str = ""
    grown: float = 0.0


class Caller:
    """A client of either kind, whose methods are called by name and return when they are done."""

    def __init__(self, kind: Kind, options: dict[str, Any]) -> None:
        self.runner = asyncio.Runner() if kind == "async" else None
        made = AsyncQualificationsClient if self.runner else QualificationsClient
        self.lent = options.get("http_client")
        try:
            self.client: Any = made(**options)
        except BaseException:
            self._tidy()
            raise

    def __call__(self, method: str) -> Any:
        """Call a method with usual arguments; `pause` waits."""
        if method == "pause":
            return time.sleep(0.2)
        result = self.begin(method)
        if self.runner is None:
            return list(result) if method in {"stream", "types"} else result
        return self.runner.run(result)

    def begin(self, method: str) -> Any:
        """Call a method; an async client's awaits it."""
        arguments, options = _ARGUMENTS[method]
        result = getattr(self.client, method.partition("-")[0])(*arguments, **options)
        return _collected(result) if self.runner and method in {"stream", "types"} else result

    def close(self) -> None:
        """Close the client."""
        if self.runner is None:
            self.client.close()
        else:
            self.runner.run(self.client.aclose())
        self._tidy()

    def _tidy(self) -> None:
        if self.runner is not None:
            if self.lent is not None:
                self.runner.run(self.lent.aclose())
            self.runner.close()
        elif self.lent is not None:
            self.lent.close()


async def _collected(items: Any) -> list[Any]:
    return [item async for item in items]


def perform(row: Row, kind: Kind, url: str, wait_for: Callable[[int], None]) -> Outcome:
    """Make the row's client, call it, and return what came of it."""
    with _logged() as log, _resolver(row), _clock(row):
        start = time.monotonic()
        try:
            caller = Caller(kind, options(row, kind, url))
        except Exception as error:  # noqa: BLE001  the table judges it
            return Outcome(type(error).__name__, error, seconds=time.monotonic() - start)
        try:
            start = time.monotonic()
            outcome = _called(row, caller, wait_for)
            outcome.seconds = time.monotonic() - start
        finally:
            with contextlib.suppress(RuntimeError):  # of a client whose event loop is gone
                caller.close()
        outcome.log = log.getvalue()
        return outcome


def _called(row: Row, caller: Caller, wait_for: Callable[[int], None]) -> Outcome:
    result: Any = None
    try:
        if row.call in SCENES:
            result = SCENES[row.call](caller, wait_for)
        else:
            for method in row.call.split("+"):
                result = caller(method)
    except BaseException as error:  # noqa: BLE001  whatever it is, the table judges it
        return Outcome(type(error).__name__, error)
    return Outcome("success", result=_plain(result))


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return len(result)
    return getattr(result, "id", result)


def options(row: Row, kind: Kind, url: str) -> dict[str, Any]:
    """Return the options of a row's client."""
    result: dict[str, Any] = {
        "token": TOKEN,
        "base_url": url,
        "budget": open_budget("memory://", name=f"fault {os.getpid()} {next(_budgets)}"),
        "limits": NO_LIMITS,
        "timeout": 3.0,
        "deadline": 5.0,
        "retry": RetryPolicy(**{**_RETRY, **row.retry}),
    }
    if row.lends:
        result["http_client"] = _lent(row.lends, kind)
    return result | row.client


def _lent(lends: dict[str, Any], kind: Kind) -> httpx.Client | httpx.AsyncClient:
    given = dict(lends)
    hook = given.pop("hook", None)
    if hook:
        given["event_hooks"] = {hook[0]: [HOOKS[hook[1]][kind]]}
    return httpx.AsyncClient(**given) if kind == "async" else httpx.Client(**given)


def _raise_for_status(response: httpx.Response) -> None:
    response.raise_for_status()


async def _raise_for_status_async(response: httpx.Response) -> None:
    response.raise_for_status()


def _read_and_raise(response: httpx.Response) -> None:
    response.read()
    response.raise_for_status()


async def _read_and_raise_async(response: httpx.Response) -> None:
    await response.aread()
    response.raise_for_status()


def _fail(_: object) -> None:
    raise LookupError("a mistake in the caller's hook")


async def _fail_async(_: object) -> None:
    raise LookupError("a mistake in the caller's hook")


def _inner(request: httpx.Request) -> dict[str, Any]:
    return {
        "token": TOKEN,
        "base_url": f"{request.url.scheme}://{request.url.netloc.decode()}",
        "budget": open_budget("memory://", name=f"inner {os.getpid()} {next(_budgets)}"),
        "retry": RetryPolicy(attempts=1),
    }


def _call(request: httpx.Request) -> None:
    with QualificationsClient(**_inner(request)) as client:
        client.get(SEED)


async def _call_async(request: httpx.Request) -> None:
    async with AsyncQualificationsClient(**_inner(request)) as client:
        await client.get(SEED)


HOOKS: dict[str, dict[Kind, Any]] = {
    "raise": {"blocking": _raise_for_status, "async": _raise_for_status_async},
    "read-and-raise": {"blocking": _read_and_raise, "async": _read_and_raise_async},
    "fail": {"blocking": _fail, "async": _fail_async},
    "call": {"blocking": _call, "async": _call_async},
}


@contextlib.contextmanager
def _logged() -> Generator[io.StringIO]:
    """Catch what the package logs, at every level."""
    log = logging.getLogger("samsara_qualifications")
    text, level, propagates = io.StringIO(), log.level, log.propagate
    handler = logging.StreamHandler(text)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield text
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagates


@contextlib.contextmanager
def _resolver(row: Row) -> Generator[None]:
    """Answer for the system's resolver, where the row says what."""
    if row.addresses is None and not row.resolving:
        yield
        return
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(host, bytes):
            host = host.decode()
        if host in {"127.0.0.1", "127.0.0.2", None}:
            return real(host, port, *arguments, **named)
        time.sleep(row.resolving)
        if not row.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (address, int(port))) for address in row.addresses]

    with mock.patch.object(socket, "getaddrinfo", resolve):
        yield


@contextlib.contextmanager
def _clock(row: Row) -> Generator[None]:
    """Set the wall clock, where the row says how far."""
    real, jumps = time.time, itertools.chain(row.jumps, itertools.repeat((row.jumps or [0])[-1]))

    def jumping() -> float:
        return real() + next(jumps)

    with mock.patch.object(time, "time", jumping) if row.jumps else contextlib.nullcontext():
        yield


def _cancelled(caller: Caller, seen: Callable[[], None]) -> Any:
    async def run() -> None:
        task = asyncio.create_task(caller.begin("update"))
        await asyncio.to_thread(seen)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if not task.cancelled():
            raise AssertionError("the task was cancelled, and went on")

    assert caller.runner is not None
    caller.runner.run(run())


def cancel_then_update(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Cancel an update that the server has read, and update again."""
    _cancelled(caller, lambda: wait_for(1))
    return caller("update")


def cancel_in_body(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Cancel an update whose answer has begun, and update again."""

    def seen() -> None:
        wait_for(1)
        time.sleep(0.1)

    _cancelled(caller, seen)
    return caller("update")


def cancel_early(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Cancel an update that is still connecting."""
    _cancelled(caller, lambda: time.sleep(0.1))


def confirm(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Update, and ask whether the update that failed is there."""
    try:
        caller("update")
    except QualificationsError as error:
        result = caller.client.confirm(error)
        return caller.runner.run(result) if caller.runner else result
    raise AssertionError("the update did not fail")


def close_during(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Close the client from another thread, or task, while a call is under way."""
    if caller.runner is not None:

        async def run() -> Any:
            task = asyncio.create_task(caller.begin("update"))
            await asyncio.to_thread(wait_for, 1)
            await caller.client.aclose()
            return await task

        return caller.runner.run(run())
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(caller, "update")
        wait_for(1)
        caller.client.close()
        return call.result()


def closed(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Call a client that is closed."""
    if caller.runner is None:
        caller.client.close()
    else:
        caller.runner.run(caller.client.aclose())
    return caller("update")


def closed_in_another_loop(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Use a client in one event loop and close it in the next."""
    _bear_an_open_connection()
    result = asyncio.run(caller.begin("update"))
    asyncio.run(caller.client.aclose())
    return result


def called_in_another_loop(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Use a client in one event loop and then in the next."""
    _bear_an_open_connection()
    asyncio.run(caller.begin("update"))
    return asyncio.run(caller.begin("update"))


def _bear_an_open_connection() -> None:
    """Let Python not warn, although it may: an event loop ends before its connection. A child's."""
    warnings.simplefilter("ignore", ResourceWarning)


def twenty(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Call a client from twenty threads, or tasks, at once."""
    if caller.runner is not None:

        async def run() -> list[Any]:
            return await asyncio.gather(*(caller.begin("update") for _ in range(20)))

        return caller.runner.run(run())
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(caller, ["update"] * 20))


def fork_during(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Fork while a thread's call is under way; parent and child both update."""
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(caller, "update")
        wait_for(1)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = int(caller("update").id != SEED)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if status:
            raise AssertionError(f"the child's call failed: wait status {status}")
        return call.result()


def leave_pending(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Let the interpreter end while a call is under way."""
    if caller.runner is not None:

        async def run() -> None:
            task = asyncio.create_task(caller.begin("update"))
            await asyncio.to_thread(wait_for, 1)
            assert not task.done()

        return caller.runner.run(run())
    threading.Thread(target=caller, args=("update",), daemon=True).start()
    wait_for(1)
    return None


def at_exit(caller: Caller, wait_for: Callable[[int], None]) -> Any:
    """Update while the interpreter ends."""
    atexit.register(caller, "update")


SCENES: dict[str, Callable[[Caller, Callable[[int], None]], Any]] = {
    scene.__name__: scene
    for scene in (
        cancel_then_update,
        cancel_in_body,
        cancel_early,
        confirm,
        close_during,
        closed,
        closed_in_another_loop,
        called_in_another_loop,
        twenty,
        fork_during,
        leave_pending,
        at_exit,
    )
}
