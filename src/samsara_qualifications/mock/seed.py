"""What the pretend organisation has to begin with: qualification types, records, owners."""

from __future__ import annotations

import codecs
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from . import strict_json

if TYPE_CHECKING:
    from pathlib import Path

    from .messages import Json
    from .spec import Spec

PARTS = ("types", "records", "owners")


def load(path: Path | None = None) -> Any:
    """
    Return seed data from a JSON file; the built-in data if no path is given.

    Raises:
        ValueError: The file is not JSON.
    """
    source = path or files("samsara_qualifications.mock").joinpath("seed.json")
    try:
        return strict_json.parse(source.read_bytes().removeprefix(codecs.BOM_UTF8))
    except ValueError as error:
        raise ValueError(f"{source} is not JSON: {error}") from error


def checked(data: object, spec: Spec) -> Json:
    """
    Return a copy of the data with every part, missing ones empty.

    Raises:
        ValueError: The data does not have the spec's form.
    """
    data = _copied(data)
    if not isinstance(data, dict):
        raise ValueError(f"seed data must be an object with {', '.join(PARTS)}")  # noqa: TRY004
    data = cast("Json", data)
    if unknown := set(data) - set(PARTS):
        raise ValueError(f"seed data has unknown parts {sorted(unknown)}: use {', '.join(PARTS)}")
    full = {part: data.get(part, []) for part in PARTS}
    for part, rule in zip(PARTS, (spec.kind, spec.record, spec.owner), strict=True):
        if not isinstance(full[part], list):
            raise ValueError(f"seed data: {part} must be a list")  # noqa: TRY004
        for place, item in enumerate(full[part]):
            if breach := rule.breach(item):
                raise ValueError(f"seed data: {part}[{place}]: {breach}")
    known = {kind["id"] for kind in full["types"]}
    for place, record in enumerate(full["records"]):
        if record["qualificationType"]["id"] not in known:
            raise ValueError(
                f"seed data: records[{place}] names a qualification type that does not exist"
            )
    return full


def _copied(data: object) -> Any:
    try:
        return strict_json.parse(json.dumps(data).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"seed data must be JSON: {error}") from error
