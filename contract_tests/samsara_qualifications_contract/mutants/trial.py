"""One trial: the suite against one fault, in a process of its own."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.mutants.fault import Fault, swap

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from multiprocessing.connection import Connection

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
SERVER_FILES = [
    "test_behaviours",
    "test_fields",
    "test_streams",
    "test_protocol",
    "test_limits",
    "test_bodies",
    "test_model",
]
CLIENT_FILES = [
    "test_wire",
    "test_client",
    "test_retries",
    "test_exchanges",
    "test_confirm",
    "test_labels",
    "test_responses",
    "test_outages",
]
FIRST = {
    "auth": "test_protocol",
    "paths": "test_protocol",
    "bodies": "test_protocol",
    "queries": "test_protocol",
    "errors": "test_protocol",
    "types of values": "test_bodies",
    "limits": "test_limits",
    "stream": "test_streams",
    "types": "test_streams",
    "fields": "test_fields",
    "values": "test_fields",
    "input": "test_client",
    "secrets": "test_client",
    "retries": "test_retries",
    "waits": "test_retries",
    "outages": "test_outages",
    "confirm": "test_confirm",
    "labels": "test_labels",
    "exchange": "test_exchanges",
    "gate": "test_exchanges",
    "reader": "test_responses",
}


TIMED_OUT = "timed out"


@dataclass(frozen=True)
class Verdict:
    """
    What came of a trial.

    Attributes:
        outcome: `killed` by an assertion; `survived`; or, not a kill: `crashed`, `timed out`.
        test: The test that failed.
        assertion: Where the assertion stands, and what it said.
        slow: Whether the machine was too slow: it timed out, or came out otherwise alone.
    """

    outcome: str
    test: str = ""
    assertion: str = ""
    slow: bool = False


class Witness:
    """A pytest plugin that notes the first failure, and whether an assertion made it."""

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self.passed = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Look at each phase of each test."""
        report = yield
        self.passed += report.passed and call.when == "call"
        if report.failed and call.excinfo is not None and self.verdict is None:
            by_assertion = isinstance(call.excinfo.value, (AssertionError, pytest.fail.Exception))
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
            swap("mock.server:MockServer._breach", lambda *_: None)()  # it must not help the suite
            fault.apply()
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
        if witness.verdict:
            return witness.verdict
    return Verdict("survived") if witness.passed else Verdict("crashed", "", "no test ran")


def ordered(
    items: Sequence[pytest.Item], files: Sequence[str], group: str = ""
) -> list[pytest.Item]:
    """Return the tests of some files, those first that are the likeliest to catch a fault."""
    first = FIRST.get(group)
    order = sorted(files, key=lambda name: name != first)
    return [item for name in order for item in items if item.path.stem == name]


def _assertion(info: pytest.ExceptionInfo[BaseException]) -> str:
    """Return where the assertion stands, and what it said; its source where it said nothing."""
    ours = [
        entry
        for entry in info.traceback
        if HERE in Path(entry.path).parents and entry.name not in {"must", "answers"}
    ]
    entry = ours[-1] if ours else info.traceback[-1]
    said = str(info.value).strip() or str(entry.statement).strip() or type(info.value).__name__
    return f"{Path(entry.path).name}:{entry.lineno + 1}: {said.splitlines()[0][:160]}"
