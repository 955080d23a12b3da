"""
A server that keeps the contract in its own way: other types, ids, owners, order, and +00:00.

    python -m samsara_qualifications_contract.mutants.other_server [--token TOKEN] [--fault TEXT]

It stands for another team's server: the suite must accept it, told of no more than a YAML file
says. With `--fault`, it has a fault of the catalogue, which the suite must find.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from samsara_qualifications.mock import MockServer, seed
from samsara_qualifications.mock.serve import listen, new_http_server, url_of
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, mock_process
from samsara_qualifications_contract.mutants import catalogue, variants

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

NAMESPACE = UUID("6f1c2a5e-3b47-4a8e-9d10-2c5b7e8f9a01")
CHOICES = {"fields_merge": "replace", "deleted_get": "returned", "unknown_get": "omitted"}
OWNERS = {"worker": ["w-7", "w-8"], "asset": ["a-7", "a-8"]}
FACTS: dict[str, Any] = {
    **{entity: {"owners": owners} for entity, owners in OWNERS.items()},
    "behaviours": CHOICES,
}
"""What the suite must be told of this server."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DROPPED = {"signature"}


def seed_data() -> dict[str, Any]:
    """Return types with other ids, names, order and fields, and no records."""
    text = json.dumps(seed.load()["types"])
    types = json.loads(_UUID.sub(lambda found: str(uuid5(NAMESPACE, found[0])), text))
    for kind in types:
        kind["name"] = f"Other {kind['name']}"
        kind["fields"] = [
            {**item, "label": f"Other {item['label']}"}
            for item in reversed(kind["fields"])
            if item["type"] not in _DROPPED
        ]
    return {"types": types[::-1]}


def running(fault: str = "") -> AbstractContextManager[str]:
    """Run it as a process; give its URL."""
    return mock_process("--fault", fault, module=__name__)


def main() -> None:
    """Serve until killed; the first two lines say where, and with which token."""
    parser = argparse.ArgumentParser(
        prog="python -m samsara_qualifications_contract.mutants.other_server"
    )
    parser.add_argument("--token", default=MOCK_TOKEN, help="the bearer token to accept")
    parser.add_argument("--fault", default="", help="seed the fault whose text holds this")
    options = parser.parse_args()
    variants.other_ids()
    variants.other_form()
    if options.fault:
        [fault] = [fault for fault in catalogue.SERVER if options.fault in fault.text]
        fault.seed()
    server = MockServer(
        token=options.token, rate=None, behaviours=CHOICES, seed_data=seed_data(), page_size=7
    )
    listener = listen()
    sys.stdout.write(f"url: {url_of(listener)}\ntoken: {server.token}\n")
    sys.stdout.flush()
    new_http_server(server).run(sockets=[listener])


if __name__ == "__main__":
    main()
