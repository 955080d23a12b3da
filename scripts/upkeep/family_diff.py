"""Compares the operations of the maintained spec with those of an upstream document."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.change_verdicts import VERDICTS, Verdict
from upkeep.openapi_document import DocumentError
from upkeep.rate_limit_text import RateLimit, rate_limit
from upkeep.wire_diff import Change, Pair, compare, verdict
from upkeep.wire_shape import operations, wire_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upkeep.openapi_document import JsonObject
    from upkeep.wire_node import Node


@dataclass(frozen=True)
class FamilyDiff:
    """
    Where an upstream document differs.

    Attributes:
        ours: The wire shape of the spec.
        theirs: The wire shape of the same operations, and of new ones beside them, upstream.
        changes: Every change; those of rate limits first.
        notes: What else a reader must know.
    """

    ours: Node
    theirs: Node
    changes: list[Change]
    notes: list[str]

    @property
    def verdict(self) -> Verdict:
        """The weight of all changes together."""
        return verdict(self.changes)


def compare_family(spec: JsonObject, upstream: JsonObject) -> FamilyDiff:
    """
    Compare the spec's operations, found by method and path.

    Args:
        spec: The maintained spec.
        upstream: The whole upstream document, or the family's part of it.

    Returns:
        The changes from the spec to the upstream document.

    Raises:
        DocumentError: The document has none of the operations, or cannot be walked.
    """
    names = family_of(spec, upstream)
    ours, theirs = wire_shape(spec), wire_shape(upstream, names)
    limits, notes = _compare_limits(ours, theirs)
    return FamilyDiff(ours, theirs, [*limits, *compare(ours, theirs)], notes)


def family_of(spec: JsonObject, upstream: JsonObject) -> list[str]:
    """
    Find the upstream operations that concern the spec.

    Args:
        spec: The maintained spec.
        upstream: The upstream document.

    Returns:
        The operations that the spec has, and those beside them: the first part of the path is that
        of one of the spec's paths.

    Raises:
        DocumentError: The document has none of the spec's operations.
    """
    known = operations(spec)
    first_parts = {_first_part(name) for name in known}
    names = [name for name in operations(upstream) if _first_part(name) in first_parts]
    if not set(known) & set(names):
        raise DocumentError(_missing(known, [*upstream["paths"]]))
    return names


def _first_part(operation: str) -> str:
    return operation.partition(" ")[2].strip("/").partition("/")[0]


def _missing(known: list[str], paths: list[str]) -> str:
    wanted = sorted({name.partition(" ")[2] for name in known}, key=len)
    near = [path for path in paths if path.endswith(tuple(wanted))]
    for path in wanted:
        near += difflib.get_close_matches(path, paths, n=2, cutoff=0.6)
    hint = f"nearest: {', '.join(dict.fromkeys(near))}" if near else "and no path is near them"
    return (
        f"paths: none of {', '.join(wanted)} is in the document; {hint}. If the family has moved, "
        "change the paths in the spec by hand first; if not, this is another document."
    )


def _compare_limits(ours: Node, theirs: Node) -> tuple[list[Change], list[str]]:
    changes: list[Change] = []
    silent: list[str] = []
    for key, mine, other in _shared_operations(ours, theirs):
        before, after = rate_limit(mine.sources[0]), rate_limit(other.sources[0])
        if before and not after:
            silent.append(key[1])
        elif after and before != after:
            changes.append(_limit_change(Pair((key,), mine, other, (mine, other)), before, after))
    words = "The document states no rate limit, or in words that are not understood, for "
    notes = [f"{words}{', '.join(silent)}; ours stay as they are."] if silent else []
    return changes, notes


def _shared_operations(ours: Node, theirs: Node) -> Iterator[tuple[Any, Node, Node]]:
    for key, mine in ours.children.items():
        if key in theirs.children:
            yield key, mine, theirs.children[key]


def _limit_change(pair: Pair, before: RateLimit | None, after: RateLimit) -> Change:
    what = "rate limit changed"
    return Change(
        operation=pair.path[0][1],
        side="operation",
        place="",
        what=what,
        before=str(before or ""),
        after=str(after),
        verdict=VERDICTS[what][0],
        path=pair.path,
        pair=pair,
    )
