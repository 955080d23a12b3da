"""The pages of the site, in the order in which a reader meets them."""

from __future__ import annotations

from typing import Final

CONTENTS: Final = {
    "Use it": ("start", "push", "recipes", "how-it-works", "faults"),
    "Test with it": ("testing", "mock", "contract"),
    "Run it": ("deployment", "upstream"),
    "Reference": (
        *("reference/client", "reference/records", "reference/models", "reference/errors"),
        *("reference/budget", "reference/push", "reference/mock", "reference/command"),
        *("reference/environment", "reference/behaviours"),
    ),
    "Trust it": ("compared", "results", "unknown", "changelog"),
}
PAGES: Final = ("index", *(page for pages in CONTENTS.values() for page in pages))


def sidebar() -> str:
    """Return the tables of contents that make the sidebar."""
    return "\n".join(
        "\n".join(("```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```", ""))
        for title, pages in CONTENTS.items()
    )
