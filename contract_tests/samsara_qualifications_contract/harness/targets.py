"""What the suite runs against: a mock in this process, or a server at a URL."""

from __future__ import annotations

import itertools
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from samsara_qualifications.mock import MockServer
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.api import Api, Unanswered
from samsara_qualifications_contract.harness.transport import open_client

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from samsara_qualifications_contract.harness.api import Reply
    from samsara_qualifications_contract.harness.facts import Facts

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
        base_url: Where it is.
        token: The bearer token; in no text.
        facts: What is there.
        own_server: Whether each test gets a fresh mock of its own, in process.
        on_reply: Called with each reply.
    """

    base_url: str
    token: str = field(repr=False)
    facts: Facts
    own_server: bool = False
    on_reply: Callable[[Reply], None] | None = None

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
        with open_client(self.base_url) as client:
            api = Api(client, self.token, own_server=False, on_reply=self.on_reply)
            try:
                yield api
            finally:
                _tidy(api)


def _tidy(api: Api) -> None:
    """Delete what was made, as far as the server lets it be."""
    for record_id in api.made():
        try:
            api.mark("delete", record_id)
        except Unanswered:
            return
        except AssertionError:
            continue


def mock() -> Target:
    """Return the mock as a target."""
    return _found(Target(MOCK_URL, MOCK_TOKEN, facts.NOTHING, own_server=True), OWNERS)


def at(base_url: str, token: str, told: Mapping[str, Any]) -> Target:
    """
    Find out what is at a URL.

    Args:
        base_url: The URL.
        token: The bearer token.
        told: What the target's YAML file says.
    """
    return _found(Target(base_url, token, facts.NOTHING), told)


def _found(bare: Target, told: Mapping[str, Any]) -> Target:
    with bare.open() as api:
        return replace(bare, facts=facts.find(api, told))


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
