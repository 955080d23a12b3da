"""One trial: the suite against one fault, in a process of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications import QualificationsError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from multiprocessing.connection import Connection

    from samsara_qualifications_contract.mutants.fault import Fault

ROOT = Path(__file__).parents[3]
FACADE = "tests/facade"
ROWS = "tests/faults/test_table.py::test_row"
SUITE = "contract_tests/samsara_qualifications_contract"
TESTS = {
    "server": [
        f"{SUITE}/server/test_{name}.py"
        for name in ("behaviours", "fields", "streams", "protocol", "limits", "bodies", "model")
    ],
    "client": [
        *(
            f"{FACADE}/test_{name}.py"
            for name in ("requests_wire", "values", "fields", "flow", "errors", "config", "confirm")
        ),
        *(
            f"{FACADE}/test_{name}.py"
            for name in ("retry", "labels", "sentinels", "strict", "bounds", "exchange")
        ),
        "tests/test_decode.py",
        f"{FACADE}/test_client.py",
        *(f"{FACADE}/test_gate.py::test_{word}" for word in ("who_", "a_", "an_", "one_", "the_")),
        *(
            f"{ROWS}[{row}"
            for row in (
                *("lent-", "hook-", "two-answers-", "chain-cut-off-", "proxy-407-", "error-cut-"),
                *("dead-address-then-live-", "proxy-drips-", "body-gzip-"),
            )
        ),
    ],
}
"""What the nodeids of the tests of each side begin with; the fast ones come first."""
FIRST = {
    **dict.fromkeys(["auth", "paths", "bodies", "queries"], "server/test_protocol"),
    "types of values": "server/test_bodies",
    **dict.fromkeys(["stream", "types"], "server/test_streams"),
    **dict.fromkeys(["fields", "values"], "server/test_fields"),
    "errors": "test_protocol test_flow",
    "limits": "test_limits facade/test_client",
    "pages": "facade/test_client",
    **dict.fromkeys(["waits", "outages"], "test_flow test_retry"),
    "retries": "test_flow facade/test_client",
    "secrets": "test_config",
    "confirm": "test_confirm facade/test_client",
    "labels": "test_labels",
    "exchange": "test_bounds test_exchange test_row",
    "gate": "test_gate",
    "reader": "test_decode",
}
"""Where faults of a group are likely to be caught."""

TIMED_OUT = "timed out"
_KILLS = (AssertionError, pytest.fail.Exception, QualificationsError)
"""An error of the client's that its test does not expect says as much as an assertion."""


@dataclass(frozen=True)
class Verdict:
    """
    What came of a trial.

    Attributes:
        outcome: `killed` by an assertion, or by an error of the package that the test does not
            expect; `survived`; or, not a kill: `crashed`, `timed out`.
        test: The test that failed.
        assertion: Where the assertion stands, and what it said.
        slow: Whether the machine was too slow: it timed out, or came out otherwise alone.
    """

    outcome: str
    test: str = ""
    assertion: str = ""
    slow: bool = False


class Witness:
    """
    A pytest plugin that notes the first assertion that failed.

    What fails otherwise is no kill: it is noted, and the tests go on.
    """

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self.passed = 0

    @property
    def killed(self) -> bool:
        """Whether an assertion has failed."""
        return self.verdict is not None and self.verdict.outcome == "killed"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Look at each phase of each test."""
        report = yield
        self.passed += report.passed and call.when == "call"
        if report.failed and call.excinfo is not None and not self.killed:
            by_assertion = isinstance(call.excinfo.value, _KILLS)
            self.verdict = Verdict(
                "killed" if by_assertion else "crashed",
                item.nodeid.rpartition("/")[2],
                _assertion(call.excinfo),
            )
        return report


def run(fault: Fault | None, items: Sequence[pytest.Item], out: Connection) -> None:
    """Make the fault, run the tests until one fails, and send the verdict. Ends the process."""
    try:
        if fault:
            fault.seed()
        out.send(_run_until_failure(items))
    except BaseException as error:  # noqa: BLE001  whatever it is, it is not a kill
        out.send(Verdict("crashed", "", repr(error)[:300]))
    os._exit(0)


def _run_until_failure(items: Sequence[pytest.Item]) -> Verdict:
    witness = Witness()
    plugins = items[0].config.pluginmanager
    plugins.register(witness)
    plugins.unregister(name="terminalreporter")  # the run tells what came of it
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if witness.killed:
            break
    if witness.verdict:
        return witness.verdict
    return Verdict("survived") if witness.passed else Verdict("crashed", "", "no test ran")


def ordered(items: Sequence[pytest.Item], side: str, group: str = "") -> list[pytest.Item]:
    """Return the tests of a side, those first that are the likeliest to catch a fault."""
    first = FIRST.get(group, "").split()
    order = sorted(TESTS[side], key=lambda start: not any(name in start for name in first))
    return [item for start in order for item in items if item.nodeid.startswith(start)]


def _assertion(info: pytest.ExceptionInfo[BaseException]) -> str:
    """Return where the assertion stands, and what it said; its source where it said nothing."""
    ours = [
        entry
        for entry in info.traceback
        if ROOT in Path(entry.path).parents and entry.name not in {"must", "answers"}
    ]
    entry = ours[-1] if ours else info.traceback[-1]
    said = str(info.value).strip() or str(entry.statement).strip() or type(info.value).__name__
    return f"{Path(entry.path).name}:{entry.lineno + 1}: {said.splitlines()[0][:160]}"
