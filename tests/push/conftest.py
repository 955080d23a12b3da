"""An organisation with licences, and rows that are pushed into it, by both kinds of client."""

from __future__ import annotations

import asyncio
import copy
import secrets
from typing import TYPE_CHECKING, Any, Literal

import httpx
import pytest

from samsara_qualifications import (
    AsyncQualificationsClient,
    QualificationsClient,
    RateLimit,
    RetryPolicy,
    _wire,
    open_budget,
    push,
)
from samsara_qualifications.mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

LICENCE = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"  # the seed's record, and its type
NAMES = [*(operation.name for operation in _wire.ALL), *_wire.SHARED]

Kind = Literal["blocking", "async"]
Json = dict[str, Any]


def record_id(number: int) -> str:
    """Return the id of a record of `World.add`."""
    return f"00000000-0000-4000-8000-{number:012d}"


class World:
    """
    A mock server, and a client of one kind that pushes into it.

    Args:
        kind: Which client.
        folder: Where plans go.
        server: The mock server.
        options: Options of the client.
    """

    def __init__(self, kind: Kind, folder: Path, server: MockServer, **options: Any) -> None:
        self.kind = kind
        self.folder = folder
        self.server = server
        self.path = folder / "push.plan"
        self.other: dict[str, Any] = {}
        """Of `with_options`."""
        self.options: dict[str, Any] = {
            "token": server.token,
            "base_url": "https://samsara.test",
            "budget": open_budget("memory://", name=secrets.token_hex(8)),
            "limits": dict.fromkeys(NAMES, RateLimit(1_000_000, 1)),
            "retry": RetryPolicy(backoff=0, attempts=1, rate_limited_attempts=1, outage_limit=0),
            **options,
        }

    def add(self, number: int, **changes: Any) -> Json:
        """Add a driver's licence, a copy of the seed's, and return it as the mock holds it."""
        record = copy.deepcopy(self.server.records[LICENCE]) | {
            "id": record_id(number),
            "owner": {"entityType": "worker", "id": str(number), "externalIds": {}},
        }
        self.server.records[record["id"]] = record | changes
        return self.server.records[record["id"]]

    def record(self, number: int) -> Json:
        """Return a record of `add` as the mock holds it."""
        return self.server.records[record_id(number)]

    def field(self, number: int, label: str) -> Any:
        """Return a field's value as the mock holds it."""
        found = next(it for it in self.record(number)["fields"] if it["label"] == label)
        return next(found[key] for key in found if key not in {"id", "type", "label"})["value"]

    def plan(self, rows: Iterable[Any], **options: Any) -> push.Plan:
        """Plan a push of licences."""
        defaults = {"type": "Driver License", "path": self.path}
        return self._run(push.plan, push.plan_async, rows, **{**defaults, **options})

    def apply(self, plan: Any = None, **options: Any) -> push.Result:
        """Apply the plan."""
        return self._run(push.apply, push.apply_async, plan or self.path, **options)

    def push(self, *rows: Any, **options: Any) -> dict[int, push.Row]:
        """Plan and apply rows; return what became of each, by its number."""
        plan = self.plan(rows, **options)
        assert self.apply(plan).stopped is None
        return {row.number: row for row in plan.rows()}

    def sent(self, operation: str = "updateQualificationRecord") -> int:
        """Return how often an operation was asked for."""
        return sum(request.operation == operation for request in self.server.requests)

    def _run(
        self,
        blocking: Callable[..., Any],
        asynchronous: Callable[..., Any],
        *arguments: Any,
        **options: Any,
    ) -> Any:
        if self.kind == "blocking":
            with httpx.Client(transport=self.server.transport()) as http:
                client = QualificationsClient(http_client=http, **self.options)
                return blocking(client.with_options(**self.other), *arguments, **options)

        async def run() -> Any:
            async with httpx.AsyncClient(transport=self.server.async_transport()) as http:
                client = AsyncQualificationsClient(http_client=http, **self.options)
                return await asynchronous(client.with_options(**self.other), *arguments, **options)

        return asyncio.run(run())


def mock_server(**options: Any) -> MockServer:
    """Return a mock without limits, which breaks the spec in no test unseen."""

    def fail(violation: Exception) -> None:
        raise violation

    return MockServer(rate=None, on_violation=fail, **options)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with a blocking client."""
    return World("blocking", tmp_path, mock_server())


@pytest.fixture(params=["blocking", "async"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A world with each kind of client in turn."""
    return World(request.param, tmp_path, mock_server())
