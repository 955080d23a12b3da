"""The Lua script and the Python arithmetic answer alike."""

from __future__ import annotations

import dataclasses
import math
import secrets
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsara_qualifications.budget.stores.store import Slot, Use
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
)
moments = st.tuples(st.just("pass time"), st.sampled_from([0.125, 0.5, 0.5, 1.0, 3.0, 7.5, 130.0]))
answers = st.tuples(
    st.just("settle"),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.0, 0.0, 2.0, 9.0, -10.0, math.inf]),
)
looks = st.tuples(st.just("use"), st.sampled_from(LIMITS))
pauses = st.tuples(
    st.just("pause"),
    st.sampled_from(["update", "update", "read"]),
    st.sampled_from([0.0, 0.0, 2.0]),
)
steps = st.one_of(takes, takes, takes, moments, moments, answers, answers, looks, pauses)


def test_redis_answers_as_sqlite_does(
    make_sqlite: Callable, make_redis: Callable, clock: Clock
) -> None:
    """Whatever is asked in whatever order, both grant, refuse and tell the same."""

    @settings(max_examples=250, derandomize=True, database=None, deadline=None)
    @given(schedule=st.lists(steps, min_size=20, max_size=60))
    def check(schedule: list[tuple]) -> None:
        name = secrets.token_hex(8)
        stores = make_sqlite(name, clock=clock), make_redis(name)
        slots: list[tuple[Slot, Slot]] = []
        for step, *arguments in schedule:
            match step, *arguments:
                case "pass time", seconds:
                    clock.now += seconds
                case "settle", place, ago if place < len(slots):
                    for store, slot in zip(stores, slots.pop(place), strict=True):
                        store.settle(slot, ago)
                case "pause", key, seconds:
                    for store in stores:
                        store.pause(key, seconds)
                case "use", limits:
                    assert_alike(*(store.use(limits) for store in stores))
                case "take", limits, lane:
                    pair = Slot(limits), Slot(limits)
                    waits = [it.take(slot, lane) for it, slot in zip(stores, pair, strict=True)]
                    assert_alike(*waits)
                    slots += [] if waits[0] else [pair]

    check()


def assert_alike(here: object, there: object) -> None:
    """Check that both say the same, to the microseconds that Redis counts."""
    match here:
        case float():
            assert here == pytest.approx(there, abs=4e-6, rel=1e-5)
        case dict():
            assert here.keys() == there.keys()
            assert_alike(list(here.values()), list(there.values()))
        case tuple() | list():
            for one, other in zip(here, there, strict=True):
                assert_alike(one, other)
        case Use():
            assert_alike(dataclasses.astuple(here), dataclasses.astuple(there))
        case _:
            assert here == there
