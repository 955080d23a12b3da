"""What `export` writes, a plan reads back; what a cell could not give back stays blank."""

from __future__ import annotations

import copy
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import models, values_of
from samsara_qualifications.mock import seed
from samsara_qualifications.push.export import export, first_map
from samsara_qualifications.push.mapping import Columns, load
from samsara_qualifications.push.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

SEED = seed.load()
(KIND,) = (kind for kind in SEED["types"] if kind["name"] == "Driver License")
RECORD = SEED["records"][0]
LABELS = ["License Number", "Licence class", "Endorsements", "Air brakes allowed"]


def rows_of(folder: Path, kind: Any, *records: Any) -> tuple[int, int, list[dict[str, Any]]]:
    """Export records and read the file back."""
    known = models.QualificationType.from_dict(kind)
    path = folder / "now.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        written, blank = export(map(models.QualificationRecord.from_dict, records), known, file)
    table = read_table(path)
    (folder / "map.toml").write_text(first_map(table, known), "utf-8")
    plain = [*Columns(table, {}, known)]
    assert plain == [*Columns(table, load(folder / "map.toml"), known)]
    return written, blank, plain


def test_all_that_a_cell_can_hold(tmp_path: Path) -> None:
    """Dates, external ids and fields come back as they are; tables and files stay out."""
    record = copy.deepcopy(RECORD) | {"externalIds": {"hr": "007", "samsara.vin": "X"}}
    archived = RECORD | {"recordStatus": "archived"}
    written, blank, (row,) = rows_of(tmp_path, KIND, record, archived)
    assert (1, 0, []) == (written, blank, row["problems"])
    values = values_of(models.QualificationRecord.from_dict(record))
    assert {name: value for name, value in values.items() if name != "Road tests"} == row["fields"]
    assert {"hr": "007"} == row["external_ids"]
    assert record["id"] == row["record_id"]
    assert record["owner"]["id"] == row["owner"]


@pytest.mark.parametrize(
    "text", ["=1+1", " padded", "1.5E+11", "MÃ¼ller", "NULL", "two\nlines ", "#N/A"]
)
def test_what_a_cell_could_not_give_back_is_blank(tmp_path: Path, text: str) -> None:
    """So that the row keeps it."""
    record = copy.deepcopy(RECORD)
    record["fields"][0]["textValue"]["value"] = text
    _, blank, (row,) = rows_of(tmp_path, KIND, record)
    assert (1, []) == (blank, row["problems"])
    assert "License Number" not in row["fields"]


@pytest.mark.parametrize("text", ["-5", "+49 1", "@x", 'a "b"', "a;b", "a,b", "two\nlines", "Ж"])
def test_odd_texts_come_back(tmp_path: Path, text: str) -> None:
    """Quotation marks, delimiters, lines and letters are no trouble."""
    record = copy.deepcopy(RECORD)
    record["fields"][0]["textValue"]["value"] = text
    _, blank, (row,) = rows_of(tmp_path, KIND, record)
    assert (0, text) == (blank, row["fields"]["License Number"])


def test_dates_that_nobody_believes_are_blank(tmp_path: Path) -> None:
    """A record may hold one; a date without a time is a date."""
    old = RECORD | {"expirationDate": "1985-01-01T00:00:00Z"}
    _, blank, (row,) = rows_of(tmp_path, KIND, old)
    assert 1 == blank
    assert "expiration_date" not in row
    never = {name: value for name, value in RECORD.items() if name != "expirationDate"}
    _, blank, (row,) = rows_of(tmp_path, KIND, never | {"issueDate": "2024-08-27T00:00:00Z"})
    assert 0 == blank
    assert date(2024, 8, 27) == row["issue_date"]


def test_labels_that_say_too_little(tmp_path: Path) -> None:
    """Two fields of one label, and one that is called as a date of the record, go by their ids."""
    kind, record = copy.deepcopy(KIND), copy.deepcopy(RECORD)
    for place, label in ((0, "Same"), (4, "Same"), (1, "Issue date")):
        kind["fields"][place]["label"] = record["fields"][place]["label"] = label
    _, blank, (row,) = rows_of(tmp_path, kind, record)
    assert (0, []) == (blank, row["problems"])
    first, second = (kind["fields"][place]["id"] for place in (0, 4))
    assert ("D1234567", 123.456) == (row["fields"][first], row["fields"][second])
    assert "Class A" == row["fields"]["Issue date"]


def test_no_records(tmp_path: Path) -> None:
    """Headings all the same."""
    file = io.StringIO()
    known = models.QualificationType.from_dict(KIND)
    assert (0, 0) == export([], known, file)
    assert file.getvalue().startswith("record id,owner id,expiration date,issue date,")
    assert all(label in file.getvalue() for label in LABELS)
    assert tmp_path
