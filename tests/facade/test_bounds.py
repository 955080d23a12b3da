"""What one exchange may take, time and size, and what a caller's hook does not decide."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications import (
    BudgetTimeout,
    QualificationsClient,
    QualificationsError,
    RetryPolicy,
    UnexpectedResponse,
    _wire,
)
from samsara_qualifications_contract.client.calls import NO_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = _wire.spec()["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
RECORD: bytes = json.dumps(EXAMPLES["application/json"]["examples"]["seed"]["value"]).encode()
SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
MIB = 1024 * 1024


class InParts(httpx.SyncByteStream):
    """A body that comes bit by bit, and may break off."""

    def __init__(self, *parts: bytes | Exception, pause: float = 0.0) -> None:
        self._parts = parts
        self._pause = pause

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            time.sleep(self._pause)
            if isinstance(part, Exception):
                raise part
            yield part


def update(body: InParts, headers: Any = None, hooks: Any = None, **options: Any) -> Any:
    """Return what an update gives for an answer, or its error, and count the requests."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=body))
    client = QualificationsClient(
        "token",
        limits=NO_LIMITS,
        http_client=httpx.Client(transport=transport, event_hooks=hooks),
        **{"retry": RetryPolicy(attempts=1), **options},
    )
    try:
        return client.update(SEED, issue_date=date(2026, 1, 1))
    except QualificationsError as error:
        return error


def test_a_response_hook_that_fails_decides_nothing() -> None:
    """Of whatever class its error is, what the server has answered counts."""

    def fail(_: object) -> None:
        raise RuntimeError("hook")

    result = update(InParts(RECORD), hooks={"response": [fail]})
    assert SEED == getattr(result, "id", None), repr(result)


def test_a_body_that_drips_ends_in_time() -> None:
    """Over any transport."""
    began = time.monotonic()
    error = update(InParts(*[b" "] * 600, pause=0.02), timeout=0.3)
    assert time.monotonic() - began < 5
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert error.applied is True


def test_an_exchange_that_cannot_end_in_time_is_not_begun() -> None:
    """Nobody would know what became of it."""
    assert isinstance(update(InParts(RECORD), deadline=0.009), BudgetTimeout)


def test_an_answer_that_broke_off_is_not_read() -> None:
    """Though it looks whole."""
    error = update(InParts(RECORD, httpx.ReadError("reset")))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert error.applied is True


def test_a_bomb_is_not_unpacked() -> None:
    """A small answer that unpacks to a large one is refused, in bounded memory."""
    bomb = gzip.compress(bytes(100 * MIB), compresslevel=1)
    tracemalloc.start()
    try:
        error = update(InParts(bomb), {"Content-Encoding": "gzip"})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "is larger than" in str(error)
    assert peak < 50 * MIB


@pytest.mark.parametrize(
    ("body", "words"),
    [(b" " * 9 * MIB, "is larger than"), (b"[" + b"[]," * 200_000 + b"[]]", "more values")],
    ids=["size", "number"],
)
def test_an_answer_of_a_write_is_bounded(body: bytes, words: str) -> None:
    """In its size, and in how many values it holds."""
    error = update(InParts(body))
    assert isinstance(error, UnexpectedResponse), repr(error)
    assert words in str(error)
