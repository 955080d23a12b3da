"""What only the SQLite store has to deal with: reboots, other processes, damaged files."""

from __future__ import annotations

import itertools
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

from samsara_qualifications.budget import RateLimit, open_budget
from samsara_qualifications.budget.stores import sqlite
from samsara_qualifications.budget.stores.sqlite import SqliteStore, boot_clock
from samsara_qualifications.budget.stores.store import Slot
from samsara_qualifications.budget.window import LEASE
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError
from tests.budget.taking import take

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue

    from conftest import Clock

LIMITS = {"update": RateLimit(2, 60)}


def use_up(store: SqliteStore) -> list[Slot]:
    """Take every slot."""
    return [take(store, LIMITS) for _ in range(2)]


@pytest.mark.parametrize("uptime", [3.0, 59.0])
def test_reboot_starts_no_new_window(make_sqlite: Callable, clock: Clock, uptime: float) -> None:
    """Slots of the last boot come free as if the host had not been down at all."""
    before = make_sqlite("a", clock=clock)
    for slot in use_up(before):
        before.settle(slot, 0.0)
    before.pause("other", 30)
    before.close()
    clock.now = uptime
    after = make_sqlite("a", clock=clock)

    assert 60.0 == take(after, LIMITS)
    assert 30.0 == take(after, {"other": RateLimit(1, 1)})
    clock.now += 60
    assert isinstance(take(after, LIMITS), Slot)


def test_slot_under_way_at_a_reboot_holds_its_lease(make_sqlite: Callable, clock: Clock) -> None:
    """Whether its request was sent is unknown, so it holds as long as any other."""
    store = make_sqlite("a", clock=clock)
    use_up(store)
    clock.now = 3.0
    assert 60.0 == take(store, LIMITS)
    clock.now += 59.9 + LEASE
    assert 0.1 == pytest.approx(take(store, LIMITS))
    clock.now += 0.1

    assert isinstance(take(store, LIMITS), Slot)


def test_reboot_early_in_the_hosts_life(make_sqlite: Callable, clock: Clock) -> None:
    """A clock that has caught up with the last boot's frees nothing before a window is over."""
    clock.now = 5.0
    store = make_sqlite("a", clock=clock)
    for slot in use_up(store):
        store.settle(slot, 0.0)
    clock.now = 20.0  # booted again, 20 seconds ago

    assert 45.0 == take(store, LIMITS)


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

    assert isinstance(take(second, LIMITS), Slot)
    assert isinstance(take(first, LIMITS), float)


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

    take(make_sqlite("a", clock=clock), LIMITS)

    assert refusals


def test_power_cut_damages_nothing(make_sqlite: Callable) -> None:
    """SQLite promises that of a write-ahead log with synchronous NORMAL (1), and not of OFF."""
    cursor = make_sqlite("a")._cursor
    modes = [cursor.execute(f"PRAGMA {it}").fetchone() for it in ("journal_mode", "synchronous")]

    assert [("wal",), (1,)] == modes


def test_change_of_directory_changes_no_file(
    make_sqlite: Callable, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path means the same file for as long as the budget lives."""
    monkeypatch.chdir(tmp_path)
    store = make_sqlite("a", clock=clock, path=Path("budget.db"))
    use_up(store)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    clock.now += 2
    store.close()

    assert isinstance(take(store, LIMITS), float)


@pytest.mark.parametrize("suffix", ["", "-wal"])
@pytest.mark.parametrize("again", [False, True])
def test_lost_file_is_noticed_at_once(
    make_sqlite: Callable, tmp_path: Path, clock: Clock, suffix: str, *, again: bool
) -> None:
    """Once a file is gone or another, two groups would count apart: refused until reopened."""
    store = make_sqlite("a", clock=clock)
    use_up(store)
    file = tmp_path / f"budget.db{suffix}"
    file.unlink()
    if again:
        file.touch()
    for _ in range(2):
        with pytest.raises(BudgetUnavailable, match="removed or replaced while in use") as caught:
            take(store, LIMITS)
        assert caught.value.lasting
    for path in tmp_path.iterdir():
        path.unlink()
    other = make_sqlite("a", clock=clock)
    assert isinstance(take(other, LIMITS), Slot)
    store.close()
    clock.now += 1

    assert 60.0 == take(store, LIMITS)  # what it sent is not in the file of the others
    clock.now += 60
    assert isinstance(take(store, LIMITS), Slot)


def test_log_that_was_kept_without_its_last_part_is_lost(
    make_sqlite: Callable, tmp_path: Path, clock: Clock
) -> None:
    """Without its -wal, the file may not know what was sent of late: one window has to pass."""
    store = make_sqlite("a", clock=clock)
    take(store, LIMITS)
    store._cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    take(store, LIMITS)
    (tmp_path / "budget.db-wal").unlink()
    clock.now += 1
    with pytest.raises(BudgetUnavailable):
        take(store, LIMITS)
    store.close()
    heard = []
    store.notify = lambda *news: heard.append(news)

    assert 60.0 == take(store, LIMITS)
    assert [("log_lost", "'update'")] == heard


def test_budget_whose_file_is_lost_fails_at_once_and_comes_back(tmp_path: Path) -> None:
    """Nobody waits for a file that nobody puts back; who opens it anew goes on after a window."""
    limits = {"update": RateLimit(2, 0.2)}
    budget = open_budget(f"sqlite:///{tmp_path}/budget.db")
    budget.acquire(limits).settle()
    for path in tmp_path.iterdir():
        path.unlink()
    begun = time.monotonic()
    with pytest.raises(BudgetUnavailable, match="close this budget"):
        budget.acquire(limits)
    assert time.monotonic() - begun < 5
    budget.close()

    assert 0.15 < budget.acquire(limits).waited < 5


def test_cost_does_not_grow_with_the_limit(make_sqlite: Callable, clock: Clock) -> None:
    """SQLite does as much work for a slot of ten thousand as for one of a hundred."""

    def steps(requests: int) -> int:
        """Return the virtual machine's steps, in hundreds, for one slot of so many in use."""
        limits = {f"update {requests}": RateLimit(requests, 60)}
        store = make_sqlite("a", clock=clock)
        for _ in range(requests - 5):
            slot = take(store, limits)
        count = 0

        def step() -> None:
            nonlocal count
            count += 1

        store._cursor.connection.set_progress_handler(step, 100)
        store.settle(slot, 0.0)
        take(store, limits, "bulk")
        return count

    assert steps(10_000) <= 1.2 * steps(100) + 1


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


@pytest.mark.parametrize(
    ("kind", "refused"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("overlay", False)],
)
def test_network_file_system_is_refused(
    make_sqlite: Callable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    *,
    refused: bool,
) -> None:
    """SQLite's locks do not hold there: the nearest mount above the file decides."""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"tmpfs / tmpfs rw 0 0\nserver:/x {tmp_path} {kind} rw 0 0\nproc /proc proc\n"
    )
    monkeypatch.setattr(sqlite, "MOUNTS", mounts)
    if refused:
        with pytest.raises(
            ConfigurationError, match=rf"network file system \({kind}\).*local disk"
        ):
            make_sqlite("a")
    else:
        assert isinstance(take(make_sqlite("a"), LIMITS), Slot)


def test_link_is_followed(
    make_sqlite: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to a file, or to a folder with a blank in its name, is what it points to."""
    folder = tmp_path / "my nfs"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "link.db").symlink_to(folder / "budget.db")
    direct = make_sqlite("a", path=folder / "budget.db")
    linked = make_sqlite("a", path=tmp_path / "link.db")
    use_up(direct)
    assert isinstance(take(linked, LIMITS), float)
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path}/my\\040nfs nfs4 rw 0 0\n")
    monkeypatch.setattr(sqlite, "MOUNTS", mounts)
    for path in (folder / "b.db", tmp_path / "link" / "b.db", tmp_path / "link.db"):
        with pytest.raises(ConfigurationError, match="network file system"):
            make_sqlite("a", path=path)


def test_file_locked_when_it_is_opened(
    make_sqlite: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is not given back is told apart from nothing: the file is named."""
    monkeypatch.setattr(sqlite, "TIMEOUT", 0.02)
    make_sqlite("a")._cursor.execute("BEGIN IMMEDIATE")

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
        take(store, LIMITS)
    assert damaged == path.read_bytes()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *itertools.product(
            ["born", "written", "used", "turn", "paused_since"], [b"", "text", None]
        ),
        *itertools.product(["why"], [b"", None]),
    ],
)
def test_damaged_row_is_unavailable(make_sqlite: Callable, column: str, value: object) -> None:
    """A log that cannot be read is refused, and stays as it is."""
    store = make_sqlite("a")
    slot = take(store, LIMITS)
    store._cursor.execute(f"UPDATE log_v2 SET {column} = ?", [value])  # noqa: S608  no value in it

    for call in (lambda: take(store, LIMITS), lambda: store.settle(slot, 0.0)):
        with pytest.raises(BudgetUnavailable, match="row of 'update' is damaged"):
            call()
    query = f"SELECT {column} FROM log_v2"  # noqa: S608  the same
    assert [(value,)] == store._cursor.execute(query).fetchall()


def test_read_only_file_is_unavailable(make_sqlite: Callable) -> None:
    """A file that turned read-only refuses slots instead of handing them out uncounted."""
    store = make_sqlite("a")
    store._cursor.execute("PRAGMA query_only = ON")

    with pytest.raises(BudgetUnavailable, match="readonly"):
        take(store, LIMITS)


def test_file_locked_by_another_process_is_unavailable(
    make_sqlite: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits longer than the timeout for a lock that is not given back."""
    monkeypatch.setattr(sqlite, "TIMEOUT", 0.02)
    path = tmp_path / "budget.db"
    store = make_sqlite("a")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BudgetUnavailable, match="locked"):
            take(store, LIMITS)
        other.execute("ROLLBACK")
    other.close()

    held = threading.Event()

    def hold() -> None:
        with store._lock:
            held.set()
            time.sleep(0.1)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with pytest.raises(BudgetUnavailable, match="busy"):
        take(store, LIMITS)
    holder.join()
    assert isinstance(take(store, LIMITS), Slot)


def test_close_is_not_the_end(make_sqlite: Callable) -> None:
    """The next call opens the file again; closing twice is not an error."""
    store = make_sqlite("a")
    use_up(store)
    store.close()
    store.close()

    assert isinstance(take(store, LIMITS), float)


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


def _drop_a_permit(url: str) -> None:
    permit = open_budget(url).acquire(LIMITS)
    del permit


@pytest.mark.parametrize(
    "method",
    [
        "spawn",
        pytest.param(
            "fork",
            marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork"),
        ),
    ],
)
def test_process_that_ends_tells_what_it_owes(tmp_path: Path, method: str) -> None:
    """However a process began, at its end the store hears of its slots."""
    url = f"sqlite:///{tmp_path}/budget.db"
    budget = open_budget(url)
    process = multiprocessing.get_context(method).Process(target=_drop_a_permit, args=(url,))
    process.start()
    process.join()

    assert 0 == process.exitcode
    assert 70 == pytest.approx(
        max(free for (free,) in _free_times(tmp_path)) - boot_clock(), abs=30
    )
    budget.close()


def _free_times(folder: Path) -> list[tuple[float]]:
    db = sqlite3.connect(folder / "budget.db")
    found = db.execute("SELECT free FROM slot_v2").fetchall()
    db.close()
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_child_of_a_fork_opens_the_file_itself(tmp_path: Path) -> None:
    """A child never uses its parent's connection, and counts in the same file."""
    budget = open_budget(f"sqlite:///{tmp_path}/budget.db")
    budget.acquire(LIMITS)
    child = os.fork()
    if not child:
        unopened = budget._dispatcher.store._cursor is None
        budget.acquire(LIMITS, timeout=0)
        os._exit(0 if unopened else 1)

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with pytest.raises(BudgetTimeout):
        budget.acquire(LIMITS, timeout=0)
