"""The responses that are measured with, and how this package reads one."""

from __future__ import annotations

import json
from importlib import util
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGE = 591_000
"""Bytes of the large response."""

ROWS = 40
"""Rows of each of its tables."""

TIME = "2024-08-08T18:53:23Z"
SIMPLE = ("number", "text", "multiple_choice", "check_boxes", "datetime")
COLUMNS = (*SIMPLE, "person", "media")
FIELDS = (*SIMPLE, "media", "table")


def reader() -> Callable[[bytes], Any]:
    """
    Return how this package reads the response of an update, checks and models included.

    The only place in the benchmarks that looks inside the package.
    """
    from samsara_qualifications import _wire  # noqa: PLC0415  only contenders that use it load it

    return _wire.UPDATE.read


def documented() -> bytes:
    """Return the response of an update that the spec shows."""
    return json.dumps(_documented(), separators=(",", ":")).encode()


def large() -> bytes:
    """Return a response with a record of exactly `LARGE` bytes: many fields, tables among them."""
    response = _documented()
    fields = response["data"]["fields"] = []
    ids = (f"{number:08x}-0000-4000-8000-000000000000" for number in count(1))
    label = {"id": next(ids), "type": "text", "label": "", "textValue": {"value": "padding"}}
    size = len(_encoded(response)) + len(_encoded(label))
    while True:
        field = _field(len(fields), ids)
        size += len(_encoded(field)) + 1
        if size > LARGE:
            break
        fields.append(field)
    fields.append(label)
    label["label"] = "x" * (LARGE - len(_encoded(response)))
    return _encoded(response)


def _documented() -> dict[str, Any]:
    package = util.find_spec("samsara_qualifications_api")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("samsara_qualifications_api is not installed")
    spec = json.loads((Path(package.origin).parent / "openapi.json").read_bytes())
    answer = spec["paths"]["/qualification-records"]["patch"]["responses"]["200"]
    response: dict[str, Any] = answer["content"]["application/json"]["examples"]["seed"]["value"]
    return response


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _field(number: int, ids: Iterator[str]) -> dict[str, Any]:
    """Return one field: each kind of value in turn, then a table."""
    kind = FIELDS[number % len(FIELDS)]
    field = {"id": next(ids), "label": f"Field {number}", "type": kind}
    if kind == "media":
        return {**field, "mediaList": [_media(ids)]}
    if kind == "table":
        return {**field, "tableValue": _table(ids)}
    return {**field, **_value(kind, ids)}


def _table(ids: Iterator[str]) -> dict[str, Any]:
    columns = [{"id": next(ids), "label": f"Column {kind}", "type": kind} for kind in COLUMNS]
    rows = [
        {
            "id": next(ids),
            "cells": [
                {"id": column["id"], "type": column["type"], **_value(column["type"], ids)}
                for column in columns
            ],
        }
        for _ in range(ROWS)
    ]
    return {"columns": columns, "rows": rows}


def _value(kind: str, ids: Iterator[str]) -> dict[str, Any]:
    options = {"value": ["Option A", "Option B"], "valueIds": [next(ids), next(ids)]}
    user = {"id": "938172", "type": "driver"}
    person = {"entryType": "tracked", "name": "Jake", "polymorphicUserId": user}
    values = {
        "number": {"numberValue": {"value": 123.456}},
        "text": {"textValue": {"value": "Exposed wires"}},
        "multiple_choice": {"multipleChoiceValue": {"value": "Yes", "valueId": next(ids)}},
        "check_boxes": {"checkBoxesValue": options},
        "datetime": {"dateTimeValue": {"type": "datetime", "value": TIME, "dateValue": TIME[:10]}},
        "person": {"personValue": {"person": person}},
        "media": {"mediaValue": {"mediaList": [_media(ids)]}},
    }
    return values[kind]


def _media(ids: Iterator[str]) -> dict[str, Any]:
    key = next(ids)
    url = f"https://media.example/{key}"
    return {"id": key, "processingStatus": "finished", "url": url, "urlExpiresAt": TIME}
