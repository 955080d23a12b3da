"""The operations that concern the spec are found, and their rate limits compared."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from upkeep.change_kinds import Verdict
from upkeep.family_diff import compare_family, rate_limit
from upkeep.openapi_document import DocumentError

Document = dict[str, Any]

SPEC: Document = {
    "paths": {
        "/records": {
            "get": {"x-rate-limit": {"requests": 5, "window_seconds": 1}, "responses": {}},
            "patch": {"x-rate-limit": {"requests": 100, "window_seconds": 60}, "responses": {}},
        },
        "/records/archive": {"post": {"responses": {}}},
    }
}
LIMITS = {"get": "5 requests/sec", "patch": "100 requests/min"}


def upstream() -> Document:
    """Say the same in upstream's manner, in a document with more paths."""
    document = copy.deepcopy(SPEC)
    for method, limit in LIMITS.items():
        operation = document["paths"]["/records"][method]
        del operation["x-rate-limit"]
        operation["description"] = f"Words.\n\n <b>Rate limit:</b> {limit} (learn more)."
    document["paths"]["/others"] = {"get": {"responses": {"200": {"$ref": "#/broken"}}}}
    return document


def test_other_paths_do_not_matter() -> None:
    """Not even if they are broken."""
    diff = compare_family(SPEC, upstream())
    assert Verdict.SAME == diff.verdict
    assert [] == diff.notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rate limit: 100 requests/min", (100, 60)),
        ("<b>Rate limit:</b> 5 requests/sec (learn", (5, 1)),
        ("**Rate limit**: 50 requests per hour.", (50, 3600)),
        ("rate  limit 7 per second", (7, 1)),
        ("Rate limit: 8 req/s", (8, 1)),
        ("Rate limit: 9 calls per minutes", (9, 60)),
        ("<b>Rate limit:</b> 1,000 requests/min (learn", (1000, 60)),
        ("Rate limit: 12,345,678 requests per day", (12345678, 86400)),
        ("Rate limit: 1_000 requests/min", (1000, 60)),
        ("Rate limit: 1\u00a0000 requests/min", (1000, 60)),
        ("Rate limit: 10 requests per 5 seconds", (10, 5)),
        ("Rate limit: 10 requests every 2 minutes", (10, 120)),
        ("Rate limit: 10 requests a minute", (10, 60)),
        ("Rate limit: 10 requests an hour", (10, 3600)),
        ("Rate limits: up to 1,000 requests per minute", (1000, 60)),
        ("The rate limit is 1 000 requests/min", (1000, 60)),
        ("Rate limit: 1,00 requests/min", None),
        ("Rate limit: 1,0000 requests/min", None),
        ("Rate limit: 1.000 requests/min", None),
        ("Rate limit: 2.5 requests/sec", None),
        ("Rate limits are 9 / min", None),
        ("100 requests/min", None),
        ("Rate limit: 5 requests/month", None),
        ("", None),
    ],
)
def test_limits_are_read_from_texts(text: str, expected: tuple[int, int] | None) -> None:
    """Numbers after the words, in the units that upstream uses."""
    assert expected == rate_limit({"description": text})


def test_a_changed_limit_is_minor_and_named_first() -> None:
    """A limit in a text is compared with the spec's, and comes before other changes."""
    document = upstream()
    document["paths"]["/records"]["get"]["responses"]["429"] = {}
    document["paths"]["/records"]["patch"]["description"] = "Rate limit: 200 requests/min"
    diff = compare_family(SPEC, document)
    first, second = diff.changes
    assert Verdict.MINOR == first.verdict
    assert (
        "PATCH /records",
        "operation",
        "rate limit changed",
        "100 per 60 s",
        "200 per 60 s",
    ) == (
        first.operation,
        first.side,
        first.what,
        first.before,
        first.after,
    )
    assert second.what == "error status added"


def test_a_limit_that_is_no_longer_understood_is_noted() -> None:
    """Silence is not a change, but a reader must know of it."""
    document = upstream()
    document["paths"]["/records"]["patch"]["description"] = "Be gentle."
    diff = compare_family(SPEC, document)
    assert [] == diff.changes
    assert ["no rate limit" in note and "PATCH /records" in note for note in diff.notes] == [True]


def test_a_new_operation_of_the_family_is_reported() -> None:
    """Those below the same first part of the path, and no others."""
    document = upstream()
    document["paths"]["/records/{id}/history"] = {"get": {"responses": {}}}
    document["paths"]["/recordings"] = {"get": {"responses": {}}}
    diff = compare_family(SPEC, document)
    assert [("GET /records/{id}/history", "operation added")] == [
        (change.operation, change.what) for change in diff.changes
    ]


def test_a_missing_operation_is_major() -> None:
    """A document that is cut off in its paths must not pass for the same."""
    document = upstream()
    del document["paths"]["/records/archive"]
    diff = compare_family(SPEC, document)
    assert Verdict.MAJOR == diff.verdict
    assert ["operation removed"] == [change.what for change in diff.changes]


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["/fleet/records", "/vehicles"], ["nearest: /fleet/records.", "by hand first"]),
        (["/record", "/vehicles"], ["nearest: /record."]),
        (["/vehicles"], ["no path is near"]),
    ],
)
def test_a_family_that_is_gone_is_refused(paths: list[str], words: list[str]) -> None:
    """The message names the paths that are nearest."""
    document: Document = {"paths": {path: {"get": {"responses": {}}} for path in paths}}
    with pytest.raises(DocumentError) as caught:
        compare_family(SPEC, document)
    for word in ["/records", *words]:
        assert word in str(caught.value)
