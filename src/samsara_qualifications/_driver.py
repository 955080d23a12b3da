"""What the drivers of both clients share: the rules, and whose they are."""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from . import _flow, _tracing
from ._gate import Gate
from ._outage import Outage
from ._rules import Rules
from .errors import BudgetTimeout, ConfigurationError
from .retry import RetryQuota

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ._calls import Call
    from ._config import Config
    from .budget import Budget, Lane

_T = TypeVar("_T")

abandoned: ContextVar[Callable[[], bool] | None] = ContextVar("abandoned", default=None)
"""Tells whether nobody waits for this thread's calls any more: then nothing of them is sent."""

_drivers: weakref.WeakSet[BaseDriver] = weakref.WeakSet()


def _after_fork() -> None:
    for driver in list(_drivers):
        driver.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class BaseDriver:
    """
    Holds a configuration, and the rules that follow from it.

    Args:
        config: The configuration.
        http_client: The caller's own httpx client; `None` where the client makes one.
    """

    def __init__(self, config: Config, http_client: Any) -> None:
        self.config = config
        self._given = http_client
        self.rules = self._rules = Rules(
            policy=config.retry,
            quota=RetryQuota(),
            outage=Outage(config.retry.max_backoff, config.timeout),
            limits=config.limits,
            timeout=config.timeout,
            clock=time.monotonic,
            wall_clock=time.time,
            random=random.random,
            redact=config.token.redact,
            deadline=config.deadline,
            lane=config.lane,
            on_answer=config.on_answer,
            on_retry=config.on_retry,
            on_wait=config.on_wait,
            check=config.check,
        )
        self._tracer = _tracing.tracer()
        self._begin()
        _drivers.add(self)

    @property
    def budget(self) -> Budget:
        """The budget that the client's calls share."""
        return self.config.budget

    @property
    def outage(self) -> bool:
        """Whether the server does not answer at the moment."""
        return self._rules.outage.on

    @property
    def description(self) -> str:
        """What the client's repr shows."""
        return f"base_url={self.config.base_url!r}, budget={self.config.budget!r}"

    def _begin(self) -> None:
        """Begin in this process, with nothing under way."""
        self._inherited = False
        self._owner: object = None
        self._gate = Gate(self.config.max_in_flight)
        self._renewal = threading.Lock()

    def after_fork(self) -> None:
        """Go on in a child process: nobody holds a lock, and the connections are the parent's."""
        self._begin()
        self._rules.quota.after_fork()
        self._rules.outage.after_fork()
        self._inherited = True

    def _time_left(self, step: _flow.Send) -> float:
        """Return the seconds that an exchange may take; too few are refused: nobody would know."""
        is_abandoned = abandoned.get()
        left = 0.0 if is_abandoned and is_abandoned() else step.end - self._rules.clock()
        if left < _flow.SHORTEST:
            raise BudgetTimeout(
                f"{max(left, 0.0):.3g} s before the deadline is too late to send anything; "
                "allow more time",
                waited=step.permit.waited,
                retry_after=0.0,
            )
        return min(step.timeout, left)

    def _flow(
        self, call: Call[_T], rules: Rules, deadline: float | None, lane: Lane | None
    ) -> Generator[_flow.Step, Any, _T]:
        seconds, lane = rules.terms(deadline, lane)
        flow = _flow.run(rules, call, lane=lane, deadline=seconds)
        return flow if self._tracer is None else _tracing.traced(self._tracer, flow, call, lane)

    def _refuse_inherited(self) -> None:
        if self._given is not None:
            raise ConfigurationError(
                "After a fork, the parent's httpx client must not be used, since both would read "
                "each other's answers: make one, and a client with it, in the child process"
            )

    def _claim(self, owner: object) -> None:
        if self._owner is None:
            self._owner = owner
        elif self._owner is not owner:
            raise ConfigurationError(
                "An AsyncQualificationsClient belongs to the event loop that first used it: "
                "make one in each loop; they share the budget"
            )
