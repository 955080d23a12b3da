"""JSON as RFC 8259 has it: Python's own parser takes more."""

from __future__ import annotations

import codecs
import json
import math
import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

MAX_DEPTH = 100
_NO_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^][{}"]++', re.DOTALL)


def parse(text: bytes) -> Any:
    """
    Return the value of a JSON text; of a key that an object has twice, the last counts.

    Raises:
        ValueError: It is not JSON, or nested deeper than 100 levels.
    """
    steps = (1 if bracket in b"[{" else -1 for bracket in _NO_BRACKETS.sub(b"", text))
    if max(accumulate(steps), default=0) > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    value = json.loads(text.decode(), parse_int=_integer)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # nor is a lone surrogate text
    return value


def load(file: Traversable) -> Any:
    """Return the value of a JSON file, with or without a byte order mark."""
    try:
        return parse(file.read_bytes().removeprefix(codecs.BOM_UTF8))
    except ValueError as error:
        raise ValueError(f"{file} is not JSON: {error}") from error


def _integer(text: str) -> float:
    return int(text) if math.isfinite(float(text)) else math.inf
