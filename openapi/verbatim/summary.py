"""The text of a model for people: short, whatever the model holds, and never an error."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from reprlib import Repr
from typing import Any
from uuid import UUID

from .types import UNSET

_INSIDE = 2  # so many properties show of a model that is inside another one


def summary(self: object) -> str:
    """
    Return the text of a model: `Owner(entity_type='worker', id='281474')`.

    What is absent or empty does not show. A list shows its length, a long text its two ends, and a
    model inside of the model its first two properties.
    """
    try:
        return _SHORT.model(self)
    except Exception:  # noqa: BLE001  a repr must not raise; that of a value inside may
        return object.__repr__(self)


class _Short(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 60
        self.maxlevel = 2

    def model(self, model: Any, most: int | None = None) -> str:
        values = {field.name: getattr(model, field.name) for field in model.__attrs_attrs__}
        texts = {name: self.repr(value) for name, value in values.items() if value is not UNSET}
        shown = [f"{name}={text}" for name, text in texts.items() if text[-2:] not in {"{}", "()"}]
        cut = ["..."] if shown[:most] != shown else []
        return f"{type(model).__name__}({', '.join(shown[:most] + cut)})"

    def repr_list(self, x: list[Any], level: int) -> str:
        return f"[{len(x)} {'item' if len(x) == 1 else 'items'}]"

    def repr_instance(self, x: Any, level: int) -> str:
        if hasattr(x, "__attrs_attrs__"):
            return self.model(x, _INSIDE)
        if isinstance(x, Enum):
            return self.repr1(x.value, level)
        if isinstance(x, UUID):
            return f"'{x}'"
        if isinstance(x, datetime):
            return x.isoformat().replace("+00:00", "Z")
        return x.isoformat() if isinstance(x, date) else super().repr_instance(x, level)


_SHORT = _Short()
