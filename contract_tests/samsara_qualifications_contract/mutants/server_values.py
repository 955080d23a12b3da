"""Faults of values: what the server checks, and how it shows what it keeps."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.mutants.fault import (
    Fault,
    on_request,
    on_response,
    swap,
    switch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.mutants.fault import Exchange

MUST_FIT = "field_must_fit (assumed)"
FIELD = "components/schemas/Field"
WRITES = ("update", "create")


def inputs(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each field of a kind in the requests."""

    def apply(exchange: Exchange) -> None:
        given = exchange.body.get("fields") if exchange.name in WRITES else None
        for item in given if isinstance(given, list) else []:
            if isinstance(item, dict) and item.get("type") == kind:
                change(item)

    return on_request(apply)


def records(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each record in the responses."""

    def apply(exchange: Exchange) -> None:
        data = exchange.payload.get("data", []) if exchange.success else []
        for item in data if isinstance(data, list) else [data]:
            if "recordStatus" in item:
                change(item)

    return on_response(apply)


def fields(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    """Return what changes each field of a kind in the responses."""

    def apply(record: dict[str, Any]) -> None:
        for item in record["fields"]:
            if item["type"] == kind:
                change(item)

    return records(apply)


def at(key: str, inner: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], object]:
    """Return what changes a value two steps down in an object, where it is there."""

    def apply(item: dict[str, Any]) -> None:
        if isinstance(item.get(key), dict) and inner in item[key]:
            item[key][inner] = change(item[key][inner])

    return apply


def _only_its_value(exchange: Exchange) -> None:
    keys = {"number": "numberValue", "text": "textValue"}
    for item in exchange.body.get("fields", []):
        if isinstance(item, dict) and item.get("type") in keys:
            for other in set(keys.values()) - {keys[item["type"]]}:
                item.pop(other, None)


def _drop_unknown_fields(exchange: Exchange) -> None:
    kinds = exchange.server.types.values()
    known = {item["id"] for kind in kinds for item in kind["fields"]}
    if exchange.name == "update" and isinstance(exchange.body.get("fields"), list):
        given = exchange.body["fields"]
        exchange.body["fields"] = [
            i for i in given if not isinstance(i, dict) or i.get("id") in known
        ]


def _any_owner(self: Any, owner: dict[str, Any], kind: object) -> dict[str, Any]:
    return {**owner, "externalIds": {}}


FAULTS = [
    Fault(
        "values",
        "a field that the type does not define is dropped",
        MUST_FIT,
        on_request(_drop_unknown_fields),
    ),
    Fault(
        "values",
        "a second value in a field is ignored",
        "one_value (assumed)",
        on_request(_only_its_value),
    ),
    Fault(
        "values",
        "an owner of the other kind is taken",
        "owner_must_fit (assumed)",
        swap("mock.state:State._owner", _any_owner),
    ),
    Fault(
        "values",
        "numbers are rounded to two places",
        "decimals_kept (assumed)",
        inputs(
            "number",
            at("numberValue", "value", lambda v: round(v, 2) if isinstance(v, float) else v),
        ),
    ),
    Fault(
        "values",
        "numbers lose their sign",
        FIELD,
        fields("number", at("numberValue", "value", abs)),
    ),
    Fault(
        "values",
        "texts are cut to four characters",
        FIELD,
        inputs("text", at("textValue", "value", lambda v: v[:4] if isinstance(v, str) else v)),
    ),
    Fault(
        "values",
        "texts lose what is not Latin",
        FIELD,
        fields(
            "text",
            at("textValue", "value", lambda v: v.encode("latin-1", "replace").decode("latin-1")),
        ),
    ),
    Fault(
        "values",
        "only the first box is kept",
        FIELD,
        fields("check_boxes", lambda i: i["checkBoxesValue"].update(valueIds=[], value=[])),
    ),
    Fault(
        "values",
        "labels stand beside the wrong ids",
        FIELD,
        fields("multiple_choice", at("multipleChoiceValue", "value", lambda v: f"not {v}")),
    ),
    Fault(
        "values",
        "rows of a table come back reversed",
        FIELD,
        fields("table", at("tableValue", "rows", lambda v: v[::-1])),
    ),
    Fault(
        "values",
        "a table loses its columns",
        FIELD,
        fields("table", at("tableValue", "columns", lambda v: v[:1])),
    ),
    Fault(
        "values",
        "cells come back under their row's id",
        "cell_id (assumed)",
        fields(
            "table",
            at(
                "tableValue",
                "rows",
                lambda rows: [
                    {**r, "cells": [{**c, "id": r["id"]} for c in r["cells"]]} for r in rows
                ],
            ),
        ),
    ),
    Fault(
        "values",
        "a date is a day off",
        "date_in_utc (assumed)",
        fields("datetime", at("dateTimeValue", "dateValue", lambda _: "2024-03-01")),
    ),
    Fault(
        "values",
        "a time of day is shown as a date and time",
        FIELD,
        fields(
            "datetime",
            lambda i: i["dateTimeValue"].update(
                type="time" if i["dateTimeValue"]["type"] == "datetime" else "datetime"
            ),
        ),
    ),
    Fault(
        "values",
        "only one of two files is kept",
        FIELD,
        fields("media", lambda i: i.update(mediaList=i["mediaList"][:1])),
    ),
    Fault(
        "values",
        "two files get one id",
        "media_processing (assumed)",
        fields(
            "media", lambda i: i.update(mediaList=[{**m, "id": i["id"]} for m in i["mediaList"]])
        ),
    ),
    Fault(
        "values",
        "a label is that of another field",
        FIELD,
        records(lambda r: [i.update(label="Other") for i in r["fields"]]),
    ),
    Fault(
        "values",
        "options that the field lacks are taken",
        MUST_FIT,
        swap("mock.fields:_labels", lambda _, chosen: list(chosen)),
    ),
    Fault(
        "external ids",
        "a write leaves out the external ids",
        "external_ids_after_write (documented)",
        on_response(
            lambda x: (
                x.payload.get("data", {}).pop("externalIds", None) if x.name in WRITES else None
            )
        ),
    ),
    Fault(
        "external ids",
        "reads always give external ids",
        "external_ids_on_request (documented)",
        on_request(
            lambda x: (
                x.query.update(includeExternalIds="true") if x.request.method == "GET" else None
            )
        ),
    ),
    Fault(
        "external ids",
        "reads never give external ids",
        "external_ids_on_request (documented)",
        on_request(lambda x: x.query.pop("includeExternalIds", None)),
    ),
    Fault(
        "persistence",
        "an update answers with the record as it was",
        "updateQualificationRecord",
        on_response(
            lambda x: x.payload.update(data=x.before) if x.name == "update" and x.success else None
        ),
    ),
    Fault(
        "persistence",
        "a write answers another time of change than it stores",
        "changes_are_ordered (documented)",
        on_response(
            lambda x: (
                x.payload["data"].update(updatedAtTime="2040-01-01T00:00:00Z")
                if x.name == "update" and x.success
                else None
            )
        ),
    ),
    Fault(
        "reads",
        "one unknown id is left out of a read",
        "unknown_get (assumed)",
        switch("unknown_get", "omitted"),
    ),
    Fault(
        "reads",
        "a deleted record can be read",
        "deleted_get (assumed)",
        switch("deleted_get", "returned"),
    ),
]
