"""The report: what the suite did, in a terminal, and on a page that a browser shows in full."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from samsara_qualifications_contract.harness import coverage, page, report
from samsara_qualifications_contract.harness.failures import Failure
from samsara_qualifications_contract.harness.outcomes import Cause, Keyword, Outcome, Summary
from samsara_qualifications_contract.oracle import spec

ROOT = Path(__file__).parents[2]
BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "chrome"])), None)
UPDATE = "updateQualificationRecord"
SUBJECTS = ["behaviours", "bodies", "expectations", "fields", "limits", "model", "protocol"]
SUBJECTS += ["requests", "schemathesis", "streams"]
LONG = "QR-" + "ZmNhMzg2MzUt" * 20
FAILURE = Failure(
    operation="PATCH /qualification-records",
    expected=f"record {LONG}: expirationDate: expected 2031-01-01T00:00:00Z, came null",
    source="the reference model (oracle/model.py)",
    request="PATCH /qualification-records",
    body=f'{{"id": "{LONG}", "expirationDate": "</pre><script>alert(1)</script>"}}',
    noticed=f"GET /qualification-records?ids={LONG}",
    came=f'200 {{"data": "{LONG * 20}"}}',
    curl="curl -i '<script>alert(1)</script>'",
    base_url="http://127.0.0.1:1",
    hints=["rests on behaviour x"],
)
TESTS = [f"test_{name}.py::test_{'of_a_long_name_' * 6}[{name}]" for name in SUBJECTS]
SUMMARY = Summary(
    target="http://a-server-with-a-long-name.example.com:8080/and/a/path/" + "x" * 80,
    run={"seed": "7", "commit": "bda2508"},
    facts={"worker": {"type": LONG, "owners": ["w-1"]}},
    causes=[Cause(FAILURE, TESTS[:-1], "samsara-contract replay .reports/replay-1.json")],
    outcomes=[
        *(Outcome(t, s, "failed", [UPDATE], "x") for t, s in zip(TESTS, SUBJECTS, strict=True)),
        *(Outcome(f"{t}2", s, "passed", [*spec.OPERATIONS]) for t in TESTS for s in SUBJECTS),
        Outcome("test_wire.py::test_c", "fields", "skipped", [], "no <owner>"),
    ],
    keywords=[Keyword(UPDATE, "request", ".externalIds.*", "type", 3)],
)
PROBE = """<script>addEventListener("load", () => {
  document.title = JSON.stringify([...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, width = frame.clientWidth;
    const all = [...page.querySelectorAll("body *")].filter(e => e.getClientRects().length);
    return {
      width: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      over: all.filter(e => e.getBoundingClientRect().right > width + 1
        || (e.clientWidth && e.scrollWidth > e.clientWidth + 1)).map(e => e.outerHTML.slice(0, 99)),
      row: Math.max(...[...page.querySelectorAll("tr")].map(e => e.clientHeight)),
      button: page.querySelector("button").click()
        || [page.querySelector("button").textContent, `${page.getSelection()}`],
      tiles: new Set([...page.querySelectorAll(".tiles div")].map(e => e.offsetTop)).size,
    };
  }));
});</script>"""
FAILING = """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_of_the_server(target, number):
    with target.open() as api:
        api.send("PATCH", "/qualification-records", b"\\xff").answers(400)
        reply = api.get(f"nobody-{number}")
        reply.must(False, "no \\ud800, no \\33[31m")

def test_of_its_own():
    raise RuntimeError("a mistake")
"""


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


def test_the_page_holds_all() -> None:
    """Failures with their repeats, skips with reasons, keywords, facts; nothing from elsewhere."""
    found = Reader()
    found.feed(page.render(SUMMARY))
    assert [] == found.loads
    assert 1 == found.tags.count("script")
    shown = [FAILURE.expected, FAILURE.body, FAILURE.noticed, FAILURE.came, FAILURE.curl]
    shown += [SUMMARY.causes[0].replay, *FAILURE.hints, *TESTS, "no <owner>", ".externalIds.*"]
    for text in [*shown, "1 of 11 failed", "bda2508", "owners:\n  - w-1"]:
        assert text in found.text
    assert "In no way" in page.render(Summary("x"))


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: for maintainers")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    """Nothing is cut off or overflows, on a screen and on a phone; names stay on their lines."""
    assert BROWSER is not None
    text = escape(page.render(SUMMARY))
    frames = (
        f'<iframe style="width: {width}px" srcdoc="{text}"></iframe>' for width in (1280, 400)
    )
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{PROBE}{''.join(frames)}", "utf-8")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"]
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
    screen, phone = json.loads(unescape(title[1]))
    assert [[], []] == [screen["over"], phone["over"]]
    assert [0, 0] == [screen["width"], phone["width"]]
    assert screen["row"] < 60, "no row of a table is taller than three lines"
    assert 1 == screen["tiles"], "the tiles stand in one row"
    assert ["copied", FAILURE.curl] == screen["button"]


def test_a_long_answer_is_shown_where_it_matters() -> None:
    """From a little before the part of the record that the headline is about."""
    record, text = "a" * 36, "x" * 900
    came = f'[{{"owner": {{}}}}, "{text * 2}", {{"id": "{record}", "y": "{text}", "owner": "B"}}]'
    failure = Failure("GET /x", f"record {record}: owner: expected A", "", "", "", "", came, "", "")
    shown = report.cause_lines(1, Cause(failure, ["t"], "r"), 79)
    assert '"owner": "B"' in " ".join(shown)


def test_the_terminal_says_each_cause_once(tmp_path: Path) -> None:
    """The breach first and without Python, with how often; then the suite's own errors, with it."""
    (tmp_path / "test_failing.py").write_text(FAILING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "samsara_qualifications_contract.plugin"]
    command += ["-q", "-n", "1", "-c", "/dev/null", "--rootdir", ".", "--report", "out"]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]  # it warns where it is unset
    done = subprocess.run(
        [*command, "test_failing.py"],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode, done.stderr
    breaches, errors = done.stdout.split("the suite's own errors")
    assert "broken: 1 way =" in breaches
    assert "1. GET /qualification-records: no \\ud800, no \\x1b[31m\n" in breaches
    assert "  tests    test_failing.py::test_of_the_server[0] and 2 others\n" in breaches
    assert "Traceback" not in breaches
    assert "test_failing.py:" not in breaches.replace("test_failing.py::", "")
    assert max(map(len, breaches.splitlines())) <= 80
    assert "RuntimeError: a mistake" in errors
    assert "test_of_the_server" not in errors
    assert "4 failed" in errors
    assert "replay   samsara-contract replay out/replay-1.json\n" in breaches
    told: dict[str, Any] = json.loads((tmp_path / "out" / "contract.json").read_text("utf-8"))
    assert 3 == len(told["causes"][0]["tests"])
    assert "getQualificationRecords" in told["outcomes"][-1]["operations"]
    cause = told["causes"][0]
    guide = (ROOT / "contract_tests" / "README.md").read_text("utf-8")
    for part in (told, cause, cause["failure"], told["outcomes"][0], told["keywords"][0]):
        assert [] == [key for key in part if f"`{key}`" not in guide]
    assert {"worker", "asset"} < told["facts"].keys()
    assert {"began", "took", "seed", "samsara-qualifications-contract"} < told["run"].keys()


def test_keywords_are_counted_both_ways() -> None:
    """Each keyword that a value meets or breaks counts at its path; in an answer, one way does."""
    counter = coverage.Coverage()
    operation = spec.OPERATIONS[UPDATE]
    body = {
        "id": 1,
        "issueDate": "soon",
        "owner": {"entityType": "asset"},
        "externalIds": {"a": "b"},
    }
    counter.note(operation, "request", body)
    counter.note(operation, "request", "no object")
    counter.note(operation, "response", {"data": {"id": "x"}})
    again = coverage.Coverage()
    again.load(counter.dump())
    found = {(k.side, k.path, k.keyword): k for k in again.keywords() if k.operation == UPDATE}
    for at, valid, invalid in (
        (("request", "", "type"), 1, 1),
        (("request", ".id", "type"), 0, 1),
        (("request", ".issueDate", "format"), 0, 1),
        (("request", ".owner.id", "required"), 0, 1),
        (("request", ".owner.entityType", "enum"), 1, 0),
        (("request", ".externalIds.*", "type"), 1, 0),
        (("request", ".fields[].id", "format"), 0, 0),
        (("response", ".data.id", "type"), 1, 0),
    ):
        assert (valid, invalid) == (found[at].valid, found[at].invalid), at
    tried = {at for at, keyword in found.items() if keyword.tried}
    assert ("request", "", "type") in tried
    assert ("response", ".data.id", "type") in tried
    assert ("request", ".id", "type") not in tried
