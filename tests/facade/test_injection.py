"""Whatever text a caller or the server passes, it stays in its place; the token shows nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import io
import json
import logging
import pickle
import traceback
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import h11
import httpcore
import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samsara_qualifications import (
    AsyncQualificationsClient,
    BarcodeCell,
    Budget,
    BudgetUnavailable,
    ConfigurationError,
    InvalidInput,
    MediaField,
    MediaItem,
    Owner,
    PersonCell,
    QualificationsClient,
    QualificationsError,
    RetryPolicy,
    TableField,
    TableRow,
    TextField,
    push,
)
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.sentinels import Exactly
from samsara_qualifications_contract.client.calls import NO_LIMITS

from .conftest import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

OTHER = "0cbbddb3-2541-4889-b4eb-92171cbfc142"
HOST = "127.0.0.1:1"
ANY_TOKEN = "t"
DAY = date(2026, 1, 1)
WINDOW: dict[str, Any] = {"start_time": DAY, "end_time": DAY}
HEADERS = ["host", "authorization", "accept", "accept-encoding", "user-agent"]
BODY_HEADERS = ["content-type", "content-length"]
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
FAST = settings(max_examples=100, derandomize=True, deadline=None, database=None)

PIECES = [
    *("\r\n", "\r\nX-Evil: 1", "\n", "\r", "\0", "\t", " ", "\x85", "\u2028", "\u202e"),
    *("&", "=", "?", "#", "/", "..", ";", ":", ",", "+", "%", "%0d%0a", "%26ids%3D1", "&ids=1"),
    *('"', "'", "\\", '","id":"x', '"}\r\n\r\nGET / HTTP/1.1\r\n\r\n', "\\u0000", "{}", "[]"),
    *("ü", "𝄞", "\ud800", "\udfff", "ﬁ", "a" * 300, "Bearer x", "r"),
]
plain = [piece for piece in PIECES if piece.isprintable()]
texts = (
    st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map("".join)
    | st.lists(st.sampled_from(plain), min_size=1, max_size=5).map("".join)
    | st.text(st.characters(), max_size=30)
)
tokens = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\"'"),
    min_size=1,
    max_size=60,
)


class Wire:
    """
    A network backend of httpcore in memory: keeps what is written, and reads a prepared answer.

    Args:
        answer: What is read; an exception is raised instead of a connection.
    """

    def __init__(self, answer: bytes | Exception = REFUSAL) -> None:
        self.sent = b""
        self._answer = answer

    def connect_tcp(self, *_: Any, **__: Any) -> Wire:
        """Connect."""
        if isinstance(self._answer, Exception):
            raise self._answer
        return self

    def read(self, *_: Any, **__: Any) -> bytes:
        """Read the answer, and then the end."""
        data, self._answer = self._answer, b""
        assert isinstance(data, bytes)
        return data

    def write(self, data: bytes, *_: Any, **__: Any) -> None:
        """Keep what is written."""
        self.sent += data

    def get_extra_info(self, _: str) -> None:
        """Know nothing more."""

    def close(self) -> None:
        """Do nothing."""


class AsyncWire(Wire):
    """The same, for an event loop."""

    async def connect_tcp(self, *_: Any, **__: Any) -> AsyncWire:  # type: ignore[override]
        """Connect."""
        return self

    async def read(self, *_: Any, **__: Any) -> bytes:  # type: ignore[override]
        """Read the answer, and then the end."""
        return super().read()

    async def write(self, data: bytes, *_: Any, **__: Any) -> None:  # type: ignore[override]
        """Keep what is written."""
        super().write(data)

    async def aclose(self) -> None:
        """Do nothing."""


OPTIONS: dict[str, Any] = {
    "base_url": f"http://{HOST}",
    "limits": NO_LIMITS,
    "retry": RetryPolicy(attempts=1, rate_limited_attempts=1),
}


@contextlib.contextmanager
def client_on(
    wire: Wire, token: str = ANY_TOKEN, **options: Any
) -> Generator[QualificationsClient]:
    """Give a blocking client whose bytes go to a wire."""
    transport = httpx.HTTPTransport(verify=False)
    transport._pool._network_backend = wire  # type: ignore[assignment]  # no public way
    with httpx.Client(transport=transport) as own:
        given_ = {**OPTIONS, "budget": Budget(MemoryStore()), **options}
        yield QualificationsClient(token, http_client=own, **given_)


def sent(call: Callable[[QualificationsClient], Any], **options: Any) -> bytes | None:
    """Return the bytes of a call; None where it refused its arguments, and sent nothing."""
    wire = Wire()
    with client_on(wire, **options) as client:
        try:
            result = call(client)
            _ = list(result) if hasattr(result, "__next__") else result
        except InvalidInput as error:
            printed(error)
            assert b"" == wire.sent
            return None
        except QualificationsError as error:
            printed(error)
    return wire.sent


def printed(error: QualificationsError) -> None:
    """Check that an error can be printed."""
    str(error).encode()


def sent_async(call: Callable[[Any], Any]) -> bytes:
    """Return the bytes of a call on an event loop."""
    wire = AsyncWire()

    async def run() -> None:
        transport = httpx.AsyncHTTPTransport(verify=False)
        transport._pool._network_backend = wire  # type: ignore[assignment]  # no public way
        async with httpx.AsyncClient(transport=transport) as own:
            with contextlib.suppress(QualificationsError):
                await call(AsyncQualificationsClient("t", http_client=own, **OPTIONS))

    asyncio.run(run())
    return wire.sent


class Received:
    """
    One request as a server reads it, by h11, with nothing before or after it.

    Args:
        data: All bytes that were sent.
        token: The token that it must bring.
        content: Whether it must have a body.
    """

    def __init__(self, data: bytes, *, token: str = ANY_TOKEN, content: bool) -> None:
        server = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        server.receive_data(data)
        request = server.next_event()
        assert isinstance(request, h11.Request)
        self.body = b""
        while isinstance(event := server.next_event(), h11.Data):
            self.body += event.data
        assert isinstance(event, h11.EndOfMessage)
        assert (b"", False) == server.trailing_data
        self.method, self.target = request.method.decode(), request.target.decode("ascii")
        headers = [(name.decode(), value.decode("ascii")) for name, value in request.headers]
        names = [*HEADERS, *(BODY_HEADERS if content else [])]
        assert sorted(names) == sorted(name for name, _ in headers)
        self.headers = dict(headers)
        assert (HOST, f"Bearer {token}") == (self.headers["host"], self.headers["authorization"])
        head = data[: len(data) - len(self.body)]
        assert 2 + len(names) + 1 == len(head.split(b"\r\n"))
        assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n")
        assert content is bool(self.body)

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters, decoded."""
        parts = urlsplit(self.target)
        assert "" == parts.fragment
        return parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)

    @property
    def json(self) -> Any:
        """The body; it is one JSON value, whose names are unique."""
        return json.loads(self.body.decode(), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs)
    return found


UPDATED = {"id": "r", "issueDate": "2026-01-01T00:00:00Z"}


@FAST
@given(text=texts)
@example(text='r","expirationDate":"1970-01-01T00:00:00Z')
def test_a_record_id_stays_in_the_body(text: str) -> None:
    """It is one value of the body, and of nothing else; each write treats it so."""
    calls: list[tuple[str, str, Any, dict[str, str]]] = [
        ("PATCH", "", lambda c: c.update(text, issue_date=DAY), {**UPDATED, "id": text}),
        ("DELETE", "", lambda c: c.delete(text), {"id": text}),
        ("POST", "/archive", lambda c: c.archive(text), {"id": text}),
        ("POST", "/unarchive", lambda c: c.unarchive(text), {"id": text}),
    ]
    for method, path, call, body in calls:
        data = sent(call)
        if data is not None:
            received = Received(data, content=True)
            target = f"/qualification-records{path}"
            assert (method, target, body) == (received.method, received.target, received.json)


@FAST
@given(text=texts)
@example(text="r&includeExternalIds=true")
def test_an_id_stays_in_its_parameter(text: str) -> None:
    """A read asks for this id, with this parameter alone."""
    data = sent(lambda c: c.get(text))
    if data is not None:
        received = Received(data, content=False)
        assert ("GET", "/qualification-records") == (
            received.method,
            received.target.partition("?")[0],
        )
        assert [("ids", text)] == received.query


@FAST
@given(ids=st.lists(texts, min_size=1, max_size=4), kind=st.sampled_from(["type_ids", "owner_ids"]))
def test_filters_stay_in_their_parameters(ids: list[str], kind: str) -> None:
    """Each filter is one parameter, which splits at its commas into what was given."""
    filters: dict[str, Any] = {kind: ids}
    data = sent(lambda c: c.stream(entity_type="worker", **WINDOW, **filters))
    if data is not None:
        name = {"type_ids": "qualificationTypeIds", "owner_ids": "ownerIds"}[kind]
        query = dict(received_query := Received(data, content=False).query)
        assert ["endTime", "entityType", name, "startTime"] == sorted(k for k, _ in received_query)
        assert list(dict.fromkeys(ids)) == query[name].split(",")
    data = sent(lambda c: c.types(entity_type="asset", type_ids=ids))
    if data is not None:
        query = dict(Received(data, content=False).query)
        assert {"entityType": "asset", "ids": ",".join(dict.fromkeys(ids))} == query


@FAST
@given(key=texts, value=texts)
@example(key='hr":"x","id', value="7")
def test_external_ids_stay_in_their_place(key: str, value: str) -> None:
    """Key and value come back as they were given; neither adds another."""
    data = sent(lambda c: c.update("r", external_ids={key: Exactly(value)}))
    if data is not None:
        body = {"id": "r", "externalIds": {key: value}}
        assert body == Received(data, content=True).json


@FAST
@given(text=texts)
def test_texts_stay_in_their_fields(text: str) -> None:
    """So do texts in fields, cells and files' types; the async client sends the same bytes."""

    def fields() -> list[Any]:
        cells = [BarcodeCell(SEED, [text, text]), PersonCell(OTHER, text)]
        return [
            TextField(SEED, Exactly(text)),
            TableField(OTHER, [TableRow(SEED, cells)]),
            MediaField(str(datetime_id), [MediaItem.from_bytes(text, b"\r\n")]),
        ]

    data = sent(lambda c: c.update("r", fields=fields(), owner=Owner.worker(text)))
    if data is not None:
        body = Received(data, content=True).json
        plain, table, media = body["fields"]
        barcodes, person = table["tableValue"]["rows"][0]["cells"]
        assert {"entityType": "worker", "id": text} == body["owner"]
        assert {"value": text} == plain["textValue"]
        assert [{"value": text}] * 2 == barcodes["barcodeValue"]["barcodes"]
        assert {"polymorphicUserId": text} == person["personValue"]["person"]
        assert [{"mediaType": text, "base64Payload": "DQo="}] == media["mediaValue"]["mediaList"]
        assert data == sent_async(
            lambda c: c.update("r", fields=fields(), owner=Owner.worker(text))
        )


datetime_id = "1214a1fa-f0c6-408b-bf85-51dc3bc71ac7"


@FAST
@given(token=tokens)
@example(token="a\\b")
@example(token="Bearer")
def test_a_token_is_one_header(token: str) -> None:
    """A token goes out as it is, in its header alone."""
    data = sent(lambda c: c.get("r"), token=token)
    assert data is not None
    assert [("ids", "r")] == Received(data, token=token, content=False).query


@FAST
@given(token=texts)
def test_no_text_that_is_no_token_goes_out(token: str) -> None:
    """Line ends and all that is not ASCII are refused; the message does not show them."""
    data = message = None
    try:
        data = sent(lambda c: c.get("r"), token=token)
    except ConfigurationError as error:
        message = str(error)
    if message is None:
        assert data is not None
        Received(data, token=token, content=False)
    else:
        assert message.isprintable()
        assert len(token) < 8 or token not in message


def page(cursor: str, *, more: bool) -> bytes:
    """Return the answer of an empty page."""
    found = {"data": [], "pagination": {"endCursor": cursor, "hasNextPage": more}}
    return answer(body=json.dumps(found).encode())


def answer(line: bytes = b"200 OK", headers: bytes = b"", body: bytes = b"") -> bytes:
    """Return a response as it stands on the wire."""
    length = f"Content-Length: {len(body)}\r\n".encode()
    return b"HTTP/1.1 " + line + b"\r\n" + length + headers + b"\r\n" + body


@FAST
@given(cursor=texts)
def test_a_cursor_stays_in_its_parameter(cursor: str) -> None:
    """What the server gives comes back to it whole, and adds nothing."""
    wire = Wire(page(cursor, more=True))
    with client_on(wire) as client, contextlib.suppress(QualificationsError):
        list(client.types(entity_type="worker"))
    requests = wire.sent.split(b"GET /")[1:]
    assert len(requests) == (1 if not cursor or not _encodable(cursor) else 2)
    query = Received(b"GET /" + requests[-1], content=False).query
    assert [("entityType", "worker"), ("after", cursor)][: len(requests)] == query


def _encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


TOKEN = "samsara_api_" + "Zk3" * 10
HALF = TOKEN[: len(TOKEN) // 2]
ECHO = TOKEN.encode()
WORDS = json.dumps({"message": f"you sent {TOKEN}", "requestId": TOKEN, TOKEN: [TOKEN]}).encode()
SIDES = b"".join(
    name + b": " + ECHO + b"\r\n"
    for name in (b"X-Request-Id", b"Location", b"Retry-After", b"Content-Type", b"Set-Cookie")
)
STATUSES = (302, 400, 401, 403, 404, 408, 413, 429, 500, 503, 599)


def shown(record_id: str = "r", **changes: Any) -> bytes:
    """Return the answer of an update: a record, with some properties changed."""
    user = {"id": "1", "type": "user"}
    whole = {
        "id": record_id,
        "recordStatus": "active",
        "qualificationType": {"id": SEED},
        "owner": {"entityType": "worker", "id": "1"},
        "issueDate": "2024-08-27T10:20:30Z",
        "fields": [],
        "createdAtTime": "2019-06-13T19:08:25Z",
        "createdBy": user,
        "updatedAtTime": "2019-06-13T19:08:25Z",
        "updatedBy": user,
    }
    return answer(b"200 " + ECHO, SIDES, json.dumps({"data": whole | changes}).encode())


def update(client: Any) -> Any:
    """Update a record."""
    return client.update("r", issue_date=DAY)


def types(client: Any) -> Any:
    """Read all types."""
    return list(client.types(entity_type="worker"))


ECHOES: dict[str, tuple[Callable[[Any], Any], bytes]] = {
    **{f"{status}": (update, answer(b"%d " % status + ECHO, SIDES, WORDS)) for status in STATUSES},
    "a page": (update, answer(b"502 " + ECHO, SIDES, b"<html>Bearer " + ECHO)),
    "a list": (update, answer(b"400 " + ECHO, SIDES, b'["' + ECHO + b'"]')),
    "no status line": (update, ECHO + b"\r\n\r\n"),
    "no header": (update, b"HTTP/1.1 200 OK\r\n" + ECHO + b"\r\n\r\n"),
    "a length": (update, b"HTTP/1.1 200 OK\r\nContent-Length: " + ECHO + b"\r\n\r\n"),
    "a coding": (update, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + ECHO + b"\r\n\r\n"),
    "a chunk": (update, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + ECHO + b"\r\n"),
    "no JSON": (update, answer(b"200 OK", SIDES, ECHO)),
    "a text": (update, answer(b"200 OK", SIDES, b'"' + ECHO + b'"')),
    "nothing": (update, answer(b"204 " + ECHO, SIDES)),
    "another record": (update, shown(TOKEN)),
    "a date": (update, shown(issueDate=TOKEN)),
    "a UUID": (update, shown(qualificationType={"id": TOKEN})),
    "a key": (update, shown(externalIds={TOKEN: 1})),
    "another record, read": (
        lambda c: c.get("r"),
        shown(TOKEN).replace(b'{"data": {', b'{"data":[{').replace(b"}}\r", b"}]}\r"),
    ),
    "a cursor, twice": (types, page(TOKEN, more=True)),
    "a cursor that is too long": (types, page(TOKEN * 300, more=True)),
}


def raised(
    call: Callable[[Any], Any], data: bytes | Exception, **options: Any
) -> QualificationsError:
    """Return the error that a call ends with."""
    with client_on(Wire(data), TOKEN, **options) as client:
        try:
            result = call(client)
        except QualificationsError as error:
            return error
    raise AssertionError(f"there was no error, but {result!r:.200}")


def places(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield all that an error holds and shows, and the errors behind it."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    for name, one in (("itself", error), ("its pickle", again), ("its copy", copy.copy(error))):
        yield f"{name}, as text", f"{one} {one!r} {one.args!r}"
        yield f"{name}, its attributes", repr(vars(one))
        yield f"{name}, its notes", repr(getattr(one, "__notes__", []))
    yield "its pickle, as bytes", repr(pickle.dumps(error))
    yield "its traceback", "".join(traceback.format_exception(error))
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            yield from places(behind)
            yield "its request", repr(vars(behind))


@contextlib.contextmanager
def logged() -> Generator[io.StringIO]:
    """Catch what the package logs, at every level."""
    log, text = logging.getLogger("samsara_qualifications"), io.StringIO()
    handler, level = logging.StreamHandler(text), log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


@pytest.mark.parametrize(("call", "data"), ECHOES.values(), ids=ECHOES)
def test_an_echo_of_the_token_shows_nowhere(call: Callable[[Any], Any], data: bytes) -> None:
    """Nor in any text, attribute, note, pickle, event or log, nor in what is behind the error."""
    events: list[Any] = []
    hooks = {"on_retry": events.append, "on_wait": events.append}
    with logged() as log:
        error = raised(call, data, retry=RetryPolicy(attempts=2, backoff=0), **hooks)
    found = [*places(error), ("the log", log.getvalue()), ("the events", repr(events))]
    assert [] == [place for place, text in found if TOKEN in text or repr(ECHO)[2:-1] in text]


CUT: dict[str, tuple[Callable[[Any], Any], bytes]] = {
    "an encoding": (update, answer(b"200 OK", b"Content-Encoding: " + ECHO + b"\r\n")),
    "a request id": (update, answer(b"400 x", b"X-Request-Id: " + b"x" * 70 + ECHO + b"\r\n")),
    "an error's body": (update, answer(b"400 x", b"", b"x" * (64 * 1024 - 30) + ECHO)),
    "another record": (update, shown("x" * 50 + TOKEN)),
    "a date": (update, shown(issueDate="x" * 30 + TOKEN)),
}


@pytest.mark.parametrize(("call", "data"), CUT.values(), ids=CUT)
def test_an_echo_that_is_cut_shows_no_half_of_the_token(
    call: Callable[[Any], Any], data: bytes
) -> None:
    """Where only the beginning of a text is kept, no beginning of the token is."""
    error = raised(call, data)
    assert [] == [place for place, text in places(error) if HALF.lower() in text.lower()]


class Gone(MemoryStore):
    """A budget's store that does not answer."""

    def take(self, *_: Any) -> Any:
        """Fail."""
        raise BudgetUnavailable(f"the store says {TOKEN}")


def test_every_class_of_error_was_looked_at() -> None:
    """Those that no answer makes hold no token either: all classes there are."""
    errors = [raised(call, data) for call, data in ECHOES.values()]
    errors += [
        raised(lambda c: c.update("", issue_date=DAY), b""),
        raised(lambda c: c.update("r", issue_date=DAY, deadline=1e-5), b""),
        raised(update, httpcore.ConnectError(TOKEN)),
        raised(update, b"", budget=Budget(Gone()), deadline=0.1),
    ]
    with pytest.raises(QualificationsError) as caught:
        QualificationsClient(TOKEN + "\n")
    errors.append(caught.value)
    with pytest.raises(QualificationsError) as caught:
        push.Plan.open("none")
    errors.append(caught.value)
    kinds = {type(error) for error in errors}
    assert set() == set(leaves(QualificationsError)) - kinds
    assert [] == [error for error in errors for _, text in places(error) if TOKEN in text]


def leaves(kind: type) -> Iterator[type]:
    """Yield the classes that are derived from a class, and from which none is."""
    for below in kind.__subclasses__():
        yield from leaves(below)
    if not kind.__subclasses__():
        yield kind


async def test_what_holds_a_token_does_not_show_it() -> None:
    """Neither the clients, nor their configuration, nor the budget, in any usual form."""
    blocking = QualificationsClient(TOKEN)
    on_a_loop = AsyncQualificationsClient(TOKEN)
    things: list[Any] = [blocking, on_a_loop, blocking.budget, blocking._driver.config]
    things += [blocking._driver._rules, blocking._driver._exchanger]
    texts_ = [text for thing in things for text in (repr(thing), str(thing), f"{thing}")]
    assert [] == [text for text in texts_ if TOKEN in text]
    for thing in (blocking, on_a_loop):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(thing)
        assert TOKEN not in str(caught.value)
    blocking.close()
    await on_a_loop.aclose()
