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
Table = dict[tuple[str, str], dict[str, Make]]
"""Faults, by their group and what they break; of each, what it does and what makes it."""


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


def swap(target: str, value: Any) -> Make:
    """Return what puts another value or function in a place, such as `_flow:parse_retry_after`."""
    return lambda: _put(target, lambda _: value)


def wrap(target: str, outer: Callable[..., Any]) -> Make:
    """Return what calls another function in one's place; it is given the original first."""
    return lambda: _put(
        target, lambda original: lambda *items, **named: outer(original, *items, **named)
    )


def switch(name: str, choice: str) -> Make:
    """Return what makes every mock choose another behaviour than the suite expects."""

    def made(init: Any, self: Any, **options: Any) -> None:
        init(self, **{**options, "behaviours": {name: choice, **(options.get("behaviours") or {})}})

    return wrap("mock.server:MockServer.__init__", made)


def edit(target: str, old: str, new: str) -> Make:
    """Return what changes the source text of a function, in memory, such as `_flow:call`."""

    def apply() -> None:
        owner, name = _find(target)
        original = getattr(owner, name)
        source = textwrap.dedent(inspect.getsource(original))
        original = inspect.unwrap(getattr(original, "__func__", original))
        if source.count(old) != 1:
            raise LookupError(f"{target} does not hold {old!r} once: write the fault anew")
        scope = sys.modules[original.__module__].__dict__
        local: dict[str, Any] = {}
        code = "from __future__ import annotations\n" + source.replace(old, new)
        exec(compile(code, target, "exec"), scope, local)  # noqa: S102  a fault is made of source
        changed = local[original.__name__]
        original.__code__ = inspect.unwrap(changed).__code__  # wherever it was imported to

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
