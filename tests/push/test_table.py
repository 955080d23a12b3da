"""CSV files as they come: encodings, delimiters, quotation marks, and what is no CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from samsara_qualifications import InvalidInput
from samsara_qualifications.push.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "owner id,Name\n1,Müller\n"


def written(folder: Path, data: bytes | str) -> Path:
    """Write a file and return its path."""
    path = folder / "in.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.encode(), "UTF-8, columns separated by commas, 1 row"),
        (TEXT.encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        (TEXT.encode("utf-16"), "UTF-16"),
        ("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252, as it is not UTF-8 (if 'Müller' in line 2"),
        (TEXT.replace(",", ";").encode(), "separated by semicolons"),
        (TEXT.replace(",", "\t").encode(), "separated by tabs"),
        (TEXT.replace(",", "|").replace("\n", "\r\n").encode(), "separated by bars"),
        (b"sep=;\r\n" + TEXT.replace(",", ";").encode(), "separated by semicolons"),
        ("owner id;Name, first\n1;Müller\n".encode(), "separated by semicolons"),
        ("owner id;Name, first, last\n1;Müller\n".encode(), "separated by semicolons"),
        (b"SEP=;\r\n" + TEXT.replace(",", ";").encode(), "separated by semicolons"),
        ("\u200bowner id,Name\u00a0\n\ufeff1,\u202aMüller\u202c\n".encode(), "UTF-8"),
    ],
)
def test_encoding_and_delimiter(tmp_path: Path, data: bytes, said: str) -> None:
    """They are found out, and said; the text is the same."""
    table = read_table(written(tmp_path, data))
    assert said in table.note
    assert [(2, ["1", "Müller"], "")] == [*table]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"a,b\n\n,\n", "headings and no rows"),
        (b"PK\x03\x04...", "is an Excel workbook: save it in Excel as 'CSV UTF-8'"),
        (b"a,b\n1,2\0\n", "NUL character in line 2"),
        (TEXT.encode("utf-16-le"), "NUL character in line 1"),
        (b"a,b\n\x81,2\n", "is not readable as UTF-8, UTF-16 or Windows-1252"),
        (b"a,b, a,\n1,2,3\n", "has a heading twice: 'a'"),
        (b"Report of 2026\n\na,b\n1,2\n", "has one heading only, 'Report of 2026': delete what"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "is broken in row 3: a quotation mark"),
        (b'a,b\n1,"2"x\n', "is broken in row 2"),
        (b"\x1f\x8b...", "is compressed: unpack it"),
        (b"a,b\n1," + 140_000 * b"x", "has a cell of more than 131,072 characters in row 2"),
    ],
)
def test_refused(tmp_path: Path, data: bytes, said: str) -> None:
    """One sentence names the file, what is wrong and the way out."""
    path = written(tmp_path, data)
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path} ")


def test_no_file(tmp_path: Path) -> None:
    """A path without a file, and a folder, are named."""
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InvalidInput, match="cannot be read"):
            read_table(path)


def test_rows_are_counted_as_a_spreadsheet_counts(tmp_path: Path) -> None:
    """A cell of two lines is one row, a blank row counts; ragged rows are told."""
    text = '\na,,b\n1,,"two\nlines"\n\n,,\n2\n3,,x,y\n4,x,z,,\n'
    table = read_table(written(tmp_path, text))
    assert ("a", "(column 2)", "b") == table.headings
    lines = [*table]
    assert [3, 6, 7, 8] == [line.number for line in lines]
    assert "two\nlines" == lines[0].cells[2]
    assert [False, True, True, False] == [bool(line.problem) for line in lines]
    assert "the row has 1 cells and the headings are 3" in lines[1].problem


def test_what_nobody_sees_is_blank(tmp_path: Path) -> None:
    """A row of it is no row."""
    table = read_table(written(tmp_path, "a,b\n\u200b,\u00a0\n1,\ufeff\n"))
    assert [(3, ["1", ""], "")] == [*table]


def test_what_the_file_says_counts_more_than_what_is_told(tmp_path: Path) -> None:
    """A byte order mark, and a delimiter that the headings do not have: failed.csv is so."""
    path = written(tmp_path, TEXT.encode("utf-8-sig"))
    for encoding in ("latin-1", "cp1250", "utf-8"):
        assert [["1", "Müller"]] == [
            it.cells for it in read_table(path, encoding=encoding, delimiter=";")
        ]


def test_told(tmp_path: Path) -> None:
    """A map may name encoding and delimiter; a wrong name is refused."""
    path = written(tmp_path, "a;b\n1;Łódź\n".encode("cp1250"))
    assert ["1", "Łódź"] == next(iter(read_table(path, encoding="cp1250", delimiter=";"))).cells
    with pytest.raises(InvalidInput, match="not readable as cp9"):
        read_table(path, encoding="cp9")
    with pytest.raises(InvalidInput, match="delimiter = ';;' must be one character"):
        read_table(path, encoding="cp1250", delimiter=";;")
