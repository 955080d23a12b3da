"""One span for a call, around those of its exchanges, where the program uses OpenTelemetry."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import NotFound, RateLimit, RetryPolicy, ServerError, _tracing
from samsara_qualifications.mock import Fault
from samsara_qualifications_contract.client.calls import NO_LIMITS

from .conftest import SEED, TOKEN, Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from samsara_qualifications.mock import MockServer

    Connect = Callable[..., Caller]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was traced; other tests run as in a program that has not loaded OpenTelemetry."""
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: PLC0415
        InMemorySpanExporter,
    )

    monkeypatch.setitem(sys.modules, "opentelemetry.trace", trace)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    monkeypatch.undo()
    sys.modules.pop("opentelemetry.trace", None)


def only(spans: InMemorySpanExporter) -> tuple[ReadableSpan, dict[str, Any]]:
    """Return the only span, and its attributes without the common part of their names."""
    [span] = spans.get_finished_spans()
    told = span.attributes or {}
    return span, {name.removeprefix("samsara."): value for name, value in told.items()}


def test_a_call_is_a_span(connect: Connect, mock: MockServer, spans: InMemorySpanExporter) -> None:
    """With its attempts, its waits for slots, and its outcome."""
    limits = dict.fromkeys(NO_LIMITS, RateLimit(1, 0.05))
    caller = connect(mock, limits=limits)
    mock.faults.add(Fault(status=503))
    caller.update(lane="bulk")
    span, told = only(spans)
    assert 0.01 < told.pop("wait_seconds") < 30
    assert "samsara update" == span.name
    assert {
        "operation": "update",
        "record_id": SEED,
        "lane": "bulk",
        "attempts": 2,
        "applied": "yes",
    } == told
    assert span.status.is_unset


@pytest.mark.parametrize(
    ("status", "error", "applied"), [(404, NotFound, "no"), (500, ServerError, "unknown")]
)
def test_a_failure_is_told(
    connect: Connect,
    mock: MockServer,
    spans: InMemorySpanExporter,
    *,
    status: int,
    error: type[Exception],
    applied: str,
) -> None:
    """By its type, without a text that may hold somebody's data."""
    mock.faults.add(Fault(status=status))
    with pytest.raises(error):
        connect(mock, retry=RetryPolicy.off()).update()
    span, told = only(spans)
    assert (error.__name__, applied) == (told["error.type"], told["applied"])
    assert "ERROR" == span.status.status_code.name
    assert () == span.events
    assert TOKEN not in span.to_json()


def test_exchanges_are_inside(
    connect: Connect, mock: MockServer, spans: InMemorySpanExporter
) -> None:
    """While a request is on its way, the call's span is the current one."""
    from opentelemetry import trace  # noqa: PLC0415

    seen: list[Any] = []
    caller = connect(mock, on_answer=lambda _: seen.append(trace.get_current_span()))
    caller.update()
    [inside] = seen
    span, _ = only(spans)
    assert span.context == inside.get_span_context()
    assert not trace.get_current_span().get_span_context().is_valid


def test_without_opentelemetry_nothing_is_traced() -> None:
    """A program that has not loaded it is not made to."""
    assert None is _tracing.tracer()
