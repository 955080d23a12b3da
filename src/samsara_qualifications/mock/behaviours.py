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


_TABLE = """
documented | update_is_partial | An update changes the properties that it names, no others.
documented | epoch_clears | `expirationDate` at 1970-01-01T00:00:00Z clears the date.
assumed | epoch_offset_forms_clear | Its other spellings, as +00:00, clear or do not. | yes | only_z
assumed | epoch_on_create | A record that is created with the clear value has no such date.
assumed | fields_merge | `fields` merges by field id, or replaces all fields. | by_id | replace
assumed | external_ids_merge | `externalIds` merges by key, or replaces all. | by_key | replace
documented | external_ids_unique | A value stands once per key over all records.
assumed | external_ids_conflict | A value that another record has answers 400.
assumed | update_accepts_external_id | An update's `id` may be an external id, `a:b`. | no | yes
documented | create_needs_required_fields | A new record has every field that its type requires.
assumed | unknown_type | A new record of an unknown qualification type answers 404.
assumed | owner_must_fit | An owner whose entity type is not that of the record's type: 400.
assumed | any_owner | Every owner id is assumed to exist.
assumed | field_must_fit | A field or cell that the type does not define so answers 400.
assumed | one_value | A field or cell has exactly the value that its `type` names, else 400.
assumed | cell_id | The id of a table's cell is that of its column.
assumed | decimals_kept | Numbers are not rounded to the field's decimal places.
assumed | date_in_utc | `dateValue` is the calendar date in UTC.
assumed | person_id | A person is named as `user-ID` or `driver-ID`; other forms answer 400.
assumed | media_processing | An upload is finished at once with a URL. | finished | processing
assumed | times_in_utc | Times are answered in UTC with `Z`, to the microsecond.
assumed | time_range | A time outside the years 1 to 9999 (in UTC) answers 400.
documented | changes_are_ordered | The stream is sorted by last change.
assumed | every_write_is_later | `updatedAtTime` is later than that of every write before.
assumed | archive_twice | Archiving an archived record answers 200, changing nothing; also reversed.
assumed | archived_can_change | An archived record can be updated and stays archived.
assumed | deleted_cannot_change | A write to a deleted record answers 404.
assumed | deleted_get | A deleted record is read as unknown, or comes back. | unknown | returned
assumed | unknown_get | One unknown id in a read answers 404, or is left out. | 404 | omitted
documented | at_most_100_ids | Lists of ids hold up to 100.
assumed | too_many_ids | A longer list answers 400.
documented | external_ids_on_request | Reads give external ids if `includeExternalIds` is true.
documented | external_ids_after_write | A write answers the external ids, empty ones included.
documented | stream_window | The stream holds changes before `endTime`, which is excluded.
assumed | stream_start | The stream begins with changes at `startTime`, which is included.
documented | stream_open_end | Without `endTime` there is always a next page, or not. | polls | ends
documented | deleted_on_request | The stream gives deleted records if `includeDeleted` is true.
assumed | page_size | A page holds 100 items.
assumed | type_filter | Unknown ids in a filter match nothing.
documented | rate_limits | 100 writes a minute and 5 reads a second, for each operation.
documented | shared_limits | 150 requests a second per token, 200 per organisation.
documented | retry_after | A 429 says in seconds, with a fraction, how long to wait.
assumed | limiter | Windows slide or are fixed, or a bucket fills. | sliding | fixed | token_bucket
assumed | rejected_calls_count | Calls that are answered 429 use up the limit. | no | yes
assumed | auth_first | A wrong or missing token answers 401 before anything else is looked at.
assumed | content_type | A body that is not `application/json` answers 415.
documented | too_large | A request that is too large answers 413.
assumed | body_size | Too large is a body over 16 MiB, whatever else is wrong with it.
assumed | unknown_names | Unknown properties and query parameters are ignored.
assumed | repeated_parameter | A query parameter that is given twice answers 400.
assumed | empty_list | An empty list of ids in the query does not filter.
documented | request_id | Every error has a request id, in the body and in `X-Request-Id`.
"""


def _read(row: str) -> Behaviour:
    source, name, text, *choices = row.split(" | ")
    return Behaviour(name, "assumed" if source == "assumed" else "documented", text, tuple(choices))


BEHAVIOURS = tuple(map(_read, _TABLE.strip().splitlines()))


def choose(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the choice of every behaviour that has alternatives; refuse unknown overrides."""
    known = {behaviour.name: behaviour.choices for behaviour in BEHAVIOURS if behaviour.choices}
    for name, choice in overrides.items():
        if name not in known:
            raise ValueError(f"no switchable behaviour {name!r}; there are: {', '.join(known)}")
        if choice not in known[name]:
            raise ValueError(f"{name} cannot be {choice!r}; choose from: {', '.join(known[name])}")
    return {name: choices[0] for name, choices in known.items()} | dict(overrides)


def as_markdown() -> str:
    """Return the table for the documentation; the default of each choice comes first."""
    head = ["| behaviour | source | what the mock does | choices |", "|---|---|---|---|"]
    rows = [f"| `{b.name}` | {b.source} | {b.text} | {', '.join(b.choices)} |" for b in BEHAVIOURS]
    return "\n".join([*head, *rows]) + "\n"
