"""An answer as OpenTelemetry sees it: one span, and one in it for each attempt."""

import builtins
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from utils.chat import Origin, Usage
from utils.routing import Board
from utils.routing.spans import Spans, sending_spans
from utils.routing.trace import Trace, Tried

AT = 1_800_000_000.0
ORIGIN = Origin("poe", "Poet", "u-ann", "c-1", "m-1", "3f9a1c2e")


def failed() -> Tried:
    return Tried(1, "openai", "luna", "OPENAI_API_KEY", outcome="failed", error="TimedOut", seconds=2.0, ended_at=AT)


def answered() -> Tried:
    usage = Usage(input_tokens=100, output_tokens=20)
    tried = Tried(2, "groq", "fast", "GROQ_API_KEY", outcome="answered", usage=usage, answered_by="fast-2")
    return replace(tried, first_content=0.5, seconds=3.0, ended_at=AT + 4)


def spans_of(*tried: Tried):
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = Spans(provider)
    spans(Trace(ORIGIN, list(tried), paused=1.0))
    spans.close()
    return exporter.get_finished_spans()


def test_an_answer_is_a_span_with_one_in_it_for_each_attempt():
    first, second, answer = spans_of(failed(), answered())

    assert [span.name for span in (answer, first, second)] == ["invoke_agent Poet", "chat luna", "chat fast"]
    assert first.parent == second.parent == answer.context
    assert answer.parent is None


def test_the_spans_last_as_long_as_what_they_stand_for():
    first, second, answer = spans_of(failed(), answered())

    seconds = [((span.start_time / 1e9) - AT, (span.end_time / 1e9) - AT) for span in (first, second, answer)]
    assert [tuple(round(each, 3) for each in pair) for pair in seconds] == [(-2, 0), (1, 4), (-2, 4)]


def test_the_attributes_have_the_names_of_the_conventions():
    first, second, answer = spans_of(failed(), answered())

    assert first.attributes["error.type"] == "TimedOut"
    assert not first.status.is_ok
    assert dict(second.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "groq",
        "gen_ai.request.model": "fast",
        "gen_ai.response.model": "fast-2",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "poe_bots.outcome": "answered",
        "poe_bots.first_content": 0.5,
    }
    assert answer.attributes["gen_ai.agent.name"] == "Poet"
    assert answer.attributes["poe_bots.reference"] == "3f9a1c2e"
    assert answer.status.is_ok


def test_no_person_and_no_key_is_in_a_span():
    said = "".join(span.to_json() for span in spans_of(failed(), answered()))

    assert not [secret for secret in ("u-ann", "c-1", "m-1", "_API_KEY") if secret in said]


def test_an_answer_that_nobody_gave_is_a_span_that_failed():
    _, answer = spans_of(failed())

    assert not answer.status.is_ok


async def test_without_the_variable_nothing_is_watched():
    board = Board()

    async with sending_spans(board, {"OTEL_EXPORTER_OTLP_ENDPOINT": " "}):
        assert board.watchers == []


async def test_with_the_variable_traces_are_watched_until_the_server_ends(monkeypatch):
    board, environ = Board(), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async with sending_spans(board, environ):
        assert len(board.watchers) == 1

    assert board.watchers == []


async def test_where_it_is_not_installed_the_log_says_what_to_do_and_all_goes_on(monkeypatch, caplog, capsys):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    board = Board()

    async with sending_spans(board, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}):
        assert board.watchers == []

    assert "requirements-otel.txt" in capsys.readouterr().out + caplog.text


@pytest.mark.parametrize("tried", [[], [Tried(1, "p", None, None)]])
def test_a_trace_with_little_in_it_spoils_nothing(tried):
    spans_of(*tried)
