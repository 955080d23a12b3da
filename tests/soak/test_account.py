"""The soak can fail: each thing that must not be is found in a journal that shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.soak.account import Account
from tests.soak.usage import Usage, growth
from tests.soak.workers import Outcome

RECORD = "r1"
UPDATE = {"did": "apply", "key": "w1-0", "body": {"id": RECORD}, "at": 10.0}
COME = {"did": "come", "key": "w1-0", "fault": "none"}
SUCCESS = {"did": "answer", "key": "w1-0", "status": 200}
JOURNAL = [{"did": "start"}, COME, UPDATE, SUCCESS, {"did": "start"}]


def _mismatches(
    *outcomes: Outcome, journal: list[dict[str, Any]] = JOURNAL, unfinished: tuple[str, ...] = ()
) -> list[str]:
    """Return what an account finds, beside an update that went well."""
    well = Outcome("w2-0", "r2", "success", applied=True)
    lines = [*journal, {"did": "apply", "key": "w2-0", "body": {"id": "r2"}, "at": 11.0}]
    account = Account(map(json.dumps, lines))
    return list(account.mismatches([well, *outcomes], unfinished))


def _outcome(*, applied: bool | None = True, **more: Any) -> Outcome:
    return Outcome("w1-0", RECORD, "success" if applied else "ServerError", applied, **more)


@pytest.mark.parametrize(
    ("outcome", "journal"),
    [
        (_outcome(), JOURNAL),
        (_outcome(applied=None), JOURNAL),
        (_outcome(applied=None), [JOURNAL[0], COME, JOURNAL[0]]),
        (_outcome(applied=False), [JOURNAL[0], COME, JOURNAL[0]]),
        (_outcome(timeouts=1), [*JOURNAL, COME, COME, UPDATE, SUCCESS]),
        (_outcome(applied=None, asked=12.0, answered=13.0, confirmed=True), JOURNAL),
        (_outcome(applied=None, asked=8.0, answered=9.0, confirmed=False), JOURNAL),
        (_outcome(applied=None, asked=9.0, answered=11.0, confirmed=False), JOURNAL),
    ],
    ids=[
        "success",
        "unknown, applied",
        "unknown, not applied",
        "not applied",
        "sent again after a time-out",
        "confirmed",
        "applied after it was looked for",
        "applied while it was looked for",
    ],
)
def test_what_agrees_is_no_mismatch(outcome: Outcome, journal: list[dict[str, Any]]) -> None:
    """What a caller may know of an update is no mismatch."""
    assert [] == _mismatches(outcome, journal=journal)


@pytest.mark.parametrize(
    ("outcome", "journal", "found"),
    [
        (_outcome(), [JOURNAL[0], COME, JOURNAL[0]], "the server did not apply it"),
        (_outcome(applied=False), JOURNAL, "the server applied it"),
        (_outcome(), [*JOURNAL, COME], "sent again after a success status, without a time-out"),
        (
            _outcome(timeouts=1),
            [*JOURNAL, COME, UPDATE, SUCCESS, COME],
            "sent again after a success status, without a time-out",
        ),
        (
            _outcome(repeated=True),
            JOURNAL,
            "sent again after a success status that the client had seen",
        ),
        (
            _outcome(applied=None, asked=12.0, answered=13.0, confirmed=False),
            JOURNAL,
            "confirm said False",
        ),
        (
            _outcome(applied=None, asked=8.0, answered=9.0, confirmed=True),
            JOURNAL,
            "confirm said True",
        ),
        (_outcome(problem="a foreign exception"), JOURNAL, "a foreign exception"),
    ],
)
def test_what_disagrees_is_found(
    outcome: Outcome, journal: list[dict[str, Any]], found: str
) -> None:
    """Each outcome that the journal refutes is a mismatch, and says why."""
    text = f"w1-0 ({outcome.result}, applied={outcome.applied}): {found}"
    assert [text] == _mismatches(outcome, journal=journal)


def test_each_update_has_an_outcome() -> None:
    """An update that nobody knows of, or that never ended, is a mismatch."""
    assert ["w1-0: applied, but no caller knows of it"] == _mismatches()
    assert ["w1-0: the call never ended"] == _mismatches(unfinished=("w1-0",))


def test_a_soak_without_a_restart_is_none() -> None:
    """A server that was started once only proves too little."""
    assert ["no soak: 1 starts of the server, 2 updates"] == _mismatches(
        _outcome(), journal=JOURNAL[:-1]
    )


def test_growth_is_found() -> None:
    """More descriptors, threads or memory at the end are mismatches; a little memory is not."""
    before, first = Usage(40, 6, 1), Usage(60, 6, 2)
    assert [] == list(growth(before, first, Usage(70, 6, 1)))
    assert [
        "6 descriptors became 7",
        "1 threads became 3",
        "60.0 MiB became 99.0 MiB",
    ] == list(growth(before, first, Usage(99, 7, 3)))
