"""Records as a CSV file that `plan` takes back, and a first map.toml for a file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any, Final, TextIO, cast

from .._wire import Unset, models
from ..errors import InvalidInput
from ..labels import near_to, values_of
from ..sentinels import expiration_of
from . import cells
from .mapping import PLACES, Columns, place_of, texts_of
from .table import Table

_quoted: Final = partial(json.dumps, ensure_ascii=False)
_PLAIN: Final = [name for name in PLACES if not name.endswith(" ")]
_ALIASES: Final = {
    r"(driver|worker|asset|vehicle|trailer)\W*id\b": "owner id",
    r"expir|valid (to|until)": "expiration date",
    r"issue|valid from": "issue date",
}


def export(
    records: Iterable[models.QualificationRecord], kind: models.QualificationType, file: TextIO
) -> tuple[int, int]:
    """
    Write the active records of a type as CSV.

    What a cell could not give back as it is, such as a text that looks like a formula, is left
    blank, which keeps it. Returned is how many records were written, and how many values were not.
    """
    names = _names(kind)
    rows = [dict(_values(it, names)) for it in records if it.record_status.value == "active"]
    keys = sorted({key for row in rows for key in row if place_of(key)[1]})
    headings = [*_PLAIN, *keys, *names.values()]
    used = Columns(Table(tuple(headings)), {}, kind).used
    readers = {column.heading: column.read for column in used}
    written = [heading for heading in headings if heading in readers or heading == "owner id"]
    writer = csv.writer(file)
    writer.writerow(written)
    blank = 0
    for row in rows:
        texts = [_cell(row.get(heading), readers.get(heading)) for heading in written]
        writer.writerow(texts)
        blank += len(row.keys() & {*written}) - sum(map(bool, texts))
    return len(rows), blank


def _names(kind: models.QualificationType) -> dict[str, str]:
    """Return the fields' headings by id: the label, or the id where that says too little."""
    labels = [item.label for item in kind.fields]
    plain = {label for label in labels if labels.count(label) == 1 and not place_of(label)[0]}
    return {str(it.id): it.label if it.label in plain else str(it.id) for it in kind.fields}


def _values(
    record: models.QualificationRecord, names: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """Yield what a record holds, by heading."""
    yield "record id", record.id
    yield "owner id", record.owner.id
    yield "issue date", _day(record.issue_date)
    if expires := expiration_of(record):
        yield "expiration date", _day(expires)
    if not isinstance(record.external_ids, Unset):
        for key, value in record.external_ids.additional_properties.items():
            if not key.startswith("samsara."):  # those are filled in by Samsara itself
                yield f"external id {key}", value
    values = values_of(record)
    labels = {str(item.id): str(item.label) for item in record.fields}
    for identity, name in names.items():
        held = values.get(labels.get(identity, ""), values.get(identity))
        if held is not None:
            yield name, _day(held)


def _day(value: Any) -> Any:
    """Return midnight UTC as a date, and any other value as it is."""
    midnight = isinstance(value, datetime) and value.timetz() == time(tzinfo=UTC)
    return value.date() if midnight else value


def _cell(value: Any, read: Any) -> str:
    """Return the text of a value that gives it back when it is read; else a blank one."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, list):
        text = ";".join(cast("list[str]", value))
    with suppress(InvalidInput):
        if value is not None and (read is None or read(text.strip()) == value):
            return text
    return ""


def first_map(table: Table, kind: models.QualificationType) -> str:
    """Return a map.toml for a file: what its headings seem to be, for a person to check."""
    names = [*_names(kind).values()]
    moments = {it.label for it in kind.fields if it.type_.value == "datetime"}
    lines = [
        "# What the columns of the file are. Check each line; docs/push.md explains them.",
        f"type = {_quoted(kind.name)}",
        '# keep = ["n/a"]      # words that keep what is there; a blank cell always does',
        '# clear = "NEVER"     # the word that empties a date of expiry, a text or an external id',
        "",
        "[columns]",
    ]
    for heading in table.headings:
        words = {*heading.casefold().split()}
        alias = [name for form, name in _ALIASES.items() if re.search(form, heading.casefold())]
        alias += [label for label in names if words <= {*label.casefold().split()}]
        exact = heading if place_of(heading)[0] or heading in names else ""
        guess = exact or (alias or [near_to(heading, [*_PLAIN, *names])])[0]
        options: dict[str, str | bool] = {"is": guess} if guess else {"ignore": True}
        if guess.endswith(" date") or guess in moments:
            options |= _format(texts_of(table, heading))
        said = ", ".join(f"{key} = {_quoted(value)}" for key, value in options.items())
        hint = "  # a guess" if guess and not exact else ""
        lines.append(f"{_quoted(heading)} = {{ {said} }}{hint}")
    return "\n".join(lines) + "\n"


def _format(texts: set[str]) -> dict[str, str]:
    """Return the format of a column's dates, or all that it may be."""
    counts = cells.guesses(texts)
    best = max(counts.values())
    forms = [form for form, count in counts.items() if count == best]
    return {"format": " or ".join(forms)} if best else {}
