"""What is looked at once, before any test: the options, the files that they name, the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from samsara_qualifications_contract.harness import expectations, facts

if TYPE_CHECKING:
    from pathlib import Path

_OK, _UNAUTHORIZED, _TOO_MANY = 200, 401, 429
_TIMEOUT = 30
TOKEN_VARIABLE = "SAMSARA_API_TOKEN"


class NotReadyError(Exception):
    """The run cannot begin; the message says what to change."""


@dataclass(frozen=True)
class Options:
    """
    What the command line says.

    Attributes:
        target: Which kind of target it is.
        base_url: The server; empty where none is given.
        token: Its token, as given; empty where none is.
        variable: What the environment holds as the token; counts without `token`.
        facts: The target's YAML file.
        expect: The folder of expectations.
    """

    target: str
    base_url: str = ""
    token: str = field(default="", repr=False)
    variable: str = field(default="", repr=False)
    facts: Path | None = None
    expect: Path | None = None


def check(options: Options) -> None:
    """
    Check what no test would tell, or each would tell again.

    Raises:
        NotReadyError: The run cannot begin.
    """
    _check_arguments(options)
    try:
        facts.read_file(options.facts)
        for file in expectations.files(options.expect) if options.expect else ():
            expectations.load(file)
    except (OSError, ValueError) as error:
        raise NotReadyError(str(error)) from error
    if options.target == "url":
        _check_server(options.base_url, options.token or options.variable)


def _check_server(base_url: str, token: str) -> None:
    url = f"{base_url.rstrip('/')}/qualification-types"
    headers = {"Authorization": f"Bearer {token}"}
    query = {"entityType": "worker"}
    try:
        status = httpx.get(url, params=query, headers=headers, timeout=_TIMEOUT).status_code
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise NotReadyError(f"no server answers GET {url}: {error}") from error
    if status == _UNAUTHORIZED:
        raise NotReadyError(f"the server refuses the token: GET {url} answers 401")
    if status not in {_OK, _TOO_MANY}:
        raise NotReadyError(f"GET {url} answers {status}, not 200: is this the API's base URL?")


def _check_arguments(options: Options) -> None:
    if options.target == "url":
        if not options.base_url:
            raise NotReadyError("--target url needs the server: --base-url (BASE_URL=)")
        if not (options.token or options.variable):
            raise NotReadyError(
                f"--target url needs a token: set {TOKEN_VARIABLE}, or give --token (TOKEN=)"
            )
    elif options.base_url or options.token:
        given = "--base-url" if options.base_url else "--token"
        raise NotReadyError(
            f"{given} is given, and --target {options.target} does not use it: "
            "say --target url (TARGET=url)"
        )
