"""
A pytest plugin that gathers what the suite did: per test, per operation, per keyword of the spec.

It writes `contract.json` and `contract.html`, also where the tests ran in several processes; JUnit
XML is pytest's own (`--junitxml`).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.harness import page
from samsara_qualifications_contract.harness.coverage import Coverage, every_key
from samsara_qualifications_contract.harness.outcomes import Outcome, Summary
from samsara_qualifications_contract.oracle.judge import parsed

if TYPE_CHECKING:
    from collections.abc import Generator

    from samsara_qualifications_contract.harness.api import Reply
    from samsara_qualifications_contract.oracle.mutator import Mutation
    from samsara_qualifications_contract.oracle.spec import Operation

OPERATIONS = "operations"
COVERAGE = "contract_coverage"


class Observer:
    """Notes, in the process that runs a test, which operations it calls, and with what."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self._called: set[str] = set()

    def saw(self, reply: Reply) -> None:
        """Take note of an exchange with the target."""
        if reply.operation is None:
            return
        self._called.add(reply.operation.id)
        self.coverage.note(reply.operation, "request", parsed(reply.operation, reply.request))
        if reply.response.is_success and reply.operation.response_schema(reply.status):
            self.coverage.note(reply.operation, "response", reply.json())

    def mutated(self, operation: Operation, side: str, mutation: Mutation) -> None:
        """Take note of a single change to a body."""
        self._called.add(operation.id)
        self.coverage.note_mutation(operation, side, mutation)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Say with each test which operations it called."""
        self._called.clear()
        try:
            return (yield)
        finally:
            item.user_properties.append((OPERATIONS, ",".join(sorted(self._called))))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the counts to the process that writes the report."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[COVERAGE] = self.coverage.dump()


class Report:
    """
    Gathers the outcomes of all processes, and writes the files.

    Args:
        target: What is tested.
        observer: Counts what was tried, in this process.
        folder: Where to write.
    """

    def __init__(self, target: str, observer: Observer, folder: Path) -> None:
        self.summary = Summary(target)
        self._coverage = observer.coverage
        self._folder = folder

    def pytest_testnodedown(self, node: Any) -> None:
        """Take over the counts of a process that has ended."""
        self._coverage.load(node.workeroutput.get(COVERAGE, []))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note an outcome."""
        if report.when != "call" and report.outcome == "passed":
            return
        operations = dict(report.user_properties).get(OPERATIONS, "")
        text = report.longreprtext if report.failed else ""
        if report.skipped and isinstance(report.longrepr, tuple):
            text = str(report.longrepr[2]).removeprefix("Skipped: ")
        self.summary.outcomes.append(
            Outcome(
                test=report.nodeid.rpartition("/")[2],
                kind=Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_"),
                outcome=report.outcome,
                operations=str(operations).split(",") if operations else [],
                text=text,
            )
        )

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        summary = self.summary
        summary.outcomes.sort(key=lambda outcome: outcome.test)
        summary.tried = self._coverage.dump()
        summary.uncovered = [
            [*key, "valid" if not self._coverage.valid[key] else "invalid"]
            for key in every_key()
            if not (self._coverage.valid[key] and self._coverage.invalid[key])
        ]
        kills = self._folder / "mutations.json"
        if kills.exists():
            summary.mutations = json.loads(kills.read_text("utf-8"))
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(summary), indent=1, ensure_ascii=False)
        (self._folder / "contract.json").write_text(text, encoding="utf-8")
        (self._folder / "contract.html").write_text(page.render(summary), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was skipped, how much of the spec was tried, and where the report is."""
        skipped = sorted({o.text for o in self.summary.outcomes if o.outcome == "skipped"})
        for reason in skipped:
            count = sum(o.text == reason for o in self.summary.outcomes)
            terminalreporter.write_line(f"skipped {count}: {reason}")
        total = len(every_key())
        tried = total - len(self.summary.uncovered)
        terminalreporter.write_line(
            f"keywords tried with valid and invalid values: {tried}/{total}"
        )
        terminalreporter.write_line(f"report: {self._folder / 'contract.html'}")
