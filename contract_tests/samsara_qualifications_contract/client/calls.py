"""One plain call of the client for each operation, and its result as JSON again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from samsara_qualifications import Owner, RateLimit, _wire
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.spec import is_list, mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from samsara_qualifications import QualificationsClient

DAY = date(2025, 8, 27)
PLENTY = RateLimit(1_000_000, 1)
NO_LIMITS = dict.fromkeys([*(operation.name for operation in _wire.ALL), *_wire.SHARED], PLENTY)
"""Rate limits that never matter."""

CALLS: dict[str, Callable[[QualificationsClient], Any]] = {
    "updateQualificationRecord": lambda c: c.update("r", issue_date=DAY),
    "createQualificationRecord": lambda c: c.create(
        samples.UUID, owner=Owner.worker("1"), issue_date=DAY
    ),
    "deleteQualificationRecord": lambda c: c.delete("r"),
    "archiveQualificationRecord": lambda c: c.archive("r"),
    "unarchiveQualificationRecord": lambda c: c.unarchive("r"),
    "getQualificationRecords": lambda c: c.get(["r"]),
    "streamQualificationRecords": lambda c: c.stream(
        entity_type="worker", start_time=DAY, end_time=DAY
    ),
    "listQualificationTypes": lambda c: c.types(entity_type="worker"),
}


class Instant(NamedTuple):
    """A moment, so that spellings of it are equal."""

    microseconds: int


def perform(client: QualificationsClient, operation_id: str) -> Any:
    """Perform a call; return its result as `rendered` does."""
    result: Any = CALLS[operation_id](client)
    if isinstance(result, Iterator):
        result = list(cast("Iterable[Any]", result))
    if is_list(result):
        return [rendered(item) for item in result]
    return None if result is None else rendered(result)


def rendered(model: Any) -> Any:
    """Return a model as JSON, with moments instead of their texts."""
    return mapped(model.to_dict(), _moment)


def _moment(text: str) -> Any:
    moment = instants.moment(text)
    return text if moment == text else Instant(moment // instants.MICROSECOND)
