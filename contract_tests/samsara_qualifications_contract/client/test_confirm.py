"""An update whose outcome is unknown: `confirm` finds out whether it is there."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from samsara_qualifications import (
    CLEAR,
    InvalidInput,
    NotFound,
    NumberField,
    Owner,
    QualificationsClient,
    QualificationsError,
    RetryPolicy,
    TextField,
)
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.attempts import (
    BROKEN,
    CREATE,
    DONE,
    failing,
    given,
    raised,
)
from samsara_qualifications_contract.client.calls import CHANGE
from samsara_qualifications_contract.client.recorder import Recorder, answer, client_of
from samsara_qualifications_contract.harness.targets import own_server

LICENCE_NUMBER = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
POINTS = "b945c828-1126-5583-8fe5-d7549dc8320e"
CHANGES: dict[str, dict[str, Any]] = {
    "an issue date": {"issue_date": date(2025, 2, 3)},
    "an expiration date": {"expiration_date": date(2031, 2, 3)},
    "no expiration date": {"expiration_date": CLEAR},
    "an owner": {"owner": Owner.worker("281475")},
    "an external id": {"external_ids": {"hr": "new"}},
    "a text": {"fields": [TextField(LICENCE_NUMBER, "D7")]},
    "the last of two fields": {
        "fields": [TextField(LICENCE_NUMBER, "D1234567"), NumberField(POINTS, 7.5)]
    },
}


class Losing(httpx.BaseTransport):
    """
    A transport that loses one exchange.

    Args:
        server: What answers all others.
        applied: Whether the answer is lost, or the request.
    """

    def __init__(self, server: httpx.BaseTransport, *, applied: bool) -> None:
        self._server = server
        self._applied = applied
        self._lost = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Lose the first exchange."""
        if self._lost:
            return self._server.handle_request(request)
        self._lost = True
        if self._applied:
            self._server.handle_request(request)
        raise BROKEN[0]


def lost(client: QualificationsClient, record_id: str, change: dict[str, Any]) -> Any:
    """Return the error of an update whose outcome is unknown."""
    error = raised(lambda: client.update(record_id, **change))
    assert isinstance(error, QualificationsError), repr(error)
    assert error.applied is None
    return error


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("applied", [True, False])
def test_confirm_says_whether_the_update_is_there(change: dict[str, Any], *, applied: bool) -> None:
    """The record is read, and shows it or not."""
    server = own_server()
    client = client_of(
        Losing(server.transport(), applied=applied),
        token=server.token,
        retry=RetryPolicy(attempts=1),
    )
    record_id = next(iter(server.records))
    error = lost(client, record_id, change)
    assert applied is given(lambda: client.confirm(error))


def test_confirm_cannot_tell_of_a_record_that_is_gone() -> None:
    """That there is no such record is an error of its own."""
    recorder = Recorder(BROKEN[0], answer(200, {"data": []}))
    client = client_of(recorder, retry=RetryPolicy(attempts=1))
    error = lost(client, "r", CHANGE)
    assert isinstance(raised(lambda: client.confirm(error)), NotFound)


def test_confirm_takes_errors_of_updates_only() -> None:
    """What a creation may have made has no id to read it by."""
    recorder = Recorder(answer(200, samples.body_of("getQualificationRecords")))
    error = failing(Recorder(answer(503)), CREATE)
    refusal = raised(lambda: client_of(recorder).confirm(error))
    assert isinstance(refusal, InvalidInput), repr(refusal)
    assert [] == recorder.requests


def test_an_error_of_an_update_holds_what_was_sent() -> None:
    """So that it can be confirmed elsewhere, and later."""
    error = failing(Recorder(answer(503), answer(400), answer(200, DONE)))
    assert ("update", "r") == (error.operation, error.record_id)
    assert {"id": "r", "issueDate": "2025-08-27T00:00:00Z"} == error.sent
