"""How a budget stands, and what happens to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .stores.store import PAUSES, EventKind, Pause
from .window import LANES, Lane

if TYPE_CHECKING:
    from .stores.store import Use
    from .window import RateLimit


class BudgetEvent(NamedTuple):
    """
    Something happened to a budget that its users should hear of.

    Attributes:
        kind: `"outage"`: the store does not answer; `"recovered"`: it answers again; `"alone"`:
            this process goes on with a share of its own; `"log_lost"`: what was sent of late is
            not known any more; `"log_new"`: nothing was known from the start.
        store: Where the log stands, without passwords.
        text: A sentence about it.
    """

    kind: EventKind
    store: str
    text: str


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """
    How far one limit of a budget is used, by all who share it.

    Attributes:
        key: What the limit counts.
        requests: Requests that a window allows.
        window_seconds: The length of the window in seconds.
        used: Slots that are not free.
        free: Slots that an interactive call can have at once; 0 while there is a pause.
        in_flight: Those of the used slots whose request is under way.
        waiting: How many calls of this process wait in each lane.
        interactive_rate: Interactive requests a second, of late.
        pace: Seconds between two bulk requests, with as many interactive ones as of late; infinity
            if these need all slots.
        paused_for: Seconds in which nobody may send; 0 if there is no pause.
        paused_since: Seconds since that was asked for; 0 if there is no pause.
        paused_because: Why: the server asked for it, or the log was lost; empty without a pause.
    """

    key: str
    requests: int
    window_seconds: float
    used: int
    free: int
    in_flight: int
    waiting: Mapping[Lane, int]
    interactive_rate: float
    pace: float
    paused_for: float
    paused_since: float
    paused_because: str


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """
    How a budget stands.

    Attributes:
        store: Where its log stands, without passwords.
        healthy: Whether the store answers.
        trouble: Why it does not; empty if it does.
        limits: Each limit; empty while the store does not answer.
    """

    store: str
    healthy: bool
    trouble: str
    limits: tuple[LimitStatus, ...]


def limit_status(key: str, limit: RateLimit, use: Use, waiting: Mapping[Lane, int]) -> LimitStatus:
    """Put together what is known of a limit."""
    pause = use.pause or Pause(0.0, 0.0, "")
    for_bulk = limit.requests / limit.window_seconds - use.interactive_rate
    return LimitStatus(
        key=key,
        requests=limit.requests,
        window_seconds=limit.window_seconds,
        used=use.used,
        free=0 if use.pause else max(limit.requests - use.used, 0),
        in_flight=use.in_flight,
        waiting={lane: waiting.get(lane, 0) for lane in LANES},
        interactive_rate=use.interactive_rate,
        pace=1 / for_bulk if for_bulk > 0 else math.inf,
        paused_for=pause.left,
        paused_since=pause.ago,
        paused_because=PAUSES.get(pause.why, ""),
    )
