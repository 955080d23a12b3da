"""All seeded faults, by what they are seeded in: the rows of `server.yaml` and `client.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

if TYPE_CHECKING:
    from samsara_qualifications_contract.mutants.fault import Make


def _listed(file: str, package: str = "") -> list[Fault]:
    told = yaml.safe_load(Path(__file__).with_name(file).read_text("utf-8"))
    told.pop("places", None)  # they are named there, and used below
    return [
        Fault(group, text, contract, _made(package, row))
        for group, contracts in told.items()
        for contract, rows in contracts.items()
        for text, row in rows.items()
    ]


def _made(package: str, row: list[Any]) -> Make:
    place, *change = [*row[0], row[1]] if isinstance(row[0], list) else row
    return edit(package + place, *change) if change[1:] else swap(package + place, *change)


SERVER = _listed("server.yaml", "mock.")
CLIENT = _listed("client.yaml")
