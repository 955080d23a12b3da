"""
The text of the pages, completed before Sphinx reads it.

A line `<!-- insert: NAME ARGUMENT -->`, or `.. insert: NAME`, becomes what `INSERTIONS` makes of
it, or, where it says `file`, a file of the repository, without its title. Links to files of the
repository lead to the page that shows the file; where none does, only their words stay.
"""

from __future__ import annotations

import functools
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docs_site import contents, insertions

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
SHOWN: Final = {
    "CHANGELOG.md": "changelog.md",
    "benchmarks/RESULTS.md": "results.md",
    "contract_tests/README.md": "contract.md",
}
"""Files elsewhere in the repository, and the pages that show them."""

_INSERT: Final = re.compile(r"(?m)^(?:<!--|\.\.) insert: (\S+) ?(.*?)(?: -->)?$")
_LINK: Final = re.compile(r"(?<!!)\[([^][]*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def read(_app: Sphinx, page: str, source: list[str]) -> None:
    """Complete a page when Sphinx has read its file."""
    if (DOCS / f"{page}.md").exists():
        text = markdown(page).replace("```csv ", "```none ")  # no lexer is called csv
        source[0] = text + (contents.sidebar() if page == "index" else "")
    else:
        source[0] = _INSERT.sub(lambda found: insertions.INSERTIONS[found[1]](""), source[0])


@functools.cache
def markdown(page: str) -> str:
    """Return the Markdown of a page, complete."""
    path = DOCS / f"{page}.md"
    text = _INSERT.sub(lambda found: _inserted(path, *found.groups()), path.read_text("utf-8"))
    return _relinked(text, posixpath.join("docs", page), page)


def _inserted(path: Path, name: str, argument: str) -> str:
    if name == "file":
        _, _, text = (DOCS.parent / argument).read_text("utf-8").partition("\n")
        return _relinked(text, argument, path.relative_to(DOCS).with_suffix("").as_posix())
    return insertions.INSERTIONS[name](argument).rstrip()


def _relinked(text: str, place: str, page: str) -> str:
    """Return a text that stood at a place of the repository, with links that suit a page."""

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found.groups()
        file = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        shown = SHOWN.get(file, file.removeprefix("docs/") if file.startswith("docs/") else "")
        if not shown or not (DOCS / shown).exists():
            return str(words)
        way = posixpath.relpath(shown, posixpath.dirname(page) or ".")
        return f"[{words}]({way}{anchor or ''})"

    return _LINK.sub(link, text)
