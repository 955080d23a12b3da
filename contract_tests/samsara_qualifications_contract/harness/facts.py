"""What the suite knows of a target: its qualification types, its owners, and its choices."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import yaml

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract.harness.transport import NotReadyError
from samsara_qualifications_contract.oracle.instants import MICROSECOND
from samsara_qualifications_contract.oracle.spec import is_list, is_object
from samsara_qualifications_contract.oracle.values import INNER_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.oracle.spec import Json

ENTITIES = ("worker", "asset")
LONG_AGO = "2000-01-01T00:00:00Z"
SETTABLE = INNER_KEYS.keys() - {"person"}
CELLS = INNER_KEYS.keys() - {"table", "media", "signature"}
_MAX_OWNERS = 2
_MAX_KINDS = 3
_KEYS = (*ENTITIES, "behaviours", "differs", "precision_seconds", "rate")
_RATE = re.compile(r"([1-9]\d{0,5})/(\d{1,6}(?:\.\d+)?)")
_MICROSECOND = 1e-6
_YAML_BOOLEANS = {"True": "yes", "False": "no"}
"""YAML reads the choices `yes` and `no` as these."""

MAX_PAGES, MAX_BARREN_PAGES = 200, 10
"""After so many pages, or so many without anything new, a list counts as endless."""

CHOICES = {
    "epoch_offset_forms_clear": "yes",
    "fields_merge": "by_id",
    "external_ids_merge": "by_key",
    "update_accepts_external_id": "no",
    "deleted_get": "unknown",
    "unknown_get": "404",
    "stream_open_end": "polls",
}
"""What the suite assumes where the API's documentation leaves it open."""


@dataclass(frozen=True)
class Facts:
    """
    What is there at the target.

    Attributes:
        types: The qualification types by id, as the API shows them.
        preferred: The type that tests use, for each entity type that has one.
        owners: Ids of owners, for each entity type; the first two are used.
        choices: What the server does where the documentation leaves it open.
        precision: Nanoseconds to which the server keeps times.
        differs: Behaviours of the mock's table that the server is said not to have.
        rate: Requests and seconds of each operation's limit, where it is not the documented one.
    """

    types: Mapping[str, Json]
    preferred: Mapping[str, str]
    owners: Mapping[str, list[str]]
    choices: Mapping[str, str] = field(default_factory=lambda: dict(CHOICES))
    precision: int = MICROSECOND
    differs: frozenset[str] = frozenset()
    rate: tuple[int, float] | None = None

    def type_of(self, entity: str) -> Json | None:
        """Return the type that tests use for an entity type."""
        return self.types.get(self.preferred.get(entity, ""))

    def kind(self, entity: str) -> Json:
        """Return that type, which must be there."""
        return self.types[self.preferred[entity]]

    def kinds(self, entity: str) -> list[Json]:
        """Return some types that records can be made of, beginning with that of the tests."""
        own = (k for k in self.types.values() if k["entityType"] == entity and can_be_made(k))
        ordered = sorted(own, key=lambda kind: kind["id"] != self.preferred[entity])
        return ordered[:_MAX_KINDS]

    def preferring(self, kind: Json) -> Facts:
        """Return facts in which tests use this type."""
        return replace(self, preferred={**self.preferred, kind["entityType"]: kind["id"]})

    def usable(self, entity: str) -> bool:
        """Tell whether records can be made for an entity type."""
        return bool(self.owners.get(entity)) and self.type_of(entity) is not None

    def missing(self) -> list[str]:
        """Return what the target lacks, and how to tell the suite of it."""
        lacks: list[str] = []
        for entity in ENTITIES:
            if self.type_of(entity) is None:
                lacks.append(f"no {entity} qualification type whose required fields can be set")
            if len(self.owners.get(entity, [])) < _MAX_OWNERS:
                lacks.append(f"fewer than two {entity} ids: name them in the target's YAML file")
        return lacks


NOTHING = Facts({}, {}, {})


def find(api: Api, told: Mapping[str, Any], entities: Sequence[str] = ENTITIES) -> Facts:
    """
    Ask a target for its types and owners.

    Args:
        api: The target.
        told: What the target's YAML file says; see `target.yaml`.
        entities: The entity types to ask for.
    """
    types: dict[str, Json] = {}
    preferred: dict[str, str] = {}
    owners: dict[str, list[str]] = {}
    for entity in entities:
        found = {kind["id"]: kind for kind in pages(api.types, {"entityType": entity})[1]}
        types |= found
        named = told.get(entity, {})
        best = max(filter(can_be_made, found.values()), key=_variety, default=None)
        chosen = named.get("type", best["id"] if best else "")
        if chosen:
            preferred[entity] = chosen
        owners[entity] = [str(owner) for owner in named.get("owners", [])] or _owners(api, entity)
    return Facts(
        types,
        preferred,
        owners,
        choices=CHOICES | told.get("behaviours", {}),
        precision=int(float(told.get("precision_seconds", _MICROSECOND)) * 1e9),
        differs=frozenset(told.get("differs", [])),
        rate=told.get("rate"),
    )


def as_told(facts: Facts) -> dict[str, Any]:
    """Return what the suite goes by, in the form of a target's YAML file."""
    usable = {name: facts.owners[name][:_MAX_OWNERS] for name in ENTITIES if facts.usable(name)}
    return {
        **{name: {"type": facts.preferred[name], "owners": ids} for name, ids in usable.items()},
        "behaviours": dict(facts.choices),
        "differs": sorted(facts.differs),
        "precision_seconds": facts.precision / 1e9,
    }


def assumption(facts: Facts, name: str) -> str:
    """Return what to say of a test that shows an assumed behaviour; nothing of a documented one."""
    row = next(row for row in BEHAVIOURS if row.name == name)
    if row.source != "assumed":
        return ""
    if name in CHOICES:
        others = [choice for choice in row.choices if choice != facts.choices[name]]
        choice, way = f" {facts.choices[name]}", f"behaviours: {{{name}: {' or '.join(others)}}}"
    else:
        choice, way = "", f"differs: [{name}]"
    text = f"rests on behaviour {name}, assumed{choice}"
    return f"{text}; if your server does otherwise, write `{way}` into the FACTS file"


def read_file(path: Path | None) -> dict[str, Any]:
    """
    Read a target's YAML file; nothing where there is none.

    Args:
        path: The file; its form is that of `target.yaml`.

    Raises:
        OSError: The file cannot be read.
        ValueError: It has a name or a value that the suite does not know and would ignore.
    """
    if path is None:
        return {}
    try:
        told = yaml.safe_load(path.read_text("utf-8"))
        return _checked({} if told is None else told)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _checked(told: Any) -> dict[str, Any]:
    _known("key", _mapping("the file", told), _KEYS)
    for entity in ENTITIES:
        named = _mapping(entity, told.get(entity, {}))
        _known(f"key under {entity}", named, ("owners", "type"))
        _list(f"owners of {entity}", named.get("owners", []))
    behaviours = _mapping("behaviours", told.get("behaviours", {}))
    _known("behaviour", behaviours, CHOICES)
    chosen = {
        name: _YAML_BOOLEANS.get(str(choice), str(choice)) for name, choice in behaviours.items()
    }
    options = {row.name: row.choices for row in BEHAVIOURS}
    for name, choice in chosen.items():
        _known(f"choice for {name}", [choice], options[name])
    differs = _list("differs", told.get("differs", []))
    _known("assumed behaviour", differs, [r.name for r in BEHAVIOURS if r.source == "assumed"])
    precision = told.get("precision_seconds", _MICROSECOND)
    if not isinstance(precision, int | float) or not 0 < precision <= 1:
        raise ValueError(f"precision_seconds is {precision!r}: give a number over 0, at most 1")
    rate = {"rate": _rate(told["rate"])} if "rate" in told else {}
    return {**told, "behaviours": chosen, **rate}


def _rate(text: Any) -> tuple[int, float]:
    found = _RATE.fullmatch(str(text))
    if not found or not float(found[2]):
        raise ValueError(f"rate is {text!r}: write REQUESTS/SECONDS, such as 100/60")
    return int(found[1]), float(found[2])


def _known(what: str, given: Iterable[Any], known: Iterable[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; known are: {', '.join(known)}")


def _mapping(what: str, value: Any) -> dict[str, Any]:
    if not is_object(value):
        raise ValueError(f"{what} is {value!r:.80}: give names with values")
    return value


def _list(what: str, value: Any) -> list[Any]:
    if not is_list(value):
        raise ValueError(f"{what} is {value!r:.80}: give a list")
    return value


def settable(definition: Json, kinds: set[str] = SETTABLE) -> bool:
    """Tell whether a request can give a value to this field or column."""
    options = [option["id"] for option in definition.get("options", [])]
    if definition["type"] in {"multiple_choice", "check_boxes"}:
        return bool(options) and all(map(_is_uuid, options))
    return definition["type"] in kinds


def can_be_made(kind: Json) -> bool:
    """Tell whether a record of a type can be made: all that it requires can be set."""
    return all(settable(item) for item in kind["fields"] if item["isRequired"])


def _variety(kind: Json) -> int:
    return len({item["type"] for item in kind["fields"] if settable(item)})


def pages(read: Callable[..., Reply], query: Mapping[str, str]) -> tuple[Reply, list[Json]]:
    """
    Read a list to its end; return the last page, and the items of all pages, as often as they came.

    Args:
        read: Reads a page.
        query: The parameters of the first page.

    Raises:
        NotReadyError: The list has no end.
    """
    found: list[Json] = []
    known: set[str] = set()
    number, barren, after = 0, 0, dict[str, str]()
    while True:
        number += 1
        reply = read(**query, **after).answers(200)
        more = {item["id"] for item in reply.data} - known
        known |= more
        found += reply.data
        if not reply.pagination["hasNextPage"]:
            return reply, found
        barren = 0 if more else barren + 1
        if barren == MAX_BARREN_PAGES or number == MAX_PAGES:
            break
        after = {"after": reply.pagination["endCursor"]}
    asked = ", ".join(f"{name}={value}" for name, value in query.items())
    raise NotReadyError(
        f"GET {reply.path} has no end: `hasNextPage` is still true after {number} "
        f"pages, {barren} of them with nothing new ({asked})"
    )


def _owners(api: Api, entity: str) -> list[str]:
    page = api.stream(entityType=entity, startTime=LONG_AGO).answers(200).data
    return sorted({record["owner"]["id"] for record in page})


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
