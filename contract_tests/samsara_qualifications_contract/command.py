"""
The command `samsara-contract`: does a server keep the contract of the qualification records?

It runs the checks in `server/` with pytest, in an empty folder and with settings of its own, so
that nothing of the caller's (a `pytest.ini`, a `conftest.py`, other plugins) takes part.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import secrets
import signal
import sys
import tempfile
import textwrap
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import pytest

import samsara_qualifications
from samsara_qualifications_contract import __version__
from samsara_qualifications_contract.harness import expectations, facts, preflight, replay
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.harness.report import write_stop
from samsara_qualifications_contract.harness.terminal import Terminal
from samsara_qualifications_contract.harness.transport import INTERRUPTION, NotReadyError
from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.server import rate_limits

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

KEEPS, BREAKS, MISUSED, NOT_RUN, INTERRUPTED = 0, 1, 2, 3, 130
HERE = Path(__file__).parent
CHECKS = {path.stem.removeprefix("test_"): path for path in sorted(HERE.glob("server/test_*.py"))}
OF_THE_MOCK, WITHOUT_RECORDS = {"limits", "schemathesis"}, {"protocol"}
EXAMPLE_FACTS = HERE / "target.yaml"
TOKEN_VARIABLE = "SAMSARA_API_TOKEN"
_TOKEN = re.compile(r"[!-~]+")
_WORKERS = 2
_STATUSES = """\
exit status:
  0  the server keeps the contract
  1  it does not
  2  wrong use
  3  the checks could not begin: one sentence says why
  130  interrupted

environment:
  SAMSARA_API_TOKEN  the server's token; --token-env names another variable
  SSL_CERT_FILE      the certificates to trust, where the server's is signed by your own authority
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY  as usual
"""
_OUTPUTS = {"report": "report", "junit": "junit-xml", "json": "json"}
"""Options that name a file or folder to write, and what they are for pytest."""
_SET_ASIDE = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_AUTO_NUM_WORKERS")
_OWN_VARIABLES = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "ignore",
}
_PATH_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class WrongUseError(Exception):
    """The arguments cannot be used together, or what they name cannot."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command.

    Args:
        arguments: What stands on the command line; by default, that of this process.

    Returns:
        The exit status.
    """
    given = sys.argv[1:] if arguments is None else [*arguments]
    if given[:1] == ["replay"]:
        return replay.main(given[1:])
    parser = _parser()
    options = parser.parse_args(given)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.list or options.example_facts:
            _say(_list() if options.list else EXAMPLE_FACTS.read_text("utf-8").rstrip())
            return KEEPS
        return _run(options)
    except WrongUseError as error:
        parser.error(str(error))
    except NotReadyError as error:
        _say(f"cannot begin: {error}")
        return NOT_RUN
    except Breach as error:
        _say(f"{error}\n  curl     {error.failure.curl}\n")
        _say(f"{_name(options)} does not keep the contract, so that no check can begin")
        return BREAKS
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    _check(options)
    if options.random and options.seed is None:
        options.seed = secrets.randbelow(2**32)
    chosen = _chosen(options)
    told = _told(options)
    outputs = _outputs(options)
    found = facts.NOTHING
    if options.url:
        token = os.environ[options.token_env]
        records = not (options.limits or chosen.keys() <= WITHOUT_RECORDS)
        with INTERRUPTION.deferred():
            try:
                found = preflight.look(options.url, token, told, records=records)
            except (NotReadyError, Breach) as error:
                write_stop(options.url, str(error), outputs)
                raise
    _say(_header(options, found))
    terminal, began = Terminal(sys.stdout), time.monotonic()
    with _own_folder():
        settings = _settings(options, outputs)
        status = int(pytest.main([*settings, *map(str, chosen.values())], plugins=[terminal]))
    return _verdict(options, terminal, status, time.monotonic() - began)


def _settings(options: argparse.Namespace, outputs: dict[str, Path]) -> list[str]:
    """Return pytest's arguments."""
    settings = [f"--config-file={HERE / 'command.ini'}", f"--rootdir={HERE}"]
    settings += [f"--effort={options.effort}", f"--caller={options.caller}"]
    if options.limits:
        settings.append("--maxfail=1")
    elif options.workers > 1:
        settings.append(f"--numprocesses={options.workers}")
    if options.url:
        settings += [f"--url={options.url}", f"--token-env={options.token_env}"]
    if options.seed is not None:
        settings.append(f"--hypothesis-seed={options.seed}")
    for name in ("facts", "expect"):
        if path := getattr(options, name):
            settings.append(f"--{name}={path}")
    return settings + [f"--{_OUTPUTS[name]}={path}" for name, path in outputs.items()]


def _check(options: argparse.Namespace) -> None:
    """Check that the arguments fit together."""
    if bool(options.url) == options.mock:
        raise WrongUseError("name the server's URL, or say --mock" + " and no URL" * options.mock)
    for name in ("facts", "limits"):
        if options.mock and getattr(options, name):
            raise WrongUseError(f"--{name} is for a server: give its URL instead of --mock")
    if options.limits and options.only:
        raise WrongUseError("--limits runs alone: leave --only out")
    if options.workers < 1:
        raise WrongUseError(f"{options.workers} workers do nothing: give 1 or more")
    if options.url:
        _check_token(os.environ.get(options.token_env), options.token_env)


def _check_token(token: str | None, variable: str) -> None:
    if not token:
        own = variable != TOKEN_VARIABLE
        name = "the variable that --token-env names" if own else TOKEN_VARIABLE
        raise WrongUseError(f"the server's token is missing: set {name}")
    if not _TOKEN.fullmatch(token):
        raise WrongUseError("the token holds blanks, line breaks or other signs no header takes")


def _chosen(options: argparse.Namespace) -> dict[str, Path]:
    """Return the files of checks to run, by name."""
    if options.limits:
        return {"limits": HERE / "server" / "rate_limits.py"}
    names = [name for text in options.only for name in text.split(",")]
    known = [name for name in CHECKS if options.mock or name not in OF_THE_MOCK]
    if unknown := sorted({*names} - {*known}):
        whom = "the mock" if options.mock else "a server"
        raise WrongUseError(f"--only of {whom} takes {', '.join(known)}; not {', '.join(unknown)}")
    return {name: CHECKS[name] for name in known if name in (names or known)}


def _told(options: argparse.Namespace) -> dict[str, object]:
    """Read the files that the arguments name; return the facts."""
    try:
        for file in expectations.files(options.expect) if options.expect else ():
            expectations.load(file)
        told = facts.read_file(options.facts)
    except (OSError, ValueError) as error:
        raise WrongUseError(str(error)) from error
    for name in ("facts", "expect"):
        if path := getattr(options, name):
            setattr(options, name, path.absolute())
    return told


def _outputs(options: argparse.Namespace) -> dict[str, Path]:
    """Make the folders that the run writes to, before it takes a while."""
    outputs = {name: path.absolute() for name in _OUTPUTS if (path := getattr(options, name))}
    try:
        for name, path in outputs.items():
            (path if name == "report" else path.parent).mkdir(parents=True, exist_ok=True)
            if name != "report" and path.is_dir():
                raise IsADirectoryError(f"{getattr(options, name)} is a folder")
    except OSError as error:
        raise WrongUseError(f"cannot write there: {error}") from error
    return outputs


@contextmanager
def _own_folder() -> Generator[None]:
    """Work in an empty folder, where the settings of nobody else hold."""
    for name in _SET_ASIDE:
        os.environ.pop(name, None)
    os.environ.update(_OWN_VARIABLES)
    os.environ.update(
        {
            name: str(Path(os.environ[name]).absolute())
            for name in _PATH_VARIABLES
            if name in os.environ
        }
    )
    warnings.simplefilter("ignore")
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="contract-run-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)


def _header(options: argparse.Namespace, found: facts.Facts) -> str:
    versions = f"samsara-contract {__version__}"
    if samsara_qualifications.__version__ != __version__:
        versions += f" (samsara-qualifications {samsara_qualifications.__version__})"
    seed = "the same examples in each run"
    if options.seed is not None:
        seed = f"examples of --seed {options.seed}"
    lines = [f"{versions}, API {spec.DOCUMENT['info']['version']}: {_name(options)}, {seed}"]
    if options.limits:
        requests, seconds = rate_limits.cost(found)
        lines.append(
            f"the limits: at most {requests} requests in about {seconds:.0f} s, reads first; while "
            "it runs, nobody else should use the server"
        )
    elif options.url and (missing := found.missing()):
        lines.append(f"not all can be checked: {'; '.join(missing)}")
    width = get_terminal_size().columns
    return "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in lines)


def _verdict(options: argparse.Namespace, terminal: Terminal, status: int, seconds: float) -> int:
    counts, name = terminal.counts, _name(options)
    total = counts.total() - counts["skipped"]
    skipped = f", {counts['skipped']} were left out" if counts["skipped"] else ""
    rest = f"{skipped}, {seconds:.0f} s"
    if status == pytest.ExitCode.INTERRUPTED and not terminal.trouble:
        _say(f"interrupted after {counts.total()} checks")
        return INTERRUPTED
    broken = options.mock or any(hasattr(report, "breach") for report in terminal.stats["failed"])
    if status == pytest.ExitCode.TESTS_FAILED and broken:
        failed = f"{counts['failed']} of {total} checks failed"
        _say(f"\n{name} does not keep the contract: {failed}{rest}")
        return BREAKS
    if status == pytest.ExitCode.OK and total:
        _say(f"{name} keeps the contract: {total} checks passed{rest}")
        return KEEPS
    nothing = "the suite itself failed, so that nothing is known: please report it as its fault"
    done = status == pytest.ExitCode.TESTS_FAILED
    _say("\n".join([*terminal.trouble, nothing if done else "the checks could not be run"]))
    return NOT_RUN


def _name(options: argparse.Namespace) -> str:
    return str(options.url or "the mock")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _list() -> str:
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in CHECKS.items()}
    texts = {name: str(ast.get_docstring(tree)).splitlines()[0] for name, tree in trees.items()}
    notes = {name: " (the mock only)" if name in OF_THE_MOCK else "" for name in texts}
    return "\n".join(f"{name:13} {text}{notes[name]}" for name, text in texts.items())


def _address(text: str) -> str:
    try:
        return preflight.address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _effort(text: str) -> float:
    effort = float(text)
    if not 0 < effort <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is no effort: give a number over 0, up to 1000")
    return effort


class _NoToken(argparse.Action):
    """Refuses a token among the arguments, without showing it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.error(
            "a token among the arguments stands in the list of processes: set "
            f"{TOKEN_VARIABLE}, or name another variable with --token-env"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="samsara-contract",
        description="Check whether a server keeps the contract of Samsara's qualification records.",
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("url", nargs="?", type=_address, metavar="URL", help="the server's base URL")
    add("--mock", action="store_true", help="check the mock of samsara-qualifications, in process")
    add("--token-env", metavar="NAME", default=TOKEN_VARIABLE, help="the variable with the token")
    add("--token", action=_NoToken, help=argparse.SUPPRESS)
    add("--facts", type=Path, metavar="FILE", help="YAML: what the API alone cannot tell")
    add("--expect", type=Path, metavar="DIR", help="JSON files with what another team relies on")
    add(
        "--only", action="append", default=[], metavar="NAMES", help="only these checks: see --list"
    )
    add("--limits", action="store_true", help="only the rate limits, in real time; says the cost")
    add("--report", type=Path, metavar="DIR", help="write contract.html and contract.json")
    add("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    add("--json", type=Path, metavar="FILE", help="write the results as JSON")
    add("--effort", type=_effort, default=1.0, metavar="N", help="times the usual examples")
    add("--random", action="store_true", help="other examples in each run; prints their seed")
    add("--seed", type=int, metavar="N", help="the examples of this seed")
    add("--workers", type=int, default=_WORKERS, metavar="N", help="checks at a time (default 2)")
    add("--list", action="store_true", help="list the checks that --only takes, and stop")
    add("--example-facts", action="store_true", help="print a file for --facts, and stop")
    parser.set_defaults(caller=Path.cwd())
    add("--version", action="version", version=f"samsara-contract {__version__}")
    return parser
