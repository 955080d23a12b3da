"""A third opinion: Prism, a validating proxy by another maker, between the client and the mock."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from samsara_qualifications import (
    CLEAR,
    NotFound,
    NumberField,
    Owner,
    QualificationsClient,
    RetryPolicy,
    TextField,
    expiration_of,
)
from samsara_qualifications_contract.client.calls import NO_LIMITS
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.mutants import other_server
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.server import adapt

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PRISM = os.environ.get("PRISM") or shutil.which("prism")
SPEC = Path(__file__).parents[3] / spec.FILE
VIOLATION = "stoplight.io/prism/errors"
RETRIES = 8
"""Of the connection, until Prism listens: each waits twice as long, a minute in all."""
pytestmark = pytest.mark.skipif(
    PRISM is None, reason="no Prism here: npm install @stoplight/prism-cli, then PRISM=its path"
)


@contextmanager
def prism(upstream: str) -> Generator[str]:
    """Run Prism before a server; give its URL. It answers violations with an error of its own."""
    assert PRISM is not None
    with socket.socket() as place:  # held, so that nobody else is given the port
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        command = [PRISM, "proxy", str(SPEC), upstream, "--errors", "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(transport=httpx.HTTPTransport(retries=RETRIES)) as patient:
                patient.get(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    """Prism before the mock."""
    with targets.mock_process("--rate", "none") as upstream, prism(upstream) as url:
        yield url


def client_of(url: str) -> QualificationsClient:
    """Return a client that fails at once."""
    return QualificationsClient(
        targets.MOCK_TOKEN, base_url=url, limits=NO_LIMITS, retry=RetryPolicy(attempts=1)
    )


def test_every_operation_passes(proxy: str) -> None:
    """Prism finds nothing wrong with what the client sends, nor with what the mock answers."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    with client_of(proxy) as client:
        kinds = list(client.types(entity_type="worker"))
        kind = next(kind for kind in kinds if kind.name == "HAZMAT Certificate")
        fields = {field.type_.value: field.id for field in kind.fields}
        record = client.create(
            kind.id,
            owner=Owner.worker("281474"),
            issue_date=start,
            fields=[TextField(fields["text"], "Zoë 🚚"), NumberField(fields["number"], -0.5)],
            external_ids={"hr": "prism"},
        )
        client.update(record.id, expiration_date=start, owner=Owner.worker("281475"))
        assert expiration_of(client.update(record.id, expiration_date=CLEAR)) is None
        client.archive(record.id)
        client.unarchive(record.id)
        assert [record.id] == [found.id for found in client.get([record.id, "hr:prism"])]
        found = client.stream(
            entity_type="worker", start_time=start, owner_ids=["281475"], include_deleted=True
        )
        assert record.id in [item.id for item in found]
        client.delete(record.id)
        with pytest.raises(NotFound) as caught:
            client.delete(record.id)
        assert VIOLATION not in str(caught.value)


def test_every_kind_of_field_passes(proxy: str) -> None:
    """A body with every kind of field that the spec knows passes, and so does its answer."""
    told = targets.OWNERS
    target = targets.at(proxy, targets.MOCK_TOKEN, told)
    with target.open() as api:
        for entity in told:
            fields = adapt.every_field(target.facts, entity)
            api.create(adapt.minimal_record(target.facts, entity, fields=fields)).answers(201)


def test_a_wrong_request_is_found(proxy: str) -> None:
    """Prism is no rubber stamp for requests."""
    headers = {"Authorization": f"Bearer {targets.MOCK_TOKEN}"}
    answer = httpx.patch(f"{proxy}/qualification-records", json={"id": 7}, headers=headers)
    assert VIOLATION in answer.text


def test_a_wrong_answer_is_found() -> None:
    """Prism is no rubber stamp for answers."""
    headers = {"Authorization": f"Bearer {targets.MOCK_TOKEN}"}
    other = other_server.running("a required property is missing")
    with other as upstream, prism(upstream) as url:
        target = targets.at(upstream, targets.MOCK_TOKEN, targets.OWNERS)
        body = adapt.minimal_record(target.facts, "worker")
        answer = httpx.post(f"{url}/qualification-records", json=body, headers=headers)
    assert VIOLATION in answer.text
