"""Words for wire shapes: for places, facts, and what a place carries."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from upkeep.schema_facts import LOWER, UPPER, Key, step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upkeep.wire_shape import Node


def place(path: Iterable[Key]) -> str:
    """Write a place below its operation, such as `body.fields[].type`; empty for an operation."""
    below = itertools.dropwhile(lambda key: key[0] == "operation", path)
    return "".join(map(step, below))


def fact(name: str, value: Any) -> str:
    """Write a fact, such as `exclusive minimum 5`; empty where it is not said."""
    if value is None:
        return ""
    if name in {"minimum", "maximum"}:
        exclusive = value[1] == (name == "minimum")
        return f"{'exclusive ' if exclusive else ''}{name} {value[0]}"
    if name in {*LOWER, *UPPER}:
        return f"{name} {value[0]}"
    if name in {"type", "pattern"}:
        return " and ".join(value)
    words = {"closed": "no other properties", "null": "", "deprecated": ""}
    return words.get(name, f"{name} {value}")


def values_of(values: list[str] | None) -> str:
    """Write an enum's JSON texts, such as `one of a, b`."""
    return "any value" if values is None else f"one of {', '.join(map(plain, values))}"


def plain(value: str) -> str:
    """Write an enum's value: the bare text of a string, otherwise the JSON."""
    return str(json.loads(value)) if value.startswith('"') else value


def describe(node: Node) -> str:
    """Say in a few words what a place carries, such as `array of object`, `string: one of a`."""
    schema = next((c for k, c in node.children.items() if k[0] in {"schema", "media type"}), None)
    if schema:
        return describe(schema)
    facts = node.facts
    if "text" in facts:
        return str(facts["text"])
    text = " or ".join(facts.get("type", []))
    for kind, word in (("items", "array of"), ("values", "map of")):
        if (kind, "") in node.children:
            text = f"{word} {_brief(node.children[kind, ''])}"
    if "format" in facts:
        text += f" ({facts['format']})"
    if "enum" in facts:
        text += f": {values_of(facts['enum'])}"
    options = " | ".join(_brief(option) for option in node.alternatives)
    return " ".join(
        part for part in (text, options, "or null" if facts.get("null") else "") if part
    )


def _brief(node: Node) -> str:
    return " or ".join(node.facts.get("type", ["anything"]))
