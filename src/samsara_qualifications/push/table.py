"""A CSV file as a table: its encoding and delimiter are found out and said, its rows counted."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from ..errors import InvalidInput

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_INVISIBLE: Final = "\\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_OUTER: Final = re.compile(f"^[{_INVISIBLE}]+|[{_INVISIBLE}]+$")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE: Final = 100  # rows that help to find the delimiter


class Line(NamedTuple):
    """
    A row: its number in a spreadsheet, its texts, and what is wrong with it.

    There is a text for each heading, unless that is wrong with it.
    """

    number: int
    cells: list[str]
    problem: str


@dataclass(frozen=True)
class Table:
    """What a CSV file holds. Iterate over it for its rows; rows of blank cells are left out."""

    headings: tuple[str, ...]
    note: str = ""  # how the file was read
    _text: str = field(default="", repr=False)
    _delimiter: str = ","

    def __iter__(self) -> Iterator[Line]:
        width = len(self.headings)
        for number, cells in islice(_records(self._text, self._delimiter), 1, None):
            problem = (
                f"the row has {len(cells)} cells and the headings are {width}: add what is "
                "missing, or put a value that holds the delimiter in quotation marks"
            )
            is_ragged = len(cells) < width or any(cells[width:])
            yield Line(number, cells, problem) if is_ragged else Line(number, cells[:width], "")


def read_table(path: Path | str, *, encoding: str = "", delimiter: str = "") -> Table:
    """Read a CSV file; where encoding or delimiter are not told, they are found out."""
    if len(delimiter) > 1 or delimiter == '"':
        raise InvalidInput(f"delimiter = {delimiter!r} must be one character, no quotation mark")
    try:
        text, note = _decoded(Path(path).read_bytes(), encoding)
        hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # Excel does not show this line
        text = text[hint.end() :] if hint else text
        delimiter = delimiter or (hint[1] if hint else "")
        if not delimiter or delimiter not in text.lstrip().partition("\n")[0]:
            delimiter = _delimiter(text)  # our failed.csv has commas, whatever its map says
        records = _records(text, delimiter)
        _, found = next(records, (0, list[str]()))
        headings = _headings(found)
        rows = sum(1 for _ in records)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except (InvalidInput, csv.Error) as error:
        raise InvalidInput(f"{path} {error}") from None
    if not rows:
        raise InvalidInput(f"{path} has headings and no rows below them: there is nothing to push")
    between = _DELIMITERS.get(delimiter, repr(delimiter))
    said = f"{path}: {note}, columns separated by {between}, {rows:,} row{'s' * (rows > 1)}"
    return Table(headings, said, text, delimiter)


def bare(text: str) -> str:
    """Return a text without what nobody sees at its ends."""
    text = text.strip()
    return text if text.isascii() else _OUTER.sub("", text)


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    if data.startswith(b"\x1f\x8b"):
        raise InvalidInput("is compressed: unpack it, and push the file in it")
    if data.startswith(_WORKBOOKS):
        raise InvalidInput(
            "is an Excel workbook: save it in Excel as 'CSV UTF-8', and push that file"
        )
    try:
        text, note = _text(data, encoding)
    except (UnicodeError, LookupError):
        raise InvalidInput(
            f"is not readable as {encoding or 'UTF-8, UTF-16 or Windows-1252'}: save it as "
            "'CSV UTF-8', or name its encoding in map.toml, such as encoding = \"cp1250\""
        ) from None
    if not text.strip():
        raise InvalidInput("is empty: it needs a row of headings, and rows below it")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InvalidInput(f"holds a NUL character in line {line}: save it anew as 'CSV UTF-8'")
    return text, note


def _text(data: bytes, encoding: str) -> tuple[str, str]:
    for bom, name, note in _BOMS:
        if data.startswith(bom):
            return data.decode(name), note
    if encoding:
        return data.decode(encoding), encoding
    try:
        return data.decode(), "UTF-8"
    except UnicodeDecodeError as error:
        text = data.decode("cp1252")
        line = data.count(b"\n", 0, error.start)
        word = re.search(r"[^\W\d_]*[^\0-\x7f]\w*", text.split("\n")[line])
        return text, (
            f"Windows-1252, as it is not UTF-8 (if {word[0] if word else ''!r:.40} in line "
            f'{line + 1} looks wrong, name its encoding in map.toml, such as encoding = "cp1250")'
        )


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of rows with any; a quotation mark must not swallow rows unseen."""
    number = 0
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, 1):
            cells = [*map(bare, row)]
            if any(cells):
                yield number, cells
    except csv.Error as error:
        if "field limit" in str(error):
            raise csv.Error(
                f"has a cell of more than {csv.field_size_limit():,} characters in row "
                f'{number + 1}: shorten it, or close the quotation mark (") that opens it'
            ) from None
        raise csv.Error(
            f'is broken in row {number + 1}: a quotation mark (") opens a cell there that is not '
            f"closed as it should be ({error}); inside a cell, write it twice"
        ) from None


def _delimiter(text: str) -> str:
    """Return what gives the most rows of as many cells as there are headings, and most of those."""

    def worth(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        with suppress(csv.Error):  # it is told when the rows are read
            for _, row in islice(_records(text, delimiter), _SAMPLE):
                widths.append(len(row))
        first = widths[0] if widths else 0
        return (widths.count(first) if first > 1 else 0, first)

    return max(_DELIMITERS, key=worth)


def _headings(row: list[str]) -> tuple[str, ...]:
    headings = [unicodedata.normalize("NFC", " ".join(text.split())) for text in row]
    while headings and not headings[-1]:
        headings.pop()
    double = [repr(name) for name, count in Counter(headings).items() if count > 1 and name]
    if len(headings) == 1:
        raise InvalidInput(
            f"has one heading only, {headings[0]!r:.80}: delete what stands above it. One column "
            "has to find the record, and another one to say what changes"
        )
    if double:
        raise InvalidInput(f"has a heading twice: {', '.join(double)}. Rename one, or delete it")
    return tuple(name or unnamed(place) for place, name in enumerate(headings, 1))


def unnamed(place: int) -> str:
    """Return the name of a column without a heading."""
    return f"(column {place})"
