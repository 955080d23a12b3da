"""All seeded faults, by what they are seeded in."""

from __future__ import annotations

from samsara_qualifications_contract.mutants import (
    client_errors,
    client_exchange,
    client_flow,
    client_labels,
    client_outages,
    client_requests,
    client_responses,
    server_dates,
    server_forms,
    server_limits,
    server_lists,
    server_protocol,
    server_records,
    server_state,
    server_values,
)
from samsara_qualifications_contract.mutants.fault import Fault, Table


def _listed(*tables: Table) -> list[Fault]:
    return [
        Fault(group, text, contract, make)
        for table in tables
        for (group, contract), rows in table.items()
        for text, make in rows.items()
    ]


SERVER = _listed(
    server_dates.FAULTS,
    server_state.FAULTS,
    server_values.FAULTS,
    server_forms.FAULTS,
    server_lists.FAULTS,
    server_records.FAULTS,
    server_protocol.FAULTS,
    server_limits.FAULTS,
)
CLIENT = _listed(
    client_requests.FAULTS,
    client_flow.FAULTS,
    client_outages.FAULTS,
    client_errors.FAULTS,
    client_exchange.FAULTS,
    client_labels.FAULTS,
    client_responses.FAULTS,
)
