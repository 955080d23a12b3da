"""The decoders: what the API may add passes, what cannot be trusted does not."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_api import decode, decode_types, models
from samsara_qualifications_api.reading import Unreadable, parse
from samsara_qualifications_contract.client import calls, reading, samples
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.mutator import mutations

if TYPE_CHECKING:
    from collections.abc import Iterator

Decoder = Callable[[Any], Any]
RECORD: dict[str, Any] = {"data": samples.RECORD}


def encode(value: Any) -> bytes:
    """Return the bytes of a body."""
    return json.dumps(value).encode()


def read(value: Any) -> models.QualificationRecord:
    """Read a body as a record."""
    return decode.qualification_record_response(parse(encode(value))).data


def with_data(**changes: Any) -> dict[str, Any]:
    """Return the example with other properties of the record."""
    return {"data": {**RECORD["data"], **changes}}


def refusal(body: bytes, decoder: Decoder = decode.qualification_record_response) -> Unreadable:
    """Return the error of a body that cannot be read."""
    try:
        result = decoder(parse(body))
    except Unreadable as error:
        return error
    except Exception as error:
        raise AssertionError(f"it raised {error!r}") from error
    raise AssertionError(f"it was read: {result!r:.200}")


def test_the_example_of_the_spec_survives_the_round_trip() -> None:
    """What comes in goes out again, property for property."""
    assert RECORD["data"] == read(RECORD).to_dict()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is not JSON: Expecting value"),
        (b"<html>", "is not JSON"),
        (b'{"data": NaN}', "is not JSON: NaN is not allowed"),
        (b'{"data": -Infinity}', "is not JSON: -Infinity is not allowed"),
        (b"\xff\xff", "is not JSON"),
        (b"9" * 5000, "is not JSON: Exceeds the limit"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"null", "should be an object, not null"),
        (b"[]", "should be an object, not []"),
        (b'"' + b"x" * 10_000 + b'"', 'should be an object, not "xxx'),
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes, reason: str) -> None:
    """With a short reason, and no path."""
    error = refusal(body)
    assert reason in str(error)
    assert "" == error.path
    assert len(str(error)) < 200


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    """With and without a byte order mark."""
    body = json.dumps(RECORD, ensure_ascii=False).encode(encoding)
    assert RECORD == parse(body)


def test_the_last_of_two_equal_keys_counts() -> None:
    """As in Python's json, and in most parsers."""
    body = encode(RECORD).replace(b'{"data":', b'{"data": 5, "data":', 1)
    assert RECORD == parse(body)


@pytest.mark.parametrize("depth", [*range(900, 1000, 3), 3000])
def test_no_depth_is_too_deep_for_a_clear_answer(depth: int) -> None:
    """Parsed or not, a nested value where text should be is refused, and never a crash."""
    body = encode(RECORD).replace(b'"active"', b"[" * depth + b"]" * depth)
    assert str(refusal(body)).startswith(("should be a string, not [[", "is nested too deeply"))


def test_what_is_new_passes() -> None:
    """Unknown properties and enum values are kept, at every level."""
    changes = {"recordStatus": "paused", "barcode": {"value": None}}
    owner = {**RECORD["data"]["owner"], "entityType": "vehicle", "colour": "red"}
    body = with_data(**changes, owner=owner)
    record = read(body)
    assert ("paused", "vehicle") == (str(record.record_status), str(record.owner.entity_type))
    assert {"value": None} == record["barcode"]
    assert "red" == record.owner["colour"]
    assert body["data"] == record.to_dict()


def test_null_for_an_optional_property_is_absent() -> None:
    """Whatever its type."""
    record = read(with_data(expirationDate=None, externalIds=None))
    assert "expirationDate" not in record.to_dict()
    assert "externalIds" not in record.to_dict()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-27T10:20:30Z", "2026-08-27T10:20:30+00:00"),
        ("2026-08-27t10:20:30z", "2026-08-27T10:20:30+00:00"),
        ("2026-08-27 10:20:30Z", "2026-08-27T10:20:30+00:00"),
        ("2026-08-27T10:20:30-05:30", "2026-08-27T10:20:30-05:30"),
        ("2026-08-27T10:20:30.1Z", "2026-08-27T10:20:30.100000+00:00"),
        ("2026-08-27T10:20:30.123456789Z", "2026-08-27T10:20:30.123456+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_a_date_time_is_read_in_every_form_of_rfc_3339(text: str, expected: str) -> None:
    """Python knows no leap second and no nanosecond: those are cut."""
    assert expected == read(with_data(expirationDate=text)).expiration_date.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-08-27",
        "2026-08-27T10:20:30",
        "2026-08-27T10:20Z",
        "20260827T102030Z",
        "2026-02-30T10:20:30Z",
        "2026-08-27T25:20:30Z",
        "2026-08-27T10:20:30+25:00",
        "2026-08-27T10:20:30+0530",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-08-27T10:20:30Z\n",
        "٢٠٢٦-08-27T10:20:30Z",
    ],
)
def test_what_is_no_date_time_is_refused(text: str) -> None:
    """Also naive ones: nobody knows what they mean."""
    error = refusal(encode(with_data(expirationDate=text)))
    assert "data.expirationDate" == error.path
    assert "date-time" in str(error)


FIELD = RECORD["data"]["fields"][0]


def with_field(**changes: Any) -> bytes:
    """Return the example's bytes with other properties of its second field."""
    return encode(with_data(fields=[FIELD, {**FIELD, **changes}]))


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (encode({}), "data", "is missing"),
        (encode(with_data(id=5)), "data.id", "should be a string, not 5"),
        (encode(with_data(id=None)), "data.id", "should be a string, not null"),
        (encode(with_data(owner=[])), "data.owner", "should be an object, not []"),
        (encode(with_data(owner={"id": "1"})), "data.owner.entityType", "is missing"),
        (encode(with_data(fields={})), "data.fields", "should be an array, not {}"),
        (encode(with_data(externalIds=[])), "data.externalIds", "should be an object, not []"),
        (
            encode(with_data(externalIds={"a": 1})),
            "data.externalIds.a",
            "should be a string, not 1",
        ),
        (with_field(id="x"), "data.fields[1].id", 'should be a UUID, not "x"'),
        (
            with_field(numberValue={"value": "1"}),
            "data.fields[1].numberValue.value",
            'should be a number, not "1"',
        ),
        (
            with_field(numberValue={"value": True}),
            "data.fields[1].numberValue.value",
            "should be a number, not true",
        ),
        (
            with_field(numberValue={"value": 10**400}),
            "data.fields[1].numberValue.value",
            "should be a number, not 1000",
        ),
        (
            with_field(dateTimeValue={**FIELD["dateTimeValue"], "dateValue": "2024-02-30"}),
            "data.fields[1].dateTimeValue.dateValue",
            'should be a date such as 2024-08-08, not "2024-02-30"',
        ),
    ],
)
def test_the_first_value_that_cannot_be_read_is_named(body: bytes, path: str, reason: str) -> None:
    """With its whole path."""
    error = refusal(body)
    assert path == error.path
    assert reason in str(error)


@pytest.mark.parametrize("text", ["20240808", "2024-W32-4", "2024-8-8", "2024-08-08T00:00:00Z", ""])
def test_a_date_has_one_form(text: str) -> None:
    """Python's other ISO forms are not the API's."""
    body = with_field(dateTimeValue={**FIELD["dateTimeValue"], "dateValue": text})
    assert "data.fields[1].dateTimeValue.dateValue" == refusal(body).path


def test_an_infinite_number_is_refused() -> None:
    """`1e400` is JSON, but no double."""
    body = with_field(numberValue={"value": 5}).replace(b'{"value": 5}', b'{"value": 1e400}')
    assert "data.fields[1].numberValue.value" == refusal(body).path


PAGE = {
    "data": [],
    "pagination": {"endCursor": "", "hasNextPage": False},
}


def type_with(**changes: Any) -> bytes:
    """Return a page with one qualification type that has one field."""
    user = {"id": "1", "type": "user"}
    field = {"id": FIELD["id"], "type": "number", "label": "x", "isRequired": False, **changes}
    found = {
        "id": FIELD["id"],
        "name": "x",
        "entityType": "worker",
        "revisionId": FIELD["id"],
        "createdAtTime": "2026-08-27T10:20:30Z",
        "updatedAtTime": "2026-08-27T10:20:30Z",
        "createdBy": user,
        "updatedBy": user,
        "fields": [field],
    }
    return encode({**PAGE, "data": [found]})


@pytest.mark.parametrize("number", [2, 2.0])
def test_an_integer_may_be_written_as_a_float(number: float) -> None:
    """JSON knows one kind of number only."""
    page = decode_types.qualification_type_page(parse(type_with(numDecimalPlaces=number)))
    places = page.data[0].fields[0].num_decimal_places
    assert (2, int) == (places, type(places))


@pytest.mark.parametrize("number", [b"2.5", b"1e400", b"true", b'"2"'])
def test_what_is_no_integer_is_refused(number: bytes) -> None:
    """Not rounded, and no crash."""
    body = type_with(numDecimalPlaces=5).replace(b"5}", number + b"}")
    assert number in body
    error = refusal(body, decode_types.qualification_type_page)
    assert "data[0].fields[0].numDecimalPlaces" == error.path


def test_what_is_no_boolean_is_refused() -> None:
    """Not even 0."""
    error = refusal(type_with(isRequired=0), decode_types.qualification_type_page)
    assert ("data[0].fields[0].isRequired", "should be a boolean, not 0") == (
        error.path,
        str(error),
    )


def test_the_first_missing_property_is_always_the_same() -> None:
    """In the order of the spec, whatever the hash seed."""
    required = spec.SCHEMAS["QualificationRecord"]["required"]
    assert f"data.{required[0]}" == refusal(b'{"data": {}}').path


STRANGE: list[Any] = [None, True, 0, -1.5, 10**400, "", "x", "\ud800", [], [None], {}, {"a": None}]


def mutants(value: Any) -> Iterator[Callable[[Any], Any]]:
    """Yield functions that return a document changed at one place."""
    if isinstance(value, dict):
        for key in value:
            yield lambda v, key=key: {k: v[k] for k in v if k != key}
            for inner in mutants(value[key]):
                yield lambda v, key=key, inner=inner: {**v, key: inner(v[key])}
    elif isinstance(value, list):
        for place in range(len(value)):
            for inner in mutants(value[place]):
                yield lambda v, p=place, inner=inner: [*v[:p], inner(v[p]), *v[p + 1 :]]
    for other in STRANGE:
        yield lambda _, other=other: other


def test_no_single_change_of_a_response_breaks_more_than_the_decoder() -> None:
    """Every document is read into a whole model, or refused with a path: there is no third way."""
    outcomes = {True: 0, False: 0}
    for mutate in mutants(RECORD):
        document = mutate(copy.deepcopy(RECORD))
        try:
            read(document).to_dict()
        except Unreadable:
            outcomes[False] += 1
        else:
            outcomes[True] += 1
    assert min(outcomes.values()) > 200


DECODERS: dict[str, tuple[type[Any], Decoder]] = {
    "updateQualificationRecord": (
        models.QualificationRecordResponse,
        decode.qualification_record_response,
    ),
    "getQualificationRecords": (models.QualificationRecordList, decode.qualification_record_list),
    "streamQualificationRecords": (
        models.QualificationRecordPage,
        decode.qualification_record_page,
    ),
    "listQualificationTypes": (models.QualificationTypePage, decode_types.qualification_type_page),
}
FEWEST = {**dict.fromkeys(DECODERS, 1300), "listQualificationTypes": 500}


@pytest.mark.parametrize("operation_id", DECODERS)
def test_every_single_change_is_read_by_the_rules(operation_id: str) -> None:
    """Or refused with its path; what is kept is what the generator's own `from_dict` reads."""
    model, decoder = DECODERS[operation_id]
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    tried: Counter[str] = Counter()
    for change in mutations(schema, samples.body_of(operation_id)):
        tried[change.reading] += 1
        if change.reading == "refused":
            with pytest.raises(Unreadable) as caught:
                decoder(change.value)
            assert change.place == caught.value.path, str(change)
            assert str(caught.value).startswith(("should be ", "is missing")), str(change)
            continue
        try:
            found = decoder(change.value)
        except Exception as error:
            raise AssertionError(f"{change}: {error!r}") from error
        wanted = reading.expected(change.value, absent=change.reading == "absent")
        assert wanted == calls.rendered(found), str(change)
        if change.reading == "kept":
            assert model.from_dict(change.value) == found, str(change)
    assert {"refused", "kept", "absent", "date-time"} == set(tried)
    assert tried.total() >= FEWEST[operation_id], "the mutator has lost mutations"


def test_every_answer_has_its_decoder() -> None:
    """Named as the module of its model."""
    for operation in spec.OPERATIONS.values():
        schema = operation.response_schema(operation.success)
        if schema:
            name = schema["$ref"].rpartition("/")[2]
            module = getattr(models, name).__module__.rpartition(".")[2]
            place = decode_types if name == "QualificationTypePage" else decode
            assert name == getattr(place, module).__annotations__["return"]


def test_what_is_read_stays_as_it_was() -> None:
    """The value is the caller's."""
    body = copy.deepcopy(RECORD)
    decode.qualification_record_response(body)
    assert RECORD == body


def long(kind: str) -> Any:
    """Return a value that is too long, too wide or too deep to be shown whole."""
    if kind == "deep":
        value: Any = []
        for _ in range(100_000):
            value = [value]
        return value
    return {
        "text": "x" * 10**7,
        "texts": ["x" * 10**7],
        "names": {"x" * 10**7: 1},
        "wide": [[0] * 1000] * 1000,
        "number": 10**4000,
    }[kind]


@pytest.mark.parametrize("kind", ["deep", "text", "texts", "names", "wide", "number"])
def test_a_refusal_is_short_whatever_it_refuses(kind: str) -> None:
    """And shows the beginning, for which not all is written."""
    value = long(kind)
    tracemalloc.start()
    with pytest.raises(Unreadable) as caught:
        decode.qualification_record_response(with_data(recordStatus=[value], issueDate=value))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "data.recordStatus" == caught.value.path
    assert len(str(caught.value)) < 100
    assert peak < 10**6


@pytest.mark.parametrize(
    "text", ["x" * 10**6, "2026-02-30T10:20:30." + "1" * 10**6 + "Z", "2026-08-27T10:20:30Z" * 9]
)
def test_a_long_date_time_is_shown_by_its_beginning(text: str) -> None:
    """Also where Python's own message is added."""
    with pytest.raises(Unreadable) as caught:
        read(with_data(expirationDate=text))
    assert repr(text[:50])[:-1] in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_refusal_can_be_pickled() -> None:
    """With its path."""
    error = refusal(encode(with_data(id=5)))
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(error), "data.id") == (str(twin), twin.path)
