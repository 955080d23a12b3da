"""A release that says less than it changes is refused, with the reason."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

import release_check
from spec_rules import GAP
from upkeep import upstream_lock, versioning

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
openapi: 3.0.3
paths:
  /records:
    get:
      responses:
        "200":
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {type: string}
"""
ADDED = SPEC + "                  name: {type: string}\n"
REMOVED = SPEC.replace("id: {", "key: {")
CHANGELOG = "# Changelog\n\n## Unreleased\n\n- Something.\n"
OLD_USAGE = "from thing import answer\n\nnumber: int = answer(1)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a repository whose last release is v0.1.3, and whose version is 0.1.4."""
    write(tmp_path, version="0.1.3")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Release")
    git(tmp_path, "tag", "v0.1.3")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Next")
    write(tmp_path)
    return tmp_path


def write(
    root: Path,
    *,
    version: str = "0.1.4",
    spec: str = SPEC,
    changelog: str = CHANGELOG,
    code: str = "def answer(question: int) -> int:\n    return question\n",
) -> None:
    """Write what the check reads."""
    files = {
        versioning.FILE: f'__version__ = "{version}"\n',
        "pyproject.toml": "[tool.mypy]\nstrict = true\n"
        'mypy_path = ["src"]\ncache_dir = "/dev/null"\n',
        upstream_lock.SPEC: spec,
        "CHANGELOG.md": changelog,
        "src/thing.py": code,
        release_check.USAGE: OLD_USAGE,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def git(root: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    command = ["git", "-C", str(root), *who, *arguments]
    subprocess.run(command, check=True)


def test_nothing_speaks_against_a_good_release(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A patch release of an unchanged spec passes, and so does what was raised enough."""
    assert release_check.main(root) == 0
    assert "after v0.1.3" in capsys.readouterr().out
    write(root, version="0.2.0", spec=ADDED)
    assert release_check.main(root) == 0
    write(root, version="1.0.0", spec=REMOVED)
    assert release_check.main(root) == 0


def test_a_tag_that_is_not_the_version_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is published carries the version, not the tag."""
    git(root, "commit", "--quiet", "--all", "--message", "Version 0.1.4")
    git(root, "tag", "v0.1.5")
    assert release_check.main(root) == 1
    assert "version 0.1.4 is not that of the tag v0.1.5" in capsys.readouterr().err
    git(root, "tag", "v0.1.4")
    git(root, "tag", "--delete", "v0.1.5")
    assert release_check.main(root) == 0


@pytest.mark.parametrize(
    ("version", "spec", "words"),
    [
        ("0.1.3", SPEC, ["0.1.3 is not above v0.1.3"]),
        ("0.1.4", ADDED, ["0.1.4 is below 0.2.0", "GET /records 200.name: added, optional"]),
        ("0.2.0", REMOVED, ["0.2.0 is below 1.0.0", "GET /records 200.id: removed"]),
    ],
)
def test_a_version_below_the_verdict_is_refused(
    root: Path, version: str, spec: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the version that is needed and the change that asks for it."""
    write(root, version=version, spec=spec)
    assert release_check.main(root) == 1
    error = capsys.readouterr().err
    for word in words:
        assert word in error


def test_usage_that_no_longer_type_checks_needs_a_major_version(root: Path) -> None:
    """The last release's usage is checked against the new code."""
    broken = "def answer(question: str) -> str:\n    return question\n"
    write(root, version="0.2.0", code=broken)
    (root / release_check.USAGE).write_text("# adapted\n", "utf-8")
    (refusal,) = release_check.refusals(root)
    assert f"{release_check.USAGE} of v0.1.3 no longer type-checks" in refusal
    assert "or release 1.0.0" in refusal
    assert "[arg-type]" in refusal
    write(root, version="1.0.0", code=broken)
    assert [] == list(release_check.refusals(root))


@pytest.mark.parametrize("changelog", ["# Changelog\n", "## Unreleased\n\n## 0.1.3\n\n- Old.\n"])
def test_a_silent_changelog_is_refused(root: Path, changelog: str) -> None:
    """An entry is needed under Unreleased or under the version."""
    write(root, changelog=changelog)
    assert ["CHANGELOG.md: has no entry for 0.1.4; say what changes for users."] == list(
        release_check.refusals(root)
    )
    write(root, changelog="## Unreleased\n\n## 0.1.4\n\n- New.\n")
    assert [] == list(release_check.refusals(root))


def test_gaps_in_the_spec_are_refused(root: Path) -> None:
    """Descriptions that a person must write are counted."""
    write(root, version="0.2.0", spec=ADDED + f'                description: "{GAP}"\n')
    expected = f"{upstream_lock.SPEC}: says {GAP!r} 1 times; write the descriptions."
    assert [expected] == list(release_check.refusals(root))


def test_open_breaking_differences_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is named; what breaks no caller is printed only."""
    broken = ["major: GET /records 200.id: removed", "major: GET /records 200.name: removed"]
    harmless = "minor: GET /other: operation added"
    lock = root / upstream_lock.LOCK
    lock.write_text(upstream_lock.dump({"differences": [*broken, harmless]}), "utf-8")
    assert release_check.main(root) == 1
    printed = capsys.readouterr()
    for difference, refusal in zip(broken, printed.err.splitlines(), strict=True):
        assert f"{upstream_lock.LOCK}: still open is {difference}; decide it" in refusal
    assert f"still open: {harmless}\n" == printed.out
    lock.write_text(upstream_lock.dump({"differences": [harmless]}), "utf-8")
    assert release_check.main(root) == 0
    assert f"still open: {harmless}\n" in capsys.readouterr().out


def test_a_first_release_has_nothing_to_compare_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a tag, and without a repository, only changelog and gaps count."""
    write(tmp_path, version="0.1.0")
    assert release_check.main(tmp_path) == 0
    assert "first release" in capsys.readouterr().out


def test_a_tag_older_than_spec_and_usage_is_no_obstacle(root: Path) -> None:
    """What the last release did not have cannot be compared."""
    git(root, "rm", "--quiet", "--cached", upstream_lock.SPEC, release_check.USAGE)
    git(root, "commit", "--quiet", "--message", "Without")
    git(root, "tag", "v0.1.9")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Next")
    write(root, version="0.1.10", spec=REMOVED)
    assert [] == list(release_check.refusals(root))
