"""The exact bytes of every public call, as a server receives them."""

from __future__ import annotations

import functools
import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from samsara_qualifications import (
    CLEAR,
    UNSET,
    BadRequest,
    InvalidInput,
    NumberField,
    Owner,
    TextField,
    __version__,
    _calls,
    _wire,
    models,
)
from samsara_qualifications.mock import Fault

if TYPE_CHECKING:
    from samsara_qualifications.mock import MockServer, Received

ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
WORKER = Owner.worker("281474")
WHEN = datetime(2025, 8, 27, 10, 20, 30, tzinfo=UTC)
SOURCE = Path(__file__).parents[3] / "shared" / "seed" / "update-qualification-record.txt"
RECORDS = "/qualification-records"


@pytest.fixture
def send(connect: Any, mock: MockServer) -> Any:
    """Return a function that calls a method of a client and returns what the server received."""
    caller = connect(mock)

    def call(method: str, *arguments: Any, **options: Any) -> Received:
        mock.faults.add(Fault(status=400))
        with pytest.raises(BadRequest):
            caller(method, *arguments, **options)
        return mock.requests[-1]

    return call


class Text(str, Enum):  # noqa: UP042  it is this kind whose str() is not its value
    """Texts by name, as many code bases have them."""

    SEVEN = "7"


RECORDS_OWNER = models.Owner(entity_type=models.EntityType.WORKER, id="281474")
RECORDS_IDS = models.ExternalIds.from_dict({"hr": "7"})


class Decimals(float):
    """A float subclass with a repr of its own, as NumPy's."""

    def __repr__(self) -> str:
        return f"Decimals({float(self)})"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expiration_date": CLEAR}, ',"expirationDate":"1970-01-01T00:00:00Z"'),
        (
            {"expiration_date": CLEAR, "issue_date": UNSET, "owner": UNSET, "fields": UNSET},
            ',"expirationDate":"1970-01-01T00:00:00Z"',
        ),
        ({"expiration_date": date(2027, 1, 1)}, ',"expirationDate":"2027-01-01T00:00:00Z"'),
        ({"issue_date": WHEN}, ',"issueDate":"2025-08-27T10:20:30Z"'),
        (
            {"issue_date": WHEN.astimezone(timezone(-timedelta(hours=5, minutes=30)))},
            ',"issueDate":"2025-08-27T10:20:30Z"',
        ),
        (
            {"issue_date": WHEN.replace(microsecond=1500)},
            ',"issueDate":"2025-08-27T10:20:30.001500Z"',
        ),
        ({"owner": WORKER}, ',"owner":{"entityType":"worker","id":"281474"}'),
        ({"owner": Owner.asset("é")}, ',"owner":{"entityType":"asset","id":"é"}'),
        ({"owner": RECORDS_OWNER}, ',"owner":{"entityType":"worker","id":"281474"}'),
        ({"owner": Owner.asset(Text.SEVEN)}, ',"owner":{"entityType":"asset","id":"7"}'),
        ({"external_ids": RECORDS_IDS}, ',"externalIds":{"hr":"7"}'),
        ({"external_ids": {Text.SEVEN: Text.SEVEN}}, ',"externalIds":{"7":"7"}'),
        (
            {"external_ids": {"hr": 'Jürgen "☃" \\ 😀\x7f\n', "x": CLEAR}},
            ',"externalIds":{"hr":"Jürgen \\"☃\\" \\\\ 😀\x7f\\n","x":""}',
        ),
        *(
            (
                {"fields": [NumberField(ID, number)]},
                f',"fields":[{{"id":"{ID}","type":"number","numberValue":{{"value":{text}}}}}]',
            )
            for number, text in [
                (123.456, "123.456"),
                (7, "7"),
                (-0.0, "-0.0"),
                (1e22, "1e+22"),
                (5e-324, "5e-324"),
                (2**53 + 1, "9007199254740993"),
                (Decimals(0.1), "0.1"),
            ]
        ),
        (
            {"fields": (TextField(ID, "</script>\u2028"),)},
            f',"fields":[{{"id":"{ID}","type":"text","textValue":{{"value":"</script>\u2028"}}}}]',
        ),
    ],
)
def test_an_update_says_what_was_given_and_nothing_else(
    send: Any, changes: dict[str, Any], expected: str
) -> None:
    """Absent, set and cleared are three things on the wire, too; there is never a null."""
    assert f'{{"id":"{ID}"{expected}}}' == send("update", ID, **changes).body.decode()


def test_the_request_of_the_source_document_goes_out(connect: Any, mock: MockServer) -> None:
    """What the seed shows in curl is what the client sends."""
    if not SOURCE.exists():
        pytest.skip("the source document is not on this machine")
    text = SOURCE.read_text("utf-8")
    expected, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    connect(mock)("update", ID, issue_date=WHEN, owner=WORKER)
    received = mock.requests[-1]
    assert expected == json.loads(received.body)
    assert ("PATCH", RECORDS, "", "application/json") == (
        received.method,
        received.path,
        received.query,
        received.headers["content-type"],
    )


@pytest.mark.parametrize(
    ("method", "verb", "path"),
    [
        ("delete", "DELETE", RECORDS),
        ("archive", "POST", f"{RECORDS}/archive"),
        ("unarchive", "POST", f"{RECORDS}/unarchive"),
    ],
)
def test_an_id_goes_out_in_the_body(
    connect: Any, mock: MockServer, method: str, verb: str, path: str
) -> None:
    """Also that of a deletion."""
    assert connect(mock)(method, ID) is None
    received = mock.requests[-1]
    assert (verb, path, "") == (received.method, received.path, received.query)
    assert f'{{"id":"{ID}"}}' == received.body.decode()
    assert "application/json" == received.headers["content-type"]


def test_a_creation_goes_out_whole(send: Any) -> None:
    """All that it can say, and no more than it must."""
    least = {
        "qualificationType": {"id": ID},
        "owner": {"entityType": "worker", "id": "281474"},
        "issueDate": "2025-08-27T10:20:30Z",
    }
    received = send("create", ID, owner=WORKER, issue_date=WHEN)
    assert ("POST", RECORDS) == (received.method, received.path)
    assert least == json.loads(received.body)
    more = {"fields": [], "external_ids": {"hr": "7"}, "expiration_date": date(2030, 1, 1)}
    received = send("create", ID, owner=WORKER, issue_date=WHEN, **more)
    expected = {
        **least,
        "expirationDate": "2030-01-01T00:00:00Z",
        "fields": [],
        "externalIds": {"hr": "7"},
    }
    assert expected == json.loads(received.body)
    received = send("create", ID, owner=WORKER, issue_date=WHEN, fields=[], external_ids={})
    assert {**least, "fields": [], "externalIds": {}} == json.loads(received.body)


AT = "2025-08-27T10:20:30Z"
FILTERS = "qualificationTypeIds=b,a&ownerIds=1&includeDeleted=true&includeExternalIds=false"
UNTIL = "endTime=2026-01-01T00:00:00Z"
READS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("get", (ID,), {}, f"{RECORDS}?ids={ID}"),
    ("get", (["b", "a", "b"],), {}, f"{RECORDS}?ids=b,a"),
    ("get", (("hr:7", "x"),), {}, f"{RECORDS}?ids=hr:7,x"),
    ("get", ([ID],), {"include_external_ids": True}, f"{RECORDS}?ids={ID}&includeExternalIds=true"),
    (
        "stream",
        (),
        {"entity_type": "worker", "start_time": WHEN, "end_time": date(2026, 1, 1)},
        f"{RECORDS}/stream?entityType=worker&startTime={AT}&{UNTIL}",
    ),
    (
        "stream",
        (),
        {
            "entity_type": _wire.models.EntityType.ASSET,
            "start_time": date(1970, 1, 1),
            "end_time": date(2026, 1, 1),
            "type_ids": ["b", "a"],
            "owner_ids": {"1": None}.keys(),
            "include_deleted": True,
            "include_external_ids": False,
        },
        f"{RECORDS}/stream?entityType=asset&startTime=1970-01-01T00:00:00Z&{UNTIL}&{FILTERS}",
    ),
    ("types", (), {"entity_type": "worker"}, "/qualification-types?entityType=worker"),
    (
        "types",
        (),
        {"entity_type": "asset", "type_ids": [ID, "2"]},
        f"/qualification-types?entityType=asset&ids={ID},2",
    ),
]


def test_a_stream_without_an_end_ends_now(send: Any) -> None:
    """An open end would let the pages go on for as long as records change."""
    before = datetime.now(UTC)
    received = send("stream", entity_type="worker", start_time=WHEN, end_time=UNSET)
    end = datetime.fromisoformat(received.query.partition("endTime=")[2])
    assert before <= end <= datetime.now(UTC)


@pytest.mark.parametrize(("method", "arguments", "options", "target"), READS)
def test_a_read_joins_its_ids_by_commas(
    send: Any, *, method: str, arguments: tuple[Any, ...], options: dict[str, Any], target: str
) -> None:
    """One parameter each, as the API documents it, and no body."""
    received = send(method, *arguments, **options)
    assert ("GET", target, b"") == (
        received.method,
        f"{received.path}?{received.query}",
        received.body,
    )
    assert "content-type" not in received.headers


@pytest.mark.parametrize(
    "record_id",
    ["a b", "a+b", "a&b=c", "a%2Cb", "a#b", "a?b", "é😀", "a/b", "a;b", "'a'", 'a"b', "[a]", "a|b"],
)
def test_an_odd_id_arrives_as_it_is(send: Any, record_id: str) -> None:
    """Whatever a URL would take it for."""
    query = send("get", record_id).query
    assert [("ids", record_id)] == parse_qsl(query, keep_blank_values=True)


def test_every_request_names_token_and_formats(connect: Any, serve: Any) -> None:
    """The headers, over a real socket."""

    def answer(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = serve(answer)
    connect(f"{server.url}/v1/")("delete", "1")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    sent = dict(line.split(": ", 1) for line in headers)
    assert "DELETE /v1/qualification-records HTTP/1.1" == first
    assert "Bearer token-of-a-test" == sent["Authorization"]
    assert ("application/json", "gzip", "application/json") == (
        sent.get("Accept"),
        sent["Accept-Encoding"],
        sent["Content-Type"],
    )
    assert sent["User-Agent"].startswith(f"samsara-qualifications/{__version__} ")
    assert b'{"id":"1"}' == body


def test_more_than_100_ids_take_several_requests() -> None:
    """100, 100 and the rest, each once and in order."""
    ids = [str(number) for number in range(250)]
    calls = _calls.get_many([*ids, "7"], include_external_ids=UNSET)
    joined = [call.request.target.partition("=")[2].split(",") for call in calls]
    assert [100, 100, 50] == [len(part) for part in joined]
    assert ids == [record_id for part in joined for record_id in part]
    assert [] == _calls.get_many([], include_external_ids=UNSET)


@pytest.fixture
def refuse(connect: Any, mock: MockServer, store: Any, budget: Any) -> Any:
    """Return a function that calls a method, and returns the error that it raises at once."""
    caller = connect(mock, budget=budget)

    def call(method: str, *arguments: Any, **options: Any) -> InvalidInput:
        lazy = method in {"stream", "types"}
        now = getattr(caller.client, method) if lazy else functools.partial(caller, method)
        with pytest.raises(InvalidInput) as caught:
            now(*arguments, **options)
        assert (0, []) == (len(mock.requests), store.fates)
        return caught.value

    return call


CREATE: dict[str, Any] = {"owner": WORKER, "issue_date": WHEN}
CLEARED: dict[str, Any] = {"expiration_date": CLEAR}
RECORDS_FIELD = models.Field(id=UUID(ID), type_=models.FieldType.TEXT)
STREAM: dict[str, Any] = {"entity_type": "worker", "start_time": WHEN}
EPOCH = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("method", "arguments", "options", "message"),
    [
        ("update", ("",), {}, "record_id='' is not a valid id"),
        ("update", (None,), {}, "record_id must be a string, not None"),
        ("update", (ID,), {"expiration_date": None}, "expiration_date=None is ambiguous: leave "),
        ("update", (ID,), {"expiration_date": None}, "UNSET, to keep the date; pass CLEAR to "),
        ("update", (ID,), {}, "changes nothing, and would use up a slot of the rate limit"),
        ("update", (ID,), {"fields": []}, "fields=[] changes nothing: leave fields out"),
        ("update", (ID,), {"external_ids": {}}, "external_ids={} changes nothing: leave"),
        ("update", (ID,), {"external_ids": {"hr": ""}}, "pass CLEAR to empty it"),
        ("update", (ID,), {"fields": [RECORDS_FIELD]}, "not the fields of a record: fields_for("),
        *(
            ("update", (ID,), {"expiration_date": day}, "pass CLEAR to remove the expiration")
            for day in [
                EPOCH,
                date(1970, 1, 1),
                date(1969, 12, 31),
                date(1970, 1, 2),
                datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=14))),
                datetime(1970, 1, 1, 23, 59, tzinfo=timezone(-timedelta(hours=12))),
                date(1899, 12, 30),
                date(1900, 1, 1),
                date(1, 1, 1),
            ]
        ),
        ("update", (ID,), {"expiration_date": "2027"}, "expiration_date must be an aware datetime"),
        ("update", (ID,), {"issue_date": None}, "issue_date=None is ambiguous: leave issue_date o"),
        ("update", (ID,), {"issue_date": EPOCH}, "pass the real issue_date"),
        ("update", (ID,), {"issue_date": CLEAR}, "issue_date must be an aware datetime or a date"),
        ("update", (ID,), {"owner": None}, "owner=None is ambiguous: leave owner out"),
        ("update", (ID,), {"owner": "281474"}, "must be Owner.worker(id) or Owner.asset(id)"),
        ("update", (ID,), {"fields": None}, "fields=None is ambiguous"),
        ("update", (ID,), {"external_ids": None}, "external_ids=None is ambiguous"),
        ("update", (ID,), {"external_ids": {"a": 1}}, "external_ids['a'] must be a string"),
        (
            "update",
            (ID,),
            {**CLEARED, "lane": "slow"},
            "lane=str 'slow' must be 'interactive' or 'bulk'",
        ),
        ("update", (ID,), {**CLEARED, "deadline": 0}, "deadline=0 leaves no time for anything"),
        (
            "update",
            (ID,),
            {**CLEARED, "deadline": float("nan")},
            "deadline=float nan is not a valid time",
        ),
        (
            "update",
            (ID,),
            {**CLEARED, "deadline": "5"},
            "deadline must be seconds as a number, not str '5'",
        ),
        ("create", ("x",), CREATE, "type_id must be a UUID"),
        ("create", (ID,), {**CREATE, "owner": None}, "owner=None must be Owner.worker(id)"),
        ("create", (ID,), {**CREATE, "owner": UNSET}, "owner=Unset UNSET must be Owner.worker(id"),
        ("create", (ID,), {**CREATE, "issue_date": None}, "issue_date must be an aware datetime"),
        ("create", (ID,), {**CREATE, "issue_date": EPOCH}, "pass the real issue_date"),
        (
            "create",
            (ID,),
            {**CREATE, "expiration_date": CLEAR},
            "expiration_date=CLEAR has no mean",
        ),
        ("create", (ID,), {**CREATE, "expiration_date": EPOCH}, "if the new record never expires"),
        (
            "create",
            (ID,),
            {**CREATE, "expiration_date": None},
            "leave expiration_date out, or pass",
        ),
        ("delete", (5,), {}, "record_id must be a string, not int 5"),
        ("archive", ("a\n",), {}, "or hold control characters"),
        ("unarchive", (" ",), {}, "is not a valid id"),
        ("get", ("",), {}, "='' is not a valid id"),
        ("get", (None,), {}, "record_ids must be a sequence of ids, not None"),
        ("get", (["a", None],), {}, "record_ids[1] must be a string, not None"),
        ("get", ("a,b",), {}, "ids go out joined by commas"),
        ("get", (ID,), {"include_external_ids": 1}, "include_external_ids must be True or False"),
        ("get", (ID,), {"include_external_ids": None}, "include_external_ids=None is ambiguous"),
        ("get", (ID,), {"lane": ""}, "lane=str '' must be"),
        ("stream", (), {**STREAM, "entity_type": "driver"}, "must be one of 'asset', 'worker'"),
        ("stream", (), {**STREAM, "start_time": None}, "start_time must be an aware datetime"),
        ("stream", (), {**STREAM, "end_time": None}, "end_time=None is ambiguous: leave end_time"),
        ("stream", (), {**STREAM, "type_ids": []}, "type_ids holds 0 ids; a filter takes 1 to 100"),
        (
            "stream",
            (),
            {**STREAM, "owner_ids": list(map(str, range(101)))},
            "owner_ids holds 101 ids",
        ),
        ("stream", (), {**STREAM, "owner_ids": "281474"}, "owner_ids must be a sequence of ids"),
        (
            "stream",
            (),
            {**STREAM, "include_deleted": "no"},
            "include_deleted must be True or False",
        ),
        ("stream", (), {**STREAM, "lane": "fast"}, "lane=str 'fast' must be"),
        ("stream", (), {**STREAM, "deadline": -1}, "deadline=int -1 is not a valid time"),
        ("types", (), {"entity_type": None}, "entity_type=None must be one of"),
        ("types", (), {"entity_type": "worker", "type_ids": None}, "type_ids=None is ambiguous"),
        ("types", (), {"entity_type": "worker", "deadline": 0}, "deadline=0 leaves no time"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    refuse: Any, *, method: str, arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    """At the call, also where it returns an iterator."""
    error = refuse(method, *arguments, **options)
    assert message in str(error)
    assert error.applied is False


def test_too_many_long_ids_are_refused(
    connect: Any, mock: MockServer, store: Any, budget: Any
) -> None:
    """A URL has an end; the slot goes back."""
    caller = connect(mock, budget=budget)
    with pytest.raises(InvalidInput, match="do not fit into a URL: URL too long; pass fewer"):
        caller("get", [f"{number}-{'x' * 1000}" for number in range(100)])
    assert (0, ["refunded"]) == (len(mock.requests), store.fates)
