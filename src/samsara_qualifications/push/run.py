"""The functions of a push, for both clients, and what carries its steps out."""

from __future__ import annotations

import contextlib
import math
import queue
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import _driver
from .. import _types as t
from .._async.client import AsyncQualificationsClient
from .._sync.client import QualificationsClient
from ..errors import QualificationsError
from . import applying, planning
from .model import Progress, Result
from .planfile import Plan
from .steps import ITERATORS, Done, Facts, News, Steps, T, Task

_CLOCKS = applying.Clocks(time.monotonic, time.time)


def plan(
    client: QualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    *,
    type: t.QualificationType | str,  # noqa: A002  that is what it is
    path: str | Path,
    entity_type: str | None = None,
    create: bool = False,
    max_changes: int | None = None,
    allow_clear: int = 0,
    input_digest: str = "",
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """
    Plan a push: find each row's record, and what the row changes. Nothing is written to the server.

    What is wrong with a row makes it an `error` in the plan, and keeps no other from being planned.

    Args:
        client: The client.
        rows: The rows; see `samsara_qualifications.push`. They are read once, one by one.
        type: The qualification type, as `client.types` gives it, or its id or its name.
        path: The plan's file, which is replaced, unless it was applied in part.
        entity_type: `"worker"` or `"asset"`, where a type's name says too little.
        create: Whether a row of an owner without a record creates one.
        max_changes: How many rows may change something: a plan with more is not applied.
        allow_clear: How many rows may clear something: a plan with more is not applied.
        input_digest: What tells this input from a changed one; the plan keeps it.
        on_progress: Called with a `Progress` now and then.

    Raises:
        PlanError: The type is unknown, or the file cannot be written.
        QualificationsError: The records cannot be read.
    """
    order = planning.Order(
        *(rows, type, Path(path), entity_type, create, max_changes, allow_clear, input_digest),
        on_progress or _ignore,
    )
    return _run(client, planning.planned(_facts(client), order))


def apply(
    client: QualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """
    Apply a plan, or go on with one that was stopped, even by `kill -9` or a power cut.

    Each record is read again before it is written: where a value that the row touches is neither
    the old nor the new one, the row is a `conflict`, and left alone. Each row's fate is on the disk
    before it is sent, and after. A call whose outcome is not known is read back, and sent again if
    it is not there.

    Ctrl-C lets those under way end, for a few seconds; the next one stops at once.

    Args:
        client: The client, of the plan's host and organization.
        plan: The plan, or its file.
        outage_limit: Seconds that it waits for the end of an outage; the client's `RetryPolicy`
            without it.
        on_progress: Called with a `Progress` at least once a second.

    Returns:
        How it ended; `stopped` says why, where rows are left.

    Raises:
        PlanError: The plan is of another host or organization, is refused, or in use; or its file
            cannot be written any more.
    """
    found = plan if isinstance(plan, Plan) else Plan.open(plan)
    steps = applying.applied(_facts(client), found, outage_limit, on_progress or _ignore, _CLOCKS)
    return _run(client, steps, gently=True)


async def plan_async(
    client: AsyncQualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    *,
    type: t.QualificationType | str,  # noqa: A002  that is what it is
    path: str | Path,
    entity_type: str | None = None,
    create: bool = False,
    max_changes: int | None = None,
    allow_clear: int = 0,
    input_digest: str = "",
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Do what `plan` does, on an event loop."""
    order = planning.Order(
        *(rows, type, Path(path), entity_type, create, max_changes, allow_clear, input_digest),
        on_progress or _ignore,
    )
    return await _run_async(client, planning.planned(_facts(client), order))


async def apply_async(
    client: AsyncQualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """
    Do what `apply` does, on an event loop.

    Cancelled, it lets those under way end for a few seconds; cancelled again, it stops at once.
    """
    found = plan if isinstance(plan, Plan) else Plan.open(plan)
    steps = applying.applied(_facts(client), found, outage_limit, on_progress or _ignore, _CLOCKS)
    return await _run_async(client, steps, gently=True)


def _ignore(_event: Progress) -> None:
    """Do nothing."""


def _facts(client: QualificationsClient | AsyncQualificationsClient) -> Facts:
    driver = client._driver  # noqa: SLF001  what it was made with is nobody else's business
    config = driver.config
    limit = config.limits["update"]["update"]
    return Facts(
        host=config.base_url,
        organization=config.organization,
        per_minute=60 * limit.requests / limit.window_seconds,
        patience=config.retry.patience("bulk"),
        outage=lambda: driver.outage,
    )


def _run(client: QualificationsClient, steps: Steps[T], *, gently: bool = False) -> T:
    """Carry steps out; calls beside others in threads of their own."""
    ends: queue.SimpleQueue[Done | BaseException | None] = queue.SimpleQueue()
    over = threading.Event()

    def work(task: Task) -> None:
        _driver.abandoned.set(over.is_set)
        try:
            ends.put(_perform(client, task))
        except BaseException as error:  # noqa: BLE001  it is raised where somebody sees it
            ends.put(error)

    with _ctrl_c(ends, gently=gently) as interrupted, contextlib.closing(steps):
        try:
            step = next(steps)
            while True:
                if math.isinf(step.wait):
                    done = [_perform(client, task) for task in step.start]
                else:
                    for task in step.start:
                        threading.Thread(target=work, args=(task,), daemon=True).start()
                    done = _collected(ends, step.wait)
                step = steps.send(News(done, interrupted.is_set()))
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            over.set()


def _perform(client: QualificationsClient, task: Task) -> Done:
    method: Callable[..., Any] = getattr(client, task.method)
    kept: list[Any] = []
    try:
        if task.method not in ITERATORS:
            return Done(task.key, method(**task.arguments), None)
        for item in method(**task.arguments):
            (task.each or kept.append)(item)
    except QualificationsError as error:
        return Done(task.key, None, error)
    return Done(task.key, kept, None)


def _collected(ends: queue.SimpleQueue[Done | BaseException | None], wait: float) -> list[Done]:
    """Wait for an end, and return it with all others that there are."""
    found: list[Done | BaseException | None] = []
    with contextlib.suppress(queue.Empty):
        found.append(ends.get(timeout=wait))
        while True:
            found.append(ends.get_nowait())
    for end in found:
        if isinstance(end, BaseException):
            raise end
    return [end for end in found if isinstance(end, Done)]


@contextlib.contextmanager
def _ctrl_c(ends: queue.SimpleQueue[Any], *, gently: bool) -> Generator[threading.Event]:
    """Let the first Ctrl-C be a wish, where it would be Python's own exception."""
    asked = threading.Event()

    def handle(_number: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        ends.put(None)

    usual = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not gently or not in_main or usual is not signal.default_int_handler:
        yield asked
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, usual)


async def _run_async(
    client: AsyncQualificationsClient, steps: Steps[T], *, gently: bool = False
) -> T:
    """Carry steps out, calls in tasks."""
    import asyncio  # noqa: PLC0415  blocking callers do without it

    running: set[asyncio.Task[Done]] = set()
    cancelled: asyncio.CancelledError | None = None
    with contextlib.closing(steps):
        try:
            step = next(steps)
            while True:
                running |= {asyncio.ensure_future(_perform_async(client, it)) for it in step.start}
                done: set[asyncio.Task[Done]] = set()
                wait = None if math.isinf(step.wait) else step.wait
                try:
                    if running:
                        done, running = await asyncio.wait(
                            running, timeout=wait, return_when=asyncio.FIRST_COMPLETED
                        )
                    else:
                        await asyncio.sleep(step.wait)
                except asyncio.CancelledError as error:
                    if cancelled or not gently:
                        raise
                    cancelled = error
                step = steps.send(News([it.result() for it in done], cancelled is not None))
        except StopIteration as stop:
            if cancelled:
                raise cancelled from None
            result: T = stop.value
            return result
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _perform_async(client: AsyncQualificationsClient, task: Task) -> Done:
    method: Callable[..., Any] = getattr(client, task.method)
    kept: list[Any] = []
    try:
        if task.method not in ITERATORS:
            return Done(task.key, await method(**task.arguments), None)
        async for item in method(**task.arguments):
            (task.each or kept.append)(item)
    except QualificationsError as error:
        return Done(task.key, None, error)
    return Done(task.key, kept, None)
