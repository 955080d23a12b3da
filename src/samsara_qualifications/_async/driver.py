"""Performs the steps of the call flow, and owns the connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .. import _exchange, _flow
from .._driver import BaseDriver
from .._gate import Pass
from ..errors import ConfigurationError, ExchangeFailed, QualificationsError
from . import waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._calls import Call
    from .._config import Config
    from .._exchange import Answer, AsyncExchanger
    from .._rules import Rules
    from ..budget import Lane

_T = TypeVar("_T")


class AsyncDriver(BaseDriver):
    """
    Carries out calls.

    Args:
        config: The client's configuration.
        http_client: The caller's own httpx client; `None` for one of ours.
    """

    def __init__(self, config: Config, http_client: Any) -> None:
        super().__init__(config, http_client)
        self._exchanger = self._connect()

    async def aclose(self) -> None:
        """Close the connections; those of the caller's own httpx client stay open."""
        await self._exchanger.aclose()

    async def run(
        self, call: Call[_T], rules: Rules, deadline: float | None, lane: Lane | None
    ) -> _T:
        """Carry out a call: perform the steps of its flow."""
        flow = self._flow(call, rules, deadline, lane)
        advance: Callable[[Any], _flow.Step] = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                try:
                    value, advance = await self._perform(step), flow.send
                except QualificationsError as error:
                    value, advance = error, flow.throw
        except StopIteration as stop:
            result: _T = stop.value
            return result

    async def _perform(self, step: _flow.Step) -> Any:
        match step:
            case _flow.Acquire():
                return await self.budget.acquire_async(
                    step.limits, lane=step.lane, timeout=step.timeout
                )
            case _flow.Send():
                return await self._send(step)
            case _flow.Pause():
                return await self.budget.pause_async(step.key, step.seconds)
            case _:
                return await waits.sleep(step.seconds)

    async def _send(self, step: _flow.Send) -> Answer | None:
        permit, sent, answered = step.permit, False, False
        bell = waits.Bell()
        this = Pass(step.lane, bell.ring)
        try:
            self._ready()
            if not await self._enter(this, bell, step):
                return None
            exchanger = self._ready()  # it may have been closed meanwhile
            seconds = self._time_left(step)
            sent = True
            answer = await exchanger.send(step.request, seconds)
        except QualificationsError as error:
            sent = sent and error.applied is not False
            answered = not isinstance(error, ExchangeFailed)
            raise
        else:
            answered = True
            return answer
        finally:
            self._gate.leave(this)
            await (permit.settle_async(answered=answered) if sent else permit.refund_async())

    async def _enter(self, this: Pass, bell: waits.Bell, step: _flow.Send) -> bool:
        """Wait until few exchanges are under way; return whether that came in time."""
        wait = self._gate.enter(this, first=step.again)
        end = self._rules.clock() + step.patience
        while wait:
            left = end - self._rules.clock()
            if left <= 0:
                return False
            await bell.wait(min(wait, left))
            wait = self._gate.look(this)
        return not (step.bears and self._rules.outage.on)

    def _ready(self) -> AsyncExchanger:
        if self._inherited:
            with self._renewal:
                if self._inherited:
                    self._refuse_inherited()
                    self._exchanger = self._connect()
                    self._inherited = False
        self._claim(waits.owner())
        if self._exchanger.closed:
            raise ConfigurationError(
                "The client is closed: make a new one, or keep it open for longer"
            )
        return self._exchanger

    def _connect(self) -> AsyncExchanger:
        config = self.config
        return _exchange.for_event_loop(self._given, config.base_url, config.headers, config.token)
