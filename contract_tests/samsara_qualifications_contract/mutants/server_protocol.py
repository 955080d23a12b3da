"""Faults of the server's protocol."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from samsara_qualifications_contract.mutants.exchange import (
    Change,
    after,
    before,
    drop,
    on_response,
    page,
    put,
    query,
    requests,
    responses,
    turn,
    where,
)
from samsara_qualifications_contract.mutants.fault import Make, Table, swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications.mock import MockServer, Request, Response

JSON = "application/json"


def status(old: int, new: int) -> Make:
    """Return what answers another status."""
    return responses(lambda r: replace(r, status=new) if r.status == old else r)


def headers(**changes: str | None) -> Make:
    """Return what answers other headers; `None` leaves one out."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}

    def change(response: Response) -> Response:
        kept = {k: named.get(k, v) for k, v in response.headers.items()}
        return replace(response, headers={k: v for k, v in kept.items() if v is not None})

    return responses(change)


def _tokens(right: Callable[[str, str], object]) -> Make:
    """Return what takes a header for the right one where it is like that."""

    def change(server: MockServer, request: Request) -> Request:
        fits = right(request.headers.get("authorization", ""), server.token)
        return _sent(request, authorization=f"Bearer {server.token}") if fits else request

    return requests(change)


def _sent(request: Request, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **named})


def _no_parameters(_: object, request: Request) -> Request:
    kind = request.headers.get("content-type", "").replace(";", "x")
    return _sent(request, content_type=kind)


def _last_wins(_: object, request: Request) -> Request:
    pairs = [pair.partition("=") for pair in request.query.split("&") if pair]
    last = {name: value for name, _, value in pairs}
    return replace(request, query="&".join(f"{n}={v}" for n, v in last.items()))


def _short_lists(_: object, request: Request) -> Request:
    parts = [",".join(part.split(",")[:100]) for part in request.query.split("&")]
    return replace(request, query="&".join(parts))


def _cut_body(_: object, request: Request) -> Request:
    return replace(request, body=request.body if len(request.body) < 2**24 else b'{"id":"nobody"}')


def _error(change: Change) -> Make:
    return on_response(where(lambda x: "requestId" in x.payload, lambda x: change(x.payload)))


FAULTS: Table = {
    ("auth", "401"): {
        "any token will do": _tokens(lambda *_: True),
        "a longer token will do": _tokens(lambda given, token: given.startswith(f"Bearer {token}")),
        "the beginning of a token will do": _tokens(
            lambda given, token: given[7:] and token.startswith(given.removeprefix("Bearer "))
        ),
        "any scheme will do": _tokens(lambda given, token: given.endswith(f" {token}")),
        "a wrong token answers 403": status(401, 403),
    },
    ("paths", "405"): {
        "a wrong method answers 404": status(405, 404),
        "405 lacks Allow": headers(Allow=None),
        "Allow names methods that the path does not know": headers(
            Allow="GET, POST, PATCH, DELETE, PUT"
        ),
    },
    ("paths", "404"): {
        "an unknown path answers 400": status(404, 400),
        "paths may end in a slash": requests(
            lambda _, r: replace(r, path=r.path.rstrip("/") or "/")
        ),
        "paths may be written in capitals": requests(lambda _, r: replace(r, path=r.path.lower())),
    },
    ("bodies", "content_type (assumed)"): {
        "any content type will do": requests(lambda _, r: _sent(r, content_type=JSON)),
        "a content type with a charset is refused": requests(_no_parameters),
    },
    ("bodies", "400"): {
        "a wrong body answers 422": status(400, 422),
        "letters beyond the first 65,536, escaped, are lost": requests(
            lambda _, r: replace(r, body=re.sub(rb"(?i)\\ud[89a-f]..", b"", r.body))
        ),
        "a body that is not JSON counts as empty": swap(
            "mock.http:_parsed", lambda _: {"id": "nobody"}
        ),
    },
    ("bodies", "too_large (documented)"): {"a huge body is read": requests(_cut_body)},
    ("bodies", "unknown_names (assumed)"): {
        "an unknown name is refused": before(
            "", where(lambda x: "xNew" in x.body or "xNew" in x.query, lambda x: x.refuse(400))
        ),
    },
    ("queries", "assumed: repeated_parameter, empty_list"): {
        "of a parameter that is given twice, the last counts": requests(_last_wins),
        "an empty list of ids gives nothing": after(
            "", where(lambda x: x.query.get("ids") == "", lambda x: put(data=[])(x.payload))
        ),
    },
    ("queries", "at_most_100_ids (documented)"): {
        "of more than 100 ids, the first 100 count": requests(_short_lists),
        "100 ids are too many": before(
            "",
            where(
                lambda x: any(v.count(",") >= 99 for v in x.query.values()), lambda x: x.refuse(400)
            ),
        ),
    },
    ("queries", "parameters includeDeleted and after"): {
        "a bad boolean counts as false": query("", turn("includeDeleted", lambda _: "false")),
        "a made-up cursor gives the first page": query(
            "", where(lambda q: q.get("after") == "made-up", drop("after"))
        ),
    },
    ("errors", "components/schemas/Error"): {
        "errors lack a request id": _error(drop("requestId")),
        "errors lack a message": _error(drop("message")),
        "errors are lists": _error(turn("message", lambda message: [message])),
    },
    ("errors", "request_id (documented)"): {
        "all errors have one request id": _error(put(requestId="1")),
        "the header has no request id": headers(X_Request_Id=None),
        "with 401, the header has no request id": responses(
            lambda r: replace(r, headers={"Content-Type": JSON}) if r.status == 401 else r
        ),
    },
    ("bodies", "the spec's responses"): {
        "answers are plain text by their type": headers(Content_Type="text/plain"),
        "a creation answers 200": status(201, 200),
        "answers begin with a byte order mark": responses(
            lambda r: replace(r, body=b"\xef\xbb\xbf" + r.body if r.body else b"")
        ),
        "who accepts JSON alone gets 406": before(
            "",
            where(lambda x: x.request.headers.get("accept") == JSON, lambda x: x.refuse(406)),
        ),
        "the answer lacks data": page(
            "", where(lambda p: "data" in p, lambda p: p.update(result=p.pop("data")))
        ),
    },
}
