"""Pages with opaque cursors."""

from __future__ import annotations

import base64
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from .messages import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARK = "after "


class Page:
    """
    One page of items, in the order of their places: texts of which no two are the same.

    `after` is the cursor at which the page before ended. Whether an item is chosen is asked only of
    those that may come on this page.
    """

    def __init__(
        self,
        items: Iterable[Json],
        place: Callable[[Json], str],
        after: str | None,
        size: int,
        chosen: Callable[[Json], bool],
    ) -> None:
        self._last = _decoded(after) if after else ""
        ordered = sorted(items, key=place)
        left = ordered[bisect_right(ordered, self._last, key=place) :]
        found = list(islice(filter(chosen, left), size + 1))
        self._more = len(found) > size
        self.items = found[:size]
        if self.items:
            self._last = place(self.items[-1])

    def pagination(self, *, endless_from: str | None = None) -> Json:
        """Return where the page ends; there is always a next one if the first place is given."""
        cursor = ""
        if self._more or endless_from is not None:
            last = self._last or endless_from or ""
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
