"""Edits of a YAML text change the lines that they are about, and no other byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from upkeep.yaml_edit import YamlEdit, YamlEditError

Change = Callable[[YamlEdit, Any], None]
SPEC = Path(__file__).parents[2] / "openapi" / "qualification-records.yaml"

TEXT = """\
# Head
name: "x"  # why x
limit: {requests: 100, window: 60}

things:
  first:
    type: string # inline

  second:
    words: >-
      Folded
      text.
# Not indented, yet within the entry.
    list: [a, b]
    long: [
      a,
      b
    ]
    items:
      - a
      - name: b
        kind: c

# Foot
last:
  empty: {}
"""


def edited(change: Change, *, old: str, new: str) -> None:
    """Apply a change, and expect one replacement in the text."""
    edit = YamlEdit(TEXT)
    change(edit, edit.data)
    assert TEXT.replace(old, new, 1) == edit.text()
    assert TEXT != edit.text()


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (lambda e, d: e.append_entry(d["things"], "new", {"a": 1}),
         "kind: c\n", "kind: c\n  new:\n    a: 1\n"),
        (lambda e, d: e.append_entry(d["things"]["first"], "new", "yes"),
         "# inline\n", '# inline\n    new: "yes"\n'),
        (lambda e, d: e.append_entry(d["things"]["second"], "m", {"$ref": "#/a", "d": "(gap)"}),
         "kind: c\n", 'kind: c\n    m:\n      $ref: "#/a"\n      d: (gap)\n'),
        (lambda e, d: e.append_entry(d["last"], "m", {"l": ["a", "no", "1", 2], "o": [{"a": []}]}),
         "empty: {}\n", 'empty: {}\n  m:\n    l: [a, "no", "1", 2]\n    o:\n      - a: []\n'),
        (lambda e, d: e.insert_after(d["things"], "first", "new", {"a": "b: c"}, spaced=True),
         "# inline\n", '# inline\n\n  new:\n    a: "b: c"\n'),
        (lambda e, d: e.insert_after(d["things"]["second"], "words", "409", None),
         "text.\n", 'text.\n    "409":\n'),
        (lambda e, d: e.insert_before(d["things"], "second", "new", 1),
         "  second:\n", "  new: 1\n  second:\n"),
        (lambda e, d: e.append_item(d["things"]["second"]["list"], "no"), "[a, b]", '[a, b, "no"]'),
        (lambda e, d: e.append_item(d["things"]["second"]["long"], "c"), "\n    ]", "\n    , c]"),
        (lambda e, d: e.append_item(d["things"]["second"]["items"], "d"),
         "kind: c\n", "kind: c\n      - d\n"),
        (lambda e, d: e.append_item(d["things"]["second"]["items"], {"name": "d", "e": "f"}),
         "kind: c\n", "kind: c\n      - name: d\n        e: f\n"),
        (lambda e, d: e.replace(d["limit"], "requests", 200), "100", "200"),
        (lambda e, d: e.replace(d, "name", "y"), '"x"', '"y"'),
    ],
)  # fmt: skip
def test_one_edit(change: Change, old: str, new: str) -> None:
    """Comments, empty lines and order stay around what is added or replaced."""
    edited(change, old=old, new=new)


def test_several_edits_at_one_place_keep_their_order() -> None:
    """What is added first comes first."""
    edit = YamlEdit(TEXT)
    edit.append_entry(edit.data["things"]["first"], "one", 1)
    edit.append_entry(edit.data["things"]["first"], "two", 2)
    edit.insert_after(edit.data["things"], "first", "third", 3, spaced=True)
    edit.append_item(edit.data["things"]["second"]["list"], "c")
    edit.append_item(edit.data["things"]["second"]["list"], "d")
    expected = TEXT.replace("# inline\n", "# inline\n    one: 1\n    two: 2\n\n  third: 3\n")
    assert expected.replace("[a, b]", "[a, b, c, d]") == edit.text()


def test_no_edit_changes_nothing() -> None:
    """The spec comes out as it went in."""
    text = SPEC.read_text("utf-8")
    assert text == YamlEdit(text).text()


def refused(change: Change, words: str) -> None:
    """Expect a change to be refused."""
    edit = YamlEdit(TEXT)
    with pytest.raises(YamlEditError, match=words):
        change(edit, edit.data)


def test_what_cannot_be_edited_is_refused_with_its_line() -> None:
    """Flow style, the first entry of an item, and unusual scalars are left to a person."""
    refused(lambda e, d: e.append_entry(d["limit"], "a", 1), "line 3: write the mapping in block")
    refused(
        lambda e, d: e.insert_before(d["things"]["second"]["items"][1], "name", "a", 1), "line 21"
    )
    refused(lambda e, d: e.replace(d["things"]["second"], "words", "a"), "line 10: 'words' is not")
    with pytest.raises(YamlEditError, match="does not end in a newline"):
        YamlEdit("a: 1")
