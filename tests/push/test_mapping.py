"""What the cells of a file mean, and each message about a cell, a heading or a map."""

from __future__ import annotations

import copy
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import CLEAR, InvalidInput, models
from samsara_qualifications.mock import MockServer
from samsara_qualifications.push.mapping import Columns, load, type_named
from samsara_qualifications.push.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 26)
TYPES = [models.QualificationType.from_dict(kind) for kind in MockServer().types.values()]
LICENCE = type_named(TYPES, "Driver License")


@pytest.fixture
def columns(tmp_path: Path) -> Any:
    """Return a maker of the columns of a file's text and a map's text."""

    def make(text: str, settings: str = "", kind: models.QualificationType = LICENCE) -> Columns:
        path = tmp_path / "in.csv"
        path.write_text(text, "utf-8")
        given = tmp_path / "map.toml"
        given.write_text(settings, "utf-8")
        return Columns(read_table(path), load(given), kind, today=TODAY)

    return make


def expiry(text: str, *others: str, **options: str) -> Any:
    """Return what is read of an expiration date's cell; the others stand below it."""
    rows = "".join(f'1\t"{cell}"\n' for cell in (text, *others))
    said = ", ".join(f"{key} = {value}" for key, value in options.items())
    return f"owner id\texpiration date\n{rows}", (
        f'clear = "NEVER"\nkeep = ["n/a", "?"]\n[columns]\n"expiration date" = {{ {said} }}'
    )


BERLIN = '"Europe/Berlin"'
GOOD = [
    ("2027-08-27", {}, date(2027, 8, 27)),
    ("2027-08-27T10:20:30Z", {}, datetime(2027, 8, 27, 10, 20, 30, tzinfo=UTC)),
    ("2027-08-27 10:20", {"zone": '"UTC"'}, datetime(2027, 8, 27, 10, 20, tzinfo=UTC)),
    ("2027-08-27", {"zone": BERLIN}, datetime(2027, 8, 26, 22, tzinfo=UTC)),
    ("27.08.2027", {"format": '"%d.%m.%Y"'}, date(2027, 8, 27)),
    ("1.2.2027", {"format": '"%d.%m.%Y"'}, date(2027, 2, 1)),
    ("01/02/2027", {"format": '"%m/%d/%Y"'}, date(2027, 1, 2)),
    ("01/02/2027", {"format": '"%d/%m/%Y"'}, date(2027, 2, 1)),
    ("27 Aug 2027", {"format": '"%d %b %Y"'}, date(2027, 8, 27)),
    ("20270827", {"format": '"%Y%m%d"'}, date(2027, 8, 27)),
    ("46235", {"format": '"excel"'}, date(2026, 8, 1)),
    ("46235.0", {"format": '"excel"'}, date(2026, 8, 1)),
    ("44773", {"format": '"excel-1904"'}, date(2026, 8, 1)),
    ("46235.5", {"format": '"excel"', "zone": '"UTC"'}, datetime(2026, 8, 1, 12, tzinfo=UTC)),
    ("61", {"format": '"excel"', "earliest": "1900-01-01"}, date(1900, 3, 1)),
    ("59", {"format": '"excel"', "earliest": "1900-01-01"}, date(1900, 2, 28)),
    ("1", {"format": '"excel-1904"', "earliest": "1900-01-01"}, date(1904, 1, 2)),
    ("01.02.28", {"format": '"%d.%m.%y"'}, date(2028, 2, 1)),
    ("01.02.75", {"format": '"%d.%m.%y"', "latest": "2080-01-01"}, date(2075, 2, 1)),
    ("NEVER", {}, CLEAR),
]


@pytest.mark.parametrize(("text", "options", "value"), GOOD)
def test_dates(columns: Any, text: str, options: dict[str, str], value: object) -> None:
    """Each style is read as declared."""
    (row,) = columns(*expiry(text, **options))
    assert ([], value) == (row["problems"], row["expiration_date"])


@pytest.mark.parametrize("text", ["", "  ", "n/a", "N/A", "?"])
def test_what_keeps(columns: Any, text: str) -> None:
    """A blank cell, and words that are declared."""
    (row,) = columns(*expiry(text))
    assert [] == row["problems"]
    assert "expiration_date" not in row


BAD = [
    ("31.02.2027", {"format": '"%d.%m.%Y"'}, "'31.02.2027' is no date of the form %d.%m.%Y"),
    ("2027-02-30", {}, "is no date of the form 2026-08-27"),
    ("soon", {}, "'soon' is no date of the form 2026-08-27, nor of another known one"),
    ("2027-08-27 10:20", {}, "has a time and no time zone: add one to the column in map.toml"),
    ("2026-10-25 02:30", {"zone": BERLIN}, "comes twice or never in Europe/Berlin"),
    ("2027-03-28 02:30", {"zone": BERLIN}, "comes twice or never in Europe/Berlin"),
    ("2204-08-27", {}, "'2204-08-27' is not believed, only 2016-11-26 to 2056-11-26 is"),
    ("1970-01-01", {}, "is not believed"),
    ("2031-01-01", {"latest": "2030-12-31"}, "only 2016-11-26 to 2030-12-31 is"),
    ("60", {"format": '"excel"', "earliest": "1900-01-01"}, "is no date of the form excel"),
    ("0", {"format": '"excel"', "earliest": "1890-01-01"}, "is no date of the form excel"),
    ("46235", {}, "has no declared format: it may be 2026-08-01 (excel)"),
    ("27.08.2027 10:20", {}, "it may be 2027-08-27 10:20:00 (%d.%m.%Y %H:%M)"),
    ("2026111", {"format": '"%Y%m%d"'}, "is no date of the form %Y%m%d"),
    ("#N/A", {}, "'#N/A' is an error of Excel's"),
    ("########", {}, "is an error of Excel's"),
    ("=TODAY()", {}, "is a formula"),
    ("never", {}, "'never' is the clear word 'NEVER' in other letters"),
    ("01.02.75", {"format": '"%d.%m.%y"'}, "'01.02.75' is not believed"),
    ("20\u200b27-01-01", {}, "holds a character that nobody sees"),
]


@pytest.mark.parametrize(("text", "options", "said"), BAD)
def test_dates_that_are_refused(
    columns: Any, text: str, options: dict[str, str], said: str
) -> None:
    """By row and column, with the way out."""
    (row,) = columns(*expiry(text, **options))
    (problem,) = row["problems"]
    assert problem.startswith("expiration date: ")
    assert said in problem
    assert "expiration_date" not in row


def test_an_ambiguous_date_is_told_by_its_neighbours(columns: Any) -> None:
    """The column's other cells say what is likely, and how likely."""
    first, second = columns(*expiry("01/02/2027", "27/08/2027"))
    assert (
        "'01/02/2027' is ambiguous: it may be 2027-02-01 (%d/%m/%Y) or 2027-01-02 (%m/%d/%Y). Of "
        'the column\'s different dates, %d/%m/%Y fits 2, %m/%d/%Y fits 1: add format = "%d/%m/%Y"'
    ) in first["problems"][0]
    assert "'27/08/2027' has no declared format" in second["problems"][0]
    (row,) = columns(*expiry("01/02/2027"))
    assert 'add format = "…"' in row["problems"][0]


def field(label: str, text: str, options: str = "", settings: str = "") -> tuple[str, str]:
    """Return a file of one cell of a custom field, and its map."""
    return (
        f'owner id\t{label}\n1\t"{text}"\n',
        f'{settings}\n[columns]\n"{label}" = {{ {options} }}',
    )


@pytest.mark.parametrize(
    ("label", "text", "options", "value"),
    [
        ("Licence class", "Class B", "", "Class B"),
        ("Licence class", "class b", "", "class b"),
        ("Endorsements", "Passengers; Tank vehicles", "", ["Passengers", "Tank vehicles"]),
        ("Endorsements", "Passengers|Tank vehicles", 'separator = "|"', None),
        ("Penalty points", "12", "", 12),
        ("Penalty points", "-1.5", "", -1.5),
        ("Penalty points", "1,5", 'decimal = ","', 1.5),
        ("License Number", "00123", "", "00123"),
        ("License Number", "12E45", "", "12E45"),
        ("License Number", "NEVER", "", CLEAR),
        ("First licensed on", "2009-08-08", "", date(2009, 8, 8)),
        ("license number", "D1", "", "D1"),
        (str(LICENCE.fields[0].id), "D1", "", "D1"),
    ],
)
def test_fields(columns: Any, label: str, text: str, options: str, value: object) -> None:
    """By label, without regard to case, or by id; values as `fields_for` takes them."""
    (row,) = columns(*field(label, text, options, 'clear = "NEVER"'))
    assert [] == row["problems"]
    (found,) = row["fields"].values()
    assert found == (value if value is not None else ["Passengers", "Tank vehicles"])


@pytest.mark.parametrize(
    ("label", "text", "options", "said"),
    [
        ("Licence class", "Clas B", "", "no option is labelled 'Clas B': did you mean 'Class B'?"),
        ("Endorsements", "Tank vehicles, Passengers", "", "no option is labelled"),
        ("Penalty points", "1,5", "", 'add decimal = "," to the column if that is its decimal'),
        ("Penalty points", "1.234,5", 'decimal = ","', "without a unit, blanks or thousands sep"),
        ("Penalty points", "1,234.5", "", "write it without a unit, blanks or thousands separ"),
        ("Penalty points", "12 h", "", "'12 h' is no number"),
        ("Penalty points", "1.23456", "", "too many decimal places, 3 at most"),
        ("Penalty points", "1234567890123456", "", "has more than 15 digits"),
        ("Penalty points", "NEVER", "", "'NEVER' cannot empty this"),
        ("License Number", "1.2E+11", "", "Excel has shortened"),
        ("License Number", "1.2E11", "", "Excel has shortened"),
        ("License Number", "12345678.0", "", "is an id that was turned into a number"),
        ("License Number", "D\u202e1", "", "holds a character that nobody sees"),
        ("Penalty points", "1", 'decimal = "5"', "decimal = '5' must be '.' or ','"),
        ("Endorsements", ";", "", "';' names no option: leave the cell blank to keep all"),
        (
            "First licensed on",
            "01.02.65",
            'format = "%d.%m.%y"',
            "of the year 1965 or 2065: set",
        ),
        ("License Number", "NULL", "", "is what other systems write for an empty cell"),
        ("License Number", "MÃ¼ller", "", "was saved with the wrong encoding ('Müller'?)"),
        ("License Number", "M\ufffdller", "", "was saved with the wrong encoding"),
    ],
)
def test_fields_that_are_refused(
    columns: Any, label: str, text: str, options: str, said: str
) -> None:
    """With the nearest option, the rule and the way out."""
    found = columns(*field(label, text, options, 'clear = "NEVER"'))
    (problem,) = [*found.problems, *(text for row in found for text in row["problems"])]
    assert said in problem
    assert label in problem.partition(": ")[0]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "NULL",
            "(null)",
            "[NULL]",
            "<null>",
            "\\N",
            "-",
            "\u2013\u2014",
            ".",
            "?",
            "n/a",
            "N.A.",
            "nan",
        ),
        *("#N/A", "#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#VALEUR!", "#N/D", "#NAME?", "#¡VALOR!"),
    ],
)
def test_what_other_systems_write_for_nothing(columns: Any, text: str) -> None:
    """It is no text and no id of anybody's."""
    for heading in ("License Number", "external id hr"):
        (row,) = columns(*field(heading, text))
        assert re.search("for an empty cell|an error of Excel's", row["problems"][0])


@pytest.mark.parametrize(
    ("text", "options", "day"),
    [
        ("14.04.1990", 'format = "%d.%m.%Y"', date(1990, 4, 14)),
        ("1990-04-14T00:30:00+02:00", "", date(1990, 4, 14)),
        ("1990-04-14 23:30", "", date(1990, 4, 14)),
        ("01.02.65", 'format = "%d.%m.%y", latest = 2026-01-01', date(1965, 2, 1)),
    ],
)
def test_a_day_is_the_one_that_is_written(columns: Any, text: str, options: str, day: date) -> None:
    """Whatever time stands beside it: it is the same day everywhere."""
    (row,) = columns(*field("First licensed on", text, options))
    assert ([], {"First licensed on": day}) == (row["problems"], row["fields"])
    found = columns(*field("First licensed on", text, f"zone = {BERLIN}"))
    assert "'zone' does not apply to a day without a time" in found.problems[0]


def test_accents_are_the_same_however_they_are_written(columns: Any) -> None:
    """In headings, in the map and in options."""
    options = {"id": "1d9a4a3c-0e0c-4f0e-8f4e-8a4c8fd7e2a1", "label": "Zürich"}
    kind = copy.deepcopy(LICENCE)
    choice = next(item for item in kind.fields if item.type_.value == "multiple_choice")
    assert choice.options
    choice.options[0] = type(choice.options[0]).from_dict(options)
    text = unicodedata.normalize("NFD", "owner id,Stützpunkt\n1,Zürich\n")
    (row,) = columns(text, f'[columns]\n"Stützpunkt" = {{ is = "{choice.label}" }}', kind)
    assert [] == row["problems"]
    assert [choice.label] == [*row["fields"]]


@pytest.mark.parametrize(
    ("heading", "options", "key", "value"),
    [
        ("record id", "", "record_id", "E-1"),
        ("OWNER ID", "", "owner", "E-1"),
        ("owner external id payroll", "", "owner_external_id", "payroll:E-1"),
        ("Who", 'is = "external id hr", find = true', "external_id", "hr:E-1"),
        ("Who", 'is = "owner external id payroll"', "owner_external_id", "payroll:E-1"),
    ],
)
def test_finders(columns: Any, heading: str, options: str, key: str, value: str) -> None:
    """One column finds the record: by its heading, or by the map."""
    (row,) = columns(
        f"{heading},expiration date\nE-1,2027-01-01\n",
        f'[columns]\n"{heading}" = {{ {options} }}',
    )
    assert ([], value) == (row["problems"], row[key])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2.8E+11", "a number that Excel has shortened, and its digits are lost"),
        ("2,8E+11", "a number that Excel has shortened"),
        ("281474.0", "is an id that was turned into a number: format the column as text"),
        ("#N/A", "is an error of Excel's"),
        ("", "it is blank, so nothing says whose record this is"),
        ("NULL", "is what other systems write for an empty cell"),
    ],
)
def test_ids_that_are_spoilt(columns: Any, text: str, said: str) -> None:
    """Excel's traces are refused by name, in what finds and in what is written."""
    (row,) = columns(f'owner id;expiration date\n"{text}";2027-01-01\n')
    assert said in row["problems"][0]
    (row,) = columns(f'owner id;external id hr\n1;"{text}"\n')
    assert text == "" or said in row["problems"][0]


def test_the_first_of_several_finders_counts(columns: Any) -> None:
    """A record's id says more than its owner's, which must fit it; a blank one says nothing."""
    text = "owner id,record id,issue date\n1,r1,2026-01-01\n2,,2026-01-01\n,,2026-01-01\n"
    found = columns(text)
    assert found.note.startswith("'record id' finds the record, 'owner id' must fit it; ")
    ids = [(row.get("record_id"), row.get("owner")) for row in found]
    assert [("r1", "1"), (None, "2"), (None, None)] == ids
    said = "record id and owner id: it is blank, so nothing says whose record this is"
    assert [[], [], [said]] == [row["problems"] for row in found]


def test_told_finds_alone(columns: Any) -> None:
    """Others are left alone where the map says which column finds."""
    text = "owner id,record id,issue date\n1,r1,2026-01-01\n"
    found = columns(text, '[columns]\n"owner id" = { find = true }')
    assert "left alone: 'record id'" in found.note
    assert ["1"] == [row["owner"] for row in found]


@pytest.mark.parametrize(
    ("headings", "settings", "said"),
    [
        ("owner id,expiration date", "typ = 1", "'typ' is no setting: did you mean 'type'?"),
        ("owner id,expiration date", "type = 1", "type = 1 must be a text in quotation marks"),
        ("owner id,expiration date", "keep = [1]", "keep = [1] must be a list of texts"),
        ("owner id,expiration date", "columns = 1", "columns = 1 must be written in braces"),
        (
            "owner id,expiration date",
            '[columns]\nA = "x"',
            "column 'A' = 'x' must be written in braces",
        ),
        ("owner id,A", '[columns]\nA = { formt = "x" }', "'formt' is no setting: did you mean"),
        ("owner id,A", "[columns]\nA = { latest = 2030 }", "must be a day such as 2030-12-31"),
        ("owner id,A", "[columns\n", "is not TOML in UTF-8: "),
    ],
)
def test_maps_that_are_refused(columns: Any, headings: str, settings: str, said: str) -> None:
    """An unknown setting comes with the nearest one."""
    with pytest.raises(InvalidInput) as caught:
        columns(f"{headings}\n1,2\n", settings)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("headings", "settings", "said"),
    [
        ("Driver,expiration date", "", "no column says whose record a row is"),
        ("owner id,Name", "", "no column says what should change"),
        ("owner id,A", "[columns]\nB = {}", "map.toml names a column 'B': There are 'owner id'"),
        ("owner id,A", '[columns]\nA = { is = "Licence clas" }', "did you mean 'Licence class'?"),
        ("owner id,A", '[columns]\nA = { is = "Road tests" }', "of the kind table, which no cell"),
        ("owner id,A", '[columns]\nA = { is = "issue date", format = "x" }', "is no format of dat"),
        ("owner id,A", '[columns]\nA = { is = "issue date", format = "%d.%m" }', "is no format"),
        ("owner id,A", '[columns]\nA = { is = "issue date", format = "%d or %d" }', "is no format"),
        ("owner id,A", '[columns]\nA = { is = "issue date", zone = "Berln" }', "is no time zone"),
        ("owner id,A", '[columns]\nA = { is = "issue date", decimal = "," }', "does not apply"),
        ("owner id,A", '[columns]\nA = { is = "issue date", find = true }', "only an id finds"),
        ("issue date,A", '[columns]\nA = { is = "issue date" }', "are the same: say ignore = true"),
        ("owner id,expiration date", 'clear = "01.01.1900"', "could be a date or a number"),
        ("owner id,expiration date", 'clear = "0"', "could be a date or a number"),
        ("owner id,expiration date", 'clear = "class a"', "is an option of 'Licence class'"),
        ("owner id,expiration date", 'keep = ["No"]', "is an option of 'Air brakes allowed'"),
        ("owner id,expiration date", 'clear = "X"\nkeep = ["x"]', "both keeps and clears"),
    ],
)
def test_problems_of_a_map(columns: Any, headings: str, settings: str, said: str) -> None:
    """What the map and the headings leave open, or say wrongly, stands in `problems`."""
    assert any(said in text for text in columns(f"{headings}\n1,2\n", settings).problems)


def test_everything_is_said_at_once(columns: Any) -> None:
    """Several mistakes of a map, and of a row."""
    with pytest.raises(InvalidInput) as caught:
        columns("a,b\n1,2\n", 'typ = "x"\nkep = []\n[columns]\na = { iss = "b" }')
    assert 3 == len(str(caught.value).splitlines())
    found = columns("a,b\n1,2\n", '[columns]\na = { is = "c" }\nd = {}')
    assert 2 == len(found.problems)
    (row,) = columns("owner id,issue date,Penalty points\n1.0,x,y\n")
    assert 3 == len(row["problems"])


def test_a_ragged_row_is_read_no_further(columns: Any) -> None:
    """Its cells may stand in other columns than they should."""
    (row,) = columns("owner id,issue date,expiration date\n1,2026-01-01\n")
    assert {"row", "cells", "problems"} == {*row}
    assert "the row has 2 cells" in row["problems"][0]


def test_a_label_that_is_a_name_of_ours(columns: Any) -> None:
    """A field called 'Issue date' makes the heading ambiguous; map or id decide."""
    kind = LICENCE.to_dict()
    kind["fields"][0]["label"] = "Issue date"
    twisted = models.QualificationType.from_dict(kind)
    found = columns("owner id,Issue date\n1,2026-01-01\n", "", twisted)
    assert "may be the record's own, or the field of this label" in found.problems[0]
    said = '[columns]\n"Issue date" = { is = "%s" }'
    (row,) = columns("owner id,Issue date\n1,2026-01-01\n", said % "issue date", twisted)
    assert date(2026, 1, 1) == row["issue_date"]
    (row,) = columns("owner id,Issue date\n1,A1\n", said % kind["fields"][0]["id"], twisted)
    assert {"Issue date": "A1"} == row["fields"]


def test_types_by_name() -> None:
    """A name without regard to case, or an id; two of a name are told by their ids."""
    assert LICENCE is type_named(TYPES, str(LICENCE.id))
    with pytest.raises(InvalidInput, match="did you mean 'Driver License'"):
        type_named(TYPES, "Drivers Licence")
    with pytest.raises(InvalidInput, match="2 types are named 'driver license': give the id, one"):
        type_named([*TYPES, LICENCE], "driver license")


def test_an_offset_in_the_cell_counts_more_than_the_zone(columns: Any) -> None:
    """A zone is for times that have none."""
    (row,) = columns(*expiry("2026-10-25T02:30:00+01:00", zone=BERLIN))
    assert (
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))) == row["expiration_date"]
    )


def test_toml_of_windows(tmp_path: Path) -> None:
    """Notepad writes a byte order mark."""
    path = tmp_path / "map.toml"
    path.write_bytes(b'\xef\xbb\xbftype = "x"\r\n')
    assert {"type": "x", "columns": {}} == load(path)
