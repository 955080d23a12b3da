"""
Do what a page says, in its order, against a mock of its own: `python run_page.py PAGE`.

Python blocks run, each by itself; one that names a file is kept there, for those below to use.
Tests run last, with pytest. Commands run, and what the page shows of their output must come. Data
is parsed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from typing import Any, Final

import yaml

from samsara_qualifications.mock import MockServer, running
from samsara_qualifications.mock.__main__ import _parser as mock_options

BLOCK: Final = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FOREIGN: Final = {"celery"}  # examples of what is not installed here: they are compiled
PARSERS: Final[dict[str, Any]] = {
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "json": json.loads,
    "toml": tomllib.loads,
}


def main(page: Path) -> None:
    """Run a page in the current folder."""
    warnings.filterwarnings("ignore", "Using `httpx` with `starlette")  # httpx2 is not what we use
    text = page.read_text("utf-8")
    sys.path.insert(0, "")
    server = MockServer(rate=None)
    with running(server) as url:
        os.environ.update(SAMSARA_BASE_URL=url, SAMSARA_API_TOKEN=server.token)
        for found in BLOCK.finditer(text):
            kind, name, block = found.groups()
            lines_before = text.count("\n", 0, found.start(3))
            if kind == "python":
                run_python("\n" * lines_before + block, name, page, lines_before)
            elif kind == "console":
                run_commands(block)
            elif kind == "sh":
                check_shell(block)
            elif kind in PARSERS:
                PARSERS[kind](block)
        if tests := sorted(map(str, Path().glob("test_*.py"))):
            options = ["-q", "-p", "no:asyncio", "-p", "no:cacheprovider", "-W", "error"]
            subprocess.run([sys.executable, "-m", "pytest", *options, *tests], check=True)


def run_python(block: str, name: str, page: Path, line: int) -> None:
    """Keep a block in its file, leave it to pytest, or run it."""
    code = compile(block, str(page), "exec")
    if "\ndef test_" in block:
        Path(f"test_{line}.py").write_text(block, "utf-8")
    elif name.endswith(".py"):
        Path(name).write_text(block, "utf-8")
    elif name not in FOREIGN:
        exec(code, {"__name__": "__main__"})  # noqa: S102  that is the test


def run_commands(block: str) -> None:
    """Run what stands behind `$`; each line that is shown must come, up to an ellipsis."""
    for lines in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = lines.splitlines()
        program, *arguments = shlex.split(command)
        path = sys.executable if program == "python" else Path(sys.executable).with_name(program)
        done = subprocess.run(
            [str(path), *arguments], capture_output=True, text=True, check=False, timeout=100
        )
        said = (done.stdout + done.stderr).splitlines()
        for line in shown:
            start, ellipsis, _ = line.partition("…")
            came = any(one.startswith(start) for one in said) if ellipsis else line in said
            assert came, f"$ {command}\n{line!r} is not in\n{done.stdout}{done.stderr}"


def check_shell(block: str) -> None:
    """Check lines that would run for ever, or change the shell."""
    for line in block.splitlines():
        words = shlex.split(line)
        if words[:3] == ["python", "-m", "samsara_qualifications.mock"]:
            mock_options().parse_args(words[3:])
        else:
            assert words[0] == "export", line
            assert words[1].partition("=")[0] in os.environ, line


if __name__ == "__main__":
    main(Path(sys.argv[1]))
