"""A seeded fault, and the ways to make one in the code of the client or of the mock."""

from __future__ import annotations

import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PACKAGE = "samsara_qualifications."
Make = Callable[[], None]
"""Makes a fault, in this process."""


@dataclass(frozen=True)
class Fault:
    """
    One fault.

    Attributes:
        group: What it is a fault of.
        text: What it does, in one line.
        contract: What it breaks: a behaviour, a place in the spec, or a promise of the client.
        apply: Makes it, in this process.
    """

    group: str
    text: str
    contract: str
    apply: Make = field(repr=False)

    def seed(self) -> None:
        """Make it, where the mock does not look at what it answers: that must help no suite."""
        swap("mock.server:MockServer._breach", lambda *_: None)()
        self.apply()


def swap(target: str, value: Any) -> Make:
    """Return what puts another value or function in a place, such as `_flow:parse_retry_after`."""
    return lambda: _put(target, lambda _: value)


def wrap(target: str, outer: Callable[..., Any]) -> Make:
    """Return what calls another function in one's place; it is given the original first."""
    return lambda: _put(
        target, lambda original: lambda *items, **named: outer(original, *items, **named)
    )


def edit(target: str, old: str, new: str) -> Make:
    """
    Return what changes the source text of a function, in memory, also where it is known already.

    Args:
        target: The function, such as `_flow:call`.
        old: What stands there once.
        new: What stands there instead; `@` in it is the old.
    """

    def apply() -> None:
        owner, name = _find(target)
        found = getattr(owner, name)
        function = inspect.unwrap(getattr(found, "__func__", found))
        source = vars(function).get("edited") or textwrap.dedent(inspect.getsource(function))
        if source.count(old) != 1:
            raise LookupError(f"{target} does not hold {old!r} once: write the fault anew")
        source = source.replace(old, new.replace("@", old))
        local: dict[str, Any] = {}
        code = compile(f"from __future__ import annotations\n{source}", target, "exec")
        exec(code, sys.modules[function.__module__].__dict__, local)  # noqa: S102  that is the fault
        function.__code__ = inspect.unwrap(local[function.__name__]).__code__
        vars(function)["edited"] = source

    return apply


def _put(target: str, made: Callable[[Any], Any]) -> None:
    owner, name = _find(target)
    setattr(owner, name, made(getattr(owner, name)))  # a place that is gone must not go unnoticed


def _find(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    full = module if module.startswith("samsara_") else PACKAGE + module
    owner: Any = importlib.import_module(full)
    *steps, name = path.split(".")
    for step in steps:
        owner = getattr(owner, step)
    return owner, name
