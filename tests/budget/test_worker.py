"""When the worker looks after the line, and when it rests."""

from __future__ import annotations

import threading

from samsara_qualifications.budget.worker import IDLE, Worker


class Bell(threading.Condition):
    """A bell that nobody has to wait for."""

    def __init__(self, lock: threading.RLock) -> None:
        super().__init__(lock)
        self.rests: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note how long the rest would be."""
        self.rests.append(timeout)
        return False


def test_rests_until_the_next_look() -> None:
    """It sleeps for as long as the line says, or a while without work, and then ends."""
    lock = threading.RLock()
    worker = Worker(lock, iter([3.0, None]).__next__, iter([True, False]).__next__)
    worker._bell = Bell(lock)
    worker.working = True
    worker._work()

    assert [3.0, IDLE] == worker._bell.rests
    assert not worker.working


def test_ring_that_started_it_is_heard_once() -> None:
    """One look answers it; a second would be a question to the store for nothing."""
    lock = threading.RLock()
    worker = Worker(lock, iter([3.0, None]).__next__, iter([True, False]).__next__)
    worker._bell = Bell(lock)
    worker._rung = worker.working = True
    worker._work()

    assert [3.0, IDLE] == worker._bell.rests


def test_bell_that_rings_for_nobody_in_line_is_heard() -> None:
    """A slot that comes back while nobody waits is dealt with before the worker ends."""
    lock = threading.RLock()
    looks = 0

    def serve() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            with lock:
                worker.ring()

    worker = Worker(lock, serve, lambda: False)
    worker._bell = Bell(lock)
    worker.working = True
    worker._work()

    assert 2 == looks


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
