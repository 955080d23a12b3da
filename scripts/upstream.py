"""
Keeps the spec in step with upstream's document.

    upstream.py report FILE [--markdown FILE] [--json FILE]   what has changed; writes nothing else
    upstream.py apply FILE  [--markdown FILE] [--json FILE]   and writes what is safe
    upstream.py lock                                          lock the generated package as it is
    upstream.py check                                         spec, lock and package agree, offline

FILE is a downloaded OpenAPI document, whole or only the family: JSON or YAML, 3.0 or 3.1.
Exit status of report and apply: 0 same (or only notes), 10 minor, 20 major; of all: 1 error.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep import followers, upstream_lock, versioning
from upkeep.openapi_document import DocumentError, load
from upkeep.spec_edit import plan_edit
from upkeep.upstream_apply import take_in
from upkeep.upstream_report import count, make_report, markdown, print_report
from upkeep.wire_shape import wire_shape
from upkeep.yaml_edit import YamlEdit, YamlEditError

if TYPE_CHECKING:
    from upkeep.change_kinds import Verdict

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run a command line, that of the process by default; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "lock":
            return _lock(root)
        if options.command == "check":
            return _check(root)
        return _take_in(options, root)
    except (DocumentError, YamlEditError, ValueError, OSError) as error:
        print(f"error: {error}\nNothing was written.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("report", "apply"):
        command = commands.add_parser(name)
        command.add_argument("file", type=Path)
        command.add_argument("--date", help="the document's date, if its name has none")
        command.add_argument("--markdown", type=Path, metavar="FILE")
        command.add_argument("--json", type=Path, metavar="FILE")
    commands.add_parser("lock")
    commands.add_parser("check")
    return parser


def _take_in(options: argparse.Namespace, root: Path) -> int:
    upstream = load(options.file)
    spec_text = (root / upstream_lock.SPEC).read_text("utf-8")
    diff, plan = plan_edit(spec_text, upstream, upstream_lock.acknowledged(root))
    date = options.date or upstream_lock.document_date(options.file) or _file_date(options.file)
    spec = YamlEdit(spec_text).data
    document = upstream_lock.describe_document(upstream, spec, options.file.name, date)
    lock = upstream_lock.read(root) or {}
    known = lock.get("document", {})
    by_hand = lock and lock["spec"] != upstream_lock.describe_spec(spec)
    gaps = followers.not_offered(wire_shape(YamlEdit(plan.text).data), root)
    report = make_report(
        diff,
        plan,
        document=str(options.file),
        words="by hand" if by_hand else _words(known.get("text"), document["text"]),
        version=_versions(root, lock, diff.verdict),
        gaps=gaps,
        notes=followers.notes(diff.changes, gaps, root),
        applying=options.command == "apply",
    )
    print_report(report)
    if options.markdown:
        options.markdown.write_text(markdown(report), "utf-8")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if options.command == "apply":
        same = document["text"] == known.get("text")
        written = take_in(root, plan, known if same else document, gaps)
        print(f"Written: {_brief(written)}." if written else "Nothing to write: all up to date.")
    return int(report["exit_status"])


def _words(known: str | None, text: str) -> str:
    if known is None:
        return "unknown"
    return "same" if known == text else "changed"


def _brief(names: list[str]) -> str:
    generated = [name for name in names if name.startswith(upstream_lock.GENERATED)]
    others = [name for name in names if name not in generated]
    package = [f"{count(len(generated), 'file')} in {upstream_lock.GENERATED}"] if generated else []
    return ", ".join(others + package)


def _lock(root: Path) -> int:
    lock = upstream_lock.read(root)
    if lock is None:
        raise DocumentError(
            f"{upstream_lock.LOCK}: is missing; write it: make upstream FILE=<document> APPLY=1"
        )
    lock |= upstream_lock.describe_tools(root, root / upstream_lock.GENERATED)
    (root / upstream_lock.LOCK).write_text(upstream_lock.dump(lock), "utf-8")
    print(f"{upstream_lock.LOCK} describes the generated package as it is")
    return 0


def _check(root: Path) -> int:
    found = upstream_lock.problems(root)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        return 1
    lock = upstream_lock.read(root) or {}
    print(f"spec, lock and generated package agree; upstream is {lock['document']['name']}")
    for line in lock["differences"]:
        print(f"still open: {line}")
    return 0


def _file_date(path: Path) -> str:
    seconds = path.stat().st_mtime
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def _versions(root: Path, lock: dict[str, Any], weight: Verdict) -> tuple[str, str]:
    current = versioning.project_version(root)
    base = versioning.released(root) or lock.get("raised_from", "")
    return str(current), str(versioning.next_version(current, base, weight))


if __name__ == "__main__":
    sys.exit(main())
