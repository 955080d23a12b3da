"""The blocking client is what the async one gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import derive_sync

SOURCE = Path(derive_sync.SOURCE)


@pytest.mark.parametrize("name", derive_sync.FILES)
def test_the_derived_files_are_current(name: str) -> None:
    """Whoever edits one of them has to edit the source, and run `make generate`."""
    assert derive_sync.render(name) == (derive_sync.DERIVED / name).read_text("utf-8")


def test_a_difference_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do."""
    monkeypatch.setattr(derive_sync, "DERIVED", tmp_path)
    for name in derive_sync.FILES:
        (tmp_path / name).write_text("old\n", "utf-8")
    assert 1 == derive_sync.main(["--check"])
    assert "is not what _async/client.py gives: run make generate" in capsys.readouterr().out


def test_nothing_async_is_left() -> None:
    """Neither in the code nor in the words."""
    for name in derive_sync.FILES:
        text = (derive_sync.DERIVED / name).read_text("utf-8")
        code = text.partition("\n")[2]
        assert "async" not in code.lower()
        assert "await" not in code
        kinds = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
        assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


def test_each_method_is_written_once() -> None:
    """Its signature and its description stand in the async source, and nowhere else by hand."""
    methods = {"update", "create", "delete", "archive", "unarchive", "get", "stream", "types"}
    places = {
        path.relative_to(SOURCE.parent).as_posix()
        for path in SOURCE.parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        if methods & {item.name} and "lane" in ast.unparse(item.args)
    }
    assert {"_async/client.py", "_sync/client.py"} == places
