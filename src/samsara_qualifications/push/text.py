"""A planned change, and a plan, in words for a person."""

from __future__ import annotations

from .model import Row, Summary


def change_text(row: Row) -> str:
    """Return a row in one line, as `~ row 17  worker 281474  Driver License  expires …`."""
    raise NotImplementedError


def summary_text(summary: Summary) -> str:
    """Return a plan in one line, as `Plan: 6,543 to update (66 min at 100/min), …`."""
    raise NotImplementedError
