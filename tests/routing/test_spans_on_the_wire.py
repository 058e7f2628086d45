"""What a collector of OpenTelemetry is sent by a whole server, as its protocol has it."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from tests.apps import app_of
from tests.serving import serving
from utils.routing import spans

PROVIDERS = """
providers:
- {name: demo, kind: demo, models: [demo]}
- {name: away, api_base: "http://127.0.0.1:9/v1", models: [gone]}
"""
BOTS = """
bots:
- {bot_name: Poet, provider: demo, model: demo}
- {bot_name: Lost, provider: away, model: gone, retries: 0}
"""
TOKEN = "collector-token-0123456789"
WORDS = "words-of-the-person-0123456789"
QUESTION = {
    "type": "query",
    "version": "1.2",
    "query": [{"role": "user", "content": WORDS}],
    "user_id": "u-of-the-person",
    "conversation_id": "c-of-the-person",
    "message_id": "m-of-the-person",
}


class Collector:
    """Takes spans by OTLP over HTTP and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            self.requests.append((dict(request.headers), await request.body()))
            await Response(b"", media_type="application/x-protobuf")(scope, receive, send)

    def batches(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for _, body in self.requests]

    def spans(self) -> list[Span]:
        return [
            span
            for batch in self.batches()
            for resource in batch.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def told(attributes: Any) -> dict[str, Any]:
    """Attributes as Python has them."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


async def asked(address: str, *bots: str) -> list[str]:
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        return [(await client.post(f"/{bot}", json=QUESTION)).text for bot in bots]


@pytest.fixture
def sending_to(monkeypatch: pytest.MonkeyPatch):
    """Says where spans go."""

    def to(address: str) -> None:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization={TOKEN}")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "my-bots")

    return to


async def test_what_was_answered_is_sent_in_one_batch_when_the_server_ends(tmp_path, sending_to):
    collector = Collector()

    async with serving(collector) as address:
        sending_to(address)
        async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as server:
            await asked(server, "Poet", "Poet", "Lost")
            sent_before = len(collector.requests)

    assert sent_before == 0
    assert len(collector.requests) == 1
    headers, _ = collector.requests[0]
    assert (headers["content-type"], headers["authorization"]) == ("application/x-protobuf", TOKEN)
    assert sorted(span.name for span in collector.spans()) == sorted(
        [*2 * ["chat demo", "invoke_agent Poet"], "chat gone", "invoke_agent Lost"]
    )


async def test_spans_have_the_names_of_the_conventions_on_the_wire(tmp_path, sending_to):
    collector = Collector()

    async with serving(collector) as address:
        sending_to(address)
        async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as server:
            await asked(server, "Poet", "Lost")

    named = {span.name: span for span in collector.spans()}
    (resource,) = (each.resource for each in collector.batches()[0].resource_spans)
    answer, attempt, failure = named["invoke_agent Poet"], named["chat demo"], named["chat gone"]
    said, of_failure = told(attempt.attributes), told(failure.attributes)
    assert told(resource.attributes)["service.name"] == "my-bots"
    assert (answer.kind, attempt.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert (attempt.trace_id, attempt.parent_span_id) == (answer.trace_id, answer.span_id)
    assert told(answer.attributes)["gen_ai.operation.name"] == "invoke_agent"
    assert told(answer.attributes)["gen_ai.agent.name"] == "Poet"
    assert (said["gen_ai.operation.name"], said["gen_ai.provider.name"]) == ("chat", "demo")
    assert (said["gen_ai.request.model"], said["poe_bots.outcome"]) == ("demo", "answered")
    assert said["gen_ai.usage.output_tokens"] > 0
    assert answer.start_time_unix_nano <= attempt.start_time_unix_nano < attempt.end_time_unix_nano
    assert of_failure["error.type"] == "Unreachable"
    assert failure.status.code == named["invoke_agent Lost"].status.code == Status.STATUS_CODE_ERROR


async def test_no_word_no_person_and_no_secret_is_on_the_wire(tmp_path, sending_to, monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", "admin-key-0123456789")
    collector = Collector()

    async with serving(collector) as address:
        sending_to(address)
        async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as server:
            answers = await asked(server, "Poet", "Lost")

    bodies = b"".join(body for _, body in collector.requests)
    assert WORDS in answers[0]
    assert not [each for each in (WORDS, "of-the-person", TOKEN, "admin-key-0123456789") if each.encode() in bodies]


async def test_a_collector_that_never_answers_delays_no_answer_and_the_end_only_a_little(
    tmp_path, sending_to, monkeypatch
):
    monkeypatch.setattr(spans, "_LONGEST_GOODBYE", 0.2)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    callers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda reader, writer: callers.append(writer), "127.0.0.1", 0)
    sending_to(f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}")

    with capture_logs() as log:
        async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as server:
            await asked(server, "Poet")
            began = time.perf_counter()
            answers = await asked(server, *5 * ["Poet"])
            took, began = time.perf_counter() - began, time.perf_counter()
        ending = time.perf_counter() - began
    silent.close()
    for caller in callers:
        caller.close()
    await asyncio.gather(*(caller.wait_closed() for caller in callers), return_exceptions=True)

    assert all(WORDS in answer for answer in answers)
    assert took < 5
    assert ending < 5
    assert "spans.not_sent" in [entry["event"] for entry in log]
