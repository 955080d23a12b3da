"""The target of the suite's own tests: a mock in this process."""

from __future__ import annotations

import pytest

from samsara_qualifications_contract.harness import targets


@pytest.fixture(scope="session")
def target() -> targets.Target:
    """What the suite runs against by default."""
    return targets.mock()
