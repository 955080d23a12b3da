"""The version that a change asks for, and the changelog's lines."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from upkeep import versioning
from upkeep.change_kinds import Verdict
from upkeep.versioning import Version


ROOT = Path(__file__).parents[2]
VERSION = """\
\"\"\"__version__ = "9.9.9" is another one.\"\"\"

__version__ = "0.1.0"  # raised by make upstream
OTHER = "8.8.8"
"""


def test_only_the_version_is_written(tmp_path: Path) -> None:
    """Every other byte of its file stays."""
    path = tmp_path / versioning.FILE
    path.parent.mkdir(parents=True)
    path.write_text(VERSION, "utf-8")
    assert Version(0, 1, 0) == versioning.project_version(tmp_path)
    written = versioning.with_version(VERSION, Version(1, 0, 0))
    assert VERSION.replace('"0.1.0"', '"1.0.0"') == written


def test_both_distributions_have_one_version() -> None:
    """They are released together, and the suite needs the client and mock of its own version."""
    texts = [(ROOT / name).read_text("utf-8") for name in versioning.FILES]
    raised = [versioning.with_version(text, Version(9, 8, 7)) for text in texts]
    assert [1, 1, 1] == [text.count("9.8.7") for text in raised]
    current = versioning.project_version(ROOT)
    assert texts == [versioning.with_version(text, current) for text in texts]


def test_a_version_of_another_form_is_refused() -> None:
    """The message says which form is wanted."""
    with pytest.raises(ValueError, match=r"'1\.2rc1': write it as MAJOR\.MINOR\.PATCH"):
        versioning.parse("1.2rc1")


@pytest.mark.parametrize(
    ("current", "released", "verdict", "expected"),
    [
        ("0.1.0", "v0.1.0", Verdict.SAME, "0.1.0"),
        ("0.1.0", "v0.1.0", Verdict.NOTED, "0.1.0"),
        ("0.1.3", "v0.1.3", Verdict.MINOR, "0.2.0"),
        ("0.1.3", "v0.1.3", Verdict.MAJOR, "1.0.0"),
        ("0.2.0", "v0.1.3", Verdict.MINOR, "0.2.0"),
        ("0.2.0", "v0.1.3", Verdict.MAJOR, "1.0.0"),
        ("2.0.0", "v1.4.0", Verdict.MINOR, "2.0.0"),
        ("0.1.0", "", Verdict.MINOR, "0.2.0"),
        ("0.2.0", "0.1.0", Verdict.MINOR, "0.2.0"),
        ("0.2.0", "0.1.0", Verdict.MAJOR, "1.0.0"),
        ("1.0.0", "0.1.0", Verdict.MAJOR, "1.0.0"),
    ],
)
def test_what_was_raised_is_not_raised_twice(
    current: str, released: str, verdict: Verdict, expected: str
) -> None:
    """The bump counts from the last release, not from the version at hand."""
    after = versioning.next_version(versioning.parse(current), released, verdict)
    assert expected == str(after)


def test_without_a_tag_the_changelog_tells_what_is_released(tmp_path: Path) -> None:
    """A heading with a version is a release."""
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("## [Unreleased]\n\n## [0.3.0] - 2026-01-01\n\n## 0.2.0\n")
    assert "0.3.0" == versioning.released(tmp_path)
    after = versioning.next_version(Version(0, 4, 0), "0.3.0", Verdict.MINOR)
    assert Version(0, 4, 0) == after
    changelog.write_text("## [Unreleased]\n\n- A.\n")
    assert "" == versioning.released(tmp_path)


def test_the_last_tag_is_the_highest_before_this_commit(tmp_path: Path) -> None:
    """Versions count as numbers; a tag on the commit itself is the release being made."""
    run_git(tmp_path, "init", "--quiet")
    assert versioning.last_tag(tmp_path) == ""
    for tag in ("v0.9.0", "v0.10.0", "nightly", "v0.11.0"):
        run_git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", tag)
        run_git(tmp_path, "tag", tag)
    assert versioning.last_tag(tmp_path) == "v0.10.0"
    assert versioning.last_tag(tmp_path / "nowhere") == ""


def run_git(root: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    command = ["git", "-C", str(root), *who, *arguments]
    subprocess.run(command, check=True)


CHANGELOG = """\
# Changelog

## Unreleased

### Added

- Something
  long.

### Fixed

- A thing.

## 0.1.0

### Added

- All.

[0.1.0]: https://example.com
"""


def test_entries_go_under_their_heading_once() -> None:
    """New lines follow those that stand there, wrapped; a second time nothing changes."""
    long = "Words " * 20 + "end."
    once = versioning.with_entries(CHANGELOG, "Added", ["`x`: new", long])
    assert once == CHANGELOG.replace(
        "  long.\n",
        "  long.\n- `x`: new\n- " + " ".join(["Words"] * 16) + "\n  " + "Words " * 4 + "end.\n",
    )
    assert once == versioning.with_entries(once, "Added", ["`x`: new", long, "Something long."])


def test_a_missing_heading_is_added_at_the_end_of_unreleased() -> None:
    """Other releases stay as they are."""
    written = versioning.with_entries(CHANGELOG, "Changed", ["The limit."])
    expected = CHANGELOG.replace("- A thing.\n", "- A thing.\n\n### Changed\n\n- The limit.\n")
    assert expected == written


@pytest.mark.parametrize("head", ["## Unreleased", "## [Unreleased]"])
def test_entries_in_an_empty_changelog(head: str) -> None:
    """An empty section gets its first heading."""
    written = versioning.with_entries(f"# C\n\n{head}\n", "Added", ["One."])
    assert f"# C\n\n{head}\n\n### Added\n\n- One.\n" == written


def test_a_changelog_without_unreleased_is_refused() -> None:
    """The message says what to add."""
    with pytest.raises(ValueError, match=r"no heading '## \[Unreleased\]'; add it"):
        versioning.with_entries("# C\n", "Added", ["One."])


def test_sections_end_at_the_next_release() -> None:
    """Neither other releases nor links belong to a section, and 0.1.0 is not 0.1.01."""
    assert "### Added\n\n- All." == versioning.section(CHANGELOG, "0.1.0")
    assert versioning.section(CHANGELOG, "Unreleased").endswith("- A thing.")
    assert versioning.section(CHANGELOG, "0.1") == ""
