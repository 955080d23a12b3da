"""What only the SQLite store has to deal with: reboots, other processes, damaged files."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications.budget import RateLimit, open_budget, sqlite, sqlite_file
from samsara_qualifications.budget.sqlite import SqliteStore, boot_clock
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import LEASE
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue

    from conftest import Clock

LIMITS = {"update": RateLimit(2, 60)}


def use_up(store: SqliteStore) -> list[Slot]:
    """Take every slot."""
    return [store.take(LIMITS, "interactive") for _ in range(2)]


@pytest.mark.parametrize("uptime", [3.0, 59.0])
def test_reboot_starts_no_new_window(make_sqlite: Callable, clock: Clock, uptime: float) -> None:
    """Slots of the last boot come free as if the host had not been down at all."""
    before = make_sqlite("a", clock)
    for slot in use_up(before):
        before.settle(slot)
    before.pause("other", 30)
    before.close()
    clock.now = uptime
    after = make_sqlite("a", clock)

    assert 60.0 == after.take(LIMITS, "interactive")
    assert 30.0 == after.take({"other": RateLimit(1, 1)}, "interactive")
    clock.now += 60
    assert isinstance(after.take(LIMITS, "interactive"), Slot)


def test_slot_under_way_at_a_reboot_holds_its_lease(make_sqlite: Callable, clock: Clock) -> None:
    """Whether its request was sent is unknown, so it holds as long as any other."""
    store = make_sqlite("a", clock)
    use_up(store)
    clock.now = 3.0
    assert 60.0 == store.take(LIMITS, "interactive")
    clock.now += 59.9 + LEASE
    assert 0.1 == pytest.approx(store.take(LIMITS, "interactive"))
    clock.now += 0.1

    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_reboot_early_in_the_hosts_life(make_sqlite: Callable, clock: Clock) -> None:
    """A clock that has caught up with the last boot's frees nothing before a window is over."""
    clock.now = 5.0
    store = make_sqlite("a", clock)
    for slot in use_up(store):
        store.settle(slot)
    clock.now = 20.0  # booted again, 20 seconds ago

    assert 45.0 == store.take(LIMITS, "interactive")


def test_clock_runs_since_boot_whatever_the_wall_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wall clock does not count."""
    monkeypatch.setattr("time.time", lambda: pytest.fail("the wall clock was read"))

    assert 0 < boot_clock() <= boot_clock()


def test_clock_where_the_system_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems without a boot clock have a monotonic clock that all processes share."""
    monkeypatch.setattr(sqlite, "BOOT_CLOCK", None)
    monkeypatch.setattr("time.monotonic", lambda: 7.0)

    assert 7.0 == boot_clock()


def test_clock_that_counts_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has a boot clock, that is the one which is read."""
    monkeypatch.setattr(sqlite, "BOOT_CLOCK", 7)
    monkeypatch.setattr("time.clock_gettime", float, raising=False)

    assert 7.0 == boot_clock()


def test_names_in_one_file_count_apart(make_sqlite: Callable) -> None:
    """What one budget writes costs another nothing, and frees nothing there."""
    first, second = make_sqlite("a"), make_sqlite("b")
    use_up(first)

    assert isinstance(second.take(LIMITS, "interactive"), Slot)
    assert isinstance(first.take(LIMITS, "interactive"), float)


def test_time_is_read_while_nobody_else_can_write(make_sqlite: Callable, tmp_path: Path) -> None:
    """What another process writes is never newer than the time that a call goes by."""
    refusals = []

    def clock() -> float:
        other = sqlite3.connect(tmp_path / "budget.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked") as caught:
            other.execute("BEGIN IMMEDIATE")
        other.close()
        refusals.append(caught.value)
        return 0.0

    make_sqlite("a", clock).take(LIMITS, "interactive")

    assert 1 == len(refusals)


def test_power_cut_damages_nothing(make_sqlite: Callable) -> None:
    """SQLite promises that of a write-ahead log with synchronous NORMAL (1), and not of OFF."""
    cursor = make_sqlite("a")._file._cursor
    modes = [cursor.execute(f"PRAGMA {it}").fetchone() for it in ("journal_mode", "synchronous")]

    assert [("wal",), (1,)] == modes


def test_change_of_directory_changes_no_file(
    make_sqlite: Callable, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path means the same file for as long as the budget lives."""
    monkeypatch.chdir(tmp_path)
    store = make_sqlite("a", clock, path=Path("budget.db"))
    use_up(store)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    clock.now += 2
    store.close()

    assert isinstance(store.take(LIMITS, "interactive"), float)


def test_replaced_file_is_noticed(make_sqlite: Callable, tmp_path: Path, clock: Clock) -> None:
    """Once the file is gone or another, two groups would count apart: that is refused."""
    path = tmp_path / "budget.db"
    store = make_sqlite("a", clock)
    use_up(store)
    path.rename(tmp_path / "old.db")
    clock.now += 2
    with pytest.raises(BudgetUnavailable, match=r"budget\.db cannot be used"):
        store.take(LIMITS, "interactive")
    make_sqlite("a")
    clock.now += 2

    with pytest.raises(BudgetUnavailable, match="replaced while in use"):
        store.take(LIMITS, "interactive")


def test_opening_again_keeps_the_locks(make_sqlite: Callable, tmp_path: Path) -> None:
    """A second budget in the same file drops no lock of the first: others see that it is in use."""
    use_up(make_sqlite("a"))
    make_sqlite("b")
    take_over = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])"
    outcome = subprocess.run(
        [sys.executable, "-c", take_over, tmp_path / "budget.db", "PRAGMA journal_mode = DELETE"],
        capture_output=True,
        check=False,
    )

    assert b"database is locked" in outcome.stderr


def test_a_budget_left_open_is_closed_quietly(tmp_path: Path) -> None:
    """Nobody has to close a budget; Python 3.13 and newer would warn of the open file."""
    program = (
        "import sys; from samsara_qualifications.budget import open_budget as o; o(*sys.argv[1:])"
    )
    command = [sys.executable, "-X", "dev", "-c", program, f"sqlite:///{tmp_path}/budget.db"]
    done = subprocess.run(command, capture_output=True, check=True)

    assert b"" == done.stderr


def test_file_locked_when_it_is_opened(
    make_sqlite: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is not given back is told apart from nothing: the file is named."""
    monkeypatch.setattr(sqlite_file, "TIMEOUT", 0.02)
    make_sqlite("a")._file._cursor.execute("BEGIN IMMEDIATE")

    with pytest.raises(ConfigurationError, match=r"budget\.db cannot hold .*locked"):
        make_sqlite("b")


def test_file_damaged_in_use_is_unavailable_and_kept(make_sqlite: Callable, tmp_path: Path) -> None:
    """Damage is reported, and never repaired by starting anew."""
    path = tmp_path / "budget.db"
    store = make_sqlite("a")
    use_up(store)
    store.close()
    damaged = b"\xff" * path.stat().st_size
    path.write_bytes(damaged)

    with pytest.raises(BudgetUnavailable, match="not a database"):
        store.take(LIMITS, "interactive")
    assert damaged == path.read_bytes()


@pytest.mark.parametrize("row", [b"", bytes(51), "text", None, 3])
def test_damaged_row_is_unavailable(make_sqlite: Callable, row: object) -> None:
    """A log that cannot be read is refused, and stays as it is."""
    store = make_sqlite("a")
    slot = store.take(LIMITS, "interactive")
    store._file._cursor.execute("UPDATE budget_v1 SET log = ?", [row])

    for call in (lambda: store.take(LIMITS, "interactive"), lambda: store.settle(slot)):
        with pytest.raises(BudgetUnavailable, match="row of 'update' is damaged"):
            call()
    assert [(row,)] == store._file._cursor.execute("SELECT log FROM budget_v1").fetchall()


def test_read_only_file_is_unavailable(make_sqlite: Callable) -> None:
    """A file that turned read-only refuses slots instead of handing them out uncounted."""
    store = make_sqlite("a")
    store._file._cursor.execute("PRAGMA query_only = ON")

    with pytest.raises(BudgetUnavailable, match="readonly"):
        store.take(LIMITS, "interactive")


def test_file_locked_by_another_process_is_unavailable(
    make_sqlite: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits longer than the timeout for a lock that is not given back."""
    monkeypatch.setattr(sqlite_file, "TIMEOUT", 0.02)
    path = tmp_path / "budget.db"
    store = make_sqlite("a")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BudgetUnavailable, match="locked"):
            store.take(LIMITS, "interactive")
        other.execute("ROLLBACK")
    other.close()

    held = threading.Event()

    def hold() -> None:
        with store._file._lock:
            held.set()
            time.sleep(0.1)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with pytest.raises(BudgetUnavailable, match="busy"):
        store.take(LIMITS, "interactive")
    holder.join()
    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_close_is_not_the_end(make_sqlite: Callable) -> None:
    """The next call opens the file again; closing twice is not an error."""
    store = make_sqlite("a")
    use_up(store)
    store.close()
    store.close()

    assert isinstance(store.take(LIMITS, "interactive"), float)


def _take_many(url: str, results: Queue[int]) -> None:
    budget = open_budget(url)
    taken = 0
    for _ in range(20):
        try:
            budget.acquire({"update": RateLimit(30, 60)}, timeout=0)
        except BudgetTimeout:
            continue
        taken += 1
    results.put(taken)


def test_processes_share_the_limit_from_the_first_moment(tmp_path: Path) -> None:
    """Four processes that make the file at once get the limit together, and not once each."""
    context = multiprocessing.get_context("forkserver")
    results = context.Queue()
    url = f"sqlite:///{tmp_path}/budget.db"
    processes = [context.Process(target=_take_many, args=(url, results)) for _ in range(4)]
    for process in processes:
        process.start()
    taken = [results.get(timeout=30) for _ in processes]
    for process in processes:
        process.join()

    assert 30 == sum(taken)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_child_of_a_fork_opens_the_file_itself(tmp_path: Path) -> None:
    """A child never uses its parent's connection, and counts in the same file."""
    budget = open_budget(f"sqlite:///{tmp_path}/budget.db")
    budget.acquire(LIMITS)
    child = os.fork()
    if not child:
        unopened = budget._queue.store._file._cursor is None
        budget.acquire(LIMITS, timeout=0)
        os._exit(0 if unopened else 1)

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with pytest.raises(BudgetTimeout):
        budget.acquire(LIMITS, timeout=0)
