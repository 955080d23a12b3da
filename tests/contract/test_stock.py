"""The stock run of Schemathesis can fail."""

from __future__ import annotations

from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.server.stock import run


def test_a_stock_run_finds_a_fault() -> None:
    """The run can fail: errors without a message break their schema."""
    with targets.mock_process(
        "--fault",
        "errors lack a message",
        module="samsara_qualifications_contract.mutants.other_server",
    ) as url:
        chosen = ["--include-operation-id", "archiveQualificationRecord", "--phases", "coverage"]
        status, text = run(url, *chosen)
    assert 1 == status, text
    assert "message" in text, text
