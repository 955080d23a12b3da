"""Run the trials, a few at a time, each in a fork of a process that has collected the tests."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from samsara_qualifications_contract.mutants.trial import TIMED_OUT, Verdict, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    import pytest

    from samsara_qualifications_contract.mutants.fault import Fault

SECONDS = 240.0
_FORK = multiprocessing.get_context("fork")


class _Running:
    """A trial in its own process."""

    def __init__(self, number: int, fault: Fault | None, items: Sequence[pytest.Item]) -> None:
        self.number = number
        self._end = time.monotonic() + SECONDS
        self.inlet: Connection
        self.inlet, outlet = _FORK.Pipe(duplex=False)
        self._process: BaseProcess = _FORK.Process(target=run, args=(fault, items, outlet))
        self._process.start()
        outlet.close()

    def verdict(self) -> Verdict | None:
        """Return what came of it; `None` while it runs."""
        if self.inlet.poll():
            found = self._received()
        elif time.monotonic() > self._end:
            self._process.kill()
            found = Verdict(TIMED_OUT)
        else:
            return None
        self._process.join()
        return found

    def _received(self) -> Verdict:
        try:
            verdict: Verdict = self.inlet.recv()
        except EOFError:
            return Verdict("crashed", "", "the process ended without a verdict")
        return verdict


def run_all(
    trials: Sequence[tuple[Fault | None, Sequence[pytest.Item]]],
    tell: Callable[[int, Verdict], None],
    doubtful: Callable[[int, Verdict], bool],
) -> list[Verdict]:
    """
    Run trials in processes of their own, some at a time.

    A doubtful verdict may be the machine's: that trial is run once more, alone.

    Args:
        trials: Each fault, with the tests to run.
        tell: Called with the number of each trial that has ended, and its verdict.
        doubtful: Says whether the verdict of a trial may be wrong because others ran beside it.
    """
    numbered = dict(enumerate(trials))
    width = 2 * (os.cpu_count() or 1)  # some trials wait more than they work
    verdicts = dict(_run(numbered, width))
    for number, verdict in sorted(verdicts.items()):
        if doubtful(number, verdict):
            ((_, alone),) = _run({number: numbered[number]}, 1)
            slow = alone.outcome == TIMED_OUT or alone.outcome != verdict.outcome
            verdicts[number] = replace(alone, slow=slow)
        tell(number, verdicts[number])
    return [verdicts[number] for number in numbered]


def _run(
    trials: Mapping[int, tuple[Fault | None, Sequence[pytest.Item]]], width: int
) -> Iterator[tuple[int, Verdict]]:
    running: list[_Running] = []
    waiting = [(number, *trial) for number, trial in trials.items()][::-1]
    while waiting or running:
        while waiting and len(running) < width:
            running.append(_Running(*waiting.pop()))
        wait([trial.inlet for trial in running], timeout=1)
        for trial in list(running):
            if verdict := trial.verdict():
                running.remove(trial)
                yield trial.number, verdict
