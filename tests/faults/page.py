"""Write the fault table as a page for readers: `python -m tests.faults.page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.faults.row import ANY, Row
from tests.faults.table import GROUPS, ROWS

PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
OPENING: Final = """# What goes wrong, and what the client makes of it
Each line is a row of `tests/faults/table.py`, which runs against a server on raw sockets, for the
blocking and the async client. This page is made from it: `make faults-doc`.

- A call is an update, sent twice at most, unless the line says otherwise.
- *Requests*: how many the server sees. A proxy's CONNECT is none.
- *Applied*: the exception's `applied`. No: the server did not apply the call. Yes: it did. Unknown:
  nobody can tell, so read the record.
- *Within*: seconds that the call takes at most, by the test's own time-outs, and where it matters
  MiB by which the process grows at most.

Every exception is one of this package, can be pickled, and shows in no text, attribute, log or
pickle the token that the server may send back.
"""
HEAD: Final = """| what happens | requests | outcome | applied | within |
|---|---|---|---|---|
"""
APPLIED: Final = {True: "yes", False: "no", None: "unknown", ANY: ""}


def rendered() -> str:
    """Return the page."""
    rows = f"\n{len(ROWS)} rows.\n"
    return OPENING + rows + "".join(_section(title, lines) for title, lines in GROUPS.items())


def _section(title: str, rows: list[Row]) -> str:
    return f"\n## {title}\n{HEAD}" + "".join(map(_line, rows))


def _line(row: Row) -> str:
    names = (row.outcome,) if isinstance(row.outcome, str) else row.outcome
    outcome = " or ".join(name if name == "success" else f"`{name}`" for name in names)
    within = f"{row.within:g}" + (f", {row.memory} MiB" if row.memory else "")
    cells = [row.what, str(row.requests), outcome, APPLIED[row.applied], within]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(rendered(), "utf-8")
