"""The suite as a gate for servers that are not ours: it accepts a right one, and finds a fault."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from samsara_qualifications_contract import server
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.mutants import other_server

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = Path(server.__file__).parent
STORIES = [f"test_{name}.py" for name in ("behaviours", "fields", "streams", "protocol")]
EFFORT = ["--effort", "0.1"]


@pytest.fixture
def other() -> Iterator[str]:
    """The URL of a server with its own types, ids, order and choices."""
    with other_server.running() as url:
        yield url


def suite(*arguments: str, files: list[str]) -> tuple[int, str]:
    """Run the suite in a process of its own; return its exit status and what it wrote."""
    paths = [str(SERVER / name) for name in files]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "samsara_qualifications_contract.plugin"]
    command += ["-p", "no:cacheprovider", *EFFORT, *arguments]
    done = subprocess.run(
        [*command, *paths],
        env={**os.environ, "SAMSARA_API_TOKEN": targets.MOCK_TOKEN, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def outcomes(folder: Path) -> Counter[str]:
    """Return how many tests passed, and how many were skipped for each reason."""
    found = json.loads((folder / "contract.json").read_text("utf-8"))["outcomes"]
    return Counter(o["text"] if o["outcome"] == "skipped" else o["outcome"] for o in found)


def test_a_right_server_is_accepted(other: str, tmp_path: Path) -> None:
    """Told of owners and choices in a YAML file, the suite passes against another server."""
    told = tmp_path / "other.yaml"
    told.write_text(yaml.safe_dump(other_server.FACTS), encoding="utf-8")
    arguments = ["--url", other, "--facts", str(told)]
    status, text = suite(*arguments, "--report", str(tmp_path), files=[*STORIES, "test_model.py"])
    assert 0 == status, text
    assert outcomes(tmp_path)["passed"] > 150, text
    assert other_server.seed_data()["types"][0]["id"] not in text


def test_what_is_missing_is_skipped_and_counted(other: str, tmp_path: Path) -> None:
    """Without owners no records can be made: that is skipped with the reason, and counted."""
    told = tmp_path / "other.yaml"
    told.write_text("differs: [content_type]", encoding="utf-8")
    arguments = ["--url", other, "--facts", str(told)]
    chosen = ["--report", str(tmp_path), "-k", "test_tokens or test_clearing or test_content_types"]
    status, text = suite(*arguments, *chosen, files=STORIES)
    assert 0 == status, text
    counts = outcomes(tmp_path)
    assert 8 == counts.pop("passed"), text
    assert {14, 5} == set(counts.values()), text
    assert all(f"skipped {count}: {reason}" in text for reason, count in counts.items()), text


def test_a_wrong_server_is_found(tmp_path: Path) -> None:
    """A fault is found over HTTP, and its file repeats it."""
    told = tmp_path / "other.yaml"
    told.write_text(yaml.safe_dump(other_server.FACTS), encoding="utf-8")
    with other_server.running("the clear value is stored as a date") as url:
        arguments = ["--url", url, "--facts", str(told), "-x"]
        status, text = suite(*arguments, "-k", "test_clearing", files=["test_behaviours.py"])
        assert 1 == status, text
        assert "expirationDate: expected null, came 1970-01-01T00:00:00Z" in text
        assert "rests on behaviour" not in text  # this spelling is documented
        assert targets.MOCK_TOKEN not in text
        [line] = re.findall(r"replay +samsara-contract (replay .*)", text)
        done = subprocess.run(
            [sys.executable, "-m", "samsara_qualifications_contract", *shlex.split(line)],
            env={**os.environ, "SAMSARA_API_TOKEN": targets.MOCK_TOKEN},
            capture_output=True,
            text=True,
            check=True,
        )
    assert "1970-01-01T00:00:00+00:00" in done.stdout.splitlines()[-1]
