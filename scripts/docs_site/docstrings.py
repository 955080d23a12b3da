"""Our docstrings as reStructuredText: an indented block after an empty line is an example."""

from __future__ import annotations

import re

EXAMPLE = re.compile(r"(?m)(?<=\n\n)((?:    .*\n(?:\n(?=    ))?)+)")


def adapt(
    _app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """Mark the examples in a docstring as such."""
    text = "\n".join([*lines, ""])
    lines[:] = EXAMPLE.sub(r".. code-block:: none\n\n\1\n", text).splitlines()
