"""The result of the mutation run: a summary to keep, and all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from samsara_qualifications_contract.mutants.trial import ROOT, TIMED_OUT, Verdict

if TYPE_CHECKING:
    from samsara_qualifications_contract.mutants.fault import Fault

SUMMARY = ROOT / "contract_tests" / "MUTATIONS.md"
REPORTS = ROOT / ".reports"
_HEAD = """\
# The mutation run

Made by `make mutation`; do not edit. Each fault was seeded by itself, and killed by an assertion or
by an error of the client's that its test does not expect: another crash, a flaky test, a time-out
or a red baseline would be no kill. `.reports/mutations.md` says of each which one that was.
"""


@dataclass(frozen=True)
class Result:
    """
    What came of all trials.

    Attributes:
        alarms: The right servers and clients, which must survive.
        faults: The faults, which must be killed, with the side that they were seeded in.
    """

    alarms: list[tuple[str, Verdict]]
    faults: list[tuple[str, Fault, Verdict]]

    def good(self) -> bool:
        """Tell whether all faults were killed, and nothing that is right."""
        killed = all(verdict.outcome == "killed" for _, _, verdict in self.faults)
        return killed and all(verdict.outcome == "survived" for _, verdict in self.alarms)

    def slowness(self) -> str:
        """Say how often the machine was too slow to tell; empty if it never was."""
        verdicts = [*(v for _, v in self.alarms), *(v for _, _, v in self.faults)]
        slow = sum(verdict.slow for verdict in verdicts)
        lost = sum(verdict.outcome == TIMED_OUT for verdict in verdicts)
        if not slow:
            return ""
        return f"machine too slow: {slow} trials came out otherwise alone, or timed out" + (
            f"; {lost} are undecided: run make mutation when nothing else runs" if lost else ""
        )

    def summary(self) -> str:
        """Return the numbers in a line."""
        sides = Counter(side for side, _, _ in self.faults)
        outcomes = Counter(verdict.outcome for _, _, verdict in self.faults)
        alarms = sum(verdict.outcome not in {"survived", TIMED_OUT} for _, verdict in self.alarms)
        counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
        return (
            f"{len(self.faults)} faults ({sides['server']} server, {sides['client']} client): "
            f"{counts}; {alarms} false alarms in {len(self.alarms)} right ones"
        )


def write(result: Result) -> None:
    """Write both forms."""
    REPORTS.mkdir(exist_ok=True)
    SUMMARY.write_text(summary(result), encoding="utf-8")
    (REPORTS / "mutations.md").write_text(markdown(result), encoding="utf-8")


def summary(result: Result) -> str:
    """Return how many faults of each kind were killed."""
    lines = [_HEAD, result.summary() + ".", "", "| side | kind | killed |", "|---|---|---|"]
    every = Counter((side, fault.group) for side, fault, _ in result.faults)
    killed = Counter((s, fault.group) for s, fault, v in result.faults if v.outcome == "killed")
    lines += [f"| {s} | {kind} | {killed[s, kind]} of {n} |" for (s, kind), n in every.items()]
    return "\n".join(lines) + "\n"


def markdown(result: Result) -> str:
    """Return every fault, and the assertion that killed it."""
    lines = ["# Seeded faults", "", result.summary() + ".", "", "| right | outcome |", "|---|---|"]
    lines += [f"| {name} | {verdict.outcome} |" for name, verdict in result.alarms]
    for side in ("server", "client"):
        lines += ["", f"## Faults of the {side}", ""]
        lines += ["| fault | breaks | outcome | test | assertion |", "|---|---|---|---|---|"]
        lines += [
            f"| {fault.group}: {fault.text} | {fault.contract} | {verdict.outcome} "
            f"| {_cell(verdict.test)} | {_cell(verdict.assertion)} |"
            for own, fault, verdict in result.faults
            if own == side
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    plain = text.replace("|", "\\|").replace("\n", " ")
    return f"`{plain}`" if plain else ""
