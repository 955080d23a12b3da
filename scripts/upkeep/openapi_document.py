"""Reads an OpenAPI document from a file, and refuses anything else with a clear message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import yaml

if TYPE_CHECKING:
    from pathlib import Path

JsonObject = Mapping[str, Any]

MAX_BYTES = 32 * 1024 * 1024  # ten times the whole upstream document
_SUPPORTED = re.compile(r"3\.[01](\.|$)")
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, if built


class DocumentError(Exception):
    """A document cannot be used; the message names the place and the way out."""


def _plain_loader() -> Any:
    """Make a loader of YAML 1.2 in what matters here: `no` and `2025-08-27` are text."""
    loader: Any = type("PlainLoader", (_SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if not pair[0].endswith((":bool", ":timestamp"))]
        for first, pairs in _SafeLoader.yaml_implicit_resolvers.items()
    }
    loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    return loader


_PlainLoader = _plain_loader()


def load(path: Path) -> JsonObject:
    """
    Read an OpenAPI 3.0 or 3.1 document, JSON or YAML.

    Args:
        path: The file.

    Returns:
        The document as plain data.

    Raises:
        DocumentError: The file is missing, too large, cut off, neither JSON nor YAML, or not an
            OpenAPI 3.0 or 3.1 document.
    """
    return _check(_parse(_text(path), path.name), path.name)


def is_object(value: object) -> TypeGuard[JsonObject]:
    """
    Tell objects from other JSON values.

    Args:
        value: Any value of a document, plain or ruamel's.

    Returns:
        Whether it is a mapping.
    """
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """
    Tell arrays from other JSON values.

    Args:
        value: Any value of a document.

    Returns:
        Whether it is a list.
    """
    return isinstance(value, list)


def _check(document: object, name: str) -> JsonObject:
    if not is_object(document):
        raise DocumentError(f"{name}: holds a {type(document).__name__}, not an OpenAPI document.")
    if "swagger" in document:
        raise DocumentError(
            f"{name}: Swagger {document['swagger']} is not read; convert it to OpenAPI 3 first."
        )
    version = document.get("openapi")
    if not isinstance(version, str) or not _SUPPORTED.match(version):
        raise DocumentError(
            f"{name}: 'openapi' is {version!r}; an OpenAPI document says 3.0.x or 3.1.x there."
        )
    if not is_object(document.get("paths")):
        raise DocumentError(f"{name}: has no 'paths'; download the document again.")
    return document


def _text(path: Path) -> str:
    if not path.is_file():
        raise DocumentError(f"{path}: no such file; give the downloaded document as FILE=.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DocumentError(
            f"{path.name}: {size / 2**20:.0f} MiB is over the limit of {MAX_BYTES // 2**20} MiB; "
            "keep only the paths and components of the family, and try again."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{path.name}: byte {error.start} is not UTF-8; save the document as plain UTF-8 text "
            "(is it compressed?)."
        ) from None
    if not text.strip():
        raise DocumentError(f"{path.name}: the file is empty; download the document again.")
    return text


def _parse(text: str, name: str) -> object:
    start = text.lstrip()[:1]
    if start == "<":
        raise DocumentError(
            f"{name}: is HTML or XML, perhaps a login or error page; "
            "download the OpenAPI document itself."
        )
    try:
        return json.loads(text) if start in "{[" else yaml.load(text, _PlainLoader)  # noqa: S506  a safe loader
    except json.JSONDecodeError as error:
        end = len(text.rstrip())
        cut = error.pos >= end - 1 or error.msg.startswith("Unterminated")
        hint = "it looks cut off; download it again" if cut else "mend it, or download it again"
        place = f"line {error.lineno}, column {error.colno}"
        raise DocumentError(f"{name}: {place}: not JSON ({error.msg}); {hint}.") from None
    except (yaml.YAMLError, ValueError) as error:
        words = " ".join(str(error).split())
        raise DocumentError(
            f"{name}: neither JSON nor YAML ({words}); mend it, or download it again."
        ) from None
    except RecursionError:
        raise DocumentError(f"{name}: nested too deeply to be an OpenAPI document.") from None
