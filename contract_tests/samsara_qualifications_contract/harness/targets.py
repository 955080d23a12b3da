"""The four kinds of target: our mock in process, our mock as a process, any URL, live."""

from __future__ import annotations

import itertools
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from samsara_qualifications.mock import MockServer
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.api import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from samsara_qualifications_contract.harness.api import Reply
    from samsara_qualifications_contract.harness.facts import Facts

NAMES = ("mock", "mock-http", "url", "live")
MOCK_URL = "http://samsara.mock"
MOCK_TOKEN = "mock-token"
START = 1_900_000_000.0
PAGE_SIZE = 3
OWNERS = {
    "worker": {"owners": ["281474", "281475"]},
    "asset": {"owners": ["212014918", "212014919"]},
}
"""Owners in the mock's seed data."""


class Clock:
    """Seconds since the epoch that pass by hand; each look takes a millisecond."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """Return the time."""
        self.now = round(self.now + 0.001, 3)
        return self.now


def own_server(**options: Any) -> MockServer:
    """Return a mock without rate limits, whose ids and times are the same in every run."""
    count = itertools.count(1)
    usual: dict[str, Any] = {
        "token": MOCK_TOKEN,
        "rate": None,
        "page_size": PAGE_SIZE,
        "clock": Clock(),
        "new_id": lambda: str(UUID(int=next(count) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)),
    }
    return MockServer(**{**usual, **options})


@dataclass(frozen=True)
class Target:
    """
    What the suite runs against.

    Attributes:
        name: Which kind of target it is.
        base_url: Where it is.
        token: The bearer token; in no text.
        facts: What is there.
        on_reply: Called with each reply.
    """

    name: str
    base_url: str
    token: str
    facts: Facts
    on_reply: Callable[[Reply], None] | None = None

    @property
    def own_server(self) -> bool:
        """Whether each test gets a fresh mock of its own, in process."""
        return self.name == "mock"

    @contextmanager
    def open(self, **server_options: Any) -> Generator[Api]:
        """
        Give an API to send requests to; records that were made there are deleted afterwards.

        Args:
            server_options: Arguments of the mock, where the target is one in process.
        """
        if self.own_server:
            transport = own_server(**server_options).transport()
            with httpx.Client(transport=transport, base_url=self.base_url) as client:
                yield Api(client, self.token, own_server=True, on_reply=self.on_reply)
            return
        with httpx.Client(base_url=self.base_url, timeout=30) as client:
            api = Api(client, self.token, own_server=False, on_reply=self.on_reply)
            try:
                yield api
            finally:
                for record_id in api.made():
                    with suppress(AssertionError):
                        api.mark("delete", record_id)

    def with_choice(self, name: str, choice: str) -> Target:
        """Return a target of which another choice is expected."""
        return replace(self, facts=facts.with_choice(self.facts, name, choice))


def open_target(
    name: str,
    base_url: str,
    token: str,
    told: Mapping[str, Any],
    on_reply: Callable[[Reply], None] | None = None,
) -> Target:
    """Find out what is at a target."""
    bare = Target(name, base_url, token, facts.Facts({}, {}, {}))
    with bare.open() as api:
        return Target(name, base_url, token, facts.find(api, told), on_reply)


@contextmanager
def mock_process(*arguments: str, module: str = "samsara_qualifications.mock") -> Generator[str]:
    """Run a mock as a process of its own, on a port that the system chooses; give its URL."""
    command = [sys.executable, "-m", module, "--token", MOCK_TOKEN, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("url:").strip()
        finally:
            process.terminate()
            process.wait(timeout=10)
