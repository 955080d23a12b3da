"""What only the async client has: tasks, cancellation, event loops."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    AsyncQualificationsClient,
    Budget,
    ConfigurationError,
    ExchangeFailed,
    RateLimit,
)
from samsara_qualifications.mock import Fault, MockServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DAY = date(2026, 1, 1)
SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
NAMES = ["update", "token", "organization"]


@pytest.fixture
async def http_client(mock: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    """An httpx client on the mock."""
    async with httpx.AsyncClient(transport=mock.async_transport()) as http_client:
        yield http_client


@pytest.fixture
def own(
    mock: MockServer, http_client: httpx.AsyncClient, budget: Budget
) -> AsyncQualificationsClient:
    """A client on the mock, with three updates a minute."""
    return AsyncQualificationsClient(
        mock.token,
        base_url="https://samsara.test",
        budget=budget,
        http_client=http_client,
        limits=dict.fromkeys(NAMES, RateLimit(3, 60)),
    )


async def test_a_context_closes_the_client(serve: Any) -> None:
    """And a closed one says so."""

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with AsyncQualificationsClient("token", base_url=serve(answer).url) as client:
        await client.delete("1")
    await client.aclose()
    with pytest.raises(ConfigurationError, match="The client is closed"):
        await client.delete("1")


async def test_tasks_share_a_client(
    own: AsyncQualificationsClient, mock: MockServer, store: Any
) -> None:
    """Each gets its own record back."""
    ids = list(mock.records)[:3]
    records = await asyncio.gather(*(own.update(record_id, issue_date=DAY) for record_id in ids))
    assert ids == [record.id for record in records]
    assert ["settled"] * 3 == store.fates


async def test_a_call_does_not_block_the_loop(
    own: AsyncQualificationsClient, mock: MockServer
) -> None:
    """Others go on while it waits for the answer."""
    mock.faults.add(Fault(delay=0.1))
    call = asyncio.create_task(own.update(SEED, issue_date=DAY))
    turns = 0
    while not call.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10


async def cancelled(task: asyncio.Task[Any]) -> bool:
    """Cancel a task; return whether it ended as such."""
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    return isinstance(outcome, asyncio.CancelledError)


async def test_a_call_that_is_cancelled_while_sending_settles_its_slot(
    own: AsyncQualificationsClient, mock: MockServer, store: Any
) -> None:
    """The server may have seen it, or see it yet."""
    mock.faults.add(Fault(delay=30))
    task = asyncio.create_task(own.update(SEED, issue_date=DAY))
    await asyncio.sleep(0.05)
    assert 1 == len(mock.requests)
    assert await cancelled(task)
    assert ["unanswered"] == store.fates


async def test_a_call_that_is_cancelled_before_it_starts_uses_no_slot(
    own: AsyncQualificationsClient, mock: MockServer, store: Any
) -> None:
    """Nothing is sent and nothing is taken."""
    assert await cancelled(asyncio.create_task(own.update(SEED, issue_date=DAY)))
    assert ([], 0) == (store.fates, len(mock.requests))


async def test_a_call_that_is_cancelled_in_line_burns_no_slot(
    own: AsyncQualificationsClient, mock: MockServer, store: Any
) -> None:
    """Those who wait behind it get what it would have got."""
    for _ in range(3):
        await own.update(SEED, issue_date=DAY)
    task = asyncio.create_task(own.update(SEED, issue_date=DAY, deadline=1000))
    await asyncio.sleep(0.05)
    assert not task.done()
    assert await cancelled(task)
    assert (["settled"] * 3, 3) == (store.fates, len(mock.requests))


@pytest.mark.parametrize("turns", range(12))
async def test_a_call_can_be_cancelled_at_any_turn(
    own: AsyncQualificationsClient, store: Any, mock: MockServer, *, turns: int
) -> None:
    """However far it has come, its slot is accounted for."""
    mock.faults.add(Fault(delay=30))
    task = asyncio.create_task(own.update(SEED, issue_date=DAY))
    for _ in range(turns):
        await asyncio.sleep(0)
    assert await cancelled(task)
    assert store.fates in ([], ["unanswered"], ["refunded"])
    assert len(store.fates) >= len(mock.requests)
    assert len(store.fates) == store.taken


async def test_a_timeout_of_the_caller_ends_a_call(
    own: AsyncQualificationsClient, mock: MockServer, store: Any
) -> None:
    """As `asyncio.timeout` does with any await: with its own exception."""
    mock.faults.add(Fault(delay=30))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await own.update(SEED, issue_date=DAY)
    assert ["unanswered"] == store.fates


async def test_the_time_of_an_exchange_ends_it_as_our_error(
    own: AsyncQualificationsClient, mock: MockServer
) -> None:
    """Our own time-out is not mistaken for the caller's."""
    mock.faults.add(Fault(delay=30))
    with pytest.raises(ExchangeFailed) as caught:
        async with asyncio.timeout(30):
            await own.update(SEED, issue_date=DAY, deadline=0.1)
    assert caught.value.applied is None


async def test_a_stream_can_be_left_early(own: AsyncQualificationsClient) -> None:
    """And its first item comes without the others."""
    async for found in own.types(entity_type="worker"):
        assert found.id
        break


def test_another_event_loop_is_refused(mock: MockServer, budget: Budget) -> None:
    """Connections belong to a loop; the message tells what to do."""
    transport = mock.async_transport()
    own = AsyncQualificationsClient(
        mock.token,
        base_url="https://samsara.test",
        budget=budget,
        http_client=httpx.AsyncClient(transport=transport),
    )

    async def update() -> str:
        return (await own.update(SEED, issue_date=DAY)).id

    assert SEED == asyncio.run(update())
    with pytest.raises(ConfigurationError, match="belongs to the event loop that first used it"):
        asyncio.run(update())
    assert 1 == len(mock.requests)
