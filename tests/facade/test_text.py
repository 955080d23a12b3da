"""Text of others made fit for ours, and free of the token."""

from __future__ import annotations

import pytest

from samsara_qualifications._text import printable, redactor

TOKEN = "samsara_api_5ecr3tT0k3nOfA-Test"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (" a\r\n\tb  c ", "a b c"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("a\u202eb\ud800", "a\ufffdb\ufffd"),
        ("Zoë 🚚", "Zoë 🚚"),
        ("x" * 30, "x" * 19 + "…"),
    ],
)
def test_any_text_becomes_one_printable_line(text: str, expected: str) -> None:
    """In a bounded length, which any encoding can carry."""
    shown = printable(text, 20)
    assert expected == shown
    assert shown.isprintable()
    assert shown.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sent {TOKEN}!", "sent [token]!"),
        (TOKEN.upper(), "[token]"),
        (f"{TOKEN}{TOKEN}", "[token][token]"),
        (f"cut {TOKEN[:20]}", "cut [token]"),
        (f"{TOKEN[9:]} cut", "[token] cut"),
        (f"a {TOKEN[5:17]} b", "a [token] b"),
        (f"a {TOKEN[:11]} b", f"a {TOKEN[:11]} b"),
        ("", ""),
    ],
)
def test_the_token_and_long_parts_of_it_are_redacted(text: str, expected: str) -> None:
    """Texts are cut by others before we see them."""
    assert expected == redactor(TOKEN)(text)


def test_a_short_token_is_redacted_whole() -> None:
    """A mock's may be one."""
    assert "a [token] b" == redactor("tok")("a tok b")
