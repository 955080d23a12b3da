"""
Refuses a release that says less than it changes; prints a line for each reason.

    python scripts/release_check.py

The reasons: the tag on HEAD is not that of the version; the version is raised less than the spec
has changed since the last tag; usage that the last release type-checked no longer does, without a
new major version; the changelog says nothing of the release; descriptions are missing in the spec;
a breaking difference from the upstream document is open. Other open differences are printed, and
refuse nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from spec_rules import GAP
from upkeep import upstream_lock, versioning
from upkeep.change_kinds import Verdict
from upkeep.openapi_document import load
from upkeep.wire_diff import compare, verdict
from upkeep.wire_shape import wire_shape
from upkeep.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upkeep.versioning import Version

ROOT = Path(__file__).resolve().parent.parent
USAGE = "tests/typing/api.py"
_BREAKING = "major: "


def refusals(root: Path) -> Iterator[str]:
    """
    Compare the work tree with the last release.

    Args:
        root: The repository.

    Yields:
        A line for each reason against the release, with the way out.
    """
    current = versioning.project_version(root)
    tag = versioning.last_tag(root)
    here = versioning.tags_here(root)
    if here and f"v{current}" not in here:
        yield f"{versioning.FILE}: version {current} is not that of the tag {', '.join(here)}."
    if tag:
        yield from _version_refusals(root, tag, current)
        yield from _usage_refusals(root, tag, current)
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    if not any(
        "- " in versioning.section(changelog, name) for name in (str(current), "Unreleased")
    ):
        yield f"CHANGELOG.md: has no entry for {current}; say what changes for users."
    gaps = (root / upstream_lock.SPEC).read_text("utf-8").count(GAP)
    if gaps:
        yield f"{upstream_lock.SPEC}: says {GAP!r} {gaps} times; write the descriptions."
    for difference in _differences(root):
        if difference.startswith(_BREAKING):
            yield (
                f"{upstream_lock.LOCK}: still open is {difference}; decide it in the spec (see "
                "CONTRIBUTING.md), or take in a copy of the document that is corrected there."
            )


def _differences(root: Path) -> list[str]:
    lock = upstream_lock.read(root) or {}
    differences: list[str] = lock.get("differences", [])
    return differences


def _version_refusals(root: Path, tag: str, current: Version) -> Iterator[str]:
    released = versioning.parse(tag)
    if current <= released:
        yield f"{versioning.FILE}: version {current} is not above {tag}; raise it."
        return
    before = versioning.git(root, "show", f"{tag}:{upstream_lock.SPEC}")
    if not before:
        return  # the tag is older than the spec
    changes = compare(
        wire_shape(YamlEdit(before).data), wire_shape(load(root / upstream_lock.SPEC))
    )
    needed = released.bumped(verdict(changes))
    if current < needed:
        gravest = max(changes, key=lambda change: change.verdict)
        yield (
            f"{versioning.FILE}: version {current} is below {needed}, which the spec's changes "
            f"since {tag} ask for: {gravest.operation} {gravest.place}: {gravest.what}."
        )


def _usage_refusals(root: Path, tag: str, current: Version) -> Iterator[str]:
    usage = versioning.git(root, "show", f"{tag}:{USAGE}")
    released = versioning.parse(tag)
    if not usage or current.major > released.major:
        return
    with tempfile.TemporaryDirectory() as scratch:
        old = Path(scratch) / "usage_of_the_last_release.py"
        old.write_text(usage, "utf-8")
        command = [sys.executable, "-m", "mypy", "--no-error-summary", str(old)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        yield (
            f"{USAGE} of {tag} no longer type-checks, so this is a major version: restore what it "
            f"uses, or release {released.bumped(Verdict.MAJOR)}.\n{done.stdout.rstrip()}"
        )


def main(root: Path = ROOT) -> int:
    """
    Run the check.

    Args:
        root: The repository.

    Returns:
        1 if something blocks the release, else 0.
    """
    found = list(refusals(root))
    for line in found:
        print(line, file=sys.stderr)
    for difference in _differences(root):
        if not difference.startswith(_BREAKING):
            print(f"still open: {difference}")
    if not found:
        tag = versioning.last_tag(root)
        print(f"nothing blocks the {f'release after {tag}' if tag else 'first release'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
