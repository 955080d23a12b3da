"""The protocol: tokens, paths, methods, content types, bodies, queries, request ids."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.spec import MAX_IDS, WRITES
from samsara_qualifications_contract.server import adapt
from samsara_qualifications_contract.server.plain import STREAM, TYPES, plain_request
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.spec import Operation

OPERATIONS = list(spec.OPERATIONS.values())
PATHS = sorted({operation.path for operation in OPERATIONS})
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
UPDATE = "/qualification-records"
MAX_BODY = 16 * 1024 * 1024

NO_JSON = {
    "nothing": b"",
    "a cut object": b'{"id": "x"',
    "two values": b'{"id": "x"} {}',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "no UTF-8": b'{"id": "\xff"}',
    "NaN": b'{"id": "x", "xExtra": NaN}',
    "infinity": b'{"id": "x", "xExtra": 1e999}',
    "a lone surrogate": b'{"id": "\\ud800"}',
    "deep": b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
ODD_HEADERS: list[dict[str, str | None]] = [
    {"Accept": spec.JSON_TYPE, "X_Samsara_Version": spec.VERSION},
    {"Accept_Encoding": "identity", "User_Agent": "curl/8", "X_New": "1"},
]
QUERIES = {
    "no entityType": "/qualification-types",
    "an unknown entityType": "/qualification-types?entityType=driver",
    "an empty entityType": "/qualification-types?entityType=",
    "entityType twice": f"{TYPES}&entityType=asset",
    "a made-up cursor": f"{TYPES}&after=made-up",
    "no startTime": "/qualification-records/stream?entityType=worker",
    "a startTime without offset": f"{STREAM[:-1]}",
    "an endTime that is none": f"{STREAM}&endTime=tomorrow",
    "a bad boolean": f"{STREAM}&includeDeleted=yes",
    "no ids": "/qualification-records",
    "an empty ids": "/qualification-records?ids=",
    "101 ids": "/qualification-records?ids=" + ",".join(map(str, range(MAX_IDS + 1))),
    "101 owners": f"{STREAM}&ownerIds=" + ",".join(map(str, range(MAX_IDS + 1))),
    "101 types": f"{STREAM}&qualificationTypeIds=" + ",".join(map(str, range(MAX_IDS + 1))),
    "no UTF-8": f"{TYPES}&ids=%FF",
}


@pytest.fixture
def api(target: Target) -> Iterator[Api]:
    """The target."""
    with target.open() as opened:
        yield opened


def request_of(api: Api, operation: Operation, **headers: str | None) -> Reply:
    """Send a plain request of an operation, with other headers."""
    target, content = plain_request(operation)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.send(operation.method, target, content, headers=named)


@pytest.mark.behaviour("auth_first")
@pytest.mark.behaviour("request_id")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_tokens(api: Api, operation: Operation) -> None:
    """Without the right bearer token, every operation answers 401."""
    for wrong in (None, "", "Bearer", f"Basic {api.token}", f"Bearer {api.token}x"):
        request_of(api, operation, Authorization=wrong).answers(401)
    request_of(api, operation, Authorization=f"Bearer {api.token[:-1]}").answers(401)
    reply = request_of(api, operation)
    reply.must(reply.status != 401, "the right token is taken, came 401")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_headers_that_change_nothing(api: Api, operation: Operation) -> None:
    """What clients of all kinds send beside is understood: media types, versions."""
    plain = request_of(api, operation)
    for more in ODD_HEADERS:
        reply = request_of(api, operation, **more)
        text = f"expected status {plain.status} as without {more}, came {reply.status}"
        reply.must(reply.status == plain.status, text)


@pytest.mark.behaviour("auth_first")
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nowhere"), ("PUT", UPDATE), ("PATCH", UPDATE)]
)
def test_the_token_comes_first(api: Api, method: str, path: str) -> None:
    """A wrong token answers 401 whatever else is wrong."""
    reply = api.send(method, path, b"{", headers={"Authorization": "Bearer wrong"})
    reply.answers(401, source="behaviour auth_first (assumed)")


@pytest.mark.parametrize("path", PATHS)
def test_methods(api: Api, path: str) -> None:
    """A method that a path does not know answers 405, and `Allow` names those that it knows."""
    for method in sorted(set(METHODS) - spec.methods(path)):
        api.send(method, path, b"").answers(405)
    api.send("HEAD", path)


@pytest.mark.parametrize("path", ["/", "/x", "/qualification-types/", "/Qualification-Types"])
def test_paths(api: Api, path: str) -> None:
    """A path that is not there answers 404."""
    api.send("GET", f"{path}?entityType=worker").answers(404)


@pytest.mark.behaviour("content_type")
@pytest.mark.parametrize("operation", WRITES, ids=lambda o: o.id)
def test_content_types(api: Api, operation: Operation) -> None:
    """Only JSON is read, with or without parameters, in any case."""
    for wrong in (None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        request_of(api, operation, Content_Type=wrong).answers(415)
    for right in ("application/json; charset=utf-8", "Application/JSON"):
        reply = request_of(api, operation, Content_Type=right)
        reply.must(reply.status != 415, f"content type {right} is read, came 415")


@pytest.mark.parametrize("operation", WRITES, ids=lambda o: o.id)
@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
def test_bodies_that_are_none(api: Api, operation: Operation, content: bytes) -> None:
    """A body that is not a JSON object answers 400."""
    headers = {"Content-Type": "application/json"}
    api.send(operation.method, operation.path, content, headers=headers).answers(400)


@pytest.mark.behaviour("repeated_keys")
@pytest.mark.parametrize(
    ("ids", "status"), [('7, "id": "nobody"', 404), ('"nobody", "id": 7', 400)]
)
def test_repeated_keys(api: Api, ids: str, status: int) -> None:
    """Of a key that stands twice, the last counts."""
    api.send("PATCH", UPDATE, f'{{"id": {ids}}}'.encode()).answers(status)


@pytest.mark.needs("own_server")
@pytest.mark.behaviour("too_large")
@pytest.mark.behaviour("body_size")
def test_a_huge_body(api: Api) -> None:
    """A body over 16 MiB answers 413; one of 16 MiB is read."""
    frame = b'{"id": "nobody", "xFill": ""}'
    full = frame.replace(b'""', b'"' + b"x" * (MAX_BODY - len(frame)) + b'"')
    api.send("PATCH", UPDATE, full).answers(404)
    api.send("PATCH", UPDATE, full + b" ").answers(413)


@pytest.mark.behaviour("repeated_parameter")
@pytest.mark.behaviour("at_most_100_ids")
@pytest.mark.behaviour("too_many_ids")
@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES)
def test_queries_that_are_wrong(api: Api, path: str) -> None:
    """A query that breaks the spec answers 400."""
    api.send("GET", path).answers(400)


@pytest.mark.behaviour("empty_list")
@pytest.mark.behaviour("type_filter")
@pytest.mark.behaviour("at_most_100_ids")
def test_lists_of_ids(api: Api) -> None:
    """A list holds up to 100 ids; unknown ones match nothing, and an empty list does not filter."""
    unknown = ",".join(str(number) for number in range(MAX_IDS))
    for path in (f"{TYPES}&ids={unknown}", f"{STREAM}&ownerIds={unknown}"):
        reply = api.send("GET", path).answers(200)
        reply.must(reply.data == [], "nothing for unknown ids", "behaviour type_filter (assumed)")
    api.send("GET", f"{STREAM}&qualificationTypeIds={unknown}").answers(200)
    every = api.send("GET", TYPES).answers(200).data
    reply = api.send("GET", f"{TYPES}&ids=").answers(200)
    reply.must(reply.data == every, "all types", "behaviour empty_list (assumed)")


@pytest.mark.needs("records")
@pytest.mark.behaviour("unknown_names")
def test_unknown_names_are_ignored(target: Target, api: Api) -> None:
    """Properties and parameters that the spec does not know change nothing."""
    story = Story(api, target.facts, own_server=target.own_server)
    entity = next(name for name in ("worker", "asset") if target.facts.usable(name))
    plain = adapt.minimal_record(target.facts, entity)
    other = story.create(plain)
    times = dict.fromkeys(["createdAtTime", "updatedAtTime"], "2000-01-01T00:00:00Z")
    users = {name: {"id": "made-up", "type": "driver"} for name in ("createdBy", "updatedBy")}
    owner = {**plain["owner"], "externalIds": {"payroll": "made-up"}}
    fields = [{**item, "label": "made-up"} for item in adapt.full_fields(target.facts, entity)]
    strange = {"recordStatus": "archived", "owner": owner, "fields": fields, **times, **users}
    record = story.create({**plain, **strange, "xNew": {"a": 1}, "id": other})
    assert record
    reply = story.update(record, **strange, qualificationType=target.facts.kinds(entity)[-1])
    assert reply
    for made_up in ("2000-01-01", "made-up"):
        absent = made_up not in json.dumps(story.known[record])
        story.must(reply, absent, f"no {made_up} in the record", ["unknown_names"])
    api.send("GET", f"{TYPES}&xNew=1&limit=1").answers(200)


def test_times_of_every_spelling(api: Api) -> None:
    """Offsets and fractions of a second are understood in a query."""
    for text in ("2024-01-01T01:00:00.123%2B01:00", "2024-01-01t00:00:00z", "2024-01-01T00:00:00Z"):
        path = f"/qualification-records/stream?entityType=asset&startTime={text}&endTime={text}"
        reply = api.send("GET", path).answers(200)
        reply.must(reply.data == [], "nothing in an empty span of time")


def test_json_of_any_form(api: Api) -> None:
    """Escapes and blanks in JSON do not matter."""
    content = json.dumps({"id": "nobody-ü"}, indent=2).encode()
    api.send("PATCH", UPDATE, content).answers(404)
