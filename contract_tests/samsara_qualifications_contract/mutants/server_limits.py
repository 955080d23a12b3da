"""Faults of the server's rate limits."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications.mock.limits import Limiter, SlidingWindow
from samsara_qualifications_contract.mutants.fault import Fault, swap, switch
from samsara_qualifications_contract.mutants.server_protocol import headers, status

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = "rate_limits (documented)"
AFTER = "retry_after (documented)"


def _limit(offset: int) -> Callable[[], None]:
    def apply() -> None:
        original = SlidingWindow.__init__

        def patched(self: SlidingWindow, requests: float, window: float) -> None:
            original(self, requests + offset, window)

        SlidingWindow.__init__ = patched  # type: ignore[method-assign]

    return apply


def _window(factor: float) -> Callable[[], None]:
    def apply() -> None:
        original = SlidingWindow.__init__

        def patched(self: SlidingWindow, requests: float, window: float) -> None:
            original(self, requests, window * factor)

        SlidingWindow.__init__ = patched  # type: ignore[method-assign]

    return apply


def _one_limit_for_all() -> None:
    original = Limiter.admit

    def patched(self: Limiter, operation: str, now: float) -> float:
        return original(self, "updateQualificationRecord", now)

    Limiter.admit = patched  # type: ignore[method-assign]


def _no_shared_limits() -> None:
    original = Limiter.__init__

    def patched(self: Limiter, own: Any, shared: Any, **options: Any) -> None:
        original(self, own, [], **options)

    Limiter.__init__ = patched  # type: ignore[method-assign]


FAULTS = [
    Fault("limits", "one request too many passes", LIMIT, _limit(1)),
    Fault("limits", "one request too few passes", LIMIT, _limit(-1)),
    Fault("limits", "there is no limit", LIMIT, _limit(10_000)),
    Fault("limits", "the window is half as long", LIMIT, _window(0.5)),
    Fault("limits", "the window is a second longer", LIMIT, _window(1.1)),
    Fault("limits", "all operations share one limit", LIMIT, _one_limit_for_all),
    Fault(
        "limits",
        "there is no limit over all operations",
        "shared_limits (documented)",
        _no_shared_limits,
    ),
    Fault("limits", "the window does not slide", "limiter (assumed)", switch("limiter", "fixed")),
    Fault(
        "limits",
        "refused calls count",
        "rejected_calls_count (assumed)",
        switch("rejected_calls_count", "yes"),
    ),
    Fault("limits", "Retry-After is missing", AFTER, headers(Retry_After=None)),
    Fault(
        "limits",
        "Retry-After is cut to whole seconds",
        AFTER,
        swap("mock.http:retry_after", lambda s: str(int(s))),
    ),
    Fault(
        "limits",
        "Retry-After is in milliseconds",
        AFTER,
        swap("mock.http:retry_after", lambda s: f"{s * 1000:.0f}"),
    ),
    Fault(
        "limits",
        "Retry-After is always one second",
        AFTER,
        swap("mock.http:retry_after", lambda _: "1"),
    ),
    Fault("limits", "over the limit, the answer is 503", LIMIT, status(429, 503)),
]
