"""What the pretend organisation has to begin with."""

from __future__ import annotations

import codecs
import copy
import json
import math
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import _wire
from samsara_qualifications.mock import MockServer, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Api

REQUEST_KINDS = ("number", "text", "multiple_choice", "check_boxes", "datetime", "table", "media")


def test_the_seeds_record_is_there(api: Api) -> None:
    """With the ids, names and times of the document, but an issue date yet to be set."""
    record = api.record

    assert "2026-08-27T10:20:30Z" == record["expirationDate"]
    assert "2025-08-27T10:20:30Z" != record["issueDate"]
    assert {"entityType": "worker", "id": "281474", "externalIds": {}} == record["owner"]
    assert {
        "id": api.seed,
        "name": "Driver License",
        "revisionId": "1214a1fa-f0c6-408b-bf85-51dc3bc71ac7",
    } == record["qualificationType"]
    assert (api.seed, "text", "License Number") == tuple(
        record["fields"][0][name] for name in ("id", "type", "label")
    )


def examples() -> Iterator[Any]:
    """Yield the spec's examples of requests, with their method and path."""
    for path, item in _wire.spec()["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody", {"content": {"application/json": {}}})
            for name, example in body["content"]["application/json"].get("examples", {}).items():
                yield pytest.param(method.upper(), path, example["value"], id=f"{method} {name}")


@pytest.mark.parametrize(("method", "path", "body"), [*examples()])
def test_every_example_of_the_spec_fits(api: Api, method: str, path: str, body: Any) -> None:
    """The organisation has what they name."""
    assert api.write(method, path, **body)[0] in {200, 201}


@pytest.mark.parametrize("name", ["Driver License", "Trailer Annual Inspection"])
def test_a_type_of_each_entity_has_a_field_of_each_kind(api: Api, name: str) -> None:
    """Workers' and assets' alike, and a column of each kind that a request can set."""
    fields = api.kind(name)["fields"]
    [table] = [field for field in fields if field["type"] == "table"]

    assert {*REQUEST_KINDS, "signature"} == {field["type"] for field in fields}
    assert {"number", "text", "multiple_choice", "check_boxes", "datetime", "person"} <= {
        column["type"] for column in table["columns"]
    }


def test_the_seeds_record_has_a_value_of_each_kind(api: Api) -> None:
    """Each of them as the type defines it."""
    defined = {field["id"]: field for field in api.kind("Driver License")["fields"]}

    assert set(defined) == {field["id"] for field in api.record["fields"]}
    for field in api.record["fields"]:
        assert (defined[field["id"]]["type"], defined[field["id"]]["label"]) == (
            field["type"],
            field["label"],
        )


def test_records_agree_with_their_types_and_owners(api: Api) -> None:
    """Names, revisions, entities, and the owners' external ids."""
    owners = {
        (owner["entityType"], owner["id"]): owner["externalIds"] for owner in seed.load()["owners"]
    }
    for record in api.server.records.values():
        kind = api.server.types[record["qualificationType"]["id"]]
        owner = record["owner"]
        assert {key: kind[key] for key in ("id", "name", "revisionId")} == record[
            "qualificationType"
        ]
        assert kind["entityType"] == owner["entityType"]
        assert owners[kind["entityType"], owner["id"]] == owner["externalIds"]


def test_servers_do_not_share_their_data(api: Api, new_api: Callable[..., Api]) -> None:
    """What one changes, the next does not see; nor does the caller."""
    data = seed.load()
    before = copy.deepcopy(data)
    other = new_api(seed_data=data)
    other.update(externalIds={"a": "b"})
    other.record["fields"].clear()

    assert before == data
    assert before["records"][0] == api.record


def test_missing_parts_are_empty(new_api: Callable[..., Api]) -> None:
    """An organisation may have nothing at all."""
    api = new_api(seed_data={})

    assert ({}, {}) == (api.server.records, api.server.types)
    assert [] == api.types()[1]["data"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"record": []}, r"types, records, owners\): the whole: .*\('record' was unexpected\)"),
        ({"types": [{}]}, r'types\.0: "id" is a required property'),
        ({"records": [{"id": 7}]}, r"records\.0: .* is a required property"),
        ({"owners": [{"entityType": "worker"}]}, r'owners\.0: "id" is a required'),
        ({"types": {}}, r'types: {} is not of type "array"'),
        ({"owners": None}, r'owners: null is not of type "array"'),
        ([], r'an object with types, records, owners.*\[\] is not of type "object"'),
        ({"types": math.nan}, "seed data must be JSON: .*not JSON compliant"),
        ({"types": "\ud800"}, "seed data must be JSON: .* surrogates not allowed"),
        ({"types": date(2026, 1, 1)}, "seed data must be JSON: .* date"),
    ],
)
def test_data_of_another_form_are_refused(data: Any, message: str) -> None:
    """The error names the place."""
    with pytest.raises(ValueError, match=message):
        MockServer(seed_data=data)


def test_a_record_needs_its_type(api: Api) -> None:
    """Or no update could be checked."""
    with pytest.raises(ValueError, match=r"records\.0 names a type that does not exist"):
        MockServer(seed_data={"records": [api.record]})


def test_a_record_changed_within_the_years_1_to_9999(api: Api) -> None:
    """Or it has no place in the stream."""
    record = api.record | {"updatedAtTime": "0001-01-01T00:00:00+01:00"}
    types = [*api.server.types.values()]

    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        MockServer(seed_data={"types": types, "records": [record]})


def test_an_owner_may_have_no_external_ids(new_api: Callable[..., Api]) -> None:
    """The spec does not require them."""
    data = seed.load() | {"owners": [{"entityType": "worker", "id": "7"}]}

    _, record = new_api(seed_data=data).update(owner={"entityType": "worker", "id": "7"})

    assert {"entityType": "worker", "id": "7", "externalIds": {}} == record["owner"]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_file_may_be_given(tmp_path: Path, mark: bytes) -> None:
    """In the form of the built-in one, also as Windows' editors save it."""
    text = files("samsara_qualifications.mock").joinpath("seed.json").read_bytes()
    path = tmp_path / "seed.json"
    path.write_bytes(mark + text)

    assert json.loads(text) == seed.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "Expecting"),
        (b"[" * 100_000, "nested deeper than 100 levels"),
        (b"[NaN]", "not JSON compliant"),
        ("[]".encode("utf-16"), "can't decode"),
    ],
)
def test_a_file_must_be_json(tmp_path: Path, text: bytes, message: str) -> None:
    """The error names the file."""
    path = tmp_path / "seed.json"
    path.write_bytes(text)

    with pytest.raises(ValueError, match=rf"seed\.json is not JSON: .*{message}"):
        seed.load(path)
