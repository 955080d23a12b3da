"""The only door to a live organisation: counts, paces and journals each call, or refuses it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from samsara_qualifications.retry import parse_retry_after
from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samsara_qualifications import Budget, RateLimit
    from samsara_qualifications_contract.live.journal import Journal
    from samsara_qualifications_contract.oracle.spec import Json, Operation

KEY = "contractlive"
OTHER_KEY = "contractliveother"
"""The suite's own keys of external ids; each value begins with the mark of its record."""
MOST_CALLS = 60
LONGEST_PAUSE = 60.0
_TURN = 300.0
_CLEANING_CALLS = 2
_ERRORS, _TIMEOUT, _TOO_MANY, _SERVER_ERRORS = 400, 408, 429, 500
_REFUSED_TOKEN = {401, 403}


class Stop(Exception):
    """The run must not go on: why."""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, without headers; bodies are parsed JSON."""

    operation: str
    method: str
    target: str
    body: Any
    status: int
    answer: Any


class GuardedClient(httpx.Client):
    """
    An httpx client that writes only to what this journal's runs have made.

    Args:
        journal: Where a record is announced before it is made.
        budget: Paces the calls, with all who share it.
        limits: The limits of each operation, by its operationId.
        say: Called with each call before it goes out.
        options: Arguments of `httpx.Client`.

    Attributes:
        exchanges: What was answered for good: neither a 429 nor a 5xx.
        owned: The marks of records that are known to be our own, by id.
        cleaning: Whether the calls kept for cleaning may be used.
        calls: How many calls went out.
    """

    def __init__(
        self,
        journal: Journal,
        budget: Budget,
        limits: Mapping[str, Mapping[str, RateLimit]],
        say: Callable[[str], object],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.exchanges: list[Exchange] = []
        self.owned: dict[str, str] = {}
        self.cleaning = False
        self.calls = 0
        self._journal = journal
        self._budget = budget
        self._limits = limits
        self._say = say
        self._refusals = 0

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """
        Send a request of an operation; a first 429 is waited out.

        Raises:
            Stop: The request may not go out, or its answer says that no other should.
        """
        operation = spec.find(request.method, request.url.path)
        if operation is None:
            raise Stop(f"{request.method} {request.url.path} is not an operation of the API")
        response = self._send_once(operation, request, options)
        if response.status_code == _TOO_MANY:
            response = self._send_once(operation, request, options)
        return response

    def _send_once(
        self, operation: Operation, request: httpx.Request, options: Json
    ) -> httpx.Response:
        body: Json | None = json.loads(request.content) if request.content else None
        mark = None if body is None else self._mark_to_write(operation, body)
        self._keep_calls_for_cleaning(creates=mark is not None and mark not in self._journal.open)
        permit = self._budget.acquire(self._limits[operation.id], lane="bulk", timeout=_TURN)
        try:
            if mark and operation.id == "createQualificationRecord":
                self._journal.announce(mark)
            self.calls += 1
            target = request.url.raw_path.decode("ascii")
            self._say(f"{self.calls}. {request.method} {target} {request.content.decode()}".strip())
            response = super().send(request, **options)
        except httpx.TransportError as error:
            raise Stop(f"no answer ({type(error).__name__}): what was done is unknown") from None
        finally:
            permit.settle()
        self._judge(operation, response, mark)
        answer = _parsed(response)
        if response.is_success:
            self._recognise(operation, mark, answer)
        if response.status_code < _SERVER_ERRORS and response.status_code != _TOO_MANY:
            self.exchanges.append(
                Exchange(operation.id, request.method, target, body, response.status_code, answer)
            )
        return response

    def _mark_to_write(self, operation: Operation, body: Json) -> str:
        """Return the mark of the record that a body names; it must be our own."""
        given = body.get("externalIds", {})
        if operation.id == "createQualificationRecord":
            mark = str(given.get(KEY, ""))
            if not mark.startswith(KEY) or mark in {*self._journal.open, *self.owned.values()}:
                raise Stop(f"a new record needs an external id {KEY} of its own, not {mark!r}")
            return mark
        key, _, value = str(body["id"]).partition(":")
        if key == KEY and value in self.owned.values():
            return value
        if body["id"] not in self.owned:
            raise Stop(f"{body['id']!r} is not a record of this run: not sent")
        return self.owned[body["id"]]

    def _keep_calls_for_cleaning(self, *, creates: bool) -> None:
        kept = 0 if self.cleaning else _CLEANING_CALLS * (len(self._journal.open) + creates)
        if self.calls + kept >= MOST_CALLS:
            raise Stop(f"{self.calls} calls went out, and {kept} are kept for cleaning")

    def _judge(self, operation: Operation, response: httpx.Response, mark: str | None) -> None:
        status = response.status_code
        if (
            mark
            and operation.id == "createQualificationRecord"
            and _ERRORS <= status < _SERVER_ERRORS
            and status != _TIMEOUT
        ):
            self._journal.gone(mark)
        if status == _TOO_MANY:
            self._pause(operation, response)
        elif status in _REFUSED_TOKEN:
            raise Stop(f"{operation.id} answered {status}: the token may not do this")
        elif mark and (status >= _SERVER_ERRORS or status == _TIMEOUT):
            raise Stop(f"{operation.id} answered {status}: whether it was applied is unknown")

    def _pause(self, operation: Operation, response: httpx.Response) -> None:
        asked = parse_retry_after(response.headers.get("Retry-After"), now=time.time())
        seconds = 1.0 if asked is None else asked
        for key in self._limits[operation.id]:
            self._budget.pause(key, min(seconds, LONGEST_PAUSE))
        self._refusals += 1
        if self._refusals > 1 or seconds > LONGEST_PAUSE:
            raise Stop(f"{operation.id} answered 429, number {self._refusals} of this run")

    def _recognise(self, operation: Operation, mark: str | None, answer: Any) -> None:
        """Check that what comes back is our own; learn the id of what was made."""
        match operation.id:
            case "getQualificationRecords":
                for record in _data(answer, list):
                    self._check_own(record)
            case "createQualificationRecord" | "updateQualificationRecord" if mark:
                record = _data(answer, dict)
                self._check_own(record)
                if operation.id == "createQualificationRecord":
                    if record["id"] in self.owned:
                        raise Stop(f"a new record came back with the old id {record['id']}")
                    self.owned[record["id"]] = mark
                if self.owned.get(record["id"]) != mark:
                    raise Stop(f"record {record['id']} came back for a write to another")
                self._journal.made(mark, record["id"])
            case "deleteQualificationRecord" if mark:
                self._journal.gone(mark)
            case _:
                pass

    def _check_own(self, record: Json) -> None:
        marks = (*self.owned.values(), *self._journal.open)
        values = map(str, record.get("externalIds", {}).values())
        if not any(value.startswith(marks) for value in values):
            raise Stop(f"record {record.get('id')} came back, which this run has not made")


def _data(answer: Any, form: type[Any]) -> Any:
    try:
        data = answer["data"]
    except (TypeError, KeyError):
        data = None
    if not isinstance(data, form):
        raise Stop("an answer cannot be read, so that it is unknown whose record it shows")
    return data


def _parsed(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content) if response.content else None
    except ValueError:
        return None
