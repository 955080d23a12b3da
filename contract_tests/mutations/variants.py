"""Legal variants of the mock: servers that keep the contract in another way."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from contract_tests.mutations.fault import Exchange, Fault, on_request, on_response

if TYPE_CHECKING:
    from collections.abc import Iterable

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


VARIANTS = [
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
