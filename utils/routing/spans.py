"""Answers as spans of OpenTelemetry, made when they are over: one for each answer and, in it, one for each attempt.

The names are those of its conventions for generative AI: https://opentelemetry.io/docs/specs/semconv/gen-ai/
No word of a conversation, no person and no key is in them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from threading import Thread
from time import time
from typing import TYPE_CHECKING

import structlog

from utils.version import VERSION

from .board import Board
from .trace import Trace, Tried

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_log = structlog.get_logger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_LONGEST_GOODBYE = 5.0
"""Seconds in which a collector can take what was not sent yet when the server ends; one that is dead takes minutes."""
Attributes = dict[str, str | int | float]
_Said = Mapping[str, str | int | float | None]


class Spans:
    """Makes spans of traces and hands them to a provider, which sends them in its own time."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("poe_bots", VERSION)

    def __call__(self, trace: Trace) -> None:
        """Make the spans of one answer."""
        try:
            self._make(trace)
        except Exception as exc:  # the answer must not be spoilt by it
            _log.warning("spans.failed", error=type(exc).__name__)

    def close(self) -> None:
        """Send what was not sent yet. It may take seconds: for a thread."""
        self._provider.shutdown()

    def _make(self, trace: Trace) -> None:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        if not trace.tried:
            return
        failed = Status(StatusCode.ERROR)
        answer = self._tracer.start_span(
            f"invoke_agent {trace.origin.bot}".strip(),
            context=Context(),  # whatever is going on where this is called, it is no part of it
            kind=SpanKind.SERVER,
            attributes=_of_answer(trace),
            start_time=min(map(_began, trace.tried)),
        )
        for tried in trace.tried:
            attempt = self._tracer.start_span(
                f"chat {tried.model or ''}".strip(),
                context=set_span_in_context(answer),
                kind=SpanKind.CLIENT,
                attributes=_of_attempt(tried),
                start_time=_began(tried),
            )
            if tried.error:
                attempt.set_status(failed)
            attempt.end(_ended(tried))
        if not trace.has_answered and trace.tried[-1].error:
            answer.set_status(failed)
        answer.end(max(map(_ended, trace.tried)))


@asynccontextmanager
async def sending_spans(board: Board, environ: Mapping[str, str]) -> AsyncIterator[None]:
    """Inside of it the answers on this board become spans, where the environment says where they go."""
    if not any(environ.get(name, "").strip() for name in _ENDPOINTS):
        yield
        return
    spans = await asyncio.to_thread(spans_for, environ)
    if spans is None:
        yield
        return
    board.watchers.append(spans)
    try:
        yield
    finally:
        board.watchers.remove(spans)
        # Not a thread of the loop: for those the end of the process waits, however long they take.
        closing = Thread(target=spans.close, name="spans", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, _LONGEST_GOODBYE)
        if closing.is_alive():
            _log.warning("spans.not_sent", why="the collector did not take them in time")


def spans_for(environ: Mapping[str, str]) -> Spans | None:
    """Spans that go where the variables of OpenTelemetry say; None where it is not installed. For a thread."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("spans.not_installed", todo="pip install -r requirements-otel.txt")
        return None
    name = environ.get("OTEL_SERVICE_NAME", "").strip() or "poe-bots"
    provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Spans(provider)


def _of_answer(trace: Trace) -> Attributes:
    origin = trace.origin
    said: _Said = {
        "gen_ai.agent.name": origin.bot,
        "poe_bots.door": origin.door,
        "poe_bots.reference": origin.reference,
        "poe_bots.attempts": len(trace.tried),
        "poe_bots.paused": round(trace.paused, 6),
    }
    return {"gen_ai.operation.name": "invoke_agent", **_told(said)}


def _of_attempt(tried: Tried) -> Attributes:
    usage = tried.usage
    said: _Said = {
        "gen_ai.provider.name": tried.provider,
        "gen_ai.request.model": tried.model,
        "gen_ai.response.model": tried.answered_by,
        "gen_ai.usage.input_tokens": usage.input_tokens if usage else None,
        "gen_ai.usage.output_tokens": usage.output_tokens if usage else None,
        "error.type": tried.error,
        "poe_bots.outcome": tried.outcome,
        "poe_bots.variant": tried.variant,
        "poe_bots.queued": round(tried.queued, 6) or None,
        "poe_bots.first_content": None if tried.first_content is None else round(tried.first_content, 6),
    }
    return {"gen_ai.operation.name": "chat", **_told(said)}


def _told(said: _Said) -> Attributes:
    return {name: value for name, value in said.items() if value is not None and value != ""}


def _ended(tried: Tried) -> int:
    """In nanoseconds, as OpenTelemetry counts."""
    return round((tried.ended_at or time()) * 10**9)


def _began(tried: Tried) -> int:
    return _ended(tried) - round(tried.seconds * 10**9)
