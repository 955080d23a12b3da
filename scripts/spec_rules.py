"""The rules of this project for the maintained spec: prints a line for each violation."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]
Place = tuple[str, ...]

SPEC = Path(__file__).parents[1] / "openapi" / "qualification-records.yaml"
GAP = "(description missing)"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SHARED_ERRORS = {
    "401": "Unauthorized",
    "404": "NotFound",
    "405": "MethodNotAllowed",
    "413": "ContentTooLarge",
    "429": "RateLimited",
    "500": "InternalServerError",
    "501": "NotImplemented",
    "502": "BadGateway",
    "503": "ServiceUnavailable",
    "504": "GatewayTimeout",
    "default": "BadRequest",
}
CLEARABLE = "components > schemas > UpdateQualificationRecordRequest > properties > expirationDate"
MEMBERS_WITH_DESCRIPTION = {
    "headers",
    "parameters",
    "properties",
    "responses",
    "schemas",
    "securitySchemes",
    "servers",
    "tags",
}
HTML_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
MARK_UP = re.compile(r"<[^>]*>|[`*_]")
SHORTEST_SENTENCE = 30


def load(path: Path = SPEC) -> Node:
    """Read an OpenAPI document; a duplicate key is an error, as PyYAML would not notice it."""
    yaml: Any = YAML(typ="safe", pure=True)
    document: Node = yaml.load(path)
    return document


def violations(document: Node) -> list[str]:
    """
    Check the document against every rule that needs nothing but the document.

    Args:
        document: An OpenAPI 3.0 document as plain data.

    Returns:
        One line per violation: the place, what is wrong, and what to do. Empty if all is well.
    """
    return [line for rule in RULES for line in rule(document)]


def incomplete_operations(document: Node) -> Iterator[str]:
    """Report operations without an id, a tag, words, or a rate limit."""
    for place, operation in _operations(document):
        for key in ("operationId", "tags", "summary", "description"):
            if not operation.get(key):
                yield _line(place, f"has no {key}", "add one")
        if not _is_limit(operation.get("x-rate-limit")):
            yield _line(
                place,
                "has no valid x-rate-limit",
                "add `x-rate-limit: {requests: N, window_seconds: S}` with positive numbers",
            )


def unshared_errors(document: Node) -> Iterator[str]:
    """Report operations that do not answer each error with its shared component."""
    for place, operation in _operations(document):
        responses = operation.get("responses", {})
        for status, name in SHARED_ERRORS.items():
            shared = {"$ref": f"#/components/responses/{name}"}
            if responses.get(status) != shared:
                yield _line(
                    (*place, "responses", status),
                    "is not the shared error",
                    f'write `$ref: "{shared["$ref"]}"`',
                )


def missing_examples(document: Node) -> Iterator[str]:
    """Report request bodies that show no example."""
    for place, operation in _operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if not content.get("examples"):
                yield _line(
                    (*place, "requestBody", media_type), "has no example", "add one to `examples`"
                )


def missing_descriptions(document: Node) -> Iterator[str]:
    """Report parameters, properties and the like that neither they nor their ref describe."""
    for place, node in _nodes(document):
        text = _resolve(document, node).get("description", "")
        if _needs_description(place) and not text.strip():
            yield _line(place, "has no description", "say in a sentence what it means")


def gaps(document: Node) -> Iterator[str]:
    """Report texts that still carry the marker of a description to be written."""
    for place, text in texts(document):
        if GAP in text:
            yield _line(place, f"still says {GAP!r}", "write the description")


def html_tags(document: Node) -> Iterator[str]:
    """Report HTML in texts, which are Markdown."""
    for place, text in texts(document):
        for tag in HTML_TAG.findall(text):
            yield _line(place, f"contains the HTML {tag}", "write Markdown")


def inline_shapes(document: Node) -> Iterator[str]:
    """Report objects and enums without a name: the generator would invent one."""
    for place, schema in _nodes(document):
        if not _is_inline_schema(place):
            continue
        if schema.get("type") == "object" or "properties" in schema:
            yield _line(place, "is an inline object", "name it in components > schemas and refer")
        if "enum" in schema:
            yield _line(place, "is an inline enum", "name it in components > schemas and refer")


def unused_components(document: Node) -> Iterator[str]:
    """Report components that nothing outside the components leads to."""
    found: set[Place] = {("components", "securitySchemes", name) for name in _schemes(document)}
    todo: list[Node] = [{key: node for key, node in document.items() if key != "components"}]
    while todo:
        targets = {_target(ref) for _, ref in _refs(todo.pop())} - found
        found |= targets
        todo += [node for target in targets if (node := _at(document, target)) is not None]
    for kind, members in document.get("components", {}).items():
        for name in members:
            place = ("components", kind, name)
            if place not in found:
                yield _line(place, "is not used", "delete it or refer to it")


def broken_refs(document: Node) -> Iterator[str]:
    """Report references that lead nowhere."""
    for place, ref in _refs(document):
        if _at(document, _target(ref)) is None:
            yield _line(place, f"refers to {ref}, which is not there", "correct the name")


def unclear_clear_values(document: Node) -> Iterator[str]:
    """Report clear values that are given to machines but not to readers, or to neither."""
    clear_values = {
        " > ".join(place): (node["x-clear-value"], node.get("description", ""))
        for place, node in _nodes(document)
        if "x-clear-value" in node
    }
    if CLEARABLE not in clear_values:
        yield f"{CLEARABLE}: has no x-clear-value; add the value that removes the date"
    for place, (value, description) in clear_values.items():
        if value not in description:
            yield f"{place}: does not describe its x-clear-value; name {value} in the description"


def borrowed_sentences(document: Node, originals: Iterable[Node]) -> Iterator[str]:
    """
    Report sentences that stand in another document word for word.

    Args:
        document: The maintained spec.
        originals: The documents whose facts, but not words, the spec takes over.

    Yields:
        One line per sentence of at least 30 characters that is not our own.
    """
    theirs = {
        sentence
        for original in originals
        for _, text in texts(original)
        for sentence in _sentences(text)
    }
    for place, text in texts(document):
        for sentence in sorted(_sentences(text) & theirs):
            yield _line(place, f"repeats upstream's {sentence!r}", "say it in your own words")


def texts(document: Node) -> Iterator[tuple[Place, str]]:
    """Yield every summary and description of a document with its place."""
    for place, node in _nodes(document):
        for key in ("summary", "description"):
            if isinstance(node.get(key), str):
                yield (*place, key), node[key]


RULES = (
    incomplete_operations,
    unshared_errors,
    missing_examples,
    missing_descriptions,
    gaps,
    html_tags,
    inline_shapes,
    unused_components,
    broken_refs,
    unclear_clear_values,
)


def _line(place: Place, problem: str, way_out: str) -> str:
    return f"{' > '.join(place)}: {problem}; {way_out}"


def _operations(document: Node) -> Iterator[tuple[Place, Node]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield ("paths", path, method), operation


def _nodes(node: Node | list[Any], place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """Yield every mapping of a document with its place; the values of examples are not part."""
    if isinstance(node, dict):
        yield place, node
        children = [(str(key), child) for key, child in node.items()]
    else:
        children = [(_label(index, child), child) for index, child in enumerate(node)]
    for label, child in children:
        is_example = place[-2:-1] == ("examples",) and label == "value"
        if isinstance(child, dict | list) and not is_example:
            yield from _nodes(cast("Node | list[Any]", child), (*place, label))


def _label(index: int, child: object) -> str:
    """Name a list's item by its own name, as parameters have one."""
    return str(cast("Node", child).get("name", index)) if isinstance(child, dict) else str(index)


def _needs_description(place: Place) -> bool:
    grandparent, parent, key = ("", "", "", *place)[-3:]
    if grandparent == "properties":  # inside a property, whose name may be "tags" or the like
        return False
    return key == "requestBody" or parent in MEMBERS_WITH_DESCRIPTION


def _is_inline_schema(place: Place) -> bool:
    parent, key = ("", "", *place)[-2:]
    if parent in {"properties", "allOf", "anyOf", "oneOf"}:
        return True
    return key in {"schema", "items", "additionalProperties"}


def _is_limit(limit: Node | None) -> bool:
    numbers = (limit or {}).get("requests"), (limit or {}).get("window_seconds")
    return all(isinstance(number, int | float) and number > 0 for number in numbers)


def _refs(node: Node) -> Iterator[tuple[Place, str]]:
    for place, child in _nodes(node):
        if isinstance(child.get("$ref"), str):
            yield place, child["$ref"]


def _target(ref: str) -> Place:
    return tuple(ref.removeprefix("#/").split("/"))


def _at(document: Node, place: Place) -> Node | None:
    node: Node | None = document
    for key in place:
        node = node.get(key) if node else None
    return node


def _resolve(document: Node, node: Node) -> Node:
    while "$ref" in node:
        node = _at(document, _target(node["$ref"])) or {}
    return node


def _schemes(document: Node) -> set[str]:
    owners = [document, *(operation for _, operation in _operations(document))]
    return {name for owner in owners for option in owner.get("security", []) for name in option}


def _sentences(text: str) -> set[str]:
    parts = SENTENCE_END.split(MARK_UP.sub("", text).casefold())
    sentences = (" ".join(part.split()).rstrip(".!?") for part in parts)
    return {sentence for sentence in sentences if len(sentence) >= SHORTEST_SENTENCE}


def main(path: Path = SPEC) -> int:
    """Print the violations of the spec at `path`; return 1 if there are any, else 0."""
    lines = violations(load(path))
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
