"""A request that the server finds too large: nothing was applied, and it is not sent again."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import BadRequest, Owner
from samsara_qualifications.mock import Fault
from samsara_qualifications.mock.http import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications.mock import MockServer

SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
DAY = date(2026, 1, 1)
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("update", (SEED,), {"issue_date": DAY}),
    ("create", (SEED,), {"owner": Owner("worker", "1"), "issue_date": DAY}),
    ("delete", (SEED,), {}),
    ("archive", (SEED,), {}),
    ("unarchive", (SEED,), {}),
    ("get", (SEED,), {}),
    ("stream", (), {"entity_type": "worker", "start_time": DAY}),
    ("types", (), {"entity_type": "worker"}),
]


@pytest.mark.parametrize(("method", "arguments", "options"), CALLS, ids=[c[0] for c in CALLS])
def test_each_method_says_that_nothing_was_applied(
    connect: Callable[..., Any],
    mock: MockServer,
    method: str,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    """And what the server said of it, under which id."""
    body = {"message": "Content Too Large", "requestId": "r-413"}
    mock.faults.add(Fault(status=413, body=body, times=9))
    with pytest.raises(BadRequest) as caught:
        connect(mock)(method, *arguments, **options)
    error = caught.value
    assert (413, "Content Too Large", "r-413") == (error.status, error.message, error.request_id)
    assert (False, False, method) == (error.applied, error.retryable, error.operation)
    assert 1 == len(mock.requests)


def test_an_update_that_is_too_large_leaves_the_record(
    connect: Callable[..., Any], mock: MockServer
) -> None:
    """The mock answers as the API documents it; the error names the record."""
    before = copy.deepcopy(mock.records[SEED])
    with pytest.raises(BadRequest, match="413") as caught:
        connect(mock).update(external_ids={"key": "x" * MAX_BODY})
    assert (413, False, SEED) == (caught.value.status, caught.value.applied, caught.value.record_id)
    assert before == mock.records[SEED]
