"""A mock server with a clock that stands still, and a short way to call it."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from samsara_qualifications.mock import MockServer, Request, Response, SpecViolation

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Clock:
    """Seconds since the epoch that pass when a test says so."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Api:
    """Calls a mock server."""

    server: MockServer
    seed = SEED

    @property
    def record(self) -> dict[str, Any]:
        """The seed's record, as it is stored."""
        return self.server.records[SEED]

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Send a request with the right token and content type."""
        usual = {
            "authorization": f"Bearer {self.server.token}",
            "content-type": "application/json",
        }
        return self.server.handle(
            Request(
                method=method, path=path, query=query, body=body, headers=usual | (headers or {})
            )
        )

    def write(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        """Send a JSON body; return the status, and the data or the error."""
        return _opened(self.send(method, path, body=json.dumps(body).encode()))

    def read(self, path: str, **query: str) -> tuple[int, Any]:
        """Send a query; return the status and the body."""
        response = self.send("GET", path, query=urlencode(query))
        return response.status, json.loads(response.body)

    def update(self, **body: Any) -> tuple[int, Any]:
        """Update a record, the seed's by default."""
        return self.write("PATCH", "/qualification-records", **{"id": SEED, **body})

    def create(self, **body: Any) -> tuple[int, Any]:
        """Create a record, a medical certificate by default."""
        usual = {
            "qualificationType": {"id": self.kind("Medical Certificate")["id"]},
            "owner": {"entityType": "worker", "id": "281474"},
            "issueDate": "2025-08-27T10:20:30Z",
            "fields": [
                {
                    "id": self.field("Medical Certificate", "Examined on")["id"],
                    "type": "datetime",
                    "dateTimeValue": {"value": "2025-08-26T00:00:00Z"},
                }
            ],
        }
        return self.write("POST", "/qualification-records", **usual | body)

    def get(self, *ids: str, **query: str) -> tuple[int, Any]:
        """Get records."""
        return self.read("/qualification-records", ids=",".join(ids), **query)

    def stream(self, **query: str) -> tuple[int, Any]:
        """Stream records, all workers' up to the year 2100 by default."""
        usual = {
            "entityType": "worker",
            "startTime": "2000-01-01T00:00:00Z",
            "endTime": "2100-01-01T00:00:00Z",
        }
        return self.read("/qualification-records/stream", **usual | query)

    def types(self, **query: str) -> tuple[int, Any]:
        """List qualification types, the workers' by default."""
        return self.read("/qualification-types", **{"entityType": "worker", **query})

    def kind(self, name: str) -> dict[str, Any]:
        """Return a qualification type by its name."""
        return next(kind for kind in self.server.types.values() if kind["name"] == name)

    def field(self, kind: str, label: str) -> dict[str, Any]:
        """Return a field's definition by its label."""
        return next(field for field in self.kind(kind)["fields"] if field["label"] == label)


def _opened(response: Response) -> tuple[int, Any]:
    payload = json.loads(response.body) if response.body else None
    return response.status, payload["data"] if payload and "data" in payload else payload


def _raise(violation: SpecViolation) -> None:
    raise violation


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still at 2026-01-01."""
    return Clock()


@pytest.fixture
def new_api(clock: Clock) -> Callable[..., Api]:
    """Return a maker of servers with the options given; without limits, and ids that count up."""

    def make(**options: Any) -> Api:
        numbers = itertools.count(1)
        usual = {
            "clock": clock,
            "rate": None,
            "new_id": lambda: f"00000000-0000-4000-8000-{next(numbers):012d}",
            "token": "right-token",
            "on_violation": _raise,
        }
        return Api(MockServer(**usual | options))

    return make


@pytest.fixture
def api(new_api: Callable[..., Api]) -> Api:
    """Return a server as it is by default, without limits."""
    return new_api()
