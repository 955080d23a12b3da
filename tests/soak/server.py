"""
The soak's server, a process of its own: the mock behind raw sockets, with faults and a journal.

    python -m tests.soak.server PORT JOURNAL SEED

It prints `ready` as soon as it listens. The journal has a line of JSON for each thing that happens,
written before the next one begins, so it outlives a kill; a new process goes on from it.

    {"did": "start", ...}
    {"did": "come", "key": "t3-17", "fault": "cut in the body", ...}    a request has been read
    {"did": "apply", "key": "t3-17", "body": {"id": ..., ...}, ...}     it was carried out
    {"did": "answer", "key": "t3-17", "status": 200, ...}               the status has gone out

`at` is the machine's monotonic clock, which all processes share. `key` is an update's mark, the
external id `soak` that each update sets to a text of its own; for a read it names the record.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import select
import socket
import struct
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from samsara_qualifications.mock import MockServer, Request, Response

TOKEN: Final = "soak-token"
TIMEOUT: Final = 1.0
"""Seconds that the clients give an exchange."""

RECORDS: Final = 58
"""How many records there are: one for each thread and task."""

FIRST: Final = 0.04
"""The share of requests that a fault strikes: a request's first time, ..."""

AGAIN: Final = 0.5
"""... and where it comes again, so that calls use up their attempts. Together about 5 %."""

UNREAD: Final = 0.003
"""The share of requests that are not even read."""

Delivery = Literal["whole", "last", "reset", "cut head", "cut body", "stall", "late", "drip"]
Json = dict[str, Any]


def record_id(number: int) -> str:
    """Return the id of a record."""
    return str(UUID(int=number + 1, version=4))


@dataclass(frozen=True)
class Fault:
    """
    What becomes of a request.

    Attributes:
        name: Its name in the figures.
        applied: Whether the request is carried out.
        status: The status, where it is not the mock's own.
        headers: Further headers.
        body: The body, where it is not the mock's own.
        delivery: How the answer travels.
    """

    name: str
    applied: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    delivery: Delivery = "whole"


_HTML: Final = {"Content-Type": "text/html"}
_PAGE: Final = b"<html><h1>Please sign in</h1></html>"
NONE: Final = Fault("none", applied=True)
FAULTS: Final = [
    Fault("reset, not applied", delivery="reset"),
    Fault("reset, applied", applied=True, delivery="reset"),
    Fault("cut in the status line", applied=True, delivery="cut head"),
    Fault("cut in the body", applied=True, delivery="cut body"),
    Fault("stall in the body", applied=True, delivery="stall"),
    Fault("late, not applied", status=503, delivery="late"),
    Fault("late, applied", applied=True, delivery="late"),
    Fault("drip", applied=True, delivery="drip"),
    Fault("hang up after it", applied=True, delivery="last"),
    Fault("429", status=429, headers={"Retry-After": "0.10235"}),
    *(Fault(f"{it}, not applied", status=it, body=b"{}") for it in (408, 500, 502, 503, 504)),
    *(Fault(f"{it}, applied", applied=True, status=it) for it in (408, 500, 502, 503, 504)),
    Fault("502 and HTML", status=502, headers=_HTML, body=_PAGE),
    Fault("200 and HTML", applied=True, headers=_HTML, body=_PAGE),
]


class Journal:
    """The file that outlives a kill."""

    def __init__(self, path: Path) -> None:
        self.before = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)

    def note(self, did: str, **more: Any) -> None:
        """Write a line, in one piece."""
        line = {"did": did, "at": time.monotonic(), **more}
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Organisation:
    """The mock's records, as the journal says that they are; and the dice."""

    def __init__(self, journal: Journal, seed: str) -> None:
        self.journal = journal
        self.seed = seed
        self.start = sum(line["did"] == "start" for line in journal.before)
        self._came = Counter(line["key"] for line in journal.before if line["did"] == "come")
        self._lock = threading.Lock()
        self._mock = MockServer(token=TOKEN, rate=None, seed_data=_seed_data())
        last = {it["body"]["id"]: it["body"] for it in journal.before if it["did"] == "apply"}
        for body in last.values():
            self._mock.handle(_patch(body))
        journal.note("start")

    def fault(self, request: Request) -> Fault:
        """Throw the dice for a request that came; the same request has the same luck each time."""
        key = _key(request)
        with self._lock:
            times = self._came[key]
            self._came[key] += 1
        dice = random.Random(f"{self.seed} {key} {times}")
        again = times > 0 and request.method == "PATCH"
        fault = dice.choice(FAULTS) if dice.random() < (AGAIN if again else FIRST) else NONE
        self.journal.note("come", key=key, fault=fault.name)
        return fault

    def answer(self, request: Request, fault: Fault) -> Response:
        """Carry a request out, if it is to be, and return the answer."""
        response = Response(status=200)
        if fault.applied:
            with self._lock:
                response = self._mock.handle(request)
                if request.method == "PATCH" and response.status == 200:
                    self.journal.note("apply", key=_key(request), body=json.loads(request.body))
        return Response(
            status=fault.status or response.status,
            headers={**response.headers, **fault.headers},
            body=response.body if fault.body is None else fault.body,
        )


class Connection:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, number: int, organisation: Organisation) -> None:
        self._sock = sock
        self._number = number
        self._organisation = organisation
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self) -> None:
        """Serve requests until one of the two hangs up."""
        dice = random.Random(f"{self._organisation.seed} {self._organisation.start} {self._number}")
        with contextlib.suppress(OSError), self._sock:
            while self._hears() and self._lucky(dice) and (request := self._read()):
                fault = self._organisation.fault(request)
                answer = self._organisation.answer(request, fault)
                if not self._deliver(answer, fault.delivery, _key(request)):
                    return

    def _lucky(self, dice: random.Random) -> bool:
        unread = dice.random() < UNREAD and bool(self._sock.recv(1, socket.MSG_PEEK))
        if unread:
            self._organisation.journal.note("come", key="", fault="reset before reading")
            self._reset()
        return not unread

    def _hears(self, seconds: float | None = None) -> bool:
        """Wait until the client sends something or leaves; return whether it did in time."""
        return bool(select.select([self._sock], [], [], seconds)[0])

    def _read(self) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := self._sock.recv(65_536)):
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        headers = {name.lower(): value for name, _, value in (it.partition(": ") for it in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            if not (part := self._sock.recv(65_536)):
                return None
            body += part
        return Request(method=method, path=path, query=query, headers=headers, body=body)

    def _deliver(self, answer: Response, delivery: Delivery, key: str) -> bool:
        """Send an answer, as far as it is to go; return whether the connection goes on."""
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {answer.status} Told\r\n{fields}\r\n".encode()
        body, half = answer.body, len(answer.body) // 2
        if delivery == "late" and self._hears(2 * TIMEOUT):
            return False  # the client has left
        if delivery == "reset":
            self._reset()
        elif delivery == "cut head":
            self._sock.sendall(head[:7])
        else:
            self._sock.sendall(head)
            self._organisation.journal.note("answer", key=key, status=answer.status)
            if delivery == "drip":
                for start in range(0, len(body), 16):
                    self._sock.sendall(body[start : start + 16])
                    time.sleep(0.002)
            else:
                self._sock.sendall(body[:half] if delivery in {"cut body", "stall"} else body)
            if delivery == "stall":
                self._hears(3 * TIMEOUT)  # until the client leaves
        return delivery in {"whole", "drip"}

    def _reset(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


def _key(request: Request) -> str:
    if request.method == "PATCH":
        mark: str = json.loads(request.body)["externalIds"]["soak"]
        return mark
    return f"{request.method} {request.query}"


def _patch(body: Json) -> Request:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    content = json.dumps(body).encode()
    return Request(method="PATCH", path="/qualification-records", headers=headers, body=content)


def _seed_data() -> Json:
    """Return the mock's own seed data, with its first record as often as there are workers."""
    source = files("samsara_qualifications.mock").joinpath("seed.json")
    data: Json = json.loads(source.read_text("utf-8"))
    pattern = {**data["records"][0], "externalIds": {}}
    data["records"] = [
        {**copy.deepcopy(pattern), "id": record_id(number)} for number in range(RECORDS)
    ]
    return data


def main(port: str, journal: str, seed: str) -> None:
    """Serve until killed."""
    organisation = Organisation(Journal(Path(journal)), seed)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(128)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    number = 0
    while True:
        sock, _ = listener.accept()
        number += 1
        connection = Connection(sock, number, organisation)
        threading.Thread(target=connection.serve, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
