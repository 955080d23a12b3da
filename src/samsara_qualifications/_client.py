"""What both clients share: their configuration, and how a call begins."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from . import _flow
from ._gate import Gate
from ._rules import Rules
from .errors import ConfigurationError
from .retry import RetryQuota

if TYPE_CHECKING:
    from collections.abc import Generator

    from ._calls import Call
    from ._config import Config
    from .budget import Budget, Lane

_T = TypeVar("_T")


class Client:
    """
    Holds a configuration, and the rules that follow from it.

    Args:
        config: The configuration.
        http_client: The caller's own httpx client; `None` where the client makes one.
    """

    def __init__(self, config: Config, http_client: Any) -> None:
        self._config = config
        self._given = http_client
        self._rules = Rules(
            policy=config.retry,
            quota=RetryQuota(),
            limits=config.limits,
            timeout=config.timeout,
            clock=time.monotonic,
            wall_clock=time.time,
            random=random.random,
            redact=config.redact,
            on_retry=config.on_retry,
            on_wait=config.on_wait,
            check=config.check,
        )
        self._begin()

    def __repr__(self) -> str:
        shown = {"base_url": self._config.base_url, "budget": self._config.budget}
        arguments = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({arguments})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and a token, so it can be neither pickled "
            "nor copied: make one where it is needed"
        )

    @property
    def budget(self) -> Budget:
        """The budget that this client's calls share."""
        return self._config.budget

    def _begin(self) -> None:
        """Begin in this process, with nothing under way."""
        self._process = os.getpid()
        self._owner: object = None
        self._gate = Gate(self._config.max_in_flight)

    def _flow(
        self, call: Call[_T], deadline: float | None, lane: Lane
    ) -> Generator[_flow.Step, Any, _T]:
        seconds = self._config.call_deadline(deadline, lane)
        return _flow.run(self._rules, call, lane=lane, deadline=seconds)

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
                f"An {type(self).__name__} belongs to the event loop that first used it: "
                "make one in each loop; they share the budget"
            )
