"""Faults of the client's requests: what it lets through, and what it sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from samsara_qualifications import _headers, _values, _wire, models
from samsara_qualifications_contract.mutants.exchange import drop, turn, where
from samsara_qualifications_contract.mutants.fault import Make, Table, edit, swap, wrap
from samsara_qualifications_contract.oracle import instants

if TYPE_CHECKING:
    from collections.abc import Callable

WIRE = "the exact bytes of a call"


def _encoded(change: Callable[[dict[str, Any]], object]) -> Make:
    """Return what changes each body that goes out."""

    def encode(original: Callable[[Any], bytes], body: Any) -> bytes:
        copy = json.loads(json.dumps(body))
        change(copy)
        return original(copy)

    return wrap("_wire:_encode", encode)


def _repeated_keys(request: _wire.Request) -> _wire.Request:
    path, _, query = request.target.partition("?")
    parts = [part.replace(",", f"&{part.partition('=')[0]}=") for part in query.split("&")]
    return request._replace(target=f"{path}?{'&'.join(parts)}" if query else path)


def _without_accept(*options: Any) -> dict[str, str]:
    return {name: value for name, value in headers_of(*options).items() if name != "Accept"}


headers_of = _headers.headers

FAULTS: Table = {
    ("requests", WIRE): {
        "CLEAR goes out as another instant": swap(
            "_calls:EPOCH", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
        ),
        "times go out with +00:00": _encoded(
            lambda b: b.update(
                {k: v.replace("Z", "+00:00") for k, v in b.items() if k.endswith("Date")}
            )
        ),
        "what is absent goes out as null": _encoded(lambda b: b.setdefault("expirationDate", None)),
        "CLEAR goes out as null": _encoded(
            turn("expirationDate", lambda text: None if text == instants.CLEAR else text)
        ),
        "empty lists are left out": _encoded(
            where(lambda b: b.get("fields") == [], drop("fields"))
        ),
        "empty maps are left out": _encoded(
            where(lambda b: b.get("externalIds") == {}, drop("externalIds"))
        ),
        "fractions of a second are dropped": _encoded(
            turn("issueDate", lambda text: f"{text[:19]}Z")
        ),
        "text goes out as ASCII escapes": swap(
            "_wire:_encode", lambda b: json.dumps(b, separators=(",", ":")).encode()
        ),
        "bodies have blanks": swap(
            "_wire:_encode", lambda b: json.dumps(b, ensure_ascii=False).encode()
        ),
        "ids go out as repeated keys": wrap(
            "_wire:Operation.request",
            lambda request, self, **parts: _repeated_keys(request(self, **parts)),
        ),
        "flags go out as Python writes them": swap("_wire:_text", str),
        "an asset goes out as a worker": swap(
            "fields:Owner.wire", lambda o: models.OwnerInput(models.EntityType.WORKER, o.id)
        ),
        "archiving asks for unarchiving": swap("_wire:ARCHIVE", _wire.UNARCHIVE),
        "bodies have no content type": edit(
            "_exchange:_Exchanger._request", 'headers["Content-Type"] = "application/json"', "pass"
        ),
        "no JSON is asked for": swap("_headers:headers", _without_accept),
        "big whole numbers lose digits": wrap(
            "_wire:_encode",
            lambda encode, body: encode(json.loads(json.dumps(body), parse_int=float)),
        ),
        "an id is asked for as often as it is named": edit(
            "_values:identifiers", "list(dict.fromkeys(checked))", "checked"
        ),
    },
    ("input", "wrong values are refused"): {
        "a naive date is taken for local time": edit(
            "_values:instant", "None if value.utcoffset() is None else ", ""
        ),
        "the epoch is let through": edit(
            "_values:expiration", "moment.year <= EPOCH.year", "False"
        ),
        "an empty issue date is let through": edit(
            "_values:no_empty_date", "days & _EMPTY_DAYS", "False"
        ),
        "the epoch is let through in a field": edit(
            "_values:no_empty_date", "abs(moment - EPOCH) < timedelta(seconds=1)", "False"
        ),
        "a blank text is let through": edit("_values:filled_text", "not checked.strip()", "False"),
        "an update of nothing is sent": edit(
            "_calls:update", "all(change is UNSET for change in changes)", "False"
        ),
        "an update of no fields is sent": edit("_calls:_some_fields", "not found", "False"),
        "an update of no external ids is sent": edit(
            "_calls:_some_external_ids", "not found.additional_properties", "False"
        ),
        "None keeps the expiration date": edit(
            "_calls:_expiration",
            "if isinstance(value, Unset):\n        return value",
            "if isinstance(value, Unset) or value is None:\n        return UNSET",
        ),
        "None clears": edit(
            "_calls:_expiration", "value is CLEAR", "value is CLEAR or value is None"
        ),
        "CLEAR is let through on creation": edit(
            "_calls:_first_expiration",
            "if value is CLEAR:",
            "if value is CLEAR: return EPOCH\n    if False:",
        ),
        "an id may be empty": swap("_calls:_values.identifier", _values.text),
        "an id in a list may hold a comma": edit(
            "_values:identifiers", 'if "," in value:', "if False:"
        ),
        "a field may be named twice": edit("fields:field_models", "model.id in seen", "False"),
        "numbers need not be finite": edit("_values:number", "not is_finite(value)", "False"),
        "lone surrogates are let through": swap("_values:text", lambda _, value: value),
    },
    ("input", WIRE): {
        "Exactly is refused": edit("_values:no_empty_date", "isinstance(value, Exactly)", "False"),
        "CLEAR is refused as a text": edit("_values:filled_text", "value is CLEAR", "False"),
    },
    ("requests", "at most 100 ids"): {
        "more than 100 ids go into one read": swap("_calls:IDS_PER_REQUEST", 1000),
        "only the first ids are read": edit(
            "_sync.client:QualificationsClient.get", "records += ", "records = "
        ),
    },
}
