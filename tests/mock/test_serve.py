"""The mock as a real server: in a thread, as a command, as an ASGI application."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from samsara_qualifications.mock import BEHAVIOURS, Fault, MockServer, running
from samsara_qualifications.mock.__main__ import main
from samsara_qualifications.mock.http import MAX_BODY
from samsara_qualifications.mock.serve import listen, url_of
from tests.ports import reserved_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Api

SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
RECORDS = "/qualification-records"


@contextmanager
def client_of(url: str, token: str) -> Iterator[httpx.Client]:
    """Give a client with the token; it ignores the environment's proxies."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    """Give a client of a server in a thread."""
    with running(api.server) as url, client_of(url, api.server.token) as client:
        yield client


def test_a_real_server_answers_as_the_transport_does(api: Api, client: httpx.Client) -> None:
    """Status, headers and body, of reads, writes and errors."""
    with httpx.Client(transport=api.server.transport(), headers=client.headers) as inside:
        for method, path, body in [
            ("GET", f"{RECORDS}?ids={SEED}%2Chr%3Ahazmat-281474", None),
            ("PATCH", RECORDS, {"id": SEED, "externalIds": {"ä": "ö"}}),
            ("POST", f"{RECORDS}/archive", {"id": SEED}),
            ("PUT", RECORDS, None),
            ("GET", "/%2e/ä?%ff", None),
        ]:
            real = client.request(method, path, json=body)
            other = inside.request(method, f"https://samsara.mock{path}", json=body)
            assert other.status_code == real.status_code
            assert set(other.headers) | {"date"} == set(real.headers)
            first, second = list(api.server.requests)[-2:]
            assert (first.path, first.query, first.body) == (second.path, second.query, second.body)


def test_head_has_no_body(client: httpx.Client) -> None:
    """On a kept connection, the next answer is read from its beginning."""
    assert 405 == client.head(RECORDS).status_code
    assert 200 == client.get(RECORDS, params={"ids": SEED}).status_code


def test_a_body_that_is_too_long_is_read_and_refused(client: httpx.Client) -> None:
    """The client gets its answer, not a broken connection; the mock keeps no more than it needs."""
    headers = {"Content-Type": "application/json"}

    response = client.patch(RECORDS, content=b" " * (MAX_BODY + 200_000), headers=headers)

    assert 413 == response.status_code


@pytest.mark.parametrize(
    ("cut", "carried_out"),
    [("connect", False), ("request", False), ("response", True), ("body", True)],
)
def test_a_cut_breaks_the_connection(
    api: Api, client: httpx.Client, caplog: pytest.LogCaptureFixture, cut: Any, *, carried_out: bool
) -> None:
    """Without a complaint of the server, which goes on with the next."""
    api.server.faults.add(Fault(cut=cut))

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.patch(RECORDS, json={"id": SEED, "expirationDate": "1970-01-01T00:00:00Z"})

    assert carried_out is ("expirationDate" not in api.record)
    assert 200 == client.get(RECORDS, params={"ids": SEED}).status_code
    assert [] == caplog.messages


def test_a_delay_is_a_timeout_for_the_impatient(api: Api, client: httpx.Client) -> None:
    """The request is carried out all the same."""
    api.server.faults.add(Fault(delay=0.5))

    with pytest.raises(httpx.ReadTimeout):
        client.patch(
            RECORDS, json={"id": SEED, "expirationDate": "1970-01-01T00:00:00Z"}, timeout=0.05
        )

    assert "expirationDate" not in api.record


def test_a_drip_comes_byte_by_byte(api: Api, client: httpx.Client) -> None:
    """All of it comes in the end."""
    api.server.faults.add(Fault(drip=0.001, body="0123"))

    with client.stream("GET", RECORDS) as response:
        parts = list(response.iter_raw())

    assert b"0123" == b"".join(parts)
    assert len(parts) > 1


def test_a_client_that_leaves_early_is_no_request(api: Api) -> None:
    """Half a body is nothing to carry out."""
    with running(api.server) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"PATCH /qualification-records HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
            )
        with client_of(url, api.server.token) as client:
            client.get("/after")

    assert ["/after"] == [request.path for request in api.server.requests]


def test_threads_share_a_server(api: Api) -> None:
    """Of many threads, each write counts, and each has a time of its own."""
    transport = api.server.transport()

    def work() -> None:
        headers = {"Authorization": f"Bearer {api.server.token}"}
        with httpx.Client(transport=transport, headers=headers) as client:
            for _ in range(25):
                client.patch(f"https://samsara.mock{RECORDS}", json={"id": SEED})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [200] * 100 == [request.status for request in api.server.requests]
    assert "2026-01-01T00:00:00.000099Z" == api.record["updatedAtTime"]


async def test_under_another_server_a_cut_raises(api: Api) -> None:
    """The application can only ask its server to break off."""
    api.server.faults.add(Fault(cut="response"))
    transport = httpx.ASGITransport(app=api.server.asgi())

    async with httpx.AsyncClient(transport=transport, base_url="https://samsara.mock") as client:
        with pytest.raises(ConnectionAbortedError, match="breaks this connection on request"):
            await client.get(RECORDS)
        assert 401 == (await client.get(RECORDS)).status_code


async def test_the_application_speaks_http_only(api: Api) -> None:
    """It says so to a server that asks for more."""
    with pytest.raises(ValueError, match="not lifespan"):
        await api.server.asgi()({"type": "lifespan"}, _never, _never)


async def _never(*_: Any) -> Any:
    pytest.fail("nothing is received or sent")


@contextmanager
def command(*options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run the mock as a process; give it, its URL and its token."""
    with subprocess.Popen(
        [sys.executable, "-m", "samsara_qualifications.mock", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            lines = [process.stdout.readline(), process.stdout.readline()] if process.stdout else []
            url, token = (line.rstrip("\n").partition(": ") for line in lines)
            assert ("url", "token") == (url[0], token[0])
            yield process, url[2], token[2]
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("options", "warning"),
    [(["--host", "localhost"], ""), (["--host", "0.0.0.0"], "warning: other machines can reach")],  # noqa: S104  that is the test
)
def test_the_command_listens_where_it_is_told(options: list[str], warning: str) -> None:
    """Beyond loopback with a warning; the first two lines stay what they are."""
    with command(*options) as (process, url, token):
        with client_of(url, token) as client:
            assert 200 == client.get(RECORDS, params={"ids": SEED}).status_code
        process.terminate()
        _, errors = process.communicate(timeout=30)

    assert errors.startswith(warning)
    assert bool(warning) == bool(errors)


def test_a_server_may_listen_at_ipv6() -> None:
    """Its URL has brackets."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen(host="::1") as listener:
        assert url_of(listener).startswith("http://[::1]:")


def test_the_command_takes_faults_and_control(tmp_path: Path) -> None:
    """With or without a byte order mark; a reset arranges them anew."""
    file = tmp_path / "faults.json"
    text = json.dumps([{"status": 503, "when": SEED, "headers": {"Retry-After": "0.1"}}])
    file.write_text(text, encoding="utf-8-sig")

    options = ["--faults", str(file), "--control"]
    with command(*options) as (_, url, token), client_of(url, token) as client:
        first = client.get(RECORDS, params={"ids": SEED})
        second = client.get(RECORDS, params={"ids": SEED})
        assert 200 == client.post("/_mock/reset").status_code
        third = client.get(RECORDS, params={"ids": SEED})

    assert [503, 200, 503] == [answer.status_code for answer in (first, second, third)]
    assert "0.1" == first.headers["retry-after"]


def test_mistakes_in_a_file_of_faults_are_told_at_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each on its line."""
    file = tmp_path / "faults.json"
    file.write_text('[{"times": 0}, {"cut": "x", "delay": "1"}]', encoding="utf-8")

    with pytest.raises(SystemExit):
        main(["--faults", str(file)])

    errors = capsys.readouterr().err
    for mistake in ("faults[0]: times: 0 is less", "faults[1]: cut: ", "faults[1]: delay: "):
        assert mistake in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_a_signal(number: signal.Signals) -> None:
    """It says where, and stops cleanly: no output but the two lines, no traceback, status 0."""
    with command() as (process, url, token):
        with client_of(url, token) as client:
            assert 200 == client.get(RECORDS, params={"ids": SEED}).status_code
            assert 401 == client.get(RECORDS, headers={"Authorization": ""}).status_code
            os.kill(process.pid, number)
        output, errors = process.communicate(timeout=30)

    assert ("", "", 0) == (output, errors, process.returncode)
    assert url.startswith("http://127.0.0.1:")


def test_the_command_takes_options(tmp_path: Path, api: Api) -> None:
    """Port, token, limit, data, page size, behaviours, log."""
    data = tmp_path / "seed.json"
    data.write_text(json.dumps({"types": [api.kind("Medical Certificate")]}), encoding="utf-8")
    options = ["--token", "mine", "--rate", "2/60", "--seed-data", str(data)]
    options += ["--page-size", "1", "--behaviour", "unknown_get=omitted"]
    options += ["--behaviour", "limiter=fixed", "--verbose"]

    with (
        reserved_port() as port,
        command("--port", str(port), *options) as (process, url, token),
    ):
        with client_of(url, token) as client:
            answers = [client.get(RECORDS, params={"ids": "a"}) for _ in range(3)]
        process.terminate()
        _, errors = process.communicate(timeout=30)

    assert (f"http://127.0.0.1:{port}", "mine") == (url, token)
    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert {"data": []} == answers[0].json()
    assert '"GET /qualification-records?ids=a HTTP/1.1" 429' in errors
    assert "mine" not in errors


def test_the_command_lists_the_behaviours(capsys: pytest.CaptureFixture[str]) -> None:
    """And stops, without a server."""
    main(["--list-behaviours"])

    assert all(f"| `{behaviour.name}` |" in capsys.readouterr().out for behaviour in BEHAVIOURS[:1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rate", "fast"], "'fast' is not a valid rate: write REQUESTS/SECONDS, such as 100/60"),
        (["--rate", "0/60"], "rate=0/60.0 must be a whole number of requests, 1 to 1e+09"),
        (["--rate", "100/-1"], "in 0.001 to 1e+09 seconds"),
        (["--rate", "1/inf"], "rate=1/inf must be"),
        (["--token", "a b"], "without a blank"),
        (["--page-size", "0"], "page_size=0 must be a whole number, 1 or more"),
        (["--behaviour", "limiter"], "limiter cannot be ''"),
        (["--behaviour", "speed=high"], "no switchable behaviour 'speed'"),
        (["--seed-data", "/nowhere/seed.json"], "No such file"),
        (["--faults", "/nowhere/faults.json"], "No such file"),
        (["--host", "256.1.1.1"], ""),
        (["--port", "x"], "invalid int value"),
        (["--port", "99999"], "port=99999 must be from 0 to 65535"),
        (["--port", "-1"], "port=-1 must be"),
    ],
)
def test_wrong_options_are_explained(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    """On one line, with the usage and status 2."""
    with pytest.raises(SystemExit) as caught:
        main(options)

    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_port_that_is_taken_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """It is another's."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit):
        main(["--port", str(taken.getsockname()[1])])

    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["uvicorn", "jsonschema_rs"])
def test_without_the_extra_the_command_says_what_to_install(package: str) -> None:
    """On one line, without a traceback."""
    program = f"""
import sys
sys.modules["{package}"] = None
sys.argv[1:] = []
import runpy
runpy.run_module("samsara_qualifications.mock", run_name="__main__", alter_sys=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )

    assert ("", 1) == (done.stdout, done.returncode)
    assert done.stderr.endswith("the mock needs: pip install 'samsara-qualifications[mock]'\n")
    assert 1 == len(done.stderr.splitlines())


@pytest.mark.parametrize(("text", "refused"), [("none", 0), ("spec", 1)])
def test_limits_can_be_switched_off(text: str, refused: int) -> None:
    """`none` and `spec` are rates, too."""
    with command("--rate", text) as (_, url, token), client_of(url, token) as client:
        statuses = [client.get(RECORDS, params={"ids": SEED}).status_code for _ in range(6)]

    assert refused == statuses.count(429)


def test_a_server_in_a_thread_frees_its_port() -> None:
    """After the block, nobody listens."""
    server = MockServer()
    with running(server) as url:
        pass

    with client_of(url, server.token) as client, pytest.raises(httpx.ConnectError):
        client.get("/")
