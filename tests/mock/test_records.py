"""Records that a test adds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Api

LICENCE = "Driver License"


def test_a_record_is_added_by_names(api: Api) -> None:
    """A type's name and fields' labels; the rest has defaults."""
    record = api.server.add_record(
        "Medical Certificate", {"Examined on": date(2026, 1, 2), "Corrective lenses": "Required"}
    )

    assert record is api.server.records[record["id"]]
    assert ("active", "2026-01-01T00:00:00Z") == (record["recordStatus"], record["issueDate"])
    assert "281474" == record["owner"]["id"]
    assert ["2026-01-02", "Required"] == [
        record["fields"][0]["dateTimeValue"]["dateValue"],
        record["fields"][1]["multipleChoiceValue"]["value"],
    ]
    assert [record["id"]] == [shown["id"] for shown in api.get(record["id"])[1]["data"]]
    assert [] == [received for received in api.server.requests if received.method != "GET"]


def test_a_record_is_added_by_id_and_json(api: Api) -> None:
    """As a request has it, with an id and a status of one's own."""
    field = {"id": api.seed, "type": "text", "textValue": {"value": "D9"}}
    properties: dict[str, Any] = {
        "owner": {"entityType": "worker", "id": "7"},
        "issueDate": "2020-01-01T01:00:00+01:00",
        "expirationDate": "1970-01-01T00:00:00Z",
        "externalIds": {"hr": "9"},
    }

    record = api.server.add_record(
        api.kind(LICENCE)["id"], [field], id="mine", recordStatus="archived", **properties
    )

    assert ("mine", "archived") == (record["id"], record["recordStatus"])
    assert ("2020-01-01T00:00:00Z", {"hr": "9"}) == (record["issueDate"], record["externalIds"])
    assert "expirationDate" not in record
    assert "D9" == record["fields"][0]["textValue"]["value"]


def test_required_fields_may_be_missing(api: Api) -> None:
    """What a test is not about, it need not name."""
    assert [] == api.server.add_record("Crane Load Test")["fields"]


@pytest.mark.parametrize(
    ("arguments", "properties", "message"),
    [
        (["License"], {}, "no qualification type 'License'; there are: Driver License, "),
        ([LICENCE, {"License": "D1"}], {}, "License Number"),
        ([LICENCE, [{"id": "x"}]], {}, r"add_record: fields\.0"),
        ([LICENCE], {"expires": 1}, "expires is none of id, recordStatus, owner, issueDate"),
        ([LICENCE], {"issueDate": "today"}, 'add_record: issueDate: "today" is not'),
        ([LICENCE], {"recordStatus": "gone"}, '"gone" is not one of active, archived, deleted'),
        ([LICENCE], {"id": 7}, 'add_record: id: 7 is not of type "string"'),
        ([LICENCE], {"id": "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"}, "already: give it another"),
        ([LICENCE], {"externalIds": {"hr": "licence-281475"}}, "belongs to another record"),
        ([LICENCE], {"owner": {"entityType": "asset", "id": "1"}}, "is of a worker, not asset"),
    ],
)
def test_mistakes_are_told(
    api: Api, arguments: list[Any], properties: dict[str, Any], message: str
) -> None:
    """As a `ValueError`, and nothing is added."""
    before = len(api.server.records)

    with pytest.raises(ValueError, match=message):
        api.server.add_record(*arguments, **properties)

    assert before == len(api.server.records)
