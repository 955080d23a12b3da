"""Files that are not usable OpenAPI documents are refused, with the place and the way out."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from upkeep import openapi_document
from upkeep.openapi_document import DocumentError, load

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}
TEXT = json.dumps(WHOLE, indent=1)

HEAD = b"openapi: 3.0.3\npaths: {}\n"


def bomb(form: bytes) -> bytes:
    """Write a text whose aliases unfold to ten to the twelfth values."""
    lines = [b"x0: &x0 [1, 1, 1]"]
    for number in range(1, 13):
        aliases = b", ".join([b"*x%d" % (number - 1)] * 10)
        lines.append(b"x%d: &x%d %s" % (number, number, form % aliases))
    return b"\n".join(lines) + b"\n"


REFUSED: list[tuple[str, bytes, list[str]]] = [
    ("empty", b" \n", ["is empty", "download"]),
    ("html", b"<!DOCTYPE html><html></html>", ["HTML", "download"]),
    ("cut off", TEXT[: len(TEXT) // 2].encode(), ["line", "column", "cut off", "again"]),
    ("cut off in a text", TEXT[: TEXT.index("title") + 3].encode(), ["cut off"]),
    ("cut off before the end", TEXT[:-1].encode(), ["cut off"]),
    ("broken", TEXT.replace(":", ";", 1).encode(), ["line 2", "not JSON", "mend"]),
    ("broken yaml", b"openapi: 3.0.3\npaths: [\n", ["line 3", "neither JSON nor YAML"]),
    ("plain text", b"not an API at all", ["holds a str"]),
    ("list", b"[1]", ["holds a list"]),
    ("other json", b'{"a": 1}', ["'openapi' is None", "3.0.x or 3.1.x"]),
    ("swagger", b'{"swagger": "2.0", "paths": {}}', ["Swagger 2.0", "convert"]),
    ("future", b"openapi: 4.0.0\npaths: {}\n", ["'4.0.0'"]),
    ("number as version", b"openapi: 3.0\npaths: {}\n", ["3.0"]),
    ("no paths", b'{"openapi": "3.0.3"}', ["no 'paths'", "download"]),
    ("compressed", b"\x1f\x8b\x08\x00abc", ["byte 1", "UTF-8", "compressed"]),
    ("nested too deeply", b'{"openapi":' + b"[" * 200_000, ["nested too deeply"]),
    ("nested too deeply, closed", HEAD + b"x: " + b"[" * 300 + b"]" * 300, ["nested too deeply"]),
    ("nested too deeply, YAML", HEAD + b"x: " + b"[" * 200_000, ["nested too deeply"]),
    ("nested too deeply, blocks",
     HEAD + b"x:" + b"".join(b"\n" + b" " * n + b"a:" for n in range(1, 3000)), ["too deeply"]),
    ("YAML bomb", HEAD + bomb(b"[%s]"), ["aliases repeat more than 1,200,000 values"]),
    ("YAML bomb of mappings", HEAD + bomb(b"{a: [%s]}"), ["aliases repeat"]),
    ("alias of itself", HEAD + b"x: &a [*a]\n", ["line 3", "back to itself"]),
    ("alias of itself, by a mapping", HEAD + b"x: &a\n  b: *a\n", ["line 4", "back to itself"]),
    ("alias of itself, merged", HEAD + b"x: &a\n  <<: *a\n", ["line 4", "back to itself"]),
    ("alias of nothing", HEAD + b"x: *a\n", ["line 3", "leads to nothing"]),
    ("merge of a text", HEAD + b"x:\n  <<: a\n", ["line 4", "merges"]),
    ("key twice", HEAD + b"x:\n  y: 1\n  y: 2\n", ["x > y: the key 'y' stands there twice"]),
    ("key twice, JSON", TEXT.replace('"title": "t"', '"title": "t", "title": "u"').encode(),
     ["info > title: the key 'title' stands there twice"]),
    ("key twice, in a list", b'{"openapi": "3.0.3", "paths": {}, "x": [{"a": 1, "a": 1}]}',
     ["x > 0 > a"]),
    ("NaN", b'{"openapi": "3.0.3", "paths": {}, "x": {"y": NaN}}', ["x > y: nan is no number"]),
    ("infinity", b'{"openapi": "3.0.3", "paths": {}, "x": [1, -1e999]}', ["x > 1: -inf"]),
    ("NaN, YAML", HEAD + b"x: .nan\n", ["x: nan"]),
    ("half a character", b'{"openapi": "3.0.3", "paths": {}, "x": "\\ud800"}', ["x: '\\ud800'"]),
    ("a number too long", b'{"openapi": "3.0.3", "paths": {}, "x": ' + b"1" * 5000 + b"}",
     ["4300"]),
    ("a tag", HEAD + b"x: !!python/object/apply:os.system ['ls']\n", ["line 3", "tag"]),
    ("a tag of a text", HEAD + b"x: !secret a\n", ["line 3", "!secret"]),
    ("two documents", HEAD + b"---\na: 1\n", ["line 3", "second document"]),
    ("a key that is no text", HEAD + b"? [a]\n: 1\n", ["key is no text"]),
    ("too many values", b'{"openapi": "3.0.3", "paths": {}, "x": [' + b"[]," * 999_999 + b"1]}",
     ["more than 1,200,000 values", "keep only"]),
    ("too many values, YAML", HEAD + b"x:\n" + b"- 1\n" * 999_999, ["more than 500,000 values"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_refused(content: bytes, words: list[str], tmp_path: Path) -> None:
    """The message names the file, the place and the way out."""
    path = tmp_path / "downloaded.json"
    path.write_bytes(content)
    began = time.monotonic()
    with pytest.raises(DocumentError) as caught:
        load(path)
    assert time.monotonic() - began < 5
    assert "\n" not in str(caught.value)
    for word in ["downloaded.json", *words]:
        assert word in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(DocumentError, match=r"gone\.json: no such file"):
        load(tmp_path / "gone.json")


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    """50 MB are refused with the limit and the way out."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(50 * 1000 * 1000)
    with pytest.raises(DocumentError, match=r"48 MiB is over the limit of 32 MiB; keep only"):
        load(path)
    assert 3_182_962 * 10 < openapi_document.MAX_BYTES


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1"])
def test_json_and_yaml_give_the_same(version: str, tmp_path: Path) -> None:
    """Both forms of both versions are read, with or without a byte order mark."""
    whole = {**WHOLE, "openapi": version}
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(whole).encode())
    (tmp_path / "a.yaml").write_text(
        f"openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a: {{get: {{}}}}\n",
        "utf-8",
    )
    assert whole == load(tmp_path / "a.json")
    assert whole == load(tmp_path / "a.yaml")


def test_yaml_words_that_look_like_other_values(tmp_path: Path) -> None:
    """Enum values such as `no` and `2025-08-27` are text, as in YAML 1.2."""
    path = tmp_path / "a.yaml"
    path.write_text(
        "openapi: 3.0.3\npaths: {}\nx: [no, on, 2025-08-27, true, False, 1, true if so]\n", "utf-8"
    )
    assert ["no", "on", "2025-08-27", True, False, 1, "true if so"] == load(path)["x"]


def test_yaml_may_merge_and_repeat_in_bounds(tmp_path: Path) -> None:
    """An alias gives what its anchor has; own keys win over merged ones, wherever they stand."""
    path = tmp_path / "a.yaml"
    text = "x: &x {a: 1, b: 2}\ny: {c: 3, <<: *x, a: 4}\nz: {<<: [*x, {d: 5}]}\n200: *x\n~: 1\n"
    path.write_bytes(HEAD + text.encode())
    document = load(path)
    assert {"a": 4, "b": 2, "c": 3} == document["y"]
    assert {"a": 1, "b": 2, "d": 5} == document["z"]
    assert {"a": 1, "b": 2} == document["200"]
    assert 1 == document["~"]
