"""Pages with opaque cursors."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from . import times
from .messages import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MARK = "after "


def key_of(moment: datetime, identity: str = "") -> str:
    """Return a text that sorts by time, then by id."""
    return f"{times.microseconds(moment):018d} {identity}"


class Page:
    """
    One page of items.

    Args:
        items: All items by the key that orders them.
        after: The cursor at which the page before ended, if there was one.
        size: How many items a page holds.

    Raises:
        Refused: The cursor was not made here.
    """

    def __init__(self, items: Mapping[str, Json], after: str | None, size: int) -> None:
        self._floor = _decoded(after) if after else ""
        left = sorted(key for key in items if key > self._floor)
        self._keys = left[:size]
        self._more = len(left) > size
        self.items = [items[key] for key in self._keys]

    def pagination(self, *, endless_from: str | None = None) -> Json:
        """
        Return where the page ends, and whether a next one is promised.

        Args:
            endless_from: The key before all items, if there is always a next page.
        """
        cursor = ""
        if self._more or endless_from is not None:
            last = self._keys[-1] if self._keys else self._floor or endless_from or ""
            cursor = base64.urlsafe_b64encode(f"{_MARK}{last}".encode()).decode()
        return {"endCursor": cursor, "hasNextPage": bool(cursor)}


def _decoded(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except ValueError:
        text = ""
    if not text.startswith(_MARK):
        raise Refused(400, f"after: {cursor!r} is not a valid cursor: pass a page's endCursor")
    return text.removeprefix(_MARK)
