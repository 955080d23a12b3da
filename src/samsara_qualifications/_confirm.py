"""
Whether a record that was read back shows an update.

Each check returns True (it is there), False (it is not) or None (it cannot be compared). Both sides
are JSON values, as the models' `to_dict` gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from ._wire import models
from .sentinels import EPOCH

_Json = Mapping[str, Any]
_SECOND: Final = timedelta(seconds=1)


def is_applied(sent: Mapping[str, Any], record: models.QualificationRecord) -> bool | None:
    """
    Return whether a record shows an update.

    Moments are the same within a second, as a server may cut fractions off; in a field of calendar
    days it is enough that the day is the same, in one of times of day, that the time is. An empty
    text or list is there where the record shows none. A table is there if it has the rows sent and
    no others, with the cells sent; their order does not count. Media and signatures cannot be
    compared, nor external ids that were not read.

    Args:
        sent: The update's body, as `UpdateQualificationRecordRequest.to_dict` gives it. Its `id` is
            not compared: the record is the one that was updated.
        record: The record, read after the update.

    Returns:
        True where all that can be compared is there, False where something is not, None where
        nothing can be compared.
    """
    return shows(record.to_dict(), sent)


def shows(shown: _Json, sent: _Json) -> bool | None:
    """Do what `is_applied` does, for a record as its `to_dict` gives it."""
    return _all(_checks(sent, shown))


def _all(checks: Iterator[bool | None]) -> bool | None:
    found = set(checks)
    return False if False in found else True if True in found else None


def _checks(sent: _Json, shown: _Json) -> Iterator[bool | None]:
    if "issueDate" in sent:
        yield _same_moment(sent["issueDate"], shown["issueDate"])
    if "expirationDate" in sent:
        yield _same_expiration(sent["expirationDate"], shown.get("expirationDate"))
    if "owner" in sent:
        yield all(sent["owner"][key] == shown["owner"][key] for key in ("entityType", "id"))
    yield from _same_values(sent.get("fields", []), shown["fields"])
    for key, value in sent.get("externalIds", {}).items():
        yield shown["externalIds"].get(key, "") == value if "externalIds" in shown else None


def _same_expiration(sent: str, shown: str | None) -> bool:
    return _same_moment(sent, EPOCH.isoformat() if shown is None else shown)


def _same_moment(sent: str, shown: str) -> bool:
    return abs(_instant(sent) - _instant(shown)) < _SECOND


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _same_values(sent: list[_Json], shown: list[_Json]) -> Iterator[bool | None]:
    """Check fields or cells by their ids."""
    known = {item["id"]: item for item in shown}
    for item in sent:
        for key, value in item.items():
            if key not in {"id", "type"}:
                same = _SAME.get(key)
                yield same(value, known.get(item["id"], {}).get(key, {})) if same else None


def _same_number(sent: _Json, shown: _Json) -> bool:
    return "value" in shown and float(sent["value"]) == float(shown["value"])


def _same_text(sent: _Json, shown: _Json) -> bool:
    return bool(sent["value"] == shown.get("value", ""))


def _same_option(sent: _Json, shown: _Json) -> bool:
    return bool(sent["valueId"].casefold() == shown.get("valueId", "").casefold())


def _same_options(sent: _Json, shown: _Json) -> bool:
    ids, there = ({text.casefold() for text in it.get("valueIds", [])} for it in (sent, shown))
    return ids == there


def _same_date_time(sent: _Json, shown: _Json) -> bool:
    if "value" not in shown:
        return False
    asked, day = _instant(sent["value"]), shown.get("dateValue")
    if shown["type"] == "date" and day is not None and asked.date() == date.fromisoformat(day):
        return True
    gap = asked - _instant(shown["value"])
    if shown["type"] == "time":
        gap = (gap + _SECOND) % timedelta(days=1) - _SECOND
    return abs(gap) < _SECOND


def _same_person(sent: _Json, shown: _Json) -> bool:
    user = shown.get("person", {}).get("polymorphicUserId", {})
    identity, kind = user.get("id"), user.get("type")
    return sent["person"]["polymorphicUserId"] in {identity, f"{kind}-{identity}"}


def _same_barcodes(sent: _Json, shown: _Json) -> bool:
    texts, there = ([item["value"] for item in it.get("barcodes", [])] for it in (sent, shown))
    return texts == there


def _same_table(sent: _Json, shown: _Json) -> bool:
    """Check the rows; one that was not sent may be one that the update removes."""
    rows = {row["id"]: row["cells"] for row in shown.get("rows", [])}
    if rows.keys() != {row["id"] for row in sent["rows"]}:
        return False
    return all(same_cells(row, rows[row["id"]]) for row in sent["rows"])


def same_cells(sent: _Json, shown: list[_Json]) -> bool:
    """Return whether the cells of a table's row are there, as far as they can be compared."""
    return _all(_same_values(sent["cells"], shown)) is not False


_SAME: Final[dict[str, Callable[[_Json, _Json], bool]]] = {
    "numberValue": _same_number,
    "textValue": _same_text,
    "multipleChoiceValue": _same_option,
    "checkBoxesValue": _same_options,
    "dateTimeValue": _same_date_time,
    "tableValue": _same_table,
    "personValue": _same_person,
    "barcodeValue": _same_barcodes,
}
