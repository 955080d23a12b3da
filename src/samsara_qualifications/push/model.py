"""What a push is told in, and what it tells: rows, changes, counts, progress, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

from ..errors import QualificationsError

Value: TypeAlias = date | float | str | tuple[str, ...]
"""A value as a person reads it: an option by its label; a table or a file in a few words."""

Outcome: TypeAlias = Literal[
    "planned", "sent", "unknown", "applied", "right", "duplicate", "conflict", "failed", "error"
]
"""
Where a row stands.

planned: it is still to be sent. sent: it may have been. unknown: it was, and its record has to be
read. applied: it is in the record. right: it was there already. duplicate: an earlier row says the
same. conflict: the record was changed since the plan, and is left alone. failed: the server refused
it. error: it cannot be planned.
"""

Stop: TypeAlias = Literal["interrupted", "outage", "refused"]
"""Why a push stopped early: Ctrl-C, an outage that lasts, a refusal that would meet all rows."""


class PlanError(QualificationsError, ValueError):
    """A plan cannot be made, read or applied like this; nothing more was sent."""


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
        action: What it asks of the server: `"create"` only where no record was found.
        key: What finds its record, such as `"owner 281474"`.
        record_id: The record's id; empty where none was found.
        entity_type: `"worker"` or `"asset"`.
        owner_id: The owner's id; empty where it is not known.
        type_name: The qualification type's name.
        changes: What it changes; empty where nothing is to be sent.
        error: What is wrong, or what else a person should know.
        applied: Whether the server applied it; `None` where that is unknown.
        request_id: The server's id of the last request, where it gave one.
        time: When the outcome was noted; `None` before anything was sent.
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
    changes: tuple[Change, ...]
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
        counts: How many stand where.
        creations: How many rows create a record, of those that were or are to be sent.
        clears: How many rows clear something, of the same.
        per_minute: How many updates the client's limit allows in a minute.
        notes: What a person should look at before it is applied.
        refusals: Why it cannot be applied; empty where it can.
    """

    rows: int
    counts: Mapping[Outcome, int]
    creations: int
    clears: int
    per_minute: float
    notes: tuple[str, ...]
    refusals: tuple[str, ...]

    @property
    def left(self) -> int:
        """How many rows are still to be sent, or read back."""
        return sum(self.counts.get(outcome, 0) for outcome in LEFT)

    @property
    def failed(self) -> int:
        """How many rows need a person."""
        return sum(self.counts.get(outcome, 0) for outcome in FAILED)


LEFT: tuple[Outcome, ...] = ("planned", "sent", "unknown")
FAILED: tuple[Outcome, ...] = ("conflict", "failed", "error")


class Progress(NamedTuple):
    """
    How far a push is.

    Attributes:
        phase: `"rows"` (of the input are read), `"records"` (are read) or `"updates"`.
        done: How many are done.
        total: How many there are; `None` where that is not known.
        errors: How many rows need a person so far.
        rate: Updates a second, of late; 0 where not known.
        rest: Seconds until all is done; `None` where not known.
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
        stopped: Why it ended early, so that the same call resumes it; `None` where all is done.
        error: What stopped it, where an error did.
    """

    summary: Summary
    stopped: Stop | None
    error: QualificationsError | None
