"""Compares the operations of the maintained spec with those of an upstream document."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from upkeep.openapi_document import DocumentError, JsonObject, is_object
from upkeep.wire_diff import Change, Pair, compare, verdict
from upkeep.wire_shape import Node, fingerprint, operations, wire_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upkeep.change_kinds import Verdict

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_RATE_LIMIT = re.compile(
    r"rate\s+limits?\W+(?:</?\w+>\W*)*(?:(?:is|of|up to|at most)\s+)*"
    r"(\d{1,3}(?:[,_' \u202f\u00a0]\d{3})+|\d+)\s*(?:requests?|req|calls?)?\s*"
    r"(?:/|per|every|each|in|a|an)\s*(\d+)?\s*"
    r"(s|sec|second|m|min|minute|h|hour|d|day)s?\b",
    re.IGNORECASE,
)
NOTHING: Mapping[str, str] = types.MappingProxyType({})
_NEAR = 0.55  # the likeness from which an operation is worth a hint


@dataclass(frozen=True)
class FamilyDiff:
    """The wire shapes of spec and upstream, what has changed, and what else a reader must know."""

    ours: Node
    theirs: Node
    changes: list[Change]
    notes: list[str]

    @property
    def verdict(self) -> Verdict:
        """The weight of all changes together."""
        return verdict(self.changes)


class RateLimit(NamedTuple):
    """At most `requests` in any `window_seconds`."""

    requests: int
    window_seconds: float

    def __str__(self) -> str:
        return f"{self.requests} per {self.window_seconds} s"


def compare_family(
    spec: JsonObject, upstream: JsonObject, acknowledged: Mapping[str, str] = NOTHING
) -> FamilyDiff:
    """Compare the spec's operations; what is acknowledged, line: reason, is a note, no change."""
    ours, theirs = wire_shape(spec), wire_shape(upstream, family_of(spec, upstream))
    limits, notes = _compare_limits(ours, theirs)
    changes = [*limits, *compare(ours, theirs)]
    for number, change in enumerate(changes):
        if change.what == "operation removed":
            near = _nearest(change.operation, ours, upstream)
            changes[number] = dataclasses.replace(change, after=near)
    found = {change.line for change in changes}
    for line, why in acknowledged.items():
        stale = "" if line in found else "no longer so, take it out of acknowledged.yaml: "
        notes.append(f"Acknowledged, {stale}{line} ({why})")
    left = [change for change in changes if change.line not in acknowledged]
    return FamilyDiff(ours, theirs, left, notes)


def family_of(spec: JsonObject, upstream: JsonObject) -> list[str]:
    """Find the upstream operations whose path begins as one of the spec's; or DocumentError."""
    known = operations(spec)
    first_parts = {_first_part(_path(name)) for name in known}
    names = [*operations(upstream, lambda path: _first_part(path) in first_parts)]
    if not set(known) & set(names):
        raise DocumentError(_missing([*known], upstream))
    return names


def rate_limit(operation: JsonObject) -> RateLimit | None:
    """Find an operation's rate limit: ours in `x-rate-limit`, upstream's in its text."""
    stated = operation.get("x-rate-limit")
    if is_object(stated):
        return RateLimit(stated["requests"], stated["window_seconds"])
    found = _RATE_LIMIT.search(str(operation.get("description", "")))
    if not found:
        return None
    requests = int(re.sub(r"\D", "", found[1]))
    return RateLimit(requests, int(found[2] or 1) * _SECONDS[found[3][0].lower()])


def _path(operation: str) -> str:
    return operation.partition(" ")[2]


def _first_part(path: str) -> str:
    return path.strip("/").partition("/")[0]


def _missing(known: list[str], upstream: JsonObject) -> str:
    wanted = sorted(set(map(_path, known)), key=len)
    paths: list[str] = list(upstream["paths"])
    near = [path for path in paths if path.endswith(tuple(wanted))]
    for path in wanted:
        near += difflib.get_close_matches(path, paths, n=2, cutoff=0.6)
    hint = f"nearest: {', '.join(dict.fromkeys(near))}" if near else "and no path is near them"
    return (
        f"paths: none of {', '.join(wanted)} is in the document; {hint}. If the family has moved, "
        "change the paths in the spec by hand first; if not, this is another document."
    )


def _nearest(gone: str, ours: Node, upstream: JsonObject) -> str:
    """Name the new operation that is the likeliest to be one that is gone; empty if none is."""
    mine = ours.children["operation", gone]
    likeness: dict[str, float] = {}
    for path in upstream["paths"]:
        try:
            others = operations(upstream, [path].__contains__)
            shapes = wire_shape(upstream, others).children
        except DocumentError:
            continue  # it is broken, and no concern of ours
        for (kind, name), node in shapes.items():
            own, other = (n.sources[0].get("operationId") for n in (mine, node))
            same_end = _path(gone).rpartition("/")[2] == path.rpartition("/")[2]
            if (kind, name) not in ours.children:
                likeness[name] = (
                    difflib.SequenceMatcher(None, gone, name).ratio()
                    + (own is not None and own == other)
                    + 0.3 * same_end
                    + 0.5 * (fingerprint(mine) == fingerprint(node))
                )
    name = max(likeness, key=lambda name: likeness[name], default="")
    return f"nearest: {name}" if name and likeness[name] >= _NEAR else ""


def _compare_limits(ours: Node, theirs: Node) -> tuple[list[Change], list[str]]:
    changes: list[Change] = []
    silent: list[str] = []
    for key, mine in ours.children.items():
        other = theirs.children.get(key)
        if other is None:
            continue
        before, after = rate_limit(mine.sources[0]), rate_limit(other.sources[0])
        if before and not after:
            silent.append(key[1])
        elif after and before != after:
            pair = Pair((key,), mine, other, (mine, other))
            words = str(before or ""), str(after)
            changes.append(Change(pair, None, "rate limit changed", *words))
    text = "The document states no rate limit, or in words that are not understood, for "
    notes = [f"{text}{', '.join(silent)}; ours stay as they are."] if silent else []
    return changes, notes
