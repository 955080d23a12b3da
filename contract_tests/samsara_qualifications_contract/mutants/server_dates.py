"""Faults of the server's dates: the clear value, its neighbours, and what times are cut to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.exchange import after, body, drop, put, turn, where
from samsara_qualifications_contract.mutants.fault import Make, Table, swap, switch
from samsara_qualifications_contract.mutants.server_state import PARTIAL, STATE, store
from samsara_qualifications_contract.oracle.instants import CLEAR, parse, representable

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = "epoch_clears (documented)"
NEAR = 1_000_000_000


def _updated(pattern: str, new: str) -> Make:
    """Return what rewrites the dates of updates."""

    def apply(given: dict[str, Any]) -> None:
        for name in ("issueDate", "expirationDate"):
            turn(name, lambda text: re.sub(pattern, new, text), str)(given)

    return body("update", apply)


def _clear(condition: Callable[[int], bool]) -> Make:
    """Return what clears the expiration date where an instant is like that."""

    def apply(text: str) -> str:
        try:
            return CLEAR if condition(parse(text)) else text
        except ValueError:
            return text

    return body("update", turn("expirationDate", apply, str))


def _is_clear(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda given: given.get(name) == CLEAR


FAULTS: Table = {
    ("dates", EPOCH): {
        "the clear value is stored as a date": swap(f"{STATE}._clears", lambda *_: False),
        "the clear value is ignored": body(
            "update", where(_is_clear("expirationDate"), drop("expirationDate"))
        ),
        "a second around the epoch clears, too": _clear(lambda moment: abs(moment) <= NEAR),
        "every date before the epoch clears": _clear(
            lambda moment: moment <= 0 and representable(moment)
        ),
        "the epoch as an issue date is ignored": body(
            "update", where(_is_clear("issueDate"), drop("issueDate"))
        ),
    },
    ("dates", "assumed: epoch_offset_forms_clear, epoch_on_create, times_in_utc"): {
        "only the spelling with Z clears": switch("epoch_offset_forms_clear", "only_z"),
        "created with the clear value, a record expires in 1970": after(
            "create",
            where(lambda x: _is_clear("expirationDate")(x.body), store(expirationDate=CLEAR)),
        ),
        "fractions of a second are dropped": _updated(r"\.\d+", ""),
    },
    ("dates", PARTIAL): {
        "an absent expiration date is cleared": body(
            "update", lambda given: given.setdefault("expirationDate", CLEAR)
        ),
        "setting the expiration date sets the issue date": body(
            "update",
            where(
                lambda given: "expirationDate" in given,
                lambda given: put(issueDate=given["expirationDate"])(given),
            ),
        ),
        "an issue date is ignored": body("update", drop("issueDate")),
        "times are cut to the day": _updated(r"T\d\d:\d\d:\d\d", "T00:00:00"),
    },
    ("dates", "date-time of RFC 3339 (documented)"): {
        "offsets are ignored": _updated(r"[+-]\d\d:\d\d$", "Z"),
    },
    ("dates", "createQualificationRecord"): {
        "a created record never expires": body("create", drop("expirationDate")),
    },
}
