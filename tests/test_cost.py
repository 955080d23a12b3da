"""Counts that grow when a call or an import becomes dearer; the same on every machine."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

import counts
import pytest

COMMITTED: dict[str, Any] = json.loads(counts.FILE.read_text("utf-8"))
TOLERANCE = 1.10
RENEW = "if that is worth its price, `make cost-figures` writes the new figures"

pytestmark = pytest.mark.skipif(
    COMMITTED["python"] != counts.python() or sys.flags.dev_mode,
    reason=f"the committed counts are those of Python {COMMITTED['python']} without `-X dev`",
)


@pytest.fixture(scope="module")
def calls() -> dict[str, int]:
    """Count the calls of everything once."""
    return counts.calls()


@pytest.fixture(scope="module")
def modules() -> list[str]:
    """Import the package once, in a Python of its own."""
    return counts.modules()


@pytest.mark.parametrize("what", COMMITTED["calls"])
def test_function_calls(what: str, calls: dict[str, int]) -> None:
    """No more than a tenth over the committed number."""
    most = COMMITTED["calls"][what] * TOLERANCE
    assert most >= calls[what], f"{what}: {calls[what]} calls, more than {most:.0f}; {RENEW}"


def test_everything_that_is_counted_is_bounded(calls: dict[str, int]) -> None:
    """A new count without a committed figure would be bounded by nothing."""
    assert set(COMMITTED["calls"]) == set(calls)


def test_modules_after_import(modules: list[str]) -> None:
    """No more than a tenth over the committed number; the message names the greatest packages."""
    most = COMMITTED["modules"] * TOLERANCE
    greatest = Counter(name.partition(".")[0] for name in modules).most_common(8)
    assert most >= len(modules), (
        f"{len(modules)} modules, more than {most:.0f}: {greatest}; {RENEW}"
    )


def test_packages_after_import(modules: list[str]) -> None:
    """No package besides the committed ones, however small."""
    assert set() == {*counts.packages(modules)} - {*COMMITTED["packages"]}, RENEW


def test_a_call_more_is_counted() -> None:
    """The counter sees each call of a Python function, nested ones too, and nothing else."""

    def inner() -> int:
        return len("abc")

    def outer() -> int:
        return inner() + inner()

    with counts.Counter() as counter:
        outer()
    assert 3 + 1 == counter.calls  # __exit__ is called while it still counts
