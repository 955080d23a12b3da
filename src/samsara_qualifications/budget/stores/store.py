"""What a store of logs does: the seam between the dispatcher and memory, SQLite or Redis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..window import Lane, Log, RateLimit

PAUSES = {
    "server": "the server asked all to wait",
    "lost": "the log of what was sent is lost, so one window has to pass",
    "alone": "a process had gone on alone while it could not reach the budget, so one window has to"
    " pass",
    "new": "the log is new and cold_start='wait', so one window has to pass",
}
"""Why nobody may send for a while, by the word that stands in the log."""

EventKind: TypeAlias = Literal["outage", "recovered", "alone", "log_lost", "log_new"]
Notify: TypeAlias = "Callable[[EventKind, str], None]"


@dataclass(slots=True, eq=False)
class Slot:
    """
    A slot under each of `limits`, taken or to be taken.

    Attributes:
        limits: The limits that it counts under, the slowest first.
        store: Where it was taken, once it is.
        taken: When it was taken, on the store's clock.
        id: What tells it from all others, where a store needs that.
        told: Whether its end was noted in this process's memory, where it was taken alone.
    """

    limits: Mapping[str, RateLimit]
    store: Store | None = None
    taken: float = 0.0
    id: str = ""
    told: bool = False


class Pause(NamedTuple):
    """
    A time in which nobody may send.

    Attributes:
        left: Seconds until it ends.
        ago: Seconds since it was asked for.
        why: The word for its reason, a key of `PAUSES`.
    """

    left: float
    ago: float
    why: str


class Wait(NamedTuple):
    """
    A slot cannot be taken now.

    Attributes:
        seconds: Until it can be, at the earliest.
        key: The limit that says so.
        pause: The pause that says so, if it is one.
    """

    seconds: float
    key: str
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """
    How far one limit is used.

    Attributes:
        used: Slots that are not free.
        in_flight: Those whose request is under way.
        interactive_rate: Interactive requests a second, of late.
        pause: The pause under way, if any.
    """

    used: int = 0
    in_flight: int = 0
    interactive_rate: float = 0.0
    pause: Pause | None = None


class Store(Protocol):
    """
    Keeps the logs. Thread-safe; every call is one atomic step.

    Raises:
        BudgetUnavailable: The store does not answer; the step may be taken again.
        ConfigurationError: The store cannot be used as it was opened.

    Attributes:
        title: What it is, without secrets, for messages.
        blocking: Whether calls do I/O, so that an event loop has to leave them to a thread.
        volatile: Whether it may lose what it knows, so that a new log is worth a warning.
        notify: Called with what a caller should hear of.
    """

    title: str
    blocking: bool
    volatile: bool
    notify: Notify

    @property
    def at_rest(self) -> bool:
        """Whether all slots are known to be free; never so of a log that others share."""
        ...

    def take(self, slot: Slot, lane: Lane) -> Wait | None:
        """Take a slot under every limit, or say how long to wait. Safe to repeat for one slot."""
        ...

    def settle(self, slot: Slot, ago: float) -> None:
        """Let the slot come free one window after `ago` seconds before now; at once if infinite."""
        ...

    def pause(self, key: str, seconds: float, why: str = "server") -> None:
        """Refuse everybody under `key` for this long, for a reason of `PAUSES`."""
        ...

    def use(self, limits: Mapping[str, RateLimit]) -> dict[str, Use]:
        """Return how far each limit is used. Changes nothing."""
        ...

    def close(self) -> None:
        """Release connections; the next call opens them again."""
        ...

    def before_fork(self) -> None:
        """Prepare for a fork: hold nothing that a child must not inherit."""
        ...

    def after_fork(self, *, child: bool) -> None:
        """Resume after a fork, in the parent or as its child."""
        ...


def pause_of(log: Log, now: float) -> Pause | None:
    """Return the pause of a log that is under way."""
    if log.paused <= now:
        return None
    return Pause(log.paused - now, now - log.paused_since, log.why)


def use_of(log: Log, limit: RateLimit, now: float) -> Use:
    """Return how far a log is used."""
    used = log.slots.expire(now)
    in_flight = log.slots.later(now + limit.window_seconds)
    return Use(used, in_flight, log.rate_at(now, limit), pause_of(log, now))


def tell_births(notify: Notify, news: Iterable[tuple[EventKind, str]]) -> None:
    """Say once which logs are new, and once which are lost."""
    keys: dict[EventKind, list[str]] = {}
    for kind, key in news:
        keys.setdefault(kind, []).append(repr(key))
    for kind, names in keys.items():
        notify(kind, ", ".join(names))


def unheard(_kind: EventKind, _text: str) -> None:
    """Tell nobody."""


class Births:
    """
    What this process knows of the logs in which it took slots of late: shows whether one was lost.

    A log that began at another time is a new one; one that counts fewer slots than before is old: a
    backup, or a replica that lagged.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, float, int]] = {}

    def known(self, key: str, since: float) -> tuple[float, int]:
        """Return when the log began in which slots were taken since then, and its count; or 0."""
        taken, born, count = self._known.get(key, (-math.inf, 0.0, 0))
        return (born, count) if taken >= since else (0.0, 0)

    def note(self, key: str, now: float, born: float, count: int) -> None:
        """Remember a log in which slots are taken: when it began, and how many it has counted."""
        self._known[key] = (now, born, count)
