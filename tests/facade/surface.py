"""
The public surface, name by name, as `surface.txt` pins it.

    python -m tests.facade.surface     writes it anew, for a change that the changelog tells
"""

from __future__ import annotations

import inspect
import re
import typing
from enum import EnumType
from pathlib import Path
from typing import TYPE_CHECKING

import samsara_qualifications
from samsara_qualifications import budget, mock, push

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = (samsara_qualifications, budget, mock, push)
PINNED = Path(__file__).with_name("surface.txt")
FORWARD = re.compile(r"ForwardRef\(([^()]*)\)")
PYTHON_S = {Exception, tuple, dict}
ADDRESS = re.compile(r"<[^<>]*(<lambda>)?[^<>]*>")


def lines() -> Iterator[str]:
    """Yield each public name with its signature or choices, and below it what a class adds."""
    for module in MODULES:
        for name in sorted(module.__all__):
            member = getattr(module, name)
            yield f"{module.__name__}.{name}{_form(member)}"
            if inspect.isclass(member):
                yield from sorted(_added(member))


def _added(kind: type) -> Iterator[str]:
    above = [*_public_bases(kind), *(base for base in kind.__mro__ if base in PYTHON_S)]
    inherited = {name for base in above for name in (*dir(base), *inspect.get_annotations(base))}
    attributes: dict[str, object] = {}
    for base in reversed(kind.__mro__):
        attributes |= inspect.get_annotations(base)
    for name in {*dir(kind), *attributes} - inherited:
        if not name.startswith("_"):
            text = attributes.get(name, "")
            text = getattr(text, "__forward_arg__", text)
            yield f"    {name}: {text}" if text else f"    {name}{_form(getattr(kind, name))}"


def _public_bases(member: object) -> list[type]:
    public = {getattr(module, name) for module in MODULES for name in module.__all__}
    above = member.__mro__[1:] if inspect.isclass(member) else ()
    return [base for base in above if base in public]


def _form(member: object) -> str:
    if typing.get_origin(member) is typing.Literal:
        return f" = {member}"
    if isinstance(member, EnumType):
        return "(Enum)"
    bases = "".join(f" ({base.__name__})" for base in _public_bases(member)[:1])
    try:
        signature = str(inspect.signature(typing.cast("typing.Any", member)))
    except (TypeError, ValueError):  # a value, or a class that takes what its base takes
        return bases
    return FORWARD.sub(r"\1", ADDRESS.sub("...", signature)).replace("'", "") + bases


if __name__ == "__main__":
    PINNED.write_text("\n".join([*lines(), ""]), "utf-8")
