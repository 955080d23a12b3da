"""Faults of the server's dates: the clear value, its neighbours, and what times are cut to."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.fault import Fault, swap, switch
from samsara_qualifications_contract.mutants.server_state import PARTIAL, STATE, after, body, store
from samsara_qualifications_contract.oracle.instants import CLEAR, parse, representable

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = "epoch_clears (documented)"
DATES = ("issueDate", "expirationDate")
NEAR = 1_000_000_000


def _dates(change: Callable[[str], str]) -> Callable[[], None]:
    def apply(body: dict[str, Any]) -> None:
        for name in DATES:
            if isinstance(body.get(name), str):
                body[name] = change(body[name])

    return body("update", apply)


def _drop_if_clear(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.pop(name) if body.get(name) == CLEAR else None


def _instant(text: object) -> int | None:
    try:
        return parse(str(text))
    except ValueError:
        return None


def _clear_near(body: dict[str, Any]) -> None:
    moment = _instant(body.get("expirationDate"))
    if moment is not None and abs(moment) <= NEAR:
        body["expirationDate"] = CLEAR


def _clear_old(body: dict[str, Any]) -> None:
    moment = _instant(body.get("expirationDate"))
    if moment is not None and moment <= 0 and representable(moment):
        body["expirationDate"] = CLEAR


FAULTS = [
    Fault(
        "dates",
        "the clear value is stored as a date",
        EPOCH,
        swap(f"{STATE}._clears", lambda *_: False),
    ),
    Fault(
        "dates",
        "the clear value is ignored",
        EPOCH,
        body("update", _drop_if_clear("expirationDate")),
    ),
    Fault(
        "dates",
        "only the spelling with Z clears",
        "epoch_offset_forms_clear (assumed)",
        switch("epoch_offset_forms_clear", "only_z"),
    ),
    Fault("dates", "a second around the epoch clears, too", EPOCH, body("update", _clear_near)),
    Fault("dates", "every date before the epoch clears", EPOCH, body("update", _clear_old)),
    Fault(
        "dates",
        "the epoch as an issue date is ignored",
        EPOCH,
        body("update", _drop_if_clear("issueDate")),
    ),
    Fault(
        "dates",
        "an absent expiration date is cleared",
        PARTIAL,
        body("update", lambda b: b.setdefault("expirationDate", CLEAR)),
    ),
    Fault(
        "dates",
        "setting the expiration date sets the issue date",
        PARTIAL,
        body(
            "update",
            lambda b: b.update(issueDate=b["expirationDate"]) if "expirationDate" in b else None,
        ),
    ),
    Fault(
        "dates",
        "an issue date is ignored",
        PARTIAL,
        body("update", lambda b: b.pop("issueDate", None)),
    ),
    Fault(
        "dates",
        "times are cut to the day",
        PARTIAL,
        _dates(lambda t: re.sub(r"T\d\d:\d\d:\d\d", "T00:00:00", t)),
    ),
    Fault(
        "dates",
        "fractions of a second are dropped",
        "times_in_utc (assumed)",
        _dates(lambda t: re.sub(r"\.\d+", "", t)),
    ),
    Fault(
        "dates",
        "offsets are ignored",
        "date-time of RFC 3339 (documented)",
        _dates(lambda t: re.sub(r"[+-]\d\d:\d\d$", "Z", t)),
    ),
    Fault(
        "dates",
        "a created record never expires",
        "createQualificationRecord",
        body("create", lambda b: b.pop("expirationDate", None)),
    ),
    Fault(
        "dates",
        "created with the clear value, a record expires in 1970",
        "epoch_on_create (assumed)",
        after(
            "create",
            lambda x: (
                store(x, expirationDate=CLEAR) if x.body.get("expirationDate") == CLEAR else None
            ),
        ),
    ),
]
