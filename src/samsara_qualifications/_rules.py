"""What all calls of a client have in common, and the events that they report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import _values
from .budget import Lane
from .budget.window import LANES
from .errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._outage import Outage
    from ._wire import Operation
    from .budget import RateLimit
    from .retry import RetryPolicy, RetryQuota


ANSWER_SECONDS: Final = 60.0
"""How long an interactive call takes at most, unless the caller says otherwise."""


class RetryEvent(NamedTuple):
    """
    A call is about to be sent again.

    Attributes:
        operation: The client's method.
        record_id: The record that the call is about; empty where it is about none or several.
        attempt: The number of the attempt that failed; 1 is the first.
        wait: Seconds until the next one may start.
        reason: What went wrong.
    """

    operation: str
    record_id: str
    attempt: int
    wait: float
    reason: str


class WaitEvent(NamedTuple):
    """
    A call has waited for a slot of the budget.

    Attributes:
        operation: The client's method.
        record_id: The record that the call is about; empty where it is about none or several.
        attempt: The number of the attempt that waited; 1 is the first.
        lane: The lane in which it waited.
        waited: Seconds.
    """

    operation: str
    record_id: str
    attempt: int
    lane: Lane
    waited: float


class AnswerEvent(NamedTuple):
    """
    The server has answered, with a success or with an error.

    Attributes:
        operation: The client's method.
        record_id: The record that the call is about; empty where it is about none or several.
        attempt: The number of the attempt; 1 is the first.
        status: The HTTP status.
        headers: The headers by their names in lower case, without the token.
        body: The body as it came, unzipped, without the token.
        request_id: The server's id of the request, which Samsara's support asks for.
        seconds: From the slot to the answer: the exchange, and what it waited for others to end.
    """

    operation: str
    record_id: str
    attempt: int
    status: int
    headers: Mapping[str, str]
    body: bytes
    request_id: str | None
    seconds: float

    def __repr__(self) -> str:
        return (
            f"AnswerEvent({self.operation} {self.record_id}, attempt {self.attempt}, "
            f"{self.status}, request id {self.request_id}, {self.seconds:.3f} s)"
        )


def ignore(_event: object) -> None:
    """Do nothing with an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """
    What all calls of a client have in common.

    Attributes:
        policy: How often and how patiently to send again.
        quota: What retries draw on.
        outage: What the calls know of an outage.
        limits: For each operation, the limits that its calls count against, the slowest first.
        timeout: Seconds that one exchange may take.
        clock: Seconds that only ever rise.
        wall_clock: Seconds since 1970.
        random: A random number from 0 to 1.
        redact: Removes the token from a text of the server's.
        deadline: Seconds that a call takes at most; `None` for the lane's own.
        lane: The lane of calls that name none.
        on_answer: Called with an `AnswerEvent` for each answer; `None` where nobody listens.
        check: Validates a success's body further; used by strict clients.
    """

    policy: RetryPolicy
    quota: RetryQuota
    outage: Outage
    limits: Mapping[str, Mapping[str, RateLimit]]
    timeout: float
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    random: Callable[[], float]
    redact: Callable[[str], str]
    deadline: float | None = None
    lane: Lane = "interactive"
    on_answer: Callable[[AnswerEvent], None] | None = None
    on_retry: Callable[[RetryEvent], None] = ignore
    on_wait: Callable[[WaitEvent], None] = ignore
    check: Callable[[Operation[Any], bytes], None] | None = None

    def terms(self, deadline: float | None, lane: Lane | None) -> tuple[float, Lane]:
        """
        Return the seconds that a call may take, and its lane.

        Args:
            deadline: The call's own; without it the client's, or the lane's.
            lane: The call's own; without it the client's.
        """
        lane = self.lane if lane is None else checked_lane(lane)
        if deadline is not None:
            return _values.time_span("deadline", deadline), lane
        if self.deadline is not None:
            return self.deadline, lane
        return (math.inf if lane == "bulk" else ANSWER_SECONDS), lane


def checked_lane(lane: Lane) -> Lane:
    """Return a lane, or refuse what is none."""
    if not isinstance(lane, str) or lane not in LANES:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput(f"lane={_values.shown(lane)} must be 'interactive' or 'bulk'")
    return lane
