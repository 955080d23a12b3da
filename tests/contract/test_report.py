"""The report: what the suite did, on a page that needs nothing else and that a browser shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness import coverage, page
from samsara_qualifications_contract.harness.outcomes import Outcome, Summary
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "chrome"])), None)
UPDATE = "updateQualificationRecord"
FAILURE = "status 200, not 500\n  curl  curl -i '<script>alert(1)</script>'"
SUMMARY = Summary(
    target="http://127.0.0.1:1",
    outcomes=[
        Outcome("test_model.py::test_a", "model", "passed", [UPDATE]),
        Outcome("test_model.py::test_b", "model", "failed", [UPDATE], FAILURE),
        Outcome("test_wire.py::test_c", "wire", "skipped", [], "no <owner>"),
    ],
    tried=[[UPDATE, "request", ".id", "type", 7, 3]],
    uncovered=[[UPDATE, "request", ".externalIds.*", "type", "invalid"]],
    mutations={
        "summary": "1 fault: 1 killed",
        "faults": [
            {"side": "server", "group": "dates", "text": "x", "outcome": "killed", "test": "t"}
        ],
    },
)


class Reader(HTMLParser):
    """Collects tags, what they load, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.loads += [str(value) for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def read(html: str) -> Reader:
    """Return what a page holds."""
    reader = Reader()
    reader.feed(html)
    return reader


def test_the_page_holds_all() -> None:
    """Failures with their repeats, skips with reasons, keywords, kills; nothing from elsewhere."""
    found = read(page.render(SUMMARY))
    assert [] == found.loads
    assert "script" not in found.tags
    for text in (FAILURE, "1 of 2 failed", "no <owner>", ".externalIds.*", "1 of 1", "dates: x"):
        assert text in found.text


def test_keywords_are_counted_both_ways() -> None:
    """Each keyword that a value meets or breaks counts at its path."""
    counter = coverage.Coverage()
    body = {
        "id": 1,
        "issueDate": "soon",
        "owner": {"entityType": "asset"},
        "externalIds": {"a": "b"},
    }
    counter.note(spec.OPERATIONS[UPDATE], "request", body)
    place = (UPDATE, "request")
    assert 1 == counter.invalid[*place, ".id", "type"]
    assert 1 == counter.invalid[*place, ".issueDate", "format"]
    assert 1 == counter.invalid[*place, ".owner.id", "required"]
    assert 1 == counter.valid[*place, ".owner.entityType", "enum"]
    assert 1 == counter.valid[*place, ".externalIds.*", "type"]
    again = coverage.Coverage()
    again.load(counter.dump())
    assert counter.dump() == again.dump()
    assert set(counter.valid | counter.invalid) <= set(coverage.every_key())


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: for maintainers")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    """Headless Chromium lays the page out: the tiles stand side by side, the text is there."""
    assert BROWSER is not None
    probe = "<script>document.title = [...document.querySelectorAll('.tile')]\
.map(t => Math.round(t.getBoundingClientRect().top)).join(' ')</script>"
    file = tmp_path / "page.html"
    file.write_text(page.render(SUMMARY).replace("</body>", f"{probe}</body>"), encoding="utf-8")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"]
    folder = f"--user-data-dir={tmp_path / 'profile'}"
    done = subprocess.run(
        [BROWSER, *arguments, folder, "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None
    tops = title[1].split()
    assert 5 == len(tops)
    assert 1 == len(set(tops)), "the tiles stand in one row"
    assert "1 of 2 failed" in read(done.stdout).text
