"""Few exchanges under way: who begins when, without clock, thread or event loop."""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import AsyncQualificationsClient, QualificationsClient
from samsara_qualifications._gate import BUSY, FEW, SLOW, Gate, Pass
from samsara_qualifications_contract.client.calls import NO_LIMITS

if TYPE_CHECKING:
    from samsara_qualifications.mock import MockServer

DAY = date(2026, 1, 1)
SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


class Calls:
    """A gate, and the calls before it; time passes where a test says so."""

    def __init__(self, most: int | None = None) -> None:
        self.now = 100.0
        self.woken: list[str] = []
        self.gate = Gate(most, lambda: self.now)
        self.passes: dict[str, Pass] = {}

    def enter(self, name: str, lane: Any = "interactive") -> float:
        """Let a call arrive; return when it should look again."""
        self.passes[name] = Pass(lane, lambda: self.woken.append(name))
        return self.gate.enter(self.passes[name])

    def leave(self, name: str) -> list[str]:
        """Let a call end; return whom that has woken."""
        self.woken.clear()
        self.gate.leave(self.passes[name])
        return self.woken

    def fill(self, count: int, lane: Any = "interactive") -> list[float]:
        """Let calls arrive, named by numbers."""
        first = len(self.passes)
        return [self.enter(str(first + number), lane) for number in range(count)]


def test_a_few_begin_at_once_and_the_next_waits() -> None:
    """It is woken when one of them ends."""
    calls = Calls()
    assert [0.0] * FEW == calls.fill(FEW)
    assert SLOW == calls.enter("next")
    assert ["next"] == calls.leave("3")
    assert 0.0 == calls.gate.look(calls.passes["next"])


def test_one_is_kept_for_an_interactive_call() -> None:
    """Bulk calls leave it free, however many wait."""
    calls = Calls()
    waits = calls.fill(FEW, "bulk")
    assert [0.0] * (FEW - 1) + [SLOW] == waits
    assert 0.0 == calls.enter("person")


def test_an_interactive_call_passes_bulk_calls_that_wait() -> None:
    """First come, first served within a lane."""
    calls = Calls()
    calls.fill(FEW)
    for name, lane in [("b1", "bulk"), ("p1", "interactive"), ("p2", "interactive")]:
        calls.enter(name, lane)
    assert ["p1"] == calls.leave("0")
    assert ["p2"] == calls.leave("1")
    assert [] == calls.leave("2")
    assert ["b1"] == calls.leave("3")


def test_an_exchange_that_is_slow_to_answer_no_longer_counts() -> None:
    """So that slow answers cost no throughput: as many begin in each such time."""
    calls = Calls()
    waits = calls.fill(3 * FEW)
    assert [0.0] * FEW + [SLOW] * FEW + [2 * SLOW] * FEW == waits
    calls.now += SLOW + 0.001
    assert 0.0 == calls.gate.look(calls.passes[str(FEW)])
    assert [str(number) for number in range(FEW + 1, 2 * FEW + 1)] == calls.woken
    assert SLOW == calls.gate.look(calls.passes[str(2 * FEW)])


def test_a_busy_process_does_not_take_its_own_slowness_for_the_servers() -> None:
    """Who looks late begins nothing, until an exchange has taken really long."""
    calls = Calls()
    calls.fill(FEW + 1)
    calls.now += 2 * SLOW
    assert SLOW == calls.gate.look(calls.passes[str(FEW)])
    calls.now += SLOW
    assert 0.0 == calls.gate.look(calls.passes[str(FEW)])
    calls.fill(FEW)
    calls.now += BUSY * SLOW
    assert 0.0 == calls.gate.look(calls.passes[str(FEW + 1)])


def test_the_callers_own_bound_is_kept_however_slow_the_answers() -> None:
    """Who names a number means it."""
    calls = Calls(most=2)
    calls.fill(2)
    calls.enter("next")
    calls.now += 1000
    assert calls.gate.look(calls.passes["next"]) > 0
    assert ["next"] == calls.leave("0")


def test_a_bound_of_one_is_for_both_lanes() -> None:
    """None can be kept free; an interactive call comes first all the same."""
    calls = Calls(most=1)
    assert 0.0 == calls.enter("b1", "bulk")
    assert calls.enter("b2", "bulk") > 0
    assert calls.enter("p") > 0
    assert ["p"] == calls.leave("b1")


def test_who_gives_up_waiting_makes_way() -> None:
    """The next one looks for itself now, as it may be due sooner."""
    calls = Calls(most=1)
    for name in ("a", "b", "c"):
        calls.enter(name)
    assert ["c"] == calls.leave("b")
    assert calls.gate.look(calls.passes["c"]) > 0
    assert ["c"] == calls.leave("a")


def test_who_has_waited_before_goes_first() -> None:
    """A call that gave its slot back for want of an exchange does not begin anew."""
    calls = Calls(most=1)
    for name in ("a", "b"):
        calls.enter(name)
    calls.passes["old"] = Pass("interactive", lambda: calls.woken.append("old"))
    calls.gate.enter(calls.passes["old"], first=True)
    assert ["old"] == calls.leave("a")


def test_many_who_give_up_hold_up_nobody() -> None:
    """Who comes next then looks within the usual time."""
    calls = Calls()
    calls.fill(FEW + 600)
    for number in range(FEW, FEW + 599):
        calls.gate.leave(calls.passes[str(number)])
    assert str(FEW + 599) in calls.woken
    assert SLOW == calls.gate.look(calls.passes[str(FEW + 599)])


def test_leaving_twice_frees_nothing_twice() -> None:
    """A call that is cancelled as it ends may do so."""
    calls = Calls(most=1)
    for name in ("a", "b", "c"):
        calls.enter(name)
    calls.leave("a")
    assert [] == calls.leave("a")


class Counter:
    """A handler of requests that counts how many it has at once."""

    def __init__(self, mock: MockServer, seconds: float) -> None:
        self._mock = mock.async_transport()
        self._sync = mock.transport()
        self._seconds = seconds
        self._lock = threading.Lock()
        self.now = self.most = 0

    def _count(self, change: int) -> None:
        with self._lock:
            self.now += change
            self.most = max(self.most, self.now)

    async def on_loop(self, request: httpx.Request) -> httpx.Response:
        """Answer as the mock does, after a while."""
        self._count(1)
        await asyncio.sleep(self._seconds)
        self._count(-1)
        return await self._mock.handle_async_request(request)

    def in_thread(self, request: httpx.Request) -> httpx.Response:
        """Answer as the mock does, after a while."""
        self._count(1)
        time.sleep(self._seconds)
        self._count(-1)
        return self._sync.handle_request(request)


@pytest.mark.parametrize(("most", "seconds", "expected"), [(None, 0.001, FEW), (3, 0.02, 3)])
async def test_tasks_of_a_client_keep_to_the_bound(
    mock: MockServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    most: int | None,
    seconds: float,
    expected: int,
) -> None:
    """All are done, and never more at once than allowed: on a busy machine, too."""
    monkeypatch.setattr("samsara_qualifications._gate.SLOW", 60.0)
    counter = Counter(mock, seconds)
    async with httpx.AsyncClient(transport=httpx.MockTransport(counter.on_loop)) as http_client:
        client = AsyncQualificationsClient(
            mock.token, http_client=http_client, limits=NO_LIMITS, max_in_flight=most
        )
        await asyncio.gather(*(client.update(SEED, issue_date=DAY) for _ in range(60)))
    assert (expected, 60) == (counter.most, len(mock.requests))


async def test_slow_answers_have_as_many_under_way_as_they_need(mock: MockServer) -> None:
    """60 calls whose answers take long are all under way at last."""
    counter = Counter(mock, 2.0)
    async with httpx.AsyncClient(transport=httpx.MockTransport(counter.on_loop)) as http_client:
        client = AsyncQualificationsClient(mock.token, http_client=http_client, limits=NO_LIMITS)
        await asyncio.gather(*(client.update(SEED, issue_date=DAY) for _ in range(60)))
    assert 60 == counter.most


def test_threads_of_a_client_keep_to_the_bound(mock: MockServer) -> None:
    """As tasks do."""
    counter = Counter(mock, 0.02)
    with httpx.Client(transport=httpx.MockTransport(counter.in_thread)) as http_client:
        client = QualificationsClient(
            mock.token, http_client=http_client, limits=NO_LIMITS, max_in_flight=3
        )
        threads = [
            threading.Thread(target=client.update, args=(SEED,), kwargs={"issue_date": DAY})
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (3, 20) == (counter.most, len(mock.requests))


async def test_a_call_that_is_cancelled_while_it_waits_sends_nothing(
    mock: MockServer, store: Any, budget: Any
) -> None:
    """Its slot goes back, and the next in line goes on."""
    counter = Counter(mock, 0.2)
    async with httpx.AsyncClient(transport=httpx.MockTransport(counter.on_loop)) as http_client:
        client = AsyncQualificationsClient(
            mock.token, http_client=http_client, limits=NO_LIMITS, budget=budget, max_in_flight=1
        )
        first, second, third = (
            asyncio.create_task(client.update(SEED, issue_date=DAY)) for _ in range(3)
        )
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.gather(first, second, third, return_exceptions=True)
    assert second.cancelled()
    assert (["refunded", "settled", "settled"], 2) == (store.fates, len(mock.requests))


def used(answer: float, limit: int, window: float) -> float:
    """Return the share of limit/(window + answer time) that a gate lets through, in one hour."""
    calls = Calls()
    free = [0.0] * limit  # when each slot comes free: one window after its answer
    events: list[tuple[float, int, str]] = [(0.0, number, "slot") for number in range(limit)]
    heapq.heapify(events)
    begun = 0
    while events and (event := heapq.heappop(events))[0] < HOUR:
        calls.now, number, what = event
        one = calls.passes.setdefault(str(number), Pass("interactive", lambda: None))
        wait = 0.0
        if what == "answer":
            calls.gate.leave(one)
            del calls.passes[str(number)]
            heapq.heappush(events, (calls.now + window, number, "slot"))
            continue
        wait = calls.gate.enter(one) if what == "slot" else calls.gate.look(one)
        if wait:
            heapq.heappush(events, (calls.now + wait, number, "look"))
        else:
            begun += 1
            heapq.heappush(events, (calls.now + answer, number, "answer"))
    return begun / (HOUR * len(free) / (window + answer))


HOUR = 3600.0


@pytest.mark.parametrize("answer", [0.01, 0.1, 1.0, 5.0, 20.0, 60.0])
@pytest.mark.parametrize(("limit", "window"), [(100, 60.0), (5, 1.0), (60, 1.0)])
def test_no_throughput_is_lost_at_any_answer_time(answer: float, limit: int, window: float) -> None:
    """Where all slots are always wanted, at least 95 % of them are used."""
    assert used(answer, limit, window) >= 0.95
