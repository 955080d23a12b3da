"""What the text of a cell means: a date, a number, options, an id; and what Excel has spoilt."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ..errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FORMATS: Final = ("iso", "excel", "excel-1904")
"""The formats of dates besides those of `strptime`: 2026-08-27, and days since 1900 or 1904."""

_GUESSES: Final = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "excel"),
)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_SERIAL: Final = re.compile(r"(\d{1,6})(\.\d+)?")
_BELIEVED_SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119: what is taken for a date unasked
_LEAP: Final = 60  # Excel's 29 February 1900, a day that never was
_DIGITS: Final = 15  # that a double, and Excel, keeps
_SPOILT: Final = {
    r"[+-]?\d+([.,]\d+)?E\+?\d+": (
        "is a number that Excel has shortened, and its digits are lost: format the column as text, "
        "and enter or import the values again"
    ),
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)": (
        "is an error of Excel's, no value: correct the formula, or leave the cell blank"
    ),
    r"=.+": "is a formula: save the file with values in its place",
}
_POINT: Final = re.compile(r"\d+[.,]0+")


def sound(text: str) -> str:
    """
    Return a text that Excel, or a wrong encoding, has not spoilt.

    Raises:
        InvalidInput: It has.
    """
    for pattern, why in _SPOILT.items():
        if re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
            raise InvalidInput(f"{text!r:.80} {why}")
    meant = _unscrambled(text)
    if meant != text or "\N{REPLACEMENT CHARACTER}" in text:
        hint = f" ({meant!r:.80}?)" if meant != text else ""
        raise InvalidInput(
            f"{text!r:.80} was saved with the wrong encoding{hint}: export it again as UTF-8"
        )
    return text


def _unscrambled(text: str) -> str:
    """Return what a text was before UTF-8 was taken for Windows-1252; most are as they were."""
    try:
        return text if text.isascii() else text.encode("cp1252").decode()
    except UnicodeError:
        return text


def is_iso(text: str) -> bool:
    """Return whether a text is an ISO date, perhaps with a time."""
    return _ISO.fullmatch(text) is not None


def check_format(form: str) -> None:
    """Refuse what is no format of dates: it must give back a day that it wrote."""
    day = date(2026, 11, 26)
    try:
        found = form in FORMATS or _parsed(day.strftime(form), form)
    except (ValueError, re.error):
        found = None
    if found is not True and (
        found is None or (found.year, found.month, found.day) != (2026, 11, 26)
    ):
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
    """Return whether a text could be a date or a number."""
    return bool(re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", text)) or any(
        _parsed(text, form) for form in _GUESSES
    )


def identifier(text: str) -> str:
    """Return an id; numbers that were formatted as such are refused."""
    if _POINT.fullmatch(sound(text)):
        raise InvalidInput(
            f"{text!r:.80} is an id that was turned into a number: format the column as text"
        )
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


def moment(text: str, form: str, zone: ZoneInfo | None) -> date:
    """
    Return a date, or an aware datetime, from a text of a declared format.

    Args:
        text: The text.
        form: A format of `strptime`, `"excel"`, `"excel-1904"`, or `"iso"`.
        zone: The time zone of times; a date becomes midnight in it. Without it a date stays one.

    Raises:
        InvalidInput: It is none, or has a time and no zone.
    """
    found = _parsed(text, form)
    if found is None:
        shown = "2026-08-27" if form == "iso" else form
        raise InvalidInput(f"{text!r:.80} is no date of the form {shown}")
    if isinstance(found, datetime) and found.tzinfo:
        return found
    if zone is None:
        if isinstance(found, datetime):
            raise InvalidInput(
                f"{text!r:.80} has a time and no time zone: add one to the column in map.toml, "
                'such as zone = "UTC" or zone = "Europe/Berlin"'
            )
        return found
    local = datetime(*found.timetuple()[:6], tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise InvalidInput(
            f"{text!r:.80} comes twice or never in {zone.key}, where the clocks change then: write "
            "it with its offset, such as 2026-10-25T02:30:00+01:00"
        )
    return local


def _parsed(text: str, form: str) -> date | None:
    """Return a date, or a datetime where the text has a time; None if it fits no format."""
    try:
        if form.startswith("excel"):
            return _from_serial(text, form)
        if form == "iso":
            if not is_iso(text):
                return None
            return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)  # noqa: PLR2004  2026-08-27
        found = datetime.strptime(text, form)  # noqa: DTZ007  the column says the zone
        if re.fullmatch("(%[a-zA-Z])+", form) and found.strftime(form) != text:
            return None  # without separators, 2026111 would be a day in January or in November
    except (ValueError, OverflowError):
        return None
    return found if re.search("%[HIMSzcX]", form) else found.date()


def _from_serial(text: str, form: str) -> date | None:
    serial = _SERIAL.fullmatch(text)
    if serial is None or (form == "excel" and int(serial[1]) in {0, _LEAP}):
        return None
    days = int(serial[1])
    first = date(1904, 1, 1) if form != "excel" else date(1899, 12, 31 if days < _LEAP else 30)
    day = first + timedelta(days)
    seconds = round(float(serial[2] or 0) * 86_400)
    if not seconds:
        return day
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001  the same


def guesser(texts: Callable[[], Iterable[str]]) -> Callable[[str], str]:
    """
    Return what says, of a text that is no ISO date, how its column seems to write dates.

    Args:
        texts: Gives the column's texts; asked once, and only if there is something to say.
    """

    @cache
    def counted() -> dict[str, int]:
        return guesses(texts())

    def advice(text: str) -> str:
        fits = {form: day for form in _GUESSES if (day := _guess(text, form))}
        if not fits:
            return f"{text!r:.80} is no date of the form 2026-08-27, nor of another known one"
        listed = " or ".join(f"{day} ({form})" for form, day in fits.items())
        counts = counted()
        forms = ", ".join(f"{form} fits {counts[form]:,}" for form in fits)
        best = max(fits, key=lambda form: counts[form])
        clear = list(counts.values()).count(counts[best]) == 1
        return (
            f"{text!r:.80} {'is ambiguous' if len(fits) > 1 else 'has no declared format'}: it may "
            f"be {listed}. Of the column's dates, {forms}: add format = "
            f'"{best if clear else "…"}" to the column in map.toml'
        )

    return advice


def guesses(texts: Iterable[str]) -> dict[str, int]:
    """Return how many of the texts that are no ISO dates each known format fits."""
    odd = [text for text in texts if not is_iso(text)]
    return {form: sum(bool(_guess(text, form)) for text in odd) for form in _GUESSES}


def _guess(text: str, form: str) -> date | None:
    found = _parsed(text, form)
    if form == "excel" and found and int(float(text)) not in _BELIEVED_SERIALS:
        return None
    return found
