"""
The mutation run: every seeded fault must be caught by an assertion, and no right server refused.

    python -m samsara_qualifications_contract.mutants [--only TEXT]

Writes `.reports/mutations.md`, and the summary `contract_tests/MUTATIONS.md`, unless `--only` is
given.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.mutants import catalogue, table, variants
from samsara_qualifications_contract.mutants.runner import run_all
from samsara_qualifications_contract.mutants.trial import ROOT, TESTS, TIMED_OUT, Verdict, ordered

if TYPE_CHECKING:
    from samsara_qualifications_contract.mutants.fault import Fault


class MutationRun:
    """A pytest plugin that runs the collected tests once for each fault, instead of once."""

    def __init__(self, only: str) -> None:
        self._only = only
        self.result = table.Result([], [])

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the trials; tell pytest that the tests were run."""
        if session.testsfailed:
            return True
        rights: list[tuple[str, Fault | None]] = [("server", None), ("client", None)]
        rights += [("server", variant) for variant in variants.VARIANTS]
        every = [("server", fault) for fault in catalogue.SERVER]
        every += [("client", fault) for fault in catalogue.CLIENT]
        faults = [row for row in every if self._only in f"{row[1].group}: {row[1].text}"]
        trials = [*rights, *faults]
        verdicts = run_all(
            [
                (fault, ordered(session.items, side, fault.group if fault else ""))
                for side, fault in trials
            ],
            lambda number, verdict: _tell(trials[number][1], verdict, right=number < len(rights)),
            lambda number, verdict: (
                verdict.outcome == TIMED_OUT
                or (number < len(rights) and verdict.outcome != "survived")
            ),
        )
        self.result = table.Result(
            alarms=[
                (fault.text if fault else f"the mock and the client as they are ({side} tests)", v)
                for (side, fault), v in zip(rights, verdicts, strict=False)
            ],
            faults=[
                (side, fault, verdict)
                for (side, fault), verdict in zip(faults, verdicts[len(rights) :], strict=True)
            ],
        )
        return True


def _tell(fault: Fault | None, verdict: Verdict, *, right: bool) -> None:
    if verdict.outcome != ("survived" if right else "killed"):
        name = f"{fault.group}: {fault.text}" if fault else "as it is"
        sys.__stdout__.write(f"{verdict.outcome}: {name} {verdict.test} {verdict.assertion}\n")  # type: ignore[union-attr]


def main() -> int:
    """Run the trials; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m samsara_qualifications_contract.mutants")
    parser.add_argument("--only", default="", help="only faults whose text holds this")
    only = parser.parse_args().only
    began = time.monotonic()
    run = MutationRun(only)
    starts = [start for side in TESTS.values() for start in side]
    paths = sorted({str(ROOT / start.partition("::")[0]) for start in starts})
    options = ["-q", "--assert=plain", "-p", "no:cacheprovider"]
    options += ["-p", "samsara_qualifications_contract.plugin"]
    status = pytest.main([*options, *paths], plugins=[run])
    if not run.result.alarms:
        sys.stdout.write(f"the tests cannot be collected (pytest: {status!r})\n")
        return 1
    if not only:
        table.write(run.result)
    if slowness := run.result.slowness():
        sys.stdout.write(f"{slowness}\n")
    sys.stdout.write(f"{run.result.summary()} in {time.monotonic() - began:.0f} s\n")
    return 0 if run.result.good() else 1


if __name__ == "__main__":
    sys.exit(main())
