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
    variants,
)

SERVER = [
    *server_dates.FAULTS,
    *server_state.FAULTS,
    *server_values.FAULTS,
    *server_forms.FAULTS,
    *server_lists.FAULTS,
    *server_records.FAULTS,
    *server_protocol.FAULTS,
    *server_limits.FAULTS,
]
CLIENT = [
    *client_requests.FAULTS,
    *client_flow.FAULTS,
    *client_outages.FAULTS,
    *client_errors.FAULTS,
    *client_exchange.FAULTS,
    *client_labels.FAULTS,
    *client_responses.FAULTS,
]
VARIANTS = variants.VARIANTS
