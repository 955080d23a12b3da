"""`/_mock/`: what tests in any language ask of the mock itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications.mock import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

FAULTS = "/_mock/faults"
RESET = "/_mock/reset"


@pytest.fixture
def api(new_api: Callable[..., Api]) -> Api:
    """Return a server that can be controlled, with a limit and a fault to begin with."""
    first = Fault(operation="archiveQualificationRecord", status=503)
    return new_api(control=True, rate=(2, 60), faults=[first])


def ask(api: Api, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request; return the status and the body."""
    content = b"" if body is None else json.dumps(body).encode()
    response = api.send(method, path, body=content, headers={"content-type": "text/plain"})
    return response.status, json.loads(response.body)


def test_faults_are_arranged_listed_and_forgotten(api: Api) -> None:
    """Each with how many requests it has struck."""
    fault = {"status": 502, "when": {"issueDate": "2026-01-01T00:00:00Z"}, "times": 3}
    first = {"fault": {"operation": "archiveQualificationRecord", "status": 503}, "struck": 0}

    assert (200, {"faults": [first]}) == ask(api, "GET", FAULTS)
    assert 200 == ask(api, "POST", FAULTS, fault)[0]
    assert 502 == api.update(issueDate="2026-01-01T00:00:00Z")[0]
    assert {"faults": [first, {"fault": fault, "struck": 1}]} == ask(api, "GET", FAULTS)[1]
    assert (200, {"faults": []}) == ask(api, "DELETE", FAULTS)
    assert 200 == api.update(issueDate="2026-01-01T00:00:00Z")[0]


def test_what_is_not_json_is_listed_all_the_same(api: Api) -> None:
    """A fault that was arranged in Python may have a function and bytes."""
    api.server.faults.clear()
    api.server.faults.add(Fault(when=callable, body=b"\xff"))

    [shown] = ask(api, "GET", FAULTS)[1]["faults"]
    assert "b'\\xff'" == shown["fault"]["body"]
    assert "callable" in shown["fault"]["when"]


def test_a_reset_begins_anew(api: Api) -> None:
    """Records, limits, requests and faults, those to begin with included."""
    before = json.dumps(api.record)
    assert [200, 200, 429] == [api.update(externalIds={"a": "b"})[0] for _ in range(3)]
    ask(api, "DELETE", FAULTS)

    status, body = ask(api, "POST", RESET)

    assert (200, 1) == (status, len(body["faults"]))
    assert (before, []) == (json.dumps(api.record), api.server.requests)
    assert 200 == api.update()[0]


def test_control_is_apart_from_the_api(api: Api) -> None:
    """No limit, no fault for all and no log knows of it."""
    api.server.faults.add(Fault(status=500))

    assert [200] * 9 == [ask(api, "GET", FAULTS)[0] for _ in range(9)]
    assert [] == api.server.requests
    assert 500 == api.update()[0]
    assert [200, 200, 429] == [api.update()[0] for _ in range(3)]


def test_mistakes_are_told_at_once_and_nothing_is_arranged(api: Api) -> None:
    """Each with its place; what is right stands behind them."""
    faults = [
        {"status": 99, "cut": "off"},
        {"status": 503},
        {"operation": "update", "states": 500},
        {"applied": False},
        7,
    ]

    status, error = ask(api, "POST", FAULTS, faults)

    lines = error["message"].splitlines()
    assert 400 == status
    assert [
        "faults[0]: cut: ",
        "faults[0]: statu",
        "faults[2]: opera",
        "faults[2]: the w",
        "faults[3]: a req",
        "faults[4]: the w",
        "A fault has: ope",
    ] == [*sorted(line[:16] for line in lines[:-1]), lines[-1][:16]]
    assert '"off" is not one of connect, request, response, body' in error["message"]
    assert 1 == len(api.server.faults)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", RESET, 405),
        ("PUT", FAULTS, 405),
        ("GET", "/_mock/", 404),
        ("GET", "/_mock/requests", 404),
    ],
)
def test_other_paths_and_methods_are_refused(api: Api, method: str, path: str, status: int) -> None:
    """As those of the API are."""
    assert status == ask(api, method, path)[0]


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    """With what is wrong."""
    response = api.send("POST", FAULTS, body=b"{")

    assert 400 == response.status
    assert "Expecting property name" in json.loads(response.body)["message"]


def test_the_token_is_needed(api: Api) -> None:
    """A page in a browser cannot reset a mock of this machine."""
    response = api.send("POST", RESET, headers={"authorization": "Bearer wrong"})

    assert 401 == response.status


def test_control_is_off_by_default(new_api: Callable[..., Api]) -> None:
    """Its paths are unknown to the API, and such requests count as any other."""
    api = new_api()

    assert 404 == ask(api, "POST", RESET)[0]
    assert 404 == ask(api, "GET", FAULTS)[0]
    assert 2 == len(api.server.requests)
