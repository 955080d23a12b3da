"""What the text of a cell means: a date, a number, options, an id; and what Excel has spoilt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..errors import InvalidInput

FORMATS: Final = ("iso", "excel", "excel-1904")
"""The formats of dates besides those of `strptime`: 2026-08-27, and days since 1900 or 1904."""

_PLAIN: Final = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%b %d, %Y", "%B %d, %Y"),
)
_GUESSES: Final = (
    *(*_PLAIN, "excel"),
    *(day + time for day in _PLAIN for time in (" %H:%M", " %H:%M:%S", " %I:%M %p")),
)
_NOTHING: Final = re.compile(
    r"[(\[<]?(null|none|nan|nat|nil|n/?a|n\.a\.?|undefined)[)\]>]?|\\N|[-\u2010-\u2015\u2212]+|[?.]+",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_BELIEVED_SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119: what is taken for a date unasked
_LEAP: Final = 60  # Excel's 29 February 1900, a day that never was
_DIGITS: Final = 15  # that a double, and Excel, keeps
_NUMBERED: Final = "is an id that was turned into a number: format the column as text"
_SPOILT: Final = {
    r"[+-]?(\d+([.,]\d+)?E\+|\d+[.,]\d+E)\d+": (
        "is a number that Excel has shortened, and its digits are lost: format the column as text, "
        "and enter or import the values again"
    ),
    r"#(N/?[A-Z]|[^\s#]+[!?]|#+)": (  # in any language: #N/A, #NV, #REF!, #WERT!, #NAME?
        "is an error of Excel's, no value: correct the formula, or leave the cell blank"
    ),
    r"=.+": "is a formula: save the file with values in its place",
    r".*[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff].*": (
        "holds a character that nobody sees: write it anew, by hand"
    ),
}


def sound(text: str) -> str:
    """Return a text, unless Excel or a wrong encoding has spoilt it."""
    for pattern, why in _SPOILT.items():
        if re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
            raise InvalidInput(f"{text!r:.80} {why}")
    meant = text
    with suppress(UnicodeError):  # as most do: they are not UTF-8 that was read as Windows-1252
        meant = text.encode("cp1252").decode()
    if meant != text or "\N{REPLACEMENT CHARACTER}" in text:
        hint = f" ({meant!r:.80}?)" if meant != text else ""
        raise InvalidInput(
            f"{text!r:.80} was saved with the wrong encoding{hint}: export it again as UTF-8"
        )
    return text


def is_iso(text: str) -> bool:
    """Return whether a text is an ISO date, perhaps with a time."""
    return _ISO.fullmatch(text) is not None


def check_format(form: str) -> None:
    """Refuse what is no format of dates: it must give back a day that it wrote."""
    found = None
    with suppress(ValueError, re.error):
        if re.search("%[YyGcx]", form):  # Python 3.13 warns of days without a year
            found = _parsed(date(2026, 11, 26).strftime(form), form)
    if form not in FORMATS and (found is None or found.strftime("%Y%m%d") != "20261126"):
        raise InvalidInput(
            f"format = {form!r} is no format of dates: write it like %d.%m.%Y or %m/%d/%Y, or one "
            f"of {', '.join(FORMATS)}"
        )


def time_zone(name: str) -> ZoneInfo | None:
    """Return a time zone; `None` for no name."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError):
        raise InvalidInput(
            f"zone = {name!r} is no time zone: write UTC, or a city such as Europe/Berlin"
        ) from None


def is_value(text: str) -> bool:
    """Return whether a text could be a number, or a date that somebody believes."""
    days = (_parsed(text, form) for form in ("iso", *_GUESSES))
    number = re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", text)
    return bool(number) or any(day and 1950 <= day.year < 2100 for day in days)  # noqa: PLR2004


def words(text: str) -> str:
    """Return a text; what other systems write for none is refused."""
    if _NOTHING.fullmatch(text):
        raise InvalidInput(
            f"{text!r:.80} is what other systems write for an empty cell: if it is one, say "
            f'keep = ["{text}"] in map.toml'
        )
    if re.fullmatch(r"\d{5,}\.0", text):
        raise InvalidInput(f"{text!r:.80} {_NUMBERED}")
    return text


def identifier(text: str) -> str:
    """Return an id; numbers that were formatted as such are refused."""
    if re.fullmatch(r"\d+[.,]0+", words(sound(text))):
        raise InvalidInput(f"{text!r:.80} {_NUMBERED}")
    return text


def number(text: str, decimal: str) -> int | float:
    """Return a number; only the declared decimal sign is taken, and no thousands separator."""
    if not re.fullmatch(rf"[+-]?\d+({re.escape(decimal)}\d+)?", sound(text), re.ASCII):
        way = 'add decimal = "," to the column if that is its decimal sign, else '
        way = way if decimal == "." and text.count(",") == 1 else ""
        raise InvalidInput(
            f"{text!r:.80} is no number with {decimal!r} as its decimal sign: {way}write it "
            "without a unit, blanks or thousands separators"
        )
    if sum(map(str.isdigit, text.strip("+-0"))) > _DIGITS:
        raise InvalidInput(f"{text!r:.80} has more than {_DIGITS} digits: no number keeps them")
    plain = text.replace(decimal, ".")
    return float(plain) if "." in plain else int(plain)


def moment(text: str, form: str, zone: ZoneInfo | None, *, day: bool = False) -> date:
    """
    Return a date, or an aware datetime, from a text of a declared format.

    The zone is that of times, and a date becomes midnight in it; without it a date stays one. Where
    a day is wanted, it is the one that is written, whatever time and offset stand beside it.
    """
    found = _parsed(text, form)
    if found is None:
        shown = "2026-08-27" if form == "iso" else form
        raise InvalidInput(f"{text!r:.80} is no date of the form {shown}")
    if day:
        return day_of(found)
    at = found.timetz() if isinstance(found, datetime) else None
    if (at and at.tzinfo) or (at is None and zone is None):
        return found
    if zone is None:
        raise InvalidInput(
            f"{text!r:.80} has a time and no time zone: add one to the column in map.toml, "
            'such as zone = "UTC" or zone = "Europe/Berlin"'
        )
    local = datetime.combine(found, at or time(), zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise InvalidInput(
            f"{text!r:.80} comes twice or never in {zone.key}, where the clocks change then: write "
            "it with its offset, such as 2026-10-25T02:30:00+01:00"
        )
    return local


def centuries(found: date, form: str) -> list[date]:
    """Return the dates that one may be: a year of two digits leaves the century open."""
    years = (-100, 0, 100) if "%y" in form else (0,)
    return [it for it in (_moved(found, number) for number in years) if it]


def _moved(found: date, years: int) -> date | None:
    with suppress(ValueError):  # 29 February
        return found.replace(year=found.year + years)
    return None


def day_of(moment: date) -> date:
    """Return the day of a date or a datetime."""
    return date(moment.year, moment.month, moment.day)


def _parsed(text: str, form: str) -> date | None:
    """Return a date, or a datetime where the text has a time; None if it fits no format."""
    try:
        if form.startswith("excel"):
            return _from_serial(text, form)
        if form == "iso":
            found = datetime.fromisoformat(text) if is_iso(text) else None
            return found.date() if found and ":" not in text else found
        found = datetime.strptime(text, form)  # noqa: DTZ007  the column says the zone
        if re.fullmatch("(%[a-zA-Z])+", form) and found.strftime(form) != text:
            return None  # without separators, 2026111 would be a day in January or in November
    except (ValueError, OverflowError):
        return None
    return found if re.search("%[HIMSzcX]", form) else found.date()


def _from_serial(text: str, form: str) -> date | None:
    serial = re.fullmatch(r"(\d{1,6})(\.\d+)?", text, re.ASCII)
    days = int(serial[1]) if serial else 0
    if serial is None or (form == "excel" and days in {0, _LEAP}):
        return None
    first = datetime(1904, 1, 1)  # noqa: DTZ001  the column says the zone
    if form == "excel":
        first = datetime(1899, 12, 31 if days < _LEAP else 30)  # noqa: DTZ001  the same
    found = first + timedelta(days, round(float(serial[2] or 0) * 86_400))
    return found if found.time() != time() else found.date()


def guesses(texts: Iterable[str]) -> dict[str, int]:
    """Return how many of the texts that are no ISO dates each known format fits."""
    odd = [text for text in texts if not is_iso(text)]
    return {form: sum(_guess(text, form) is not None for text in odd) for form in _GUESSES}


def advice(text: str, counts: Mapping[str, int]) -> str:
    """Say how a text that is no ISO date may be read, beside what fits the rest of its column."""
    fits = {form: day for form in _GUESSES if (day := _guess(text, form))}
    if not fits:
        return f"{text!r:.80} is no date of the form 2026-08-27, nor of another known one"
    listed = " or ".join(f"{day} ({form})" for form, day in fits.items())
    forms = ", ".join(f"{form} fits {counts[form]:,}" for form in fits)
    best = [form for form in fits if counts[form] == max(counts.values())]
    return (
        f"{text!r:.80} {'is ambiguous' if len(fits) > 1 else 'has no declared format'}: it may be "
        f"{listed}. Of the column's different dates, {forms}: add format = "
        f'"{best[0] if len(best) == 1 else "…"}" to the column in map.toml'
    )


def _guess(text: str, form: str) -> date | None:
    found = _parsed(text, form) if (":" in form) == (":" in text) else None
    far = form == "excel" and found and int(float(text)) not in _BELIEVED_SERIALS
    return None if far else found
