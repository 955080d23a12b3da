"""The stories bear with others who write to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.harness.api import Api
from samsara_qualifications_contract.server import reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.targets import Target


def test_pages_may_be_full_of_what_others_write(target: Target) -> None:
    """Before it writes, a story reads until it has seen two records of its own."""
    server = targets.own_server(page_size=2)
    with httpx.Client(transport=server.transport(), base_url=targets.MOCK_URL) as client:
        api = Api(client, targets.MOCK_TOKEN, own_server=True)
        story = Story(api, target.facts, own_server=False)
        first = story.new("worker")
        for _ in range(4):
            server.add_record("Driver License")
        second = story.new("worker")
        story.new("worker")
        end = story.changed[story.new("worker")]
        shown: list[str] = []
        reads.between_pages(story, "worker", end, shown.extend)
        assert [first, second] == shown
