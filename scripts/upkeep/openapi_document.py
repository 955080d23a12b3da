"""Reads an OpenAPI document from a file, and refuses anything else with a clear message."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard
from urllib.parse import unquote

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

JsonObject = Mapping[str, Any]

MAX_BYTES = 32 * 1024 * 1024  # ten times the whole upstream document
MAX_VALUES = 1_200_000  # six times the whole upstream document
MAX_YAML_VALUES = 500_000  # four times; YAML takes ten times as long
MAX_DEPTH = 200
_SUPPORTED = re.compile(r"3\.[01](\.|$)")
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, if built
_AGAIN = "mend it, or download it again"
_KEEP = "keep only the paths and components of the family, and try again."


class DocumentError(Exception):
    """A document cannot be used; the message names the place and the way out."""


class _Twice(NamedTuple):
    """Stands where an object has a key twice."""

    key: str


def load(path: Path) -> JsonObject:
    """Read an OpenAPI 3.0 or 3.1 document, JSON or YAML, as plain data; or raise DocumentError."""
    try:
        document = _parse(_text(path))
        _check_values(document)
        return _checked(document)
    except RecursionError:
        raise DocumentError(f"{path.name}: nested too deeply to be an OpenAPI document.") from None
    except DocumentError as error:
        raise DocumentError(f"{path.name}: {error}") from None


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Tell objects, plain or ruamel's, from other JSON values."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell arrays from other JSON values."""
    return isinstance(value, list)


def resolve(document: JsonObject, value: Any, place: str) -> Any:
    """Follow a value's `$ref`, if it has one, to what is none; it must stay in the document."""
    seen: list[str] = []
    while is_object(value) and "$ref" in value:
        ref = value["$ref"]
        if ref in seen:
            raise DocumentError(f"{place}: $ref {ref!r} leads back to itself.")
        seen.append(ref)
        value = target(document, ref, place)
    return value


def target(document: JsonObject, ref: Any, place: str) -> Any:
    """Find what one `$ref` refers to."""
    if not isinstance(ref, str) or not ref.startswith("#/"):
        raise DocumentError(
            f"{place}: $ref {ref!r} leaves the document; bundle it into one file first."
        )
    found: Any = document
    for step in ref[2:].split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if is_list(found) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif is_object(found) and name in found:
            found = found[name]
        else:
            raise DocumentError(
                f"{place}: $ref {ref!r} points to nothing (no {name!r}); "
                "the document is broken or cut off: download it again."
            )
    return found


def _text(path: Path) -> str:
    if not path.is_file():
        raise DocumentError(f"no such file ({path}); give the downloaded document as FILE=.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DocumentError(
            f"{size / 2**20:.0f} MiB is over the limit of {MAX_BYTES // 2**20} MiB; {_KEEP}"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"byte {error.start} is not UTF-8; save the document as plain UTF-8 text (is it "
            "compressed?)."
        ) from None
    if sys.getsizeof(text) > 3 * MAX_BYTES:
        raise DocumentError(f"takes more than {3 * MAX_BYTES:,} bytes; {_KEEP}")
    if not text.strip():
        raise DocumentError("the file is empty; download the document again.")
    return text


def _parse(text: str) -> object:
    start = text.lstrip()[:1]
    if start == "<":
        raise DocumentError(
            "is HTML or XML, perhaps a login or error page; download the OpenAPI document itself."
        )
    try:
        if start in "{[":
            _bound(sum(map(text.count, "{[,:")), MAX_VALUES)
            return json.loads(text, object_pairs_hook=_object)
        _bound(sum(map(text.count, "\n{[,")), MAX_YAML_VALUES)
        return _Yaml(text).document()
    except json.JSONDecodeError as error:
        end = len(text.rstrip())
        cut = error.pos >= end - 1 or error.msg.startswith("Unterminated")
        hint = "it looks cut off; download it again" if cut else _AGAIN
        place = f"line {error.lineno}, column {error.colno}"
        raise DocumentError(f"{place}: not JSON ({error.msg}); {hint}.") from None
    except (yaml.YAMLError, ValueError) as error:
        words = " ".join(str(error).split())
        raise DocumentError(f"neither JSON nor YAML ({words}); {_AGAIN}.") from None


def _bound(number: int, most: int) -> None:
    if number > most:
        raise DocumentError(f"holds more than {most:,} values; {_KEEP}")


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; where a key comes twice, leave a mark for the check that knows the place."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        made[key] = _Twice(key) if key in made else value
    return made


_BOOLEAN = ("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"))
_RESOLVERS: dict[str, Any] = {  # as in YAML 1.2, where `no` and `2025-08-27` are text
    first: [pair for pair in pairs if not pair[0].endswith((":bool", ":timestamp"))]
    + ([_BOOLEAN] if first in "tTfF" else [])
    for first, pairs in _SafeLoader.yaml_implicit_resolvers.items()
}
_SCALARS = {f"tag:yaml.org,2002:{kind}": kind for kind in ("str", "null", "bool", "int", "float")}
_COLLECTIONS = {None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_MERGE = object()  # the key `<<`


class _Yaml:
    """Turns YAML's events into plain data; an alias gives the same object, and no circle."""

    def __init__(self, text: str) -> None:
        self._loader = _SafeLoader(text)
        self._loader.yaml_implicit_resolvers = _RESOLVERS
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        document: Any = None
        while self._loader.check_event():
            event = self._loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                if document is not None:
                    raise _broken(event, "a second document begins")
                document = self._value(self._loader.get_event())
        return document

    def _value(self, event: Any, *, is_key: bool = False) -> Any:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _broken(event, "an alias leads to nothing, or back to itself")
            return self._anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, is_key=is_key)
        elif event.tag not in _COLLECTIONS:
            raise _broken(event, f"the tag {event.tag} is not JSON's")
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(event)
        else:
            value = [self._value(item) for item in self._inner()]
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _inner(self) -> Iterator[Any]:
        while not isinstance(event := self._loader.get_event(), yaml.CollectionEndEvent):
            yield event

    def _scalar(self, event: Any, *, is_key: bool) -> Any:
        if is_key:
            return _MERGE if event.value == "<<" and event.implicit[0] else event.value
        tag = event.tag or self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag not in _SCALARS:
            raise _broken(event, f"the tag {tag} is not JSON's")
        read = getattr(self._loader, f"construct_yaml_{_SCALARS[tag]}")
        return read(yaml.ScalarNode(tag, event.value))

    def _mapping(self, begun: Any) -> dict[str, Any]:
        own: list[tuple[str, Any]] = []
        merged: list[Any] = []
        for event in self._inner():
            key, value = self._value(event, is_key=True), self._value(self._loader.get_event())
            if key is _MERGE:
                merged += value if is_list(value) else [value]
            elif isinstance(key, str):
                own.append((key, value))
            else:
                raise _broken(begun, "a key is no text")
        made = _object(own)
        for other in merged:
            if not is_object(other):
                raise _broken(begun, "`<<` merges what is no mapping")
            made = {**other, **made}
        return made


def _broken(event: Any, problem: str) -> DocumentError:
    return DocumentError(f"line {event.start_mark.line + 1}: {problem}; {_AGAIN}.")


def _checked(document: object) -> JsonObject:
    if not is_object(document):
        raise DocumentError(f"holds a {type(document).__name__}, not an OpenAPI document.")
    if "swagger" in document:
        raise DocumentError(
            f"Swagger {document['swagger']} is not read; convert it to OpenAPI 3 first."
        )
    version = document.get("openapi")
    if not isinstance(version, str) or not _SUPPORTED.match(version):
        raise DocumentError(
            f"'openapi' is {version!r:.60}; an OpenAPI document says 3.0.x or 3.1.x there."
        )
    if not is_object(document.get("paths")):
        raise DocumentError("has no 'paths'; download the document again.")
    return document


def _check_values(document: object) -> None:
    """Refuse what JSON cannot say, or not in finite time: each value, aliases as often as used."""
    waiting: list[tuple[Any, tuple[Any, ...], int]] = [(document, (), 1)]
    values = 0
    while waiting:
        value, place, depth = waiting.pop()
        values += 1
        if values > MAX_VALUES:
            raise DocumentError(f"aliases repeat more than {MAX_VALUES:,} values; write them out.")
        if depth > MAX_DEPTH:
            raise RecursionError
        if is_object(value):
            waiting += [(child, (place, key), depth + 1) for key, child in value.items()]
        elif is_list(value):
            waiting += [(child, (place, key), depth + 1) for key, child in enumerate(value)]
        elif problem := _problem(value):
            raise DocumentError(f"{_written(place)}: {problem}; {_AGAIN}.")


def _problem(value: object) -> str:
    if isinstance(value, _Twice):
        return f"the key {value.key!r:.60} stands there twice"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number in JSON"
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return f"{value!r:.60} is no text in Unicode"
    return ""


def _written(place: tuple[Any, ...]) -> str:
    steps: list[str] = []
    while place:
        place, step = place
        steps.insert(0, str(step))
    return " > ".join(steps)
