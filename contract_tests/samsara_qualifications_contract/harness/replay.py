"""
Repeat the requests of a failed test, and print what comes: a command that each failure prints.

    python -m samsara_qualifications_contract.harness.replay [--base-url URL] STEPS

The steps are JSON: `[[method, target, body, id that it made], …]`.

Without a URL the requests go to a fresh mock. With one, `SAMSARA_API_TOKEN` is the token, and an id
that the server gives to a new record takes the place of the one that it gave then.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, TextIO

import httpx

from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, MOCK_URL, own_server

if TYPE_CHECKING:
    from collections.abc import Sequence


def replay(client: httpx.Client, steps: Sequence[Sequence[str]], out: TextIO) -> None:
    """Send requests in order and print the answers."""
    ids: dict[str, str] = {}
    for method, original_target, original_body, made in steps:
        target, body = original_target, original_body
        for then, now in ids.items():
            target, body = target.replace(then, now), body.replace(then, now)
        headers = {"Content-Type": "application/json"} if body else {}
        response = client.request(method, target, content=body.encode(), headers=headers)
        out.write(f"{method} {target} {body}\n  {response.status_code} {response.text}\n")
        if made and response.is_success:
            ids[made] = response.json()["data"]["id"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m samsara_qualifications_contract.harness.replay"
    )
    parser.add_argument("--base-url", help="the server; by default a fresh mock")
    parser.add_argument("steps", help="the steps, as a failure prints them")
    options = parser.parse_args(arguments)
    transport = None if options.base_url else own_server().transport()
    token = os.environ["SAMSARA_API_TOKEN"] if options.base_url else MOCK_TOKEN
    with httpx.Client(
        base_url=options.base_url or MOCK_URL,
        headers={"Authorization": f"Bearer {token}"},
        transport=transport,
    ) as client:
        replay(client, json.loads(options.steps), sys.stdout)


if __name__ == "__main__":
    main()
