"""What a run of the suite came to, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """
    What came of a test.

    Attributes:
        test: Its id.
        kind: Which kind of check it is: the name of its file.
        outcome: `passed`, `failed` or `skipped`.
        operations: The operations that it called.
        text: The failure, or why it was skipped.
    """

    test: str
    kind: str
    outcome: str
    operations: list[str]
    text: str = ""


@dataclass
class Summary:
    """All that a page shows."""

    target: str
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    tried: list[list[Any]] = field(default_factory=list[list[Any]])
    uncovered: list[list[str]] = field(default_factory=list[list[str]])
    mutations: dict[str, Any] = field(default_factory=dict[str, Any])
