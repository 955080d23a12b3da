"""The result of the mutation run, as a table for people and as JSON for the report."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.mutations.trial import HERE, ROOT, TIMED_OUT, Verdict

if TYPE_CHECKING:
    from contract_tests.mutations.fault import Fault

MARKDOWN = HERE / "MUTATIONS.md"
JSON_FILE = ROOT / ".reports" / "mutations.json"
_HEAD = """\
# The mutation run

Made by `make mutation`; do not edit. Each fault was seeded by itself; the assertion is the first
that failed. A crash, a flaky test, a time-out or a red baseline would be no kill.
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
    MARKDOWN.write_text(markdown(result), encoding="utf-8")
    JSON_FILE.parent.mkdir(exist_ok=True)
    rows = [
        {"side": side, "group": fault.group, "text": fault.text, "contract": fault.contract}
        | vars(verdict)
        for side, fault, verdict in result.faults
    ]
    JSON_FILE.write_text(json.dumps({"summary": result.summary(), "faults": rows}, indent=1))


def markdown(result: Result) -> str:
    """Return the table for people."""
    lines = [_HEAD, result.summary() + ".", "", "| right | outcome |", "|---|---|"]
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
