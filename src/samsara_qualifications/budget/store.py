"""What a store of logs does: the seam between the queue and memory, SQLite or Redis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .window import Lane, RateLimit


@dataclass(slots=True, eq=False)
class Slot:
    """
    A slot taken under each of `limits`.

    Attributes:
        limits: The limits that it was taken under.
        taken: When it was taken, on the store's clock.
        id: What else a store needs to find it.
    """

    limits: Mapping[str, RateLimit]
    taken: float
    id: str = ""


class Store(Protocol):
    """
    Keeps the logs. Thread-safe; every call is one atomic step.

    Attributes:
        blocking: Whether calls do I/O, so that an event loop has to leave them to a thread.
        at_rest: Whether all slots are known to be free; never so of a log that others share.
    """

    blocking: bool

    @property
    def at_rest(self) -> bool:
        """See above."""
        ...

    def take(self, limits: Mapping[str, RateLimit], lane: Lane, ahead: int = 0) -> Slot | float:
        """Take a slot under every limit, or return the seconds until that can be."""
        ...

    def settle(self, slot: Slot) -> None:
        """Let the slot come free one window from now."""
        ...

    def refund(self, slot: Slot) -> None:
        """Free the slot at once."""
        ...

    def drop(self, slot: Slot) -> None:
        """Deal with a slot whose permit was collected unsettled. Must neither lock nor block."""
        ...

    def pause(self, key: str, seconds: float) -> None:
        """Refuse everybody under `key` for this long."""
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
