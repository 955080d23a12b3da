"""Typical use of the public names. Never run: mypy and pyright check that it means what it says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_type
from uuid import UUID

import httpx

from samsara_qualifications import (
    CLEAR,
    UNSET,
    ApiError,
    AsyncQualificationsClient,
    Budget,
    CheckBoxesField,
    DateTimeField,
    MediaField,
    MediaItem,
    MultipleChoiceField,
    NumberCell,
    NumberField,
    Owner,
    Page,
    PersonCell,
    QualificationRecord,
    QualificationsClient,
    QualificationsError,
    QualificationType,
    RateLimit,
    RateLimited,
    RetryEvent,
    RetryPolicy,
    SignatureField,
    TableField,
    TableRow,
    TextField,
    WaitEvent,
    expiration_of,
    models,
    open_budget,
    push,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications.fields import Field
    from samsara_qualifications.sentinels import Clear, Unset

WHEN = datetime(2027, 1, 1, tzinfo=UTC)
FIELD = UUID("9814a1fa-f0c6-408b-bf85-51dc3bc71ac7")


def update_in_all_ways(client: QualificationsClient, record_id: str) -> None:
    """Each property on its own, and all together."""
    assert_type(client.update(record_id), QualificationRecord)
    client.update(record_id, expiration_date=CLEAR)
    client.update(record_id, expiration_date=UNSET, issue_date=UNSET, owner=UNSET)
    client.update(
        record_id,
        expiration_date=date(2028, 1, 1),
        issue_date=WHEN,
        owner=Owner.worker("281474"),
        fields=[NumberField(FIELD, 123.456), TextField(str(FIELD), "D1234567")],
        external_ids={"hr": "7"},
        deadline=30,
        lane="bulk",
    )


def refuse(client: QualificationsClient, record_id: str) -> None:
    """What a type checker must refuse; an unneeded ignore is an error, too."""
    client.update(record_id, expiration_date=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.update(record_id, issue_date=CLEAR)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.update(record_id, issue_date="2027-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.update(record_id, owner="281474")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.update(record_id, lane="slow")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.update(record_id, expirationDate=WHEN)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.update(record_id, fields=[NumberCell(FIELD, 1)])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.create(FIELD, owner=Owner.asset("1"), issue_date=WHEN, expiration_date=CLEAR)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    QualificationsClient(region="mars")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncQualificationsClient(http_client=httpx.Client())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def dates_from_a_database(stored: datetime | None) -> datetime | Clear:
    """An optional date becomes an explicit choice."""
    return CLEAR if stored is None else stored


def narrow(value: datetime | Clear | Unset) -> datetime | None:
    """`is` narrows both sentinels."""
    if value is CLEAR:
        return None
    if value is UNSET:
        return None
    assert_type(value, datetime)
    return value


def read(client: QualificationsClient) -> None:
    """One record or many, streams and types."""
    assert_type(client.get("1"), QualificationRecord)
    assert_type(client.get(["1", "2"]), list[QualificationRecord])
    assert_type(client.get(record_id for record_id in ("1", "2")), list[QualificationRecord])
    changes = client.stream(entity_type="worker", start_time=WHEN, end_time=date(2028, 1, 1))
    assert_type(next(changes), QualificationRecord)
    kinds: Iterator[QualificationType] = client.types(entity_type="asset")
    assert_type(next(kinds), QualificationType)
    for page in client.stream(entity_type="worker", start_time=WHEN, after="cursor").pages():
        assert_type(page, Page[QualificationRecord])
        assert_type(page.items, list[QualificationRecord])
        assert_type(page.cursor, str | None)
    bulk = client.with_options(lane="bulk", retry=RetryPolicy.off())
    assert_type(bulk, QualificationsClient)


def look_into(record: QualificationRecord) -> None:
    """What a record offers."""
    assert_type(record.id, str)
    assert_type(expiration_of(record), datetime | None)
    assert_type(record.issue_date, datetime)
    assert_type(record.owner, models.Owner)
    assert_type(record.owner.entity_type, models.EntityType)
    for field in record.fields:
        number = field.number_value
        if number is not UNSET:
            assert_type(number, models.NumberValue)
            assert_type(number.value, float)


def write(client: QualificationsClient) -> None:
    """Create, archive, unarchive, delete."""
    made = client.create(str(FIELD), owner=Owner.asset("1"), issue_date=date(2026, 1, 1))
    assert_type(made, QualificationRecord)
    client.archive(made.id)
    client.unarchive(made.id)
    client.delete(made.id)


def all_kinds_of_fields() -> list[Field]:
    """Each with the value that belongs to it."""
    item = MediaItem.from_bytes("image/png", b"")
    return [
        NumberField(FIELD, 7),
        TextField(FIELD, "x"),
        MultipleChoiceField(FIELD, FIELD),
        CheckBoxesField(FIELD, [FIELD, str(FIELD)]),
        DateTimeField(FIELD, date(2026, 1, 1)),
        TableField(FIELD, [TableRow(FIELD, [NumberCell(FIELD, 7), PersonCell(FIELD, "user-1")])]),
        MediaField(FIELD, [item]),
        SignatureField(FIELD, item),
    ]


def tell(event: RetryEvent | WaitEvent) -> None:
    """A hook takes plain events."""
    assert_type(event.operation, str)


def configure() -> None:
    """All options; a client is a context manager of its own type."""
    budget = open_budget("sqlite:///budget.db", on_outage="local")
    assert_type(budget, Budget)
    with QualificationsClient(
        "token",
        region="eu",
        budget=budget,
        limits={"update": RateLimit(60, 60)},
        deadline=30,
        timeout=10,
        retry=RetryPolicy(attempts=3),
        http_client=httpx.Client(),
        on_retry=tell,
        on_wait=tell,
        strict=True,
    ) as client:
        assert_type(client, QualificationsClient)
        assert_type(client.budget, Budget)


def handle(client: QualificationsClient) -> bool | None:
    """Every error says whether the call was applied."""
    try:
        client.update("1")
    except RateLimited as error:
        assert_type(error.retry_after, float | None)
    except ApiError as error:
        assert_type(error.status, int)
        assert_type(error.message, str)
    except QualificationsError as error:
        assert_type(error.request_id, str | None)
        return error.applied
    return None


async def use_async(record_id: str) -> None:
    """The same, awaited."""
    async with AsyncQualificationsClient(budget="redis://localhost/0", deadline=30) as client:
        assert_type(client, AsyncQualificationsClient)
        assert_type(await client.update(record_id, expiration_date=CLEAR), QualificationRecord)
        assert_type(await client.get(record_id), QualificationRecord)
        assert_type(await client.get([record_id]), list[QualificationRecord])
        changes = client.stream(entity_type="worker", start_time=WHEN)
        assert_type(await anext(changes), QualificationRecord)
        async for record in changes:
            assert_type(record, QualificationRecord)
        await client.delete(record_id)


async def push_rows(blocking: QualificationsClient, client: AsyncQualificationsClient) -> None:
    """A plan, its rows and its end are typed, for both clients."""
    rows = [{"owner": "281474", "expiration_date": date(2028, 8, 27)}]
    plan = push.plan(blocking, rows, type="Driver License", path="push.plan", allow_clear=1)
    assert_type(plan, push.Plan)
    assert_type(await push.plan_async(client, rows, type="1", path=Path("push.plan")), push.Plan)
    for row in plan.rows("failed", "conflict"):
        assert_type(row.changes, list[push.Change])
        assert_type(push.change_text(row), str)
    assert_type(push.apply(blocking, plan, outage_limit=60), push.Result)
    assert_type((await push.apply_async(client, "push.plan")).stopped, push.Stop | None)
    assert_type(push.report(plan, "report"), list[Path])
