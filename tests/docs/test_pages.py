"""The examples of README and site run as written, page by page; what is copied is still true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs_site import insertions, sources
from upstream import main as upstream

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUNNER = Path(__file__).parent / "run_page.py"
PAGES = (
    "README",
    *(f"docs/{name}" for name in ("index", "start", "recipes", "how-it-works", "testing")),
)
SPEC = ROOT / "generated" / "samsara_qualifications_api" / "openapi.json"


@pytest.mark.parametrize("page", PAGES)
def test_examples(page: str, tmp_path: Path) -> None:
    """A reader who does what a page says, from its top to its end, sees what it shows."""
    done = subprocess.run(
        [sys.executable, str(RUNNER), str(ROOT / f"{page}.md")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_with_examples_is_run() -> None:
    """Here, or in a test of its own: those of the push, of the mock and of the report below."""
    pages = {
        path.stem
        for path in DOCS.glob("*.md")
        if re.search(r"^```(py|con)", path.read_text("utf-8"), re.MULTILINE)
    }

    assert pages == {Path(page).stem for page in PAGES[1:]} | {"push", "mock", "upstream"}


def test_the_report_of_upstream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page on changes of the API shows what comes of a document with two of them."""
    document = json.loads(SPEC.read_text("utf-8"))
    schemas = document["components"]["schemas"]
    schemas["RecordStatus"]["enum"].append("suspended")
    new = {"type": "string", "format": "date-time", "description": "When it was reviewed."}
    schemas["QualificationRecord"]["properties"]["reviewedAtTime"] = new
    file = tmp_path / "2026-12-01.json"
    file.write_text(json.dumps(document), "utf-8")
    [shown] = re.findall(
        r"```console\n.*\n((?:.*\n)*?)```", (DOCS / "upstream.md").read_text("utf-8")
    )

    assert upstream(["report", str(file)]) == 10
    said = capsys.readouterr().out.replace(str(file), file.name).splitlines()
    for line in shown.splitlines():
        assert [one for one in said if one.startswith(line.partition("…  ")[0].rstrip("…"))], line


def test_variables_are_all_there() -> None:
    """The page of environment variables names those that the code reads, and no others."""
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"SAMSARA_[A-Z_]+", path.read_text("utf-8"))
    }

    named = re.findall(
        r"(?m)^\| `(SAMSARA_[A-Z_]+)`", (DOCS / "reference/environment.md").read_text("utf-8")
    )

    assert sorted(read) == sorted(named)


def test_figures_of_the_readme_are_measured() -> None:
    """The table beside the official SDK is that of RESULTS.md."""
    measured = insertions.section("benchmarks/RESULTS.md # Beside the official SDK")
    rows = re.findall(
        r"(?m)^\| ([a-z -]+SDK|samsara-qualifications) \|(.*)\|$",
        (ROOT / "README.md").read_text("utf-8"),
    )

    assert len(rows) == 2
    for name, figures in rows:
        numbers = r"\s+".join(re.escape(cell.strip()) for cell in figures.split("|"))
        assert re.search(rf"{name}\s+{numbers}\s", measured), name


def test_a_link_leads_to_the_page_that_shows_the_file() -> None:
    """Links of a file that stands elsewhere fit the page; where there is no page, words stay."""
    text = (
        "[a](MUTATIONS.md) [b](../docs/mock.md#faults) [c](../benchmarks/RESULTS.md) [d](https://x)"
    )

    assert "a [b](mock.md#faults) [c](results.md) [d](https://x)" == sources._relinked(
        text, "contract_tests/README.md", "contract"
    )
