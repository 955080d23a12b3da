"""One OpenTelemetry span for a call, around those of its exchanges, where a program uses it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from ._flow import Send
from .errors import QualificationsError

if TYPE_CHECKING:
    from collections.abc import Generator

    from ._calls import Call
    from ._flow import Step
    from .budget import Lane

_T = TypeVar("_T")


def tracer() -> Any:
    """Return the tracer of a program that has loaded OpenTelemetry; else `None`."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    return None if trace is None else trace.get_tracer("samsara_qualifications")


def traced(
    tracer: Any, flow: Generator[Step, Any, _T], call: Call[_T], lane: Lane
) -> Generator[Step, Any, _T]:
    """
    Carry a flow out in a span that is current meanwhile.

    Its attributes are `samsara.operation`, `.record_id`, `.lane`, `.attempts`, `.wait_seconds` (for
    slots of the budget), and `.applied`, which is `"yes"`, `"no"` or `"unknown"`; of an error also
    `error.type`. The error's text and traceback stay out: they would be the tracer's, not ours.
    """
    begin: dict[str, Any] = {"samsara.operation": call.operation.name, "samsara.lane": lane}
    if call.record_id:
        begin["samsara.record_id"] = call.record_id
    attempts, waited, applied = 0, 0.0, "unknown"
    with tracer.start_as_current_span(
        f"samsara {call.operation.name}",
        attributes=begin,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                if isinstance(step, Send):
                    attempts += 1
                    waited += step.permit.waited
                try:
                    value, advance = (yield step), flow.send
                except QualificationsError as error:
                    value, advance = error, flow.throw
        except StopIteration as stop:
            applied = "yes"
            result: _T = stop.value
            return result
        except QualificationsError as error:
            applied = {True: "yes", False: "no", None: "unknown"}[error.applied]
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(sys.modules["opentelemetry.trace"].StatusCode.ERROR)
            raise
        finally:
            span.set_attribute("samsara.attempts", attempts)
            span.set_attribute("samsara.wait_seconds", round(waited, 3))
            span.set_attribute("samsara.applied", applied)
