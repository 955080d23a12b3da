"""
Takes an upstream document in: package, version, changelog, lock and spec.

All is computed before anything is written, the lock first and the spec last: if the writing is cut
short (a kill, a power cut), the same command finds the same changes and writes all of it once more,
and `git restore .` with `git clean` goes back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep import upstream_lock, versioning
from upkeep.change_kinds import KINDS
from upkeep.openapi_document import DocumentError, load
from upkeep.upstream_report import entries, title, under
from upkeep.wire_diff import verdict
from upkeep.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from upkeep.followers import Gaps
    from upkeep.spec_edit import Plan

_NEW = ".upstream.new"
Files = dict[str, bytes | None]
"""New contents by name; none for a file that is to go."""


def take_in(root: Path, plan: Plan, document: dict[str, str], gaps: Gaps) -> list[str]:
    """
    Write the safe changes and all that follows from them; returns the files that have changed.

    Raises DocumentError where the plan has failed or the generator refuses the new spec, ValueError
    where version or changelog have another form than expected.
    """
    if plan.failure:
        raise DocumentError(plan.failure)
    with tempfile.TemporaryDirectory() as scratch:
        files = _new_files(root, plan, document, gaps, Path(scratch))
    old = {name: _content(root / name) for name in files}
    changed = {name: new for name, new in files.items() if new != old[name]}
    try:
        _write(root, changed)
    except BaseException:
        _write(root, {name: old[name] for name in changed})
        raise
    return sorted(changed)


def _new_files(
    root: Path, plan: Plan, document: dict[str, str], gaps: Gaps, scratch: Path
) -> Files:
    edit = YamlEdit(plan.text)
    info = edit.data["info"]
    if not plan.open and info["version"] != document["date"]:
        edit.replace(info, "version", document["date"])
    spec = scratch / "spec.yaml"
    spec.write_text(edit.text(), "utf-8")
    package = root / upstream_lock.GENERATED
    tools = upstream_lock.describe_tools(root, package)
    old = upstream_lock.read(root) or tools
    files: Files = {}
    if spec.read_bytes() != _content(root / upstream_lock.SPEC) or (
        tools["generated"] != old["generated"]
    ):
        files, package = _generated(root, spec, scratch / package.name)
    current = versioning.project_version(root)
    base = versioning.released(root) or old.get("raised_from", "")
    version = versioning.next_version(current, base, verdict(plan.applied))
    lock = {
        "document": document,
        "raised_from": base or str(current),
        "spec": upstream_lock.describe_spec(load(spec)),
        "differences": sorted({change.line for change in plan.open}),
        **upstream_lock.describe_tools(root, package),
    }
    versions = {name: (root / name).read_text("utf-8") for name in versioning.FILES}
    return {
        upstream_lock.LOCK: upstream_lock.dump(lock).encode(),
        **files,
        **{name: versioning.with_version(t, version).encode() for name, t in versions.items()},
        "CHANGELOG.md": _changelog(root, plan, gaps).encode(),
        upstream_lock.SPEC: spec.read_bytes(),
    }


def _generated(root: Path, spec: Path, fresh: Path) -> tuple[Files, Path]:
    """Generate the package anew; each file of it, old or new, with its content."""
    script = root / "scripts" / "generate.py"
    command = [sys.executable, str(script), "--spec", str(spec), "--output", str(fresh)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DocumentError(f"the generator refuses the new spec: {done.stdout}{done.stderr}")
    names = {
        file.relative_to(folder).as_posix()
        for folder in (root / upstream_lock.GENERATED, fresh)
        for file in upstream_lock.files_below(folder)
    }
    files = {f"{upstream_lock.GENERATED}/{name}": _content(fresh / name) for name in sorted(names)}
    return files, fresh


def _changelog(root: Path, plan: Plan, gaps: Gaps) -> str:
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    added: dict[str, list[str]] = {}
    for entry in entries(plan.applied, plan, gaps):
        text = f"{title(entry, code='`')}, under {under(entry['operations'])}."
        missing = ", ".join(f"`{method}`" for method in entry["not_offered_by"])
        text += f" Not offered by {missing} yet." if missing else ""
        added.setdefault(KINDS[entry["what"]].heading, []).append(text[0].upper() + text[1:])
    for heading, lines in added.items():
        changelog = versioning.with_entries(changelog, heading, lines)
    return changelog


def _write(root: Path, files: Files) -> None:
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / _NEW).write_bytes(content)
        os.replace(root / _NEW, path)  # noqa: PTH105  atomic on every system


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
