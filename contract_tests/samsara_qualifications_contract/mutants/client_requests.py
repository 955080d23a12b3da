"""Faults of the client's requests: what it lets through, and what it sends."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from samsara_qualifications import Owner, _config, _values, _wire, models
from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

if TYPE_CHECKING:
    from collections.abc import Callable

WIRE = "the exact bytes of a call"
REFUSED = "wrong values are refused"


def _encoded(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each body that goes out."""
    original = _wire._encode

    def encode(body: Any) -> bytes:
        copy = json.loads(json.dumps(body))
        change(copy)
        return original(copy)

    return swap("_wire:_encode", encode)


def _rendered(change: Callable[[_wire.Request], _wire.Request]) -> Callable[[], None]:
    """Return what changes each request that is rendered."""
    original = _wire.Operation.request

    def request(self: Any, **arguments: Any) -> _wire.Request:
        return change(original(self, **arguments))

    return swap("_wire:Operation.request", request)


def _repeated_keys(request: _wire.Request) -> _wire.Request:
    path, _, query = request.target.partition("?")
    parts = [part.replace(",", f"&{part.partition('=')[0]}=") for part in query.split("&")]
    return request._replace(target=f"{path}?{'&'.join(parts)}" if query else path)


def _as_worker(owner: Owner) -> models.OwnerInput:
    return models.OwnerInput(models.EntityType.WORKER, owner.id)


def _with_floats(body: Any) -> bytes:
    return original_encode(json.loads(json.dumps(body), parse_int=float))


def _without_accept(config: _config.Config) -> dict[str, str]:
    return {name: value for name, value in headers_of(config).items() if name != "Accept"}


original_encode = _wire._encode
headers_of: Any = _config.Config.headers.fget  # type: ignore[attr-defined]  # a property

FAULTS = [
    Fault(
        "requests",
        "CLEAR goes out as another instant",
        WIRE,
        swap("_calls:EPOCH", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
    ),
    Fault(
        "requests",
        "times go out with +00:00",
        WIRE,
        _encoded(
            lambda b: b.update(
                {k: v.replace("Z", "+00:00") for k, v in b.items() if k.endswith("Date")}
            )
        ),
    ),
    Fault(
        "requests",
        "what is absent goes out as null",
        WIRE,
        _encoded(lambda b: b.setdefault("expirationDate", None)),
    ),
    Fault(
        "requests",
        "CLEAR goes out as null",
        WIRE,
        _encoded(
            lambda b: (
                b.update(expirationDate=None)
                if b.get("expirationDate") == "1970-01-01T00:00:00Z"
                else None
            )
        ),
    ),
    Fault(
        "requests",
        "empty lists are left out",
        WIRE,
        _encoded(lambda b: b.pop("fields") if b.get("fields") == [] else None),
    ),
    Fault(
        "requests",
        "empty maps are left out",
        WIRE,
        _encoded(lambda b: b.pop("externalIds") if b.get("externalIds") == {} else None),
    ),
    Fault(
        "requests",
        "fractions of a second are dropped",
        WIRE,
        _encoded(
            lambda b: b.update(issueDate=b["issueDate"][:19] + "Z") if "issueDate" in b else None
        ),
    ),
    Fault(
        "requests",
        "text goes out as ASCII escapes",
        WIRE,
        swap("_wire:_encode", lambda b: json.dumps(b, separators=(",", ":")).encode()),
    ),
    Fault(
        "requests",
        "bodies have blanks",
        WIRE,
        swap("_wire:_encode", lambda b: json.dumps(b, ensure_ascii=False).encode()),
    ),
    Fault("requests", "ids go out as repeated keys", WIRE, _rendered(_repeated_keys)),
    Fault("requests", "flags go out as Python writes them", WIRE, swap("_wire:_text", str)),
    Fault(
        "requests",
        "an asset goes out as a worker",
        WIRE,
        swap("fields:Owner.wire", _as_worker),
    ),
    Fault(
        "requests", "archiving asks for unarchiving", WIRE, swap("_wire:ARCHIVE", _wire.UNARCHIVE)
    ),
    Fault(
        "requests",
        "bodies have no content type",
        WIRE,
        edit(
            "_exchange:_Exchanger._request",
            'headers["Content-Type"] = "application/json"',
            "pass",
        ),
    ),
    Fault(
        "requests",
        "no JSON is asked for",
        WIRE,
        swap("_config:Config.headers", property(_without_accept)),
    ),
    Fault(
        "requests",
        "big whole numbers lose digits",
        WIRE,
        swap("_wire:_encode", _with_floats),
    ),
    Fault(
        "input",
        "a naive date is taken for local time",
        REFUSED,
        edit("_values:instant", "None if value.utcoffset() is None else ", ""),
    ),
    Fault(
        "input",
        "the epoch is let through",
        REFUSED,
        edit("_values:expiration", "moment.year <= EPOCH.year", "False"),
    ),
    Fault(
        "input",
        "an empty issue date is let through",
        REFUSED,
        edit("_values:no_empty_date", "days & _EMPTY_DAYS", "False"),
    ),
    Fault(
        "input",
        "the epoch is let through in a field",
        REFUSED,
        edit("_values:no_empty_date", "abs(moment - EPOCH) < timedelta(seconds=1)", "False"),
    ),
    Fault(
        "input",
        "Exactly is refused",
        WIRE,
        edit("_values:no_empty_date", "isinstance(value, Exactly)", "False"),
    ),
    Fault(
        "input",
        "a blank text is let through",
        REFUSED,
        edit("_values:filled_text", "not checked.strip()", "False"),
    ),
    Fault(
        "input",
        "CLEAR is refused as a text",
        WIRE,
        edit("_values:filled_text", "value is CLEAR", "False"),
    ),
    Fault(
        "input",
        "an update of nothing is sent",
        REFUSED,
        edit("_calls:update", "all(change is UNSET for change in changes)", "False"),
    ),
    Fault(
        "input",
        "an update of no fields is sent",
        REFUSED,
        edit("_calls:_some_fields", "not found", "False"),
    ),
    Fault(
        "input",
        "an update of no external ids is sent",
        REFUSED,
        edit("_calls:_some_external_ids", "not found.additional_properties", "False"),
    ),
    Fault(
        "input",
        "None keeps the expiration date",
        REFUSED,
        edit(
            "_calls:_expiration",
            "if isinstance(value, Unset):\n        return value",
            "if isinstance(value, Unset) or value is None:\n        return UNSET",
        ),
    ),
    Fault(
        "input",
        "None clears",
        REFUSED,
        edit("_calls:_expiration", "value is CLEAR", "value is CLEAR or value is None"),
    ),
    Fault(
        "input",
        "CLEAR is let through on creation",
        REFUSED,
        edit(
            "_calls:_first_expiration",
            "if value is CLEAR:",
            "if value is CLEAR: return EPOCH\n    if False:",
        ),
    ),
    Fault("input", "an id may be empty", REFUSED, swap("_calls:_values.identifier", _values.text)),
    Fault(
        "input",
        "an id in a list may hold a comma",
        REFUSED,
        edit("_values:identifiers", 'if "," in value:', "if False:"),
    ),
    Fault(
        "input",
        "a field may be named twice",
        REFUSED,
        edit("fields:field_models", "model.id in seen", "False"),
    ),
    Fault(
        "input",
        "numbers need not be finite",
        REFUSED,
        edit("_values:number", "not is_finite(value)", "False"),
    ),
    Fault(
        "input",
        "lone surrogates are let through",
        REFUSED,
        swap("_values:text", lambda _, value: value),
    ),
    Fault(
        "requests",
        "more than 100 ids go into one read",
        "at most 100 ids",
        swap("_calls:IDS_PER_REQUEST", 1000),
    ),
    Fault(
        "requests",
        "an id is asked for as often as it is named",
        WIRE,
        edit("_values:identifiers", "list(dict.fromkeys(checked))", "checked"),
    ),
    Fault(
        "requests",
        "only the first ids are read",
        "at most 100 ids",
        edit("_sync.client:QualificationsClient.get", "records += ", "records = "),
    ),
]
