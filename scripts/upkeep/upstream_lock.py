"""
Reads, writes and checks `openapi/upstream.lock`: which document the spec follows, made with what.

The check needs no network: it proves that the spec, the lock, the tools and the generated package
agree.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from upkeep.family_diff import family_of
from upkeep.openapi_document import is_list, is_object, load
from upkeep.wire_shape import fingerprint, wire_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from upkeep.openapi_document import JsonObject
    from upkeep.wire_diff import Change

SPEC = "openapi/qualification-records.yaml"
LOCK = "openapi/upstream.lock"
GENERATED = "generated/samsara_qualifications_api"
_INPUTS = ("openapi/generator.yaml", "openapi/ruff.toml", "openapi/templates", "openapi/verbatim")
_TOOLS = ("openapi-python-client", "ruff")
_HEAD = (
    "# The upstream document that the spec follows, and what the package was generated with.\n"
    "# Written by scripts/upstream.py; `make check-upstream` compares.\n"
)

Lock = dict[str, Any]


def read(root: Path) -> Lock | None:
    """
    Read the lock.

    Args:
        root: The repository.

    Returns:
        The lock; none if there is none yet.
    """
    path = root / LOCK
    return yaml.safe_load(path.read_text("utf-8")) if path.is_file() else None


def dump(lock: Lock) -> str:
    """
    Write a lock.

    Args:
        lock: The lock.

    Returns:
        The text of its file.
    """
    return _HEAD + yaml.safe_dump(lock, sort_keys=False, width=4096)


def describe_document(
    upstream: JsonObject, spec: JsonObject, name: str, date: str
) -> dict[str, str]:
    """
    Say which document an upstream document is.

    Args:
        upstream: The document.
        spec: The spec, for the operations that count.
        name: The file's name.
        date: The document's date.

    Returns:
        The lock's part on it: name, date, and the hashes of the family's wire shape and text.
    """
    names = family_of(spec, upstream)
    return {
        "name": name,
        "date": date,
        "wire_shape": fingerprint(wire_shape(upstream, names)),
        "text": _text_hash(upstream, names),
    }


def describe_spec(spec: JsonObject) -> dict[str, str]:
    """
    Say what the spec says over the wire.

    Args:
        spec: The spec.

    Returns:
        The lock's part on it.
    """
    return {"wire_shape": fingerprint(wire_shape(spec))}


def describe_differences(changes: Iterable[Change]) -> list[str]:
    """
    Say what of the document the spec does not follow.

    Args:
        changes: Those that a person must decide.

    Returns:
        The lock's part on them: a line for each, which begins with its weight, as in
        `major: GET /records 200.id: removed`.
    """
    return sorted({f"{c.verdict.name.lower()}: {c.operation} {c.place}: {c.what}" for c in changes})


def describe_tools(root: Path, generated: Path) -> dict[str, Any]:
    """
    Say what the package was generated with.

    Args:
        root: The repository, for the templates and settings.
        generated: The package's folder.

    Returns:
        The lock's parts on tools, templates and the generated files.
    """
    inputs = [file for name in _INPUTS for file in files_below(root / name)]
    return {
        "tools": {tool: importlib.metadata.version(tool) for tool in _TOOLS},
        "templates": _hash_files(root, inputs),
        "generated": _hash_files(generated, files_below(generated)),
    }


def document_date(path: Path) -> str:
    """
    Find the date of a document, which upstream does not write into it.

    Args:
        path: The downloaded file.

    Returns:
        The date in the file's name, such as `2026-05-08` or `2026-05`; otherwise empty.
    """
    found = re.search(r"(?<!\d)20\d\d-[01]\d(-[0-3]\d)?(?!\d)", path.name)
    return found[0] if found else ""


def problems(root: Path) -> list[str]:
    """
    Compare the lock with the spec, the tools and the generated package.

    Args:
        root: The repository.

    Returns:
        A line for each disagreement, with the way out; empty if all agree.
    """
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
    for tool, version in now["tools"].items():
        if lock["tools"].get(tool) != version:
            found.append(
                f"{tool}: {version} is installed, {lock['tools'].get(tool)} is locked; install "
                "dev.lock, or generate anew: make generate"
            )
    ways = {
        "templates": "the templates or settings in openapi/ have changed; run make generate",
        "generated": f"{GENERATED} is not the locked one; run make generate",
    }
    found += [f"{LOCK}: {text}" for key, text in ways.items() if lock[key] != now[key]]
    return found


def files_below(path: Path) -> list[Path]:
    """
    List what the lock covers of a folder.

    Args:
        path: A folder, or a file for itself.

    Returns:
        Its files but Python's caches.
    """
    listed = [path] if path.is_file() else path.rglob("*")
    return [file for file in listed if file.is_file() and "__pycache__" not in file.parts]


def _text_hash(document: JsonObject, names: Iterable[str]) -> str:
    """Hash the operations and all that they refer to, words and names included."""
    found: dict[str, Any] = {}
    for name in names:
        method, path = name.split(" ", 1)
        found[name] = document["paths"][path][method.lower()]
    waiting = [ref for operation in found.values() for ref in _refs(operation)]
    while waiting:
        ref = waiting.pop()
        if ref not in found:
            target: Any = document
            for part in ref[2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            found[ref] = target
            waiting += _refs(target)
    return hashlib.sha256(json.dumps(found, sort_keys=True, default=str).encode()).hexdigest()


def _refs(value: Any) -> Iterator[str]:
    if is_object(value):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for child in value.values():
            yield from _refs(child)
    elif is_list(value):
        for child in value:
            yield from _refs(child)


def _hash_files(root: Path, files: Iterable[Path]) -> str:
    """Hash names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
