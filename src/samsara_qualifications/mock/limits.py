"""Rate limits: who may pass now, and how long the others must wait."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDING = 1e-9
_SHORTEST = 0.001
_MOST = 1e9


class Limit(Protocol):
    """A limit on the requests in a window of time."""

    def wait(self, now: float) -> float:
        """Return the seconds until a request may pass: 0.0 if it may at once."""
        ...

    def count(self, now: float) -> None:
        """Count a request."""
        ...


class SlidingWindow:
    """At most `requests` in any `window` seconds."""

    def __init__(self, requests: float, window: float) -> None:
        self._requests = int(requests)
        self._window = window
        self._counted: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until a request may pass: 0.0 if it may at once."""
        while self._counted and self._counted[0] + self._window <= now:
            self._counted.popleft()
        if len(self._counted) < self._requests:
            return 0.0
        return self._counted[-self._requests] + self._window - now

    def count(self, now: float) -> None:
        """Count a request."""
        self._counted.append(now)


class FixedWindow:
    """At most `requests` between two multiples of `window` seconds."""

    def __init__(self, requests: float, window: float) -> None:
        self._requests = requests
        self._window = window
        self._index = 0.0
        self._used = 0

    def wait(self, now: float) -> float:
        """Return the seconds until a request may pass: 0.0 if it may at once."""
        index = now // self._window
        if index != self._index:
            self._index, self._used = index, 0
        return 0.0 if self._used < self._requests else (index + 1) * self._window - now

    def count(self, now: float) -> None:  # noqa: ARG002  the time was seen by `wait`
        """Count a request."""
        self._used += 1


class TokenBucket:
    """A bucket of `requests` tokens that fills up in `window` seconds; a request takes one."""

    def __init__(self, requests: float, window: float) -> None:
        self._requests = requests
        self._per_second = requests / window
        self._tokens = requests
        self._filled = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until a request may pass: 0.0 if it may at once."""
        gained = (now - self._filled) * self._per_second
        self._tokens, self._filled = min(self._requests, self._tokens + gained), now
        return 0.0 if self._tokens >= 1 - _ROUNDING else (1 - self._tokens) / self._per_second

    def count(self, now: float) -> None:  # noqa: ARG002  the time was seen by `wait`
        """Count a request."""
        self._tokens -= 1


def check_rate(rate: tuple[float, float]) -> None:
    """
    Check the requests and the seconds of a limit.

    Raises:
        ValueError: They are out of range.
    """
    requests, seconds = rate
    if not (1 <= requests <= _MOST and requests == int(requests) and _SHORTEST <= seconds <= _MOST):
        raise ValueError(
            f"rate={requests}/{seconds} must be a whole number of requests, 1 to {_MOST:g}, in "
            f"{_SHORTEST:g} to {_MOST:g} seconds"
        )


KINDS: dict[str, Callable[[float, float], Limit]] = {
    "sliding": SlidingWindow,
    "fixed": FixedWindow,
    "token_bucket": TokenBucket,
}


class Limiter:
    """
    All limits of a server: each operation's own, and those over all operations.

    Args:
        own: Requests and window of each operation.
        shared: Requests and window of the limits over all operations.
        kind: How to count: `sliding`, `fixed` or `token_bucket`.
        count_rejected: Whether refused requests use up the limits, too.
    """

    def __init__(
        self,
        own: dict[str, tuple[float, float]],
        shared: list[tuple[float, float]],
        *,
        kind: str = "sliding",
        count_rejected: bool = False,
    ) -> None:
        make = KINDS[kind]
        self._own: dict[str, Limit] = {name: make(*rate) for name, rate in own.items()}
        self._shared: list[Limit] = [make(*rate) for rate in shared]
        self._count_rejected = count_rejected

    def admit(self, operation: str, now: float) -> float:
        """Return 0.0 and count the request if it may pass, else the seconds that it must wait."""
        limits = [*self._shared]
        if operation in self._own:
            limits.append(self._own[operation])
        wait = max((limit.wait(now) for limit in limits), default=0.0)
        if not wait or self._count_rejected:
            for limit in limits:
                limit.count(now)
        return wait
