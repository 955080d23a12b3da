"""Reads the rate limits of operations: ours from `x-rate-limit`, upstream's from its texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from upkeep.openapi_document import is_object

if TYPE_CHECKING:
    from upkeep.openapi_document import JsonObject

_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
}
_TEXT = re.compile(
    r"rate\s+limit\W+(?:</?\w+>\W*)*(\d+)\s*(?:requests?|req|calls?)?\s*(?:/|per)\s*"
    rf"({'|'.join(sorted(_SECONDS, key=len, reverse=True))})s?\b",
    re.IGNORECASE,
)


class RateLimit(NamedTuple):
    """At most `requests` in any `window_seconds`."""

    requests: int
    window_seconds: float

    def __str__(self) -> str:
        """Write it for a report."""
        return f"{self.requests} per {self.window_seconds} s"


def rate_limit(operation: JsonObject) -> RateLimit | None:
    """
    Find an operation's rate limit.

    Args:
        operation: The operation of a document.

    Returns:
        The limit; none if the operation says none.
    """
    stated = operation.get("x-rate-limit")
    if is_object(stated):
        return RateLimit(stated["requests"], stated["window_seconds"])
    found = _TEXT.search(str(operation.get("description", "")))
    if not found:
        return None
    return RateLimit(int(found[1]), _SECONDS[found[2].lower()])
