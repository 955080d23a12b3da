"""
Fixtures for the tests of projects that use this package.

A test that names `samsara_mock` gets a pretend organisation of its own, and with `samsara_client`
or `samsara_async_client` a client that talks to it, without a socket. Needs the extra `mock`.
Nothing is loaded until a test names a fixture.
"""

# ruff: noqa: PLC0415 - this module is loaded in every pytest run: fixtures import what they need

from __future__ import annotations

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
    try:
        from samsara_qualifications.mock import MockServer
    except ModuleNotFoundError as error:
        pytest.fail(f"{error}; the mock needs: pip install 'samsara-qualifications[mock]'")
    violations: list[SpecViolation] = []
    yield MockServer(rate=None, on_violation=violations.append)
    for violation in violations:
        raise violation


@pytest.fixture
def samsara_client(samsara_mock: MockServer) -> Iterator[QualificationsClient]:
    """A `QualificationsClient` that talks to `samsara_mock` and need not wait for its budget."""
    import httpx

    from samsara_qualifications import QualificationsClient

    with httpx.Client(transport=samsara_mock.transport()) as http_client:
        yield QualificationsClient(**_options(samsara_mock), http_client=http_client)


@pytest.fixture
def samsara_async_client(samsara_mock: MockServer) -> AsyncQualificationsClient:
    """An `AsyncQualificationsClient` that talks to `samsara_mock`; see `samsara_client`."""
    import httpx

    from samsara_qualifications import AsyncQualificationsClient

    http_client = httpx.AsyncClient(transport=samsara_mock.async_transport())
    return AsyncQualificationsClient(**_options(samsara_mock), http_client=http_client)


def _options(server: MockServer) -> dict[str, Any]:
    from samsara_qualifications import RateLimit, _wire

    names = [*(operation.name for operation in _wire.ALL), *_wire.SHARED]
    limits = {name: RateLimit(*_PLENTY) for name in names}
    return {"token": server.token, "base_url": _BASE_URL, "limits": limits}
