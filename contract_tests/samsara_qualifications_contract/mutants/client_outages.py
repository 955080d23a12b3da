"""Faults of the client in an outage: who bears it, for how long, and who tries the server."""

from __future__ import annotations

from samsara_qualifications_contract.mutants.fault import Table, edit, swap

BORNE = "bulk calls bear an outage"
FAST = "a failure that does not pass is told at once"

FAULTS: Table = {
    ("outages", BORNE): {
        "no call bears an outage": swap("retry:BULK_OUTAGE", 0.0),
        "a failed connection is no outage": edit(
            "_flow:_is_outage", "return not (error.lasting", "return False and (error.lasting"
        ),
        "an outage is borne without end": edit(
            "_flow:_bears", "now - progress.failed_since < rules.policy.patience(lane)", "True"
        ),
    },
    ("outages", FAST): {
        "an interactive call bears an outage": edit(
            "retry:RetryPolicy.patience", 'BULK_OUTAGE if lane == "bulk" else 0.0', "BULK_OUTAGE"
        ),
        "a host that nobody knows is waited for": edit(
            "_flow:_is_outage", "error.unknown_host and math.isinf(rules.outage.answered)", "False"
        ),
        "a proxy that refuses is waited for": edit("_flow:_is_outage", "error.lasting or ", ""),
    },
    ("outages", "a server that is down is spared"): {
        "a creation is sent again in an outage": edit(
            "_flow:_bears", "_may_repeat(call, error, progress)", "True"
        ),
        "the server's wish is not heard in an outage": edit(
            "_outage:Outage.note", "max(self._pause, ask)", "self._pause"
        ),
        "all calls try the server at once": edit(
            "_outage:Outage.turn", "if now < self._next:", "if False:"
        ),
    },
}
