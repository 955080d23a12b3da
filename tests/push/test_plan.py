"""What a plan makes of rows: their records, what they change, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import CLEAR, UNSET, Exactly, InvalidInput, RateLimit, push
from samsara_qualifications.mock import Fault, Request
from samsara_qualifications.push import planning

from .conftest import LICENCE, World, mock_server, record_id

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2034, 4, 14)
THEN = "2034-04-14T00:00:00Z"
KEYS = "record_id, external_id, owner, owner_external_id"


def outcomes(plan: push.Plan) -> dict[int, tuple[str, str]]:
    """Return each row's outcome and error."""
    return {row.number: (row.outcome, row.error) for row in plan.rows()}


def test_a_row_is_planned_with_old_and_new_values(either: World) -> None:
    """Each in a person's form; what the record shows already is left out."""
    either.add(1)
    fields = {"Licence class": "class b", "Penalty points": 123.456, "License Number": "D2"}

    plan = either.plan([{"owner": "1", "expiration_date": DAY, "fields": fields}])

    (row,) = plan.rows("planned")
    assert ("update", record_id(1), "1", "owner 1") == (
        *(row.action, row.record_id, row.owner_id, row.key),
    )
    assert [
        ("expires", datetime(2026, 8, 27, 10, 20, 30, tzinfo=UTC), DAY),
        ("Licence class", "Class A", "Class B"),
        ("License Number", "D1234567", "D2"),
    ] == row.changes
    assert 0 == either.sent()


def test_what_is_right_already_costs_nothing(either: World) -> None:
    """Compared by meaning: seconds, numbers, options by label, lists in any order, no date."""
    either.add(1, externalIds={"hr": "7"})
    del either.record(1)["expirationDate"]
    rows = [
        {
            "owner": "1",
            "expiration_date": CLEAR,
            "issue_date": datetime(2024, 8, 27, 10, 20, 30, 900, tzinfo=UTC),
            "external_ids": {"hr": "7", "old": CLEAR, "payroll": UNSET},
            "fields": {
                "Licence class": "Class A",
                "Endorsements": ["Passengers", "Tank vehicles"],
                "Penalty points": 123.456,
                "First licensed on": date(2009, 8, 8),
                "License Number": UNSET,
            },
        },
        {"owner": "281475"},
    ]

    plan = either.plan(rows)

    assert {1: ("right", ""), 2: ("right", "")} == outcomes(plan)
    assert either.apply(plan).stopped is None
    assert 0 == either.sent()


@pytest.mark.parametrize("many", [0, 1_000])
def test_each_key_finds_its_record(
    either: World, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one pass over all records, or by asking for those of the rows."""
    monkeypatch.setattr(planning, "MANY", many)
    for number in range(1, 5):
        either.add(number)
    either.record(2)["externalIds"] = {"hr": "a:b"}
    either.record(4)["owner"]["externalIds"] = {"payroll": "E-4"}
    rows = [
        {"record_id": record_id(1), "issue_date": DAY},
        {"external_id": "hr:a:b", "issue_date": DAY},
        {"owner": "3", "issue_date": DAY},
    ]
    rows += [{"owner_external_id": "payroll:E-4", "issue_date": DAY}] if many == 0 else []

    found = {row.record_id for row in either.plan(rows).rows("planned")}

    assert {record_id(number) for number in range(1, len(rows) + 1)} == found


def test_a_record_that_cannot_be_told_is_an_error_of_the_row(world: World) -> None:
    """None, two, an archived one, one of another type: each says what to do."""
    for number in (1, 2, 3):
        world.add(number)
    world.record(2)["owner"]["id"] = "1"
    world.record(3)["recordStatus"] = "archived"
    world.add(4, recordStatus="deleted")
    rows: list[Any] = [
        {"owner": "1", "issue_date": DAY},
        {"owner": "3", "issue_date": DAY},
        {"owner": "4", "issue_date": DAY},
        {"record_id": record_id(9), "issue_date": DAY},
        {"record_id": "5f4d6091-42ea-54ba-b5c2-283327d129d6", "issue_date": DAY},
        {"record_id": record_id(1), "issue_date": DAY},
    ]
    none = "no such record of the type 'Driver License'"

    assert {
        1: f"owner 1 has 2 records of the type, {record_id(1)} and {record_id(2)}: name one by its"
        " record id",
        2: f"the record {record_id(3)} is archived: unarchive it first",
        3: f"{none}; with create (--create) one is made",
        4: none,
        5: "the record 5f4d6091-42ea-54ba-b5c2-283327d129d6 is of the type 'HAZMAT Certificate'",
    } == {row.number: row.error for row in world.plan(rows).rows("error")}


def test_an_archived_record_beside_an_active_one_is_not_meant(world: World) -> None:
    """The licence of before stays in the archive."""
    world.add(1)
    world.add(2, recordStatus="archived")["owner"]["id"] = "1"

    (row,) = world.plan([{"owner": "1", "issue_date": DAY}]).rows()

    assert ("planned", record_id(1)) == (row.outcome, row.record_id)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"issue_date": DAY}, f"one of {KEYS} finds a record, not none"),
        (
            {"owner": "1", "record_id": LICENCE},
            f"the record {LICENCE} is not that of owner 1: correct the row, or leave one out",
        ),
        ({"owner": ""}, "owner[0]='' is not a valid id"),
        ({"owner": 281474}, "owner[0] must be a string, not int 281474"),
        ({"external_id": "7"}, "external_id='7' must have the form key:value"),
        ({"record_id": "hr:7"}, "record_id='hr:7' must have the form an id, without a colon"),
        ({"record_id": "a,b"}, "ids go out joined by commas"),
        ({"owner": "1", "expiry": DAY}, "a row has no 'expiry'"),
        ({"owner": "1", "issue_date": None}, "issue_date=None is ambiguous"),
        ({"owner": "1", "expiration_date": date(1970, 1, 1)}, "an empty date looks like"),
        ({"owner": "1", "issue_date": datetime(2030, 1, 1)}, "no time zone"),  # noqa: DTZ001  that is wrong with it
        ({"owner": "1", "fields": {"Licence clas": "A"}}, "did you mean 'Licence class'?"),
        ({"owner": "1", "fields": {"Licence class": "Z"}}, "no option is labelled 'Z'"),
        ({"owner": "1", "external_ids": {"hr": ""}}, "what an empty cell looks like"),
        ({"problems": ["Worker: '2.8E+11' was an id"]}, "Worker: '2.8E+11' was an id"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(world: World, row: Any, error: str) -> None:
    """And keeps no other row from being planned."""
    world.add(1)

    first, second = world.plan([row, {"owner": "1", "issue_date": DAY}]).rows()

    assert ("error", "planned") == (first.outcome, second.outcome)
    assert error in first.error


def test_all_that_is_wrong_with_a_row_is_told_at_once(world: World) -> None:
    """Not one thing a run."""
    row = {"problems": ["first"], "owner": "", "issue_date": None, "expiration_date": None}

    (row,) = world.plan([row]).rows()

    parts = ["first", "expiration_date=None", "issue_date=None", "owner[0]=''"]
    assert parts == [part for part in parts if part in row.error]
    assert 4 == len(row.error.split("; ")) - row.error.count("; pass CLEAR")


@pytest.mark.parametrize("row", [7, {"row": "x"}])
def test_what_is_no_row_is_refused(world: World, row: Any) -> None:
    """It is a mistake of the program, not of the file."""
    with pytest.raises(InvalidInput, match="row 1"):
        world.plan([row])
    assert not list(world.folder.iterdir())


def test_rows_that_share_a_record(world: World) -> None:
    """Whatever key they have: the same twice is a duplicate, a contradiction is for a person."""
    for number in (1, 2, 3):
        world.add(number)
    rows: list[Any] = [
        {"owner": "1", "issue_date": DAY, "fields": {"Penalty points": 3}},
        {"record_id": record_id(1), "issue_date": DAY, "fields": {"Penalty points": 3.0}},
        {"owner": "2", "issue_date": DAY},
        {"owner": "2", "fields": {"Penalty points": 3}},
        {"owner": "3", "issue_date": DAY},
        {"record_id": record_id(3), "issue_date": date(2034, 4, 15)},
        {"owner": "3", "expiration_date": DAY},
    ]

    assert {
        1: ("planned", ""),
        2: ("duplicate", "row 1 says the same"),
        3: ("planned", ""),
        4: ("planned", ""),
        5: ("error", "contradicts row 6: they share a record"),
        6: ("error", "contradicts row 5: they share a record"),
        7: ("planned", ""),
    } == outcomes(world.plan(rows))


def test_a_row_that_is_right_contradicts_too(world: World) -> None:
    """Which of the two is meant, only a person knows."""
    record = world.add(1)
    right = datetime.fromisoformat(record["expirationDate"])

    plan = world.plan(
        [{"owner": "1", "expiration_date": right}, {"owner": "1", "expiration_date": DAY}]
    )

    assert ["error", "error"] == [row.outcome for row in plan.rows()]


def test_one_record_for_thousands_of_rows_takes_no_time(world: World) -> None:
    """A wrong column gives all rows the same owner; each names a few others."""
    world.add(1)

    plan = world.plan({"owner": "1", "issue_date": date(2000, 1, 1 + n % 31)} for n in range(3_000))

    assert {"error": 3_000} == plan.summary.counts
    assert max(len(row.error) for row in plan.rows()) < 120


def test_guards(world: World) -> None:
    """A plan that changes or clears too much says so, shows it, and is not applied."""
    for number in range(1, 13):
        world.add(number)
    rows = [{"owner": str(number), "expiration_date": CLEAR} for number in range(1, 13)]

    plan = world.plan(rows, max_changes=11)

    assert ["most rows change something: 12 of 12"] == plan.summary.notes
    assert [
        "12 rows change something, and max_changes is 11",
        "12 rows clear something, and allow_clear is 0",
    ] == plan.summary.refusals
    with pytest.raises(push.PlanError, match="is not applied: 12 rows"):
        world.apply(plan)
    assert 0 == world.sent()
    assert [] == world.plan(rows, max_changes=12, allow_clear=12).summary.refusals


def test_a_guard_counts_what_is_cleared_not_what_is_empty(world: World) -> None:
    """An empty date stays empty; an empty text and an external id count."""
    world.add(1)
    world.add(2, externalIds={"hr": "2"})
    del world.add(3)["expirationDate"]
    rows = [
        {"owner": "1", "fields": {"License Number": CLEAR}},
        {"owner": "2", "external_ids": {"hr": CLEAR}},
        {"owner": "3", "expiration_date": CLEAR},
    ]

    summary = world.plan(rows).summary

    assert (2, {"planned": 2, "right": 1}) == (summary.clears, summary.counts)


def test_a_create_is_asked_for(either: World) -> None:
    """Only for an owner, and with what a record needs; once made, it is found."""
    new = {"owner": "77", "issue_date": DAY, "fields": {"License Number": "D7"}}
    new |= {"expiration_date": CLEAR, "external_ids": {"a": CLEAR}}
    rows: list[Any] = [
        new,
        {"owner": "78", "expiration_date": DAY},
        {"record_id": record_id(9), "issue_date": DAY},
        new,
    ]
    plan = either.plan(rows, create=True)
    assert {
        1: ("planned", ""),
        2: ("error", "there is no record, and a new one needs an issue date, 'License Number'"),
        3: ("error", "no such record of the type 'Driver License'"),
        4: ("duplicate", "row 1 says the same"),
    } == outcomes(plan)
    assert (1, 0) == (plan.summary.creations, plan.summary.clears)

    assert either.apply(plan).stopped is None

    (row,) = plan.rows("applied")
    assert "2034-04-14T00:00:00Z" == either.server.records[row.record_id]["issueDate"]
    assert {"right": 1} == either.plan(rows[:1], create=True).summary.counts


def test_the_type_is_named_in_any_way(world: World) -> None:
    """By its name, its id, or as the client gave it."""
    world.add(1)
    row = {"owner": "1", "issue_date": DAY}
    for name in (" driver license", LICENCE.upper()):
        assert LICENCE == world.plan([row], type=name, entity_type="worker").type_id
    world.server.types["2"] = {**world.server.types[LICENCE], "id": record_id(2)}

    with pytest.raises(push.PlanError, match="names more than one qualification type"):
        world.plan([row])
    with pytest.raises(push.PlanError, match=r"type='Licence' is no .* 'Medical Certificate'"):
        world.plan([row], type="Licence")


def test_the_latest_state_in_the_stream_wins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record may come several times, and change while it is read."""
    monkeypatch.setattr(planning, "MANY", 0)
    record = world.add(1, updatedAtTime="2024-01-01T00:00:00Z")
    later = record | {"issueDate": "2030-01-01T00:00:00Z", "updatedAtTime": "2025-01-01T00:00:00Z"}
    del world.server.records[record["id"]]
    world.server.records.update({"a": record, "b": later, "c": record | {}})
    day = datetime(2030, 1, 1, tzinfo=UTC)

    assert {"right": 1} == world.plan([{"owner": "1", "issue_date": day}]).summary.counts


def test_what_changes_while_the_stream_is_read_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that changes once its page is past comes again, in a second and short pass."""
    monkeypatch.setattr(planning, "MANY", 0)
    world = World("blocking", tmp_path, mock_server(page_size=1))
    for number in range(1, 4):
        world.add(number)

    def change(request: Request) -> bool:
        if "after=" in request.query and world.record(1)["expirationDate"] != THEN:
            now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
            world.record(1).update(expirationDate=THEN, updatedAtTime=now)
        return False

    world.server.faults.add(Fault(operation="streamQualificationRecords", status=500, when=change))

    assert {"right": 1} == world.plan([{"owner": "1", "expiration_date": DAY}]).summary.counts


@pytest.mark.parametrize("unknown", ["404", "omitted"])
def test_one_unknown_id_spoils_no_other(tmp_path: Path, unknown: str) -> None:
    """A server may answer 404 to all, or leave it out."""
    world = World("blocking", tmp_path, mock_server(behaviours={"unknown_get": unknown}))
    for number in range(1, 8):
        world.add(number)
    rows = [{"record_id": record_id(number), "issue_date": DAY} for number in range(1, 12)]

    plan = world.plan(rows)

    assert {"planned": 7, "error": 4} == plan.summary.counts
    assert world.apply(plan).stopped is None
    assert {"applied": 7, "error": 4} == plan.summary.counts


def test_all_ids_of_a_row_are_of_one_record(world: World) -> None:
    """One badly sorted column would misdirect every row; capitals are the same id."""
    world.add(1, externalIds={"hr": "7"})
    world.add(2)
    rows = [
        {"record_id": record_id(1), "owner": "1", "external_id": "hr:7", "issue_date": DAY},
        {"record_id": record_id(2), "owner": "1", "issue_date": DAY},
        {"record_id": LICENCE.upper(), "owner": "281474", "issue_date": DAY},
    ]
    plan = world.plan(rows)
    assert ["planned", "error", "planned"] == [row.outcome for row in plan.rows()]
    assert [
        f"the record {record_id(2)} is not that of owner 1: correct the row, or leave one out"
    ] == [row.error for row in plan.rows("error")]


@pytest.mark.parametrize("owner", ["Total", "'281", "\uff12\uff18", "2.8E11", "281.475", "hr:1"])
def test_no_record_is_made_for_what_is_no_id(world: World, owner: str) -> None:
    """A row of totals is nobody's licence."""
    (row,) = world.plan([{"owner": owner, "issue_date": DAY}], create=True).rows()
    assert "error" == row.outcome
    assert "an id has digits only" in row.error or "without a colon" in row.error


def test_what_is_emptied_counts_as_cleared(world: World) -> None:
    """Boxes and tables, too."""
    world.add(1)
    for fields in ({"Endorsements": []}, {"Road tests": []}):
        plan = world.plan([{"owner": "1", "fields": fields}])
        assert ["1 row clears something, and allow_clear is 0"] == plan.summary.refusals
        assert push.change_text(next(plan.rows())).startswith("- row 1")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"max_change": 0}, TypeError),
        ({"max_changes": -1}, InvalidInput),
        ({"allow_clear": True}, InvalidInput),
        ({"max_changes": "5"}, InvalidInput),
    ],
)
def test_a_guard_that_is_misspelt_is_none(
    world: World, options: dict[str, Any], error: type[Exception]
) -> None:
    """It must not look like one."""
    with pytest.raises(error, match=next(iter(options))):
        world.plan([], **options)


def test_what_is_no_text_ends_no_plan(world: World) -> None:
    """Half a character, and None for what is not there."""
    world.add(1)
    rows = [
        {"owner": "1", "external_ids": {"hr": "\ud800"}},
        {"owner": "1", "issue_date": DAY, "cells": {"a": "\udc00"}},
        {"owner": "1", "issue_date": DAY, "cells": None, "problems": None},
    ]
    plan = world.plan(rows)
    assert ["error", "error", "planned"] == [row.outcome for row in plan.rows()]
    assert "half a character" in [*plan.rows("error")][1].error


def test_tables_and_files(world: World) -> None:
    """A table is compared by its rows' ids; a file cannot be, and counts as a change."""
    table = world.add(1)["fields"][-1]
    row = table["tableValue"]["rows"][0]
    rows = [{"owner": "1", "fields": {"Road tests": [{"id": row["id"]}]}}]

    assert {"right": 1} == world.plan(rows).summary.counts

    (planned,) = world.plan([{"owner": "1", "fields": {"Road tests": []}}]).rows()
    assert [("Road tests", f"{len(table['tableValue']['rows'])} rows", None)] == planned.changes


def test_texts(world: World) -> None:
    """One line for each row, in Terraform's form, and one for the plan."""
    for number in (1, 2, 3):
        world.add(number)
    del world.record(2)["expirationDate"]
    world.add(4, expirationDate="2034-04-14T08:00:00Z")
    rows: list[Any] = [
        {
            "owner": "1",
            "row": 17,
            "expiration_date": DAY,
            "fields": {"Licence class": "Class B", "Penalty points": 3, "Endorsements": []},
        },
        {"owner": "2", "expiration_date": DAY, "external_ids": {"hr": "7"}},
        {"owner": "3", "expiration_date": CLEAR},
        {"owner": "4", "expiration_date": DAY},
        {"owner": "5", "issue_date": DAY, "fields": {"License Number": "D5"}},
        {"owner": "6", "expiration_date": DAY},
        {"owner": "281475"},
    ]
    licence = "Driver License"

    plan = world.plan(rows, create=True, allow_clear=2)

    assert [
        (
            f"- row 17  worker 1  {licence}  expires 2026-08-27 → 2034-04-14, Licence class"
            ' "Class A" → "Class B", Penalty points 123.456 → 3, Endorsements is cleared'
        ),
        f'~ row 2  worker 2  {licence}  expires never → 2034-04-14, hr nothing → "7"',
        f"- row 3  worker 3  {licence}  expiration date is cleared",
        f"~ row 4  worker 4  {licence}  expires 2034-04-14T08:00:00+00:00 → 2034-04-14",
        f'+ row 5  worker 5  {licence}  new: issued 2034-04-14, License Number "D5"',
        (
            f"! row 6  owner 6  {licence}  error: there is no record, and a new one needs an issue"
            " date,"
            " 'License Number'"
        ),
        f"  row 7  worker 281475  {licence}  already right",
    ] == [push.change_text(row) for row in plan.rows()]
    assert (
        "Plan: 5 to update (1 min at 60,000,000/min), 1 already right, 1 new record, 2 clears,"
        " 1 error." == push.summary_text(plan.summary)
    )


def test_progress(either: World) -> None:
    """Rows, then records."""
    for number in range(1, 151):
        either.add(number)
    seen: list[Any] = []

    either.plan(
        ({"owner": str(n), "issue_date": DAY} for n in range(1, 151)), on_progress=seen.append
    )

    assert [
        ("rows", 100, None),
        ("rows", 150, 150),
        ("records", 100, None),
        ("records", 150, 150),
    ] == [(it.phase, it.done, it.total) for it in seen]


def test_exactly_is_taken(world: World) -> None:
    """A value that is meant, although it looks empty."""
    world.add(1)
    rows = world.push({"owner": "1", "issue_date": Exactly(date(1900, 1, 1))})

    assert "applied" == rows[1].outcome
    assert "1900-01-01T00:00:00Z" == world.record(1)["issueDate"]


def test_limits_are_told_in_minutes(tmp_path: Path) -> None:
    """By the client's own limit."""
    limits = {"update": RateLimit(50, 30)}
    world = World("blocking", tmp_path, mock_server(), limits=limits)

    assert 100.0 == world.plan([]).summary.per_minute
