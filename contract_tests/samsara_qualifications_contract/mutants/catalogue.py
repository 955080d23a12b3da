"""All seeded faults, by what they are seeded in."""

from __future__ import annotations

from samsara_qualifications_contract.mutants import (
    client_errors,
    client_exchange,
    client_flow,
    client_requests,
    client_responses,
    server_limits,
    server_lists,
    server_protocol,
    server_records,
    server_state,
    server_values,
)
from samsara_qualifications_contract.mutants.fault import Fault, Table


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
CLIENT = listed(
    client_requests.FAULTS,
    client_flow.FAULTS,
    client_errors.FAULTS,
    client_exchange.FAULTS,
    client_responses.FAULTS,
)
