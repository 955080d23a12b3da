"""Takes an upstream document in: spec, lock, generated package, version and changelog, at once."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep import staged_write, upstream_lock, versioning
from upkeep.openapi_document import load
from upkeep.upstream_report import entries, title, under
from upkeep.wire_diff import verdict
from upkeep.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from upkeep.spec_edit import Plan

_HEADINGS = {"rate limit changed": "Changed", "deprecated": "Deprecated"}


class GenerationError(Exception):
    """The client could not be generated from the new spec."""


def take_in(root: Path, plan: Plan, document: dict[str, str]) -> list[str]:
    """
    Write the safe changes and all that follows from them; all of it or nothing.

    Args:
        root: The repository.
        plan: What can be written.
        document: The upstream document, as the lock describes it.

    Returns:
        The files that have changed, relative to the root; none if all was up to date.

    Raises:
        GenerationError: The generator refuses the new spec.
        ValueError: The version or the changelog has another form than expected.
    """
    with tempfile.TemporaryDirectory() as scratch:
        files = _new_files(root, plan, document, Path(scratch))
    changed = {name: new for name, new in files.items() if new != _content(root / name)}
    if changed:
        staged_write.write_all(root, changed)
    return sorted(changed)


def _new_files(
    root: Path, plan: Plan, document: dict[str, str], scratch: Path
) -> dict[str, bytes | None]:
    spec = scratch / "spec.yaml"
    spec.write_text(_dated(plan, document["date"]), "utf-8")
    package = root / upstream_lock.GENERATED
    files: dict[str, bytes | None] = {}
    if spec.read_bytes() != _content(root / upstream_lock.SPEC):
        fresh = scratch / package.name
        _generate(root, spec, fresh)
        files = _replacements(package, fresh)
        package = fresh
    lock = {
        "document": document,
        "spec": upstream_lock.describe_spec(load(spec)),
        "differences": upstream_lock.describe_differences(plan.open),
        **upstream_lock.describe_tools(root, package),
    }
    texts = {
        upstream_lock.SPEC: spec.read_text("utf-8"),
        upstream_lock.LOCK: upstream_lock.dump(lock),
        **_release_texts(root, plan),
    }
    return files | {name: text.encode() for name, text in texts.items()}


def _dated(plan: Plan, date: str) -> str:
    """Write the document's date as the spec's version, once nothing of the document is open."""
    edit = YamlEdit(plan.text)
    info = edit.data["info"]
    if not plan.open and info["version"] != date:
        edit.replace(info, "version", date)
    return edit.text()


def _generate(root: Path, spec: Path, output: Path) -> None:
    script = root / "scripts" / "generate.py"
    command = [sys.executable, str(script), "--spec", str(spec), "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GenerationError(f"the generator refuses the new spec: {done.stdout}{done.stderr}")


def _replacements(old: Path, new: Path) -> dict[str, bytes | None]:
    """Name every file of the package with its new content; none for one that is gone."""
    names = {
        file.relative_to(folder).as_posix()
        for folder in (old, new)
        for file in upstream_lock.files_below(folder)
    }
    return {f"{upstream_lock.GENERATED}/{name}": _content(new / name) for name in sorted(names)}


def _release_texts(root: Path, plan: Plan) -> dict[str, str]:
    version = (root / versioning.FILE).read_text("utf-8")
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    weight = verdict(plan.applied)
    current = versioning.project_version(root)
    after = versioning.next_version(current, versioning.last_tag(root), changelog, weight)
    added: dict[str, list[str]] = {}
    for entry in entries(plan.applied, plan):
        text = f"{title(entry, code='`')}, under {under(entry['operations'])}."
        heading = _HEADINGS.get(entry["what"], "Added")
        added.setdefault(heading, []).append(text[0].upper() + text[1:])
    for heading, lines in added.items():
        changelog = versioning.with_entries(changelog, heading, lines)
    return {versioning.FILE: versioning.with_version(version, after), "CHANGELOG.md": changelog}


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
