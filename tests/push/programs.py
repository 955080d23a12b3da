"""
Two programs that die at a moment of a test's choice: a server that keeps its records, and a push.

    python -m tests.push.programs server PORT FOLDER SEED
    python -m tests.push.programs push URL FOLDER MOMENT

Both die by SIGKILL. The server begins with `records.json` of the folder, and writes each record
that it has changed to `journal.jsonl` before it answers; so what it has done outlives it, as in a
real server, and what it had not done yet is lost.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from samsara_qualifications import QualificationsClient, RateLimit, RetryPolicy, _outage, push
from samsara_qualifications.mock import Fault, MockServer, Request, Response
from samsara_qualifications.mock.serve import listen, new_http_server
from samsara_qualifications.push import applying, planfile

if TYPE_CHECKING:
    from collections.abc import Generator

TOKEN = "token-of-the-world"
UPDATE, CREATE = "updateQualificationRecord", "createQualificationRecord"
FAULTS = (
    Fault(status=503),
    Fault(status=500, operation=UPDATE),
    Fault(status=500, operation=UPDATE, applied=True),
    Fault(status=502, operation=CREATE, applied=True),
    Fault(status=429, headers={"Retry-After": "0.01"}),
    Fault(cut="request"),
    Fault(cut="response"),
    Fault(cut="body"),
)


class Server(MockServer):
    """
    A mock whose records outlive it, with a fault now and then, and a death.

    Args:
        folder: Where its records are.
        dice: Chooses faults and death.
    """

    def __init__(self, folder: Path, dice: random.Random) -> None:
        super().__init__(token=TOKEN, rate=None)
        self._journal = folder / "journal.jsonl"
        self._dice = dice
        self._death = dice.randrange(20, 60)
        self.records.clear()
        self.records.update(json.loads((folder / "records.json").read_text("utf-8")))
        if self._journal.exists():
            for line in self._journal.read_text("utf-8").splitlines():
                record = json.loads(line)
                self.records[record["id"]] = record

    def handle(self, request: Request) -> Response:
        """Answer, or die before, between or after."""
        self._death -= 1
        when = self._dice.choice(("before", "between", "after")) if self._death == 0 else ""
        if when == "before":
            _die()
        if self._dice.random() < 0.04:
            self.faults.add(self._dice.choice(FAULTS))
        before = dict(self.records)
        response = super().handle(request)
        if when == "between":
            _die()
        with self._journal.open("a", encoding="utf-8") as file:
            for identity, record in self.records.items():
                if before.get(identity) is not record:
                    file.write(json.dumps(record) + "\n")
        if when == "after":
            _die()
        return response


def serve(port: str, folder: str, seed: str) -> None:
    """Run the server until it dies."""
    server = Server(Path(folder), random.Random(seed))  # noqa: S311  dice need no cryptography
    listener = listen(int(port))
    print("ready", flush=True)  # noqa: T201  that is how a parent knows
    new_http_server(server).run(sockets=[listener])


def apply(url: str, folder: str, moment: str) -> None:
    """Apply the plan, and die at the moment of that number: around each request and each note."""
    applying.LOOK = _outage.FIRST = _outage.LOOK = 0.02  # type: ignore[misc]
    applying.SETTLED = 1.0  # type: ignore[misc]
    moments = itertools.count(1)

    def pass_by(*_: Any) -> None:
        if next(moments) == int(moment):
            _die()

    writing = planfile.Journal.writing

    @contextmanager
    def written(journal: planfile.Journal) -> Generator[None]:
        with writing(journal):
            yield
            pass_by()
        pass_by()

    planfile.Journal.writing = written  # type: ignore[method-assign]
    hooks: dict[str, list[Any]] = {"request": [pass_by], "response": [pass_by]}
    with httpx.Client(event_hooks=hooks) as http, client_of(url, http) as client:
        result = push.apply(client, Path(folder) / "push.plan")
    raise SystemExit(f"stopped: {result.stopped} {result.error}" if result.stopped else 0)


def client_of(url: str, http: httpx.Client | None = None) -> QualificationsClient:
    """Return a client without limits, that bears an outage of a minute."""
    plenty = RateLimit(1_000_000, 1)
    return QualificationsClient(
        TOKEN,
        base_url=url,
        http_client=http,
        budget="memory://",
        limits=dict.fromkeys(("update", "create", "get", "stream", "types"), plenty),
        retry=RetryPolicy(backoff=0.01, max_backoff=0.05, attempts=2, outage_limit=60),
    )


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    {"server": serve, "push": apply}[sys.argv[1]](*sys.argv[2:])
