# Derived from _async/items.py by scripts/derive_sync.py: edit that, then run make generate.
"""The items of a list: page after page is read when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _flow
from .._calls import Page
from ..errors import QualificationsError

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._calls import Call, Pages
    from .._exchange import Answer
    from .._rules import Rules
    from ..budget import Lane
    from .driver import Driver

_T = TypeVar("_T")


class Items(Iterator[_T]):
    """
    An iterator over the items of all pages; `pages` gives them by the page.

    It reads a page when it needs one. After a failure it ends: ask for a new one, perhaps with the
    cursor that the last page gave.
    """

    def __init__(
        self,
        driver: Driver,
        pages: Pages[_T],
        rules: Rules,
        deadline: float | None,
        lane: Lane | None,
    ) -> None:
        rules.terms(deadline, lane)  # what is wrong is refused at once, not at the first item
        self._driver = driver
        self._pages = pages
        self._terms = rules, deadline, lane
        self._items = self._each()

    def __iter__(self) -> Iterator[_T]:  # noqa: PYI034  a loop has one call less for each item
        return self._items

    def __next__(self) -> _T:
        return next(self._items)

    def close(self) -> None:
        """End the iteration."""
        self._items.close()

    def pages(self) -> Iterator[Page[_T]]:
        """
        Iterate over the pages instead.

        Keep a page's `cursor` once its items are done with: passed as `after`, with the other
        arguments as they were, it goes on behind them, also in another process.
        """
        call: Call[tuple[Any, Answer]] | None = self._pages.first
        while call is not None:
            page, answer = self._driver.run(call, *self._terms)
            more = page.pagination.has_next_page
            yield Page(page.data, page.pagination.end_cursor if more else None)
            call = self._following(call, page, answer)

    def _each(self) -> Generator[_T]:
        call: Call[tuple[Any, Answer]] | None = self._pages.first
        while call is not None:
            page, answer = self._driver.run(call, *self._terms)
            for item in page.data:
                yield item
            call = self._following(call, page, answer)

    def _following(
        self, call: Call[tuple[Any, Answer]], page: Any, answer: Answer
    ) -> Call[tuple[Any, Answer]] | None:
        try:
            return self._pages.after(page, answer)
        except QualificationsError as error:
            _flow.identify(self._terms[0], call, error)
            raise
