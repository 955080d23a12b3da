"""Check what a caller passes in: each function returns the value as the wire needs it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast
from uuid import UUID

from ._wire import models
from .budget.window import is_number
from .errors import InvalidInput
from .sentinels import CLEAR, EPOCH, Exactly

UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMPTY_DAYS: Final = {  # where .NET, SQL Server, Access and the two Excels begin to count
    *(date(1, 1, 1), date(1753, 1, 1), date(1899, 12, 30)),
    *(date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1)),
}


def instant(name: str, value: object) -> datetime:
    """
    Return a moment as a plain datetime in UTC.

    Args:
        name: The argument's name, for the message.
        value: An aware datetime, or a date, which means midnight UTC.

    Raises:
        InvalidInput: Any other value: `None`, a naive datetime, text.
    """
    if not isinstance(value, date):
        raise InvalidInput(f"{name} must be an aware datetime or a date, not {shown(value)}")
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    try:
        moment = None if value.utcoffset() is None else value.astimezone(UTC)
    except Exception as error:  # noqa: BLE001  a tzinfo and a subclass (pandas.NaT) may raise anything
        raise InvalidInput(f"{name}={shown(value)} is not a valid moment in UTC: {error}") from None
    if moment is None:
        raise InvalidInput(
            f"{name}={value.isoformat()} has no time zone: add one, "
            "such as value.replace(tzinfo=datetime.UTC)"
        )
    return datetime.combine(moment.date(), moment.time(), UTC)


def expiration(name: str, value: object, way_out: str) -> datetime:
    """
    Return when something expires; what stands for an empty date in other systems is refused.

    Such a date, sent by mistake, would clear a licence or let it expire at once: the epoch, the day
    before it in another time zone, 1899-12-30, 1900-01-01, 0001-01-01. None of them, and nothing
    else before 1971, is when a qualification of today expires.
    """
    if isinstance(value, Exactly):
        return instant(name, cast("Exactly[object]", value).value)
    moment = instant(name, value)
    if moment.year <= EPOCH.year:
        raise _empty(name, moment, way_out)
    return moment


def no_empty_date(name: str, value: object, way_out: str) -> datetime:
    """
    Return a moment as `instant` does; `Exactly` lets an empty date pass.

    Raises:
        InvalidInput: It is none, or it is the epoch's second, or on a day that databases and
            spreadsheets write for an empty date.
    """
    if isinstance(value, Exactly):
        return instant(name, cast("Exactly[object]", value).value)
    moment = instant(name, value)
    own = value if isinstance(value, datetime) else moment
    days = {datetime.date(own), moment.date()}
    if days & _EMPTY_DAYS or abs(moment - EPOCH) < timedelta(seconds=1):
        raise _empty(name, own, way_out)
    return moment


def _empty(name: str, moment: datetime, way_out: str) -> InvalidInput:
    return InvalidInput(
        f"{name}={datetime.isoformat(moment)} is what an empty date looks like in a database or a "
        f"spreadsheet: {way_out}, or pass Exactly(value) if this very date is meant"
    )


def text(name: str, value: object) -> str:
    """Return a plain string that UTF-8 can carry; it may be empty."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string, not {shown(value)}")
    if not is_encodable(value):
        raise InvalidInput(f"{name}={value!a:.80} holds a lone surrogate, which no UTF-8 can carry")
    return str.__str__(value)  # of an enum's member, its value


def is_encodable(text: str) -> bool:
    """Return whether UTF-8 can carry a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def filled_text(name: str, value: object) -> str:
    """
    Return a text that is not blank; `CLEAR` is the empty text, and `Exactly` lets a blank one pass.

    Raises:
        InvalidInput: It is no text, or a blank one.
    """
    if value is CLEAR:
        return ""
    if isinstance(value, Exactly):
        return text(name, cast("Exactly[object]", value).value)
    checked = text(name, value)
    if not checked.strip():
        raise InvalidInput(
            f"{name}={checked!r:.80} is what an empty cell looks like: leave it out to keep what "
            "is there, pass CLEAR to empty it, or Exactly(value) if this very text is meant"
        )
    return checked


def identifier(name: str, value: object) -> str:
    """
    Return an id: a string that is not empty, has no outer blanks and no control characters.

    A UUID is taken as well, since the client's own results hold some.
    """
    checked = str(value) if isinstance(value, UUID) else text(name, value)
    if not checked or checked != checked.strip() or not checked.isprintable():
        raise InvalidInput(
            f"{name}={checked!r:.80} is not a valid id: it must not be empty, begin or end "
            "with a blank, or hold control characters"
        )
    return checked


def identifiers(name: str, values: object) -> list[str]:
    """Return ids for a comma-joined parameter, each once, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidInput(f"{name} must be a sequence of ids, not {shown(values)}")
    items = cast("Iterable[object]", values)
    checked = [identifier(f"{name}[{index}]", value) for index, value in enumerate(items)]
    for value in checked:
        if "," in value:
            raise InvalidInput(
                f"{name} holds {value!r:.80}: ids go out joined by commas, so none may hold one"
            )
    return list(dict.fromkeys(checked))


def uuid(name: str, value: object) -> UUID:
    """Return a UUID from a UUID or its usual text form."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not UUID_TEXT.fullmatch(value):
        raise InvalidInput(
            f"{name} must be a UUID, such as 9814a1fa-f0c6-408b-bf85-51dc3bc71ac7, "
            f"not {shown(value)}"
        )
    return UUID(value)


def entity_type(name: str, value: object) -> models.EntityType:
    """Return a kind of owner."""
    known = [kind.value for kind in models.EntityType]
    if not isinstance(value, str) or value not in known:
        raise InvalidInput(f"{name}={shown(value)} must be one of {', '.join(map(repr, known))}")
    return models.EntityType(value)


def flag(name: str, value: object) -> bool:
    """Return a truth value; nothing else is taken for one."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {shown(value)}")
    return value


def number(name: str, value: object) -> float:
    """Return a finite plain number; bool and Decimal are refused."""
    if not is_number(value):
        raise InvalidInput(f"{name} must be an int or a float, not {shown(value)}")
    if not is_finite(value):
        raise InvalidInput(f"{name}={shown(value)} must be finite, as JSON has no other numbers")
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def is_finite(value: float) -> bool:
    """Return whether a finite double can carry a number."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def external_ids(name: str, value: object) -> dict[str, str]:
    """Return a map from the name of another system to the object's id there; `CLEAR` empties it."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must map strings to strings, not {shown(value)}")
    items = cast("Mapping[object, object]", value).items()
    return {
        identifier(f"{name} key", key): filled_text(f"{name}[{key!r:.80}]", item)
        for key, item in items
    }


def seconds(name: str, value: object) -> float:
    """Return a time span: a number of seconds that is not negative; infinity is allowed."""
    if not is_number(value):
        raise InvalidInput(f"{name} must be seconds as a number, not {shown(value)}")
    if not value >= 0:
        raise InvalidInput(f"{name}={shown(value)} is not a valid time: pass seconds, 0 or more")
    return float(value) if is_finite(value) else math.inf


def time_span(name: str, value: object) -> float:
    """Return a time span in which something can happen: seconds above 0."""
    span = seconds(name, value)
    if span == 0:
        raise InvalidInput(f"{name}=0 leaves no time for anything: pass seconds above 0")
    return span


def shown(value: object) -> str:
    """Return a value's type and the beginning of its repr, whatever it is."""
    try:
        text = f"{value!r:.80}"
    except Exception:  # noqa: BLE001  an int of 5,000 digits has no repr; others may raise anything
        text = "without a repr"
    return "None" if value is None else f"{type(value).__name__} {text}"
