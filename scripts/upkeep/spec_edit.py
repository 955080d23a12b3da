"""
Writes safe changes into the maintained spec, in place; for all else a person must decide.

Safe are pure additions that break no caller, marks of deprecation, and a rate limit's new numbers,
where all places that share our schema change alike.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spec_rules import GAP
from upkeep.change_kinds import KINDS, Verdict
from upkeep.error_statuses import component_name, proposed_description
from upkeep.family_diff import NOTHING, FamilyDiff, compare_family, rate_limit
from upkeep.followers import PARAMETERS
from upkeep.openapi_document import DocumentError, JsonObject
from upkeep.schema_writer import NotWritable, SchemaWriter
from upkeep.wire_diff import Change, Pair, pairs
from upkeep.wire_shape import Node, fingerprint
from upkeep.wire_words import plain
from upkeep.yaml_edit import YamlEdit, YamlEditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Plan:
    """The spec with the safe changes, those, and the others, each with what a person must do."""

    text: str
    applied: list[Change]
    open: dict[Change, str]
    failure: str = ""  # why nothing can be written although the documents can be compared


def plan_edit(
    spec_text: str, upstream: JsonObject, acknowledged: Mapping[str, str] = NOTHING
) -> tuple[FamilyDiff, Plan]:
    """
    Compare a spec (YAML in block style) with upstream, and write the safe changes into its text.

    A plan that fails says why, and writes nothing. Raises DocumentError where one of the documents
    cannot be used, and YamlEditError where the spec cannot be edited at all.
    """
    edit = YamlEdit(spec_text)
    diff = compare_family(edit.data, upstream, acknowledged)
    try:
        plan = _plan(edit, diff, upstream)
        _prove(plan, upstream, acknowledged)
    except (DocumentError, YamlEditError) as error:
        reason = f"the spec cannot be edited automatically: {error}"
        plan = Plan(spec_text, [], dict.fromkeys(diff.changes, reason), str(error))
    return diff, plan


def _plan(edit: YamlEdit, diff: FamilyDiff, upstream: JsonObject) -> Plan:
    writer = _Writer(edit, diff, upstream)
    applied: list[Change] = []
    open_: dict[Change, str] = {}
    for changes in _units(diff.changes):
        reason = _objection(changes, writer.partners) or writer.write(changes[0])
        if reason:
            open_ |= dict.fromkeys(changes, reason)
        else:
            applied += changes
    writer.write_components()
    return Plan(edit.text(), applied, open_)


def _units(changes: Iterable[Change]) -> list[list[Change]]:
    """Put together what one edit of the spec would write."""
    units: dict[Any, list[Change]] = defaultdict(list)
    for change in changes:
        child = change.pair.theirs.children.get(change.path[-1]) if change.edge else None
        added = fingerprint(child) if child else (change.before, change.after)
        units[_spot(change.pair.ours), change.what, change.edge, added].append(change)
    return list(units.values())


def _spot(node: Node) -> tuple[int, ...]:
    """Tell places in the spec apart."""
    return tuple(map(id, node.sources))


def _objection(changes: list[Change], partners: dict[tuple[int, ...], set[Node]]) -> str:
    """Say why a unit cannot be written automatically; empty if it can."""
    first = changes[0]
    if first.what == "not understood":
        return f"a person must look, as nothing here understands {first.after or first.before}"
    if any(change.verdict == Verdict.MAJOR for change in changes):
        return "it breaks callers"
    if first.what in {"operation added", "media type added"} or first.path[-1][0] == "body":
        return "operations and their bodies are added and changed by hand"
    if not KINDS[first.what].heading:
        return "it is not a pure addition"
    changed = {change.pair.theirs for change in changes}
    if not partners[_spot(first.pair.ours)] <= changed:
        return "our schema is shared with places that upstream has left as they were"
    return ""


class _Writer:
    """Writes one unit after the other into the spec."""

    def __init__(self, edit: YamlEdit, diff: FamilyDiff, upstream: JsonObject) -> None:
        self._edit = edit
        self._schemas = edit.data["components"]["schemas"]
        self.partners: dict[tuple[int, ...], set[Node]] = defaultdict(set)
        matched = list(pairs(diff.ours, diff.theirs))
        for pair in matched:
            self.partners[_spot(pair.ours)].add(pair.theirs)
        self._writer = SchemaWriter(edit.data, upstream, matched)
        self._neighbours: dict[str, str] = {}
        self._responses: dict[str, Any] = {}

    def write(self, change: Change) -> str:
        """Write a change; returns the reason if that takes a person, and then writes nothing."""
        components, known = dict(self._writer.components), dict(self._writer.known)
        try:
            if change.what == "rate limit changed":
                self._rate_limit(change.pair)
            elif change.what == "deprecated":
                source = _sole(change.pair.ours, "")
                self._edit.insert_after(source, next(iter(source)), "deprecated", value=True)
            elif change.what == "enum value added":
                source = _sole(change.pair.ours, "enum")
                self._edit.append_item(source["enum"], _added_value(change))
            elif change.what == "error status added":
                self._error_status(change)
            elif change.path[-1][0] in PARAMETERS:
                self._parameter(change)
            else:
                self._property(change)
        except NotWritable as error:
            self._writer.components, self._writer.known = components, known
            return f"it cannot be written automatically: {error}"
        return ""

    def write_components(self) -> None:
        """Write the new components: enums last, the others after the object that holds them."""
        for name, schema in self._writer.components.items():
            neighbour = list(self._schemas)[-1] if "enum" in schema else self._neighbours[name]
            self._edit.insert_after(self._schemas, neighbour, name, schema, spaced=True)

    def _schema(self, node: Node, owner: str, name: str, change: Change) -> Any:
        schema = self._writer.write(node, owner, name, sent=change.side != "response")
        neighbour = owner if owner in self._schemas else list(self._schemas)[-1]
        self._neighbours = dict.fromkeys(self._writer.components, neighbour) | self._neighbours
        return schema

    def _property(self, change: Change) -> None:
        source = _sole(change.pair.ours, "properties")
        key, node = change.path[-1], change.pair.theirs
        owner = self._writer.name_of(change.pair.ours)
        schema = self._schema(node.children[key], owner, key[1], change)
        self._edit.append_entry(source["properties"], key[1], schema)
        if key in node.required and "required" in source:
            self._edit.append_item(source["required"], key[1])
        elif key in node.required:
            self._edit.insert_before(source, "properties", "required", [key[1]])

    def _parameter(self, change: Change) -> None:
        operation = change.pair.ours.sources[0]
        where, name = key = change.path[-1]
        node = change.pair.theirs.children[key]
        if [*node.children] != [("schema", "")]:
            raise NotWritable("it is described by more than a schema")
        schema = self._schema(node.children["schema", ""], "", name, change)
        schema.pop("description", None)  # the parameter describes it
        parameter = {"name": name, "in": where, "description": GAP}
        said = node.sources[0]
        parameter |= {key: said[key] for key in ("deprecated", "style", "explode") if key in said}
        parameter["schema"] = schema
        if "parameters" in operation:
            self._edit.append_item(operation["parameters"], parameter)
        else:
            self._edit.insert_before(operation, "responses", "parameters", [parameter])

    def _error_status(self, change: Change) -> None:
        status = change.path[-1][1]
        name = component_name(status)
        bodies = change.pair.theirs.children["response", status].children
        if unread := [name for kind, name in bodies if kind != "media type"]:
            raise NotWritable(f"a person must look at {unread[0]}")
        content = {
            media_type: {"schema": self._schema(body, name, media_type, change)}
            for (_, media_type), body in bodies.items()
        }
        shared = self._edit.data["components"]["responses"]
        present = shared.get(name) or self._responses.get(name)
        if present and present.get("content", {}) != content:
            raise NotWritable(f"our response {name} has another body")
        if not present:
            new: dict[str, Any] = {"description": proposed_description(status)}
            self._responses[name] = new = new | ({"content": content} if content else {})
            self._edit.insert_after(shared, list(shared)[-1], name, new, spaced=True)
        responses = change.pair.ours.sources[0]["responses"]
        ref = {"$ref": f"#/components/responses/{name}"}
        if smaller := [known for known in responses if known.isdigit() and known < status]:
            self._edit.insert_after(responses, max(smaller), status, ref)
        else:
            self._edit.insert_before(responses, next(iter(responses)), status, ref)

    def _rate_limit(self, pair: Pair) -> None:
        limit = rate_limit(pair.theirs.sources[0])
        stated = pair.ours.sources[0].get("x-rate-limit")
        if stated is None or limit is None:
            raise NotWritable("the spec states no x-rate-limit there")
        for name, value in limit._asdict().items():
            if stated[name] != value:
                self._edit.replace(stated, name, value)


def _sole(node: Node, keyword: str) -> Any:
    """Find the only object of the spec that an edit of a place can mean."""
    found = [source for source in node.sources if not keyword or keyword in source]
    if len(found) != 1:
        raise NotWritable(f"{len(found)} schemas of ours describe the place")
    return found[0]


def _added_value(change: Change) -> Any:
    """Find the value of an enum that the change writes in words."""
    ours, theirs = change.pair.ours.facts["enum"], change.pair.theirs.facts["enum"]
    return next(
        json.loads(value) for value in theirs if value not in ours and plain(value) == change.after
    )


def _prove(plan: Plan, upstream: JsonObject, acknowledged: Mapping[str, str]) -> None:
    """Compare the written spec with upstream anew: what is left must be what is open."""
    left = compare_family(YamlEdit(plan.text).data, upstream, acknowledged).changes
    wrong = {change.words for change in left} ^ {change.words for change in plan.open}
    if wrong:
        raise DocumentError(
            f"the spec could not be edited so that it says {min(wrong)}; make the change by hand."
        )
