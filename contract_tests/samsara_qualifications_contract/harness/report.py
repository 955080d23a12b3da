"""
A pytest plugin that gathers what the suite did, also where the tests run in several processes.

It says in the terminal what broke the contract, and writes `contract.json`, which `outcomes.py`
describes, and `contract.html`; JUnit XML is pytest's own (`--junitxml`).
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import tempfile
import textwrap
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ElementTree, SubElement

import pytest

from samsara_qualifications_contract.harness import page, replay
from samsara_qualifications_contract.harness.coverage import Coverage
from samsara_qualifications_contract.harness.failures import Breach, Failure
from samsara_qualifications_contract.harness.outcomes import Cause, Outcome, Summary
from samsara_qualifications_contract.oracle.judge import parsed

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from samsara_qualifications_contract.harness.api import Reply

SEEN = "contract_seen"
_DISTRIBUTIONS = ("samsara-qualifications-contract", "samsara-qualifications", "schemathesis")
_LINES = 5
"""Of each part of a failure, in the terminal."""
_NAMED, _BEFORE = re.compile(r"[\w-]{5,}(?=[.:'])"), 60


class Observer:
    """Notes, in the process that runs a test, which operations it calls, and what breaks."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self.facts: dict[str, Any] = {}
        self._called: set[str] = set()

    def saw(self, reply: Reply) -> None:
        """Take note of an exchange with the target."""
        if reply.operation is None:
            return
        self._called.add(reply.operation.id)
        self.coverage.note(reply.operation, "request", parsed(reply.operation, reply.request))
        if reply.response.is_success and reply.operation.response_schema(reply.status):
            self.coverage.note(reply.operation, "response", reply.json)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say with each test which operations it called, and of a breach, how to repeat it."""
        report = yield
        vars(report)["operations"] = sorted(self._called)
        if call.when == "teardown":
            self._called.clear()
        if call.excinfo and (breach := _breach_in(call.excinfo.value)):
            report.longrepr = f"{breach.failure.text()}\n  curl     {breach.failure.curl}"
            steps = [asdict(step) for step in breach.steps]
            told = {"failure": asdict(breach.failure), "steps": steps}
            vars(report)["breach"] = json.dumps(told)  # xdist takes no text that is not UTF-8
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand what was seen to the process that writes the report."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[SEEN] = [self.coverage.dump(), self.facts]


class Report:
    """
    Gathers the outcomes of all processes, and writes the files.

    Args:
        target: What is tested.
        observer: Counts what was tried, in this process.
        folder: Where to write; `None` for no report. Replays go there, else to a temporary folder.
        run: What to say of the run, as seed and effort.
        json: Where to write `contract.json`, too; `None` for nowhere.
        caller: The folder whose commit is named.
    """

    def __init__(
        self,
        target: str,
        observer: Observer,
        folder: Path | None,
        run: dict[str, str],
        *,
        json: Path | None = None,
        caller: Path = Path(),
    ) -> None:
        self.summary = Summary(target, {"began": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"})
        self.summary.run |= {"took": "", **run}
        self._observer = observer
        self._folder = folder
        self._json, self._caller = json, caller
        self._began = time.monotonic()
        self._breaches: dict[str, list[tuple[str, dict[str, Any]]]] = {}

    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what was seen by a process that has ended."""
        counts, facts = getattr(node, "workeroutput", {}).get(SEEN, ([], {}))  # none of a crash
        self._observer.coverage.load(counts)
        self._observer.facts |= facts

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note an outcome."""
        if report.when != "call" and report.outcome == "passed":
            return
        path, _, name = report.nodeid.partition("::")
        text = report.longreprtext if report.failed else ""
        if report.skipped and isinstance(report.longrepr, tuple):
            text = str(report.longrepr[2]).removeprefix("Skipped: ")
        subject = Path(path).stem.removeprefix("test_")
        test = f"{Path(path).name}::{name}"
        operations: list[str] = getattr(report, "operations", [])
        self.summary.outcomes.append(Outcome(test, subject, report.outcome, operations, text))
        if told := getattr(report, "breach", None):
            found = json.loads(told)
            found["failure"] = Failure(**found["failure"])
            self._breaches.setdefault(found["failure"].cause, []).append((test, found))

    def pytest_sessionfinish(self) -> None:
        """Write the replays and the report."""
        summary = self.summary
        summary.run["took"] = f"{time.monotonic() - self._began:.0f} s"
        summary.facts = self._observer.facts
        summary.outcomes.sort(key=lambda outcome: outcome.test)
        summary.keywords = self._observer.coverage.keywords()
        folder = self._folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob("replay-*.json"):
                old.unlink()
        if self._breaches:
            chosen = folder or Path(tempfile.mkdtemp(prefix="samsara-contract-"))
            summary.causes = list(self._causes(chosen))
        if folder or self._json:
            summary.run |= _versions(self._caller)
            _write(summary, folder, self._json)

    def _causes(self, folder: Path) -> Generator[Cause]:
        causes = sorted(self._breaches.values(), key=len, reverse=True)
        for number, found in enumerate(causes, 1):
            _, first = min(found, key=lambda each: len(each[1]["steps"]))
            path = folder / f"replay-{number}.json"
            command = replay.write(path, first["failure"], first["steps"])
            yield Cause(first["failure"], sorted(test for test, _ in found), command)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None]:
        """Show each cause once, then the suite's own errors, then what was skipped and tried."""
        stats = terminalreporter.stats
        kept = {name: stats.get(name, []) for name in ("failed", "error")}
        for name, reports in kept.items():
            stats[name] = [report for report in reports if not hasattr(report, "breach")]
        write = terminalreporter.write_line
        if causes := self.summary.causes:
            terminalreporter.section(f"how the contract is broken: {_count(len(causes), 'way')}")
        for number, cause in enumerate(causes, 1):
            write("")
            for line in cause_lines(number, cause, get_terminal_size().columns):
                write(line)
        if any("/client/" not in report.nodeid for report in stats["failed"] + stats["error"]):
            terminalreporter.section("the suite's own errors")
        yield
        stats |= kept
        self._say_what_was_tried(write)

    def _say_what_was_tried(self, write: Any) -> None:
        skipped = Counter(o.text for o in self.summary.outcomes if o.outcome == "skipped")
        for reason, count in sorted(skipped.items()):
            write(f"skipped {count}: {reason}")
        if not self._folder:
            return
        tried = sum(keyword.tried for keyword in self.summary.keywords)
        write(f"keywords of the spec tried: {tried} of {len(self.summary.keywords)}")
        write(f"report: {self._folder / 'contract.html'}")


def _write(summary: Summary, folder: Path | None, file: Path | None) -> None:
    text = json.dumps(asdict(summary), indent=1, ensure_ascii=False)
    files = [(file, text)] if file else []
    if folder:
        files += [
            (folder / "contract.json", text),
            (folder / "contract.html", page.render(summary)),
        ]
    for path, content in files:
        path.write_text(content, encoding="utf-8", errors="backslashreplace")


def write_stop(target: str, text: str, outputs: Mapping[str, Path]) -> None:
    """Write to each place that was asked for that a run did not begin, and why."""
    outcome = Outcome("preflight", "preflight", "failed", [], text)
    began = {"began": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", "took": "0 s"}
    _write(Summary(target, began, outcomes=[outcome]), outputs.get("report"), outputs.get("json"))
    if junit := outputs.get("junit"):
        suite = Element("testsuite", name="samsara-contract", tests="1", errors="1")
        case = SubElement(suite, "testcase", classname="samsara-contract", name="preflight")
        SubElement(case, "error", message=text)
        ElementTree(suite).write(junit, encoding="utf-8", xml_declaration=True)


def cause_lines(number: int, cause: Cause, width: int) -> list[str]:
    """Return what the terminal shows of a cause; the command at the end stays in one piece."""
    failure, label = cause.failure, f"{number}. "
    wrap = textwrap.TextWrapper(width=width, break_on_hyphens=False)
    wrap.initial_indent, wrap.subsequent_indent = label, " " * len(label)
    lines = wrap.wrap(f"{failure.operation}: {failure.expected}")
    wrap.subsequent_indent = " " * 11
    wrap.max_lines, wrap.placeholder = _LINES, " …"
    others = len(cause.tests) - 1
    tests = cause.tests[0] + (f" and {_count(others, 'other')}" if others else "")
    for name, text in [*failure.rows(), ("tests", tests)]:
        wrap.initial_indent = f"  {name:<8} "
        lines += wrap.wrap(_from(text, failure.expected))
    return [*lines, f"  {'replay':<8} {cause.replay}"]


def _from(text: str, headline: str) -> str:
    """Return a text from a little before what the headline names: of the record, the part."""
    names = [name for name in _NAMED.findall(headline) if name in text]
    if not names:
        return text
    parts = [found.start() for found in re.finditer(re.escape(names[-1]), text)]
    start = min(parts, key=lambda part: abs(part - text.index(names[0]))) - _BEFORE
    return f"… {text[start:]}" if start > 0 else text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _breach_in(error: BaseException) -> Breach | None:
    """Return a breach, also one that Hypothesis has wrapped because it did not come again."""
    if isinstance(error, Breach):
        return error
    return next(filter(None, map(_breach_in, getattr(error, "exceptions", ()))), None)


def _versions(caller: Path) -> dict[str, str]:
    """Return the versions of what runs, and the commit of the caller's folder, if any."""
    found = {name: version(name) for name in _DISTRIBUTIONS}
    found["Python"] = platform.python_version()
    with suppress(OSError, subprocess.SubprocessError):
        command = ["git", "describe", "--always", "--dirty"]
        done = subprocess.run(
            command, cwd=caller, capture_output=True, text=True, check=True, timeout=5
        )
        found["commit"] = done.stdout.strip()
    return found
