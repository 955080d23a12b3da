"""What all calls of a client have in common, and the events that they report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .budget import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._outage import Outage
    from ._wire import Operation
    from .budget import RateLimit
    from .retry import RetryPolicy, RetryQuota


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
    on_retry: Callable[[RetryEvent], None] = ignore
    on_wait: Callable[[WaitEvent], None] = ignore
    check: Callable[[Operation[Any], bytes], None] | None = None
