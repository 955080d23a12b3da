"""The API token: checked, asked for anew where it rotates, and taken out of every text."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from ._text import redactor
from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 8
"""How many of the latest tokens are taken out of texts: a server may echo the one before."""


class Token:
    """
    A client's token.

    Args:
        given: The token, what returns it, or `None` for that of the environment.

    Attributes:
        latest: The token as it was last known.

    Raises:
        ConfigurationError: It cannot be a token; the text does not show it.
    """

    def __init__(self, given: str | Callable[[], str] | None) -> None:
        self._ask = given if callable(given) else None
        source = "SAMSARA_API_TOKEN" if given is None else "token"
        found = os.environ.get("SAMSARA_API_TOKEN") if given is None else given
        self._redactors: dict[str, Callable[[str], str]] = {}
        self._lock = threading.Lock()
        self.latest: str = ""
        if self._ask:
            self.current()
        elif found is None:
            raise ConfigurationError("No API token: pass token=... or set SAMSARA_API_TOKEN")
        else:
            self._use(_checked(source, found))

    @property
    def rotates(self) -> bool:
        """Whether it has to be asked for before each request."""
        return self._ask is not None

    def current(self) -> str:
        """
        Return the token to send.

        Raises:
            ConfigurationError: What returns it raised, or what it returned cannot be a token.
        """
        if self._ask:
            failure = ""
            value: object = None
            try:
                value = self._ask()
            except Exception as error:  # noqa: BLE001  it is the caller's code
                failure = type(error).__name__  # its text may hold the token
            if failure:
                raise ConfigurationError(f"the function passed as token raised {failure}")
            if not value or value != self.latest:
                self._use(_checked("what the function passed as token returns", value))
        return self.latest

    def redact(self, text: str) -> str:
        """Return a text without the token, and without those before it."""
        for redact in tuple(self._redactors.values()):
            text = redact(text)
        return text

    def _use(self, value: str) -> None:
        redact = redactor(value)
        with self._lock:
            self._redactors = dict([*self._redactors.items(), (value, redact)][-KEPT:])
        self.latest = value


def _checked(source: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"{source} must be a string, not {type(value).__name__}")
    if not value:
        raise ConfigurationError(f"{source} is empty: it must be a Samsara API token")
    if value.lower().startswith("bearer ") or set(value) & set("\"'"):
        raise ConfigurationError(
            f"{source} holds 'Bearer' or quotes: pass the token alone (the value is not shown here)"
        )
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigurationError(
            f"{source} holds a blank, a line end or another character that no token has: "
            "strip what was read from a file (the value is not shown here)"
        )
    return value
