"""Legal variants of the mock: servers that keep the contract in another way."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from samsara_qualifications.mock.messages import Refused
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.harness.targets import Clock
from samsara_qualifications_contract.mutants import catalogue
from samsara_qualifications_contract.mutants.exchange import (
    Exchange,
    before,
    on_response,
    records_of,
    responses,
)
from samsara_qualifications_contract.mutants.fault import Make, swap, wrap
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from samsara_qualifications.mock import Response
    from samsara_qualifications_contract.harness.facts import Facts

PREFIX = "QR-"
OWNERS = "samsara_qualifications_contract.harness.targets:OWNERS"


def _shifted(value: Any) -> Any:
    """Return a JSON value with more properties, in reverse order, and times written with +00:00."""
    if is_object(value):
        changed = {name: _shifted(item) for name, item in reversed(value.items())}
        return {"xNew": {"since": 2027}, **changed} if "id" in changed else changed
    if is_list(value):
        return [_shifted(item) for item in value]
    if isinstance(value, str) and value[10:11] == "T" and value.endswith("Z"):
        return f"{value[:-1]}+00:00"
    return value


def _shift(exchange: Exchange) -> None:
    exchange.payload = _shifted(exchange.payload)
    for record in records_of(exchange):
        record["fields"] = record["fields"][::-1]


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
    if exchange.name == "get" and exchange.query.get("ids"):
        ids = exchange.query["ids"].split(",")
        exchange.query["ids"] = ",".join(_found(exchange, identity) for identity in ids)


def _other_ids_out(exchange: Exchange) -> None:
    for record in records_of(exchange):
        record["id"] = _hidden(record["id"])


def other_ids() -> None:
    """Give records ids that are not UUIDs."""
    before("", _other_ids_in)()
    on_response(_other_ids_out)()


other_form = on_response(_shift)
"""Answers with more properties, in another order, and with +00:00."""


def _gzipped(response: Response) -> Response:
    headers = {**response.headers, "Content-Encoding": "gzip"}
    zipped = replace(response, headers=headers, body=gzip.compress(response.body, 1))
    return zipped if response.body else response


def _escaped(response: Response) -> Response:
    text = json.dumps(json.loads(response.body), indent=1) if response.body else ""
    return replace(response, body=text.encode())


_calls = itertools.count(1)


def _busy(exchange: Exchange) -> None:
    """Refuse each tenth request with 429 and a date until which to wait, which is now."""
    unlimited = type(exchange.server._clock) is Clock  # pyright: ignore[reportPrivateUsage]
    if unlimited and next(_calls) % 10 == 0:
        exchange.refuse(429, **{"Retry-After": formatdate(usegmt=True)})


def _differing(names: str, *faults: Make | str) -> Make:
    """Return what makes a server differ in assumed behaviours, of which the suite is told."""
    known = {fault.text: fault.apply for fault in catalogue.SERVER}

    def find(original: Any, *arguments: Any) -> Facts:
        found: Facts = original(*arguments)
        return replace(found, differs=frozenset(names.split()))

    def apply() -> None:
        wrap("samsara_qualifications_contract.harness.facts:find", find)()
        for fault in faults:
            (known[fault] if isinstance(fault, str) else fault)()

    return apply


def _again(exchange: Exchange) -> None:
    status = {"archive": "archived", "unarchive": "active"}.get(exchange.name)
    if status and exchange.before.get("recordStatus") == status:
        exchange.refuse(409)


def _refusing(target: str) -> Make:
    """Return what lets a function of the mock refuse with 422."""

    def refuse(original: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return original(*arguments, **options)
        except Refused as refusal:
            raise Refused(422, str(refusal)) from refusal

    return wrap(target, refuse)


VARIANTS = catalogue.listed(
    {
        ("variant", "HTTP and JSON"): {
            "bodies are compressed": responses(_gzipped),
            "what is not ASCII is escaped, with blanks": responses(_escaped),
            "a busy server, with a date in Retry-After": before("", _busy),
        },
        ("variant", "differs"): {
            "differs in what archiving, changing and refusing mean": _differing(
                "archive_twice archived_can_change deleted_cannot_change owner_must_fit"
                " external_ids_conflict field_must_fit one_value person_id time_range"
                " decimals_kept content_type unknown_names",
                before("", _again),
                _refusing("mock.state:State._owner"),
                _refusing("mock.state:State._check_unique"),
                _refusing("mock.fields:merged"),
                _refusing("mock.times:parse"),
                "an archived record cannot be updated",
                "deleting twice succeeds",
                "numbers are rounded to two places",
                "any content type will do",
                "an unknown name is refused",
            ),
            "differs in queries, the window's start, cells and creation": _differing(
                "repeated_parameter too_many_ids empty_list stream_start cell_id date_in_utc"
                " epoch_on_create unknown_get auth_first",
                "of a parameter that is given twice, the last counts",
                "of more than 100 ids, the first 100 count",
                "an empty list of ids gives nothing",
                "the start of the window is left out",
                "cells come back under their row's id",
                "created with the clear value, a record expires in 1970",
                "one unknown id is left out of a read",
            ),
        },
        ("variant", "compatible changes"): {
            "record ids are not UUIDs": other_ids,
            "the assets have one owner": swap(
                OWNERS, {**targets.OWNERS, "asset": {"owners": ["212014918"]}}
            ),
            "more properties, in another order; fields in another order; times with +00:00": (
                other_form
            ),
        },
    }
)
