"""
Repeat the requests that led to a failure, and print what comes.

    samsara-contract replay FILE [URL]

A run writes FILE, JSON: `failure`; `base_url`, empty for the suite's own mock; `steps`, a list of
requests. They go to that server, or to the URL, with the token in `SAMSARA_API_TOKEN`; or to a
fresh mock. An id that a new record gets takes the place of the one that it got then.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import httpx

from samsara_qualifications_contract.harness.failures import TOKEN, shown_bytes, unmasked
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, MOCK_URL, own_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from samsara_qualifications_contract.harness.failures import Failure

_COULD_NOT_RUN = 3


def write(path: Path, failure: Failure, steps: list[dict[str, Any]]) -> str:
    """Write the file; return the command that repeats it."""
    content = {"failure": asdict(failure), "base_url": failure.base_url, "steps": steps}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return f"samsara-contract replay {path}"


def replay(client: httpx.Client, token: str, steps: list[dict[str, Any]], out: TextIO) -> None:
    """Send requests in order and print the answers."""
    ids: dict[str, str] = {}
    for step in steps:
        target, body = step["target"], step["body"]
        for then, now in ids.items():
            target, body = target.replace(then, now), body.replace(then, now)
        content = body.encode("utf-8", "surrogateescape")
        headers = {name: unmasked(value, token) for name, value in step["headers"].items()}
        response = client.request(step["method"], target, content=content, headers=headers)
        out.write(f"{step['method']} {target} {shown_bytes(content)}\n")
        out.write(f"  {response.status_code} {shown_bytes(response.content)}\n")
        if step["made"] and response.is_success:
            ids[step["made"]] = response.json()["data"]["id"]


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="samsara-contract replay", description=__doc__)
    parser.add_argument("file", type=Path, help="replay-N.json, which a run has written")
    parser.add_argument("url", nargs="?", help="another server than that of the run")
    options = parser.parse_args(arguments)
    try:
        told = json.loads(options.file.read_text("utf-8"))
        url = options.url or told["base_url"]
        token = os.environ[TOKEN] if url else MOCK_TOKEN
        transport = None if url else own_server().transport()
        with httpx.Client(base_url=url or MOCK_URL, transport=transport, timeout=30) as client:
            replay(client, token, told["steps"], sys.stdout)
    except (KeyError, OSError, ValueError, httpx.HTTPError) as error:
        needs_token = isinstance(error, KeyError) and error.args == (TOKEN,)
        why = f"set {TOKEN}: no file holds the token" if needs_token else repr(error)
        sys.stderr.write(f"{options.file} cannot be repeated: {why}\n")
        return _COULD_NOT_RUN
    return 0
