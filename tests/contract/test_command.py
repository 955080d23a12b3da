"""The command samsara-contract: what it takes, how it exits, and what cannot disturb it."""

from __future__ import annotations

import argparse
import html
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from samsara_qualifications_contract import command
from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.harness.terminal import Terminal

from .servers import Answer, Asked, of_mock, serving

if TYPE_CHECKING:
    from samsara_qualifications.mock import MockServer

COMMAND = Path(sys.executable).with_name("samsara-contract")
URL, TOKEN = "http://127.0.0.1:9", "SAMSARA_API_TOKEN"
HOSTILE = {
    "pytest.ini": "[pytest]\naddopts = --nonsense\nrequired_plugins = pytest-nowhere\n",
    "conftest.py": "raise RuntimeError('not yours')\n",
    "schemathesis.toml": "not = [TOML\n",
    "contract_tests/__init__.py": "raise RuntimeError('not yours')\n",
    "samsara_qualifications_contract.py": "raise RuntimeError('not yours')\n",
    "execnet.py": "raise RuntimeError('not yours')\n",
    "hypothesis.py": "raise RuntimeError('not yours')\n",
}


def run(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        env={**os.environ, TOKEN: targets.MOCK_TOKEN, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


WRONG: dict[str, tuple[list[str], str]] = {
    "nothing": ([], "name the server's URL, or say --mock"),
    "both": ([URL, "--mock"], "name the server's URL, or say --mock and no URL"),
    "no token": (
        [URL, "--token-env", "NOBODY"],
        "missing: set the variable that --token-env names",
    ),
    "a bad token": ([URL, "--token-env", "BROKEN"], "the token holds blanks, line breaks or other"),
    "no URL": (["localhost:80"], "'localhost:80' is not the URL of a server: write http://local"),
    "facts of the mock": (["--mock", "--facts", "f"], "--facts is for a server"),
    "limits of the mock": (["--mock", "--limits"], "--limits is for a server"),
    "no facts": ([URL, "--facts", "nowhere"], "[Errno 2] No such file or directory: 'nowhere'"),
    "wrong facts": ([URL, "--facts", "wrong.yaml"], "wrong.yaml: unknown key 'behaviors'"),
    "no expectations": (["--mock", "--expect", "nowhere"], "no *.json in the folder of expect"),
    "wrong expectations": (["--mock", "--expect", "."], "wrong.json is not a valid expectation"),
    "no such check": (["--mock", "--only", "streams,x"], "streams; not x"),
    "a check of the mock": ([URL, "--only", "limits"], "--only of a server takes behaviours, "),
    "no file": (["--mock", "--json", "."], "cannot write there: . is a folder"),
    "two ways": ([URL, "--only", "streams", "--limits"], "--limits runs alone"),
    "no effort": (["--mock", "--effort", "0"], "0 is no effort: give a number over 0"),
    "no number": (["--mock", "--effort", "much"], "invalid _effort value: 'much'"),
    "no workers": (["--mock", "--workers", "0"], "0 workers do nothing"),
    "no folder": (["--mock", "--report", "wrong.yaml"], "cannot write there: [Errno 17] File exi"),
    "a token": ([URL, "--token=secret"], "a token among the arguments stands in the list"),
}


@pytest.mark.parametrize(("arguments", "text"), WRONG.values(), ids=WRONG)
def test_wrong_use_exits_with_2(
    arguments: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is wrong is named with the way out, before anything runs."""
    (tmp_path / "wrong.yaml").write_text("behaviors: {}", "utf-8")
    (tmp_path / "wrong.json").write_text("{", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TOKEN, "secret")
    monkeypatch.setenv("BROKEN", "secret\n")
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    came = capsys.readouterr()
    assert (2, "") == (caught.value.code, came.out)
    assert text in came.err
    assert "secret" not in came.err


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "cannot begin: no answer from GET http://127.0.0.1:9/qualification-types?entity"),
        (Answer(200, b"<html>", {"Content-Type": "text/html"}), "cannot begin: GET http://"),
    ],
)
def test_what_cannot_begin_exits_with_3(
    answer: Answer | None,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    tmp_path: Path,
) -> None:
    """One sentence, which the files say, too, so that no CI misses them."""
    monkeypatch.setenv(TOKEN, "secret")
    files = ["--junit", "all.xml", "--json", "all.json", "--report", "page"]
    monkeypatch.chdir(tmp_path)
    with serving(lambda _: answer or Answer(500)) as url:
        assert 3 == command.main([url if answer else URL, *files])
    came = capsys.readouterr()
    assert came.out.startswith(text)
    assert 1 == len(came.out.splitlines())
    assert "" == came.err
    said = came.out.strip().removeprefix("cannot begin: ")
    (outcome,) = json.loads(Path("all.json").read_text("utf-8"))["outcomes"]
    assert ("failed", said) == (outcome["outcome"], outcome["text"])
    error = ET.parse("all.xml").find("testcase/error")  # noqa: S314  our own
    assert error is not None
    assert said == error.get("message")
    assert html.escape(said) in Path("page/contract.html").read_text("utf-8")


def test_it_tells_what_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    """The checks with what they are for, and a file of facts to begin with."""
    assert 0 == command.main(["--list"])
    assert "streams       Short stories of the lists" in capsys.readouterr().out
    assert 0 == command.main(["--example-facts"])
    assert "# What the suite cannot find through the API" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("found", "status", "text"),
    [({}, 3, "the suite itself failed"), ({"breach": "{}"}, 1, "does not keep the contract")],
)
def test_the_suites_own_errors_say_nothing_of_the_server(
    found: dict[str, str], status: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a breach is one."""
    terminal = Terminal(sys.stdout)
    terminal.stats["failed"] = [
        pytest.TestReport("t", ("t", 1, "t"), {}, "failed", "IndexError", "call", **found)
    ]
    options = argparse.Namespace(mock=False, url="http://localhost:1")
    code = pytest.ExitCode.TESTS_FAILED
    assert status == command._verdict(options, terminal, code, 1)  # pyright: ignore[reportPrivateUsage]
    assert text in capsys.readouterr().out


def test_nothing_of_the_callers_takes_part(tmp_path: Path) -> None:
    """Neither settings, plugins and modules around it, nor variables; it leaves what was asked."""
    for name, text in HOSTILE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    outputs = ["--report", "out", "--junit", "junit.xml", "--json", "sub/results.json"]
    done = run(
        *("--mock", "--only", "expectations,streams", "--effort", "0.1", *outputs),
        folder=tmp_path,
        PYTEST_ADDOPTS="--nonsense",
        PYTEST_PLUGINS="nowhere",
    )
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("samsara-contract ")
    assert lines[0].endswith(": the mock, the same examples in each run")
    assert lines[-1].startswith("the mock keeps the contract: ")
    assert {"out", "junit.xml", "sub"} == {path.name for path in tmp_path.iterdir()} - before
    assert {"contract.html", "contract.json"} <= {path.name for path in tmp_path.glob("out/*")}
    results = json.loads((tmp_path / "sub" / "results.json").read_text("utf-8"))
    suites = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314  our own file
    assert len(results["outcomes"]) == len(list(suites.iter("testcase"))) > 10


def counting(mock: MockServer, gone_after: int = 10**9) -> tuple[Any, set[str]]:
    """Return what answers as a mock for a while, and which records are left there."""
    answer, left, asked = of_mock(mock), set[str](), [0]

    def noted(request: Asked) -> Answer:
        asked[0] += 1
        if asked[0] > gone_after:
            return Answer(0)
        came = answer(request)
        if request.method == "POST" and came.status == 201:
            left.add(json.loads(came.body)["data"]["id"])
        if request.method == "DELETE" and came.status == 200:
            left.discard(json.loads(request.body)["id"])
        return came

    return noted, left


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    """Exit status 130, and the records are deleted."""
    answer, left = counting(targets.own_server())
    with serving(answer) as url:
        with subprocess.Popen(
            [str(COMMAND), url, "--only", "model,streams"],
            env={**os.environ, TOKEN: targets.MOCK_TOKEN, "COLUMNS": "200"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.stdout.read(1)
            process.send_signal(signal.SIGINT)
            text = process.stdout.read()
        assert 130 == process.returncode, text
        assert "\ninterrupted after " in text
        assert "Traceback" not in text
        assert set() == left


def test_a_server_that_goes_away_is_said_once(tmp_path: Path) -> None:
    """The rest is left out; it does not keep the contract."""
    answer, _ = counting(targets.own_server(), gone_after=150)
    with serving(answer) as url:
        done = run(url, "--only", "behaviours", "--workers", "1", folder=tmp_path)
    assert 1 == done.returncode, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "does not keep the contract: 3 of " in lines[-1]
    assert any(line.endswith(": the server answers no more") for line in lines)
    assert "Traceback" not in done.stdout
    assert "came     no answer: Server disconnected without sending a response" in done.stdout


def test_limits_are_looked_at_when_asked(tmp_path: Path) -> None:
    """A server with the limits that it is said to have keeps the contract; its cost is said."""
    facts = tmp_path / "facts.yaml"
    facts.write_text("rate: 3/0.3\n", "utf-8")
    with targets.mock_process("--rate", "3/0.3") as url:
        right = run(url, "--limits", "--facts", "facts.yaml", folder=tmp_path)
        low = run(url, "--limits", folder=tmp_path)
    assert 0 == right.returncode, right.stdout + right.stderr
    assert "the limits: at most 104 requests in about 3 s, reads first" in right.stdout
    assert 1 == low.returncode, low.stdout + low.stderr
    assert "1 of 1 checks failed" in low.stdout.splitlines()[-1]
