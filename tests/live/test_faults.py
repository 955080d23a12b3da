"""When something goes wrong: the run stops, touches nothing of others, and cleans up."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.mock import Fault
from samsara_qualifications_contract.live import run as live_run
from samsara_qualifications_contract.live.journal import Journal
from samsara_qualifications_contract.live.replay import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Org

UPDATE, CREATE = "updateQualificationRecord", "createQualificationRecord"
DELETE, GET = "deleteQualificationRecord", "getQualificationRecords"
SOON = {"Retry-After": "0.01"}


def stopped(org: Org) -> str:
    """Return why the run stopped."""
    [line] = [line for line in org.said if line.startswith("STOPPED")]
    return line.removeprefix("STOPPED    ")


def operations(org: Org) -> list[str]:
    """Return the operations that reached the server."""
    return [item.operation for item in org.server.requests]


def test_one_429_is_waited_out(organisation: Any) -> None:
    """The call is sent again, and the run goes on."""
    with organisation() as org:
        fault = Fault(operation=CREATE, status=429, headers={"Retry-After": "0.3"})
        org.server.faults.add(fault)
        assert org.run() == 0
        creations = [item for item in org.server.requests if item.operation == CREATE]
        assert [429, 201, 201] == [item.status for item in creations]
        assert creations[1].time - creations[0].time >= 0.3


def test_the_second_429_ends_the_run(organisation: Any) -> None:
    """Nothing is asked any more; what was made is deleted."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=UPDATE, times=2, skip=3, status=429, headers=SOON))
        assert org.run() == 1
        assert "429" in stopped(org)
        assert operations(org)[-2:] == [GET, DELETE]
        assert operations(org).count(UPDATE) == 5
        assert {"deleted"} == set(org.made().values())
        assert not org.recorded.exists()


def test_a_429_that_asks_for_long(organisation: Any) -> None:
    """A pause of more than a minute ends the run; it is not slept through."""
    with organisation() as org:
        fault = Fault(
            operation="listQualificationTypes", status=429, headers={"Retry-After": "1e9"}
        )
        org.server.faults.add(fault)
        assert org.run() == 1
        assert "429" in stopped(org)
        assert ["listQualificationTypes"] == operations(org)


@pytest.mark.parametrize("status", [500, 503, 408])
@pytest.mark.parametrize("operation", [UPDATE, "archiveQualificationRecord"])
def test_a_5xx_on_a_write_ends_the_run(organisation: Any, operation: str, status: int) -> None:
    """The first one: no other write follows, but for the deletion of what was made."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=operation, status=status))
        assert org.run() == 1
        assert f"{operation} answered {status}" in stopped(org)
        assert operation == operations(org)[operations(org).index(GET) - 1]
        assert {GET, DELETE} == set(operations(org)[operations(org).index(GET) :])
        assert {"deleted"} == set(org.made().values())


def test_a_5xx_on_a_read_does_not(organisation: Any) -> None:
    """The question stays open, and the run goes on."""
    with organisation() as org:
        org.server.faults.add(Fault(operation="streamQualificationRecords", status=503))
        assert org.run() == 0
        assert any(line.startswith("undecided  stream_open_end") for line in org.said)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_ends_the_run(organisation: Any, status: int) -> None:
    """A token that may not do it is not tried again."""
    with organisation() as org:
        org.server.faults.add(Fault(operation="listQualificationTypes", status=status))
        assert org.run() == 1
        assert f"answered {status}" in stopped(org)
        assert len(org.server.requests) == 1


def test_a_creation_of_unknown_outcome_is_looked_for(organisation: Any) -> None:
    """A creation that was carried out and answered 500 is found by its mark and deleted."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=CREATE, status=500, applied=True))
        assert org.run() == 1
        assert ["deleted"] == list(org.made().values())
        assert org.marks_in_journal() == set()


def test_a_creation_that_is_not_found_yet_is_looked_for_again(
    organisation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may arrive late: it stays in the journal for a minute."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=CREATE, cut="request"))
        assert org.run() == 1
        assert "LEFT " in org.text()
        assert len(org.marks_in_journal()) == 1
        monkeypatch.setattr(live_run, "GRACE", 0.0)
        assert org.run() == 0
        assert org.marks_in_journal() == set()


def test_a_refused_creation_leaves_nothing(organisation: Any) -> None:
    """Without its record the run asks nothing; after a 400 there is none to look for."""
    with organisation() as org:
        error = {"message": "no", "requestId": "r"}
        org.server.faults.add(Fault(operation=CREATE, status=400, body=error))
        assert org.run() == 1
        assert "400" in stopped(org)
        assert org.made() == {}
        assert org.marks_in_journal() == set()


def of_another(org: Org, **changes: Any) -> dict[str, Any]:
    """Return an answer that shows a record which was there before."""
    record = next(iter(org.before.values()))
    return {"data": {"externalIds": {}, **record, **changes}}


@pytest.mark.parametrize("operation", [UPDATE, CREATE])
def test_a_foreign_record_that_comes_back_ends_the_run(organisation: Any, operation: str) -> None:
    """A write that shows a record without our mark is the last one, but for deletions."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=operation, skip=1, body=of_another(org)))
        assert org.run() == 1
        assert "which this run has not made" in stopped(org)
        writes = [name for name in operations(org) if name != GET]
        assert operation == writes[writes.index(DELETE) - 1]
        assert {"deleted"} == set(org.made().values())


def test_our_mark_on_another_record_ends_the_run(organisation: Any) -> None:
    """The id counts, too: a write that came back as another record has gone astray."""
    with organisation() as org:
        original = org.server.handle

        def astray(request: Any) -> Any:
            response = original(request)
            if request.method == "PATCH":
                asked = next(iter(org.made())).encode()
                other = next(iter(org.before)).encode()
                return type(response)(
                    status=response.status,
                    headers=response.headers,
                    body=response.body.replace(asked, other),
                )
            return response

        org.server.handle = astray
        assert org.run() == 1
        assert "came back for a write to another" in stopped(org)
        assert operations(org).count(UPDATE) == 1
        assert {"deleted"} == set(org.made().values())


def test_a_foreign_record_is_not_deleted_while_cleaning(organisation: Any) -> None:
    """A journal that names the id of another's record deletes nothing."""
    with organisation() as org:
        org.run()
        [path] = org.state.glob("*.jsonl")
        victim = next(iter(org.before))
        with Journal(path) as journal:
            journal.announce("contractlive00000000r01")
            journal.made("contractlive00000000r01", victim)
        before = len(org.server.requests)
        assert org.run() == 1
        assert "which this run has not made" in stopped(org)
        assert {GET} == set(operations(org)[before:])


@pytest.fixture
def heeded() -> Iterator[None]:
    """Heed Ctrl-C, which a shell's background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c(organisation: Any) -> None:
    """An interrupted run cleans up before it ends."""
    with organisation() as org:
        original = org.server.handle
        count = itertools.count(1)

        def interrupting(request: Any) -> Any:
            if next(count) == 20:
                os.kill(os.getpid(), signal.SIGINT)
            return original(request)

        org.server.handle = interrupting
        assert org.run() == 1
        assert "interrupted" in stopped(org)
        assert {"deleted"} == set(org.made().values())
        assert org.marks_in_journal() == set()


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_while_cleaning(organisation: Any) -> None:
    """The run ends at once, and says what is left; the next run finishes."""
    with organisation() as org:
        original = org.server.handle

        def interrupting(request: Any) -> Any:
            if request.method == "DELETE" and len(org.server.requests) > 47:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.2)
            return original(request)

        org.server.handle = interrupting
        assert org.run() == 1
        assert "While cleaning: interrupted" in stopped(org)
        assert len(org.marks_in_journal()) == 1
        assert org.text().count("LEFT ") == 1
        org.server.handle = original
        org.run()
        assert {"deleted"} == set(org.made().values())


@pytest.mark.parametrize(
    ("error", "shown"),
    [(KeyError("url"), "undecided  unknown_get (assumed)"), (RuntimeError("a mistake"), "")],
)
def test_a_mistake_in_a_question(
    organisation: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, shown: str
) -> None:
    """An answer that lacks a part leaves it open; whatever else breaks, the records are deleted."""
    with organisation() as org:

        def broken(*_: object) -> None:
            raise error

        monkeypatch.setattr("samsara_qualifications_contract.live.questions.uuid4", broken)
        if shown:
            assert org.run() == 0
            assert shown in org.text()
        else:
            with pytest.raises(RuntimeError, match="a mistake"):
                org.run()
        assert org.made()
        assert {"deleted"} == set(org.made().values())


def test_what_is_said_repeats_no_call(organisation: Any) -> None:
    """No line invites to send a live run's calls once more, without its care."""
    with organisation() as org:
        org.server.faults.add(Fault(operation="streamQualificationRecords", body={"data": 1}))
        org.run()
        assert "a body as the spec describes it" in org.text()
        assert "curl" not in org.text()
        assert "samsara_qualifications_contract.harness.replay" not in org.text()


def test_a_failed_cleaning_is_finished_by_the_next_run(organisation: Any) -> None:
    """Where deletions fail, the report and the journal name what is left."""
    with organisation() as org:
        org.server.faults.add(Fault(operation=DELETE, times=2, status=503))
        assert org.run() == 1
        assert "While cleaning" in stopped(org)
        assert "active" in org.made().values()
        assert len(org.marks_in_journal()) == 2
        assert org.text().count("LEFT ") == 2
        assert org.run() == 0
        assert {"deleted"} == set(org.made().values())
        [path] = org.recorded.iterdir()
        assert [] == differences(json.loads(path.read_text("utf-8")))


def test_a_record_that_is_deleted_already(organisation: Any) -> None:
    """A deletion that was carried out and answered 503 is not sent again."""
    with organisation(behaviours={"deleted_get": "returned"}) as org:
        org.server.faults.add(Fault(operation=DELETE, status=503, applied=True))
        assert org.run() == 1
        assert len(org.made()) == 2
        assert operations(org).count(DELETE) == 2
        assert org.marks_in_journal() == set()


@pytest.mark.parametrize("last", [2, 3, 16])
def test_a_killed_run_is_cleaned_up_by_the_next(
    organisation: Any, last: int, until: Callable[..., None]
) -> None:
    """A process that is killed in the middle leaves a journal; the next run deletes its records."""
    with organisation() as org:
        org.server.faults.add(Fault(skip=last - 1, delay=9.0))
        command = [sys.executable, "-m", "samsara_qualifications_contract.live", *org.arguments()]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            until(lambda: len(org.server.requests) == last)
            process.kill()
        assert org.made()
        assert "deleted" not in org.made().values()
        assert org.run() == 0
        assert {"deleted"} == set(org.made().values())
        assert org.marks_in_journal() == set()


def test_a_terminated_run_cleans_up(organisation: Any, until: Callable[..., None]) -> None:
    """SIGTERM is as Ctrl-C: the process itself deletes what it made."""
    with organisation() as org:
        org.server.faults.add(Fault(skip=9, delay=0.5))
        command = [sys.executable, "-m", "samsara_qualifications_contract.live", *org.arguments()]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            until(lambda: len(org.server.requests) == 10)
            process.terminate()
            assert process.wait(timeout=20) == 1
        assert {"deleted"} == set(org.made().values())


def test_never_more_than_the_calls_allowed(
    organisation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls for cleaning are kept back: a run that is cut short leaves nothing."""
    for most in (5, 6, 20, 42):
        monkeypatch.setattr("samsara_qualifications_contract.live.guard.MOST_CALLS", most)
        with organisation() as org:
            assert org.run() == 1
            assert "are kept for cleaning" in stopped(org)
            assert len(org.server.requests) <= most
            assert {"deleted"} == set(org.made().values()) or not org.made()


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition, ten seconds at most."""

    def wait(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.005)

    return wait
