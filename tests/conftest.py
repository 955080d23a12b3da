"""What holds for all tests: Ctrl-C is heard, also where they run in the background."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Heed SIGINT, which a background job of a shell, and all that it starts, ignores."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
