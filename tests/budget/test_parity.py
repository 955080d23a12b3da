"""The Lua script and the Python arithmetic answer alike."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsara_qualifications.budget.store import Slot
from samsara_qualifications.budget.window import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Clock

LIMITS = [
    {"update": RateLimit(6, 8)},
    {"update": RateLimit(6, 8)},
    {"update": RateLimit(5, 8)},
    {"read": RateLimit(2, 1), "organization": RateLimit(4, 2)},
    {"update": RateLimit(6, 8), "organization": RateLimit(4, 2)},
]
takes = st.tuples(
    st.just("take"),
    st.sampled_from(LIMITS),
    st.sampled_from(["interactive", "bulk", "bulk"]),
    st.sampled_from([0, 0, 0, 0, 0, 1, 4]),
)
moments = st.tuples(st.just("pass time"), st.sampled_from([0.125, 0.5, 0.5, 1.0, 3.0, 7.5, 130.0]))
answers = st.tuples(st.just("settle"), st.integers(0, 2))
refunds = st.tuples(st.just("refund"), st.integers(0, 5))
pauses = st.tuples(
    st.just("pause"),
    st.sampled_from(["update", "update", "read"]),
    st.sampled_from([0.0, 0.0, 2.0]),
)
steps = st.one_of(takes, takes, takes, moments, moments, answers, answers, refunds, pauses)


def test_redis_answers_as_sqlite_does(
    make_sqlite: Callable, make_redis: Callable, clock: Clock
) -> None:
    """Whatever is asked in whatever order, both grant, refuse and foresee the same."""

    @settings(max_examples=250, derandomize=True, database=None, deadline=None)
    @given(schedule=st.lists(steps, min_size=20, max_size=60))
    def check(schedule: list[tuple]) -> None:
        name = secrets.token_hex(8)
        stores = make_sqlite(name, clock), make_redis(name)
        slots: list[tuple[Slot, ...]] = []
        for step, *arguments in schedule:
            if step == "pass time":
                clock.now += arguments[0]
            elif step in {"settle", "refund"}:
                if arguments[0] < len(slots):
                    for store, slot in zip(stores, slots.pop(arguments[0]), strict=True):
                        getattr(store, step)(slot)
            elif step == "pause":
                for store in stores:
                    store.pause(*arguments)
            else:
                here, there = [store.take(*arguments) for store in stores]
                if isinstance(here, Slot):
                    assert isinstance(there, Slot)
                    slots.append((here, there))
                else:
                    assert here == pytest.approx(there, abs=2e-6)  # Redis counts microseconds

    check()
