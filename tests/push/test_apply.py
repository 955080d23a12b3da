"""What becomes of planned rows: sent, read back, left alone; stopped and resumed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    CLEAR,
    AsyncQualificationsClient,
    BudgetUnavailable,
    Forbidden,
    InvalidInput,
    MediaItem,
    RetryPolicy,
    ServerError,
    Unauthorized,
    push,
)
from samsara_qualifications.mock import Fault, Response
from samsara_qualifications.push import applying

from .conftest import LICENCE, World, mock_server, record_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = date(2034, 4, 14)
THEN = "2034-04-14T00:00:00Z"
UPDATE, CREATE = "updateQualificationRecord", "createQualificationRecord"
READ, STREAM = "getQualificationRecords", "streamQualificationRecords"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a push look around often, and pause for moments only."""
    monkeypatch.setattr(applying, "LOOK", 0.01)
    monkeypatch.setattr(applying, "LONGEST_PAUSE", 0.05)


def renewals(world: World, count: int, **more: Any) -> list[dict[str, Any]]:
    """Add records, and return rows that change them."""
    for number in range(1, count + 1):
        world.add(number)
    return [{"owner": str(n), "expiration_date": DAY, **more} for n in range(1, count + 1)]


def counts(plan: push.Plan) -> dict[Any, int]:
    """Return how many rows stand where."""
    return dict(plan.summary.counts)


def answer_500(world: World, strikes: Callable[[Any], bool]) -> None:
    """Let the server fail at certain requests, always."""
    handle = world.server.handle

    def failing(request: Any) -> Response:
        return Response(status=500) if strikes(request) else handle(request)

    world.server.handle = failing  # type: ignore[method-assign]


def test_rows_are_applied_and_nothing_else_is_touched(either: World) -> None:
    """One request for each record, and one for each hundred to read them again."""
    rows = renewals(either, 120, fields={"Licence class": "Class B", "License Number": CLEAR})
    before = {number: dict(either.record(number)) for number in range(1, 121)}
    seen: list[push.Progress] = []
    plan = either.plan(rows, allow_clear=120)
    read = either.sent(READ)

    result = either.apply(plan, on_progress=seen.append)

    assert (None, None, {"applied": 120}) == (result.stopped, result.error, result.summary.counts)
    assert (120, 2) == (either.sent(), either.sent(READ) - read)
    changed = {"expirationDate": THEN, "fields": None, "updatedAtTime": None, "updatedBy": None}
    for number, record in before.items():
        assert record | changed == either.record(number) | {**changed, "expirationDate": THEN}
        assert ("Class B", "") == (
            either.field(number, "Licence class"),
            either.field(number, "License Number"),
        )
        assert 123.456 == either.field(number, "Penalty points")
    assert [(0, 120), (120, 120)] == [(it.done, it.total) for it in (seen[0], seen[-1])]
    assert sorted(it.done for it in seen) == [it.done for it in seen]
    assert [either.path.name] == [path.name for path in either.folder.iterdir()]


def test_a_plan_that_is_done_costs_nothing(either: World) -> None:
    """Applied again, it reads and sends nothing."""
    plan = either.plan(renewals(either, 3))
    either.apply(plan)
    asked = len(either.server.requests)

    assert either.apply(push.Plan.open(either.path)).stopped is None
    assert asked == len(either.server.requests)


def test_what_happened_since_the_plan(either: World) -> None:
    """A change of others wins, what is right is free, what is gone is told."""
    plan = either.plan(renewals(either, 8))
    either.record(1)["expirationDate"] = "2031-01-01T00:00:00Z"
    either.record(2)["expirationDate"] = THEN
    either.record(3)["recordStatus"] = "archived"
    either.record(4)["recordStatus"] = "deleted"
    del either.server.records[record_id(5)]
    either.record(6)["owner"]["id"] = "7777"
    either.record(7)["issueDate"] = "2031-01-01T00:00:00Z"  # not touched by the row

    assert either.apply(plan).stopped is None

    since = "since the plan was made"
    assert {
        1: ("conflict", f"somebody changed expires {since}", False),
        2: ("right", "", False),
        3: ("failed", f"the record {record_id(3)} is archived {since}", False),
        4: ("failed", f"the record {record_id(4)} is gone {since}", False),
        5: ("failed", f"the record {record_id(5)} is gone {since}", False),
        6: ("conflict", "the record is not that of owner 6 any more", False),
        7: ("applied", "", True),
        8: ("applied", "", True),
    } == {row.number: (row.outcome, row.error, row.applied) for row in plan.rows()}
    assert "2031-01-01T00:00:00Z" == either.record(1)["expirationDate"]
    assert "2031-01-01T00:00:00Z" == either.record(7)["issueDate"]
    assert 2 == either.sent()


def test_the_owner_of_a_record_named_by_its_id_has_changed(world: World) -> None:
    """The plan showed another person."""
    world.add(1)
    plan = world.plan([{"record_id": record_id(1), "issue_date": DAY}])
    world.record(1)["owner"]["id"] = "2"
    world.apply(plan)

    assert ["the record's owner is 2 by now"] == [row.error for row in plan.rows("conflict")]


def test_a_row_may_change_the_key_that_finds_its_record(world: World) -> None:
    """It is done, not a conflict, when it is read back."""
    world.add(1, externalIds={"hr": "old"})
    world.server.faults.add(Fault(operation=UPDATE, status=500, applied=True))

    plan = world.plan([{"external_id": "hr:old", "external_ids": {"hr": "new"}}])
    world.apply(plan, outage_limit=5)

    assert ({"applied": 1}, 1) == (counts(plan), world.sent())
    assert {"hr": "new"} == world.record(1)["externalIds"]


def test_what_the_server_refuses(either: World) -> None:
    """Is told with the request's id, and the others go on."""
    rows = renewals(either, 20)
    either.server.faults.add(
        Fault(operation=UPDATE, skip=5, status=400, body={"message": "no", "requestId": "r-1"})
    )
    plan = either.plan(rows)

    assert either.apply(plan).stopped is None

    assert {"applied": 19, "failed": 1} == counts(plan)
    (row,) = plan.rows("failed")
    assert (False, "r-1") == (row.applied, row.request_id)
    assert "the server answered 400: no" in row.error


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("operation", [UPDATE, READ])
def test_a_token_that_is_refused_stops_all(either: World, status: int, operation: str) -> None:
    """At once; with a better one the same plan goes on."""
    plan = either.plan(renewals(either, 200))
    either.server.faults.add(Fault(operation=operation, times=1_000, status=status))

    result = either.apply(plan)

    assert "refused" == result.stopped
    assert isinstance(result.error, Unauthorized | Forbidden)
    assert 8 >= either.sent()
    assert {"planned": 200} == counts(plan)
    either.server.faults.clear()
    assert either.apply(plan).stopped is None
    assert {"applied": 200} == counts(plan)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, times=25),
        Fault(operation=UPDATE, status=500, times=12),
        Fault(operation=UPDATE, status=502, times=12, applied=True),
        Fault(cut="connect", times=25),
        Fault(operation=UPDATE, cut="response", times=12),
        Fault(operation=UPDATE, status=429, times=12),
        Fault(operation=READ, status=504, times=5),
    ],
    ids=lambda fault: f"{fault.status or fault.cut} {fault.operation or 'all'}",
)
def test_an_outage_pauses_the_push(either: World, fault: Fault) -> None:
    """Until it is over; then all is sent that was not applied."""
    plan = either.plan(renewals(either, 60))
    either.server.faults.add(fault)
    seen: list[push.Progress] = []

    result = either.apply(plan, outage_limit=30, on_progress=seen.append)

    assert (None, {"applied": 60}) == (result.stopped, counts(plan))
    assert any(it.waiting for it in seen)
    assert not seen[-1].waiting
    assert {THEN} == {either.record(number)["expirationDate"] for number in range(1, 61)}


def test_an_outage_that_lasts_ends_the_push(either: World) -> None:
    """As resumable, within the limit, with few requests."""
    plan = either.plan(renewals(either, 60))
    either.server.faults.add(Fault(operation=UPDATE, times=10_000, status=503))

    result = either.apply(plan, outage_limit=0.2)

    assert "outage" == result.stopped
    assert isinstance(result.error, ServerError)
    assert 60 == result.summary.left
    assert 40 > either.sent()
    either.server.faults.clear()
    assert either.apply(plan).stopped is None
    assert {"applied": 60} == counts(plan)


def test_the_clients_own_patience_counts_without_a_limit(world: World) -> None:
    """A call of the client bears an outage; the push tells of it meanwhile."""
    world.options["retry"] = RetryPolicy(backoff=0, attempts=1, outage_limit=30)
    plan = world.plan(renewals(world, 20))
    world.server.faults.add(Fault(cut="connect"))
    seen: list[push.Progress] = []

    assert world.apply(plan, on_progress=seen.append).stopped is None
    assert "the server does not answer" in {it.waiting for it in seen}
    assert {"applied": 20} == counts(plan)


def test_the_patience_of_other_options_counts(either: World) -> None:
    """Also where the client that they were made from has none."""
    either.other["retry"] = RetryPolicy(backoff=0, attempts=1, outage_limit=30)
    plan = either.plan(renewals(either, 20))
    either.server.faults.add(Fault(operation=UPDATE, status=503, times=3))

    assert either.apply(plan).stopped is None
    assert {"applied": 20} == counts(plan)


def test_a_budget_whose_store_is_away(either: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses the push like any outage."""
    plan = either.plan(renewals(either, 30))
    budget = either.options["budget"]
    away = [BudgetUnavailable("the store is away") for _ in range(5)]
    acquire, acquire_async = budget.acquire, budget.acquire_async

    def acquire_or_fail(*arguments: Any, **options: Any) -> Any:
        if away:
            raise away.pop()
        return acquire(*arguments, **options)

    async def acquire_or_fail_async(*arguments: Any, **options: Any) -> Any:
        if away:
            raise away.pop()
        return await acquire_async(*arguments, **options)

    monkeypatch.setattr(budget, "acquire", acquire_or_fail)
    monkeypatch.setattr(budget, "acquire_async", acquire_or_fail_async)

    assert either.apply(plan, outage_limit=5).stopped is None
    assert {"applied": 30} == counts(plan)


def test_a_row_that_the_server_never_takes_fails_in_the_end(either: World) -> None:
    """The others are not held up by it for long."""
    rows = renewals(either, 12)
    rows[3]["fields"] = {"License Number": "poison"}
    plan = either.plan(rows)
    answer_500(either, lambda request: b"poison" in request.body)

    assert either.apply(plan, outage_limit=30).stopped is None

    assert {"applied": 11, "failed": 1} == counts(plan)
    (row,) = plan.rows("failed")
    assert (4, None) == (row.number, row.applied)


def test_an_answer_that_cannot_be_read(either: World) -> None:
    """The record is read, and says whether the row was applied; only if not, it is sent again."""
    plan = either.plan(renewals(either, 2))
    either.server.faults.add(Fault(operation=UPDATE, body="{}", applied=True))
    either.server.faults.add(Fault(operation=UPDATE, body="<html>", applied=False, status=200))

    assert either.apply(plan).stopped is None

    assert {"applied": 2} == counts(plan)
    assert 3 == either.sent()
    assert [DAY.isoformat()] * 2 == [
        either.record(number)["expirationDate"][:10] for number in (1, 2)
    ]


def test_an_answer_that_shows_other_values(world: World) -> None:
    """Is said, as the server alone knows what it has done."""
    plan = world.plan(renewals(world, 1))
    other = json.loads(json.dumps(world.record(1)))
    world.server.faults.add(Fault(operation=UPDATE, body={"data": other}, applied=True))
    world.apply(plan)

    assert ["the answer shows other values than those sent"] == [r.error for r in plan.rows()]


@pytest.mark.parametrize("done", [True, False])
def test_a_row_that_was_under_way_is_read_back(either: World, done: bool) -> None:  # noqa: FBT001  pytest gives it
    """After a kill the journal says that it may have been sent."""
    plan = either.plan(renewals(either, 3, external_ids={"hr": CLEAR}))
    with sqlite3.connect(either.path) as database:
        database.execute("UPDATE row SET outcome = 'sent', tries = 1, time = 0 WHERE id = 2")
    database.close()
    if done:
        either.record(2)["expirationDate"] = THEN

    assert either.apply(plan).stopped is None

    assert ({"applied": 3}, 2 if done else 3) == (counts(plan), either.sent())
    assert [True] * 3 == [row.applied for row in plan.rows()]


def test_a_row_under_way_whose_record_somebody_changed(world: World) -> None:
    """Is a conflict; whether it was applied before, nobody knows."""
    plan = world.plan(renewals(world, 1))
    with sqlite3.connect(world.path) as database:
        database.execute("UPDATE row SET outcome = 'sent', tries = 1, time = 0")
    database.close()
    world.record(1)["expirationDate"] = "2031-01-01T00:00:00Z"
    world.apply(plan)

    (row,) = plan.rows("conflict")
    assert row.applied is None


@pytest.mark.parametrize("done", [True, False])
def test_a_creation_under_way_is_looked_for(
    either: World,
    done: bool,  # noqa: FBT001  pytest gives it
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For as long as it may still arrive: no record is made twice."""
    monkeypatch.setattr(applying, "SETTLED", 0.05)
    row = {"issue_date": DAY, "fields": {"License Number": "D7"}}
    plan = either.plan([{"owner": "77", **row}, {"owner": "78", **row}], create=True)
    either.server.faults.add(Fault(operation=CREATE, status=500, applied=done))

    assert either.apply(plan, outage_limit=5).stopped is None

    assert {"applied": 2} == counts(plan)
    assert (2 if done else 3) == either.sent(CREATE)
    made = [it["id"] for it in either.server.records.values() if it["owner"]["id"] in {"77", "78"}]
    assert sorted(made) == sorted(row.record_id for row in plan.rows())


def test_a_creation_that_shows_late_is_not_repeated(
    either: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list without it says nothing yet: the request may still be on its way."""
    monkeypatch.setattr(applying, "LOOK", 0.05)
    plan = either.plan(
        [{"owner": "77", "issue_date": DAY, "fields": {"License Number": "D7"}}], create=True
    )
    nothing = {"data": [], "pagination": {"endCursor": "", "hasNextPage": False}}
    either.server.faults.add(
        Fault(operation=CREATE, status=500, applied=True),
        Fault(operation="streamQualificationRecords", skip=1, times=2, status=200, body=nothing),
    )

    assert either.apply(plan, outage_limit=5).stopped is None

    assert ({"applied": 1}, 1) == (counts(plan), either.sent(CREATE))


def test_what_is_right_already_is_not_sent_again(either: World) -> None:
    """Of a row, only what its record still lacks."""
    either.add(1)
    plan = either.plan([{"owner": "1", "expiration_date": DAY, "external_ids": {"hr": "7"}}])
    either.record(1)["externalIds"] = {"hr": "7"}

    assert either.apply(plan).stopped is None

    [sent] = [it for it in either.server.requests if it.operation == UPDATE]
    assert {"id", "expirationDate"} == set(sent.json)


def test_a_record_that_somebody_made_meanwhile(either: World) -> None:
    """Is not made again."""
    row = {"owner": "77", "issue_date": DAY, "fields": {"License Number": "D7"}}
    plan = either.plan([row], create=True)
    either.add(77)

    assert either.apply(plan).stopped is None

    assert [f"the owner has a record by now: {record_id(77)}"] == [r.error for r in plan.rows()]
    assert 0 == either.sent(CREATE)


def test_files_are_sent_once_a_plan(either: World) -> None:
    """They cannot be compared, so they are a change each time."""
    scan = [MediaItem.from_bytes("image/png", b"png")]
    rows = [{"owner": "1", "fields": {"Scan of the licence": scan}}]
    either.add(1)

    plan = either.plan(rows)
    assert [("Scan of the licence", "files", "files")] == next(plan.rows()).changes
    assert either.apply(plan).stopped is None
    assert either.apply(plan).stopped is None

    assert ({"applied": 1}, 1) == (counts(plan), either.sent())
    assert {"planned": 1} == counts(either.plan(rows))


def test_one_record_that_cannot_be_read_spoils_no_other(either: World) -> None:
    """It is found by halving."""
    plan = either.plan(renewals(either, 9))
    answer_500(either, lambda request: record_id(4) in str(request.query))
    seen: list[push.Progress] = []

    assert either.apply(plan, outage_limit=30, on_progress=seen.append).stopped is None

    assert (9, 8, {"applied": 8, "failed": 1}) == (seen[-1].done, either.sent(), counts(plan))
    (row,) = plan.rows("failed")
    assert (4, False) == (row.number, row.applied)


def test_the_second_run_is_refused(world: World) -> None:
    """While the first one lasts, and in another process, too; the plan can be read by its owner."""
    plan = world.plan(renewals(world, 5))
    refused: list[str] = []

    def again(_: push.Progress) -> None:
        if not refused:
            assert 5 == plan.summary.rows
            with pytest.raises(push.PlanError, match="another run has it in use") as caught:
                world.apply(push.Plan.open(world.path))
            refused.append(str(caught.value))

    assert world.apply(plan, on_progress=again).stopped is None
    assert refused
    assert {"applied": 5} == counts(plan)
    assert 5 == world.sent()


def test_a_plan_of_another_world_is_refused(world: World) -> None:
    """Another host, another organization."""
    plan = world.plan(renewals(world, 1))
    for name, value in (("organization", "acme"), ("base_url", "https://other.test")):
        usual = {key: world.options[key] for key in world.options}
        world.options[name] = value
        if name == "organization":
            world.options["budget"] = "memory://"
        with pytest.raises(push.PlanError, match="was made for the"):
            world.apply(plan)
        world.options = usual
    assert 0 == world.sent()


def test_a_plan_that_was_applied_is_kept(world: World) -> None:
    """Another one takes its name; what was sent, and when, is still to be read."""
    world.plan(renewals(world, 1))
    for number in (1, 2):
        world.apply()
        rows = [{"owner": "1", "expiration_date": date(2035, number, 1)}]
        plan = world.plan(rows)
        kept = world.path.with_name(f"push.{number}.plan")
        assert [f"the plan before is kept in {kept}"] == plan.summary.notes
        assert {"applied": 1} == counts(push.Plan.open(kept))
    world.plan(rows)  # nothing was sent of the one before
    assert 3 == len([*world.folder.glob("*.plan")])


@pytest.mark.parametrize("limit", [-1, float("nan")])
def test_an_outage_has_a_limit(world: World, limit: float) -> None:
    """Which a number must be."""
    world.plan(renewals(world, 1))
    with pytest.raises(InvalidInput, match="outage_limit"):
        world.apply(outage_limit=limit)


def test_a_plan_that_was_applied_in_part_is_not_replaced(world: World) -> None:
    """Its journal is all that tells what was sent."""
    rows = renewals(world, 20)
    plan = world.plan(rows)
    assert {"planned": 20} == counts(world.plan(rows))
    world.server.faults.add(Fault(operation=UPDATE, skip=5, times=100, status=403))
    world.apply(plan)

    with pytest.raises(push.PlanError, match="applied in part, 15 rows are left"):
        world.plan(rows)

    world.server.faults.clear()
    world.apply(plan)
    assert {"right": 20} == counts(world.plan(rows))


def test_ctrl_c_lets_those_under_way_end(world: World) -> None:
    """And returns; the same call goes on."""
    plan = world.plan(renewals(world, 100))
    usual = signal.getsignal(signal.SIGINT)
    waits: list[str] = []

    def press(progress: push.Progress) -> None:
        waits.append(progress.waiting)
        if progress.done >= 10 and not any(waits):
            os.kill(os.getpid(), signal.SIGINT)

    result = world.apply(plan, on_progress=press)

    assert ("interrupted", None) == (result.stopped, result.error)
    assert {"applied", "planned"} == {*counts(plan)}
    assert world.sent() == counts(plan)["applied"] < 40
    assert usual is signal.getsignal(signal.SIGINT)
    assert world.apply(plan).stopped is None
    assert 100 == world.sent()


def test_the_second_ctrl_c_stops_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way is read back when the push goes on; nothing is sent afterwards."""
    monkeypatch.setattr(applying, "GRACE", 60.0)
    plan = world.plan(renewals(world, 30))
    hold = threading.Event()
    handle = world.server.handle

    def slow(request: Any) -> Any:
        if request.method == "PATCH":
            hold.wait(30)
        return handle(request)

    world.server.handle = slow  # type: ignore[method-assign]

    def press(progress: push.Progress) -> None:
        if counts(plan).get("sent"):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        world.apply(plan, on_progress=press)

    hold.set()
    assert 8 == counts(plan)["sent"]
    world.server.handle = handle  # type: ignore[method-assign]
    assert world.apply(plan).stopped is None
    assert {"applied": 30} == counts(plan)


def test_calls_that_hang_are_left_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the grace; whoever waits for a slot sends nothing any more."""
    monkeypatch.setattr(applying, "GRACE", 0.1)
    plan = world.plan(renewals(world, 30))
    budget, hold = world.options["budget"], threading.Event()
    acquire = budget.acquire

    def slow(*arguments: Any, **options: Any) -> Any:
        if "update" in arguments[0]:
            hold.wait(30)
        return acquire(*arguments, **options)

    monkeypatch.setattr(budget, "acquire", slow)

    def press(progress: push.Progress) -> None:
        if counts(plan).get("sent") and not progress.waiting:
            os.kill(os.getpid(), signal.SIGINT)

    before = threading.active_count()
    assert "interrupted" == world.apply(plan, on_progress=press).stopped
    hold.set()
    while threading.active_count() > before:
        pass

    assert ({"sent": 8, "planned": 22}, 0) == (counts(plan), world.sent())
    monkeypatch.undo()
    assert world.apply(plan).stopped is None
    assert {"applied": 30} == counts(plan)


async def test_a_task_that_is_cancelled(tmp_path: Path) -> None:
    """Lets those under way end, and is cancelled; cancelled twice, it ends at once."""
    world = World("async", tmp_path, mock_server())
    rows = renewals(world, 60)
    async with httpx.AsyncClient(transport=world.server.async_transport()) as http:
        client = AsyncQualificationsClient(http_client=http, **world.options)
        plan = await push.plan_async(client, rows, type=LICENCE, path=world.path)

        def cancel(progress: push.Progress) -> None:
            if progress.done >= 10:
                task.cancel()

        for most in (1, 2):
            task = asyncio.create_task(push.apply_async(client, plan, on_progress=cancel))
            with pytest.raises(asyncio.CancelledError):
                await task
            assert 60 > counts(plan)["applied"] >= 10 * most
        assert (await push.apply_async(client, plan)).stopped is None
        assert {"applied": 60} == counts(plan)


def test_a_hook_that_fails_is_not_hidden(either: World) -> None:
    """It is the caller's; the journal is whole all the same."""
    plan = either.plan(renewals(either, 20))

    def fail(progress: push.Progress) -> None:
        if progress.done:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        either.apply(plan, on_progress=fail)
    assert either.apply(plan).stopped is None
    assert {"applied": 20} == counts(plan)
