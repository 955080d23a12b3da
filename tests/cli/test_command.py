"""What each command prints, and the status that it ends with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import __version__
from samsara_qualifications.mock import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications.mock import MockServer

    from .conftest import Ended

    Run = Callable[..., Ended]

LICENCE = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
OTHER = "c713635d-78e3-5b44-b0ff-7ef37af97af0"
FILE = "owner id,expiration date,Licence class\n281474,2034-04-14,\n281475,,Class A\n"


def written(text: str, name: str = "in.csv") -> str:
    """Write a file into the folder of the test and return its name."""
    Path(name).write_text(text, "utf-8")
    return name


def test_types(run: Run) -> None:
    """Labels, kinds and options, for people and for programs."""
    status, out, err = run("types")
    assert (0, "") == (status, err)
    assert f"Driver License  (worker, {LICENCE})\n" in out
    assert "  License Number: text, required\n" in out
    assert "  Licence class: multiple choice: Class A, Class B, Class C\n" in out
    found = json.loads(run("types", "--json").out)
    assert {"Driver License", "Crane Load Test"} <= {kind["name"] for kind in found}


def test_an_export_is_right_as_it_is(run: Run, server: MockServer) -> None:
    """What `export` wrote, `plan` finds to be right in every row, with the map and without."""
    status, out, err = run(
        *("export", "--type", "Driver License", "--out", "now.csv", "--map", "map.toml")
    )
    assert (0, "") == (status, out)
    assert "2 active records of 'Driver License' in now.csv" in err
    before = json.dumps(server.records)
    for options in (("--map", "map.toml"), ("--type", "Driver License")):
        status, out, err = run("plan", "now.csv", *options, "--detailed-exitcode")
        assert (0, "Plan: 0 to update, 2 already right.\n") == (status, out)
        assert "'record id' finds the record" in err
    assert before == json.dumps(server.records)
    assert [] == [it for it in server.requests if it.method != "GET"]


def test_export_to_stdout(run: Run) -> None:
    """CSV, or the records as JSON; never over a map that is there."""
    rows = [*csv.DictReader(io.StringIO(run("export", "--type", LICENCE).out))]
    assert ["281474", "281475"] == [row["owner id"] for row in rows]
    assert "licence-281475" == rows[1]["external id hr"]
    assert "Tank vehicles;Passengers" == rows[0]["Endorsements"]
    found = json.loads(run("export", "--type", LICENCE, "--json").out)
    assert LICENCE == found[0]["id"]
    written("mine", "map.toml")
    status, _, err = run("export", "--type", LICENCE, "--map", "map.toml")
    assert 2 == status
    assert "map.toml is there already: it is not overwritten" in err


def test_suggest(run: Run) -> None:
    """A first map says what the headings seem to be, and how the dates are written."""
    written("Driver ID;Valid until;Points;Depot;Issued\n281474;27.08.2034;3;North;01/02/2020\n")
    status, out, _ = run("plan", "in.csv", "--suggest", "--type", "Driver License")
    assert 0 == status
    assert '"Driver ID" = { is = "owner id" }  # a guess\n' in out
    assert '"Valid until" = { is = "expiration date", format = "%d.%m.%Y" }' in out
    assert '"Points" = { is = "Penalty points" }' in out
    assert '"Depot" = { ignore = true }\n' in out
    assert 'format = "%d/%m/%Y or %m/%d/%Y"' in out
    written(out, "map.toml")
    status, _, err = run("plan", "in.csv", "--map", "map.toml")
    assert 2 == status
    assert "format = '%d/%m/%Y or %m/%d/%Y' is no format of dates" in err


def test_plan_apply_and_again(run: Run, server: MockServer) -> None:
    """The plan is what is done; the report says so; a second time there is nothing to do."""
    written(FILE)
    status, out, err = run("plan", "in.csv", "--type", "Driver License", "--detailed-exitcode")
    assert 10 == status
    assert out.startswith(
        "~ row 2  worker 281474  Driver License  expires 2026-08-27 → 2034-04-14\n"
        '~ row 3  worker 281475  Driver License  Licence class "Class B" → "Class A"\n'
        "Plan: 2 to update"
    )
    assert "UTF-8, columns separated by commas, 2 rows" in err
    assert "To do it: samsara-qualifications apply in.plan" in err
    assert [] == [it for it in server.requests if it.method != "GET"]

    status, out, _ = run("apply", "in.plan", "--yes")
    assert 0 == status
    assert "Done: 2 applied." in out
    assert "2034-04-14T00:00:00Z" == server.records[LICENCE]["expirationDate"]
    assert "2027-03-01T00:00:00Z" == server.records[OTHER]["expirationDate"]
    report = [*csv.DictReader(io.StringIO(Path("in-report/report.csv").read_text("utf-8-sig")))]
    assert ["applied", "applied"] == [row["outcome"] for row in report]
    status, out, _ = run("apply", "in.plan")
    assert (0, "Done: 2 applied.") == (status, out.splitlines()[0])
    assert 2 == sum(it.method == "PATCH" for it in server.requests)


def test_the_same_file_again_is_looked_at_again(run: Run, server: MockServer) -> None:
    """What is done is done; what somebody changed since, or could not be planned, is not."""
    written(f"{FILE}281999,2034-04-14,\n")
    assert 3 == run("push", "in.csv", "--type", LICENCE, "--yes").status
    server.records[LICENCE]["expirationDate"] = "2030-01-01T00:00:00Z"
    server.add_record(LICENCE, owner={"entityType": "worker", "id": "281999"})
    status, out, err = run("push", "in.csv", "--type", LICENCE, "--yes")
    assert (0, True) == (status, "Done: 2 applied, 1 already right." in out)
    assert "the plan before is kept in in.1.plan" in err
    assert "2034-04-14T00:00:00Z" == server.records[LICENCE]["expirationDate"]
    assert not Path("in-report/failed.csv").exists()


@pytest.mark.parametrize(
    "settings",
    ["", 'encoding = "latin-1"', 'encoding = "cp1250"', 'delimiter = ";"', 'encoding = "utf-8"'],
)
def test_what_failed_fails_again_as_it_is(run: Run, server: MockServer, settings: str) -> None:
    """Whatever the map says; a row of too many cells, or too few, is still one."""
    text = "Depot;owner id;License Number\nMünchen;281474;1;5\nMünchen;281475\nKöln;1.0;D2\n"
    encoding = settings.partition('encoding = "')[2].strip('"') or "utf-8"
    Path("in.csv").write_bytes(text.encode(encoding))
    written(f'type = "Driver License"\n{settings}\n', "map.toml")
    assert 2 == run("plan", "in.csv", "--map", "map.toml").status
    failed = Path("in-report/failed.csv")
    assert text.replace(";", ",") == failed.read_text("utf-8-sig")
    status, _, err = run("push", str(failed), "--map", "map.toml", "--yes")
    assert 3 == status
    assert "row 2: the row has 4 cells and the headings are 3" in err
    assert "(also row 3)" in err
    assert [] == [it for it in server.requests if it.method == "PATCH"]


def test_what_goes_on_can_be_pasted(run: Run) -> None:
    """Names with blanks are quoted, and other hosts come along."""
    written(FILE, "My renewals.csv")
    arguments = ("My renewals.csv", "--type", LICENCE, "--organization", "acme & sons")
    _, _, err = run("plan", *arguments)
    words = "apply 'My renewals.plan' --organization 'acme & sons'"
    assert f"To do it: samsara-qualifications {words}\n" in err
    _, _, err = run("plan", *arguments, "--max-changes", "1")
    assert "To do it" not in err
    assert "My renewals.plan is not applied: 2 rows change something, and max_changes is 1" in err


def test_what_stands_in_the_way(run: Run, server: MockServer) -> None:
    """A plan under the name of an export, a file where the report goes, two types."""
    written(FILE)
    assert 0 == run("plan", "in.csv", "--type", LICENCE).status
    status, _, err = run("export", "--type", LICENCE, "--out", "in.plan")
    assert (2, True) == (status, "in.plan is a plan, or another database" in err)
    written("", "results")
    status, _, err = run("apply", "in.plan", "--yes", "--report", "results")
    assert (2, True) == (status, "results is no folder, and the report would go there" in err)
    written('type = "HAZMAT Certificate"', "map.toml")
    status, _, err = run("push", "in.csv", "--map", "map.toml", "--type", LICENCE, "--yes")
    assert (2, True) == (status, "--type and the map's type are two" in err)
    assert [] == [it for it in server.requests if it.method == "PATCH"]


def test_a_push_for_programs(run: Run) -> None:
    """JSON alone on stdout; the version for people."""
    written(FILE)
    out = run("push", "in.csv", "--type", LICENCE, "--yes", "--json").out
    assert 2 == json.loads(out)["summary"]["counts"]["applied"]
    assert f"samsara-qualifications {__version__}\n" == run("--version").out


def test_plan_for_programs(run: Run) -> None:
    """JSON and CSV on stdout, nothing else."""
    written(FILE)
    found = json.loads(run("plan", "in.csv", "--type", LICENCE, "--json").out)
    assert 2 == found["summary"]["counts"]["planned"]
    assert "2034-04-14" == found["rows"][0]["new"]
    rows = [*csv.DictReader(io.StringIO(run("plan", "in.csv", "--type", LICENCE, "--csv").out))]
    assert [("2", LICENCE, "expires"), ("3", OTHER, "Licence class")] == [
        (row["row"], row["record"], row["what"]) for row in rows
    ]


def test_push(run: Run, server: MockServer) -> None:
    """It plans and shows; without a terminal it needs a yes; rows with errors come out again."""
    written(f"{FILE}1.0,2034-01-01,\n999,2034-01-01,\n")
    assert 0 == run("push", "in.csv", "--type", LICENCE, "--dry-run").status
    status, _, err = run("push", "in.csv", "--type", LICENCE)
    assert 2 == status
    assert "nothing is sent without a yes: look at the plan, then say --yes" in err
    assert [] == [it for it in server.requests if it.method != "GET"]

    status, out, err = run("push", "in.csv", "--type", LICENCE, "--yes")
    assert 3 == status
    assert "row 4: owner id: '1.0' is an id that was turned into a number" in err
    assert "row 5: no such record of the type 'Driver License'" in err
    assert "in-report/errors.csv has the rows that cannot be planned" in err
    assert "2 applied" in out
    failed = Path("in-report/failed.csv").read_text("utf-8-sig")
    assert "owner id,expiration date,Licence class\n1.0,2034-01-01,\n999,2034-01-01,\n" == failed


def test_a_clear_needs_leave(run: Run, server: MockServer) -> None:
    """One word clears, and only as many rows as somebody allowed."""
    written("owner id,expiration date\n281474,NEVER\n")
    written('type = "Driver License"\nclear = "NEVER"\n', "map.toml")
    status, out, err = run("push", "in.csv", "--map", "map.toml", "--yes")
    assert 2 == status
    assert "- row 2  worker 281474  Driver License  expiration date is cleared\n" in out
    assert "in.plan is not applied: 1 row clears something" in err
    assert "plan again with a greater --allow-clear or --max-changes" in err
    assert "expirationDate" in server.records[LICENCE]
    assert 0 == run("push", "in.csv", "--map", "map.toml", "--yes", "--allow-clear", "1").status
    assert "expirationDate" not in server.records[LICENCE]


def test_problems_are_grouped(run: Run) -> None:
    """Thousands that are alike are one line: the first rows, and a number."""
    rows = "".join(f"{i},31.02.20{i % 90 + 10}\n" for i in range(100, 400))
    written("owner id,expiration date\n" + rows)
    written('[columns]\n"expiration date" = { format = "%d.%m.%Y" }\n', "map.toml")
    status, _, err = run("plan", "in.csv", "--type", LICENCE, "--map", "map.toml")
    assert 2 == status
    assert (
        "row 2: expiration date: '31.02.2020' is no date of the form %d.%m.%Y "
        "(also rows 3, 4, 5 and 296 more)"
    ) in err
    assert "no row can be planned" in err


def test_everything_wrong_is_said_at_once(run: Run) -> None:
    """The map's problems and the rows', in one run."""
    written("owner id,expiration date,Klasse\n1.0,soon,x\n")
    written('[columns]\nKlasse = { is = "Licence clas" }\nDepot = {}\n', "map.toml")
    status, _, err = run("plan", "in.csv", "--type", LICENCE, "--map", "map.toml")
    assert 2 == status
    for said in (
        "row 2: owner id: '1.0' is an id",
        "row 2: expiration date: 'soon' is no date",
        "map.toml names a column 'Depot'",
        "column 'Klasse': no field is labelled 'Licence clas': did you mean 'Licence class'?",
    ):
        assert said in err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("plan", "none.csv", "--type", "x"), 2, "none.csv cannot be read: No such file"),
        (("plan", "in.csv"), 2, "which type? Say --type, or type = … in map.toml. There are"),
        (("plan", "in.csv", "--type", "Drivers"), 2, "did you mean 'Driver License'?"),
        (("plan", "in.csv", "--type", LICENCE, "--map", "no.toml"), 2, "no.toml cannot be read"),
        (("apply", "in.csv"), 2, "in.csv"),
        (("apply", "no.plan"), 2, "no.plan"),
        (("plan",), 2, "Missing argument"),
        (("plan", "in.csv", "--tpye", "x"), 2, "No such option"),
        (("plan", ""), 2, "'.' is no file"),
        (("plan", "in.csv", "--type", LICENCE, "--json", "--csv"), 2, "say one of them"),
        (("plan", "in.csv", "--type", LICENCE, "--max-changes", "-1"), 2, "0 or more"),
        (("export", "--type", ""), 2, "which type? Say --type"),
        (("plan", "in.csv", "--max-changes", "x"), 2, "Invalid value for '--max-changes'"),
        (("export", "--type", "Drivers"), 2, "did you mean 'Driver License'?"),
        (("types", "--region", "mars"), 2, "must be one of"),
        (("types", "--base-url", "http://example.com"), 2, "would send the token in plain text"),
        (("types", "--token-env", "OTHER"), 5, "no API token: set OTHER to one"),
        (("doctor", "--token-env", "OTHER"), 5, "no API token: set OTHER to one"),
        (("export", "--type", LICENCE, "--out", "no/now.csv"), 1, "no/now.csv cannot be read or"),
    ],
)
def test_errors(run: Run, arguments: tuple[str, ...], status: int, said: str) -> None:
    """A sentence on stderr, the status that is documented, and no traceback."""
    written(FILE)
    ended = run(*arguments)
    assert (status, "") == (ended.status, ended.out)
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_status(run: Run, tmp_path: Path) -> None:
    """Each limit of the shared budget; a store that does not answer can be tried again."""
    url = f"sqlite:///{tmp_path}/budget.db"
    assert 0 == run("types", "--budget", url).status
    status, out, err = run("status", "--budget", url)
    assert (0, "") == (status, err)
    assert "update" in out
    assert "0 of 100 in 60 s" in out
    assert "shared by one process only" in run("status").err
    limits = json.loads(run("status", "--budget", url, "--json").out)["limits"]
    assert "update" == limits[0]["key"]


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (None, 0, "read types    ok          5 qualification types"),
        (401, 5, "make a new one in Samsara's dashboard"),
        (403, 5, "give the token the scopes Read and Write Qualification Records"),
    ],
)
def test_doctor(run: Run, server: MockServer, fault: int | None, status: int, said: str) -> None:
    """What works, what does not and the way out; nothing is written."""
    if fault:
        server.faults.add(Fault(status=fault, times=99))
    ended = run("doctor")
    assert status == ended.status
    assert said in ended.out
    assert "write         not tested" in ended.out
    assert {"GET"} == {request.method for request in server.requests}
    checks = json.loads(run("doctor", "--json").out)
    assert "FAILED" in {it["state"] for it in checks} or not fault
    assert server.token not in ended.out + ended.err


def test_a_refusal_stops_a_push(run: Run, server: MockServer) -> None:
    """A missing scope meets all rows alike: it stops, with the way out, and can be resumed."""
    written(FILE)
    server.faults.add(Fault(operation="updateQualificationRecord", status=403, times=99))
    status, out, err = run("push", "in.csv", "--type", LICENCE, "--yes")
    assert 5 == status
    assert "Stopped: " in out
    assert "give the token the scopes" in err
    assert "2 rows are left. To go on: samsara-qualifications apply in.plan" in err
    server.faults.clear()
    status, _, err = run("push", "in.csv", "--type", LICENCE, "--yes")
    assert 0 == status


def test_what_is_unexpected_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a bug of ours."""
    from samsara_qualifications.cli import jobs  # noqa: PLC0415  it is loaded late

    def broken(*_: Any, **__: Any) -> int:
        raise ZeroDivisionError("why")

    monkeypatch.setattr(jobs, "types", broken)
    status, _, err = run("types")
    assert 1 == status
    assert "this should not happen, please report it: ZeroDivisionError: why" in err
