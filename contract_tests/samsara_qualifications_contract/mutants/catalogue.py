"""All seeded faults, by what they are seeded in: the rows of `server.yaml` and `client.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml

from samsara_qualifications_contract.mutants.fault import Fault, edit, swap


def _listed(name: str, package: str = "") -> list[Fault]:
    told = yaml.safe_load(Path(__file__).with_name(name).read_text("utf-8"))
    return [
        Fault(group, text, contract, edit(package + place, *change))
        if change[1:]
        else Fault(group, text, contract, swap(package + place, *change))
        for group, contracts in told.items()
        for contract, rows in contracts.items()
        for text, (place, *change) in rows.items()
    ]


SERVER = _listed("server.yaml", "mock.")
CLIENT = _listed("client.yaml")
