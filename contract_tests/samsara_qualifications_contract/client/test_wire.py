"""The wire: the exact bytes of every public call, blocking and async."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import (
    Owner,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import given
from samsara_qualifications_contract.client.recorder import (
    BASE_URL,
    TOKEN,
    Recorder,
    answer,
    async_client_of,
    client_of,
)
from samsara_qualifications_contract.client.wire_cases import CASES, ID, IDS
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = Path(__file__).parents[4] / "shared" / "seed" / "update-qualification-record.txt"


def answers_to(name: str) -> Recorder:
    """Return a server that gives the call a valid answer."""
    method = name.partition(" ")[0]
    operation = next(op for op in spec.OPERATIONS if op.lower().startswith(OPERATION_OF[method]))
    return Recorder(answer(spec.OPERATIONS[operation].success, samples.body_of(operation)))


OPERATION_OF = {
    "update": "update",
    "create": "create",
    "delete": "delete",
    "archive": "archive",
    "unarchive": "unarchive",
    "get": "get",
    "confirm": "get",
    "stream": "stream",
    "types": "list",
}


def check(recorder: Recorder, method: str, target: str, body: str | None) -> None:
    """Compare the only request with what it must be, to the byte."""
    [request] = recorder.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (method, f"{BASE_URL}{target}") == (request.method, str(request.url))
    assert (body or "").encode() == request.content
    assert f"Bearer {TOKEN}" == headers.get("authorization")
    assert "application/json" == headers.get("accept")
    assert (None if body is None else "application/json") == headers.get("content-type")
    assert (None if body is None else str(len((body or "").encode()))) == headers.get(
        "content-length"
    )


@pytest.mark.parametrize(("name", "call", "method", "target", "body"), CASES, ids=IDS)
def test_blocking(
    name: str, call: Callable[[Any], Any], method: str, target: str, body: str | None
) -> None:
    """The blocking client sends exactly this."""
    recorder = answers_to(name)
    result = given(lambda: call(client_of(recorder)))
    if inspect.isgenerator(result):
        given(lambda: list(result))
    check(recorder, method, target, body)


@pytest.mark.parametrize(("name", "call", "method", "target", "body"), CASES, ids=IDS)
def test_async(
    name: str, call: Callable[[Any], Any], method: str, target: str, body: str | None
) -> None:
    """The async client sends exactly the same."""
    recorder = answers_to(name)

    async def send() -> None:
        result = call(async_client_of(recorder))
        if inspect.isasyncgen(result):
            assert [item async for item in result]
        else:
            await result

    given(lambda: asyncio.run(send()))
    check(recorder, method, target, body)


def test_the_seeds_request() -> None:
    """The source document's request goes out with the same JSON value."""
    recorder = Recorder(answer(200, {"data": {**samples.full_record(), "id": ID}}))
    when = datetime(2025, 8, 27, 10, 20, 30, tzinfo=UTC)
    client_of(recorder).update(ID, issue_date=when, owner=Owner.worker("281474"))
    assert samples.SEED_REQUEST == json.loads(recorder.requests[0].content)
    if SEED.exists():
        text = SEED.read_text("utf-8")
        request, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
        assert request == json.loads(recorder.requests[0].content)


def test_every_public_call_is_pinned() -> None:
    """No method of the client lacks a case."""
    client = client_of(Recorder(answer(200)))
    methods = {name for name in dir(client) if not name.startswith("_")} - {"budget", "close"}
    assert methods == {name.partition(" ")[0] for name in IDS}
