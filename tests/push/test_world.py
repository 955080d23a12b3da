"""
A world with all that real exports have, a push that is killed again and again, and a server too.

At the end the server holds what it should, record by record and value by value.
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import CLEAR, push
from samsara_qualifications.mock import MockServer
from tests.ports import reserved_port

from .programs import TOKEN, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
LICENCE = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
HAZMAT = "5f4d6091-42ea-54ba-b5c2-283327d129d6"
CLASSES = ("Class A", "Class B")
RECORDS = 150
KILLS = 10
Json = dict[str, Any]


def program(*arguments: str) -> list[str]:
    """Return the command of a program."""
    return [sys.executable, "-m", "tests.push.programs", *arguments]


class Server:
    """The server as a process, which is begun anew whenever it has died."""

    def __init__(self, port: int, folder: Path, seed: int) -> None:
        self.deaths = -1
        self._port = port
        self._folder, self._seed, self._over = folder, seed, False
        self._process = self._begin()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _begin(self) -> subprocess.Popen[str]:
        self.deaths += 1
        command = program(
            "server", str(self._port), str(self._folder), f"{self._seed + self.deaths}"
        )
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        return process

    def _watch(self) -> None:
        while True:
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            if self._over:
                return
            self._process = self._begin()
            if self._over:
                self._process.kill()

    def close(self) -> None:
        """End it."""
        self._over = True
        self._process.kill()
        self._thread.join()


def organisation(dice: random.Random) -> dict[str, Json]:
    """Return records: licences, one of them twice, archived and deleted ones, other types."""
    seed = MockServer().records
    records = {HAZMAT: seed[HAZMAT]}
    for number in range(RECORDS):
        record = copy.deepcopy(seed[LICENCE]) | {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "owner": {"entityType": "worker", "id": str(1_000 + number), "externalIds": {}},
            "expirationDate": f"20{dice.randrange(26, 40)}-0{dice.randrange(1, 10)}-11T08:00:00Z",
            "externalIds": {"hr": f"licence-{number}"},
        }
        record["owner"]["externalIds"] = {"payroll": f"E-{number}"}
        records[record["id"]] = record
    everybody = list(records.values())
    everybody[1]["owner"] = everybody[2]["owner"]
    everybody[3]["recordStatus"] = "archived"
    del everybody[4]["expirationDate"]
    return records


class Truth:
    """The rows of a push, and what is to become of each."""

    def __init__(self, records: dict[str, Json], dice: random.Random) -> None:
        self.records = copy.deepcopy(records)
        self.rows: list[Json] = []
        self.outcomes: list[set[str]] = []
        self.owners: list[str] = []
        self._dice = dice
        licences = [it for it in self.records.values() if it["id"] != HAZMAT]
        for row in ({"owner": "1002"}, {"owner": "404"}, {"record_id": HAZMAT}, {"owner": "1002 "}):
            self._add({**row, "issue_date": date(2030, 1, 1)}, "error")
        self._add({"owner": licences[2]["owner"]["id"], "issue_date": date(2030, 1, 1)}, "error")
        for record in licences[4:]:
            self._licence(record)
        for number in range(9_000, 9_012):
            self.owners.append(str(number))
            fields = {"License Number": f"N{number}"}
            row = {"owner": str(number), "issue_date": date(2030, 1, 1), "fields": fields}
            self._add(row, "applied")
        self._add({"problems": ["Worker: '2.8E+11' was an id"], "cells": {"Worker": "x"}}, "error")

    def _add(self, row: Json, *outcomes: str) -> None:
        self.rows.append(row)
        self.outcomes.append({*outcomes})

    def _licence(self, record: Json) -> None:
        """Add what a person may have written about a licence."""
        dice = self._dice
        number = int(record["owner"]["id"]) - 1_000
        key = dice.choice(
            (
                {"owner": str(1_000 + number)},
                {"record_id": record["id"]},
                {"external_id": f"hr:licence-{number}"},
                {"owner_external_id": f"payroll:E-{number}"},
            )
        )
        day = date(2030, 1, 1) + timedelta(days=dice.randrange(3_000))
        match dice.randrange(8):
            case 0:
                self._add({**key}, "right")
            case 1:
                same = datetime.fromisoformat(record["issueDate"])
                self._add({**key, "issue_date": same}, "right")
            case 2:
                self._add({**key, "expiration_date": CLEAR}, *self._cleared(record))
            case 3:
                self._add({**key, "expiration_date": day}, "error")
                self._add({**key, "expiration_date": day + timedelta(days=1)}, "error")
            case 4:
                self._set(record, day)
                self._add({**key, "expiration_date": day}, "applied")
                self._add({"record_id": record["id"], "expiration_date": day}, "duplicate")
            case _:
                self._set(record, day)
                option = dice.choice(CLASSES)
                field = next(it for it in record["fields"] if it["label"] == "Licence class")
                field["multipleChoiceValue"] = {"value": option}
                fields = {"Licence class": option.upper()}
                self._add({**key, "expiration_date": day, "fields": fields}, "applied")

    @staticmethod
    def _set(record: Json, day: date) -> None:
        record["expirationDate"] = f"{day.isoformat()}T00:00:00Z"

    @staticmethod
    def _cleared(record: Json) -> tuple[str, ...]:
        return ("applied",) if record.pop("expirationDate", None) else ("right",)


def comparable(record: Json) -> Json:
    """Return what a push may touch, and all that it may not, without what the server writes."""
    kept = {name: value for name, value in record.items() if not name.startswith("updated")}
    for field in kept["fields"]:
        field.get("multipleChoiceValue", {}).pop("valueId", None)
    return kept


def planned(truth: Truth, records: dict[str, Json], url: str, path: Path) -> push.Plan:
    """Plan the push, in a world that is still at peace."""
    mock = MockServer(token=TOKEN, rate=None)
    mock.records.clear()
    mock.records.update(copy.deepcopy(records))
    with httpx.Client(transport=mock.transport()) as http, client_of(url, http) as client:
        options: Any = {"type": "Driver License", "create": True, "allow_clear": RECORDS}
        return push.plan(client, truth.rows, path=path, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for all files of a world."""
    yield tmp_path
    print((tmp_path / "journal.jsonl").stat().st_size, "bytes of journal")  # noqa: T201  for a person


@pytest.fixture
def port() -> Iterator[int]:
    """A port for the server, while it is dead too."""
    with reserved_port() as number:
        yield number


@pytest.mark.parametrize("seed", [1])
def test_a_push_that_is_killed_again_and_again(folder: Path, port: int, seed: int) -> None:
    """Nothing is lost, doubled, cleared or overwritten, and each row has its outcome."""
    dice = random.Random(seed)  # noqa: S311  dice need no cryptography
    records = organisation(dice)
    truth = Truth(records, dice)
    url = f"http://127.0.0.1:{port}"
    plan = planned(truth, records, url, folder / "push.plan")
    for row in dice.sample([it for it in plan.rows("planned") if it.record_id], 5):
        changed = {"expirationDate": "2055-05-05T00:00:00Z"}  # by somebody else, meanwhile
        truth.records[row.record_id] = copy.deepcopy(records[row.record_id]) | changed
        records[row.record_id] |= changed
        truth.outcomes[row.number - 1] = {"conflict"}
    (folder / "records.json").write_text(json.dumps(records), "utf-8")
    server = Server(port, folder, seed * 1_000)
    try:
        killed = 0
        while True:
            moment = dice.randrange(1, 90) if killed < KILLS else 0
            done = subprocess.run(
                program("push", url, str(folder), str(moment)),
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            if done.returncode == 0:
                break
            assert -9 == done.returncode, done.stderr
            killed += 1
    finally:
        server.close()

    outcomes = {row.number: row.outcome for row in plan.rows()}
    allowed = dict(enumerate(truth.outcomes, 1))
    assert {n: it for n, it in outcomes.items() if it not in allowed[n]} == {}
    final = dict(records)
    for line in (folder / "journal.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        final[record["id"]] = record
    made = [it for identity, it in final.items() if identity not in records]
    assert sorted(truth.owners) == sorted(it["owner"]["id"] for it in made)
    assert {it: comparable(truth.records[it]) for it in records} == {
        it: comparable(final[it]) for it in records
    }
    assert killed >= KILLS // 2
    assert server.deaths
