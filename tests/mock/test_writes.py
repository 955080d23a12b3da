"""Update, create, delete, archive, unarchive."""

from __future__ import annotations

import copy
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api, Clock

LATER = "2026-01-01T00:00:00Z"  # the time at which the clock stands still


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a copy that lacks some properties."""
    return {name: value for name, value in record.items() if name not in names}


def test_the_seeds_request_changes_what_it_names_and_nothing_else(api: Api) -> None:
    """The issue date and owner are new; all else but the mark of the change is as before."""
    before = copy.deepcopy(api.record)
    owner = {"entityType": "worker", "id": "281475"}

    status, after = api.update(issueDate="2025-08-27T10:20:30Z", owner=owner)

    changed = ("issueDate", "owner", "updatedAtTime", "updatedBy")
    assert status == 200
    assert "2025-08-27T10:20:30Z" == after["issueDate"]
    assert {**owner, "externalIds": {"payroll": "E-1043"}} == after["owner"]
    assert LATER == after["updatedAtTime"]
    assert {"id": "1", "type": "user"} == after["updatedBy"]
    assert without(before, *changed) == without(after, *changed)


def test_an_update_is_stored(api: Api) -> None:
    """What an update answers is what a read gives."""
    _, updated = api.update(issueDate="2025-01-01T00:00:00+01:00")

    assert {"data": [updated]} == api.get(api.seed, includeExternalIds="true")[1]
    assert "2024-12-31T23:00:00Z" == updated["issueDate"]


def test_the_id_says_which_record_changes(api: Api) -> None:
    """Any record can be named, not only the first."""
    for record_id in api.server.records:
        _, record = api.update(id=record_id, issueDate="2025-01-01T00:00:00Z")
        assert record_id == record["id"]
        assert "2025-01-01T00:00:00Z" == api.server.records[record_id]["issueDate"]


def test_an_update_of_one_record_leaves_the_others(api: Api) -> None:
    """Only the record with the id changes."""
    others = copy.deepcopy({k: v for k, v in api.server.records.items() if k != api.seed})

    api.update(issueDate="2025-01-01T00:00:00Z", externalIds={"a": "b"})

    assert others == {k: v for k, v in api.server.records.items() if k != api.seed}


def test_an_update_of_nothing_is_a_change_of_nothing(api: Api) -> None:
    """Only the id is required; the update still counts as a write."""
    before = copy.deepcopy(api.record)

    status, after = api.update()

    assert status == 200
    assert LATER == after["updatedAtTime"]
    assert without(before, "updatedAtTime", "updatedBy") == without(
        after, "updatedAtTime", "updatedBy"
    )


@pytest.mark.parametrize(
    ("choice", "text", "expected"),
    [
        ("yes", "1970-01-01T00:00:00Z", None),
        ("yes", "1970-01-01T00:00:00.000Z", None),
        ("yes", "1970-01-01T01:00:00+01:00", None),
        ("yes", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("yes", "1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.001Z"),
        ("yes", "1970-01-01T00:00:00+01:00", "1969-12-31T23:00:00Z"),
        ("only_z", "1970-01-01T00:00:00Z", None),
        ("only_z", "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z"),
        ("only_z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ],
)
def test_the_epoch_clears_the_expiration_date(
    new_api: Callable[..., Api], choice: str, text: str, expected: str | None
) -> None:
    """The clear value removes the date, its neighbours are dates."""
    api = new_api(behaviours={"epoch_offset_forms_clear": choice})

    _, record = api.update(expirationDate=text)

    assert expected == record.get("expirationDate")
    assert expected == api.record.get("expirationDate")
    assert ("expirationDate" in record) is (expected is not None)


def test_clearing_twice_is_clearing(api: Api) -> None:
    """A record without the date can be cleared again."""
    clear = {"expirationDate": "1970-01-01T00:00:00Z"}
    api.update(**clear)

    status, record = api.update(**clear)

    assert status == 200
    assert "expirationDate" not in record


def test_the_epoch_is_a_date_elsewhere(api: Api) -> None:
    """Only the expiration date can be cleared."""
    assert "1970-01-01T00:00:00Z" == api.update(issueDate="1970-01-01T00:00:00Z")[1]["issueDate"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("by_key", {"a": "1", "b": "3", "c": "4"}), ("replace", {"b": "3", "c": "4"})],
)
def test_external_ids_merge_by_key(
    new_api: Callable[..., Api], choice: str, expected: dict[str, str]
) -> None:
    """Keys that are not named stay, unless the switch says otherwise."""
    api = new_api(behaviours={"external_ids_merge": choice})
    api.update(externalIds={"a": "1", "b": "2"})

    assert expected == api.update(externalIds={"b": "3", "c": "4"})[1]["externalIds"]


def test_external_ids_are_unique_per_key(api: Api) -> None:
    """The value of another record under the same key is refused, and nothing changes."""
    taken = {"hr": "hazmat-281474"}
    before = copy.deepcopy(api.record)

    status, error = api.update(issueDate="2025-01-01T00:00:00Z", externalIds=taken)

    assert status == 400
    assert "hr:hazmat-281474" in error["message"]
    assert before == api.record
    assert api.update(externalIds={"other": "hazmat-281474"})[0] == 200
    assert api.update(externalIds={"other": "hazmat-281474"})[0] == 200


def test_the_external_ids_of_a_deleted_record_are_free(api: Api) -> None:
    """After the record has gone, its external id can be used again."""
    [other] = [r["id"] for r in api.server.records.values() if "hr" in r["externalIds"]][:1]
    taken = api.server.records[other]["externalIds"]
    api.write("DELETE", "/qualification-records", id=other)

    assert api.update(externalIds=taken)[0] == 200


@pytest.mark.parametrize(("choice", "status"), [("no", 404), ("yes", 200)])
def test_an_update_by_external_id(new_api: Callable[..., Api], choice: str, status: int) -> None:
    """Whether the id may be an external one is a switch."""
    api = new_api(behaviours={"update_accepts_external_id": choice})

    answer, body = api.update(id="hr:hazmat-281474")

    assert status == answer
    assert choice == "no" or body["qualificationType"]["name"] == "HAZMAT Certificate"


@pytest.mark.parametrize("entity", ["asset", "worker"])
def test_the_owner_must_fit_the_type(api: Api, entity: str) -> None:
    """A licence belongs to a worker."""
    expected = 200 if entity == "worker" else 400

    assert expected == api.update(owner={"entityType": entity, "id": "7"})[0]


def test_an_unknown_owner_has_no_external_ids(api: Api) -> None:
    """Any owner's id is taken to exist."""
    owner = {"entityType": "worker", "id": "anyone"}

    assert {**owner, "externalIds": {}} == api.update(owner=owner)[1]["owner"]


@pytest.mark.parametrize(
    "path", ["/qualification-records/archive", "/qualification-records/unarchive"]
)
@pytest.mark.parametrize("record_id", ["nothing", "hr:hazmat-281474"])
def test_marking_an_unknown_record_answers_404(api: Api, path: str, record_id: str) -> None:
    """Neither an unknown nor an external id names a record here."""
    status, error = api.write("POST", path, id=record_id)

    assert status == 404
    assert record_id in error["message"]


def test_updating_an_unknown_record_answers_404(api: Api) -> None:
    """There is no such record, and none is made."""
    count = len(api.server.records)

    assert api.update(id="nothing")[0] == 404
    assert count == len(api.server.records)


def test_archive_and_back(api: Api) -> None:
    """Archiving marks the record, once; unarchiving unmarks it; both answer without a body."""
    archive, unarchive = "/qualification-records/archive", "/qualification-records/unarchive"
    states = []
    for path in (unarchive, archive, archive, unarchive):
        before = api.record["updatedAtTime"]
        assert (200, None) == api.write("POST", path, id=api.seed)
        states.append((api.record["recordStatus"], before != api.record["updatedAtTime"]))

    assert [("active", False), ("archived", True), ("archived", False), ("active", True)] == states


def test_an_archived_record_can_be_updated(api: Api) -> None:
    """It stays archived."""
    api.write("POST", "/qualification-records/archive", id=api.seed)

    status, record = api.update(issueDate="2025-01-01T00:00:00Z")

    assert (200, "archived") == (status, record["recordStatus"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/qualification-records"),
        ("DELETE", "/qualification-records"),
        ("POST", "/qualification-records/archive"),
        ("POST", "/qualification-records/unarchive"),
    ],
)
def test_a_deleted_record_cannot_be_written(api: Api, method: str, path: str) -> None:
    """After its deletion, every write answers 404."""
    assert (200, None) == api.write("DELETE", "/qualification-records", id=api.seed)

    assert api.write(method, path, id=api.seed)[0] == 404
    assert "deleted" == api.record["recordStatus"]


def test_create(api: Api) -> None:
    """A new record has an id, the type's name, and the times of its making."""
    status, record = api.create(expirationDate="2027-01-01T00:00:00Z", externalIds={"hr": "new"})

    kind = api.kind("Medical Certificate")
    [field] = record.pop("fields")
    user = {"id": "1", "type": "user"}
    assert status == 201
    assert "Examined on" == field["label"]
    assert {
        "id": "00000000-0000-4000-8000-000000000002",  # the request's id is the first
        "recordStatus": "active",
        "qualificationType": {name: kind[name] for name in ("id", "name", "revisionId")},
        "owner": {"entityType": "worker", "id": "281474", "externalIds": {}},
        "issueDate": "2025-08-27T10:20:30Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "externalIds": {"hr": "new"},
        "createdAtTime": LATER,
        "createdBy": user,
        "updatedAtTime": LATER,
        "updatedBy": user,
    } == record
    assert {**record, "fields": [field]} == api.server.records[record["id"]]


def test_create_keeps_its_time_of_birth(api: Api, clock: Clock) -> None:
    """A later update moves the time of change only."""
    _, record = api.create()
    clock.now += 1.5

    _, updated = api.update(id=record["id"])

    assert (LATER, "2026-01-01T00:00:01.500Z") == (
        updated["createdAtTime"],
        updated["updatedAtTime"],
    )


def test_create_with_the_clear_value_has_no_expiration_date(api: Api) -> None:
    """There is nothing to clear, and no date."""
    assert "expirationDate" not in api.create(expirationDate="1970-01-01T00:00:00Z")[1]


def test_create_of_an_unknown_type_answers_404(api: Api) -> None:
    """There is no such type."""
    unknown = "11111111-1111-4111-8111-111111111111"

    status, error = api.create(qualificationType={"id": unknown})

    assert status == 404
    assert unknown in error["message"]


def test_create_needs_the_required_fields(api: Api) -> None:
    """The error names what is missing, and nothing is stored."""
    count = len(api.server.records)

    status, error = api.create(fields=[])

    assert status == 400
    assert "Examined on" in error["message"]
    assert count == len(api.server.records)


def test_required_fields_that_no_request_can_set_are_not_asked_for(api: Api) -> None:
    """A person cannot be given as a field, so it cannot be required."""
    api.kind("Medical Certificate")["fields"].append(
        {
            "id": "22222222-2222-4222-8222-222222222222",
            "type": "asset",
            "label": "Vehicle",
            "isRequired": True,
        }
    )

    assert api.create()[0] == 201


def test_every_write_is_later_than_the_one_before(api: Api, clock: Clock) -> None:
    """Times of change are in strict order, even if the clock stands still or goes back."""
    times = [api.update()[1]["updatedAtTime"] for _ in range(3)]
    clock.now -= 3600
    times.append(api.update()[1]["updatedAtTime"])

    assert [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000001Z",
        "2026-01-01T00:00:00.000002Z",
        "2026-01-01T00:00:00.000003Z",
    ] == times


def test_times_of_change_do_not_run_ahead_of_the_clock(new_api: Callable[..., Api]) -> None:
    """A stream up to now holds the write of just now, however fast the writes come."""
    api = new_api(clock=time.time)
    for _ in range(100):
        api.update()
    now = datetime.fromtimestamp(time.time() + 1e-6, UTC).isoformat()

    assert api.seed in [record["id"] for record in api.stream(endTime=now)[1]["data"]]


def test_records_can_be_arranged_and_inspected(api: Api) -> None:
    """What a test puts into the records is what the API shows."""
    api.record["expirationDate"] = "2030-01-01T00:00:00Z"
    del api.record["externalIds"]

    [record] = api.get(api.seed)[1]["data"]

    assert "2030-01-01T00:00:00Z" == record["expirationDate"]
    assert {"k": "v"} == api.update(externalIds={"k": "v"})[1]["externalIds"]
