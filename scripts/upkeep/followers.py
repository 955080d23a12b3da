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
    ("types", "after"): "the client follows the cursors itself",
}
"""What the client does not offer on purpose, and why."""

PARAMETERS = {"query", "header", "cookie", "path"}
_BODY = ["body", "media type", "property"]

Gaps = set[tuple[str, str]]
"""Operations and the properties or parameters of theirs that the client does not offer."""


def not_offered(shape: Node, root: Path) -> Gaps:
    """Compare the spec's wire shape with the client's keywords; without a client there are none."""
    if not (root / CLIENT).is_file():
        return set()
    offered: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse((root / CLIENT).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):  # of overloads all count
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            offered.setdefault(node.name, set()).update(a.arg for a in arguments)
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
        if kind in PARAMETERS:
            yield name
        elif kind == "body":
            yield from (key[1] for media in node.children.values() for key in media.children)


def keyword(method: str, name: str) -> str:
    """Say what the client calls a property or parameter."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", name).lower()
    return KEYWORDS.get((method, name)) or KEYWORDS.get(name, snake)


def gap_of(change: Change, gaps: Gaps) -> str:
    """Name the client's method that does not offer what a change has added; mostly empty."""
    kinds = [kind for kind, _ in change.path[1:]]
    is_sent = kinds == _BODY or (len(kinds) == 1 and kinds[0] in PARAMETERS)
    is_gap = is_sent and (change.operation, change.path[-1][1]) in gaps
    return METHODS[change.operation] if is_gap and change.what.startswith("added") else ""


def notes(changes: Iterable[Change], gaps: Gaps, root: Path) -> Iterator[str]:
    """Write what is not offered, and which assumptions of the mock upstream documents now."""
    for operation, name in sorted(gaps):
        yield (
            f"Not offered by `{METHODS[operation]}` yet: {name}. Add it to {CLIENT} and _calls.py, "
            "or to LEFT_OUT in scripts/upkeep/followers.py with the reason."
        )
    rows = list(assumed(root))
    documented = {
        c.after if "enum" in c.what else c.path[-1][1] for c in changes if "added" in c.what
    }
    for word in sorted(documented - {""}):
        pattern = rf"\b{word}\b" if word.isdecimal() else f"`{re.escape(word)}`"
        for name, text in rows:
            if re.search(pattern, text):
                yield (
                    f"The mock assumes {name!r} ({text}), and upstream documents {word} now: look "
                    f"whether that row of {MOCK} is documented."
                )


def assumed(root: Path) -> Iterator[tuple[str, str]]:
    """List the name and text of each behaviour that the mock assumes."""
    source = (root / MOCK).read_text("utf-8") if (root / MOCK).is_file() else ""
    for row in source.splitlines():
        if row.startswith("assumed | "):
            _, name, text, *_ = row.split(" | ")
            yield name, text
