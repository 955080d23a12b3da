"""Faults of the server's protocol."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from samsara_qualifications.mock import MockServer, Request, Response
from samsara_qualifications.mock.messages import Refused
from samsara_qualifications_contract.mutants.fault import Fault, on_request, on_response, swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.mutants.fault import Exchange

ERROR = "components/schemas/Error"


def _request(change: Callable[[MockServer, Request], Request]) -> Callable[[], None]:
    def apply() -> None:
        original = MockServer.handle
        MockServer.handle = lambda self, request: original(self, change(self, request))  # type: ignore[method-assign]

    return apply


def _response(change: Callable[[Response], Response]) -> Callable[[], None]:
    def apply() -> None:
        original = MockServer.handle
        MockServer.handle = lambda self, request: change(original(self, request))  # type: ignore[method-assign]

    return apply


def status(old: int, new: int) -> Callable[[], None]:
    """Return what answers another status."""
    return _response(lambda r: replace(r, status=new) if r.status == old else r)


def headers(**changes: str | None) -> Callable[[], None]:
    """Return what answers other headers; `None` leaves one out."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}

    def change(response: Response) -> Response:
        kept = {k: named.get(k, v) for k, v in response.headers.items()}
        return replace(response, headers={k: v for k, v in kept.items() if v is not None})

    return _response(change)


def _with_headers(request: Request, **headers: str) -> Request:
    return replace(request, headers={**request.headers, **headers})


def _right_token(server: MockServer, request: Request) -> Request:
    return _with_headers(request, authorization=f"Bearer {server.token}")


def _prefix_token(server: MockServer, request: Request) -> Request:
    given = request.headers.get("authorization", "")
    return _right_token(server, request) if given.startswith(f"Bearer {server.token}") else request


def _short_token(server: MockServer, request: Request) -> Request:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    fits = given and server.token.startswith(given)
    return _right_token(server, request) if fits else request


def _any_scheme(server: MockServer, request: Request) -> Request:
    fits = request.headers.get("authorization", "").endswith(f" {server.token}")
    return _right_token(server, request) if fits else request


def _as_json(_: MockServer, request: Request) -> Request:
    return _with_headers(request, **{"content-type": "application/json"})


def _no_parameters(_: MockServer, request: Request) -> Request:
    kind = request.headers.get("content-type", "").replace(";", "x")
    return _with_headers(request, **{"content-type": kind})


def _last_wins(_: MockServer, request: Request) -> Request:
    pairs = [pair.partition("=") for pair in request.query.split("&") if pair]
    last = {name: value for name, _, value in pairs}
    return replace(request, query="&".join(f"{n}={v}" for n, v in last.items()))


def _short_lists(_: MockServer, request: Request) -> Request:
    parts = [",".join(part.split(",")[:100]) for part in request.query.split("&")]
    return replace(request, query="&".join(parts))


def _cut_body(_: MockServer, request: Request) -> Request:
    return replace(request, body=request.body if len(request.body) < 2**24 else b'{"id":"nobody"}')


def _first_counts(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not JSON") from error


def _error(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    return on_response(lambda x: change(x.payload) if "requestId" in x.payload else None)


def _unknown_properties(exchange: Exchange) -> None:
    if "xNew" in exchange.body or "xNew" in exchange.query:
        exchange.refuse(400)


FAULTS = [
    Fault("auth", "any token will do", "401", _request(_right_token)),
    Fault("auth", "a longer token will do", "401", _request(_prefix_token)),
    Fault("auth", "the beginning of a token will do", "401", _request(_short_token)),
    Fault("auth", "any scheme will do", "401", _request(_any_scheme)),
    Fault("auth", "a wrong token answers 403", "401", status(401, 403)),
    Fault("paths", "a wrong method answers 404", "405", status(405, 404)),
    Fault("paths", "405 lacks Allow", "405", headers(Allow=None)),
    Fault(
        "paths",
        "Allow names methods that the path does not know",
        "405",
        headers(Allow="GET, POST, PATCH, DELETE, PUT"),
    ),
    Fault("paths", "an unknown path answers 400", "404", status(404, 400)),
    Fault(
        "paths",
        "paths may end in a slash",
        "404",
        _request(lambda _, r: replace(r, path=r.path.rstrip("/") or "/")),
    ),
    Fault(
        "paths",
        "paths may be written in capitals",
        "404",
        _request(lambda _, r: replace(r, path=r.path.lower())),
    ),
    Fault("bodies", "any content type will do", "content_type (assumed)", _request(_as_json)),
    Fault(
        "bodies",
        "a content type with a charset is refused",
        "content_type (assumed)",
        _request(_no_parameters),
    ),
    Fault("bodies", "a wrong body answers 422", "400", status(400, 422)),
    Fault(
        "bodies",
        "a body that is not JSON counts as empty",
        "400",
        swap("mock.http:_parsed", lambda _: {"id": "nobody"}),
    ),
    Fault(
        "bodies",
        "of a key that stands twice, the first counts",
        "repeated_keys (assumed)",
        swap("mock.http:_parsed", _first_counts),
    ),
    Fault("bodies", "a huge body is read", "too_large (documented)", _request(_cut_body)),
    Fault(
        "bodies",
        "an unknown name is refused",
        "unknown_names (assumed)",
        on_request(_unknown_properties),
    ),
    Fault(
        "queries",
        "of a parameter that is given twice, the last counts",
        "repeated_parameter (assumed)",
        _request(_last_wins),
    ),
    Fault(
        "queries",
        "of more than 100 ids, the first 100 count",
        "at_most_100_ids (documented)",
        _request(_short_lists),
    ),
    Fault(
        "queries",
        "100 ids are too many",
        "at_most_100_ids (documented)",
        on_request(
            lambda x: x.refuse(400) if any(v.count(",") >= 99 for v in x.query.values()) else None
        ),
    ),
    Fault(
        "queries",
        "a bad boolean counts as false",
        "parameter includeDeleted",
        on_request(
            lambda x: (
                x.query.update(includeDeleted="false") if "includeDeleted" in x.query else None
            )
        ),
    ),
    Fault(
        "queries",
        "a made-up cursor gives the first page",
        "parameter after",
        on_request(lambda x: x.query.pop("after") if x.query.get("after") == "made-up" else None),
    ),
    Fault(
        "queries",
        "an empty list of ids gives nothing",
        "empty_list (assumed)",
        on_response(
            lambda x: x.payload.update(data=[]) if x.query.get("ids") == "" and x.success else None
        ),
    ),
    Fault("errors", "errors lack a request id", ERROR, _error(lambda p: p.pop("requestId"))),
    Fault(
        "errors",
        "all errors have one request id",
        "request_id (documented)",
        _error(lambda p: p.update(requestId="1")),
    ),
    Fault("errors", "errors lack a message", ERROR, _error(lambda p: p.pop("message"))),
    Fault(
        "errors",
        "the header has no request id",
        "request_id (documented)",
        headers(X_Request_Id=None),
    ),
    Fault("errors", "errors are lists", ERROR, _error(lambda p: p.update(message=[p["message"]]))),
    Fault(
        "bodies",
        "answers are plain text by their type",
        "content",
        headers(Content_Type="text/plain"),
    ),
    Fault("bodies", "a creation answers 200", "createQualificationRecord", status(201, 200)),
    Fault(
        "bodies",
        "the answer lacks data",
        "data",
        on_response(
            lambda x: (
                x.payload.update(result=x.payload.pop("data")) if "data" in x.payload else None
            )
        ),
    ),
]
