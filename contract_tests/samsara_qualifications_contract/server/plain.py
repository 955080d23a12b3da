"""The plainest request of each operation, where it does not matter what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samsara_qualifications_contract.harness.facts import LONG_AGO

if TYPE_CHECKING:
    from samsara_qualifications_contract.oracle.spec import Operation

BODY = b'{"id": "nobody"}'
TYPES = "/qualification-types?entityType=worker"
STREAM = f"/qualification-records/stream?entityType=worker&startTime={LONG_AGO}"


def plain_request(operation: Operation) -> tuple[str, bytes]:
    """Return the target and the body of an operation's plainest request."""
    if operation.body_schema:
        return operation.path, BODY
    lists = {"/qualification-types": TYPES, "/qualification-records/stream": STREAM}
    return lists.get(operation.path, f"{operation.path}?ids=nobody"), b""
