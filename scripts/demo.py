"""
Show the main job: update a record over real HTTP, through the public API; push a file.

    python scripts/demo.py              against a mock server, which it starts and stops
    python scripts/demo.py RECORD_ID    with SAMSARA_API_TOKEN (and SAMSARA_BASE_URL) set: against
                                        that server; asks before it writes
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console
from rich.progress import track

from samsara_qualifications import (
    CLEAR,
    InvalidInput,
    NotFound,
    Owner,
    QualificationRecord,
    QualificationsClient,
    QualificationsError,
    RateLimit,
    expiration_of,
)

if TYPE_CHECKING:
    from collections.abc import Generator

LIMIT = RateLimit(100, 3)
UPDATES = 250
FILE = """Driver ID;Valid until;Class
281474;14.04.2034;Class B
281475;31.02.2034;
281475;01.03.2027;Class B
"""
MAP = """type = "Driver License"
[columns]
"Driver ID" = { is = "owner id" }
"Valid until" = { is = "expiration date", format = "%d.%m.%Y" }
"Class" = { is = "Licence class" }
"""
THREADS = 8

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the demo that fits the environment."""
    arguments = sys.argv[1:]
    try:
        if os.environ.get("SAMSARA_API_TOKEN"):
            return live_demo(arguments[0] if arguments else "")
        with mock_server() as (base_url, token):
            mock_demo(base_url, token)
    except QualificationsError as error:
        console.print(f"[red]{type(error).__name__}[/]: {error} (applied: {error.applied})")
        return 1
    return 0


@contextmanager
def mock_server() -> Generator[tuple[str, str]]:
    """Run the mock as a process; give its URL and token."""
    rate = f"{LIMIT.requests}/{LIMIT.window_seconds:g}"
    command = [sys.executable, "-m", "samsara_qualifications.mock", "--rate", rate]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it is a pipe
            lines = [server.stdout.readline().partition(": ")[2].strip() for _ in range(2)]
            yield lines[0], lines[1]
        finally:
            server.terminate()


def mock_demo(base_url: str, token: str) -> None:
    """Update, clear, be refused, push many."""
    console.print(
        f"A mock of Samsara's API runs at {base_url}, with {LIMIT.requests} requests per "
        f"{LIMIT.window_seconds:g} s instead of 60 s."
    )
    seen = Traffic()
    with (
        httpx.Client(event_hooks={"request": [seen.request], "response": [seen.response]}) as http,
        QualificationsClient(
            token, base_url=base_url, http_client=http, limits={"update": LIMIT}
        ) as client,
    ):
        record_id = show_update(client, seen)
        show_clear(client, seen, record_id)
        show_refusals(client, record_id)
        show_file(base_url, token)
        show_push(client, seen, record_id)


class Traffic:
    """What goes over the wire."""

    def __init__(self) -> None:
        self.body = b""
        self.updates: list[float] = []  # when each was sent
        self.too_many = 0

    def request(self, request: httpx.Request) -> None:
        """Note a request that is about to be sent."""
        self.body = request.content
        if request.method == "PATCH":
            self.updates.append(time.monotonic())

    def response(self, response: httpx.Response) -> None:
        """Note a response's status."""
        self.too_many += response.status_code == 429  # noqa: PLR2004  Too Many Requests


def show_update(client: QualificationsClient, seen: Traffic) -> str:
    """Send the request that the API's documentation shows; return the record's id."""
    expected = documented_request()
    heading("Update a record")
    show_record("before", client.get(str(expected["id"])))
    record = client.update(
        expected["id"],
        issue_date=datetime.fromisoformat(expected["issueDate"]),
        owner=Owner.worker(expected["owner"]["id"]),
    )
    show_body(seen.body)
    equal = json.loads(seen.body) == expected
    console.print(f"  equal to the documented request: [{'green' if equal else 'red'}]{equal}[/]")
    if not equal:
        raise SystemExit(1)
    show_record("after", record)
    return record.id


def show_clear(client: QualificationsClient, seen: Traffic, record_id: str) -> None:
    """Set an expiration date and clear it."""
    heading("Clear its expiration date: expiration_date=CLEAR")
    record = client.update(record_id, expiration_date=datetime(2027, 8, 27, 10, 20, 30, tzinfo=UTC))
    show_record("before", record)
    record = client.update(record_id, expiration_date=CLEAR)
    show_body(seen.body)
    show_record("after", record)


def show_refusals(client: QualificationsClient, record_id: str) -> None:
    """Show what bad input and an error of the API look like."""
    heading("What is refused, and what the API refuses")
    empty_date: Any = None
    for bad in (empty_date, datetime(1970, 1, 1, tzinfo=UTC)):
        try:
            client.update(record_id, expiration_date=bad)
        except InvalidInput as error:
            console.print(f"  InvalidInput: {error}")
    try:
        client.update("no-such-record", expiration_date=CLEAR)
    except NotFound as error:
        console.print(
            f"  NotFound: {error}\n    applied={error.applied} request_id={error.request_id}"
        )


def show_file(base_url: str, token: str) -> None:
    """Push a small file with the command."""
    heading("Push a file: samsara-qualifications push renewals.csv --map map.toml --yes")
    command = Path(sys.executable).with_name("samsara-qualifications")
    with TemporaryDirectory() as folder:
        Path(folder, "renewals.csv").write_text(FILE, "utf-8")
        Path(folder, "map.toml").write_text(MAP, "utf-8")
        console.print(FILE, end="", markup=False)
        subprocess.run(
            [str(command), "push", "renewals.csv", "--map", "map.toml", "--yes"],
            cwd=folder,
            env={**os.environ, "SAMSARA_BASE_URL": base_url, "SAMSARA_API_TOKEN": token},
            stderr=subprocess.STDOUT,
            check=False,
        )


def show_push(client: QualificationsClient, seen: Traffic, record_id: str) -> None:
    """Push many updates from several threads, and report how the limit was used."""
    heading(f"Push {UPDATES} updates from {THREADS} threads")
    seen.updates.clear()

    def renew(day: int) -> None:
        client.update(
            record_id, expiration_date=datetime(2028, 1, 1 + day % 28, tzinfo=UTC), lane="bulk"
        )

    time.sleep(LIMIT.window_seconds)
    begin = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        done = 0
        for _ in track(pool.map(renew, range(UPDATES)), "  updating", UPDATES, console=console):
            done += 1
    elapsed = time.monotonic() - begin
    console.print(f"  {done} of {UPDATES} done in {elapsed:.1f} s")
    report_push(seen)


def report_push(seen: Traffic) -> None:
    """Print requests, 429s and the share of the budget that was used."""
    sent = sorted(seen.updates)
    windows = (len(sent) - 1) // LIMIT.requests
    took = sent[windows * LIMIT.requests] - sent[0]
    share = windows * LIMIT.window_seconds / took
    console.print(f"  {len(sent)} requests, 429s that the server sent: {seen.too_many}")
    console.print(
        f"  share of the budget used: {share:.1%}"
        f" ({windows} windows of {LIMIT.requests} requests took {took:.2f} s)"
    )
    if seen.too_many:
        raise SystemExit(1)


def live_demo(record_id: str) -> int:
    """Write a record's own issue date back to it, if a person agrees."""
    if not record_id:
        console.print("SAMSARA_API_TOKEN is set, so this would go to a real server.")
        console.print("Name a record: make demo RECORD=9814a1fa-…  (or unset it, for the mock)")
        return 1
    with QualificationsClient() as client:
        console.print(f"{client}")
        record = client.get(record_id)
        show_record("before", record)
        if not agreed(f"Write its issue date {record.issue_date} back to it? [y/N] "):
            console.print("Nothing was written.")
            return 0
        show_record("after", client.update(record_id, issue_date=record.issue_date))
    return 0


def agreed(question: str) -> bool:
    """Ask; without a terminal, or without a clear yes, it is a no."""
    if not sys.stdin.isatty():
        console.print(f"{question}- no terminal to ask on")
        return False
    return input(question).strip().lower() in {"y", "yes"}


def documented_request() -> dict[str, Any]:
    """Return the update that the API's documentation shows; the spec carries it."""
    text = resources.files("samsara_qualifications_api").joinpath("openapi.json").read_text("utf-8")
    operation = json.loads(text)["paths"]["/qualification-records"]["patch"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    request: dict[str, Any] = examples["seed"]["value"]
    return request


def heading(text: str) -> None:
    """Print a heading."""
    console.print(f"\n[bold]{text}[/]")


def show_body(body: bytes) -> None:
    """Print a request's body as it went out."""
    console.print(f"  PATCH /qualification-records\n  {body.decode()}", markup=False)


def show_record(when: str, record: QualificationRecord) -> None:
    """Print what the demo changes in a record."""
    owner = f"{record.owner.entity_type} {record.owner.id}"
    expires = expiration_of(record) or "never"
    console.print(f"  {when}: issued {record.issue_date}, expires {expires}, owner {owner}")


if __name__ == "__main__":
    sys.exit(main())
