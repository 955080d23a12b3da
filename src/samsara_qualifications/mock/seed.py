"""What the pretend organisation has to begin with: qualification types, records, owners."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .messages import Json
    from .spec import Spec

PARTS = ("types", "records", "owners")


def load(path: Path | None = None) -> Json:
    """
    Return seed data from a JSON file; the built-in data if no path is given.

    Raises:
        ValueError: The file is not JSON.
    """
    source = path or files("samsara_qualifications.mock").joinpath("seed.json")
    try:
        return json.loads(source.read_text(encoding="utf-8"))  # type: ignore[no-any-return] # checked()
    except ValueError as error:
        raise ValueError(f"{source} is not JSON: {error}") from error


def checked(data: Json, spec: Spec) -> Json:
    """
    Return the data with every part, missing ones empty.

    Raises:
        ValueError: The data does not have the spec's form.
    """
    if unknown := set(data) - set(PARTS):
        raise ValueError(f"seed data has unknown parts {sorted(unknown)}: use {', '.join(PARTS)}")
    full = {part: data.get(part, []) for part in PARTS}
    for part, rule in (("types", spec.kind), ("records", spec.record)):
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
