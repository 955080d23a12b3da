"""JSON as RFC 8259 has it: Python's own parser takes more."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH = 100
_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"


def parse(text: bytes) -> Any:
    """
    Return the value of a JSON text.

    Raises:
        ValueError: It is not JSON, or nested deeper than 100 levels.
    """
    try:
        value = json.loads(
            text.decode(), parse_float=_number, parse_int=_number, parse_constant=_not_a_number
        )
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is not text
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
    if level:
        raise ValueError(_TOO_DEEP)


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return cast("dict[str, Any]", node).values()
    return node if isinstance(node, list) else ()  # pyright: ignore[reportUnknownVariableType]


def _number(text: str) -> float:
    as_float = float(text)
    if math.isinf(as_float):
        raise ValueError(f"{text[:20]} is out of range")
    return int(text) if text.lstrip("-").isdigit() else as_float


def _not_a_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")
