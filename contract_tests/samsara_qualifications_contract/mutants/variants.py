"""Legal variants of the mock: servers that keep the contract in another way."""

from __future__ import annotations

import base64
import gzip
import importlib
import itertools
import json
import operator
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, cast

from samsara_qualifications.mock import MockServer, Request, Response
from samsara_qualifications.mock.messages import Refused
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.targets import Clock
from samsara_qualifications_contract.mutants import (
    server_dates,
    server_lists,
    server_protocol,
    server_records,
    server_state,
    server_values,
)
from samsara_qualifications_contract.mutants.fault import (
    Exchange,
    Fault,
    on_request,
    on_response,
    swap,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from samsara_qualifications_contract.harness.api import Api

PREFIX = "QR-"


def _shifted(value: Any) -> Any:
    """Return a JSON value with more properties, in reverse order, and times written with +00:00."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        changed = {name: _shifted(item) for name, item in reversed(items)}
        return {"xNew": {"since": 2027}, **changed} if "id" in changed else changed
    if isinstance(value, list):
        return [_shifted(item) for item in cast("Iterable[Any]", value)]
    if isinstance(value, str) and value[10:11] == "T" and value.endswith("Z"):
        return f"{value[:-1]}+00:00"
    return value


def _shift(exchange: Exchange) -> None:
    shifted = _shifted(exchange.payload)
    exchange.payload.clear()
    exchange.payload.update(shifted)
    for record in _records(exchange.payload):
        record["fields"] = record["fields"][::-1]


def _records(payload: dict[str, Any]) -> list[dict[str, Any]]:
    data: Any = payload.get("data", [])
    items = cast("list[dict[str, Any]]", data) if isinstance(data, list) else [data]
    return [item for item in items if "recordStatus" in item]


def _hidden(identity: str) -> str:
    return PREFIX + base64.urlsafe_b64encode(identity.encode()).decode().rstrip("=")


def _found(exchange: Exchange, identity: str) -> str:
    if not identity.startswith(PREFIX):
        return f"no {identity}" if identity in exchange.server.records else identity
    text = identity.removeprefix(PREFIX)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return f"no {identity}"


def _other_ids_in(exchange: Exchange) -> None:
    if isinstance(exchange.body.get("id"), str) and exchange.name != "create":
        exchange.body["id"] = _found(exchange, exchange.body["id"])
    if exchange.name == "getQualificationRecords" and exchange.query.get("ids"):
        ids = exchange.query["ids"].split(",")
        exchange.query["ids"] = ",".join(_found(exchange, identity) for identity in ids)


def _other_ids_out(exchange: Exchange) -> None:
    for record in _records(exchange.payload):
        record["id"] = _hidden(record["id"])


def other_ids() -> None:
    """Give records ids that are not UUIDs."""
    on_request(_other_ids_in)()
    on_response(_other_ids_out)()


def other_form() -> None:
    """Answer with more properties, in another order, and with +00:00."""
    on_response(_shift)()


def gzipped() -> None:
    """Answer with compressed bodies."""
    original = MockServer.handle

    def handle(self: MockServer, request: Request) -> Response:
        response = original(self, request)
        if not response.body:
            return response
        headers = {**response.headers, "Content-Encoding": "gzip"}
        return replace(response, headers=headers, body=gzip.compress(response.body, 1))

    MockServer.handle = handle  # type: ignore[method-assign]


def escaped() -> None:
    """Answer with escapes for all that is not ASCII."""

    def change(exchange: Exchange) -> None:
        if exchange.payload:
            text = json.dumps(exchange.payload, ensure_ascii=True, indent=1)
            exchange.response = replace(exchange.response, body=text.encode())

    on_response(change)()


def busy() -> None:
    """Refuse each tenth request with 429 and a date until which to wait, which is now."""
    count = itertools.count(1)

    def change(exchange: Exchange) -> None:
        unlimited = isinstance(exchange.server._clock, Clock)  # pyright: ignore[reportPrivateUsage]
        if unlimited and next(count) % 10 == 0:
            exchange.refuse(429, **{"Retry-After": formatdate(usegmt=True)})

    on_request(change)()


def differing(names: Sequence[str], *faults: Fault) -> Callable[[], None]:
    """Return what makes a server differ in assumed behaviours, of which the suite is told."""

    def apply() -> None:
        original = facts.find

        def find(api: Api, told: Mapping[str, Any]) -> facts.Facts:
            return replace(original(api, told), differs=frozenset(names))

        facts.find = find  # type: ignore[assignment]
        for fault in faults:
            fault.apply()

    return apply


def _named(*texts: str) -> list[Fault]:
    every = [*server_state.FAULTS, *server_values.FAULTS, *server_lists.FAULTS]
    every += [*server_protocol.FAULTS, *server_dates.FAULTS, *server_records.FAULTS]
    return [next(fault for fault in every if fault.text == text) for text in texts]


def _again(exchange: Exchange) -> None:
    status = {"archive": "archived", "unarchive": "active"}.get(exchange.name)
    if exchange.before and exchange.before["recordStatus"] == status:
        exchange.refuse(409)


def _refuse(status: int, *targets: str) -> None:
    """Let functions of the mock refuse with another status."""
    for target in targets:
        module, _, name = target.partition(":")
        original = operator.attrgetter(name)(importlib.import_module(module))

        def refusing(*args: Any, _original: Any = original, **options: Any) -> Any:
            try:
                return _original(*args, **options)
            except Refused as refusal:
                raise Refused(status, str(refusal)) from refusal

        swap(target, refusing)()


def _other_refusals() -> None:
    _refuse(
        422,
        "samsara_qualifications.mock.state:State._owner",
        "samsara_qualifications.mock.state:State._check_unique",
        "samsara_qualifications.mock.fields:merged",
        "samsara_qualifications.mock.times:parse",
    )


VARIANTS = [
    Fault("variant", "bodies are compressed", "Content-Encoding", gzipped),
    Fault("variant", "what is not ASCII is escaped, with blanks", "JSON", escaped),
    Fault("variant", "a busy server, with a date in Retry-After", "RFC 9110", busy),
    Fault(
        "variant",
        "differs in what archiving, changing and refusing mean",
        "differs",
        differing(
            [
                *("archive_twice", "archived_can_change", "deleted_cannot_change"),
                *("owner_must_fit", "external_ids_conflict", "field_must_fit", "one_value"),
                *("person_id", "time_range", "decimals_kept", "content_type", "unknown_names"),
            ],
            Fault("variant", "again", "archive_twice", on_request(_again)),
            Fault("variant", "other refusals", "owner_must_fit", _other_refusals),
            *_named(
                "an archived record cannot be updated",
                "deleting twice succeeds",
                "numbers are rounded to two places",
                "any content type will do",
                "an unknown name is refused",
            ),
        ),
    ),
    Fault(
        "variant",
        "differs in queries, the window's start, cells and creation",
        "differs",
        differing(
            [
                *("repeated_parameter", "too_many_ids", "empty_list", "stream_start"),
                *("cell_id", "date_in_utc", "epoch_on_create", "unknown_get", "auth_first"),
            ],
            *_named(
                "of a parameter that is given twice, the last counts",
                "of more than 100 ids, the first 100 count",
                "an empty list of ids gives nothing",
                "the start of the window is left out",
                "cells come back under their row's id",
                "created with the clear value, a record expires in 1970",
                "one unknown id is left out of a read",
            ),
        ),
    ),
    Fault(
        "variant", "record ids are not UUIDs", "components/schemas/QualificationRecord", other_ids
    ),
    Fault(
        "variant",
        "more properties, in another order; fields in another order; times with +00:00",
        "compatible changes",
        other_form,
    ),
]
