"""The maintained spec says over the wire what the locked upstream document says."""

from __future__ import annotations

from pathlib import Path

import pytest

from upkeep import upstream_lock
from upkeep.family_diff import compare_family
from upkeep.openapi_document import load

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared" / "upstream"


def locked_document() -> Path:
    """Find the upstream document of the locked date, or skip the test."""
    lock = upstream_lock.read(ROOT)
    assert lock is not None, f"{upstream_lock.LOCK} is missing"
    date = lock["document"]["date"]
    found = sorted(UPSTREAM.glob(f"*{date}*.json"))
    if not found:
        pytest.skip(f"there is no upstream document of {date} in {UPSTREAM}")
    return found[0]


def test_the_spec_says_what_upstream_says() -> None:
    """Operations, parameters, properties, types, enums, statuses and rate limits are upstream's."""
    spec, upstream = load(ROOT / upstream_lock.SPEC), load(locked_document())
    diff = compare_family(spec, upstream)
    assert [] == [f"{c.operation} {c.place}: {c.what} {c.before} {c.after}" for c in diff.changes]
    assert [] == diff.notes


def test_the_lock_describes_that_document() -> None:
    """The hashes of the wire shape and of the text are the document's."""
    path = locked_document()
    locked = (upstream_lock.read(ROOT) or {})["document"]
    spec, upstream = load(ROOT / upstream_lock.SPEC), load(path)
    described = upstream_lock.describe_document(upstream, spec, locked["name"], locked["date"])
    assert described == locked


def test_spec_lock_and_package_agree() -> None:
    """What `make check-upstream` proves holds for this work tree."""
    assert [] == upstream_lock.problems(ROOT)
