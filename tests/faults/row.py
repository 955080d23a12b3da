"""What a row of the fault table says, and the building blocks of its scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal

Kind = Literal["blocking", "async"]
KINDS: Final[tuple[Kind, ...]] = ("blocking", "async")
Data = str | dict[str, Any]
Actions = list[list[Any]]

TOKEN: Final = "token-of-a-test"
SEED: Final = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
OTHER: Final = "1214a1fa-f0c6-408b-bf85-51dc3bc71ac7"
ANY: Final = "any"
"""Stands for a value of `applied` that the row leaves open."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One fault, and what the client makes of it.

    Attributes:
        name: The row's id.
        what: What happens.
        script: What the server does on each connection; see `server`.
        door: `open`, `full` (never accepts), `shut` (refuses) or `late` (refuses for a second).
        url: The client's base URL; `{port}` is the server's.
        call: The methods that are called in turn, with `+` between them (`pause` waits), or a
            function of `callers`; the last one's outcome counts.
        outcome: `success`, or the names of the exceptions that are right.
        applied: What the exception's `applied` must be, or `ANY`.
        requests: How many requests the server must see; a proxy's CONNECT is none.
        within: Seconds that all of it may take.
        at_least: Seconds that it must take.
        memory: MiB by which a process of its own may grow.
        values: Attributes that the exception must have, by name. A pair of numbers is a range.
        result: What the call must return, where it returns plain data: an id, or a count.
        says: Texts that the message must hold.
        hides: Texts that nothing of the exception may hold; the token is always one of them.
        lacks: Texts that no request may hold.
        client: Other options of the client.
        retry: Other options of its retry policy.
        lends: Options of the caller's own httpx client; `hook` names one of `callers`.
        environment: Variables; `{port}`, `{folder}` and `{ca}` are filled in.
        addresses: What the resolver answers; empty: it fails; None: the system's resolver.
        resolving: Seconds that the resolver takes.
        jumps: Seconds by which the wall clock is wrong, at each look; the last one stays.
        child: Why it runs in a process of its own: `memory`, `interrupt`, `exit`, or
            `apart`.
        kinds: The kinds of client to which it applies.
    """

    name: str
    what: str
    script: list[Actions] = field(default_factory=list[Actions])
    door: Literal["open", "full", "shut", "late"] = "open"
    url: str = "http://127.0.0.1:{port}"
    call: str = "update"
    outcome: str | tuple[str, ...] = "success"
    applied: bool | str | None = ANY
    requests: int = 1
    within: float = 5.0
    at_least: float = 0.0
    memory: int | None = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    result: Any = None
    says: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    client: dict[str, Any] = field(default_factory=dict[str, Any])
    retry: dict[str, Any] = field(default_factory=dict[str, Any])
    lends: dict[str, Any] = field(default_factory=dict[str, Any])
    environment: dict[str, str] = field(default_factory=dict[str, str])
    addresses: list[str] | None = None
    resolving: float = 0.0
    jumps: list[float] = field(default_factory=list[float])
    child: Literal["", "memory", "interrupt", "exit", "apart"] = ""
    kinds: tuple[Kind, ...] = KINDS


def record(record_id: str = SEED, **changes: Any) -> dict[str, Any]:
    """Return a record as the server shows it."""
    user = {"id": "938172", "type": "driver"}
    return {
        "id": record_id,
        "recordStatus": "active",
        "qualificationType": {"id": OTHER, "name": "Driver License", "revisionId": OTHER},
        "owner": {"entityType": "worker", "id": "281474"},
        "issueDate": "2025-08-27T10:20:30Z",
        "expirationDate": "2026-08-27T10:20:30Z",
        "fields": [
            {
                "id": OTHER,
                "type": "text",
                "label": "License Number",
                "textValue": {"value": "Exposed wires"},
            }
        ],
        "createdAtTime": "2019-06-13T19:08:25Z",
        "createdBy": user,
        "updatedAtTime": "2019-06-13T19:08:25Z",
        "updatedBy": user,
        **changes,
    }


def page(*records: dict[str, Any], more: bool = False, **pagination: Any) -> str:
    """Return the body of a page."""
    return json.dumps({"data": list(records), "pagination": {"hasNextPage": more, **pagination}})


RECORD: Final = json.dumps({"data": record()})
RECORDS: Final = json.dumps({"data": [record()]})
LAST_PAGE: Final = page(record(), endCursor="")


def response(status: int | str = 200, body: str = RECORD, headers: str = "") -> str:
    """Return a whole response, with the body's length."""
    return head(status, f"content-length: {len(body)}\r\n{headers}") + body


def head(status: int | str = 200, headers: str = "") -> str:
    """Return a response's head, as it is given."""
    return f"HTTP/1.1 {_line(status)}\r\n{headers}\r\n"


def _line(status: int | str) -> str:
    if isinstance(status, str):
        return status
    known = {one.value: one.phrase for one in HTTPStatus}
    return f"{status} {known.get(status, 'Unheard Of')}"


def sends(*data: Data) -> Actions:
    """Read a request and send data, one part after the other."""
    return [["read"], *(["send", part] for part in data)]


def answers(status: int | str = 200, body: str = RECORD, headers: str = "") -> Actions:
    """Read a request, answer it, and close the connection."""
    return sends(response(status, body, "connection: close\r\n" + headers))


def large(headers: str, body: Data, length: int | None = None, status: int = 200) -> Actions:
    """Read a request and send a body that is made by the server; it ends with the connection."""
    size = "" if length is None else f"content-length: {length}\r\n"
    return sends(head(status, f"{size}{headers}connection: close\r\n"), body)
