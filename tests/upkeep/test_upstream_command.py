"""The command on a copy of the repository: report, apply, lock, check, and refused input."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from ruamel.yaml import YAML

import spec_rules
import upstream
from upkeep import followers, upstream_lock, versioning
from upkeep.upstream_report import print_report
from upkeep.yaml_edit import YamlEdit

ROOT = Path(__file__).parents[2]
SPEC: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / upstream_lock.SPEC)
CHANGELOG = "# Changelog\n\n## [Unreleased]\n"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the command reads and writes, and lock it."""
    root = tmp_path_factory.mktemp("locked") / "repository"
    for folder in ("openapi", upstream_lock.GENERATED):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    (root / "scripts").mkdir()
    for script in ("generate.py", "decoders.py"):
        shutil.copy(ROOT / "scripts" / script, root / "scripts")
    for name in versioning.FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text('__version__ = "0.1.0"\n', "utf-8")
    (root / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    (root / upstream_lock.LOCK).unlink(missing_ok=True)
    run(root, "apply", document(root, SPEC, "first-2026-01-02.json"))
    return root


@pytest.fixture
def root(locked: Path, tmp_path: Path) -> Path:
    """Copy the locked repository for one test."""
    return shutil.copytree(locked, tmp_path / "repository")


def document(root: Path, content: Document, name: str) -> str:
    """Save an upstream document beside the repository."""
    path = root.parent / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def changed(*, owner: dict[str, Any] | None = None, **status: Any) -> Document:
    """Copy the spec with new properties of owners, or new statuses of the first operation."""
    copied: Document = json.loads(json.dumps(SPEC))
    copied["components"]["schemas"]["Owner"]["properties"].update(owner or {})
    copied["paths"]["/qualification-records"]["patch"]["responses"].update(status)
    return copied


def run(root: Path, *arguments: str) -> int:
    """Run the command there."""
    return upstream.main(list(arguments), root)


def state(root: Path) -> dict[str, bytes]:
    """Read every file."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and file.name != ".upstream.new"  # what a kill may leave, ignored by git
    }


EXTRA = {"extra": {"type": "string"}}


def test_report_writes_only_its_reports(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line says verdict and bump; Markdown and JSON say the same."""
    before = state(root)
    file = document(root, changed(owner=EXTRA), "second-2026-02-03.json")
    markdown, data = root.parent / "report.md", root.parent / "report.json"
    status = run(root, "report", file, "--markdown", str(markdown), "--json", str(data))
    assert status == 10
    assert before == state(root)
    printed = capsys.readouterr().out.splitlines()
    expected = "MINOR, 0.1.0 -> 0.2.0: 1 change under 4 operations"
    assert expected == printed[0]
    assert "minor response …owner.extra: added, optional (string)" == printed[1]
    assert (
        "PATCH, POST, GET /qualification-records; GET /qualification-records/stream" in printed[2]
    )
    assert "callers: nothing to do" in printed[3]
    assert f"make upstream FILE={file} APPLY=1" == printed[4]
    text = markdown.read_text("utf-8")
    assert text.startswith(f"**{expected}**\n")
    assert "- GET /qualification-records/stream: added, optional `200.data[].owner.extra`" in text
    report = json.loads(data.read_text("utf-8"))
    assert ["minor", 10] == [report["verdict"], report["exit_status"]]
    assert ["200.data.owner.extra"] == (
        report["changes"][0]["operations"]["PATCH /qualification-records"]
    )


def test_apply_takes_all_in_and_is_stable(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Spec, lock, package, version and changelog follow; a second run writes nothing."""
    file = document(root, changed(owner=EXTRA), "second-2026-02-03.json")
    assert run(root, "apply", file) == 10
    printed = capsys.readouterr().out
    assert "APPLY=1" not in printed
    assert "make upstream-ci   # names the descriptions that are still missing" in printed
    spec = YAML(typ="safe", pure=True).load(root / upstream_lock.SPEC)
    assert (
        spec_rules.GAP
        == (spec["components"]["schemas"]["Owner"]["properties"]["extra"]["description"])
    )
    assert "2026-02-03" == spec["info"]["version"]
    assert "extra" in (root / upstream_lock.GENERATED / "models" / "owner.py").read_text("utf-8")
    assert '__version__ = "0.2.0"' in (root / versioning.FILE).read_text("utf-8")
    assert "- Response `…owner.extra`: added, optional (string), under PATCH" in (
        (root / "CHANGELOG.md").read_text("utf-8")
    )
    lock = upstream_lock.read(root)
    assert lock is not None
    assert ["second-2026-02-03.json", "2026-02-03"] == [
        lock["document"]["name"],
        lock["document"]["date"],
    ]
    assert lock["document"]["wire_shape"] == lock["spec"]["wire_shape"]
    assert run(root, "check") == 0
    before = state(root)
    capsys.readouterr()
    assert run(root, "apply", file) == 0
    assert before == state(root)
    assert "SAME, stays at 0.2.0: nothing has changed" in capsys.readouterr().out


def test_an_open_change_stays_open_in_the_lock(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What breaks callers is not written, but what is safe is; the lock lists the rest."""
    content = changed(owner=EXTRA)
    del content["components"]["schemas"]["Owner"]["properties"]["externalIds"]
    del content["paths"]["/qualification-types"]["get"]["x-rate-limit"]
    file, markdown = document(root, content, "second-2026-02-03.json"), root.parent / "report.md"
    assert run(root, "apply", file, "--markdown", str(markdown)) == 20
    out = capsys.readouterr().out
    assert "MAJOR, 0.1.0 -> 1.0.0" in out
    assert "a person must decide: it breaks callers" in out
    assert "# decide the open changes by hand" in out
    text = markdown.read_text("utf-8")
    assert "  - **a person must decide**: it breaks callers\n" in text
    assert "Note: The document states no rate limit" in text
    lock = upstream_lock.read(root)
    assert lock is not None
    expected = "major: PATCH /qualification-records 200.data.owner.externalIds: removed"
    assert expected in lock["differences"]
    spec = YAML(typ="safe", pure=True).load(root / upstream_lock.SPEC)
    assert {"externalIds", "extra"} <= set(spec["components"]["schemas"]["Owner"]["properties"])
    assert spec["info"]["version"] != "2026-02-03"
    assert '__version__ = "0.2.0"' in (root / versioning.FILE).read_text("utf-8")
    assert run(root, "check") == 0
    assert "still open: " in capsys.readouterr().out


def test_a_change_by_hand_is_locked_and_never_passed_off_as_none(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Applied once more, the decided change is closed; version and changelog stay to be written."""
    content = changed()
    del content["components"]["schemas"]["Owner"]["properties"]["externalIds"]
    file = document(root, content, "second-2026-02-03.json")
    assert run(root, "apply", file) == 20
    assert "\nmake upstream-ci\n" in capsys.readouterr().out
    spec = root / upstream_lock.SPEC
    text = spec.read_text("utf-8")
    owner = text.index("\n    Owner:\n")
    start = text.index("        externalIds:\n", owner)
    end = text.index("\n\n", start) + 1
    spec.write_text(text[:start] + text[end:], "utf-8")
    assert run(root, "check") == 1
    assert "once more, after a change by hand" in capsys.readouterr().err
    for command in ("report", "apply"):
        assert run(root, command, file) == 0
        out = capsys.readouterr().out
        assert "nothing has changed" not in out
        assert "changed by hand since it was locked, says what the document says" in out
        assert "note: The spec has been changed by hand" in out
        assert ("APPLY=1" in out) is (command == "report")
    lock = upstream_lock.read(root)
    assert lock is not None
    assert [] == lock["differences"]
    assert run(root, "check") == 0
    assert run(root, "report", file) == 0
    assert "SAME, stays at 0.1.0: nothing has changed" in capsys.readouterr().out


def test_changed_words_alone_are_said_to_be_that(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document is locked anew, and nothing else happens."""
    content = changed()
    content["components"]["schemas"]["Owner"]["description"] = "Other words."
    file = document(root, content, "words.json")
    capsys.readouterr()
    assert run(root, "report", file) == 0
    assert "only words (descriptions, examples, names) changed" in capsys.readouterr().out
    assert run(root, "report", file, "--markdown", str(root.parent / "report.md")) == 0
    assert "Every place" not in (root.parent / "report.md").read_text("utf-8")
    assert run(root, "apply", file, "--date", "2026-03-04") == 0
    lock = upstream_lock.read(root)
    assert lock is not None
    assert "2026-03-04" == lock["document"]["date"]
    assert '__version__ = "0.1.0"' in (root / versioning.FILE).read_text("utf-8")
    assert CHANGELOG == (root / "CHANGELOG.md").read_text("utf-8")


def test_a_document_without_a_date_has_that_of_its_file(root: Path) -> None:
    """Upstream writes no date into the document."""
    content = changed()
    content["info"]["title"] = "Other"
    content["paths"]["/qualification-types"]["get"]["summary"] = "Other"
    assert run(root, "apply", document(root, content, "download.json")) == 0
    lock = upstream_lock.read(root)
    assert lock is not None
    assert 10 == len(lock["document"]["date"])


def test_a_noted_change_needs_no_bump(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error status that is gone is listed, for a person to decide."""
    content = changed()
    del content["paths"]["/qualification-types"]["get"]["responses"]["504"]
    assert run(root, "report", document(root, content, "second.json")) == 0
    out = capsys.readouterr().out
    assert "NOTED, stays at 0.1.0" in out
    assert "error status removed" in out


def test_the_generators_refusal_leaves_all_as_it_was(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package that cannot be generated stops everything."""
    (root / "scripts" / "generate.py").write_text("raise SystemExit('no way')\n", "utf-8")
    before = state(root)
    assert run(root, "apply", document(root, changed(owner=EXTRA), "second.json")) == 1
    assert before == state(root)
    error = capsys.readouterr().err
    assert "the generator refuses the new spec: no way" in error
    assert "Nothing was written" in error


REFUSED: list[tuple[str, bytes, list[str]]] = [
    ("text", b"not an API", ["downloaded.json", "not an OpenAPI document"]),
    ("swagger", b'{"swagger": "2.0", "paths": {}}', ["Swagger 2.0", "convert"]),
    ("cut off", json.dumps(SPEC).encode()[:20_000], ["line 1", "cut off", "download it again"]),
    ("moved", json.dumps(SPEC).replace("/qualification-", "/fleet/qualification-").encode(),
     ["/qualification-records", "nearest: /fleet/qualification-"]),
    ("broken ref", json.dumps(SPEC).replace('"Owner": {', '"Gone": {').encode(),
     ["/qualification-records", "schemas/Owner", "points to nothing"]),
    ("circular", json.dumps(SPEC).replace('"Owner": {', '"Owner": {"$ref": "#/components/schemas/'
     'Owner", ').encode(), ["owner", "leads back to itself"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_bad_input_writes_nothing(
    root: Path, content: bytes, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, the place and the way out, and no file touched."""
    file = root.parent / "downloaded.json"
    file.write_bytes(content)
    before = state(root)
    assert run(root, "apply", str(file)) == 1
    assert before == state(root)
    error = capsys.readouterr().err
    for word in [*words, "Nothing was written"]:
        assert word in error


def test_check_names_each_disagreement(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hand edit of the package, the spec, the templates or the tools is found offline."""
    lock = root / upstream_lock.LOCK
    edits = {
        root / upstream_lock.GENERATED / "types.py": ("make generate", b"# edited\n"),
        root / "openapi" / "generator.yaml": ("templates or settings", b"# edited\n"),
        lock: (
            "is installed, 0.0.1 is locked",
            lock.read_bytes().replace(b"ruff: ", b"ruff: 0.0.1 #"),
        ),
        root / upstream_lock.SPEC: (
            "wire shape is not the locked one",
            (root / upstream_lock.SPEC).read_bytes().replace(b"format: uuid", b"format: uri"),
        ),
    }
    assert run(root, "check") == 0
    for path, (words, content) in edits.items():
        before = path.read_bytes()
        path.write_bytes(content)
        assert run(root, "check") == 1
        assert words in capsys.readouterr().err
        path.write_bytes(before)
    assert run(root, "check") == 0


def test_lock_takes_the_package_as_it_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a new generation the lock is renewed without a document."""
    (root / upstream_lock.GENERATED / "types.py").write_text("# new\n", "utf-8")
    assert run(root, "check") == 1
    assert run(root, "lock") == 0
    assert run(root, "check") == 0
    (root / upstream_lock.LOCK).unlink()
    capsys.readouterr()
    assert run(root, "lock") == 1
    assert "is missing; write it: make upstream" in capsys.readouterr().err
    assert run(root, "check") == 1


COPY = "import shutil, sys\nshutil.copytree({!r}, sys.argv[-1])\n"
KILLED = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
sys.path.insert(0, sys.argv[1])
import upstream
move, moves = os.replace, iter(range(10_000))
def interrupted(source, target):
    if next(moves) == int(sys.argv[3]):
        os.kill(os.getpid(), getattr(signal, sys.argv[4]))
    move(source, target)
os.replace = interrupted
sys.exit(upstream.main(["apply", sys.argv[5]], Path(sys.argv[2])))
"""


def cut_short(root: Path, step: int, name: str, file: str) -> int:
    """Apply in a process that gets a signal before it writes a file; returns its exit status."""
    arguments = [str(ROOT / "scripts"), str(root), str(step), name, file]
    command = [sys.executable, "-c", KILLED, *arguments]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_what_was_cut_short_is_named_and_done_by_the_same_command(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However far it came: `check` writes nothing, and a repetition writes all."""
    file = document(root, changed(owner=EXTRA), "second-2026-02-03.json")
    whole = Path(shutil.copytree(root, root.parent / "whole"))
    assert run(whole, "apply", file) == 10
    generated = whole / upstream_lock.GENERATED
    (root / "scripts" / "generate.py").write_text(COPY.format(str(generated)), "utf-8")
    (whole / "scripts" / "generate.py").write_text(COPY.format(str(generated)), "utf-8")
    for number, step in enumerate((0, 1, 4, 6)):
        copied = Path(shutil.copytree(root, root.parent / f"copy{number}"))
        assert -signal.SIGKILL == cut_short(copied, step, "SIGKILL", file)
        half = state(copied)
        capsys.readouterr()
        status = run(copied, "check")
        assert half == state(copied)
        if status:
            error = capsys.readouterr().err
            assert "was cut short, repeat it" in error or "once more" in error
        assert run(copied, "apply", file) == 10
        assert state(whole) == state(copied)
        assert run(copied, "check") == 0


def test_an_interruption_puts_all_back(root: Path) -> None:
    """Ctrl-C leaves the files as they were."""
    file = document(root, changed(owner=EXTRA), "second-2026-02-03.json")
    before = state(root)
    assert cut_short(root, 3, "SIGINT", file) != 0
    assert before == state(root)


def test_an_unreleased_version_is_raised_once(root: Path) -> None:
    """A second addition goes into the version that waits for its release."""
    second, third = changed(owner=EXTRA), changed(owner={**EXTRA, "more": {"type": "string"}})
    assert run(root, "apply", document(root, second, "second-2026-02-03.json")) == 10
    assert run(root, "apply", document(root, third, "third-2026-02-04.json")) == 10
    assert "0.1.0" == (upstream_lock.read(root) or {})["raised_from"]
    assert '__version__ = "0.2.0"' in (root / versioning.FILE).read_text("utf-8")
    assert 2 == (root / "CHANGELOG.md").read_text("utf-8").count("added, optional")


def test_a_noted_removal_can_be_acknowledged(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a reason; then it is a note, and no difference, until it is none any more."""
    content = changed()
    del content["paths"]["/qualification-types"]["get"]["responses"]["504"]
    file = document(root, content, "second-2026-02-03.json")
    assert run(root, "apply", file) == 0
    (line,) = (upstream_lock.read(root) or {})["differences"]
    assert line == "noted: GET /qualification-types 504: error status removed"
    path = root / upstream_lock.ACKNOWLEDGED
    path.write_text(f'"{line}": It is answered all the same.\n', "utf-8")
    assert run(root, "apply", file) == 0
    out = capsys.readouterr().out
    assert f"note: Acknowledged, {line} (It is answered all the same.)" in out
    assert [] == (upstream_lock.read(root) or {})["differences"]
    assert run(root, "report", document(root, changed(), "third.json")) == 0
    assert f"Acknowledged, no longer so, take it out of acknowledged.yaml: {line}" in (
        capsys.readouterr().out
    )
    path.write_text("- a list\n", "utf-8")
    assert run(root, "report", file) == 1
    assert "acknowledged.yaml: write each difference as" in capsys.readouterr().err


def test_a_failing_plan_leaves_the_report(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has changed is told; only apply refuses."""
    monkeypatch.setattr(YamlEdit, "append_entry", lambda *_: None)
    file = document(root, changed(owner=EXTRA), "second.json")
    before = state(root)
    assert run(root, "report", file) == 10
    out = capsys.readouterr().out
    assert "minor response …owner.extra: added, optional (string)" in out
    assert "a person must decide: the spec cannot be edited automatically: the spec could" in out
    assert "APPLY=1" not in out
    assert run(root, "apply", file) == 1
    assert "make the change by hand" in capsys.readouterr().err
    assert before == state(root)


def test_what_callers_cannot_send_yet_is_said_until_they_can(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the report, in the changelog, and as a note of every later report."""
    shutil.copytree(ROOT / "src" / "samsara_qualifications", root / "src/samsara_qualifications",
                    dirs_exist_ok=True)  # fmt: skip
    (root / versioning.FILE).write_text('__version__ = "0.1.0"\n', "utf-8")
    content = changed()
    schemas = content["components"]["schemas"]
    schemas["CreateQualificationRecordRequest"]["properties"]["notes"] = {"type": "string"}
    schemas["OwnerInput"]["properties"]["more"] = {"type": "string"}
    types = content["paths"]["/qualification-types"]["get"]["parameters"]
    types.append({"name": "sortBy", "in": "query", "schema": {"type": "string"}})
    file = document(root, content, "second-2026-02-03.json")
    for command in ("report", "apply", "report"):
        assert run(root, command, file) in {0, 10}
        out = capsys.readouterr().out
        assert "note: Not offered by `create` yet: notes. Add it to src/" in out
        assert "note: Not offered by `types` yet: sortBy." in out
        assert "yet: more" not in out
        if command == "apply":
            assert "callers: cannot send it: not offered by `create` yet; borne by" in out
    changelog = " ".join((root / "CHANGELOG.md").read_text("utf-8").split())
    assert "under POST /qualification-records. Not offered by `create` yet." in changelog
    assert "under GET /qualification-types. Not offered by `types` yet." in changelog
    assert "`body.owner.more`: added, optional (string), under PATCH, POST" in changelog


def test_an_assumption_of_the_mock_that_upstream_now_documents_is_pointed_at(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the status or the name that the row is about."""
    path = root / followers.MOCK
    path.parent.mkdir(parents=True)
    path.write_text('X = """\nassumed | too_long | Over 9 bytes: 409.\nassumed | b | 4090\n"""\n')
    file = document(root, changed(**{"409": {"description": "x"}}), "second.json")
    assert run(root, "report", file) == 10
    out = capsys.readouterr().out
    assert "note: The mock assumes 'too_long' (Over 9 bytes: 409.), and upstream documents" in out
    assert "'b'" not in out


def test_colours_only_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A file or pipe gets plain text."""
    report = {
        "verdict": "major",
        "summary": "[nothing] is lost",
        "version": {"now": "1.0.0", "next": "2.0.0"},
        "changes": [],
        "notes": ["Mind the gap."],
        "commands": ["make ci"],
    }
    plain = "MAJOR, 1.0.0 -> 2.0.0: [nothing] is lost\nnote: Mind the gap.\nmake ci\n"
    print_report(report)
    assert plain == capsys.readouterr().out
    print_report(report, Console(force_terminal=True, color_system="standard"))
    assert "\x1b[1;31mMAJOR" in capsys.readouterr().out
