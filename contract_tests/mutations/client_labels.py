"""Faults of what helps a caller: an update that is confirmed, fields that are named by label."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

from contract_tests.mutations.fault import Fault, edit, swap

CONFIRMED = "confirm says whether an update is there"
LABELS = "fields by their labels"

FAULTS = [
    Fault(
        "confirm",
        "every update is confirmed",
        CONFIRMED,
        swap("_calls:is_applied", lambda *_: True),
    ),
    Fault(
        "confirm",
        "the first thing that is there decides",
        CONFIRMED,
        edit(
            "_confirm:_all",
            "False if False in found else True if True in found else None",
            "True if True in found else False if False in found else None",
        ),
    ),
    Fault(
        "confirm",
        "a date that was cleared is not found",
        CONFIRMED,
        edit(
            "_confirm:_same_expiration",
            "EPOCH.isoformat() if shown is None else shown",
            "shown or sent[1:]",
        ),
    ),
    Fault(
        "confirm",
        "external ids are not read",
        CONFIRMED,
        edit("_calls:confirm", '"externalIds" in sent or UNSET', "UNSET"),
    ),
    Fault(
        "confirm",
        "a creation is confirmed",
        CONFIRMED,
        edit(
            "_calls:confirm",
            "not isinstance(error, QualificationsError) or error.sent is None",
            "False",
        ),
    ),
    Fault(
        "labels",
        "a label of two fields names the first",
        LABELS,
        edit("labels:find", "len(found) > 1", "False"),
    ),
    Fault(
        "labels",
        "a field may be named twice",
        LABELS,
        edit("labels:_inputs", "other is not name", "False"),
    ),
    Fault(
        "labels",
        "numbers may have any decimal places",
        LABELS,
        edit("labels:_within_places", "places > allowed", "False"),
    ),
    Fault(
        "labels",
        "a calendar day reads as a moment",
        LABELS,
        edit("labels:_moment", "if offset else day", "if offset else shown.value"),
    ),
    Fault(
        "labels",
        "a check box reads as its id",
        LABELS,
        edit(
            "labels:_shown",
            "_READERS[kind](held)",
            'getattr(held, "value_ids", _READERS[kind](held))',
        ),
    ),
]
