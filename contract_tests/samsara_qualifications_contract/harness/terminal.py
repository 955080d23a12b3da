"""What a person sees of a run: a dot for each check, then what the report says; nothing of pytest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TextIO

WIDTH = 72
_SIGNS = {"passed": ".", "failed": "F", "skipped": "s"}


class Terminal:
    """
    A pytest plugin in the place of pytest's own terminal reporter.

    Args:
        out: Where to write.

    Attributes:
        counts: How many checks passed, failed and were skipped.
        trouble: What broke down in the suite itself; empty where nothing did.
    """

    def __init__(self, out: TextIO) -> None:
        self.counts: Counter[str] = Counter()
        self.trouble: list[str] = []
        self.stats: dict[str, list[pytest.TestReport]] = {}  # Hypothesis would look for hints there
        self._out = out
        self._total = 0

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the run, as plugins expect of what they write to."""
        self.config = config

    def write(self, text: str, **_: Any) -> None:
        """Write, and show it at once."""
        self._out.write(text)
        self._out.flush()

    def write_line(self, line: str, **_: Any) -> None:
        """Write a line."""
        self.write(f"{line}\n")

    def write_sep(self, sep: str, title: str = "", **_: Any) -> None:
        """Write a title."""
        self.write_line(title or sep * WIDTH)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know how many checks there are, where this process runs them."""
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Know how many checks there are, where others run them."""
        self._total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show an outcome."""
        if report.when != "call" and report.outcome == "passed":
            return
        self.counts[report.outcome] += 1
        self.write(_SIGNS[report.outcome])
        done = self.counts.total()
        if done % WIDTH == 0 or done == self._total:
            self.write_line(f"{'':{-done % WIDTH}} {done}/{self._total}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be loaded."""
        if report.failed:
            self.trouble.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        """Note a failure of the suite itself."""
        self.trouble.append(str(excrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, None, None]:
        """Let the report say what came of it."""
        yield
        if self.counts.total() < self._total:
            self.write("\n")
        if not self.trouble:
            self.config.hook.pytest_terminal_summary(
                terminalreporter=self, exitstatus=exitstatus, config=self.config
            )
