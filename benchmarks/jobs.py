"""
What a child process measures of one contender; each job prints its figures as JSON.

`load` and `first` print nothing: their whole process is what is measured, by its parent. All
figures are processor time, in seconds.
"""

from __future__ import annotations

from contenders import ALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

BATCHES = 5
TASKS = 50


def load(contender: Any, url: str) -> None:  # noqa: ARG001  all jobs are called alike
    """Import it."""
    contender.load()


def first(contender: Any, url: str) -> None:
    """Make a client and update once."""
    contender.update(url)()


def update(contender: Any, url: str) -> dict[str, float]:
    """Update again and again, with a minimal and a full body in turn."""
    calls = {"minimal": contender.update(url), "full": contender.update(url, full=True)}
    return _in_turn(calls, times=30)


def read(contender: Any, url: str) -> dict[str, float]:  # noqa: ARG001
    """Read a small and a large response, in turn with json.loads."""
    import json

    import answers

    reader, small, large = contender.reader(), answers.documented(), answers.large()
    few = 1 if contender is ALL["sdk"] else 3
    return _in_turn(
        {"documented": lambda: reader(small), "documented loads": lambda: json.loads(small)},
        times=20 * few,
    ) | _in_turn({"large": lambda: reader(large), "large loads": lambda: json.loads(large)}, few)


def concurrent(contender: Any, url: str) -> dict[str, float]:
    """Update from 50 tasks at once, each one call after the other."""
    import asyncio
    import time

    async def loop(call: Callable[[], Awaitable[Any]], times: int) -> None:
        for _ in range(times):
            await call()

    async def measure(times: int = 10) -> float:
        call = contender.update_async(url)
        await asyncio.gather(*(loop(call, 2) for _ in range(TASKS)))
        begin = time.process_time()
        await asyncio.gather(*(loop(call, times) for _ in range(TASKS)))
        return (time.process_time() - begin) / (TASKS * times)

    return {"async": asyncio.run(measure())}


def gather(contender: Any, url: str, size: int, cap: float) -> dict[str, float]:
    """Update `size` times in one gather; give up after `cap` seconds."""
    import asyncio
    import json
    import os
    import threading
    import time

    done = 0

    def give_up() -> None:
        print(json.dumps({"done": done}), flush=True)
        os._exit(0)  # the event loop may be busy for minutes

    async def measure() -> dict[str, float]:
        nonlocal done
        call = contender.update_async(url)
        await call()

        async def counted() -> None:
            nonlocal done
            await call()
            done += 1

        threading.Timer(cap, give_up).start()
        begin = time.process_time()
        results = await asyncio.gather(*(counted() for _ in range(size)), return_exceptions=True)
        cpu = (time.process_time() - begin) / size
        failed = sum(result is not None for result in results)
        return {"done": done, "failed": failed} if failed else {str(size): cpu}

    print(json.dumps(asyncio.run(measure())), flush=True)
    os._exit(0)  # the timer still runs


def _in_turn(calls: dict[str, Callable[[], Any]], times: int) -> dict[str, float]:
    """Return the processor time of each call: the median of batches that take turns."""
    import statistics
    import time

    batches: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
        call()
    for _ in range(BATCHES):
        for name, call in calls.items():
            begin = time.process_time()
            for _ in range(times):
                call()
            batches[name].append((time.process_time() - begin) / times)
    return {name: statistics.median(times) for name, times in batches.items()}


def run(job: str, name: str, *arguments: Any) -> None:
    """Do one job with one contender."""
    result = globals()[job](ALL[name], *arguments)
    if result is not None:
        import json

        print(json.dumps(result))
