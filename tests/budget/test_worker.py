"""When the worker looks after the line, and when it rests."""

from __future__ import annotations

import threading

from samsara_qualifications.budget.worker import IDLE, Worker


def test_rests_until_the_next_look() -> None:
    """It sleeps for as long as the line says, or a while without work, and then ends."""
    rests: list[float | None] = []

    class Bell(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            rests.append(timeout)
            return False

    lock = threading.RLock()
    worker = Worker(lock, iter([3.0, None]).__next__, iter([True, False]).__next__)
    worker._bell = Bell(lock)
    worker.working = True
    worker._work()

    assert [3.0, IDLE] == rests
    assert not worker.working


def test_bell_that_rings_while_it_serves_is_heard() -> None:
    """Whatever changed during one look gets another at once."""
    looks = 0
    done = threading.Event()
    lock = threading.RLock()

    def serve() -> float:
        nonlocal looks
        looks += 1
        if looks == 5:
            done.set()
            return 0.0
        with lock:
            worker.ring()
        return 60.0

    worker = Worker(lock, serve, lambda: not done.is_set())
    with lock:
        worker.ring()

    assert done.wait(10)
