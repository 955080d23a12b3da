"""
Compares two wire shapes: what changed, where, for whom, and how much it weighs.

The weight is what a typed caller of the package feels, by side: a caller writes requests and
reads responses. The kinds of change stand in the table `change_kinds.KINDS`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from upkeep.change_kinds import KINDS, READ_FORMATS, Verdict
from upkeep.openapi_document import DocumentError
from upkeep.schema_facts import LOWER, UPPER, Key, is_multiple
from upkeep.wire_shape import fingerprint
from upkeep.wire_words import describe, fact, place, plain, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upkeep.wire_shape import Node


Edges = tuple[Key, ...]
MAX_PAIRS = 20_000  # twenty times the family
MAX_CHANGES = 5_000


class Pair(NamedTuple):
    """A place that both shapes have, with its node on either side and the object that holds it."""

    path: Edges
    ours: Node
    theirs: Node
    holder: tuple[Node, Node]


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    One change of one operation.

    Attributes:
        operation: Such as `"PATCH /qualification-records"`.
        side: `"request"`, `"response"` or `"operation"`.
        place: Where in it, such as `"200.data.fields[].type"`.
        what: The kind of change, a key of `change_kinds.KINDS`.
        before: What stood there; empty if nothing did.
        after: What stands there now; empty if nothing does.
        verdict: Its weight.
        path: The place as edges from the root.
        pair: The place's nodes; for something added or removed, those of the place above it.
    """

    operation: str
    side: str
    place: str
    what: str
    before: str
    after: str
    verdict: Verdict
    path: Edges
    pair: Pair

    @property
    def line(self) -> str:
        """What upstream.lock and acknowledged.yaml say of it; begins with its weight."""
        here = len(self.path) == len(self.pair.path) and (self.before or self.after)
        values = f" ({self.before} -> {self.after})" if here else ""
        return f"{self.verdict.name.lower()}: {self.operation} {self.place}: {self.what}{values}"

    @property
    def group(self) -> str:
        """Equal for the occurrences of one change under several operations and places."""
        parts: list[str] = [self.side, self.what, self.before, self.after]
        key = self.path[-1] if self.path else ("", "")
        if self.side == "operation":
            key = ("", "")
        elif key[0] not in _OF_THE_OPERATION:
            parts += map(fingerprint, self.pair.holder)
            key = next((k for k in reversed(self.path) if k[0] == "property"), ("", ""))
        return hashlib.sha256(json.dumps([parts, key]).encode()).hexdigest()


_OF_THE_OPERATION = {"response", "query", "header", "cookie", "path"}


def compare(ours: Node, theirs: Node) -> list[Change]:
    """List every change from one shape to another, in a shared schema once for each place."""
    found = (
        make_change(pair, key, what, before, after)
        for pair in pairs(ours, theirs)
        for key, what, before, after in _differences(pair.ours, pair.theirs)
    )
    changes = list(itertools.islice(found, MAX_CHANGES + 1))
    if len(changes) > MAX_CHANGES:
        raise DocumentError(
            f"{changes[-1].operation}: more than {MAX_CHANGES:,} changes; is it another document?"
        )
    return changes


def verdict(changes: list[Change]) -> Verdict:
    """Weigh changes together: the gravest counts."""
    return max((change.verdict for change in changes), default=Verdict.SAME)


def pairs(ours: Node, theirs: Node) -> Iterator[Pair]:
    """Walk each place that both have. A recursion is followed once round on either side."""
    root = Pair((), ours, theirs, (ours, theirs))
    for number, pair in enumerate(_pairs(root, frozenset())):
        if number == MAX_PAIRS:
            raise DocumentError(
                f"{pair.path[0][1]}: has more than {MAX_PAIRS:,} places, "
                "as its schemas refer to each other again and again; take that out."
            )
        yield pair


def _pairs(pair: Pair, trail: frozenset[tuple[int, int]]) -> Iterator[Pair]:
    here = id(pair.ours), id(pair.theirs)
    if here in trail:
        return
    yield pair
    for key, ours, theirs in _common(pair.ours, pair.theirs):
        holder = (pair.ours, pair.theirs) if key[0] == "property" else pair.holder
        below = Pair((*pair.path, key), ours, theirs, holder)
        yield from _pairs(below, trail | {here})


def _common(ours: Node, theirs: Node) -> Iterator[tuple[Key, Node, Node]]:
    for key, child in ours.children.items():
        if key in theirs.children and key[0] != "keyword":
            yield key, child, theirs.children[key]
    matched = zip(*_matched_alternatives(ours, theirs), strict=False)
    for index, (mine, other) in enumerate(matched):
        yield ("alternative", str(index + 1)), mine, other


def _matched_alternatives(ours: Node, theirs: Node) -> tuple[list[Node], list[Node]]:
    """Leave out the alternatives that both have; the rest pair up by likeness."""
    mine = {fingerprint(option): option for option in ours.alternatives}
    others = {fingerprint(option): option for option in theirs.alternatives}
    return (
        sorted((option for key, option in mine.items() if key not in others), key=_likeness),
        sorted((option for key, option in others.items() if key not in mine), key=_likeness),
    )


def _likeness(node: Node) -> tuple[str, list[Key], str]:
    return "".join(node.facts.get("type", [])), sorted(node.children), fingerprint(node)


Difference = tuple[Key | None, str, str, str]
"""The edge that came, went or changed (none: the place itself), what happened, before, after."""


def _differences(ours: Node, theirs: Node) -> Iterator[Difference]:
    for key, child in theirs.children.items():
        if key not in ours.children:
            yield key, _arrival(key, required=key in theirs.required), "", _words(key, child)
    for key, child in ours.children.items():
        if key not in theirs.children:
            yield key, _departure(key, child, theirs), _words(key, child), ""
        elif key in theirs.required and key not in ours.required:
            yield key, "now required", "optional", "required"
        elif key in ours.required and key not in theirs.required:
            yield key, "now optional", "required", "optional"
        elif key[0] == "keyword" and fingerprint(child) != fingerprint(theirs.children[key]):
            yield key, "not understood", key[1], key[1]
    mine, others = _matched_alternatives(ours, theirs)
    if len(mine) != len(others):
        yield None, "type changed", describe(ours), describe(theirs)
    for what, before, after in _fact_changes(ours.facts, theirs.facts):
        yield None, what, before, after


def _words(key: Key, child: Node) -> str:
    return key[1] if key[0] == "keyword" else describe(child)


def _arrival(key: Key, *, required: bool) -> str:
    kind = _special(key)
    if kind:
        return _ONE_NAME.get(kind) or f"{kind} added"
    return "added, required" if required else "added, optional"


def _departure(key: Key, child: Node, theirs: Node) -> str:
    kind = _special(key)
    if kind == "security alternative":
        needs = set(child.facts["needs"])
        others = (other for (kind, _), other in theirs.children.items() if kind == "security")
        still = any(needs.issuperset(other.facts["needs"]) for other in others)
        return "security loosened" if still else "security replaced"
    return (_ONE_NAME.get(kind) or f"{kind} removed") if kind else "removed"


_ONE_NAME = {"type": "type changed", "keyword": "not understood"}


def _special(key: Key) -> str:
    """Name the kinds of edges that have rows of their own in the table."""
    kind, name = key
    if kind == "response":
        return "success status" if name.startswith("2") else "error status"
    if kind in {"items", "values", "schema"}:
        return "type"
    if kind == "security":
        return "security alternative"
    return kind if kind in {"operation", "media type", "server", "keyword"} else ""


Facts = dict[str, Any]


def _fact_changes(ours: Facts, theirs: Facts) -> Iterator[tuple[str, str, str]]:
    """Compare what is said of one place itself; yields (what, before, after)."""
    for name, what in _PLAIN_FACTS.items():
        if ours.get(name) != theirs.get(name):
            yield what, fact(name, ours.get(name)), fact(name, theirs.get(name))
    if ours.get("format") != theirs.get("format"):
        formats = fact("format", ours.get("format")), fact("format", theirs.get("format"))
        is_read = not READ_FORMATS.isdisjoint(" ".join(formats).split())
        yield ("format changed" if is_read else "other format changed"), *formats
    if ours.get("null") != theirs.get("null"):
        yield ("null allowed" if theirs.get("null") else "null no longer allowed"), "", ""
    if ours.get("deprecated") != theirs.get("deprecated"):
        yield ("deprecated" if theirs.get("deprecated") else "no longer deprecated"), "", ""
    yield from _enum_changes(ours.get("enum"), theirs.get("enum"))
    for name in _LIMITS:
        before, after = ours.get(name), theirs.get(name)
        if before != after:
            what = "limit tightened" if _is_tighter(name, before, after) else "limit loosened"
            yield what, fact(name, before), fact(name, after)


_PLAIN_FACTS = {
    "type": "type changed",
    "style": "serialisation changed",
    "explode": "serialisation changed",
}
_LIMITS = (*LOWER, *UPPER, "pattern", "multipleOf", "uniqueItems", "closed")


def _enum_changes(
    ours: list[str] | None, theirs: list[str] | None
) -> Iterator[tuple[str, str, str]]:
    if (ours is None) != (theirs is None):
        yield "type changed", values_of(ours), values_of(theirs)
        return
    mine, others = dict.fromkeys(ours or []), dict.fromkeys(theirs or [])
    for value in mine:
        if value not in others:
            yield "enum value removed", plain(value), ""
    for value in others:
        if value not in mine:
            yield "enum value added", "", plain(value)


def _is_tighter(name: str, before: Any, after: Any) -> bool:
    if before is None or after is None:
        return before is None
    if name in LOWER:
        return bool(after > before)
    if name in UPPER:
        return bool(after < before)
    if name == "multipleOf":
        return not is_multiple(before, after)
    return not set(after) < set(before)  # patterns: fewer of the same are looser


def make_change(pair: Pair, key: Key | None, what: str, before: str, after: str) -> Change:
    """Describe a change of a pair itself (no key), or of the edge below it."""
    path = (*pair.path, key) if key else pair.path
    operation = next((name for kind, name in path if kind == "operation"), "")
    side = _side(path)
    holder = (pair.ours, pair.theirs) if key else pair.holder
    kind = KINDS[what]
    return Change(
        operation=operation,
        side=side,
        place=place(path),
        what=what,
        before=before,
        after=after,
        verdict=(kind.response if side == "response" else kind.request).verdict,
        path=path,
        pair=pair._replace(holder=holder),
    )


def _side(path: Edges) -> str:
    below = path[1][0] if len(path) > 1 else ""
    if below in {"", "server", "security", "keyword"}:
        return "operation"
    return "response" if below == "response" else "request"
