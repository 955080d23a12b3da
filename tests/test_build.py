"""What the build adds to the package's metadata."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
HOME = "https://example.org/team/fork"
LINK = re.compile(r"\]\(([^)]+)\)")


@pytest.fixture
def metadata(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a build knows before it asks, and the hook's module within reach."""
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.delitem(sys.modules, "hatch_build", raising=False)
    return {}


def update(metadata: dict[str, Any]) -> None:
    """Let the hook do what it does in a build."""
    from hatch_build import Addresses  # noqa: PLC0415  it is in reach within a test only

    Addresses(str(ROOT), {}).update(metadata)


def test_the_index_shows_links_that_lead_somewhere(
    metadata: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the files of the repository that was built."""
    monkeypatch.setenv("PROJECT_URL", f"{HOME}/")
    update(metadata)
    links = LINK.findall(metadata["readme"]["text"])
    assert len(links) > 5
    files = [link.removeprefix(f"{HOME}/blob/HEAD/") for link in links]
    assert all("//" not in file and (ROOT / file).is_file() for file in files)
    assert all(address.startswith(HOME) for address in metadata["urls"].values())


def test_nothing_is_invented(metadata: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody says which repository it is."""
    monkeypatch.delenv("PROJECT_URL", raising=False)
    update(metadata)
    assert {"readme"} == set(metadata)
    assert (ROOT / "README.md").read_text("utf-8") == metadata["readme"]["text"]
