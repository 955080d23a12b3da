"""The retry policy, its quota, and `Retry-After`."""

from __future__ import annotations

import math
import threading
from email.utils import formatdate
from typing import Any

import pytest

from samsara_qualifications import ConfigurationError, RetryPolicy
from samsara_qualifications.retry import RetryQuota, parse_retry_after

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0.40235", 0.40235),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("-2.5", 0.0),
        ("1e400", math.inf),
        ("inf", math.inf),
        ("9" * 5000, math.inf),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("1, 2", 2.0),
        ("2, 0.01", 2.0),
        ("soon, 2", 2.0),
        ("Sun, 06 Nov 1994 08:49:40 GMT, 1", 3.0),
        ("Sun, 06 Nov 1994 08:49:40 GMT, Sun, 06 Nov 1994 08:49:42 GMT", 5.0),
        ("1_0", None),
        ("\u0663", None),
        ("0x10", None),
        ("Sun, 06 Nov 1994 08:49:40 GMT", 3.0),
        ("Sunday, 06-Nov-94 08:49:40 GMT", 3.0),
        ("Sun Nov  6 08:49:40 1994", 3.0),
        ("Sun, 06 Nov 1994 08:49:40 -0000", 3.0),
        ("Sun, 06 Nov 1994 09:49:40 +0100", 3.0),
        ("Sun, 06 Nov 1994 08:49:30 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 252_618_189_022.0),
        ("Sun, 06 Nov 19940 08:49:40 GMT", None),
        ("Sun, 32 Nov 1994 08:49:40 GMT", None),
        ("Sun, 06 Nov 1994 25:49:40 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str | None, seconds: float | None) -> None:
    """Fractions, integers, HTTP dates of all three kinds; nonsense is as good as nothing."""
    assert seconds == parse_retry_after(header, now=NOW)


def test_a_local_time_zone_does_not_shift_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """An HTTP date without a zone is in GMT."""
    import time  # noqa: PLC0415

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert 3.0 == parse_retry_after("Sun Nov  6 08:49:40 1994", now=NOW)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_date_of_a_server_is_read() -> None:
    """What Python writes as an HTTP date comes back."""
    assert 61.0 == parse_retry_after(formatdate(NOW + 61, usegmt=True), now=NOW)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("attempts", 0),
        ("attempts", -1),
        ("attempts", 2.0),
        ("attempts", True),
        ("attempts", "3"),
        ("attempts", None),
        ("attempts", math.inf),
        ("rate_limited_attempts", 0),
        ("backoff", -1),
        ("backoff", math.nan),
        ("backoff", math.inf),
        ("backoff", "1"),
        ("max_backoff", None),
        ("max_backoff", 1e12),
        ("max_retry_after", math.inf),
        ("max_retry_after", 10**400),
    ],
)
def test_a_wrong_policy_is_refused_by_name(option: str, value: Any) -> None:
    """The message names the option."""
    with pytest.raises(ConfigurationError, match=rf"RetryPolicy\.{option}\b"):
        RetryPolicy(**{option: value})


def test_the_backoff_doubles_up_to_its_bound() -> None:
    """And stays there, however many attempts there are."""
    policy = RetryPolicy(backoff=0.5, max_backoff=20)
    waits = [policy._backoff_before(attempt, 1.0) for attempt in (2, 3, 4, 7, 8, 5000)]
    assert [0.5, 1.0, 2.0, 16.0, 20.0, 20.0] == waits
    assert [0.0, 0.25] == [policy._backoff_before(2, random) for random in (0.0, 0.5)]


def test_the_quota_ends_and_refills_up_to_its_capacity() -> None:
    """It can be used up, and does not grow beyond what it was."""
    quota = RetryQuota()
    assert all(quota.take(RetryQuota.RETRY) for _ in range(100))
    assert not quota.take(RetryQuota.RETRY)
    quota.give_back(4)
    assert not quota.take(RetryQuota.RETRY)
    quota.give_back(1)
    assert quota.take(RetryQuota.RETRY)
    quota.give_back(10_000)
    assert quota.take(RetryQuota.CAPACITY)
    assert not quota.take(1)


def test_the_quota_counts_exactly_over_threads() -> None:
    """500 tokens are 500 tokens, whoever takes them."""
    quota = RetryQuota()
    taken: list[bool] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(quota.take(1) for _ in range(100)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (800, 500) == (len(taken), sum(taken))
