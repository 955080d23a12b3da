"""Our docstrings, as Sphinx reads them: before Napoleon takes their sections apart, and after."""

from __future__ import annotations

import re
import textwrap
from typing import Final

EXAMPLE: Final = re.compile(r"(?m)(?<=\n\n)((?:    .*\n(?:\n(?=    ))?)+)")
"""An indented block after an empty line."""

RETURNS: Final = re.compile(r"(?ms)^:returns: (.*?)\n:rtype: (.*?)$")
PROPERTY: Final = re.compile(r"(?s)\A(.*?)\n+:type: (.*?)\n*\Z")
"""Napoleon takes what stands before a colon for a type; our types stand in the signature."""


INDENTED: Final = re.compile(r"(?ms)^    Attributes:\n.*")
"""A section of a generated model whose description has several lines."""


def straighten(
    _app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """Put a section at the margin, where Napoleon looks for it."""
    text = "\n".join([*lines, ""])
    lines[:] = INDENTED.sub(lambda found: textwrap.dedent(found[0]), text).splitlines()


def adapt(
    _app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """Mark examples as such, and join the sentences that were taken for a type and a text."""
    text = "\n".join([*lines, ""])
    text = RETURNS.sub(r":returns: \2: \1", text)
    text = PROPERTY.sub(r"\2: \1\n", text)
    lines[:] = EXAMPLE.sub(r".. code-block:: none\n\n\1\n", text).splitlines()


def skip(
    _app: object, _what: str, _name: str, of: object, _skip: object, _options: object
) -> bool | None:
    """Leave out the fields of a named tuple: its own docstring describes them."""
    return True if type(of).__name__ == "_tuplegetter" else None
