"""
What each method does, once for both clients: its request, and what becomes of the answer.

Arguments are checked here, whatever their type: a wrong one raises `InvalidInput`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from . import _values, _wire
from ._confirm import is_applied
from ._text import printable
from ._wire import UNSET, Unset, models
from .errors import InvalidInput, NotFound, QualificationsError, UnexpectedResponse
from .sentinels import CLEAR, EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._exchange import Answer

MAX_CURSOR: Final = 8_000
"""Characters of a cursor at most: longer ones fit into no URL."""

_T = TypeVar("_T")
_U = TypeVar("_U")

IDS_PER_REQUEST: Final = 100
"""How many ids one read may name, by Samsara's API documentation."""


class Call(NamedTuple, Generic[_T]):
    """
    A request, and what becomes of its answer.

    Attributes:
        operation: The operation.
        request: Its request.
        record_id: The record that it is about; empty where it is about none or several.
        result: Returns the call's result from the answer's model, or raises what is wrong with it.
    """

    operation: _wire.Operation[Any]
    request: _wire.Request
    result: Callable[[Any, Answer], _T]
    record_id: str = ""

    @property
    def subject(self) -> str:
        """What it does, and to which record, for messages."""
        return f"{self.operation.name} {self.record_id:.80}".rstrip()


def _data(model: Any, _answer: Answer) -> Any:
    return model.data


def _nothing(_model: None, _answer: Answer) -> None:
    return None


def _page(model: Any, answer: Answer) -> tuple[Any, Answer]:
    return model, answer


def update(
    record_id: object,
    *,
    expiration_date: object,
    issue_date: object,
    owner: object,
    fields: object,
    external_ids: object,
) -> Call[models.QualificationRecord]:
    """Update a record; what is `UNSET` is left out. The answer must be about the same record."""
    checked = _values.identifier("record_id", record_id)
    body = models.UpdateQualificationRecordRequest(
        id=checked,
        expiration_date=_expiration(expiration_date),
        issue_date=_optional(_issue_date, "issue_date", issue_date),
        owner=_optional(_owner, "owner", owner),
        fields=_optional(_some_fields, "fields", fields),
        external_ids=_optional(_some_external_ids, "external_ids", external_ids),
    )
    changes = (body.expiration_date, body.issue_date, body.owner, body.fields, body.external_ids)
    if all(change is UNSET for change in changes):
        raise InvalidInput(
            f"update of {checked!r:.80} changes nothing, and would use up a slot of the rate "
            "limit: name what is to change, or call get to read the record"
        )
    request = _wire.UPDATE.request(body=body)

    def result(
        model: models.QualificationRecordResponse, answer: Answer
    ) -> models.QualificationRecord:
        if not _is_about(model.data, checked):
            raise _another_record(model.data.id, checked, answer, applied=None)
        return model.data

    return Call(_wire.UPDATE, request, result, checked)


def create(
    type_id: object,
    *,
    owner: object,
    issue_date: object,
    expiration_date: object,
    fields: object,
    external_ids: object,
) -> Call[models.QualificationRecord]:
    """Create a record; what is `UNSET` is left out."""
    request = _wire.CREATE.request(
        body=models.CreateQualificationRecordRequest(
            qualification_type=models.QualificationTypeInput(id=_values.uuid("type_id", type_id)),
            owner=_owner("owner", owner),
            issue_date=_issue_date("issue_date", issue_date),
            expiration_date=_optional(_first_expiration, "expiration_date", expiration_date),
            fields=_optional(_fields, "fields", fields),
            external_ids=_optional(_external_ids, "external_ids", external_ids),
        )
    )
    return Call(_wire.CREATE, request, _data)


def delete(record_id: object) -> Call[None]:
    """Delete a record."""
    return _by_id(_wire.DELETE, record_id)


def archive(record_id: object) -> Call[None]:
    """Archive a record."""
    return _by_id(_wire.ARCHIVE, record_id)


def unarchive(record_id: object) -> Call[None]:
    """Make an archived record active again."""
    return _by_id(_wire.UNARCHIVE, record_id)


def _by_id(operation: _wire.Operation[None], record_id: object) -> Call[None]:
    checked = _values.identifier("record_id", record_id)
    request = operation.request(body=models.QualificationRecordReference(id=checked))
    return Call(operation, request, _nothing, checked)


def get(record_id: object, *, include_external_ids: object) -> Call[models.QualificationRecord]:
    """Read one record: the one that was asked for, wherever it stands in the answer."""
    ids = _values.identifiers("record_ids", [record_id])
    (request,), (checked,) = _reads(ids, include_external_ids), ids

    def result(model: models.QualificationRecordList, answer: Answer) -> models.QualificationRecord:
        if not model.data:
            raise NotFound(
                f"the server knows no record with the id {checked!r}",
                status=answer.status,
                message="",
                request_id=answer.request_id,
            )
        for record in model.data:
            if _is_about(record, checked) and (":" not in checked or len(model.data) == 1):
                return record
        raise _another_record(model.data[0].id, checked, answer, applied=False)

    return Call(_wire.GET, request, result, checked)


def get_many(
    record_ids: object, *, include_external_ids: object
) -> list[Call[list[models.QualificationRecord]]]:
    """Read any number of records, at most 100 in one request."""
    requests = _reads(_values.identifiers("record_ids", record_ids), include_external_ids)
    return [Call(_wire.GET, it, _data) for it in requests]


def confirm(error: object) -> Call[bool | None]:
    """Read the record of a failed update, and compare it with what was sent."""
    if not isinstance(error, QualificationsError) or error.sent is None:
        operation = getattr(error, "operation", "") or "no call"
        raise InvalidInput(
            f"confirm takes the error of an update, not {type(error).__name__} of {operation}; "
            "a record that create may have made is found by stream"
        )
    sent = error.sent
    call = get(sent["id"], include_external_ids="externalIds" in sent or UNSET)

    def result(model: models.QualificationRecordList, answer: Answer) -> bool | None:
        return is_applied(sent, call.result(model, answer))

    return Call(_wire.GET, call.request, result, call.record_id)


class Page(NamedTuple, Generic[_T]):
    """
    A page of a list.

    Attributes:
        items: Its items.
        cursor: Where the next page begins; `None` where this is the last.
    """

    items: list[_T]
    cursor: str | None


class Pages(Generic[_T]):
    """
    The calls that read a list, page by page. Each gives a page and the answer that it came in.

    Args:
        operation: The operation; its responses are pages.
        arguments: The checked arguments of its request, without the cursor.
        after: The cursor of the first page that is to be read.
    """

    def __init__(
        self,
        operation: _wire.Operation[Any],
        arguments: dict[str, Any],
        after: str | Unset = UNSET,
    ) -> None:
        self._operation = operation
        self._arguments = arguments
        self.first = self._call(after)
        self._seen: set[str] = set()
        self._items = 0

    def _call(self, cursor: str | Unset) -> Call[tuple[Any, Answer]]:
        request = self._operation.request(**self._arguments, after=cursor)
        return Call(self._operation, request, _page)

    def after(self, page: Any, answer: Answer) -> Call[tuple[Any, Answer]] | None:
        """
        Return the call that reads the page after this one; `None` where it was the last.

        Raises:
            UnexpectedResponse: There is to be a next page, but it cannot be asked for, or the
                server gave its cursor before.
        """
        self._items += len(page.data)
        if not page.pagination.has_next_page:
            return None
        cursor: str = page.pagination.end_cursor
        if not _is_cursor(cursor):
            raise self._endless("says that there is a next page, but not where", answer)
        if cursor in self._seen:
            again = f"gave the cursor {printable(cursor, 80)!r} twice, so the pages would never end"
            raise self._endless(again, answer)
        self._seen.add(cursor)
        return self._call(cursor)

    def _endless(self, problem: str, answer: Answer) -> UnexpectedResponse:
        error = UnexpectedResponse(
            f"the server {problem}; the {self._items} items so far are complete up to there",
            status=answer.status,
            path="pagination.endCursor",
            request_id=answer.request_id,
        )
        error.applied = False
        return error


def stream(
    *,
    entity_type: object,
    start_time: object,
    end_time: object,
    type_ids: object,
    owner_ids: object,
    include_deleted: object,
    include_external_ids: object,
    after: object,
) -> Pages[models.QualificationRecord]:
    """
    Read the records that changed in a time.

    An end is always sent: without one the server goes on as long as records change, as Samsara's
    API documentation says, and a loop that updates what it reads would never end.
    """
    end = datetime.now(UTC) if end_time is UNSET else end_time
    arguments = {
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
    return Pages(_wire.STREAM, arguments, _optional(_cursor, "after", after))


def _cursor(name: str, value: object) -> str:
    if not isinstance(value, str) or not _is_cursor(value):
        raise InvalidInput(f"{name}={_values.shown(value)} must be the cursor of a page")
    return value


def _is_cursor(text: str) -> bool:
    return 0 < len(text) <= MAX_CURSOR and _values.is_encodable(text)


def types(*, entity_type: object, type_ids: object) -> Pages[models.QualificationType]:
    """Read the qualification types."""
    arguments = {
        "entity_type": _values.entity_type("entity_type", entity_type),
        "ids": _optional(_filter, "type_ids", type_ids),
    }
    return Pages(_wire.TYPES, arguments)


def _reads(ids: list[str], include_external_ids: object) -> list[_wire.Request]:
    flag = _optional(_values.flag, "include_external_ids", include_external_ids)
    return [
        _wire.GET.request(ids=ids[start : start + IDS_PER_REQUEST], include_external_ids=flag)
        for start in range(0, len(ids), IDS_PER_REQUEST)
    ]


def _is_about(record: models.QualificationRecord, record_id: str) -> bool:
    # An external id, "key:value", need not stand in the answer.
    return ":" in record_id or record.id.casefold() == record_id.casefold()


def _another_record(
    got: str, asked: str, answer: Answer, *, applied: bool | None
) -> UnexpectedResponse:
    effect = "; whether that was updated is unknown: read it" if applied is None else ""
    error = UnexpectedResponse(
        f"the server answered with record {printable(got, 80)!r}, not {asked!r:.80}{effect}",
        status=answer.status,
        path="data.id",
        request_id=answer.request_id,
    )
    error.applied = applied
    return error


def _optional(check: Callable[[str, Any], _U], name: str, value: Any) -> _U | Unset:
    if value is None:
        raise InvalidInput(
            f"{name}=None is ambiguous: leave {name} out, or pass UNSET, to say nothing about it"
        )
    return UNSET if value is UNSET else check(name, value)


def _expiration(value: object) -> datetime | Unset:
    name = "expiration_date"
    if value is CLEAR:
        return EPOCH
    if isinstance(value, Unset):
        return value
    if value is None:
        raise InvalidInput(
            f"{name}=None is ambiguous: leave {name} out, or pass UNSET, to keep the date; "
            "pass CLEAR to remove it"
        )
    return _values.expiration(name, value, "pass CLEAR to remove the expiration date")


def _first_expiration(name: str, value: object) -> datetime:
    way_out = f"leave {name} out if the new record never expires"
    if value is CLEAR:
        raise InvalidInput(f"{name}=CLEAR has no meaning here: {way_out}")
    return _values.expiration(name, value, way_out)


def _issue_date(name: str, value: object) -> datetime:
    return _values.no_empty_date(name, value, f"pass the real {name}")


def _owner(name: str, value: object) -> models.OwnerInput:
    from .fields import Owner  # noqa: PLC0415  loaded by whoever has one

    if isinstance(value, models.Owner):  # of a record, as the client returned it
        value = Owner(str(value.entity_type), value.id)
    if not isinstance(value, Owner):
        raise InvalidInput(
            f"{name}={_values.shown(value)} must be Owner.worker(id) or Owner.asset(id)"
        )
    return value.wire()


def _fields(_name: str, value: object) -> list[models.FieldInput]:
    from .fields import field_models  # noqa: PLC0415  loaded by whoever has one

    return field_models(value)


def _some_fields(name: str, value: object) -> list[models.FieldInput]:
    found = _fields(name, value)
    if not found:
        raise InvalidInput(f"{name}=[] changes nothing: leave {name} out to keep all fields")
    return found


def _external_ids(name: str, value: object) -> models.ExternalIds:
    result = models.ExternalIds()
    result.additional_properties = _values.external_ids(name, value)
    return result


def _some_external_ids(name: str, value: object) -> models.ExternalIds:
    found = _external_ids(name, value)
    if not found.additional_properties:
        raise InvalidInput(f"{name}={{}} changes nothing: leave {name} out to keep all ids")
    return found


def _filter(name: str, value: Iterable[object]) -> list[str]:
    ids = _values.identifiers(name, value)
    if not 1 <= len(ids) <= IDS_PER_REQUEST:
        raise InvalidInput(
            f"{name} holds {len(ids)} ids; a filter takes 1 to {IDS_PER_REQUEST}: "
            f"leave {name} out for no filter, or call once for each {IDS_PER_REQUEST}"
        )
    return ids
