"""A plan in its file: the rows, what they change, and the journal of what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from .model import Outcome, Row, Summary


class Plan:
    """
    A plan in its file.

    Attributes:
        path: The file.
        host: The API's host that it is for.
        organization: The organization that it is for; empty where the client names none.
        type_id: The qualification type's id.
        type_name: The qualification type's name.
        entity_type: `"worker"` or `"asset"`.
        input_digest: What `plan` was told of its input, to tell it from a changed one.
    """

    path: Path
    host: str
    organization: str
    type_id: str
    type_name: str
    entity_type: str
    input_digest: str

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open the plan of a file."""
        raise NotImplementedError

    @property
    def summary(self) -> Summary:
        """The plan in figures, as it stands."""
        raise NotImplementedError

    def rows(self, *outcomes: Outcome) -> Iterator[Row]:
        """Iterate over the rows, in the input's order; only those that stand so, where named."""
        raise NotImplementedError
