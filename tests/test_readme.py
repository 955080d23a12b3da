"""The examples of the README and of the mock's page run as written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from samsara_qualifications.mock import MockServer, running

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def blocks(page: Path) -> list[str]:
    """Return a page's blocks of Python."""
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


BLOCKS = blocks(README)
PLUGIN_BLOCKS = [
    block for block in BLOCKS + blocks(ROOT / "docs" / "mock.md") if "def test_" in block
]

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("block", [block for block in BLOCKS if "def test_" not in block])
def test_example(block: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An example runs against a server, configured by the environment alone."""
    monkeypatch.chdir(tmp_path)
    server = MockServer()
    with running(server) as url:
        monkeypatch.setenv("SAMSARA_BASE_URL", url)
        monkeypatch.setenv("SAMSARA_API_TOKEN", server.token)
        names: dict[str, Any] = {}
        exec(compile(block, str(README), "exec"), names)  # noqa: S102  that is the test

    assert {200} == {request.status for request in server.requests}


def test_there_are_examples() -> None:
    """The README has the examples that the test above is about, and one of the plugin."""
    assert ["def test_" in block for block in BLOCKS] == [*[False] * 3, True]


@pytest.mark.parametrize("block", PLUGIN_BLOCKS)
def test_plugin_example(pytester: pytest.Pytester, block: str) -> None:
    """An example of the pytest plugin passes in a project without any configuration."""
    pytester.makepyfile(block)

    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-W", "error")

    result.assert_outcomes(passed=block.count("def test_"))
