"""Faults of the client in an outage: who bears it, for how long, and who tries the server."""

from __future__ import annotations

from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

BORNE = "bulk calls bear an outage"
FAST = "a failure that does not pass is told at once"

FAULTS = [
    Fault("outages", "no call bears an outage", BORNE, swap("retry:BULK_OUTAGE", 0.0)),
    Fault(
        "outages",
        "an interactive call bears an outage",
        FAST,
        edit("retry:RetryPolicy.patience", 'BULK_OUTAGE if lane == "bulk" else 0.0', "BULK_OUTAGE"),
    ),
    Fault(
        "outages",
        "a failed connection is no outage",
        BORNE,
        edit("_flow:_is_outage", "return not (error.lasting", "return False and (error.lasting"),
    ),
    Fault(
        "outages",
        "a creation is sent again in an outage",
        "what is sent again, and what is not",
        edit("_flow:_bears", "_may_repeat(call, error, progress)", "True"),
    ),
    Fault(
        "outages",
        "a host that nobody knows is waited for",
        FAST,
        edit(
            "_flow:_is_outage",
            "error.unknown_host and math.isinf(rules.outage.answered)",
            "False",
        ),
    ),
    Fault(
        "outages",
        "a proxy that refuses is waited for",
        FAST,
        edit("_flow:_is_outage", "error.lasting or ", ""),
    ),
    Fault(
        "outages",
        "the server's wish is not heard in an outage",
        "Retry-After is kept",
        edit("_outage:Outage.note", "max(self._pause, ask)", "self._pause"),
    ),
    Fault(
        "outages",
        "an outage is borne without end",
        BORNE,
        edit("_flow:_bears", "now - progress.failed_since < rules.policy.patience(lane)", "True"),
    ),
    Fault(
        "outages",
        "all calls try the server at once",
        "one call at a time tries the server",
        edit("_outage:Outage.turn", "if now < self._next:", "if False:"),
    ),
]
