"""Faults of what helps a caller: an update that is confirmed, fields that are named by label."""

from __future__ import annotations

from samsara_qualifications_contract.mutants.fault import Table, edit, swap

CONFIRMED = "confirm says whether an update is there"
LABELS = "fields by their labels"

FAULTS: Table = {
    ("confirm", CONFIRMED): {
        "every update is confirmed": swap("_calls:is_applied", lambda *_: True),
        "the first thing that is there decides": edit(
            "_confirm:_all",
            "False if False in found else True if True in found else None",
            "True if True in found else False if False in found else None",
        ),
        "a date that was cleared is not found": edit(
            "_confirm:_same_expiration",
            "EPOCH.isoformat() if shown is None else shown",
            "shown or sent[1:]",
        ),
        "external ids are not read": edit(
            "_calls:confirm", '"externalIds" in sent or UNSET', "UNSET"
        ),
        "a creation is confirmed": edit(
            "_calls:confirm",
            "not isinstance(error, QualificationsError) or error.sent is None",
            "False",
        ),
    },
    ("labels", LABELS): {
        "a label of two fields names the first": edit("labels:_find", "len(found) > 1", "False"),
        "a field may be named twice": edit("labels:_inputs", "other is not name", "False"),
        "numbers may have any decimal places": edit(
            "labels:_within_places", "places > allowed", "False"
        ),
        "a calendar day reads as a moment": edit(
            "labels:_moment", "if offset else day", "if offset else shown.value"
        ),
        "a check box reads as its id": edit(
            "labels:_shown",
            "_READERS[kind](held)",
            'getattr(held, "value_ids", _READERS[kind](held))',
        ),
    },
}
