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
def samsara_mock_options() -> dict[str, Any]:
    """
    Arguments of `MockServer` for `samsara_mock`; none by default.

    Override it to change some, such as `return {"page_size": 2, "clock": lambda: 1_800_000_000}`.
    Without it there are no rate limits, so that no test waits (`"rate": "spec"` has the real ones),
    and the time is that of `time.time()`, which freezegun and time-machine hold.
    """
    return {}


@pytest.fixture
def samsara_faults_must_strike() -> bool:
    """
    Whether a test fails if a fault that it arranged struck no request: by default it does.

    Such a test would pass without having seen the error that it is about. Override this fixture
    with one that returns `False` where faults are arranged for requests that may not come.
    """
    return True


@pytest.fixture
def samsara_mock(
    samsara_mock_options: dict[str, Any], *, samsara_faults_must_strike: bool
) -> Iterator[MockServer]:
    """
    A fresh mock server: arrange and inspect its `records`, `types`, `requests` and `faults`.

    Arrange an error with `samsara_mock.faults.add(Fault(status=503))`, a record with
    `samsara_mock.add_record("Driver License", {"License Number": "D1"})`.
    """
    from samsara_qualifications.mock import MockServer

    violations: list[SpecViolation] = []
    options: dict[str, Any] = {"rate": None, "on_violation": violations.append}
    server = MockServer(**options | samsara_mock_options)
    yield server
    for violation in violations:
        raise violation
    if samsara_faults_must_strike and server.faults.unstruck:
        pytest.fail(
            f"no request was struck by {', '.join(map(repr, server.faults.unstruck))}: send one "
            "that it fits, or take it back with samsara_mock.faults.clear(); to switch this off, "
            "override the fixture samsara_faults_must_strike",
            pytrace=False,
        )


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
