"""From a caller's arguments to requests, one function an operation; bad values are refused here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from . import _values, _wire
from ._wire import UNSET, Unset, models
from .errors import InvalidInput, UnexpectedResponse
from .fields import Owner, field_models
from .sentinels import CLEAR, EPOCH, Clear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from .fields import Field

_T = TypeVar("_T")

IDS_PER_REQUEST = 100
"""How many ids one read may name (source: upstream)."""


def update(
    record_id: str,
    *,
    expiration_date: date | Clear | Unset,
    issue_date: date | Unset,
    owner: Owner | Unset,
    fields: Sequence[Field] | Unset,
    external_ids: Mapping[str, str] | Unset,
) -> _wire.Request:
    """Render an update; what is `UNSET` is left out."""
    return _wire.UPDATE.request(
        body=models.UpdateQualificationRecordRequest(
            id=_values.identifier("record_id", record_id),
            expiration_date=_expiration(expiration_date),
            issue_date=_optional(_issue_date, "issue_date", issue_date),
            owner=_optional(_owner, "owner", owner),
            fields=_optional(_fields, "fields", fields),
            external_ids=_optional(_external_ids, "external_ids", external_ids),
        )
    )


def confirm_update(record_id: str, record: models.QualificationRecord) -> None:
    """Raise `UnexpectedResponse` if the answer to an update is about another record."""
    if ":" in record_id or record.id.casefold() == record_id.casefold():  # "key:value" is no id
        return
    error = UnexpectedResponse(
        f"update: the server answered with record {record.id!r:.80}, not {record_id!r:.80}: "
        "whether that was updated is unknown; read it",
        status=200,
        path="data.id",
    )
    error.operation = "update"
    error.applied = None
    raise error


def create(
    type_id: str | UUID,
    *,
    owner: Owner,
    issue_date: date,
    expiration_date: date | Unset,
    fields: Sequence[Field] | Unset,
    external_ids: Mapping[str, str] | Unset,
) -> _wire.Request:
    """Render a creation; what is `UNSET` is left out."""
    return _wire.CREATE.request(
        body=models.CreateQualificationRecordRequest(
            qualification_type=models.QualificationTypeInput(id=_values.uuid("type_id", type_id)),
            owner=_owner("owner", owner),
            issue_date=_issue_date("issue_date", issue_date),
            expiration_date=_optional(_first_expiration, "expiration_date", expiration_date),
            fields=_optional(_fields, "fields", fields),
            external_ids=_optional(_external_ids, "external_ids", external_ids),
        )
    )


def by_id(operation: _wire.Operation[Any], record_id: str) -> _wire.Request:
    """Render an operation that takes a record's id alone: delete, archive, unarchive."""
    reference = models.QualificationRecordReference(id=_values.identifier("record_id", record_id))
    return operation.request(body=reference)


def get(record_ids: Iterable[str], *, include_external_ids: bool | Unset) -> list[_wire.Request]:
    """Render the reads that fetch these records, at most 100 ids each."""
    ids = _values.identifiers("record_ids", record_ids)
    flag = _optional(_values.flag, "include_external_ids", include_external_ids)
    return [
        _wire.GET.request(ids=ids[start : start + IDS_PER_REQUEST], include_external_ids=flag)
        for start in range(0, len(ids), IDS_PER_REQUEST)
    ]


def stream(
    *,
    entity_type: str,
    start_time: date,
    end_time: date | Unset,
    type_ids: Iterable[str] | Unset,
    owner_ids: Iterable[str] | Unset,
    include_deleted: bool | Unset,
    include_external_ids: bool | Unset,
) -> dict[str, Any]:
    """
    Check a stream's arguments; a cursor completes them to those of a page's request.

    An end is always sent: without one, the server goes on as long as records change (source:
    upstream), and a loop that updates what it reads would never end.
    """
    end = datetime.now(UTC) if end_time is UNSET else end_time
    return {
        "entity_type": _values.entity_type("entity_type", entity_type),
        "start_time": _values.instant("start_time", start_time),
        "end_time": _optional(_values.instant, "end_time", end),
        "qualification_type_ids": _optional(_filter, "type_ids", type_ids),
        "owner_ids": _optional(_filter, "owner_ids", owner_ids),
        "include_deleted": _optional(_values.flag, "include_deleted", include_deleted),
        "include_external_ids": _optional(
            _values.flag, "include_external_ids", include_external_ids
        ),
    }


def types(*, entity_type: str, type_ids: Iterable[str] | Unset) -> dict[str, Any]:
    """Check the arguments for a list of types; a cursor completes them to those of a page."""
    return {
        "entity_type": _values.entity_type("entity_type", entity_type),
        "ids": _optional(_filter, "type_ids", type_ids),
    }


def next_cursor(operation: _wire.Operation[Any], page: Any, previous: str | Unset) -> str | None:
    """Return the cursor of the page after this one; `None` where it was the last."""
    cursor: str = page.pagination.end_cursor
    if not page.pagination.has_next_page or not cursor:
        return None
    if cursor == previous:
        error = UnexpectedResponse(
            f"{operation.name}: the server gave the cursor {cursor!r} twice, so the pages would "
            "never end; the items so far are complete up to there",
            status=200,
            path="pagination.endCursor",
        )
        error.operation = operation.name
        raise error
    return cursor


def _optional(check: Callable[[str, Any], _T], name: str, value: Any) -> _T | Unset:
    if value is None:
        raise InvalidInput(
            f"{name}=None is ambiguous: leave {name} out, or pass UNSET, to say nothing about it"
        )
    return UNSET if value is UNSET else check(name, value)


def _expiration(value: date | Clear | Unset | None) -> datetime | Unset:
    name = "expiration_date"
    if value is CLEAR:
        return EPOCH
    if value is UNSET:
        return UNSET
    if value is None:
        raise InvalidInput(
            f"{name}=None is ambiguous: leave {name} out, or pass UNSET, to keep the date; "
            "pass CLEAR to remove it"
        )
    return _values.no_epoch(name, _values.instant(name, value), "pass CLEAR if that is meant")


def _first_expiration(name: str, value: object) -> datetime:
    way_out = f"leave {name} out if the new record never expires"
    if value is CLEAR:
        raise InvalidInput(f"{name}=CLEAR has no meaning here: {way_out}")
    return _values.no_epoch(name, _values.instant(name, value), way_out)


def _issue_date(name: str, value: object) -> datetime:
    return _values.no_epoch(name, _values.instant(name, value), f"pass the real {name}")


def _owner(name: str, value: object) -> models.OwnerInput:
    if not isinstance(value, Owner):
        raise InvalidInput(
            f"{name}={_values.shown(value)} must be Owner.worker(id) or Owner.asset(id)"
        )
    return value.wire()


def _fields(_name: str, value: object) -> list[models.FieldInput]:
    return field_models(value)


def _external_ids(name: str, value: object) -> models.ExternalIds:
    result = models.ExternalIds()
    result.additional_properties = _values.external_ids(name, value)
    return result


def _filter(name: str, value: object) -> list[str]:
    ids = _values.identifiers(name, value)
    if not 1 <= len(ids) <= IDS_PER_REQUEST:
        raise InvalidInput(
            f"{name} holds {len(ids)} ids; a filter takes 1 to {IDS_PER_REQUEST}: "
            f"leave {name} out for no filter, or call once for each {IDS_PER_REQUEST}"
        )
    return ids
