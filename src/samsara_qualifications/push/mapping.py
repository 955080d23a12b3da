"""map.toml: what the columns of a file are; and a table's rows as rows of a plan."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from .._wire import models
from ..errors import InvalidInput
from ..labels import fields_for, find, folded, nearest
from ..sentinels import CLEAR, UNSET
from . import cells
from .table import Table, unnamed

FINDERS: Final = ("record_id", "owner", "owner_external_id", "external_id")
"""What finds a record: where several columns could and none is told, the first of these."""

PLACES: Final = {
    "record id": "record_id",
    "owner id": "owner",
    "owner external id ": "owner_external_id",
    "expiration date": "expiration_date",
    "issue date": "issue_date",
    "external id ": "external_ids",
}
"""What a column can be besides a custom field; a name that ends with a blank goes on with a key."""

_TEXT: Final = (str, "a text in quotation marks")
_COLUMN: Final = (dict, 'written in braces, such as { is = "expiration date" }')
_SETTINGS: Final[dict[str, tuple[Any, str]]] = {
    **dict.fromkeys(("type", "clear", "encoding", "delimiter"), _TEXT),
    "keep": (list, "a list of texts"),
    "columns": _COLUMN,
}
_OPTIONS: Final[dict[str, tuple[Any, str]]] = {
    **dict.fromkeys(("is", "format", "zone", "separator", "decimal"), _TEXT),
    **dict.fromkeys(("find", "ignore"), (bool, "true or false")),
    **dict.fromkeys(("earliest", "latest"), (date, "a day such as 2030-12-31")),
}
_APPLY: Final = {  # options of a column, by what it holds
    "datetime": {"format", "zone", "earliest", "latest"},
    "number": {"decimal"},
    "check_boxes": {"separator"},
    "multiple_choice": set[str](),
    "text": set[str](),
}
_YEARS: Final = {"expiration_date": (-10, 30), "issue_date": (-80, 1), "fields": (-100, 100)}


def load(path: Path | str) -> dict[str, Any]:
    """Read a map; all that it says and that is not known is named at once."""
    try:
        given = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} is not TOML in UTF-8: {error}") from None
    wrong = [*_misfits("", given, _SETTINGS)]
    columns: dict[str, Any] = {}
    if isinstance(told := given.get("columns", {}), dict):
        for name, column in cast("dict[str, Any]", told).items():
            heading = unicodedata.normalize("NFC", " ".join(name.split()))
            wrong += [f"column {heading!r} stands there twice: delete one"] * (heading in columns)
            columns[heading] = column
            if type(column) is dict:
                wrong += _misfits(f"column {heading!r}: ", cast("Any", column), _OPTIONS)
            else:
                wrong += _misfits("column ", {repr(heading): column}, {repr(heading): _COLUMN})
    if wrong:
        raise InvalidInput("\n".join(f"{path}: {text}" for text in wrong))
    return {**given, "columns": columns}


def _misfits(
    place: str, given: dict[str, Any], known: Mapping[str, tuple[Any, str]]
) -> Iterator[str]:
    for key, value in given.items():
        kind, form = known.get(key, (None, ""))
        if kind is None:
            yield f"{place}{key!r} is no setting: {nearest(key, known)}"
        elif type(value) is not kind or (kind is list and {*map(type, value)} - {str}):
            yield f"{place}{key} = {value!r:.80} must be {form}"


def type_named(types: Iterable[models.QualificationType], wanted: str) -> models.QualificationType:
    """Return the one qualification type of a name or an id."""
    known = list(types)
    found = [kind for kind in known if folded(wanted) in {folded(kind.name), str(kind.id)}]
    if len(found) > 1:
        ids = ", ".join(f"{kind.id} ({kind.entity_type.value})" for kind in found)
        raise InvalidInput(f"{len(found)} types are named {wanted!r}: give the id, one of {ids}")
    if not found:
        hint = nearest(wanted, (kind.name for kind in known))
        raise InvalidInput(f"no qualification type is named {wanted!r:.80}: {hint}")
    return found[0]


class Column(NamedTuple):
    """A column that is used: the key (and label) of its values in a row, and their reader."""

    heading: str
    key: str
    name: str
    read: Callable[[str], Any]


class Columns:
    """
    What the columns of a table are. Iterate over it for the rows, as `plan` takes them.

    Where the map is silent, the headings say what columns are. What is wrong with a cell stands in
    its row's `"problems"`; with any of the map's and the headings' own `problems`, push nothing.
    """

    def __init__(
        self,
        table: Table,
        settings: Mapping[str, Any],
        kind: models.QualificationType,
        today: date | None = None,
    ) -> None:
        self._table, self.type = table, kind
        self._today = today or datetime.now(UTC).date()
        self._clear: str = settings.get("clear", "").strip()
        self._keep = {"", *map(folded, settings.get("keep", ()))}
        self._told: Mapping[str, Mapping[str, Any]] = settings.get("columns", {})
        self.problems = [
            f"map.toml names a column {name!r}: {nearest(name, table.headings)}"
            for name in self._told
            if name not in table.headings
        ]
        columns = [column for heading in table.headings if (column := self._column(heading))]
        self.used = self._with_one_finder(columns)
        self._check_places()
        self._check_words()
        self.note = self._note()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        headings = self._table.headings
        for number, texts, problem in self._table:
            cells = dict(zip(headings, texts, strict=False))
            cells |= {
                unnamed(place): text for place, text in enumerate(texts, 1) if place > len(headings)
            }
            problems = [problem] if problem else []
            row: dict[str, Any] = {"row": number, "cells": cells, "problems": problems}
            for column in () if problem else self.used:
                try:
                    value = column.read(cells[column.heading])
                except InvalidInput as error:
                    problems.append(f"{column.heading}: {error}")
                    continue
                if value is not UNSET and column.name and column.key not in FINDERS:
                    row.setdefault(column.key, {})[column.name] = value
                elif value is not UNSET:
                    row[column.key] = value
            if not problems and not row.keys() & {*FINDERS}:
                ids = " and ".join(it.heading for it in self.used if it.key in FINDERS)
                problems.append(f"{ids}: it is blank, so nothing says whose record this is")
            yield row

    def _note(self) -> str:
        used = [column.heading for column in self.used]
        first, *others = [repr(it.heading) for it in self.used if it.key in FINDERS] or [""]
        said = [
            f"{first} finds the record" + f", {' and '.join(others)} must fit it" * bool(others)
        ]
        said += [", ".join(_said(column) for column in self.used if column.key not in FINDERS)]
        rest = [repr(heading) for heading in self._table.headings if heading not in used]
        said += [f"left alone: {', '.join(rest)}"] if rest else []
        return "; ".join(filter(None, said))

    def _column(self, heading: str) -> Column | None:
        options = dict(self._told.get(heading, {}))
        try:
            return self._used(heading, options)
        except InvalidInput as error:
            self.problems.append(f"column {heading!r}: {error}")
            return None

    def _used(self, heading: str, options: dict[str, Any]) -> Column | None:
        told, finds = bool(options), options.pop("find", False)
        if options.pop("ignore", False):
            if options:
                raise InvalidInput("ignore = true, and other options beside it: remove one")
            return None
        said = options.pop("is", heading)
        key, name = place_of(said)
        if finds:
            key = "external_id" if key == "external_ids" else key
            if key not in FINDERS:
                raise InvalidInput("only an id finds a record: remove find = true")
        definition = None if key else self._field(said, told=told)
        if not key and not definition:
            return None
        kind = "datetime" if key.endswith("_date") else "text"
        if definition:
            exact = [item.label for item in self.type.fields].count(definition.label) == 1
            key, name = "fields", definition.label if exact else str(definition.id)
            kind = definition.type_.value
        for option in options.keys() - _APPLY[kind]:
            raise InvalidInput(f"{option!r} does not apply to what the column is: remove it")
        day = bool(definition and definition.allowed_date_time_value_type == "date")
        if day and "zone" in options:
            raise InvalidInput("'zone' does not apply to a day without a time: remove it")
        if key in FINDERS:
            return Column(heading, key, name, partial(_identity, name))
        convert = self._converter(heading, key, "day" if day else kind, options)
        clears = key == "expiration_date" or kind == "text"
        read = partial(self._read, definition, convert, clears)
        return Column(heading, key, name, lru_cache(read))

    def _field(self, label: str, *, told: bool) -> models.FieldDefinition | None:
        """Return the field of a column; `None` where the column is nobody's business."""
        try:
            found = find("field", label, self.type.fields)
        except InvalidInput as error:
            if told:
                raise InvalidInput(f"{error}, {', '.join(map(str.strip, PLACES))}") from None
            return None
        kind = found.type_.value
        if kind not in _APPLY and told:
            raise InvalidInput(f"{label!r} is of the kind {kind}, which no cell can hold")
        return found if kind in _APPLY else None

    def _read(
        self,
        definition: models.FieldDefinition | None,
        convert: Callable[[str], Any],
        clears: bool,  # noqa: FBT001  partial's
        text: str,
    ) -> Any:
        """Return the value of a cell; that of a field is checked as an update would."""
        if folded(text) in self._keep:
            return UNSET
        if text == self._clear and clears:
            return CLEAR
        if folded(text) == folded(self._clear) and text != self._clear:
            raise InvalidInput(
                f"{text!r} is the clear word {self._clear!r} in other letters: write them alike"
            )
        if text == self._clear:
            raise InvalidInput(
                f"{text!r} cannot empty this, only an expiration date, a text or an external id: "
                "leave the cell blank to keep what is there"
            )
        value = convert(cells.sound(text))
        if definition:
            try:
                fields_for(self.type, {str(definition.id): value})
            except InvalidInput as error:
                raise InvalidInput(str(error).removeprefix(f"{definition.label!r}: ")) from None
        return value

    def _converter(
        self, heading: str, key: str, kind: str, options: dict[str, Any]
    ) -> Callable[[str], Any]:
        match kind:
            case "datetime" | "day":
                return self._date(heading, key, options, day=kind == "day")
            case "number":
                if (decimal := options.get("decimal", ".")) not in {".", ","}:
                    raise InvalidInput(f"decimal = {decimal!r} must be '.' or ','")
                return partial(cells.number, decimal=decimal)
            case "check_boxes":
                return partial(_listed, options.get("separator") or ";")
            case "text":
                return cells.words if key == "fields" else cells.identifier
            case _:
                return str

    def _date(
        self, heading: str, key: str, options: Mapping[str, Any], *, day: bool
    ) -> Callable[[str], date]:
        form: str = options.get("format", "")
        cells.check_format(form or "iso")
        zone = cells.time_zone(options.get("zone", ""))
        first, last = (self._today + timedelta(round(years * 365.25)) for years in _YEARS[key])
        first, last = options.get("earliest", first), options.get("latest", last)
        counts = {} if form else cells.guesses(texts_of(self._table, heading))
        never = ", or write the clear word for 'never'" if key == "expiration_date" else ""

        def convert(text: str) -> date:
            if not form and not cells.is_iso(text):
                raise InvalidInput(cells.advice(text, counts))
            found = cells.moment(text, form or "iso", zone, day=day)
            meant = [it for it in cells.centuries(found, form) if first <= cells.day_of(it) <= last]
            if len(meant) > 1:
                years = " or ".join(str(it.year) for it in meant)
                raise InvalidInput(
                    f"{text!r:.80} may be of the year {years}: set earliest or latest for the "
                    "column in map.toml, or write the year with four digits"
                )
            if not meant:
                raise InvalidInput(
                    f"{text!r:.80} is not believed, only {first} to {last} is: correct it, set "
                    f"earliest or latest for the column in map.toml{never}"
                )
            return meant[0]

        return convert

    def _with_one_finder(self, columns: list[Column]) -> list[Column]:
        told = [name for name, options in self._told.items() if options.get("find")]
        found = [column for column in columns if column.key in FINDERS]
        found.sort(key=lambda column: (column.heading not in told, FINDERS.index(column.key)))
        if len(told) > 1:
            self.problems.append(f"find = true holds for one column, not for {told}")
        elif not found and not self.problems:
            self.problems.append(
                "no column says whose record a row is: head one of them 'owner id' or 'record id', "
                'or say it in map.toml, such as "Driver" = { is = "owner id" } (plan --suggest '
                f"writes a first map). {nearest('', self._table.headings)}"
            )
        keep = found[:1] if told else found
        return [*keep, *(column for column in columns if column.key not in FINDERS)]

    def _check_places(self) -> None:
        labels = [item.label for item in self.type.fields]
        seen: dict[tuple[str, str], str] = {}
        for heading, key, name, _ in self.used:
            other = seen.setdefault((key, name), heading)
            if other != heading:
                self.problems.append(
                    f"columns {other!r} and {heading!r} are the same: say ignore = true for one of "
                    "them in map.toml"
                )
            double = key != "fields" and folded(heading) in map(folded, labels)
            if double and "is" not in self._told.get(heading, {}):
                self.problems.append(
                    f"column {heading!r} may be the record's own, or the field of this label: in "
                    f'map.toml say is = "{folded(heading)}", or is = the id of the field'
                )
        if not self.problems and all(column.key in FINDERS for column in self.used):
            self.problems.append(
                "no column says what should change: head one by what it is, or say it in map.toml. "
                + nearest("", [*map(str.strip, PLACES), *labels])
            )

    def _check_words(self) -> None:
        """Words that keep or clear must be nothing that a cell could mean."""
        options = {
            folded(option.label): item.label
            for item in self.type.fields
            for option in item.options or ()
        }
        for word in [*self._keep - {""}, *([self._clear] if self._clear else ())]:
            clears = word == self._clear
            is_value = cells.is_value(word) or (clears and cells.is_iso(word))
            why = f"is an option of {options[folded(word)]!r}" if folded(word) in options else ""
            why = why or ("could be a date or a number" if is_value else "")
            why = why or ("both keeps and clears" if clears and folded(word) in self._keep else "")
            if why:
                self.problems.append(f"{word!r} {why}: choose another word for keep or clear")


def texts_of(table: Table, heading: str) -> set[str]:
    """Return the different texts of a column, the blank one left out."""
    place = table.headings.index(heading)
    return {line.cells[place] for line in table if not line.problem} - {""}


def place_of(name: str) -> tuple[str, str]:
    """Return the key in a row, and the key of the external id, that a name means; empty if none."""
    for known, key in PLACES.items():
        found = re.fullmatch(rf"\s*{known}(.*)", name, re.IGNORECASE)
        if found and bool(found[1].strip()) == known.endswith(" "):
            return key, found[1].strip()
    return "", ""


def _identity(key: str, text: str) -> Any:
    if not text:
        return UNSET
    return f"{key}:{cells.identifier(text)}" if key else cells.identifier(text)


def _listed(separator: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(separator) if part.strip()]
    if not parts:
        raise InvalidInput(f"{text!r:.80} names no option: leave the cell blank to keep all")
    return parts


def _said(column: Column) -> str:
    place = next((name for name, key in PLACES.items() if key == column.key), "")
    name = place + column.name if place else column.name
    same = folded(name) == folded(column.heading)
    return repr(column.heading) + ("" if same else f" is {name!r}")
