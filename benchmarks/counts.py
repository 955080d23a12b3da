"""
What a call and an import cost in counts, which are the same on every machine.

    make cost-figures      count, and write tests/cost.json

Counted are calls of Python functions, those of httpx and of Python's own library among them, and
the modules that importing the package loads. tests/test_cost.py compares with what was written.
The figures hold for one minor version of Python, and for the packages in dev.lock.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import answers
import contenders
import httpx

from samsara_qualifications import AsyncQualificationsClient, QualificationsClient

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

FILE = Path(__file__).parents[1] / "tests" / "cost.json"
URL = "https://api.example"
IMPORT = "from samsara_qualifications import QualificationsClient, CLEAR"
WARM = 3


class Counter:
    """Counts the calls of Python functions while it is entered; the garbage collector rests."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Self:
        gc.collect()
        gc.disable()
        self.before = sys.getprofile()
        sys.setprofile(self.see)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self.before)
        gc.enable()

    def see(self, frame: FrameType, event: str, argument: Any) -> None:  # noqa: ARG002  a profiler's signature
        """Count an event."""
        self.calls += event == "call"


def python() -> str:
    """Return the version of Python that figures are for."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def calls() -> dict[str, int]:
    """Return the calls of each thing that is counted, in a program that loads no OpenTelemetry."""
    sys.modules.pop("opentelemetry.trace", None)
    minimal, full = (_update(full=full) for full in (False, True))
    read, small, large = answers.reader(), answers.documented(), answers.large()
    return {
        "update, minimal body": _count(minimal),
        "update, full body": _count(full),
        "async update": asyncio.run(_count_async()),
        "read, documented response": _count(lambda: read(small)),
        "read, 591 kB": _count(lambda: read(large)),
    }


def modules() -> list[str]:
    """Return what importing the package loads, in a Python that has loaded nothing else."""
    new = "print(*sorted({*sys.modules} - before))"
    code = f"import sys; before = {{*sys.modules}}; {IMPORT}; {new}"
    path = os.pathsep.join(part for part in sys.path if part)
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],  # without site, no .pth file loads anything
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def packages(names: list[str]) -> list[str]:
    """Return the packages that modules belong to, Python's own left out."""
    return sorted({name.partition(".")[0] for name in names} - sys.stdlib_module_names)


def figures() -> dict[str, Any]:
    """Count everything."""
    loaded = modules()
    return {
        "python": python(),
        "calls": calls(),
        "modules": len(loaded),
        "packages": packages(loaded),
    }


def _answering() -> httpx.MockTransport:
    body, headers = answers.documented(), {"Content-Type": "application/json"}
    return httpx.MockTransport(lambda _: httpx.Response(200, content=body, headers=headers))


def _update(*, full: bool) -> Callable[[], Any]:
    client = QualificationsClient(
        contenders.TOKEN,
        base_url=URL,
        limits=contenders.lifted(),
        http_client=httpx.Client(transport=_answering()),
    )
    arguments = contenders.arguments(full=full)
    return lambda: client.update(contenders.RECORD, **arguments)


def _count(call: Callable[[], Any]) -> int:
    """Return the calls that one more call makes: the least of some, after some."""
    return min(_counts(call))


def _counts(call: Callable[[], Any]) -> Generator[int]:
    for _ in range(WARM):
        call()
    for _ in range(WARM):
        with Counter() as counter:
            call()
        yield counter.calls


async def _count_async() -> int:
    http = httpx.AsyncClient(transport=_answering())
    client = AsyncQualificationsClient(
        contenders.TOKEN, base_url=URL, limits=contenders.lifted(), http_client=http
    )
    arguments = contenders.arguments(full=False)
    found: list[int] = []
    for _ in range(2 * WARM):
        with Counter() as counter:
            await client.update(contenders.RECORD, **arguments)
        found.append(counter.calls)
    await http.aclose()
    return min(found)


if __name__ == "__main__":
    FILE.write_text(json.dumps(figures(), indent=1) + "\n", "utf-8")
    print(FILE.read_text("utf-8"), end="")
