"""What is looked at once, before any test: the options."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """

    target: str
    base_url: str = ""
    token: str = field(default="", repr=False)
    variable: str = field(default="", repr=False)


def check(options: Options) -> None:
    """
    Check what no test would tell, or each would tell again.

    Raises:
        NotReadyError: The run cannot begin.
    """
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
