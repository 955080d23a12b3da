"""What the mock does, and how certain it is that the API does the same: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Behaviour:
    """
    One thing that the mock does.

    Attributes:
        name: What to call it.
        source: `documented` by Samsara, or `assumed` until a live run shows otherwise.
        text: What the mock does.
        choices: The alternatives that can be chosen, the default first; empty where there are none.
    """

    name: str
    source: Literal["documented", "assumed"]
    text: str
    choices: tuple[str, ...] = ()


def _documented(name: str, text: str, *choices: str) -> Behaviour:
    return Behaviour(name, "documented", text, choices)


def _assumed(name: str, text: str, *choices: str) -> Behaviour:
    return Behaviour(name, "assumed", text, choices)


BEHAVIOURS = (
    _documented("update_is_partial", "An update changes the properties that it names, no others."),
    _documented("epoch_clears", "`expirationDate` at 1970-01-01T00:00:00Z clears the date."),
    _assumed(
        "epoch_offset_forms_clear",
        "Other spellings of that instant, as `+00:00`, clear too; with `only_z` they are dates.",
        "yes",
        "only_z",
    ),
    _assumed("epoch_on_create", "A record that is created with the clear value has no such date."),
    _assumed(
        "fields_merge",
        "`fields` merges by field id; with `replace`, fields that are not named are dropped.",
        "by_id",
        "replace",
    ),
    _assumed(
        "external_ids_merge",
        "`externalIds` merges by key; with `replace`, keys that are not named are dropped.",
        "by_key",
        "replace",
    ),
    _documented("external_ids_unique", "A value stands once per key over all records."),
    _assumed("external_ids_conflict", "A value that another record has answers 400."),
    _assumed(
        "update_accepts_external_id",
        "The `id` of an update may (`yes`) or may not (`no`) be an external id as `key:value`.",
        "no",
        "yes",
    ),
    _documented(
        "create_needs_required_fields", "A new record has every field that its type requires."
    ),
    _assumed("unknown_type", "A new record of an unknown qualification type answers 404."),
    _assumed("owner_must_fit", "An owner whose entity type is not that of the record's type: 400."),
    _assumed("any_owner", "Every owner id is assumed to exist."),
    _assumed("field_must_fit", "A field or cell that the type does not define so answers 400."),
    _assumed("one_value", "A field or cell has exactly the value that its `type` names, else 400."),
    _assumed("cell_id", "The id of a table's cell is that of its column."),
    _assumed("decimals_kept", "Numbers are not rounded to the field's decimal places."),
    _assumed("date_in_utc", "`dateValue` is the calendar date in UTC."),
    _assumed("person_id", "A person is named as `user-ID` or `driver-ID`; other forms answer 400."),
    _assumed(
        "media_processing",
        "An upload is `finished` at once and has a URL; with `processing` it has none yet.",
        "finished",
        "processing",
    ),
    _assumed("times_in_utc", "Times are answered in UTC with `Z`, to the microsecond."),
    _assumed("time_range", "A time outside the years 1 to 9999 (in UTC) answers 400."),
    _documented("changes_are_ordered", "The stream is sorted by last change."),
    _assumed("every_write_is_later", "`updatedAtTime` is later than that of every write before."),
    _assumed(
        "archive_twice",
        "Archiving an archived record answers 200 and changes nothing; so does the reverse.",
    ),
    _assumed("archived_can_change", "An archived record can be updated and stays archived."),
    _assumed("deleted_cannot_change", "A write to a deleted record answers 404."),
    _assumed(
        "deleted_get",
        "Reading a deleted record by id is reading an unknown one; with `returned` it comes back.",
        "unknown",
        "returned",
    ),
    _assumed(
        "unknown_get",
        "One unknown id in a read answers 404 for all; with `omitted` the known ones come back.",
        "404",
        "omitted",
    ),
    _documented("at_most_100_ids", "Lists of ids hold up to 100."),
    _assumed("too_many_ids", "A longer list answers 400."),
    _documented(
        "external_ids_on_request", "Reads give external ids if `includeExternalIds` is true."
    ),
    _documented(
        "external_ids_after_write", "A write answers the external ids, empty ones included."
    ),
    _documented("stream_window", "The stream holds changes before `endTime`, which is excluded."),
    _assumed("stream_start", "The stream begins with changes at `startTime`, which is included."),
    _documented(
        "stream_open_end",
        "Without `endTime` the stream never ends: each page has a cursor and promises a next one; "
        "with `ends` it stops at the last change.",
        "polls",
        "ends",
    ),
    _documented(
        "deleted_on_request", "The stream gives deleted records if `includeDeleted` is true."
    ),
    _assumed("page_size", "A page holds 100 items."),
    _assumed("type_filter", "Unknown ids in a filter match nothing."),
    _documented("rate_limits", "100 writes a minute and 5 reads a second, for each operation."),
    _documented("shared_limits", "150 requests a second per token, 200 per organisation."),
    _documented("retry_after", "A 429 says in seconds, with a fraction, how long to wait."),
    _assumed(
        "limiter",
        "Limits count in a sliding window, in fixed ones, or fill a bucket of tokens.",
        "sliding",
        "fixed",
        "token_bucket",
    ),
    _assumed(
        "rejected_calls_count",
        "Calls that are answered 429 do (`yes`) or do not (`no`) use up the limit.",
        "no",
        "yes",
    ),
    _assumed(
        "auth_first", "A wrong or missing token answers 401 before anything else is looked at."
    ),
    _assumed("content_type", "A body that is not `application/json` answers 415."),
    _documented("too_large", "A request that is too large answers 413."),
    _assumed("body_size", "Too large is a body over 16 MiB, whatever else is wrong with it."),
    _assumed("unknown_names", "Unknown properties and query parameters are ignored."),
    _assumed("repeated_parameter", "A query parameter that is given twice answers 400."),
    _assumed("empty_list", "An empty list of ids in the query does not filter."),
    _documented("request_id", "Every error has a request id, in the body and in `X-Request-Id`."),
)


def choose(overrides: Mapping[str, str]) -> dict[str, str]:
    """
    Return the choice of every behaviour that has alternatives.

    Args:
        overrides: The choices that differ from the default, by name.

    Raises:
        ValueError: A name or a choice is unknown.
    """
    options = {behaviour.name: behaviour.choices for behaviour in BEHAVIOURS if behaviour.choices}
    for name, choice in overrides.items():
        if name not in options:
            raise ValueError(f"no switchable behaviour {name!r}; there are: {', '.join(options)}")
        if choice not in options[name]:
            raise ValueError(
                f"{name} cannot be {choice!r}; choose from: {', '.join(options[name])}"
            )
    return {name: choices[0] for name, choices in options.items()} | dict(overrides)


def as_markdown() -> str:
    """Return the table for the documentation; the default of each choice comes first."""
    head = ["| behaviour | source | what the mock does | choices |", "|---|---|---|---|"]
    rows = [f"| `{b.name}` | {b.source} | {b.text} | {', '.join(b.choices)} |" for b in BEHAVIOURS]
    return "\n".join([*head, *rows]) + "\n"
