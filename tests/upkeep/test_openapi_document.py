"""Files that are not usable OpenAPI documents are refused, with the place and the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from upkeep import openapi_document
from upkeep.openapi_document import DocumentError, load

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}
TEXT = json.dumps(WHOLE, indent=1)

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
]


@pytest.mark.parametrize(
    ("content", "words"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_refused(content: bytes, words: list[str], tmp_path: Path) -> None:
    """The message names the file, the place and the way out."""
    path = tmp_path / "downloaded.json"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        load(path)
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
