"""What the site adds to Sphinx: inserted tables, our docstrings, plain forms and llms.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.domains.python._object import PyObject

from docs_site import docstrings, plain, sources

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Take part in the build."""
    for section in PyObject.doc_field_types:
        if section.name == "variable":
            section.label = "Attributes"
    app.connect("source-read", sources.read)
    app.connect("autodoc-process-docstring", docstrings.straighten, priority=400)
    app.connect("autodoc-process-docstring", docstrings.adapt, priority=600)
    app.connect("autodoc-skip-member", docstrings.skip)
    app.connect("build-finished", plain.write)
    return {"parallel_read_safe": False}
