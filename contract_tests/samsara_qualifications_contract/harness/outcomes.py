"""What a run of the suite came to: the form of `contract.json`, which the guide describes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.failures import Failure


@dataclass
class Outcome:
    """What came of a test: `passed`, `failed` with the text, or `skipped` with the reason."""

    test: str
    subject: str
    outcome: str
    operations: list[str]
    text: str = ""


@dataclass
class Cause:
    """A failure, the tests that failed so but for ids and values, and the command to repeat it."""

    failure: Failure
    tests: list[str]
    replay: str


@dataclass
class Keyword:
    """A keyword of the spec at a place, and how many values there met it and broke it."""

    operation: str
    side: str
    path: str
    keyword: str
    valid: int = 0
    invalid: int = 0

    @property
    def tried(self) -> bool:
        """Whether it was seen both ways; in an answer, that it was met is all there is to see."""
        return bool(self.valid and (self.invalid or self.side == "response"))


@dataclass
class Summary:
    """A whole run: the target, what to say of the run, the facts in use, and what came of it."""

    target: str
    run: dict[str, str] = field(default_factory=dict[str, str])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    causes: list[Cause] = field(default_factory=list[Cause])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    keywords: list[Keyword] = field(default_factory=list[Keyword])
