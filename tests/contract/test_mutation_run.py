"""The mutation run under load: what the machine was too slow for is said, and is no false alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.mutants import catalogue, runner
from samsara_qualifications_contract.mutants.table import Result
from samsara_qualifications_contract.mutants.trial import TIMED_OUT, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SURVIVED, KILLED, LATE = Verdict("survived"), Verdict("killed", "t", "a"), Verdict(TIMED_OUT)


@pytest.mark.parametrize(
    ("together", "alone", "expected"),
    [
        (SURVIVED, None, SURVIVED),
        (KILLED, SURVIVED, Verdict("survived", slow=True)),
        (KILLED, KILLED, KILLED),
        (LATE, SURVIVED, Verdict("survived", slow=True)),
        (LATE, LATE, Verdict(TIMED_OUT, slow=True)),
    ],
)
def test_a_doubtful_trial_is_run_once_more_alone(
    together: Verdict, alone: Verdict | None, expected: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says alone counts."""
    widths: list[int] = []

    def run(trials: Mapping[int, Any], width: int) -> Iterator[tuple[int, Verdict | None]]:
        widths.append(width)
        yield from ((number, together if len(widths) == 1 else alone) for number in trials)

    monkeypatch.setattr(runner, "_run", run)
    told: list[Verdict] = []
    verdicts = runner.run_all(
        [(None, [])], lambda _, verdict: told.append(verdict), lambda _, v: v != SURVIVED
    )
    assert [expected] == verdicts == told
    assert widths[1:] == ([] if alone is None else [1])


def test_a_slow_machine_is_no_false_alarm() -> None:
    """But the run proves nothing of what timed out."""
    slow = Verdict("survived", slow=True)
    late = Verdict(TIMED_OUT, slow=True)
    fault = catalogue.SERVER[0]
    assert Result([("right", slow)], []).good()
    assert "machine too slow: 1 trials" in Result([("right", slow)], []).slowness()
    undecided = Result([("right", late)], [("server", fault, late)])
    assert not undecided.good()
    assert "2 are undecided: run make mutation when nothing else runs" in undecided.slowness()
    assert "0 false alarms in 1 right ones" in undecided.summary()
    wrong = Result([("right", KILLED)], [])
    assert ("", False) == (wrong.slowness(), wrong.good())
    assert "1 false alarms" in wrong.summary()
