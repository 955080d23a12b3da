"""Each page beside its HTML as plain text, and `llms.txt`, which lists them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders.text import TextBuilder
from sphinx.writers.text import TextTranslator

from docs_site import contents, sources

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the plain forms, once the site is built."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    builder = TextBuilder(app, app.env)
    builder.secnumbers = {}
    texts = {page: _text(builder, page) for page in contents.PAGES}
    for page, text in texts.items():
        (folder / f"{page}.md").write_text(text, "utf-8")
    (folder / "llms.txt").write_text(_overview(texts), "utf-8")


def _text(builder: TextBuilder, page: str) -> str:
    """Return a page's Markdown; of the reference, which is made of docstrings, plain text."""
    if (sources.DOCS / f"{page}.md").exists():
        return (
            sources.markdown(page).replace(".rst)", ".md)").replace("(windows", "(_images/windows")
        )
    document = builder.env.get_and_resolve_doctree(page, builder)
    translator = TextTranslator(document, builder)
    document.walkabout(translator)
    return translator.body


def _overview(texts: dict[str, str]) -> str:
    title, first = _opening(texts["index"])
    lines = [f"# {title}", "", f"> {first}"]
    for section, pages in contents.CONTENTS.items():
        lines += ["", f"## {section}", ""]
        for page in pages:
            name, sentence = _opening(texts[page])
            lines.append(f"- [{name}]({page}.md): {sentence}")
    return "\n".join([*lines, ""])


def _opening(text: str) -> tuple[str, str]:
    """Return a page's title, and its first sentence."""
    title, _, rest = text.partition("\n")
    paragraph = next(part for part in rest.lstrip("*=\n").split("\n\n") if part.strip())
    words = re.sub(r"\[([^][]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return title.lstrip("# "), re.split(r"(?<=\.) (?=[A-Z])", words)[0]
