"""docs/push.md: its files and commands, one after the other, do what it says; so do its words."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from samsara_qualifications import cli
from samsara_qualifications.mock import MockServer, running

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "push.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+) ?(\S*)\n(.*?)```", PAGE, re.DOTALL)
COMMAND = re.compile(r"^\$ ", re.MULTILINE)


def test_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each line that a command shows there comes; a file that a command wrote is as shown."""
    monkeypatch.chdir(tmp_path)
    server = MockServer(rate=None)
    with running(server) as url:
        monkeypatch.setenv("SAMSARA_BASE_URL", url)
        monkeypatch.setenv("SAMSARA_API_TOKEN", server.token)
        for kind, name, text in BLOCKS:
            if kind == "console":
                for command, *shown in map(
                    str.splitlines, re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
                ):
                    monkeypatch.setattr(sys, "argv", shlex.split(command))
                    with pytest.raises(SystemExit):
                        cli.main()
                    out = "".join(capfd.readouterr()).replace(url, "https://api.samsara.com")
                    for line in shown:
                        assert (
                            line.partition("…")[0] in out
                            if line.endswith("…")
                            else (line in out.splitlines())
                        ), f"{command}: {out}"
            elif kind == "python":
                names: dict[str, Any] = {}
                exec(compile(text, "docs/push.md", "exec"), names)  # noqa: S102  that is the test
            elif Path(name).exists():
                assert text == Path(name).read_text("utf-8")
            else:
                Path(name).write_text(text, "utf-8")
    assert "2034-04-14T00:00:00Z" == [*server.records.values()][1]["expirationDate"]


def test_the_messages_are_those_of_the_code() -> None:
    """What the page quotes is said somewhere."""
    said = [
        node.value
        for folder in ("push", "cli")
        for path in (ROOT / "src" / "samsara_qualifications" / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    said.append((ROOT / "src" / "samsara_qualifications" / "labels.py").read_text("utf-8"))
    table = PAGE.partition("## What it says")[2].partition("\n## ")[0]
    quoted = [
        text
        for line in table.splitlines()
        if line.startswith("| `")
        for text in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    ]
    assert len(quoted) > 20
    assert [] == [text for text in quoted if not any(text in it for it in said)]


def test_the_statuses_are_those_of_the_code() -> None:
    """The page has a line for each."""
    rows = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    known = (cli.UNEXPECTED, cli.USAGE, cli.FAILED, cli.RESUMABLE, cli.DENIED, cli.CHANGES)
    assert [0, *known, cli.INTERRUPTED] == [*map(int, rows)]
