"""Make what an expectation needs, and hold the server's answers against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.harness import expectations
from samsara_qualifications_contract.server import adapt

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.api import Api
    from samsara_qualifications_contract.harness.expectations import Interaction
    from samsara_qualifications_contract.harness.targets import Target


def made(api: Api, target: Target, given: dict[str, Any]) -> str:
    """Make a record that an expectation needs; return its id."""
    body = adapt.minimal_record(target.facts, given["entity"], **given.get("record", {}))
    identity: str = api.create(body).answers(201).data["id"]
    return identity


def perform(api: Api, interaction: Interaction, ids: dict[str, str], file: str) -> None:
    """Send a request, and compare the answer with what is relied on."""
    query, body = expectations.filled([interaction.query, interaction.body], ids)
    content = b"" if body is None else json.dumps(body).encode()
    reply = api.send(interaction.method, interaction.path, content, query=query)
    reply.answers(interaction.status, source=f"{file}, an expectation of another team")
    came: Any = reply.json if reply.response.content else {}
    for difference in expectations.differences(expectations.filled(interaction.answer, ids), came):
        raise reply.breach(difference, f"{file}, an expectation of another team")
