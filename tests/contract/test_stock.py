"""The stock run of Schemathesis can fail."""

from __future__ import annotations

from samsara_qualifications_contract.mutants import other_server
from samsara_qualifications_contract.server.stock import run


def test_a_stock_run_finds_a_fault() -> None:
    """The run can fail: errors without a message break their schema."""
    with other_server.running("errors lack a message") as url:
        chosen = ["--include-operation-id", "archiveQualificationRecord", "--phases", "coverage"]
        status, text = run(url, *chosen)
    assert 1 == status, text
    assert "message" in text, text
