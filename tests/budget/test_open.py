"""How a budget is opened, and what is refused."""

from __future__ import annotations

import contextlib
import math
import secrets
import sys
import threading
import traceback
from typing import TYPE_CHECKING

import pytest
import redis

from samsara_qualifications import budget as package
from samsara_qualifications.budget import Budget, RateLimit, open_budget
from samsara_qualifications.errors import BudgetTimeout, ConfigurationError, InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

ONE = {"update": RateLimit(1, 60)}


def same(first: Budget, second: Budget) -> bool:
    """Tell whether two budgets share their slots."""
    first.acquire(ONE, timeout=0)
    try:
        permit = second.acquire(ONE, timeout=0)
    except BudgetTimeout:
        return True
    permit.refund()
    return False


def test_memory_is_shared_by_name() -> None:
    """One name is one budget, however it is written; another name is another."""
    assert same(open_budget(name="a"), open_budget("memory://", name="a"))
    assert same(open_budget("memory://?name=b"), open_budget(name="b"))
    assert not same(open_budget(name="c"), open_budget(name="d"))


def test_sqlite_is_shared_by_path_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path and its absolute form are one file; names keep budgets in it apart."""
    monkeypatch.chdir(tmp_path)
    absolute = f"sqlite:///{tmp_path}/budget.db"

    assert same(open_budget("sqlite:///budget.db"), open_budget(absolute))
    assert not same(open_budget(absolute, name="a"), open_budget(absolute + "?name=b"))


def test_redis_is_shared_by_name(redis_url: str) -> None:
    """Names keep budgets on one server apart, as an argument or in the URL."""
    a, b, c = (secrets.token_hex(8) for _ in range(3))

    assert same(open_budget(redis_url, name=a), open_budget(f"{redis_url}?name={a}"))
    assert not same(open_budget(redis_url, name=b), open_budget(redis_url, name=c))


@pytest.mark.parametrize(
    ("url", "connection", "server"),
    [
        ("redis://localhost/0", redis.Connection, "localhost:6379"),
        ("rediss://host:6390/0", redis.SSLConnection, "host:6390"),
        ("unix:///run/redis.sock", redis.UnixDomainSocketConnection, "/run/redis.sock"),
        (
            "unix://user:secret@/run/redis.sock?db=1",
            redis.UnixDomainSocketConnection,
            "/run/redis.sock",
        ),
    ],
)
def test_redis_url(url: str, connection: type, server: str) -> None:
    """No port means Redis's own, `rediss` TLS and `unix` a socket; nothing connects yet."""
    store = open_budget(url)._dispatcher.store

    assert connection is store._client.connection_pool.connection_class
    assert f"Redis at {server}" == store.title


def test_threads_open_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a budget while another thread does gets the same."""
    name = secrets.token_hex(8)
    opened: list[Budget] = []
    second = threading.Thread(target=lambda: opened.append(open_budget(name=name)))
    open_store = package._open_store

    def slowly(*args: object, **options: object) -> object:
        monkeypatch.undo()
        second.start()
        second.join(0.05)
        return open_store(*args, **options)

    monkeypatch.setattr(package, "_open_store", slowly)
    opened.append(open_budget(name=name))
    second.join()

    assert opened[0] is opened[1]


def test_share_is_that_of_each_opening(tmp_path: Path) -> None:
    """The same store with another share is another budget."""
    url = f"sqlite:///{tmp_path}/budget.db"
    budgets = [open_budget(url, on_outage="local", local_share=share) for share in (0.1, 0.2)]

    assert [0.1, 0.2] == [budget._dispatcher.store._share for budget in budgets]


def test_new_log_is_trusted_or_waited_for(tmp_path: Path) -> None:
    """A new file gives slots at once, or after a window; whoever opens it the other way differs."""
    url = f"sqlite:///{tmp_path}/budget.db"
    trusting, waiting = open_budget(url, name="a"), open_budget(url, name="b", cold_start="wait")
    trusting.acquire(ONE, timeout=0)
    with pytest.raises(BudgetTimeout, match="the log is new and cold_start='wait'") as caught:
        waiting.acquire(ONE, timeout=0)

    assert 59 < caught.value.retry_after <= 60
    assert waiting is open_budget(url, name="b", cold_start="wait")
    assert waiting is not open_budget(url, name="b")


def test_memory_has_no_cold_start() -> None:
    """What was sent before this process began is not in its memory, whatever is asked for."""
    assert same(open_budget(name="f"), open_budget(name="f", cold_start="wait"))


@pytest.mark.parametrize(
    "url",
    ["mysql://root:secret@host/db", "budget.db", "sqlite://", "sqlite:///", "sqlite://host/b.db"],
)
def test_unknown_url_is_refused(url: str) -> None:
    """What is not a budget is refused with the forms that are, and without the URL's password."""
    with pytest.raises(
        ConfigurationError, match=r"sqlite:///path, redis://host/0.*unix://"
    ) as caught:
        open_budget(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["redis://:hunter2/x@host/0", "redis://:hunter2#x@host/0", "redis://[::1/0"]
)
def test_unreadable_url_is_refused(url: str) -> None:
    """A URL that cannot be taken apart is refused without any part of its password."""
    with pytest.raises(ConfigurationError, match=r"cannot be read.*%2F") as caught:
        open_budget(url)

    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["sqlite:budget.db", "sqlite:/tmp/budget.db", "SQLITE:budget.db"])
def test_file_needs_all_its_slashes(url: str) -> None:
    """A URL that could be read as another file is refused with the forms for both kinds."""
    with pytest.raises(ConfigurationError, match=f"'{url}'.*sqlite:////absolute/path"):
        open_budget(url)


def test_memory_knows_no_outage() -> None:
    """What to do in an outage makes no second budget where there is none."""
    assert same(open_budget(name="e"), open_budget(name="e", on_outage="local", local_share=0.5))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, "name=''"),
        ({"name": "a}b"}, "name='a}b'"),
        ({"name": "a{b"}, "name='a{b'"),
        ({"on_outage": "hope"}, "on_outage='hope'.*'fail' or 'local'"),
        ({"cold_start": "hope"}, "cold_start='hope'.*'trust' or 'wait'"),
        ({"local_share": 0}, "local_share=0"),
        ({"local_share": 1.5}, "local_share=1.5"),
        ({"local_share": math.nan}, "local_share=nan"),
        ({"local_share": "half"}, "local_share='half'"),
        ({"name": 5}, "name=5"),
        ({"url": 5}, "URL must be a str, not a value of type int"),
        ({"url": b"redis://:secret@host/0"}, "URL must be a str, not a value of type bytes"),
    ],
)
def test_bad_option_is_refused(options: dict, message: str) -> None:
    """An option out of range is refused by name and value."""
    with pytest.raises(ConfigurationError, match=message):
        open_budget(**options)


def test_redis_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the redis package the error says what to install."""
    monkeypatch.delitem(sys.modules, "samsara_qualifications.budget.stores.redis")
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'samsara-qualifications\[redis\]'"):
        open_budget("redis://localhost/0", name="needs-extra")


@pytest.mark.parametrize("path", ["/proc/version", "/nowhere/budget.db", "/tmp"])  # noqa: S108  a directory
def test_unusable_file_is_refused(path: str) -> None:
    """A file that cannot be written, or made, is refused by path when the budget is opened."""
    with pytest.raises(ConfigurationError, match=f"{path} cannot hold the budget .*local disk"):
        open_budget(f"sqlite:///{path}")


def test_damaged_file_is_refused_and_kept(tmp_path: Path) -> None:
    """A file that is not a database is left as it is: others may be using it."""
    path = tmp_path / "budget.db"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(ConfigurationError, match=r"not a database.*after all its users"):
        open_budget(f"sqlite:///{path}")
    assert path.read_bytes() == b"not a database" * 100


def test_file_is_private(tmp_path: Path) -> None:
    """Only the owner can read the file, and SQLite's files beside it."""
    open_budget(f"sqlite:///{tmp_path}/budget.db").acquire(ONE)

    assert {0o600} == {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limits": {}}, "limits is empty"),
        ({"limits": ONE, "lane": "fast"}, "lane='fast'.*'interactive' or 'bulk'"),
        ({"limits": ONE, "timeout": -1}, "timeout=-1"),
        ({"limits": ONE, "timeout": math.nan}, "timeout=nan"),
        ({"limits": ONE, "timeout": "5"}, "timeout='5'"),
        ({"limits": None}, "limits is not a mapping"),
        ({"limits": [("update", 60)]}, "limits is not a mapping"),
        ({"limits": {"update": 60}}, r"limits\['update'\]=60 is not a RateLimit"),
        ({"limits": {"update": (100, 60)}}, r"limits\['update'\]=\(100, 60\) is not a RateLimit"),
        ({"limits": {5: RateLimit(1, 60)}}, "5 is not a key"),
    ],
)
def test_bad_argument_is_refused(arguments: dict, message: str) -> None:
    """An argument out of range is refused by name and value."""
    with pytest.raises(InvalidInput, match=message):
        open_budget(name="arguments").acquire(**arguments)


def test_bad_argument_is_nobody_elses_trouble() -> None:
    """Who waits in the same line gets a slot all the same."""
    budget = open_budget(name="trouble")
    with contextlib.suppress(Exception):
        budget.acquire({"update": 60})  # type: ignore[dict-item]

    assert budget.acquire(ONE, timeout=0)


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, "5", None, True])
def test_bad_pause_is_refused(seconds: float) -> None:
    """A pause that is not a time is refused by value."""
    with pytest.raises(InvalidInput, match=f"seconds={seconds!r}"):
        open_budget(name="arguments").pause("update", seconds)


def test_pause_of_no_time_is_none() -> None:
    """A server may well say `Retry-After: 0`."""
    budget = open_budget(name="no pause")
    budget.pause("update", 0)

    assert 0 <= budget.acquire(ONE, timeout=0).waited


@pytest.mark.parametrize("on_outage", ["fail", "local"])
async def test_close_lets_go_of_the_file(tmp_path: Path, on_outage: str) -> None:
    """A closed budget holds no file, and a later call opens it again."""
    budget = open_budget(f"sqlite:///{tmp_path}/budget.db", on_outage=on_outage)
    store = getattr(budget._dispatcher.store, "_store", budget._dispatcher.store)
    budget.close()
    assert store._cursor is None
    budget.acquire(ONE, timeout=0)
    assert store._cursor is not None
    await budget.aclose()
    assert store._cursor is None


async def test_async_does_what_sync_does() -> None:
    """The async forms of a budget's methods act on the same slots."""
    budget = open_budget(name="async")
    permit = await budget.acquire_async(ONE, timeout=0)
    await permit.refund_async()
    permit = await budget.acquire_async(ONE, timeout=0)
    await permit.settle_async()
    with pytest.raises(BudgetTimeout):
        await budget.acquire_async(ONE, timeout=0)
    await budget.pause_async("other", 60)
    with pytest.raises(BudgetTimeout, match="'other'"):
        budget.acquire({"other": RateLimit(1, 1)}, timeout=1)
    await budget.aclose()
    budget.close()


def test_budgets_that_nobody_has_are_forgotten_once_their_slots_are_free() -> None:
    """A long process sees many tokens; a client that comes back in time finds its slots used."""
    used = open_budget("memory://", name="used")
    used.acquire({"update": RateLimit(1, 60)}).settle()
    kept = open_budget("memory://", name="kept")
    for number in range(10):
        open_budget("memory://", name=f"token {number}")
    del used
    names = {key[1] for key in package._budgets}
    assert {"used", "kept"} <= names
    assert len(names) <= 4
    assert kept is open_budget("memory://", name="kept")
    with pytest.raises(BudgetTimeout):
        open_budget("memory://", name="used").acquire({"update": RateLimit(1, 60)}, timeout=0)


@pytest.mark.parametrize(
    "url", ["sqlite:////tmp/team#1/b.db", "sqlite:///b.db?nmae=acme", "memory://?x=1"]
)
def test_rest_of_a_url_is_refused(url: str) -> None:
    """What would be cut or ignored silently could mean another budget."""
    with pytest.raises(ConfigurationError, match="neither # nor"):
        open_budget(url)
