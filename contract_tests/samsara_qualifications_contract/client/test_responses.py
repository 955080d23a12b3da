"""
Responses: the client bears every change that the API may make, and refuses what it cannot trust.

The rules of the tolerant reader, each of which the mutations try everywhere:
- unknown properties and unknown enum values are kept;
- `null` for an optional property is read as absent;
- a date-time is read as its instant in any spelling of RFC 3339, cut to the microsecond; a leap
  second is the last microsecond of its minute;
- a string is any string, also where its format is `uri`; a number is any finite double; an integer
  may be written as `3.0`; a blank may stand for the `T` of a date-time;
- all else that breaks the spec is refused, with the path of the value: the call was applied;
- an update that is answered with another record is refused: whether it was applied is unknown.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from samsara_qualifications import (
    ApiError,
    QualificationsError,
    UnexpectedResponse,
)
from samsara_qualifications._text import printable
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.calls import CALLS
from samsara_qualifications_contract.client.reading import (
    READERS,
    STATUSES,
    error_of,
    expected,
    outcome,
)
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.mutator import (
    INTEGERS,
    NUMBERS,
    STRINGS,
    Mutation,
    mutations,
)

FEWEST = {
    "updateQualificationRecord": 1300,
    "createQualificationRecord": 1300,
    "getQualificationRecords": 1300,
    "streamQualificationRecords": 1300,
    "listQualificationTypes": 500,
}
ODD_BODIES = {
    "nothing": b"",
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "no UTF-8": b"\xff\xfe\x00",
    "cut": b'{"message": "no su',
    "a list": b"[]",
    "a number": b"1e999",
    "deep": b"[" * 100_000,
}
UNREADABLE = {"year 0", "before year 1 in UTC", "after year 9999 in UTC", "10**400"}
"""What the spec allows and Python's datetime and float cannot hold."""


def all_mutations(operation_id: str) -> list[Mutation]:
    """Return the mutations of an operation's valid body."""
    schema = spec.OPERATIONS[operation_id].response_schema(spec.OPERATIONS[operation_id].success)
    assert schema is not None
    return list(mutations(schema, samples.body_of(operation_id)))


@pytest.mark.parametrize("operation_id", READERS)
def test_the_valid_answer_comes_through_whole(operation_id: str) -> None:
    """Where the mutations start, nothing is lost."""
    body = samples.body_of(operation_id)
    assert expected(body["data"]) == outcome(operation_id, body)


@pytest.mark.parametrize("operation_id", READERS)
def test_every_single_change(operation_id: str) -> None:
    """Each mutation is kept without loss, or refused with its path, by the rules above."""
    tried: Counter[str] = Counter()
    for mutation in all_mutations(operation_id):
        tried[mutation.reading] += 1
        result = outcome(operation_id, mutation.value)
        if mutation.reading == "refused":
            check_refused(operation_id, mutation, result)
        elif of_another_record(operation_id, mutation):
            assert isinstance(result, UnexpectedResponse), f"{mutation}: {result!r:.300}"
            assert (None, "data.id") == (result.applied, result.path), str(mutation)
        elif mutation.value.get("pagination", {}).get("hasNextPage") is not True:
            assert read(mutation) == result, f"{operation_id}: {mutation}"
    assert tried.total() >= FEWEST[operation_id], "the mutator has lost mutations"
    assert {"refused", "kept", "absent", "date-time"} == set(tried)


def of_another_record(operation_id: str, mutation: Mutation) -> bool:
    """Tell whether an update is answered with an id that it did not name."""
    changed = operation_id == "updateQualificationRecord" and mutation.path == ("data", "id")
    return changed and isinstance(mutation.value["data"].get("id"), str)


def check_refused(operation_id: str, mutation: Mutation, result: Any) -> None:
    """A refusal says that the call was applied, and where the value stands."""
    assert isinstance(result, UnexpectedResponse), f"{operation_id}: {mutation}: {result!r:.300}"
    assert result.applied is True, str(mutation)
    assert mutation.place == result.path, str(mutation)
    assert (mutation.place or "the body") in str(result)
    assert spec.OPERATIONS[operation_id].success == result.status


@pytest.mark.parametrize("operation_id", ["updateQualificationRecord", "listQualificationTypes"])
def test_strict(operation_id: str) -> None:
    """A strict client refuses exactly what breaks the spec, or cannot be read at all."""
    operation = spec.OPERATIONS[operation_id]
    schema = operation.response_schema(operation.success)
    assert schema is not None
    verdicts: Counter[bool] = Counter()
    for mutation in all_mutations(operation_id):
        broken = (
            bool(spec.breaches(schema, mutation.value))
            or mutation.name in UNREADABLE
            or of_another_record(operation_id, mutation)
        )
        verdicts[broken] += 1
        result = outcome(operation_id, mutation.value, strict=True)
        assert broken == isinstance(result, UnexpectedResponse), f"{mutation}: {result!r:.300}"
    assert min(verdicts.values()) > 100


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_status(status: int) -> None:
    """An error is classed by its status alone, whatever its body is."""
    bodies = {str(m): m.value for m in mutations({"$ref": ERROR}, samples.ERROR)}
    every: dict[str, Any] = {**bodies, **ODD_BODIES}
    for name, body in every.items():
        for operation_id in ("updateQualificationRecord", "deleteQualificationRecord"):
            error = error_of(operation_id, status, body)
            assert STATUSES[status] is type(error), f"{status} {name}: {error!r}"
            assert isinstance(error, ApiError)
            assert status == error.status
            unknown = status == 408 or status >= 500
            assert (None if unknown else False) is error.applied
            assert error.request_id in KNOWN_IDS


ERROR = "#/components/schemas/Error"
KNOWN_IDS = {
    *("header-id", samples.ERROR["requestId"], *map(printable, STRINGS)),
    *(str(number) for number in [*NUMBERS, *INTEGERS] if isinstance(number, int)),
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES)
def test_odd_bodies_of_a_success(body: bytes) -> None:
    """A success that is not a JSON object was applied all the same."""
    result = outcome("updateQualificationRecord", body)
    assert isinstance(result, UnexpectedResponse), repr(result)[:300]
    assert result.applied is True


@pytest.mark.parametrize("operation_id", [name for name in CALLS if name not in READERS])
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"data": null}'])
def test_a_success_without_content(operation_id: str, body: bytes) -> None:
    """Where the spec promises no body, none is read."""
    assert outcome(operation_id, body) is None


def test_errors_carry_what_the_server_said() -> None:
    """Message and request id come through, and never the token."""
    error = error_of("updateQualificationRecord", 400, {"message": "no 🚚", "requestId": "r-1"})
    assert isinstance(error, QualificationsError)
    assert ("no 🚚", "r-1") == (getattr(error, "message", None), error.request_id)
    assert "no 🚚" in str(error)


def read(mutation: Mutation) -> Any:
    """Return the JSON that the client must make of a mutation's body."""
    return expected(mutation.value["data"], absent=mutation.reading == "absent")
