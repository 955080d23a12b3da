"""Takes slots of a store, as tests do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samsara_qualifications.budget.stores.store import Slot

if TYPE_CHECKING:
    from samsara_qualifications.budget.stores.store import Store, Wait
    from samsara_qualifications.budget.window import Lane, RateLimit


def take(store: Store, limits: dict[str, RateLimit], lane: Lane = "interactive") -> Slot | float:
    """Take a slot of a store, or return the seconds to wait."""
    slot = Slot(limits)
    wait: Wait | None = store.take(slot, lane)
    return slot if wait is None else wait.seconds
