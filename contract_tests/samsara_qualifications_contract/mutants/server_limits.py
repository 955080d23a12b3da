"""Faults of the server's rate limits."""

from __future__ import annotations

from samsara_qualifications_contract.mutants.fault import Make, Table, swap, switch, wrap
from samsara_qualifications_contract.mutants.server_protocol import headers, status

RETRY_AFTER = "mock.http:retry_after"


def _window(more: int = 0, factor: float = 1.0) -> Make:
    """Return what gives each limit more requests, or a longer window."""
    return wrap(
        "mock.limits:SlidingWindow.__init__",
        lambda init, self, requests, window: init(self, requests + more, window * factor),
    )


FAULTS: Table = {
    ("limits", "rate_limits (documented)"): {
        "one request too many passes": _window(1),
        "one request too few passes": _window(-1),
        "there is no limit": _window(10_000),
        "the window is half as long": _window(factor=0.5),
        "the window is a second longer": _window(factor=1.1),
        "all operations share one limit": wrap(
            "mock.limits:Limiter.admit",
            lambda admit, self, _, now: admit(self, "updateQualificationRecord", now),
        ),
        "over the limit, the answer is 503": status(429, 503),
    },
    ("limits", "shared_limits (documented)"): {
        "there is no limit over all operations": wrap(
            "mock.limits:Limiter.__init__",
            lambda init, self, own, _, **options: init(self, own, [], **options),
        ),
    },
    ("limits", "assumed: limiter, rejected_calls_count"): {
        "the window does not slide": switch("limiter", "fixed"),
        "refused calls count": switch("rejected_calls_count", "yes"),
    },
    ("limits", "retry_after (documented)"): {
        "Retry-After is missing": headers(Retry_After=None),
        "Retry-After is cut to whole seconds": swap(RETRY_AFTER, lambda s: str(int(s))),
        "Retry-After is in milliseconds": swap(RETRY_AFTER, lambda s: f"{s * 1000:.0f}"),
        "Retry-After is always one second": swap(RETRY_AFTER, lambda _: "1"),
    },
}
