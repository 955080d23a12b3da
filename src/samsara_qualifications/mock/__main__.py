"""The mock server as a command: `python -m samsara_qualifications.mock`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _config
from . import behaviours, faults, seed, strict_json
from .serve import LOOPBACK, listen, new_http_server, url_of
from .server import MockServer

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM. The first two lines say where, and with which token."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list_behaviours:
        sys.stdout.write(behaviours.as_markdown())
        return
    try:
        server = MockServer(
            token=options.token,
            rate=options.rate,
            behaviours=dict(options.behaviour),
            seed_data=seed.load(options.seed_data),
            page_size=options.page_size,
            faults=faults.read(strict_json.load(options.faults)) if options.faults else (),
            control=options.control,
        )
        http_server = new_http_server(server, access_log=options.verbose)
        listener = listen(options.port, options.host)  # last: what fails leaves no socket open
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except ModuleNotFoundError as error:
        raise SystemExit(str(error)) from None
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)  # uvicorn raises the signal again once it has shut down
    if not _config.is_loopback(options.host):
        sys.stderr.write(
            f"warning: other machines can reach {options.host}; there is no TLS, and the token is "
            "all that keeps them out: for networks of tests only\n"
        )
    sys.stdout.write(f"url: {url_of(listener)}\ntoken: {server.token}\n")
    sys.stdout.flush()
    http_server.run(sockets=[listener])


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samsara_qualifications.mock",
        description="A mock of Samsara's qualification records API.",
    )
    add = parser.add_argument
    add("--host", default=LOOPBACK, help=f"the address to listen at; {LOOPBACK} by default")
    add("--port", type=int, default=0, help="the port; 0 (default) takes a free one")
    add("--token", help="the bearer token to accept; by default a new one")
    add(
        "--rate",
        type=_rate,
        default="spec",
        metavar="REQUESTS/SECONDS",
        help="each operation's limit, such as 100/60; `none` for no limits; by default the spec's",
    )
    add("--seed-data", type=Path, metavar="FILE", help="JSON with the types, records and owners")
    add("--faults", type=Path, metavar="FILE", help="JSON with a list of faults to begin with")
    add("--control", action="store_true", help="answer at /_mock/reset and /_mock/faults, too")
    add("--page-size", type=int, default=100, metavar="N", help="items on a page")
    add(
        "--behaviour",
        type=lambda text: text.partition("=")[::2],
        action="append",
        default=[],
        metavar="NAME=CHOICE",
        help="choose an alternative; may be given several times",
    )
    add("--list-behaviours", action="store_true", help="print what the mock does, and stop")
    add("--verbose", action="store_true", help="log each request to stderr")
    return parser


def _rate(text: str) -> tuple[int, float] | str | None:
    if text in {"none", "spec"}:
        return None if text == "none" else "spec"
    requests, _, seconds = text.partition("/")
    try:
        return int(requests), float(seconds)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a valid rate: write REQUESTS/SECONDS, such as 100/60"
        ) from error


if __name__ == "__main__":
    main()
