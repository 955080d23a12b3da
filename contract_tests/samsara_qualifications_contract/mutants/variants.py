"""Legal variants of the mock: servers that keep the contract in another way."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from samsara_qualifications.mock.messages import Refused
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.mutants import catalogue
from samsara_qualifications_contract.mutants.fault import Fault, Make, edit, swap, wrap
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from samsara_qualifications.mock import Response
    from samsara_qualifications_contract.harness.facts import Facts

OWNERS = "samsara_qualifications_contract.harness.targets:OWNERS"


def _shifted(value: Any) -> Any:
    """Return a JSON value with more properties, in reverse order, and times written with +00:00."""
    if is_object(value):
        changed = {name: _shifted(item) for name, item in reversed(value.items())}
        if "recordStatus" in changed:
            changed["fields"] = changed["fields"][::-1]
        return {"xNew": {"since": 2027}, **changed} if "id" in changed else changed
    if is_list(value):
        return [_shifted(item) for item in value]
    if isinstance(value, str) and value[10:11] == "T" and value.endswith("Z"):
        return f"{value[:-1]}+00:00"
    return value


def _gzipped(answer: Any, *arguments: Any) -> Response:
    response: Response = answer(*arguments)
    headers = {**response.headers, "Content-Encoding": "gzip"}
    zipped = replace(response, headers=headers, body=gzip.compress(response.body, 1))
    return zipped if response.body else response


other_ids = edit("mock.state:State.made", "self._new_id()", 'f"QR-{@}"')
"""Give records ids that are not UUIDs."""
other_form = wrap(
    "mock.http:answer",
    lambda answer, status, payload, headers: answer(status, _shifted(payload), headers),
)
"""Answer with more properties, in another order, and with +00:00."""
_busy = edit(
    "mock.server:MockServer._outcome",
    "http.authorise(request, self.token)",
    """@
    if not self._limiter._own and len(self.requests) % 10 == 9:
        from email.utils import formatdate
        raise Refused(429, "busy until this moment", {"Retry-After": formatdate(usegmt=True)})""",
)
_again = edit(
    "mock.state:State._mark",
    "if record",
    """if record["recordStatus"] == status != "deleted":
        raise Refused(409, f"it is {status}")
    @""",
)


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


def _refusing(target: str) -> Make:
    """Return what lets a function of the mock refuse with 422."""

    def refuse(original: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return original(*arguments, **options)
        except Refused as refusal:
            raise Refused(422, str(refusal)) from refusal

    return wrap(target, refuse)


_variant = partial(Fault, "variant")
VARIANTS = [
    _variant("bodies are compressed", "HTTP", wrap("mock.http:answer", _gzipped)),
    _variant(
        "what is not ASCII is escaped, with blanks",
        "JSON",
        edit("mock.http:answer", "ensure_ascii=False, allow_nan=False", "indent=1"),
    ),
    _variant("a busy server, with a date in Retry-After", "HTTP", _busy),
    _variant(
        "differs in what archiving, changing and refusing mean",
        "differs",
        _differing(
            "archive_twice archived_can_change deleted_cannot_change owner_must_fit"
            " external_ids_conflict field_must_fit one_value person_id time_range"
            " decimals_kept content_type unknown_names",
            _again,
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
    ),
    _variant(
        "differs in queries, the window's start, cells and creation",
        "differs",
        _differing(
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
    ),
    _variant("record ids are not UUIDs", "compatible changes", other_ids),
    _variant(
        "the assets have one owner",
        "compatible changes",
        swap(OWNERS, {**targets.OWNERS, "asset": {"owners": ["212014918"]}}),
    ),
    _variant(
        "more properties, in another order; fields in another order; times with +00:00",
        "compatible changes",
        other_form,
    ),
]
