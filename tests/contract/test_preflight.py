"""A server that cannot be asked is recognised before any check, and one sentence says why."""

from __future__ import annotations

import gzip
import json
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import trustme

from samsara_qualifications_contract.harness import preflight, targets
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.harness.transport import NotReadyError
from samsara_qualifications_contract.oracle import spec

from .servers import Answer, Asked, as_json, of_mock, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from samsara_qualifications.mock import MockServer

WHEN = "2024-08-27T10:20:30Z"
SOME_UUID = "6f1c2a5e-3b47-4a8e-9d10-2c5b7e8f9a01"


def example(schema: dict[str, Any]) -> Any:
    """Return what a static mock makes of a schema: the same for every request."""
    node = spec.resolve(schema)
    if "enum" in node:
        return node["enum"][0]
    match node["type"]:
        case "object":
            return {name: example(part) for name, part in node.get("properties", {}).items()}
        case "array":
            return [example(node["items"])]
        case "string":
            formats = {"date-time": WHEN, "uuid": SOME_UUID, "uri": "https://example.com/x"}
            return formats.get(node.get("format", ""), "string")
        case "boolean":
            return True
        case _:
            return 0


def static(asked: Asked) -> Answer:
    """Answer each operation with one example."""
    operation = spec.find(asked.method, asked.path)
    if operation is None:
        return as_json({"message": "no such path", "requestId": "r"}, 404)
    schema = operation.response_schema(operation.success)
    if schema is None:
        return Answer(operation.success)
    body = example(schema)
    return as_json(body, operation.success)


def changed(change: Callable[[Asked, Answer], Answer | None]) -> Callable[[Asked], Answer]:
    """Return the mock, but for some answers."""
    right = of_mock(targets.own_server())

    def answer(asked: Asked) -> Answer:
        came = right(asked)
        return change(asked, came) or came

    return answer


def body_of(answer: Answer, **changes: Any) -> Answer:
    """Return an answer with changes at the top of its body."""
    return as_json({**json.loads(answer.body), **changes}, answer.status)


def always(answer: Answer) -> Callable[[Asked], Answer]:
    """Return what gives one answer to all."""
    return lambda _: answer


def with_id(identity: str, asked: Asked, came: Answer) -> Answer | None:
    """Give another id to what is made."""
    if asked.method != "POST":
        return None
    return body_of(came, data={**json.loads(came.body)["data"], "id": identity})


def page(cursor: str) -> Answer:
    """Return a page of nothing with one more to come."""
    return as_json({"data": [], "pagination": {"endCursor": cursor, "hasNextPage": True}})


def endless(asked: Asked, came: Answer) -> Answer | None:
    """Say that there is more, also where an end was given."""
    return page(str(uuid4())) if "endTime" in asked.target else None


def forgetful(asked: Asked, came: Answer) -> Answer | None:
    """Know no record that was made."""
    missing = as_json({"message": "no such record", "requestId": "r"}, 404)
    return missing if asked.method == "GET" and "ids=" in asked.target else None


def refusing(status: int) -> Callable[[Asked, Answer], Answer | None]:
    """Take no new record."""
    refusal = as_json({"message": "not you", "requestId": "r"}, status)
    return lambda asked, _: refusal if asked.method == "POST" else None


def only(change: Callable[[Answer], Answer], path: str) -> Callable[[Asked, Answer], Answer | None]:
    """Change the answers of a path."""
    return lambda asked, came: change(came) if asked.path == path else None


def unsettable(came: Answer) -> Answer:
    """Return types of which each needs what no request can give."""
    types = json.loads(came.body)["data"]
    needed = {"id": SOME_UUID, "label": "Who", "type": "person", "isRequired": True}
    return body_of(came, data=[{**kind, "fields": [needed]} for kind in types])


HTML = Answer(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
ERROR = {"message": "it is broken", "requestId": "r"}
KINDS: dict[str, tuple[Any, str]] = {
    "HTML": (always(HTML), "answers 200 with text/html, not JSON: is this the API's base URL?"),
    "nothing": (always(Answer(200)), "answers 200 with no content type, not JSON"),
    "other JSON": (always(as_json({"a": 1})), "answers 200 with JSON without `data`"),
    "a list": (always(as_json([])), "answers 200 with JSON without `data`"),
    "500": (always(as_json(ERROR, 500)), "answers 500 ('it is broken'): the server is not well"),
    "502": (always(Answer(502, b"<html>")), "answers 502: the server is not well"),
    "404": (always(Answer(404)), "answers 404, not 200: is this the API's base URL?"),
    "401": (always(as_json(ERROR, 401)), "the server refuses the token: GET "),
    "403": (always(as_json(ERROR, 403)), "does not let this token read: GET "),
    "redirect": (
        always(Answer(302, b"", {"Location": "https://example.com/login"})),
        "answers 302: it redirects to https://example.com/login",
    ),
    "429": (
        always(as_json(ERROR, 429, Retry_After="0.001")),
        "answers 429, also after the wait: let it rest, or raise its limit",
    ),
    "429 for an hour": (always(as_json(ERROR, 429, Retry_After="3600")), "answers 429, also after"),
    "closed": (always(Answer(0)), "/qualification-types?entityType=worker: Server disconnected"),
    "gzip": (
        always(as_json(ERROR, Content_Encoding="gzip")),
        "its body is not what its Content-Encoding says",
    ),
    "static": (static, "/qualification-records?ids=nobody shows [{"),
    "fixed ids": (
        changed(partial(with_id, "new")),
        "two new records have the same id 'new': the checks need a ",
    ),
    "new ids": (
        changed(lambda asked, came: with_id(str(uuid4()), asked, came)),
        "were created, and GET /qualification-records answers 404: ",
    ),
    "forgets": (changed(forgetful), "were created, and GET /qualification-records answers 404: "),
    "endless": (
        changed(endless),
        "GET /qualification-records/stream has no end: `hasNextPage` is still true after 10 pages",
    ),
    "endless types": (
        changed(only(lambda _: page("again"), "/qualification-types")),
        "GET /qualification-types has no end: ",
    ),
    "read only": (changed(refusing(403)), "does not let this token create a record: POST "),
    "refuses": (
        changed(refusing(400)),
        "answers 400 ('not you'); name others in a file of facts (--facts)",
    ),
    "no types": (
        changed(only(lambda came: body_of(came, data=[]), "/qualification-types")),
        "no record can be made there: no worker qualification type whose",
    ),
    "nothing settable": (
        changed(only(unsettable, "/qualification-types")),
        "no record can be made there: no worker qualification type whose required fields",
    ),
}


def look(url: str, token: str = targets.MOCK_TOKEN, **options: Any) -> Any:
    """Look at a server."""
    return preflight.look(url, token, targets.OWNERS, **options)


@pytest.mark.parametrize(("answer", "text"), KINDS.values(), ids=KINDS)
def test_what_cannot_be_asked_is_named(answer: Callable[[Asked], Answer], text: str) -> None:
    """One sentence, without the token."""
    asked: list[Asked] = []

    def noted(request: Asked) -> Answer:
        asked.append(request)
        return answer(request)

    with serving(noted) as url, pytest.raises(NotReadyError) as caught:
        look(url)
    said = str(caught.value)
    assert text in said
    assert "\n" not in said
    assert targets.MOCK_TOKEN not in said
    assert len(asked) < 40


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda a, c: Answer(c.status, c.body, {"Content-Type": "text/plain"}),
            "content type: exp",
        ),
        (refusing(500), "expected no server error, came 500"),
        (lambda a, c: Answer(200, c.body, c.headers) if a.method == "POST" else None, "came 200"),
    ],
)
def test_what_breaks_the_contract_at_once_is_said_once(change: Any, text: str) -> None:
    """It is a breach like any other."""
    with serving(changed(change)) as url, pytest.raises(Breach, match=text):
        look(url)


def test_a_right_server_passes_and_is_left_as_it_was() -> None:
    """Under any path; what was made there is deleted."""
    mock: MockServer = targets.own_server()
    answer = of_mock(mock)
    gone: list[str] = []

    def behind(asked: Asked) -> Answer:
        path = asked.target.removeprefix("/samsara/v1")
        if path == asked.target:
            return Answer(404)
        if asked.method == "DELETE":
            gone.append(json.loads(asked.body)["id"])
        came = answer(Asked(asked.method, path, asked.headers, asked.body))
        zipped = {**(came.headers or {}), "Content-Encoding": "gzip"}
        return Answer(came.status, gzip.compress(came.body), zipped)

    with serving(behind) as url:
        found = look(f"{url}/samsara/v1")
        assert all(map(found.usable, ("worker", "asset")))
        assert 4 == len(set(gone))
        look(f"{url}/samsara/v1", records=False)
        assert 4 == len(gone)


def test_a_certificate_is_trusted_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of an unknown authority is refused with the way out; `SSL_CERT_FILE` is the way."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "authority.pem"
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    authority.cert_pem.write_to_path(file)
    with serving(of_mock(targets.own_server()), tls=context) as url:
        with pytest.raises(NotReadyError, match=r"not trusted \(.*\): name .* in SSL_CERT_FILE"):
            look(url)
        with pytest.raises(NotReadyError, match="no answer from GET http://"):
            look(url.replace("https", "http"))
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        look(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
        with pytest.raises(NotReadyError, match=r"SSL_CERT_FILE cannot be used: .*No such"):
            look(url)
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving(static) as url, pytest.raises(NotReadyError, match="is it http, not https"):
        look(url.replace("http", "https"))


def test_a_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is to blame, and where it cannot be used at all."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(NotReadyError, match=r"refused \(by way of the proxy in HTTP_PROXY"):
        look("http://server.invalid")
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1")
    with pytest.raises(NotReadyError, match="HTTP_PROXY cannot be used: "):
        look("http://server.invalid")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "localhost:8080",
            "'localhost:8080' is not the URL of a server: write http://localhost:80",
        ),
        ("127.0.0.1", "write http://127.0.0.1"),
        ("[::1]:80", "write http://[::1]:80"),
        ("", "is not the URL of a server: write http://"),
        ("ftp://x", "is not the URL of a server: write http://HOST:PORT"),
        ("http://", "write http://HOST:PORT"),
        ("http://x:99999999", "names port 99999999: the last is 65535"),
        ("http://me:secret@x", "the URL holds credentials: leave them out"),
        ("http://x/?a=1", "holds more than a base URL"),
        ("https://api.eu.samsara.com", "api.eu.samsara.com holds real organisations"),
    ],
)
def test_what_is_no_url_of_a_server_is_refused(text: str, why: str) -> None:
    """The message shows the way, and no secret."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its text is looked at
        preflight.address(text)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_url_is_taken_as_it_is_meant() -> None:
    """With or without a slash at its end, with a path, with an address of any kind."""
    assert "http://localhost:65535" == preflight.address("HTTP://LOCALHOST:65535/")
    assert "http://x/v1" == preflight.address("http://x/v1/")
    assert "https://[::1]:8443" == preflight.address("https://[::1]:8443")
