"""The mock server as a command: `python -m samsara_qualifications.mock`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import behaviours, seed
from .serve import listen, new_http_server, url_of
from .server import MockServer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


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
        )
        http_server = new_http_server(server, access_log=options.verbose)
        listener = listen(options.port)  # last: what fails leaves no socket open
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except ModuleNotFoundError as error:
        raise SystemExit(str(error)) from None
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)  # uvicorn raises the signal again once it has shut down
    sys.stdout.write(f"url: {url_of(listener)}\ntoken: {server.token}\n")
    sys.stdout.flush()
    http_server.run(sockets=[listener])


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  a signal handler's form
    raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samsara_qualifications.mock",
        description="A mock of Samsara's qualification records API on a loopback port.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="the port; 0 (default) takes a free one"
    )
    parser.add_argument("--token", help="the bearer token to accept; by default a new one")
    parser.add_argument(
        "--rate",
        type=_rate,
        default="spec",
        metavar="REQUESTS/SECONDS",
        help="each operation's limit, such as 100/60; `none` for no limits; by default the spec's",
    )
    parser.add_argument(
        "--seed-data", type=Path, metavar="FILE", help="JSON with the types, records and owners"
    )
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="items on a page")
    parser.add_argument(
        "--behaviour",
        type=_choice,
        action="append",
        default=[],
        metavar="NAME=CHOICE",
        help="choose an alternative; may be given several times",
    )
    parser.add_argument(
        "--list-behaviours", action="store_true", help="print what the mock does, and stop"
    )
    parser.add_argument("--verbose", action="store_true", help="log each request to stderr")
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


def _choice(text: str) -> tuple[str, str]:
    name, _, choice = text.partition("=")
    return name, choice


if __name__ == "__main__":
    main()
