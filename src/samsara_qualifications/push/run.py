"""The functions of a push, for both clients, and what carries its steps out."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Unpack

from .. import _driver
from .._async.client import AsyncQualificationsClient
from .._sync.client import QualificationsClient
from ..errors import QualificationsError
from .applying import applied
from .model import Progress, Result
from .planfile import Plan
from .planning import Options, planned
from .steps import ITERATORS, Done, News, Steps, T, Task


def plan(
    client: QualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    **options: Unpack[Options],
) -> Plan:
    """
    Plan a push: find each row's record, and what the row changes. Nothing is written to the server.

    What is wrong with a row makes it an `error` in the plan, and keeps no other from being planned.
    A file, such as a scan or a signature, cannot be read back: it counts as a change each time.

    Args:
        client: The client.
        rows: The rows, as `samsara_qualifications.push` describes them; read once, one by one.
        options: `type`: the qualification type, as `client.types` gives it, or its id or its name.
            `path`: the plan's file; it is replaced, unless it was applied in part.
            `entity_type`: `"worker"` or `"asset"`, where a type's name says too little.
            `create`: whether a row whose `owner` has no record makes one.
            `max_changes`: with more rows that change something, the plan cannot be applied.
            `allow_clear`: the same for rows that clear something; 0 without it.
            `input_digest`: what tells this input from a changed one; the plan keeps it.
            `on_progress`: called with a `Progress` now and then.

    Raises:
        PlanError: The type is unknown, or the file cannot be written.
        InvalidInput: The rows are no rows.
        QualificationsError: The records cannot be read.
    """
    return _run(client, planned(client, rows, options))


def apply(
    client: QualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """
    Apply a plan, or go on with one that was stopped, even by `kill -9` or a power cut.

    Each record is read again before it is written: where a value that the row touches is neither
    the old nor the new one, the row is a `conflict`, and left alone. What happens is on the disk
    before a row is sent, and after. A row whose outcome is unknown is read back, and sent again if
    it is not there. So another writer's change in the minute between reading and writing, or just
    before such a second sending, can be overwritten.

    Ctrl-C lets calls under way end, for a few seconds; the next one stops at once.

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
    return _run(client, applied(client, plan, outage_limit, on_progress), gently=True)


async def plan_async(
    client: AsyncQualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    **options: Unpack[Options],
) -> Plan:
    """Do what `plan` does, on an event loop."""
    return await _run_async(client, planned(client, rows, options))


async def apply_async(
    client: AsyncQualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """
    Do what `apply` does, on an event loop.

    Cancelled, it lets calls under way end, for a few seconds; cancelled again, it stops at once.
    """
    steps = applied(client, plan, outage_limit, on_progress)
    return await _run_async(client, steps, gently=True)


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

    with _ctrl_c(ends) if gently else nullcontext(), closing(steps):
        try:
            step = next(steps)
            while True:
                if step.wait is None:
                    news = News([_perform(client, task) for task in step.start])
                else:
                    for task in step.start:
                        threading.Thread(target=work, args=(task,), daemon=True).start()
                    news = _collected(ends, step.wait)
                step = steps.send(news)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            over.set()


def _perform(client: QualificationsClient, task: Task) -> Done:
    try:
        found: Any = getattr(client, task.method)(lane="bulk", **task.arguments)
        if task.method in ITERATORS:
            found = [task.each(item) for item in found]
    except QualificationsError as error:
        return Done(task.key, None, error)
    return Done(task.key, found, None)


def _collected(ends: queue.SimpleQueue[Done | BaseException | None], wait: float) -> News:
    """Wait for an end, or for Ctrl-C, and return it with all others that there are."""
    found: list[Done | BaseException | None] = []
    with suppress(queue.Empty):
        found.append(ends.get(timeout=wait))
        while True:
            found.append(ends.get_nowait())
    for end in found:
        if isinstance(end, BaseException):
            raise end
    return News([end for end in found if isinstance(end, Done)], None in found)


@contextmanager
def _ctrl_c(ends: queue.SimpleQueue[Any]) -> Generator[None]:
    """Let the first Ctrl-C be a wish, where it would be Python's own exception."""
    usual = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or usual is not signal.default_int_handler:
        yield
        return

    def handle(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, usual)  # the second one stops at once
        ends.put(None)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


async def _run_async(
    client: AsyncQualificationsClient, steps: Steps[T], *, gently: bool = False
) -> T:
    """Carry steps out, calls in tasks."""
    import asyncio  # noqa: PLC0415  blocking callers do without it

    running: set[asyncio.Task[Done]] = set()
    cancelled: asyncio.CancelledError | None = None
    with closing(steps):
        try:
            step = next(steps)
            while True:
                running |= {asyncio.ensure_future(_perform_async(client, it)) for it in step.start}
                done: set[asyncio.Task[Done]] = set()
                try:
                    if running:
                        done, running = await asyncio.wait(
                            running, timeout=step.wait, return_when=asyncio.FIRST_COMPLETED
                        )
                    else:
                        await asyncio.sleep(step.wait or 0.0)
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
    try:
        found: Any = getattr(client, task.method)(lane="bulk", **task.arguments)
        if task.method in ITERATORS:
            found = [task.each(item) async for item in found]
        else:
            found = await found
    except QualificationsError as error:
        return Done(task.key, None, error)
    return Done(task.key, found, None)
