"""What of the package follows a change only by hand: the client's keywords, the mock's table."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from upkeep.wire_diff import Change
    from upkeep.wire_shape import Node

CLIENT = "src/samsara_qualifications/_async/client.py"
MOCK = "src/samsara_qualifications/mock/behaviours.py"
METHODS = {
    "PATCH /qualification-records": "update",
    "POST /qualification-records": "create",
    "DELETE /qualification-records": "delete",
    "POST /qualification-records/archive": "archive",
    "POST /qualification-records/unarchive": "unarchive",
    "GET /qualification-records": "get",
    "GET /qualification-records/stream": "stream",
    "GET /qualification-types": "types",
}
"""The client's method for each operation that it offers."""
KEYWORDS = {
    "id": "record_id",
    "qualificationType": "type_id",
    "qualificationTypeIds": "type_ids",
    ("get", "ids"): "record_id",
    ("types", "ids"): "type_ids",
}
"""What the client calls a property or parameter, where that is not its name in snake case."""
LEFT_OUT = {
    ("stream", "after"): "the client follows the cursors itself",
    ("types", "after"): "the client follows the cursors itself",
}
"""What the client does not offer on purpose, and why."""

_SENT = {"query", "header", "cookie", "path"}

Gaps = set[tuple[str, str]]
"""Operations and the properties or parameters of theirs that the client does not offer."""


def not_offered(shape: Node, root: Path) -> Gaps:
    """Compare the spec's wire shape with the client's keywords; a root without a client has all."""
    if not (root / CLIENT).is_file():
        return set()
    offered = _offered((root / CLIENT).read_text("utf-8"))
    return {
        (operation, name)
        for (_, operation), node in shape.children.items()
        if (method := METHODS.get(operation))
        for name in sent(node)
        if (method, name) not in LEFT_OUT and keyword(method, name) not in offered.get(method, ())
    }


def sent(operation: Node) -> Iterator[str]:
    """List the parameters of an operation, and the properties of its body."""
    for (kind, name), node in operation.children.items():
        if kind in _SENT:
            yield name
        elif kind == "body":
            yield from (key[1] for media in node.children.values() for key in media.children)


def keyword(method: str, name: str) -> str:
    """Say what the client calls a property or parameter."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", name).lower()
    return KEYWORDS.get((method, name)) or KEYWORDS.get(name, snake)


def gaps_of(change: Change, gaps: Gaps) -> str:
    """Name the client's method that does not offer what a change has added; mostly empty."""
    _, *below = change.path
    is_sent = bool(below) and (below[0][0] in _SENT or [kind for kind, _ in below] == _BODY)
    is_gap = is_sent and (change.operation, below[-1][1]) in gaps
    return METHODS[change.operation] if is_gap and change.what.startswith("added") else ""


_BODY = ["body", "media type", "property"]


def gap_notes(gaps: Gaps) -> list[str]:
    """Write what is not offered as notes of a report."""
    return [
        f"Not offered by `{METHODS[operation]}` yet: {name}. Add it to {CLIENT} and _calls.py, or "
        "to LEFT_OUT in scripts/upkeep/followers.py with the reason."
        for operation, name in sorted(gaps)
    ]


def assumed_notes(changes: Iterable[Change], root: Path) -> list[str]:
    """Point at the mock's assumed behaviours that name what upstream documents now."""
    if not (root / MOCK).is_file():
        return []
    rows = list(_assumed((root / MOCK).read_text("utf-8")))
    notes: dict[str, None] = {}
    for change in changes:
        if "added" not in change.what:
            continue
        name = change.path[-1][1]
        word = rf"\b{name}\b" if name.isdecimal() else f"`{re.escape(change.after or name)}`"
        pattern = word if name.isdecimal() else f"`{re.escape(name)}`|{word}"
        for row, text in rows:
            if name and re.search(pattern, text):
                notes[
                    f"The mock assumes {row!r} ({text}), and upstream documents {name} now: look "
                    f"whether that row of {MOCK} is documented."
                ] = None
    return list(notes)


def _offered(source: str) -> dict[str, set[str]]:
    """List the keywords of each method of the classes in a source; of overloads all."""
    offered: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            offered.setdefault(node.name, set()).update(a.arg for a in arguments)
    return offered


def _assumed(source: str) -> Iterator[tuple[str, str]]:
    """List the name and text of each behaviour that is assumed."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_assumed":
            texts = [a.value for a in node.args[:2] if isinstance(a, ast.Constant)]
            if len(texts) == 2:  # noqa: PLR2004  name and text
                yield str(texts[0]), str(texts[1])
