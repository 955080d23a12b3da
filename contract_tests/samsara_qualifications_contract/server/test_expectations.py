"""What other teams rely on is still promised by the spec, and kept by the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.harness import expectations
from samsara_qualifications_contract.server import expected

if TYPE_CHECKING:
    from pathlib import Path

    from samsara_qualifications_contract.harness.targets import Target


def test_the_spec_promises(expectation: Path) -> None:
    """Every request is valid by the spec, and every part of an answer stands in it."""
    for interaction in expectations.load(expectation).interactions:
        assert [] == list(expectations.against_spec(interaction)), expectation.name


@pytest.mark.needs("records")
def test_the_server_keeps(expectation: Path, target: Target) -> None:
    """Every answer has what is relied on."""
    loaded = expectations.load(expectation)
    if missing := [
        g["entity"] for g in loaded.given.values() if not target.facts.usable(g["entity"])
    ]:
        pytest.skip(f"{expectation.name} needs a record of a {missing[0]}")
    with target.open() as api:
        ids = {name: expected.made(api, target, given) for name, given in loaded.given.items()}
        for interaction in loaded.interactions:
            expected.perform(api, interaction, ids, expectation.name)
