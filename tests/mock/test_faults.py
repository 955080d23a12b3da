"""Faults on request, as they arrive through the in-process transports."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications.mock import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

URL = "https://samsara.mock/qualification-records"
CLEAR = {"expirationDate": "1970-01-01T00:00:00Z"}


class Line:
    """A client of the mock, sync or async, whose sleeps are written down instead of slept."""

    def __init__(self, api: Api, kind: str) -> None:
        self.slept: list[float] = []
        self._api = api
        self._kind = kind

    async def send(self, method: str = "PATCH", url: str = URL, **options: Any) -> httpx.Response:
        """Send a request; clear the seed's record by default."""
        if method == "PATCH":
            options.setdefault("json", {"id": self._api.seed, **CLEAR})
        usual = {"headers": {"Authorization": f"Bearer {self._api.server.token}"}, "timeout": 5.0}
        if self._kind == "sync":
            return self._send_sync(method, url, usual | options)
        transport = self._api.server.async_transport(sleep=self._sleep)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, **usual | options)

    def _send_sync(self, method: str, url: str, options: dict[str, Any]) -> httpx.Response:
        transport = self._api.server.transport(sleep=self.slept.append)
        with httpx.Client(transport=transport) as client:
            return client.request(method, url, **options)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture(params=["sync", "async"])
def line(api: Api, request: pytest.FixtureRequest) -> Line:
    """Return a client of each kind."""
    return Line(api, request.param)


def applied(api: Api) -> bool:
    """Return whether the seed's record was cleared."""
    return "expirationDate" not in api.record


async def test_without_a_fault_the_answer_comes_at_once(api: Api, line: Line) -> None:
    """Status, headers and body are those of the server."""
    response = await line.send()

    assert (200, "application/json") == (response.status_code, response.headers["content-type"])
    assert str(len(response.content)) == response.headers["content-length"]
    assert api.record == response.json()["data"]
    assert [] == line.slept


async def test_queries_arrive_as_they_were_sent(api: Api, line: Line) -> None:
    """Percent-encoded, in order."""
    response = await line.send("GET", params={"ids": f"{api.seed},hr:hazmat-281474"})

    assert 2 == len(response.json()["data"])
    assert f"ids={api.seed}%2Chr%3Ahazmat-281474" == api.server.requests[-1].query


@pytest.mark.parametrize(
    ("fault", "status", "carried_out"),
    [
        (Fault(status=502), 502, False),
        (Fault(status=502, applied=True), 502, True),
        (Fault(status=429, headers={"Retry-After": "0.1"}), 429, False),
        (Fault(status=307, headers={"Location": "https://elsewhere.example"}), 307, False),
        (Fault(status=299), 299, True),
        (Fault(status=204, applied=False), 204, False),
        (Fault(body={"data": {}}), 200, True),
        (Fault(body={"data": {}}, applied=False), 200, False),
        (Fault(delay=1), 200, True),
    ],
)
async def test_a_status_says_whether_the_request_is_carried_out(
    api: Api, line: Line, fault: Fault, status: int, *, carried_out: bool
) -> None:
    """Errors and redirects are not, unless it is asked for."""
    api.server.faults.add(fault)

    response = await line.send()

    assert (status, carried_out) == (response.status_code, applied(api))
    assert status == api.server.requests[-1].status


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xff", b"\xff"),
        ("<html>ö", "<html>ö".encode()),
        ({"data": None}, b'{"data": null}'),
        ([], b"[]"),
        ("", b""),
    ],
)
async def test_a_body_can_be_anything(api: Api, line: Line, body: Any, expected: bytes) -> None:
    """Bytes and text as they are, the rest as JSON; the content type is JSON's by default."""
    api.server.faults.add(Fault(body=body))

    response = await line.send()

    assert (200, expected) == (response.status_code, response.content)
    assert "application/json" == response.headers["content-type"]


async def test_headers_go_over_the_real_ones(api: Api, line: Line) -> None:
    """In any case of letters; `None` removes one."""
    api.server.faults.add(
        Fault(headers={"content-type": "text/html", "X-REQUEST-ID": None, "x-new": "1"})
    )

    response = await line.send()

    assert 200 == response.status_code
    assert ["text/html"] == response.headers.get_list("content-type")
    assert "1" == response.headers["x-new"]
    assert "x-request-id" not in response.headers


async def test_a_response_without_a_body_has_no_content_type(api: Api, line: Line) -> None:
    """An error of a proxy may be empty."""
    api.server.faults.add(Fault(status=503))

    response = await line.send()

    assert (b"", None) == (response.content, response.headers.get("content-type"))


@pytest.mark.parametrize(
    ("cut", "error", "carried_out", "status"),
    [
        ("connect", httpx.ConnectError, False, None),
        ("request", httpx.ReadError, False, None),
        ("response", httpx.ReadError, True, 200),
        ("body", httpx.RemoteProtocolError, True, 200),
    ],
)
async def test_a_cut_raises_what_a_broken_connection_raises(
    api: Api, line: Line, cut: Any, error: type[Exception], status: int | None, *, carried_out: bool
) -> None:
    """And the request is carried out if the cut came after it."""
    api.server.faults.add(Fault(cut=cut))

    with pytest.raises(error):
        await line.send()

    assert carried_out is applied(api)
    assert status == api.server.requests[-1].status


def test_a_cut_body_begins_as_the_whole_does(api: Api) -> None:
    """The length of the whole is announced, half of it comes."""
    api.server.faults.add(Fault(cut="body", body="0123456789"))
    headers = {"Authorization": f"Bearer {api.server.token}"}

    with (
        httpx.Client(transport=api.server.transport(), headers=headers) as client,
        client.stream("GET", URL, params={"ids": api.seed}) as response,
    ):
        parts = response.iter_raw()
        assert ("10", b"01234") == (response.headers["content-length"], next(parts))
        with pytest.raises(httpx.RemoteProtocolError):
            next(parts)


@pytest.mark.parametrize(
    ("fault", "slept"),
    [
        (Fault(delay=2), [2]),
        (Fault(delay=2, status=503), [2]),
        (Fault(body="abc", drip=0.5), [0.5] * 3),
        (Fault(body="abcd", drip=0.5, delay=1, cut="body"), [1, 0.5, 0.5]),
        (Fault(cut="response", delay=3), [3]),
        (Fault(cut="connect", delay=3), []),
    ],
)
async def test_delays_and_drips_are_slept(
    api: Api, line: Line, fault: Fault, slept: list[float]
) -> None:
    """Before the response starts, and before each byte."""
    api.server.faults.add(fault)
    try:
        await line.send()
    except httpx.TransportError:
        assert fault.cut

    assert slept == line.slept


@pytest.mark.parametrize(
    "fault", [Fault(delay=5.1), Fault(body="ab", drip=5.1), Fault(cut="response", delay=6)]
)
async def test_the_client_waits_no_longer_than_its_timeout(
    api: Api, line: Line, fault: Fault
) -> None:
    """After the read timeout it gives up; the request was carried out all the same."""
    api.server.faults.add(fault)

    with pytest.raises(httpx.ReadTimeout):
        await line.send()

    assert [5.0] == line.slept
    assert applied(api)


async def test_without_a_timeout_it_waits(api: Api, line: Line) -> None:
    """As long as it takes."""
    api.server.faults.add(Fault(delay=1000))

    assert 200 == (await line.send(timeout=None)).status_code
    assert [1000] == line.slept


def statuses(api: Api, count: int) -> list[int]:
    """Return the statuses of this many updates."""
    return [api.send("PATCH", "/qualification-records", body=b"{}").status for _ in range(count)]


def test_a_fault_strikes_so_many_times_after_so_many(api: Api) -> None:
    """Then all is as before."""
    api.server.faults.add(Fault(status=502, times=2, skip=1))

    assert [400, 502, 502, 400] == statuses(api, 4)
    assert 0 == len(api.server.faults)


def test_faults_strike_in_order(api: Api) -> None:
    """The one that was added first strikes first; a skip holds up those behind it."""
    api.server.faults.add(Fault(status=502))
    api.server.faults.add(Fault(status=504, skip=1))
    api.server.faults.add(Fault(status=503))

    assert [502, 400, 504, 503, 400] == statuses(api, 5)


def test_a_fault_strikes_its_operation_only(api: Api) -> None:
    """Others pass, unknown paths too; one for all strikes even these."""
    api.server.faults.add(Fault(status=502, operation="getQualificationRecords"))

    assert [400] == statuses(api, 1)
    assert 404 == api.send("GET", "/nowhere").status
    assert 502 == api.send("GET", "/qualification-records").status

    api.server.faults.add(Fault(status=503))
    assert 503 == api.send("GET", "/nowhere").status


def test_faults_can_be_forgotten(api: Api) -> None:
    """None of them strikes any more."""
    api.server.faults.add(Fault(status=502))

    api.server.faults.clear()

    assert [400] == statuses(api, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fault(applied=False), "needs a status, a body or a cut"),
        (lambda: Fault(applied=False, delay=1), "needs a status, a body or a cut"),
        (lambda: Fault(applied=False, cut="body"), "needs a status, a body or a cut"),
        (lambda: Fault(status=0), "status: 0 is less than the minimum of 200"),
        (lambda: Fault(status=101), "status: 101 is less"),
        (lambda: Fault(status=500, times=0), "times: 0 is less than the minimum of 1"),
        (lambda: Fault(status=500, skip=-1), "skip: -1 is less than the minimum of 0"),
        (lambda: Fault(delay=-1), "delay: -1 is less"),
        (lambda: Fault(delay=math.nan), "delay: null is not of type"),
        (lambda: Fault(drip=math.inf), "drip: null is not of type"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(make: Callable[[], Fault], message: str) -> None:
    """A request that is not carried out has no real answer; a fault strikes at least once."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_fault_for_an_unknown_operation_is_refused(api: Api) -> None:
    """It would never strike; the error names the operations."""
    allowed = "updateQualificationRecord, .*, listQualificationTypes"
    with pytest.raises(ValueError, match=f'operation: "update" is not one of {allowed}'):
        api.server.faults.add(Fault(status=502, operation="update"))


def test_a_fault_takes_the_place_of_limit_and_token(new_api: Callable[..., Api]) -> None:
    """What is not carried out is not counted either."""
    api = new_api(rate=(1, 60.0))
    api.server.faults.add(Fault(status=502, times=3))

    assert [502, 502, 502, 400, 429] == statuses(api, 5)
    assert json.loads(api.send("GET", "/nowhere").body)["message"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("mine", [503, 404, 503]),
        ("hr:7", [404, 404, 503]),
        ({"id": "mine"}, [503, 404, 404]),
        ({"externalIds": {"a": "b"}}, [503, 404, 404]),
        ({"fields": [{"n": 2}, {"n": 1}]}, [503, 404, 404]),
        ({"fields": [{"n": True}]}, [404, 404, 404]),
        ({"fields": {"n": 1}}, [404, 404, 404]),
        ({"externalIds": {"a": None}}, [404, 404, 404]),
        ({}, [503, 503, 404]),
        (lambda request: request.method == "GET", [404, 404, 503]),
        (lambda request: request.json and request.json["id"] != "mine", [404, 503, 404]),
    ],
)
def test_a_fault_strikes_when_it_is_told(api: Api, when: Any, expected: list[int]) -> None:
    """By the id of a record, a part of the body, or a function of the request."""
    api.server.faults.add(Fault(status=503, body={}, when=when, times=9))
    body = {"id": "mine", "externalIds": {"a": "b", "c": "d"}, "fields": [{"n": 1}, {"n": 2.0}]}
    for field in body["fields"]:
        field |= {"id": api.seed, "type": "text"}

    answers = [
        api.update(**body)[0],
        api.update(id="other")[0],
        api.get("mine", "hr:7")[0],
    ]

    assert expected == answers


def test_a_skip_counts_the_requests_that_it_fits(api: Api) -> None:
    """Those of other records are others'."""
    api.server.faults.add(Fault(status=503, when=api.seed, skip=1))

    assert [404, 200, 503] == [api.update(id=name)[0] for name in ("other", api.seed, api.seed)]


def test_faults_that_never_struck_are_known(api: Api) -> None:
    """Those that did, or were forgotten, are not among them."""
    never, skipped = Fault(status=504, when="other"), Fault(status=503, skip=1)
    api.server.faults.add(Fault(status=502, times=9), never)
    api.update()
    api.server.faults.add(skipped)

    assert [never, skipped] == api.server.faults.unstruck
    api.server.faults.clear()
    assert [] == api.server.faults.unstruck


def test_a_fault_shows_what_it_was_given() -> None:
    """No more, so that a message can name it."""
    assert "Fault(when='r1', status=503)" == repr(Fault(status=503, when="r1"))
