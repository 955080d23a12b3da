"""The installed command as a process: in a terminal and without one, cut off, interrupted."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import cli
from samsara_qualifications.mock import Fault

from .conftest import COMMAND

if TYPE_CHECKING:
    from samsara_qualifications.mock import MockServer

FILE = "owner id,expiration date\n281474,2034-04-14\n281475,2034-04-15\n"
LICENCE = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
COLOUR = "\x1b["


def ended(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=options.get("stdout") is None,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


def in_terminal(
    *arguments: str, typed: str = "", interrupt_at: bytes = b"", **variables: str
) -> tuple[int, str]:
    """Run the command in a terminal of 80 columns; return its status and what it showed."""
    master, slave = pty.openpty()
    os.write(master, typed.encode())
    with subprocess.Popen(
        [str(COMMAND), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm-256color", **variables},
    ) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65_536)
            except OSError:  # the other side was closed
                break
            if not part:
                break
            shown += part
            if interrupt_at and interrupt_at in shown:
                process.send_signal(signal.SIGINT)
                interrupt_at = b""
    os.close(master)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def test_help_is_light() -> None:
    """No httpx, no models, no rich: the help is there at once, with examples."""
    code = (
        "import sys; sys.argv = ['x', '{}']\n"
        "from samsara_qualifications import cli\n"
        "try: cli.main()\n"
        "finally: sys.stderr.write(' '.join({{'httpx', 'rich', 'asyncio'}} & {{*sys.modules}}))"
    )
    for option in ("--help", "-h"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(option)], capture_output=True, text=True, check=False
        )
        assert (0, "") == (done.returncode, done.stderr)
        assert "samsara-qualifications push now.csv" in done.stdout
        assert "\b" not in done.stdout


def test_each_command_has_an_example() -> None:
    """In lines as they are typed."""
    from samsara_qualifications.cli import app  # noqa: PLC0415  it loads typer

    for command in app.app.registered_commands:
        assert "\b\nsamsara-qualifications " in (command.help or "")


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_the_extra(package: str) -> None:
    """One sentence says what to install."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv = ['x', 'types']\n"
        "from samsara_qualifications import cli; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        "samsara-qualifications: the command needs more packages: "
        "pip install 'samsara-qualifications[cli]'\n"
    ) == done.stderr
    assert 1 == done.returncode


def test_without_a_terminal(server: MockServer) -> None:
    """Plain lines, however long, data on stdout alone; also for a person who likes colours."""
    Path("in.csv").write_text(FILE)
    done = ended("push", "in.csv", "--type", LICENCE, "--yes")
    assert 0 == done.returncode
    assert COLOUR not in done.stdout + done.stderr
    assert "~ row 2  worker 281474  Driver License  expires 2026-08-27 → 2034-04-14" in done.stdout
    assert "Done: 2 applied." in done.stdout
    assert "2 applied" not in done.stderr


def test_in_a_terminal(server: MockServer) -> None:
    """It asks before it sends; a no sends nothing."""
    Path("in.csv").write_text(FILE)
    status, shown = in_terminal("push", "in.csv", "--type", LICENCE, typed="n\n")
    assert 0 == status
    assert "Send 2 updates? [y/N]" in shown
    assert "Nothing was sent. To do it later:\n  samsara-qualifications apply in.plan\n" in shown
    assert COLOUR in shown
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.replace("[y/N] ", "\n")).splitlines()
    assert max(map(len, lines)) <= 80
    assert 130 == in_terminal("apply", "in.plan", interrupt_at=b"[y/N] ")[0]
    status, shown = in_terminal("apply", "in.plan", typed="y\n", NO_COLOR="1")
    assert 0 == status
    assert not re.search(r"\x1b\[3[0-9]", shown)
    assert "Done: 2 applied." in shown


def test_what_a_terminal_must_not_see(server: MockServer) -> None:
    """Codes in a file's headings and cells do nothing; long lines are broken at blanks."""
    Path("in.csv").write_text("owner id,Na\x1b[31mme,expiration date\n1,x,\x1b[2J\n")
    status, shown = in_terminal("plan", "in.csv", "--type", LICENCE, NO_COLOR="1")
    assert 2 == status
    assert "[31m" in shown
    assert not re.search(r"\x1b\[(31m|2J)", shown)
    status, shown = in_terminal("plan", "in.csv")
    assert "samsara-qualifications: which type? Say --type" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_closed_pipe_and_a_full_disk(server: MockServer) -> None:
    """`… | head` and a full disk end it without a traceback."""
    for sink, said in (("pipe", ""), ("/dev/full", "cannot be read or written: No space left")):
        if sink == "pipe":
            reader, writer = os.pipe()
            os.close(reader)
        else:
            writer = os.open(sink, os.O_WRONLY)
        done = ended("types", "--json", stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        assert 1 == done.returncode
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        assert bool(said) == bool(done.stderr)


def test_who_reads_no_plan_sends_none(server: MockServer) -> None:
    """`push --yes | head` sends nothing, and says so."""
    Path("in.csv").write_text(FILE)
    reader, writer = os.pipe()
    os.close(reader)
    done = ended(
        "push", "in.csv", "--type", LICENCE, "--yes", stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert 1 == done.returncode
    assert "The output was closed, and nothing was sent. To do it: samsara-qual" in done.stderr
    assert [] == [it for it in server.requests if it.method == "PATCH"]


def test_closed_streams(server: MockServer) -> None:
    """What was closed before is nowhere to write to, and no traceback."""
    Path("in.csv").write_text(FILE)
    script = f"{COMMAND} plan in.csv --type {LICENCE} <&- >&-; echo $? >status"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert "0\n" == Path("status").read_text()
    assert "Traceback" not in done.stderr
    subprocess.run(["/bin/sh", "-c", f"{COMMAND} plan no.csv 2>&-; echo $? >status"], check=True)
    assert "2\n" == Path("status").read_text()


def test_ctrl_c(server: MockServer) -> None:
    """The first lets what is under way end, and says how to go on."""
    rows = "".join(f"28147{i % 2 + 4},2034-04-{i + 10}\n" for i in range(2))
    Path("in.csv").write_text("owner id,expiration date\n" + rows)
    server.faults.add(Fault(operation="updateQualificationRecord", delay=1.5, times=9))
    with subprocess.Popen(
        [str(COMMAND), "push", "in.csv", "--type", LICENCE, "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until = time.monotonic() + 30
        while not any(it.method == "PATCH" for it in server.requests):
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert 130 == process.returncode
    assert "Traceback" not in err
    assert "To go on: samsara-qualifications apply in.plan" in err
    assert "Stopped: " in out


def test_ctrl_c_before_there_is_anything(server: MockServer) -> None:
    """While it waits for an answer, it ends at once, without a word of Python's."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [str(COMMAND), "types", "--base-url", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
            connection.close()
    assert (130, "") == (process.returncode, err)


def test_the_statuses_are_told() -> None:
    """In the help, as `docs/push.md` has them."""
    assert (1, 2, 3, 4, 5, 10, 130) == (
        *(cli.UNEXPECTED, cli.USAGE, cli.FAILED, cli.RESUMABLE, cli.DENIED, cli.CHANGES),
        cli.INTERRUPTED,
    )
