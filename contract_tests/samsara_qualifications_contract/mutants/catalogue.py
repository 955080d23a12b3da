"""All seeded faults, by what they are seeded in; those of the client are the table `client.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml

from samsara_qualifications_contract.mutants import (
    server_limits,
    server_lists,
    server_protocol,
    server_records,
    server_state,
    server_values,
)
from samsara_qualifications_contract.mutants.fault import Fault, Table, edit, swap


def listed(*tables: Table) -> list[Fault]:
    """Return the faults of some tables."""
    return [
        Fault(group, text, contract, make)
        for table in tables
        for (group, contract), rows in table.items()
        for text, make in rows.items()
    ]


SERVER = listed(
    server_state.FAULTS,
    server_values.FAULTS,
    server_lists.FAULTS,
    server_records.FAULTS,
    server_protocol.FAULTS,
    server_limits.FAULTS,
)
CLIENT = [
    Fault(group, text, contract, edit(place, *change) if change[1:] else swap(place, *change))
    for group, contracts in yaml.safe_load(
        Path(__file__).with_name("client.yaml").read_text("utf-8")
    ).items()
    for contract, rows in contracts.items()
    for text, (place, *change) in rows.items()
]
