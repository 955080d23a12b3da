"""What a run of the suite came to, as plain data: the form of `contract.json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.failures import Failure


@dataclass
class Outcome:
    """
    What came of a test.

    Attributes:
        test: Its id.
        subject: What it is about: the name of its file.
        outcome: `passed`, `failed` or `skipped`.
        operations: The operations that it called.
        text: The failure, or why it was skipped.
    """

    test: str
    subject: str
    outcome: str
    operations: list[str]
    text: str = ""


@dataclass
class Cause:
    """
    Failures that differ in ids and values only.

    Attributes:
        failure: The one that the fewest requests led to.
        tests: The ids of the tests that failed so.
        replay: The command that repeats it.
    """

    failure: Failure
    tests: list[str]
    replay: str = ""


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
    """
    A whole run.

    Attributes:
        target: What was tested.
        run: When, for how long, with which versions, commit, seed and effort.
        facts: What the suite took the target to be, in the form of its YAML file.
        causes: The breaches of the contract, the most frequent first.
        outcomes: The tests.
        keywords: How much of the spec was tried.
    """

    target: str
    run: dict[str, str] = field(default_factory=dict[str, str])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    causes: list[Cause] = field(default_factory=list[Cause])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    keywords: list[Keyword] = field(default_factory=list[Keyword])
