"""A place in a wire shape: plain data, made by `wire_shape`, compared by `wire_diff`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from upkeep.schema_facts import Key


@dataclass(eq=False, slots=True)
class Node:
    """
    A place in a wire shape.

    Attributes:
        facts: What is said of the place itself, as JSON-like values that compare by `==`.
        children: The places below it.
        required: Those of `children` that must be there.
        alternatives: The schemas of a `oneOf` or `anyOf`, without null.
        sources: The objects in the document that say so; what an edit of the document must change.
    """

    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    children: dict[Key, Node] = field(default_factory=dict[Key, "Node"])
    required: set[Key] = field(default_factory=set[Key])
    alternatives: list[Node] = field(default_factory=list["Node"])
    sources: tuple[Any, ...] = ()
