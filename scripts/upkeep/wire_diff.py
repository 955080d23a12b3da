"""
Compares two wire shapes: what changed, where, for whom, and how much it weighs.

The weight is what a typed caller of the package feels, by side: a caller writes requests and
reads responses. The kinds of change stand in the table `change_kinds.KINDS`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from upkeep.change_kinds import CHECKED_FORMATS, KINDS, READ_FORMATS, Effect, Verdict
from upkeep.openapi_document import DocumentError
from upkeep.schema_facts import LOWER, UPPER, Key, is_multiple
from upkeep.wire_shape import Node, fingerprint
from upkeep.wire_words import describe, fact, place, plain, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Edges = tuple[Key, ...]
MAX_PAIRS = 20_000  # twenty times the family
MAX_CHANGES = 5_000
_SIDES = dict.fromkeys(("server", "security", "keyword"), "operation") | {"response": "response"}
_SAID_BY_VALUES = {"server", "security", "keyword", "response header"}
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
    One change of one operation; `what` is its kind, a key of `change_kinds.KINDS`.

    `edge` has come, gone or changed below the pair's place; it is none where that place itself has
    changed. What stood and what stands there is empty if nothing did or does.
    """

    pair: Pair
    edge: Key | None
    what: str
    before: str
    after: str

    @property
    def path(self) -> Edges:
        """The place as edges from the root."""
        return (*self.pair.path, self.edge) if self.edge else self.pair.path

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
        return effect_of(self).verdict

    @property
    def words(self) -> tuple[str, ...]:
        """All that is said of it."""
        return (self.operation, self.place, self.what, self.before, self.after)

    @property
    def line(self) -> str:
        """What upstream.lock and acknowledged.yaml say of it; begins with its weight."""
        named = self.edge and self.edge[0] not in _SAID_BY_VALUES
        values = "" if named else " -> ".join(word for word in (self.before, self.after) if word)
        text = f"{self.verdict.name.lower()}: {self.operation} {self.place}: {self.what}"
        return f"{text} ({values})" if values else text

    @property
    def group(self) -> tuple[Any, ...]:
        """Equal for the occurrences of one change under several operations and places."""
        same = (self.side, self.what, self.before, self.after)
        if self.side == "operation":
            return same
        if self.path[-1][0] in _OF_THE_OPERATION:
            return *same, self.path[-1]
        nodes = (self.pair.ours, self.pair.theirs) if self.edge else self.pair.holder
        name = next((key for key in reversed(self.path) if key[0] == "property"), None)
        return *same, name, *map(fingerprint, nodes)


def compare(ours: Node, theirs: Node) -> list[Change]:
    """List every change from one shape to another, in a shared schema once for each place."""
    found = (
        Change(pair, *difference)
        for pair in pairs(ours, theirs)
        for difference in _differences(pair.ours, pair.theirs)
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
    waiting = [(Pair((), ours, theirs, (ours, theirs)), frozenset[tuple[Node, Node]]())]
    walked = 0
    while waiting:
        pair, trail = waiting.pop()
        here = pair.ours, pair.theirs
        if here in trail:
            continue
        if walked == MAX_PAIRS:
            raise DocumentError(
                f"{pair.path[0][1]}: has more than {MAX_PAIRS:,} places, "
                "as its schemas refer to each other again and again; take that out."
            )
        walked += 1
        yield pair
        for key, mine, other in reversed([*_common(*here)]):
            holder = here if key[0] == "property" else pair.holder
            waiting.append((Pair((*pair.path, key), mine, other, holder), trail | {here}))


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
    yield from _fact_changes(ours.facts, theirs.facts)


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


_FACT_ROWS = {  # a fact, and its rows where it has come or is another, and where it is gone
    "type": ("type changed", "type changed"),
    **dict.fromkeys(("style", "explode"), ("serialisation changed", "serialisation changed")),
    "null": ("null allowed", "null no longer allowed"),
    "deprecated": ("deprecated", "no longer deprecated"),
}
_LIMITS = (*LOWER, *UPPER, "pattern", "multipleOf", "uniqueItems", "closed")
_FACTS = ("type", "style", "explode", "format", "null", "deprecated", "enum", *_LIMITS)


def _fact_changes(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    """Compare what is said of one place itself."""
    for name in _FACTS:
        before, after = ours.get(name), theirs.get(name)
        if name == "enum":
            yield from _enum_changes(before, after)
        elif before != after:
            yield None, _fact_row(name, before, after), fact(name, before), fact(name, after)


def _fact_row(name: str, before: Any, after: Any) -> str:
    """Name the row of the table for a fact that differs."""
    if name == "format":
        is_read = READ_FORMATS.intersection(f"{before} {after}".split())
        return "format changed" if is_read else "other format changed"
    if name in _LIMITS:
        return "limit tightened" if _is_tighter(name, before, after) else "limit loosened"
    come, gone = _FACT_ROWS[name]
    return come if after is not None else gone


def _enum_changes(ours: list[str] | None, theirs: list[str] | None) -> Iterator[Difference]:
    if ours is None or theirs is None:
        if ours != theirs:
            yield None, "type changed", values_of(ours), values_of(theirs)
        return
    mine, others = set(ours), set(theirs)
    yield from ((None, "enum value removed", plain(v), "") for v in ours if v not in others)
    yield from ((None, "enum value added", "", plain(v)) for v in theirs if v not in mine)


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
