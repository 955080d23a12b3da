"""What a push tells: rows, changes, counts, progress, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from ..errors import QualificationsError

Value: TypeAlias = date | float | str | list[str]
"""A value as a person reads it: an option by its label; a table or a file in a few words."""

Outcome: TypeAlias = Literal[
    "planned", "sent", "unknown", "applied", "right", "duplicate", "conflict", "failed", "error"
]
"""
Where a row stands: planned, still to be sent; sent, perhaps; unknown, sent, and to be read back;
applied; right, it was there already; duplicate, an earlier row says the same; conflict, somebody
changed the record since the plan, and it is left alone; failed, refused by the server; error, it
cannot be planned.
"""

LEFT: Final[tuple[Outcome, ...]] = ("planned", "sent", "unknown")
FAILED: Final[tuple[Outcome, ...]] = ("conflict", "failed", "error")

Stop: TypeAlias = Literal["interrupted", "outage", "refused"]
"""Why a push stopped early: Ctrl-C, an outage that lasts, an error that would meet all rows."""


class Change(NamedTuple):
    """
    One value that a row changes.

    Attributes:
        name: `"expires"`, `"issued"`, a custom field's label, or the system of an external id.
        old: The value when the plan was made; `None` where there was none.
        new: The value that it gets; `None` where it is cleared.
    """

    name: str
    old: Value | None
    new: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A row of the input, and what became of it.

    Attributes:
        number: Its number in the input.
        outcome: Where it stands.
        action: `"create"` where it makes a record, else `"update"`.
        key: What finds its record, such as `"owner 281474"`.
        record_id: The record; empty where there is none yet.
        entity_type: `"worker"` or `"asset"`.
        owner_id: The record's owner; empty where it is not known.
        type_name: The qualification type.
        changes: What it changes.
        error: What is wrong, or else to be known.
        applied: Whether the server applied it; `None` where that is unknown.
        request_id: The server's id of the request that failed, where it gave one.
        time: When that was noted; `None` before anything was sent.
        cells: The input's own columns.
    """

    number: int
    outcome: Outcome
    action: Literal["update", "create"]
    key: str
    record_id: str
    entity_type: str
    owner_id: str
    type_name: str
    changes: list[Change]
    error: str
    applied: bool | None
    request_id: str
    time: datetime | None
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """
    A plan in figures.

    Attributes:
        rows: How many rows the input had.
        counts: How many of them stand where.
        creations: How many rows make a record, of those that were or are to be sent.
        clears: How many clear something, of the same.
        per_minute: How many updates the client's limit allows in a minute.
        notes: What a person should look at before it is applied.
        refusals: Why it cannot be applied; empty where it can.
    """

    rows: int
    counts: Mapping[Outcome, int]
    creations: int
    clears: int
    per_minute: float
    notes: list[str]
    refusals: list[str]

    @property
    def left(self) -> int:
        """How many rows are still to be sent, or read back."""
        return sum(self.counts.get(outcome, 0) for outcome in LEFT)

    @property
    def failed(self) -> int:
        """How many rows need a person."""
        return sum(self.counts.get(outcome, 0) for outcome in FAILED)


class Progress(NamedTuple):
    """
    How far a push is.

    Attributes:
        phase: What is done: `"rows"` and `"records"` are read, then `"updates"` sent.
        done: How many so far.
        total: How many in all; `None` where that is not known.
        errors: How many rows need a person so far.
        rate: Rows a second, of late.
        rest: Seconds until all is done; `None` where that is not known.
        waiting: What the push waits for; empty while it goes on.
    """

    phase: Literal["rows", "records", "updates"]
    done: int
    total: int | None
    errors: int = 0
    rate: float = 0.0
    rest: float | None = None
    waiting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    How a push ended.

    Attributes:
        summary: The plan's figures.
        stopped: Why it ended early, so that the same call goes on; `None` where all is done.
        error: What stopped it, where an error did.
    """

    summary: Summary
    stopped: Stop | None
    error: QualificationsError | None
