"""Text of others made fit for ours: one line, printable, bounded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

BRIEF: Final = 500
"""Characters of another's text that are kept."""

LONG: Final = 1_500
"""Characters that a message of ours has at most."""


def printable(text: str, most: int = BRIEF) -> str:
    """
    Return a text that any terminal, log or encoding can take.

    Args:
        text: Any text, such as a server's.
        most: How many characters are kept.

    Returns:
        One line; what is not printable (control characters, halves of surrogate pairs, marks that
        turn the direction of writing) is replaced, blanks are joined.
    """
    line = " ".join(text[: 4 * most].split())
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line
    )
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


PART: Final = 12
"""So many characters of a secret, one after the other, are a part of it and no chance."""


def redactor(secret: str) -> Callable[[str], str]:
    """
    Return what takes a secret out of a text.

    Long parts of it go, too, in capitals or not: texts are cut, and header values are lowered.
    """
    size = min(PART, len(secret))
    low = secret.lower()
    parts = dict.fromkeys(low[at : at + size] for at in range(len(low) - size + 1))
    known = re.compile("|".join(map(re.escape, parts)), re.IGNORECASE | re.ASCII)

    def redact(text: str) -> str:
        kept: list[str] = []
        done = 0
        for found in known.finditer(text):
            if found.start() < done:
                continue
            at, end = low.index(found[0].lower()) + size, found.end()
            while at < len(low) and text[end : end + 1].lower() == low[at]:
                at, end = at + 1, end + 1
            kept += text[done : found.start()], "[token]"
            done = end
        return "".join([*kept, text[done:]])

    return redact
