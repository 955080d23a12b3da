"""Text of others made fit for ours: one line, printable, bounded."""

from __future__ import annotations

from typing import Final

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
