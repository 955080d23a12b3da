"""The verdicts on real upstream documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from upkeep.change_kinds import Verdict
from upkeep.family_diff import FamilyDiff, compare_family, rate_limit
from upkeep.openapi_document import load

if TYPE_CHECKING:
    from upkeep.wire_diff import Change

UPSTREAM = Path(__file__).parents[3] / "shared" / "upstream"

pytestmark = pytest.mark.skipif(
    not UPSTREAM.is_dir(), reason=f"there are no upstream documents in {UPSTREAM}"
)

RECORDS = ["PATCH /qualification-records", "POST /qualification-records"]
READS = ["GET /qualification-records", "GET /qualification-records/stream"]


def difference(before: str, after: str) -> FamilyDiff:
    """Compare two upstream documents by name."""
    return compare_family(load(UPSTREAM / before), load(UPSTREAM / after))


def by_change(changes: list[Change]) -> dict[tuple[str, str, str, str], list[str]]:
    """Map each change to its operations."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.group, []).append(change)
    return {
        (c.side, c.place.partition(".fields[]")[2], c.what, c.after): sorted(
            {c.operation for c in group}
        )
        for group in groups.values()
        for c in group[:1]
    }


def test_a_response_property_is_one_change_under_every_operation_that_answers_it() -> None:
    """From 2025-10-23 to 2026-04-02: `dateValue`, wherever a record is answered."""
    diff = difference("family-2025-10-23.json", "family-2026-04-02.json")
    change = ("response", ".dateTimeValue.dateValue", "added, optional", "string (date)")
    assert Verdict.MINOR == diff.verdict
    assert {change: sorted([*RECORDS, *READS])} == by_change(diff.changes)
    in_cells = {c.operation for c in diff.changes if "cells[]" in c.place}
    assert set(RECORDS + READS) == in_cells


def test_barcodes_are_six_changes_on_both_sides() -> None:
    """From 2026-04-02 to 2026-05-08: four enums, and a property of cells on either side."""
    diff = difference("family-2026-04-02.json", "family-2026-05-08.json")
    cells, columns = ".tableValue.rows[].cells[]", ".tableValue.columns[]"
    everywhere = sorted([*RECORDS, *READS])
    assert Verdict.MINOR == diff.verdict
    assert {
        ("request", f"{cells}.barcodeValue", "added, optional", "object"): RECORDS,
        ("request", f"{cells}.type", "enum value added", "barcode"): RECORDS,
        ("response", f"{cells}.barcodeValue", "added, optional", "object"): everywhere,
        ("response", f"{cells}.type", "enum value added", "barcode"): everywhere,
        ("response", f"{columns}.type", "enum value added", "barcode"): everywhere,
        ("response", ".type", "enum value added", "barcode"): ["GET /qualification-types"],
    } == by_change(diff.changes)


def test_a_status_of_all_operations_is_one_change() -> None:
    """From 2026-05-08 to 2026-08-07: 413, with the body of every error."""
    diff = difference("family-2026-05-08.json", "family-2026-08-07.json")
    assert Verdict.MINOR == diff.verdict
    (operations,) = by_change(diff.changes).values()
    assert 8 == len(operations)
    assert {("response", "413", "error status added")} == {
        (c.side, c.place, c.what) for c in diff.changes
    }


def test_backwards_both_changes_break_callers() -> None:
    """What was added is removed when the documents are swapped."""
    for before, after in [("2026-04-02", "2025-10-23"), ("2026-05-08", "2026-04-02")]:
        diff = difference(f"family-{before}.json", f"family-{after}.json")
        assert Verdict.MAJOR == diff.verdict


def test_the_whole_document_says_the_same_as_its_family() -> None:
    """220 paths more change nothing."""
    diff = difference("family-2026-05-08.json", "full-2026-05.json")
    assert Verdict.SAME == diff.verdict
    assert [] == diff.changes
    assert [] == diff.notes


def test_every_operation_states_its_rate_limit_understandably() -> None:
    """No operation of the whole document states its limit in words that are not understood."""
    whole = load(UPSTREAM / "full-2026-05.json")
    stated = [
        rate_limit(operation)
        for item in whole["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "<b>Rate limit:</b>" in operation.get("description", "")
    ]
    assert 200 < len(stated)
    assert None not in stated
    assert {(100, 60), (5, 1), (10, 1), (25, 1), (150, 1), (50, 1), (2, 60), (50, 3600)} == {
        tuple(limit) for limit in stated if limit
    }
