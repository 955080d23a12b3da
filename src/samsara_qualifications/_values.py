"""Check what a caller passes in: each function returns the value as the wire needs it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import cast
from uuid import UUID

from ._wire import models
from .errors import InvalidInput
from .sentinels import EPOCH


def instant(name: str, value: object, *, epoch_clears: bool = True) -> datetime:
    """
    Return a moment as an aware datetime in UTC.

    Args:
        name: The argument's name, for the message.
        value: An aware datetime, or a date, which means midnight UTC.
        epoch_clears: Whether the epoch would clear something, and is refused.

    Raises:
        InvalidInput: Any other value: `None`, a naive datetime, the epoch, text.
    """
    if value is None:
        raise InvalidInput(
            f"{name}=None is ambiguous: leave {name} out (or pass UNSET) to keep the date, "
            "or pass CLEAR to remove the expiration date"
        )
    if not isinstance(value, date):
        raise InvalidInput(f"{name} must be an aware datetime or a date, not {_shown(value)}")
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    if value.utcoffset() is None:
        raise InvalidInput(
            f"{name}={value.isoformat()} has no time zone: add one, "
            "such as value.replace(tzinfo=datetime.UTC)"
        )
    if epoch_clears and value == EPOCH:
        raise InvalidInput(
            f"{name}={value.isoformat()} is the value that clears an expiration date: use CLEAR if "
            "that is meant; an empty date in a database often looks like this"
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"{name}={value.isoformat()} is out of range in UTC") from None


def text(name: str, value: object) -> str:
    """Return a string that UTF-8 can carry; it may be empty."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string, not {_shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInput(
            f"{name}={value!a} holds a lone surrogate, which no UTF-8 can carry"
        ) from None
    return value


def identifier(name: str, value: object) -> str:
    """Return an id: a string that is not empty, has no outer blanks and no control characters."""
    checked = text(name, value)
    if not checked or checked != checked.strip() or not checked.isprintable():
        raise InvalidInput(
            f"{name}={checked!r} is no id: it must not be empty, nor begin or end with a blank, "
            "nor hold control characters"
        )
    return checked


def identifiers(name: str, values: object) -> list[str]:
    """Return ids for a comma-joined parameter, each once, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidInput(f"{name} must be a sequence of ids, not {_shown(values)}")
    items = cast("Iterable[object]", values)
    checked = [identifier(f"{name}[{index}]", value) for index, value in enumerate(items)]
    for value in checked:
        if "," in value:
            raise InvalidInput(
                f"{name} holds {value!r}: ids go out joined by commas, so none may hold one"
            )
    return list(dict.fromkeys(checked))


def uuid(name: str, value: object) -> UUID:
    """Return a UUID from a UUID or its usual text form."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)  # type: ignore[arg-type]  # refused below, whatever it is
    except (ValueError, AttributeError, TypeError):
        raise InvalidInput(
            f"{name}={_shown(value)} is no UUID, such as 9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
        ) from None


def entity_type(name: str, value: object) -> models.EntityType:
    """Return a kind of owner."""
    known = [kind.value for kind in models.EntityType]
    if value not in known:
        raise InvalidInput(f"{name}={_shown(value)} must be one of {', '.join(map(repr, known))}")
    return models.EntityType(value)


def flag(name: str, value: object) -> bool:
    """Return a truth value; nothing else is taken for one."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {_shown(value)}")
    return value


def number(name: str, value: object) -> float:
    """Return a finite number; bool and Decimal are refused."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be an int or a float, not {_shown(value)}")
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise InvalidInput(
            f"{name}={value!r:.40} is no finite double, which is what JSON can carry"
        )
    return value


def external_ids(name: str, value: object) -> dict[str, str]:
    """Return a map from the name of another system to the object's id there."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must map strings to strings, not {_shown(value)}")
    items = cast("Mapping[object, object]", value).items()
    return {identifier(f"{name} key", key): text(f"{name}[{key!r}]", item) for key, item in items}


def seconds(name: str, value: object) -> float:
    """Return a time span: a number of seconds that is not negative; infinity is allowed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be seconds as a number, not {_shown(value)}")
    if math.isnan(value) or value < 0:
        raise InvalidInput(f"{name}={value!r} is no time span: pass seconds, 0 or more")
    return value


def _shown(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r:.80}"
