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

from upkeep.change_kinds import CHECKED_FORMATS, KINDS, READ_FORMATS, Effect, Verdict
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
_SIDES = dict.fromkeys(("server", "security", "keyword"), "operation") | {"response": "response"}
_OF_THE_OPERATION = {"response", "query", "header", "cookie", "path"}


class Pair(NamedTuple):
    """A place that both shapes have, with its node on either side and the object that holds it."""

    path: Edges
    ours: Node
    theirs: Node
    holder: tuple[Node, Node]


@dataclass(frozen=True)
class Change:
    """
    One change of one operation.

    Attributes:
        path: The place as edges from the root.
        pair: The place's nodes; for something added or removed, those of the place above it.
        what: The kind of change, a key of `change_kinds.KINDS`.
        before: What stood there; empty if nothing did.
        after: What stands there now; empty if nothing does.
    """

    path: Edges
    pair: Pair
    what: str
    before: str
    after: str

    @property
    def operation(self) -> str:
        """Such as `PATCH /qualification-records`."""
        return self.path[0][1]

    @property
    def side(self) -> str:
        """One of `request`, `response` and `operation`."""
        return _SIDES.get(self.path[1][0], "request") if len(self.path) > 1 else "operation"

    @property
    def place(self) -> str:
        """Where in the operation, such as `200.data.fields[].type`."""
        return place(self.path)

    @property
    def verdict(self) -> Verdict:
        """Its weight."""
        kind = KINDS[self.what]
        return (kind.response if self.side == "response" else kind.request).verdict

    @property
    def edge(self) -> Key | None:
        """The edge that came, went or changed; none where the place itself changed."""
        return self.path[-1] if self.path != self.pair.path else None

    @property
    def words(self) -> tuple[str, ...]:
        """All that is said of it."""
        return (self.operation, self.place, self.what, self.before, self.after)

    @property
    def line(self) -> str:
        """What upstream.lock and acknowledged.yaml say of it; begins with its weight."""
        named = self.edge and self.edge[0] not in {
            "server",
            "security",
            "keyword",
            "response header",
        }
        values = "" if named else " -> ".join(word for word in (self.before, self.after) if word)
        text = f"{self.verdict.name.lower()}: {self.operation} {self.place}: {self.what}"
        return f"{text} ({values})" if values else text

    @property
    def group(self) -> str:
        """Equal for the occurrences of one change under several operations and places."""
        parts: list[str] = [self.side, self.what, self.before, self.after]
        key = ("", "") if self.side == "operation" else self.path[-1]
        if self.side != "operation" and key[0] not in _OF_THE_OPERATION:
            parts += map(fingerprint, self.pair.holder)
            key = next((k for k in reversed(self.path) if k[0] == "property"), ("", ""))
        return hashlib.sha256(json.dumps([parts, key]).encode()).hexdigest()


def compare(ours: Node, theirs: Node) -> list[Change]:
    """List every change from one shape to another, in a shared schema once for each place."""
    found = (
        Change((*pair.path, key), pair._replace(holder=(pair.ours, pair.theirs)), *words)
        if key
        else Change(pair.path, pair, *words)
        for pair in pairs(ours, theirs)
        for key, *words in _differences(pair.ours, pair.theirs)
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
        yield from _pairs(Pair((*pair.path, key), ours, theirs, holder), trail | {here})


def _common(ours: Node, theirs: Node) -> Iterator[tuple[Key, Node, Node]]:
    for key, child in ours.children.items():
        if key in theirs.children and key[0] not in _WHOLE:
            yield key, child, theirs.children[key]
    matched = zip(*_matched_alternatives(ours, theirs), strict=False)
    for index, (mine, other) in enumerate(matched):
        yield ("alternative", str(index + 1)), mine, other


def _matched_alternatives(ours: Node, theirs: Node) -> tuple[list[Node], list[Node]]:
    """Leave out the alternatives that both have; the rest pair up by likeness."""
    mine = {fingerprint(option): option for option in ours.alternatives}
    others = {fingerprint(option): option for option in theirs.alternatives}
    return (
        sorted((mine[key] for key in mine.keys() - others), key=_likeness),
        sorted((others[key] for key in others.keys() - mine), key=_likeness),
    )


def _likeness(node: Node) -> tuple[str, list[Key], str]:
    return "".join(node.facts.get("type", [])), sorted(node.children), fingerprint(node)


Difference = tuple[Key | None, str, str, str]
"""The edge that came, went or changed (none: the place itself), what happened, before, after."""


def _differences(ours: Node, theirs: Node) -> Iterator[Difference]:
    for key, child in theirs.children.items():
        if key not in ours.children:
            row = "added, required" if key in theirs.required else "added, optional"
            yield key, _row(key, row, "added"), "", _words(key, child)
    for key, child in ours.children.items():
        if key not in theirs.children:
            if key[0] != "response header":  # ours says more, as of `Retry-After`
                yield key, _departure(key, child, theirs), _words(key, child), ""
        elif (key in ours.required) != (key in theirs.required):
            before, after = _STATES if key in theirs.required else _STATES[::-1]
            yield key, f"now {after}", before, after
        elif key[0] in _WHOLE and fingerprint(child) != fingerprint(theirs.children[key]):
            yield key, _WHOLE[key[0]], key[1], key[1]
    if len({*map(len, _matched_alternatives(ours, theirs))}) > 1:
        yield None, "type changed", describe(ours), describe(theirs)
    yield from ((None, *words) for words in _fact_changes(ours.facts, theirs.facts))


def _words(key: Key, child: Node) -> str:
    return key[1] if key[0] in _WHOLE else describe(child)


_STATES = ("optional", "required")
_WHOLE = {"keyword": "not understood", "response header": "response header changed"}
"""Edges below which nothing is told apart, and the row for a change there."""
_ROWS = dict.fromkeys(("items", "values", "schema"), "type changed") | {"keyword": "not understood"}


def _row(key: Key, plain_row: str, ending: str) -> str:
    """Name the row of the table for an edge that has come or gone."""
    kind, name = key
    if kind == "response":
        return f"{'success' if name.startswith('2') else 'error'} status {ending}"
    if kind == "security" and ending == "added":
        return "security alternative added"
    if kind in {"operation", "media type", "server", "security", "response header"}:
        return f"{kind} {ending}"
    return _ROWS.get(kind, plain_row)


def _departure(key: Key, gone: Node, theirs: Node) -> str:
    if key[0] != "security":
        return _row(key, "removed", "removed")
    left = (node for (kind, _), node in theirs.children.items() if kind == "security")
    still = any(set(gone.facts["needs"]).issuperset(node.facts["needs"]) for node in left)
    return "security loosened" if still else "security replaced"


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
    **dict.fromkeys(("style", "explode"), "serialisation changed"),
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


def effect_of(change: Change) -> Effect:
    """Say what a change means for callers of the released package, with its tolerant reader."""
    kind = KINDS[change.what]
    if change.side != "response":
        return kind.request
    return kind.refused if kind.refused and _is_refused(change) else kind.response


def _is_refused(change: Change) -> bool:
    """Tell whether answers that the released package refuses must be reckoned with."""
    ours, theirs = change.pair.ours, change.pair.theirs
    match change.what:
        case "removed":
            return change.path[-1] in ours.required
        case "type changed":
            only_enum = ours.facts.get("enum") != theirs.facts.get("enum")
            return not only_enum or ours.facts.get("type") != theirs.facts.get("type")
        case "format changed":
            return ours.facts.get("format") in CHECKED_FORMATS
        case _:  # null, which is read as absent
            holder, key = change.pair.holder[0], change.path[-1]
            return key not in holder.children or key in holder.required
