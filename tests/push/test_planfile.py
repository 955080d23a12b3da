"""A plan's file in a world of full disks, foreign files and other versions; and the reports."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import push
from samsara_qualifications.mock import Fault

from .conftest import World, record_id

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2034, 4, 14)
HOLD = """
import sys, time
from pathlib import Path
from samsara_qualifications.push import Plan
with Plan.open(sys.argv[1])._journal():
    print("held", flush=True)
    time.sleep(60)
"""


def planned(world: World, count: int = 3) -> push.Plan:
    """Return a plan of some rows."""
    for number in range(1, count + 1):
        world.add(number)
    return world.plan({"owner": str(n), "issue_date": DAY} for n in range(1, count + 1))


def change(plan: push.Plan, *statements: str) -> None:
    """Change a plan's file by hand."""
    database = sqlite3.connect(plan.path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()


def test_a_plan_says_what_it_is_for(world: World) -> None:
    """And is the same when it is opened again."""
    plan = planned(world)
    again = push.Plan.open(str(world.path))

    assert f"Plan({str(world.path)!r})" == repr(again)
    for name in ("host", "organization", "type_id", "type_name", "entity_type", "input_digest"):
        assert getattr(plan, name) == getattr(again, name)
    assert ("https://samsara.test", "", "worker") == (
        plan.host,
        plan.organization,
        plan.entity_type,
    )
    assert list(plan.rows()) == list(again.rows())


@pytest.mark.parametrize("content", [None, b"", b"row;owner\n", b"SQLite format 3\0" + bytes(84)])
def test_what_is_no_plan(world: World, content: bytes | None) -> None:
    """It is neither opened nor replaced."""
    if content is not None:
        world.path.write_bytes(content)
        with pytest.raises(push.PlanError, match=r"push\.plan"):
            planned(world)
        assert content == world.path.read_bytes()
    with pytest.raises(push.PlanError, match=r"push\.plan") as caught:
        push.Plan.open(world.path)
    assert isinstance(caught.value, ValueError)


def test_another_database_is_no_plan(world: World) -> None:
    """Somebody else's."""
    with sqlite3.connect(world.path) as database:
        database.execute("CREATE TABLE mine (id)")
    database.close()

    with pytest.raises(push.PlanError, match="is no plan"):
        planned(world)


def test_a_plan_of_a_newer_version(world: World) -> None:
    """Is not understood by guessing."""
    plan = planned(world)
    change(plan, "PRAGMA user_version = 2")

    with pytest.raises(push.PlanError, match="newer version"):
        world.apply()


def test_a_folder_that_does_not_exist(world: World) -> None:
    """Is told before anything is read for long."""
    with pytest.raises(push.PlanError, match="check the name, and the rights of the folder"):
        world.plan([], path=world.folder / "none" / "push.plan")


def test_a_full_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent that could not be noted; with room, the push goes on."""
    plan = planned(world, 40)
    connect = sqlite3.connect

    def full(*arguments: Any, **options: Any) -> sqlite3.Connection:
        database = connect(*arguments, **options)
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    change(plan, "UPDATE row SET error = ''", "VACUUM")
    monkeypatch.setattr(sqlite3, "connect", full)
    world.server.faults.add(
        Fault(operation="updateQualificationRecord", times=40, status=400, body="x" * 9_000)
    )
    with pytest.raises(push.PlanError, match="the disk is full: make room"):
        world.apply(plan)
    monkeypatch.undo()
    sent = world.sent()
    world.server.faults.clear()

    assert world.apply(plan).stopped is None
    assert {"applied", "failed"} >= {*plan.summary.counts}
    assert 40 > sent
    assert 40 == sum(plan.summary.counts.values())


def test_a_plan_that_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told in words, and can be looked at all the same."""
    plan = planned(world)
    connect = sqlite3.connect

    def reading(place: str, **options: Any) -> sqlite3.Connection:
        return connect(place.replace("mode=rw", "mode=ro"), **options)

    monkeypatch.setattr(sqlite3, "connect", reading)

    assert 3 == plan.summary.rows
    with pytest.raises(push.PlanError, match="it cannot be written"):
        world.apply(plan)


def test_the_lock_ends_with_its_process(world: World) -> None:
    """Another process is refused, until the first one is killed."""
    plan = planned(world)
    command = [sys.executable, "-c", HOLD, str(world.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert "held\n" == holder.stdout.readline()
        with pytest.raises(push.PlanError, match="another run has it in use"):
            world.apply(plan)
        with pytest.raises(push.PlanError, match="another run has it in use"):
            planned(world)
        holder.kill()
        holder.wait()

    assert world.apply(plan).stopped is None


def reports(plan: push.Plan, folder: Path) -> dict[str, list[dict[str, str]]]:
    """Write the reports, and return the rows of those that are CSV."""
    found: dict[str, list[dict[str, str]]] = {}
    for path in push.report(plan, folder / "out"):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                found[path.name] = list(csv.DictReader(file))
    return found


def test_reports(world: World) -> None:
    """Every row with its outcome; those for a person once with reasons, once as they came."""
    for number in (1, 2):
        world.add(number)
    rows: list[Any] = [
        {"owner": "1", "issue_date": DAY, "cells": {"Worker": "1", "Note": "=1+1"}},
        {"owner": "2", "issue_date": DAY, "cells": {"Worker": "2", "Note": "-1"}, "row": 7},
        {"owner": "3", "issue_date": DAY, "cells": {"Worker": "3", "Note": '@ "x"\n;'}},
    ]
    plan = world.plan(rows)
    world.server.faults.add(
        Fault(
            operation="updateQualificationRecord",
            skip=1,
            status=400,
            body={"message": "=no", "requestId": "+7"},
        )
    )
    world.apply(plan)

    found = reports(plan, world.folder)

    lines = found["report.csv"]
    assert ["1", "7", "3"] == [line["number"] for line in lines]
    assert {"applied", "failed", "error"} == {line["outcome"] for line in lines}
    assert {"yes", "no", ""} == {line["applied"] for line in lines}
    failed = next(line for line in lines if line["outcome"] == "failed")
    assert ("'+7", "issued: 2024-08-27 10:20:30+00:00 > 2034-04-14") == (
        *(failed["request_id"], failed["changes"]),
    )
    assert [row["cells"] for row in rows[1:]] == found["failed.csv"] or (
        [rows[2]["cells"], rows[1]["cells"]] == found["failed.csv"]
    )
    assert ['\'@ "x"\n;'] == [row["Note"] for row in found["errors.csv"] if row["number"] == "3"]
    assert any("no such record" in row["error"] for row in found["errors.csv"])

    whole = json.loads((world.folder / "out" / "report.json").read_text("utf-8"))
    assert {"applied": 1, "failed": 1, "error": 1} == whole["plan"]["counts"]
    assert record_id(1) == whole["rows"][0]["record_id"]
    assert {"name": "issued", "old": "2024-08-27T10:20:30+00:00", "new": "2034-04-14"} == (
        whole["rows"][0]["changes"][0]
    )


def test_reports_of_a_push_without_trouble(world: World) -> None:
    """The files of an earlier trouble go."""
    plan = planned(world)
    out = world.folder / "out"
    out.mkdir()
    for name in ("errors.csv", "failed.csv"):
        (out / name).write_text("old")
    world.apply(plan)

    assert {"report.csv"} == reports(plan, world.folder).keys()
    assert ["report.csv", "report.json"] == sorted(path.name for path in out.iterdir())


def test_reports_without_columns_of_an_input(world: World) -> None:
    """Rows of a program are named by their key."""
    plan = world.plan([{"owner": "77", "issue_date": DAY}])

    assert [{"key": "owner 77"}] == reports(plan, world.folder)["failed.csv"]


def test_reports_that_cannot_be_written(world: World) -> None:
    """Are told in words of this package."""
    plan = planned(world)
    (world.folder / "out").write_text("a file")

    with pytest.raises(push.PlanError, match="out"):
        push.report(plan, world.folder / "out")
