"""Records as a CSV file that `plan` takes back, and a first map.toml for a file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any, Final, TextIO, cast

from .._wire import Unset, models
from ..errors import InvalidInput
from ..labels import near_to, values_of
from ..sentinels import expiration_of
from . import cells
from .mapping import PLACES, Columns, place_of, texts_of
from .table import Table

_ALIASES: Final = {
    r"(driver|worker|asset|vehicle|trailer)\W*id\b": "owner id",
    r"expir|valid (to|until)": "expiration date",
    r"issue|valid from": "issue date",
}


def export(
    records: Iterable[models.QualificationRecord],
    qualification_type: models.QualificationType,
    file: TextIO,
) -> tuple[int, int]:
    """
    Write the active records of a type as CSV.

    What a cell could not give back as it is, such as a text that looks like a formula, is left
    blank: a blank cell keeps what is there.

    Returns:
        How many records were written, and how many values were left blank for that.
    """
    rows = [
        dict(_values(record, qualification_type))
        for record in records
        if record.record_status.value == "active"
    ]
    named = dict.fromkeys(key for row in rows for key in row)
    known = [key for key in named if place_of(key)[0]]
    headings = [*known, *(_heading(item) for item in qualification_type.fields)]
    used = Columns(Table(tuple(headings), "", "", ",", 0), {}, qualification_type).used
    readers = {column.heading: column.read for column in used}
    writer = csv.writer(file)
    written = [heading for heading in headings if heading in readers or heading == "owner id"]
    writer.writerow(written)
    blank = 0
    for row in rows:
        texts = [_cell(row.get(heading), readers.get(heading)) for heading in written]
        blank += sum(
            not text and heading in row for text, heading in zip(texts, written, strict=True)
        )
        writer.writerow(texts)
    return len(rows), blank


def _values(
    record: models.QualificationRecord, qualification_type: models.QualificationType
) -> Iterator[tuple[str, Any]]:
    """Yield what a record holds, by heading."""
    yield "record id", record.id
    yield "owner id", record.owner.id
    yield "expiration date", _day(expiration_of(record))
    yield "issue date", _day(record.issue_date)
    if not isinstance(record.external_ids, Unset):
        for key, value in record.external_ids.additional_properties.items():
            if not key.startswith("samsara."):  # those are filled in by Samsara itself
                yield f"external id {key}", value
    values = values_of(record)
    for item in qualification_type.fields:
        held = values.get(item.label, values.get(str(item.id)))
        if held is not None:
            yield _heading(item), _day(held)


def _heading(item: models.FieldDefinition) -> str:
    return str(item.id) if place_of(item.label)[0] else item.label


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


def first_map(table: Table, qualification_type: models.QualificationType) -> str:
    """Return a map.toml for a file: what its headings seem to be, for a person to check."""
    labels = [item.label for item in qualification_type.fields]
    plain = [name for name in PLACES if not name.endswith(" ")]
    lines = [
        "# What the columns of the file are. Check each line; docs/push.md explains them.",
        f"type = {json.dumps(qualification_type.name)}",
        '# keep = ["n/a"]      # words that keep what is there; a blank cell always does',
        '# clear = "NEVER"     # the word that empties a date of expiry, a text or an external id',
        "",
        "[columns]",
    ]
    for heading in table.headings:
        words = {*heading.casefold().split()}
        alias = [name for form, name in _ALIASES.items() if re.search(form, heading.casefold())]
        alias += [label for label in labels if words <= {*label.casefold().split()}]
        exact = heading if place_of(heading)[0] or heading in labels else ""
        guess = exact or (alias or [near_to(heading, [*plain, *labels])])[0]
        options: dict[str, str | bool] = {"is": guess} if guess else {"ignore": True}
        if guess.endswith(" date") or _kind(qualification_type, guess) == "datetime":
            options |= _format(texts_of(table, heading))
        said = ", ".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in options.items()
        )
        hint = "  # a guess" if guess and not exact else ""
        lines.append(f"{json.dumps(heading, ensure_ascii=False)} = {{ {said} }}{hint}")
    return "\n".join(lines) + "\n"


def _kind(qualification_type: models.QualificationType, label: str) -> str:
    kinds = {item.label: item.type_.value for item in qualification_type.fields}
    return kinds.get(label, "")


def _format(texts: set[str]) -> dict[str, str]:
    """Return the format of a column's dates, or all that it may be."""
    counts = cells.guesses(texts)
    best = max(counts.values())
    forms = [form for form, count in counts.items() if count == best]
    return {"format": " or ".join(forms)} if best else {}
