"""
Fixtures for the tests of projects that use samsara-qualifications.

A test that names `samsara_mock` gets a pretend organisation of its own, and with `samsara_client`
or `samsara_async_client` a client that talks to it, without a socket. Needs the extra `mock`.

pytest loads this module in every run, so it stands outside the package, and loads nothing of it
until a test names a fixture.
"""

# ruff: noqa: PLC0415 - fixtures import what they need

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications import AsyncQualificationsClient, QualificationsClient
    from samsara_qualifications.mock import MockServer, SpecViolation

_BASE_URL = "https://samsara.mock"
_PLENTY = (1_000_000, 1)


@pytest.fixture
def samsara_mock() -> Iterator[MockServer]:
    """
    A fresh mock server: arrange and inspect its `records`, `types`, `requests` and `faults`.

    It has no rate limits, so that no test waits; arrange a 429 with
    `samsara_mock.faults.add(Fault(status=429, headers={"Retry-After": "0.1"}))`, or return
    `MockServer(rate="spec")` from a fixture of this name to have the real ones.
    """
    from samsara_qualifications.mock import MockServer

    violations: list[SpecViolation] = []
    yield MockServer(rate=None, on_violation=violations.append)
    for violation in violations:
        raise violation


@pytest.fixture
def samsara_client_options() -> dict[str, Any]:
    """
    Options for the clients of `samsara_client` and `samsara_async_client`; none by default.

    Override it to change some, such as `return {"retry": RetryPolicy(attempts=1)}`. Those that are
    left out stay as they are: the mock's token and URL, a budget that no other test or process
    shares, no limits, no waits between retries or for the end of an outage, and at once a failure
    where the server asks for a wait of more than a second. No environment variable counts.
    """
    return {}


@pytest.fixture
def samsara_client(
    samsara_mock: MockServer, samsara_client_options: dict[str, Any]
) -> Iterator[QualificationsClient]:
    """A `QualificationsClient` that talks to `samsara_mock`; see `samsara_client_options`."""
    import httpx

    from samsara_qualifications import QualificationsClient

    with httpx.Client(transport=samsara_mock.transport(), trust_env=False) as http_client:
        options = _hermetic(samsara_mock, http_client) | samsara_client_options
        yield QualificationsClient(**options)


@pytest.fixture
def samsara_async_client(
    samsara_mock: MockServer, samsara_client_options: dict[str, Any]
) -> Iterator[AsyncQualificationsClient]:
    """An `AsyncQualificationsClient` that talks to `samsara_mock`; see `samsara_client_options`."""
    import httpx

    from samsara_qualifications import AsyncQualificationsClient

    http_client = httpx.AsyncClient(transport=samsara_mock.async_transport(), trust_env=False)
    options = _hermetic(samsara_mock, http_client) | samsara_client_options
    yield AsyncQualificationsClient(**options)
    with contextlib.suppress(StopIteration):  # the mock's transport never waits, so needs no loop
        http_client.aclose().send(None)


def _hermetic(server: MockServer, http_client: object) -> dict[str, Any]:
    """Return options that let nothing in from outside the test, and nothing out."""
    from samsara_qualifications import RateLimit, RetryPolicy, _wire, open_budget

    names = [*(operation.name for operation in _wire.ALL), *_wire.SHARED]
    return {
        "token": server.token,
        "base_url": _BASE_URL,
        "http_client": http_client,
        "budget": open_budget("memory://", name=secrets.token_hex(8)),
        "limits": {name: RateLimit(*_PLENTY) for name in names},
        "retry": RetryPolicy(backoff=0, max_retry_after=1, outage_limit=0),
    }
