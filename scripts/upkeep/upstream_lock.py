"""Reads, writes and checks `openapi/upstream.lock`: what the spec follows, made with what."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from upkeep.family_diff import family_of
from upkeep.openapi_document import DocumentError, JsonObject, is_list, is_object, load, target
from upkeep.wire_shape import fingerprint, operations, wire_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SPEC = "openapi/qualification-records.yaml"
LOCK = "openapi/upstream.lock"
ACKNOWLEDGED = "openapi/acknowledged.yaml"
GENERATED = "generated/samsara_qualifications_api"
_INPUTS = ("openapi/generator.yaml", "openapi/ruff.toml", "openapi/templates", "openapi/verbatim")
_TOOLS = ("openapi-python-client", "ruff")
_HEAD = (
    "# The upstream document that the spec follows, and what the package was generated with.\n"
    "# Written by scripts/upstream.py; `make check-upstream` compares.\n"
)

Lock = dict[str, Any]


def read(root: Path) -> Lock | None:
    """Read the lock; none if there is none yet."""
    path = root / LOCK
    return yaml.safe_load(path.read_text("utf-8")) if path.is_file() else None


def dump(lock: Lock) -> str:
    """Write a lock as the text of its file."""
    return _HEAD + yaml.safe_dump(lock, sort_keys=False, width=4096)


def describe_document(
    upstream: JsonObject, spec: JsonObject, name: str, date: str
) -> dict[str, str]:
    """Say which document it is: name, date, and the hashes of the family's wire shape and text."""
    names = family_of(spec, upstream)
    return {
        "name": name,
        "date": date,
        "wire_shape": fingerprint(wire_shape(upstream, names)),
        "text": _text_hash(upstream, names),
    }


def describe_spec(spec: JsonObject) -> dict[str, str]:
    """Say what the spec says over the wire."""
    return {"wire_shape": fingerprint(wire_shape(spec))}


def acknowledged(root: Path) -> dict[str, str]:
    """Read which differences are meant to stay, and why."""
    path = root / ACKNOWLEDGED
    try:
        lines: Any = (yaml.safe_load(path.read_text("utf-8")) if path.is_file() else None) or {}
        return {str(line): why + "" for line, why in lines.items()}
    except (yaml.YAMLError, AttributeError, TypeError):
        raise DocumentError(
            f"{ACKNOWLEDGED}: write each difference as upstream.lock does, a colon, and why."
        ) from None


def describe_tools(root: Path, generated: Path) -> dict[str, Any]:
    """Say what the package in a folder was generated with: tools, templates and its own files."""
    inputs = [file for name in _INPUTS for file in files_below(root / name)]
    return {
        "tools": {tool: importlib.metadata.version(tool) for tool in _TOOLS},
        "templates": _hash_files(root, inputs),
        "generated": _hash_files(generated, files_below(generated)),
    }


def document_date(path: Path) -> str:
    """Find the date in a file's name, such as `2026-05`; upstream's document has none."""
    found = re.search(r"(?<!\d)20\d\d-[01]\d(-[0-3]\d)?(?!\d)", path.name)
    return found[0] if found else ""


def problems(root: Path) -> list[str]:
    """List where the lock disagrees with the spec, the tools and the package, with the way out."""
    lock = read(root)
    if lock is None:
        return [f"{LOCK}: is missing; write it with: make upstream FILE=<document> APPLY=1"]
    found: list[str] = []
    if lock["spec"] != describe_spec(load(root / SPEC)):
        found.append(
            f"{SPEC}: the wire shape is not the locked one. Take the upstream document in (once "
            "more, after a change by hand) with make upstream FILE=<document> APPLY=1, or undo the "
            "change."
        )
    now = describe_tools(root, root / GENERATED)
    found += [
        f"{tool}: {version} is installed, {lock['tools'].get(tool)} is locked; "
        "install dev.lock, or generate anew: make generate"
        for tool, version in now["tools"].items()
        if lock["tools"].get(tool) != version
    ]
    ways = {
        "templates": "the templates or settings in openapi/ have changed; run make generate",
        "generated": f"{GENERATED} is not the locked one; run make generate, or, if make "
        "upstream was cut short, repeat it (to go back: git restore . and git clean)",
    }
    return found + [f"{LOCK}: {text}" for key, text in ways.items() if lock[key] != now[key]]


def files_below(path: Path) -> list[Path]:
    """List the files of a folder, or a file itself, but Python's caches."""
    listed = [path] if path.is_file() else path.rglob("*")
    return [file for file in listed if file.is_file() and "__pycache__" not in file.parts]


def _text_hash(document: JsonObject, names: Iterable[str]) -> str:
    """Hash the operations and all that they refer to, words and names included."""
    found: dict[str, Any] = {
        key: document.get(key) for key in ("servers", "security") if document.get(key)
    }
    known = operations(document, {name.partition(" ")[2] for name in names}.__contains__)
    found |= {name: [known[name][1], known[name][0].get("parameters")] for name in names}
    waiting = [ref for part in found.values() for ref in _refs(part)]
    while waiting:
        ref = waiting.pop()
        if ref not in found:
            with contextlib.suppress(DocumentError):  # an example may say anything
                found[ref] = target(document, ref, "")
                waiting += _refs(found[ref])
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _refs(value: Any) -> Iterator[str]:
    children = list(value.values()) if is_object(value) else value if is_list(value) else []
    if is_object(value) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    for child in children:
        yield from _refs(child)


def _hash_files(root: Path, files: Iterable[Path]) -> str:
    """Hash names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
