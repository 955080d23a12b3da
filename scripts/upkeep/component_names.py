"""Names new components of the spec as a user should see them, after upstream's names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_NOISE = re.compile(
    r"^(FormSubmissionRequest|Forms|Qualifications)(?=[A-Z])|(Request|Response)Body$"
)


def object_name(upstream: str, hint: str, taken: Container[str], *, sent: bool) -> str:
    """
    Name an object that upstream has added.

    Args:
        upstream: Upstream's name of it; empty where it has none.
        hint: A name to fall back on, such as the property's.
        taken: The names in use.
        sent: Whether a caller sends it; then a `…Value` becomes an `…Input`, and all else gets
            `Input` appended.

    Returns:
        Such as `BarcodeValue` for `FormsBarcodeValueObjectResponseBody`. A name in use gets `Item`
        before its ending, then a number.
    """
    base = capitalised(upstream) or capitalised(hint)
    while base != (shorter := _NOISE.sub("", base)):
        base = shorter
    base = base.removesuffix("Object") or capitalised(hint)
    if sent:
        base = base.removesuffix("Value").removesuffix("Input")
    return _free(base, "Input" if sent else "", taken)


def part_name(owner: str, name: str, taken: Container[str]) -> str:
    """
    Name an enum or map after the object and the property that hold it.

    Args:
        owner: The object's component.
        name: The property.
        taken: The names in use.

    Returns:
        Such as `TableCellType`.
    """
    return _free(owner + capitalised(name), "", taken)


def capitalised(name: str) -> str:
    """
    Write a name as a class name.

    Args:
        name: In any style, such as `sort-by` or `sortBy`.

    Returns:
        Such as `SortBy`.
    """
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def _free(base: str, ending: str, taken: Container[str]) -> str:
    numbered = (f"{base}{number}{ending}" for number in range(2, 100))
    candidates = (base + ending, f"{base}Item{ending}", *numbered)
    return next(name for name in candidates if name not in taken)
