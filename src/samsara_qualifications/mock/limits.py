"""Rate limits: who may pass now, and how long the others must wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

_ROUNDING = 1e-9
_SHORTEST = 0.001
_MOST = 1e9


class SlidingWindow:
    """At most `requests` in any `window` seconds."""

    def __init__(self, requests: float, window: float) -> None:
        self._requests = int(requests)
        self._window = window
        self._counted: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until a request may pass: 0.0 if it may at once."""
        while self._counted and self._end(self._counted[0]) <= now:
            self._counted.popleft()
        if len(self._counted) < self._requests:
            return 0.0
        return self._end(self._counted[-self._requests]) - now

    def count(self, now: float) -> None:
        """Count a request, after `wait` has seen the same time."""
        self._counted.append(now)

    def _end(self, counted: float) -> float:
        return counted + self._window


class _FixedWindow(SlidingWindow):
    """At most `requests` between two multiples of `window` seconds."""

    def _end(self, counted: float) -> float:
        return (counted // self._window + 1) * self._window


class _TokenBucket:
    """A bucket of `requests` tokens that fills up in `window` seconds; a request takes one."""

    def __init__(self, requests: float, window: float) -> None:
        self._most = self._tokens = requests
        self._per_second = requests / window
        self._filled = 0.0

    def wait(self, now: float) -> float:
        gained = (now - self._filled) * self._per_second
        self._tokens, self._filled = min(self._most, self._tokens + gained), now
        return 0.0 if self._tokens >= 1 - _ROUNDING else (1 - self._tokens) / self._per_second

    def count(self, now: float) -> None:  # noqa: ARG002  the time was seen by `wait`
        self._tokens -= 1


KINDS: dict[str, Callable[[float, float], SlidingWindow | _TokenBucket]] = {
    "sliding": SlidingWindow,
    "fixed": _FixedWindow,
    "token_bucket": _TokenBucket,
}


def check_rate(rate: tuple[float, float]) -> None:
    """Raise a `ValueError` if the requests or the seconds of a limit are out of range."""
    requests, seconds = rate
    if not (1 <= requests <= _MOST and requests == int(requests) and _SHORTEST <= seconds <= _MOST):
        raise ValueError(
            f"rate={requests}/{seconds} must be a whole number of requests, 1 to {_MOST:g}, in "
            f"{_SHORTEST:g} to {_MOST:g} seconds"
        )


class Limiter:
    """All limits of a server, as requests and window: each operation's own, and those over all."""

    def __init__(
        self,
        own: dict[str, tuple[float, float]],
        shared: list[tuple[float, float]],
        *,
        kind: str = "sliding",
        count_rejected: bool = False,
    ) -> None:
        make = KINDS[kind]
        self._own = {name: make(*rate) for name, rate in own.items()}
        self._shared = [make(*rate) for rate in shared]
        self._count_rejected = count_rejected

    def admit(self, operation: str, now: float) -> float:
        """Return 0.0 and count the request if it may pass, else the seconds that it must wait."""
        own = [self._own[operation]] if operation in self._own else []
        limits = [*self._shared, *own]
        wait = max((limit.wait(now) for limit in limits), default=0.0)
        if not wait or self._count_rejected:
            for limit in limits:
                limit.count(now)
        return wait
