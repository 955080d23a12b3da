"""The package's version and changelog: what is released, and what a change asks for."""

from __future__ import annotations

import re
import subprocess
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from upkeep.change_kinds import Verdict

if TYPE_CHECKING:
    from pathlib import Path

FILE = "src/samsara_qualifications/_version.py"
"""Where the version of the package stands."""
FILES = (
    FILE,
    "contract_tests/samsara_qualifications_contract/__init__.py",
    "contract_tests/pyproject.toml",
)
"""Where it stands, too: both distributions have one version, and one needs just that of the other."""

_VERSION_LINE = re.compile(
    r'(?m)(^__version__ = "|^    "samsara-qualifications\[mock\]==)([^"]+)(")'
)
_RELEASED_HEADING = re.compile(r"(?m)^## \[?v?(\d+\.\d+\.\d+)")


class Version(NamedTuple):
    """A semantic version."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))

    def bumped(self, verdict: Verdict) -> Version:
        """Raise the version as a change asks; the same where no caller is touched."""
        minor = Version(self.major, self.minor + 1, 0) if verdict == Verdict.MINOR else self
        return Version(self.major + 1, 0, 0) if verdict == Verdict.MAJOR else minor


def parse(text: str) -> Version:
    """Read a version such as `0.1.0` or `v0.1.0`; a ValueError says what is wrong."""
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", text)
    if not found:
        raise ValueError(f"version {text!r}: write it as MAJOR.MINOR.PATCH")
    return Version(*map(int, found.groups()))


def project_version(root: Path) -> Version:
    """Read the version of the package; a ValueError says what is wrong."""
    found = _VERSION_LINE.search((root / FILE).read_text("utf-8"))
    return parse(found[2] if found else "")


def with_version(text: str, version: Version) -> str:
    """Write the version into the text of the file that names it."""
    return _VERSION_LINE.sub(rf"\g<1>{version}\g<3>", text, count=1)


def last_tag(root: Path) -> str:
    """Find the highest version tag that HEAD contains and does not carry itself; empty if none."""
    contained = git(root, "tag", "--merged", "HEAD", "--list", "v*").split()
    here = tags_here(root)
    tags = [tag for tag in contained if re.fullmatch(r"v\d+\.\d+\.\d+", tag) and tag not in here]
    return max(tags, key=parse, default="")


def tags_here(root: Path) -> list[str]:
    """Return the version tags that HEAD carries."""
    return git(root, "tag", "--points-at", "HEAD", "--list", "v*").split()


def git(root: Path, *arguments: str) -> str:
    """Ask git about the repository; empty if it fails."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout


def next_version(current: Version, base: str, verdict: Verdict) -> Version:
    """Raise a version once since `base` (empty: the current one), not at each change."""
    return max(current, parse(base or str(current)).bumped(verdict))


def released(root: Path) -> str:
    """Find the last release: the tag, or without one the changelog's heading; empty if none."""
    headings = _RELEASED_HEADING.findall((root / "CHANGELOG.md").read_text("utf-8"))
    return last_tag(root) or (headings[0] if headings else "")


def section(changelog: str, name: str) -> str:
    """Read what the changelog says of a release, or of `Unreleased`; empty if nothing."""
    found = _section(name).search(changelog)
    return found[1].strip() if found else ""


def with_entries(changelog: str, heading: str, entries: list[str]) -> str:
    """Add the lines that are not there yet, under Unreleased and a heading; or a ValueError."""
    found = _section("Unreleased").search(changelog)
    if not found:
        raise ValueError("CHANGELOG.md: has no heading '## [Unreleased]'; add it at the top.")
    body = found[1]
    present = " ".join(body.split())
    new = "".join(_bullet(entry) for entry in entries if f"- {entry}" not in present)
    if not new:
        return changelog
    part = re.search(rf"(?ms)^### {re.escape(heading)}\n+(.*?)(?=^### |\Z)", body)
    if part:
        body = body[: part.start(1)] + f"{part[1].rstrip()}\n{new}\n" + body[part.end() :]
    else:
        before = f"\n{body.strip()}\n" if body.strip() else ""
        body = f"{before}\n### {heading}\n\n{new}\n"
    rest = changelog[found.end(1) :]
    return changelog[: found.start(1)] + (body if rest else body.rstrip("\n") + "\n") + rest


def _bullet(entry: str) -> str:
    lines = textwrap.wrap(
        f"- {entry}", 100, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return "".join(f"{line}\n" for line in lines)


def _section(name: str) -> re.Pattern[str]:
    heading = rf"^## \[?v?{re.escape(name)}\]?(?![.\w])[^\n]*\n"
    return re.compile(rf"(?ms){heading}(.*?)(?=^## |^\[[^\]]+\]: |\Z)")
