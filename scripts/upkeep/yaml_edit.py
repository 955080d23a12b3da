"""Edits a YAML text in place: what is not edited keeps its bytes, comments and order."""

from __future__ import annotations

import io
import json
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from upkeep.openapi_document import is_list, is_object


class YamlEditError(Exception):
    """The text is written in a form that cannot be edited here."""


class YamlEdit:
    """Collects edits of a YAML text in block style; they are given parts of `data`."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        if self._lines and not self._lines[-1].endswith("\n"):
            raise YamlEditError("the text does not end in a newline; add one.")
        self._edits: list[tuple[int, int, int, str]] = []  # line, column, length, text
        self.data: Any = _yaml().load(text)  # as ruamel's mappings and sequences

    def append_entry(self, mapping: Any, key: str, value: Any) -> None:
        """Add an entry, as plain data, at the end of a mapping."""
        self.insert_after(mapping, list(mapping)[-1], key, value)

    def insert_after(
        self, mapping: Any, neighbour: str, key: str, value: Any, *, spaced: bool = False
    ) -> None:
        """Add an entry after another; a comment below that one stays below both."""
        line, column = self._start(mapping, neighbour)
        text = "\n" * spaced + _indented({key: value}, column)
        self._edits.append((self._end(line, column), 0, 0, text))

    def insert_before(self, mapping: Any, neighbour: str, key: str, value: Any) -> None:
        """Add an entry before another."""
        line, column = self._start(mapping, neighbour)
        if self._lines[line][:column].strip():  # the first entry of a sequence's item
            raise YamlEditError(f"line {line + 1}: no line can be put before {neighbour!r}.")
        self._edits.append((line, 0, 0, _indented({key: value}, column)))

    def append_item(self, sequence: Any, value: Any) -> None:
        """Add an item (in block style, also a mapping) to a sequence that is not empty."""
        position: tuple[int, int] = sequence.lc.item(len(sequence) - 1)
        line, column = position
        if not sequence.fa.flow_style():
            dash = self._lines[line].rindex("-", 0, column)
            text = (
                _indented([value], dash - 2)
                if isinstance(value, dict)
                else f"{' ' * dash}- {_scalar(value)}\n"
            )
            self._edits.append((self._end(line, dash), 0, 0, text))
            return
        while "]" not in self._lines[line][column:]:
            line, column = line + 1, 0
        closing = self._lines[line].index("]", column)
        self._edits.append((line, closing, 0, f", {_scalar(value)}"))

    def replace(self, mapping: Any, key: str, value: Any) -> None:
        """Replace a scalar value; a quoted one stays quoted."""
        line, column = mapping.lc.value(key)
        old = _scalar(mapping[key])
        if isinstance(mapping[key], DoubleQuotedScalarString):
            value = DoubleQuotedScalarString(value)
        if self._lines[line][column : column + len(old)] != old:
            raise YamlEditError(f"line {line + 1}: {key!r} is not written as {old}; write it so.")
        self._edits.append((line, column, len(old), _scalar(value)))

    def text(self) -> str:
        """Apply the edits; returns the new text."""
        lines = [*self._lines, ""]
        in_order = sorted(self._edits, key=lambda edit: edit[:2])
        for line, column, length, text in reversed(in_order):
            lines[line] = lines[line][:column] + text + lines[line][column + length :]
        return "".join(lines)

    def _start(self, mapping: Any, key: str) -> tuple[int, int]:
        line, column = mapping.lc.key(key)
        if mapping.fa.flow_style():
            raise YamlEditError(f"line {line + 1}: write the mapping in block style, then repeat.")
        return line, column

    def _end(self, line: int, column: int) -> int:
        """Find the line after an entry: its last line is the last one indented more deeply."""
        last = line
        for number in range(line + 1, len(self._lines)):
            content = self._lines[number].strip()
            deeper = len(self._lines[number]) - len(self._lines[number].lstrip()) > column
            if content and deeper:
                last = number
            elif content and not content.startswith("#"):
                break
        return last + 1


def _yaml() -> Any:
    yaml: Any = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null|nan|inf)$)[A-Za-z(_$](?:[\w ();./-]*[\w();./-])?",
    re.IGNORECASE,
)  # what is text without quotes in YAML 1.1 and 1.2 alike, in flow style, too


def _scalar(value: Any) -> str:
    is_text = isinstance(value, str) and type(value) is not DoubleQuotedScalarString
    if is_text and _PLAIN.fullmatch(value):
        return str(value)
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())


def _styled(value: Any) -> Any:
    """Give plain data the spec's style: double quotes where needed, short lists on one line."""
    if is_object(value):
        return {_styled(key): _styled(child) for key, child in value.items()}
    if is_list(value):
        items: Any = CommentedSeq(map(_styled, value))
        if not any(is_object(child) or is_list(child) for child in value):
            items.fa.set_flow_style()
        return items
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return DoubleQuotedScalarString(value)
    return value


def _indented(value: Any, column: int) -> str:
    stream = io.StringIO()
    _yaml().dump(_styled(value), stream)
    return "".join(" " * column + line for line in stream.getvalue().splitlines(keepends=True))
