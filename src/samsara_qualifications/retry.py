"""When to send again, and after how long: the policy, the quota, and `Retry-After`."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass, fields
from datetime import UTC
from typing import Final

from ._values import seconds, shown
from .budget.window import Lane
from .errors import ConfigurationError, InvalidInput

OUTAGE_STATUSES: Final = frozenset({502, 503, 504})
"""What gateways answer while the server is not there."""

REPEATABLE_STATUSES: Final = OUTAGE_STATUSES | {408}
"""After these, a repeatable operation is sent again: the outcome is unknown."""

BULK_OUTAGE: Final = 3600.0
"""Seconds that a bulk call bears an outage, unless the policy says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    How often and how patiently a call is sent again.

    A 429 and a failed connection are always sent again, since nothing was applied. A 408, 502, 503,
    504 and a broken or timed-out exchange are sent again unless the operation is `create`; a 500
    once. A write is never sent again after a success status. Every retry takes a new slot of the
    budget, and one deadline bounds all of them.

    An update sets absolute values, so sending it twice leaves the same record as sending it once.
    With a concurrent writer it can still do harm: if another writer changes the record between the
    two, the second sending overwrites that change. Use `attempts=1` where that matters.

    Attributes:
        attempts: How often a call is sent at most, the first time included.
        rate_limited_attempts: How often at most where the answers are 429.
        backoff: Seconds that the first wait has at most; each further one has twice that.
        max_backoff: Seconds that no wait exceeds, where the server names none.
        max_retry_after: Seconds of `Retry-After` beyond which the call fails at once; other calls
            are held back no longer than this.
        outage_limit: Seconds that a call bears an outage of the server: connections that fail,
            exchanges that time out, 502, 503 and 504. While it lasts, one call of the client at a
            time tries the server, more and more rarely, and the others wait for it; all go on as
            soon as one has an answer. `None` is an hour in the bulk lane, and nothing in the
            interactive lane, where a person waits. `create` is not sent again after an unknown
            outcome, and a host whose name is unknown from the start is no outage.
    """

    attempts: int = 5
    rate_limited_attempts: int = 20
    backoff: float = 0.5
    max_backoff: float = 20.0
    max_retry_after: float = 300.0
    outage_limit: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            name, value = f"RetryPolicy.{field.name}", getattr(self, field.name)
            if value is None and field.name == "outage_limit":
                continue
            if field.name.endswith("attempts"):
                if type(value) is not int or value < 1:
                    raise ConfigurationError(f"{name}={shown(value)} must be an int, 1 or more")
            else:
                _check_span(name, value)

    @classmethod
    def off(cls) -> RetryPolicy:
        """Return a policy that sends nothing again, for tests that want to see each failure."""
        return cls(attempts=1, rate_limited_attempts=1, outage_limit=0.0)

    def _patience(self, lane: Lane) -> float:
        """Return the seconds that a call in a lane bears an outage."""
        if self.outage_limit is not None:
            return self.outage_limit
        return BULK_OUTAGE if lane == "bulk" else 0.0

    def _backoff_before(self, attempt: int, random: float) -> float:
        """
        Return the seconds to wait before an attempt, with full jitter.

        Args:
            attempt: The attempt that comes next: 2 is the first retry.
            random: A random number from 0 to 1.
        """
        return random * min(self.max_backoff, self.backoff * 2.0 ** min(attempt - 2, 60))


class RetryQuota:
    """
    Keeps an outage from multiplying the load: retries draw on a quota that successes refill.

    As in botocore's standard mode: 500 tokens, 5 a retry, 10 after a time-out; a success after a
    retry gives its tokens back, any other success gives 1. Thread-safe.
    """

    CAPACITY: Final = 500
    RETRY: Final = 5
    TIMEOUT: Final = 10

    def __init__(self) -> None:
        self._tokens = self.CAPACITY
        self._lock = threading.Lock()

    def after_fork(self) -> None:
        """Go on in a child process, where nobody holds the lock."""
        self._lock = threading.Lock()

    def take(self, cost: int) -> bool:
        """Take tokens for a retry; return whether there were enough."""
        with self._lock:
            enough = self._tokens >= cost
            if enough:
                self._tokens -= cost
            return enough

    def give_back(self, tokens: int) -> None:
        """Return tokens after a success."""
        with self._lock:
            self._tokens = min(self.CAPACITY, self._tokens + tokens)


def _check_span(name: str, value: object) -> None:
    try:
        endless = seconds(name, value) > threading.TIMEOUT_MAX  # no thread can wait for so long
    except InvalidInput as error:
        raise ConfigurationError(str(error)) from None
    if endless:
        raise ConfigurationError(f"{name} must end some time: pass a finite number of seconds")


_HTTP_DATE: Final = re.compile(r"[A-Za-z]{3,9}(?:, | [A-Za-z]{3} )[^,]+")


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """
    Return the seconds that a `Retry-After` header asks for.

    Args:
        value: The header: seconds, which Samsara sends as a fraction, such as `0.40235`, or an
            HTTP date.
        now: The wall clock, in seconds since 1970.

    Returns:
        Seconds, 0 or more, infinity included; the longest where there are several; `None` where
        the header is absent or makes no sense.
    """
    if value is None:
        return None
    found = [_seconds(text) for text in value.split(",")]  # several headers come joined
    found += [_seconds_until(date, now) for date in _HTTP_DATE.findall(value)]
    waits = [wait for wait in found if not math.isnan(wait)]
    return max(0.0, *waits) if waits else None


def _seconds(text: str) -> float:
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


def _seconds_until(http_date: str, now: float) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  servers rarely send a date

    try:
        date = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError, TypeError):
        return math.nan
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
