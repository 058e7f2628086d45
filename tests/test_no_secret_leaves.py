"""Every secret that the process knows is thrown back at it by providers that fail, and comes out nowhere.

A whole app on real sockets, with providers that put all secrets into bodies, headers, messages, events and names of
models. Then everything is read that an owner, a person or a monitor can see, and all that was written down.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from typer.testing import CliRunner

from tests.apps import app_of
from tests.serving import serving
from utils.cli.commands import commands
from utils.keys import known_secrets
from utils.keys.store import store_of
from utils.logs import configure_logging
from utils.routing.spans import Spans
from utils.settings import Settings, environment

ENVIRONMENT = {
    "CLOUD_API_KEY": "canary-cloud-key-0123456789",
    "SECOND_API_KEY": "canary-second-key-0123456789",
    "HEADER_TOKEN": "canary-header-token-0123456789",
    "POE_ACCESS_KEY": "canary-access-key-0123456789abcd",
    "POE_ACCESS_KEY_CHAIN": "canary-access-of-chain-012345678",
    "ADMIN_KEY": "canary-admin-key-0123456789",
    "METRICS_KEY": "canary-metrics-key-0123456789",
    "API_KEYS": "canary-client-key-0123456789",
    "KEYS_MASTER_KEY": "canary-master-key-0123456789",
    "DATABASE_URL": "postgresql://owner:canary-password-0123456789@127.0.0.1:9/bots",
    "BASE_PASSWORD": "canary-base-password-0123456789",
    "AWS_SECRET_ACCESS_KEY": "canary-aws-secret-0123456789",
    "AWS_SESSION_TOKEN": "canary-aws-session-0123456789",
    "AWS_BEARER_TOKEN_BEDROCK": "canary-aws-bearer-0123456789",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20canary-otlp-token-012345,x-tenant=canary-otlp-tenant-0123",
}
PARTS = (
    "canary-password-0123456789",
    "canary-otlp-token-012345",
    "Bearer canary-otlp-token-012345",
    "canary-otlp-tenant-0123",
)
"""What somebody may read out of those, and say alone."""
STORED = "canary-stored-key-0123456789"
LATER = "canary-later-key-0123456789"
WORDS = "words-of-the-person-0123456789"
PLANTED = (*ENVIRONMENT.values(), *PARTS, STORED)
ALL_AT_ONCE = " ".join(PLANTED)
CANARIES = (WORDS, *(secret[: len(secret) // 2] for secret in (*PLANTED, LATER)))
"""Half of a secret is as bad as all of it; of a few letters that a cut has left, nobody can make anything."""

Reply = Callable[[], Response]


def _error(status: int, **more: str) -> Reply:
    body = {"error": {"message": f"refused: {ALL_AT_ONCE}", "type": PLANTED[0], "code": STORED, "param": PLANTED[1]}}
    return lambda: JSONResponse(body, status, {"x-request-id": STORED, "x-said": PLANTED[0], **more})


def _stream(*events: str) -> Reply:
    text = "".join(f"data: {event}\n\n" for event in events)
    return lambda: Response(text, media_type="text/event-stream", headers={"x-said": PLANTED[0]})


def _chunk(text: str = "", **more: Any) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": more.pop("finish_reason", None)}
    return json.dumps({"id": STORED, "object": "chat.completion.chunk", "choices": [choice], **more})


_ENDED = _chunk(finish_reason="stop", usage={"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6})

REPLIES: dict[str, Reply] = {
    "unauthorized": _error(401, **{"www-authenticate": f"Bearer realm={PLANTED[0]}"}),
    "forbidden": _error(403),
    "missing": _error(404),
    "mistaken": _error(400),
    "limited": _error(429, **{"retry-after": STORED}),
    "broken": _error(500),
    "moved": lambda: Response(status_code=302, headers={"location": f"https://x.example/?key={PLANTED[0]}"}),
    "web-page": lambda: HTMLResponse(f"<html><title>{ALL_AT_ONCE}</title></html>"),
    "half-json": lambda: Response(f'{{"error": "{ALL_AT_ONCE}', 500, media_type="application/json"),
    "text": lambda: Response(ALL_AT_ONCE, 503, media_type="text/plain"),
    "event": _stream(json.dumps({"error": {"message": ALL_AT_ONCE, "code": PLANTED[0]}})),
    "late-event": _stream(_chunk("hi"), json.dumps({"error": {"message": ALL_AT_ONCE, "type": STORED}})),
    "garbage": _stream(f"not json {ALL_AT_ONCE}"),
    "strange-end": _stream(_chunk("hi", finish_reason=ALL_AT_ONCE, usage={"cost": ALL_AT_ONCE, "prompt_tokens": "x"})),
    "strange-model": _stream(_chunk("hi", model=PLANTED[0]), _chunk("", model=ALL_AT_ONCE), _ENDED, "[DONE]"),
}
LATE_REPLIES: dict[str, Reply] = {
    "later-text": lambda: Response(f"{LATER} {ALL_AT_ONCE}", 503, media_type="text/plain"),
    "later-event": lambda: _stream(_chunk("hi"), json.dumps({"error": {"message": LATER, "type": LATER}}))(),
}
"""Those of a provider whose key is set while the server runs."""


async def hostile(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """A provider that knows everything and says it in the way that the model is called."""
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    body = await request.body()
    model = json.loads(body)["model"] if body else "broken"
    await (REPLIES | LATE_REPLIES)[model]()(scope, receive, send)


def providers(address: str) -> str:
    return f"""
providers:
- name: cloud
  api_base: {address}/v1
  api_key_env: [CLOUD_API_KEY, SECOND_API_KEY]
  headers: {{x-team: "${{HEADER_TOKEN}}"}}
  additional_params: {{metadata: {{team: "${{HEADER_TOKEN}}"}}}}
  models: [{", ".join(REPLIES)}]
- name: sealed
  api_base: {address}/v1?key=${{HEADER_TOKEN}}
  api_key_env: STORED_API_KEY
  headers: {{authorization-extra: "Bearer ${{HEADER_TOKEN}}"}}
  models: [broken]
- name: userinfo
  api_base: {address.replace("://", "://canary-owner:${BASE_PASSWORD}@")}/v1
  api_key_env: CLOUD_API_KEY
  models: [text]
- name: unreachable
  api_base: http://canary-owner:${{BASE_PASSWORD}}@127.0.0.1:9/v1
  api_key_env: CLOUD_API_KEY
  models: [text]
- name: later
  api_base: {address}/v1
  api_key_env: LATER_API_KEY
  models: [{", ".join(LATE_REPLIES)}]
"""


BOTS = "\n".join(
    [
        "bots:",
        *(
            f"- {{bot_name: Of-{model}, provider: cloud, model: {model}, retries: 0, cache: {{ttl: 1h}}}}"
            for model in REPLIES
        ),
        '- {bot_name: Chain, provider: sealed, system_message: "canary-prompt", retries: 3, fallbacks: '
        '["cloud:unauthorized", "cloud:text", "cloud:late-event"]}',
        "- {bot_name: Userinfo, provider: userinfo, model: text, retries: 0}",
        "- {bot_name: Unreachable, provider: unreachable, model: text, retries: 0}",
        *(f"- {{bot_name: Of-{model}, provider: later, model: {model}, retries: 0}}" for model in LATE_REPLIES),
        "- {bot_name: Wrong, provider: cloud, bot_class: canary.no.such.Class}",
    ]
)


def question() -> dict[str, Any]:
    turn = {"role": "user", "content": WORDS, "metadata": ALL_AT_ONCE, "parameters": {"thinking": ALL_AT_ONCE}}
    told = {"user_id": "u-1", "conversation_id": "c-1", "message_id": "", "metadata": ALL_AT_ONCE}
    return {"type": "query", "version": "1.2", "query": [turn], **told}


@pytest.fixture
def known(tmp_path, monkeypatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KEYS_FILE", str(tmp_path / "keys" / "keys.json"))
    store_of(environment()).set("STORED_API_KEY", STORED)


SHOWN = (
    "/",
    "/health",
    "/bots",
    "/providers",
    "/providers/cloud/models",
    "/providers/cloud/models?live=true",
    "/openapi.json",
    "/admin/targets",
    "/metrics",
    *(f"/usage?by={by}" for by in ("day", "bot", "provider", "model", "user", "variant", "outcome")),
    *(f"/usage?by={by}&format=csv" for by in ("bot", "model", "variant")),
    "/usage?by=weather",
)


async def test_no_secret_comes_out_anywhere(tmp_path, known, capsys):
    configure_logging(Settings(log_level="debug", log_format="json"), known_secrets(environment()))
    spans, sent = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    sent.add_span_processor(SimpleSpanProcessor(spans))
    seen: dict[str, str] = {}

    async with serving(hostile) as upstream:
        file = tmp_path / "ledger" / "ledger.db"
        facts = {"ledger": "sqlite", "ledger_file": file, "allow_without_key": False, "debug": True}
        app = app_of(tmp_path, BOTS, providers(upstream), **facts)
        board = app.state.generations.current.house.routes.board
        board.watchers.append(Spans(sent))
        async with serving(app) as address, httpx.AsyncClient(base_url=address, timeout=30) as client:
            for mounted in app.state.door.bots.values():
                if mounted.name == f"Of-{next(iter(LATE_REPLIES))}":
                    store_of(environment()).set("LATER_API_KEY", LATER)
                headers = {"authorization": f"Bearer {mounted.access_key()}"}
                asked = await client.post(mounted.path, json=question(), headers=headers)
                seen[f"answer of {mounted.name}"] = told(asked)
                # What stands there is in the database a moment later, and its file is gone.
                journal = written_in(file.with_name("ledger-journal"))
                seen |= {f"journal {place} after {mounted.name}": text for place, text in journal.items()}
            admin = {"authorization": f"Bearer {ENVIRONMENT['ADMIN_KEY']}"}
            program = {"authorization": f"Bearer {ENVIRONMENT['API_KEYS']}"}
            for name in (*(f"Of-{model}" for model in REPLIES), "Chain", "cloud:text"):
                body = {"model": name, "messages": [{"role": "user", "content": WORDS}], "metadata": {"a": ALL_AT_ONCE}}
                seen[f"api {name[:20]}"] = told(await client.post("/v1/chat/completions", json=body, headers=program))
            seen["reload"] = told(await client.post("/admin/reload", headers=admin))
            for path in SHOWN:
                seen[path] = told(await client.get(path, headers=admin))
            seen["refused"] = told(await client.get("/usage", headers={"authorization": f"Bearer {STORED}"}))

    seen |= {"log": capsys.readouterr().err, "traces": repr([*board.traces]), **written_in(tmp_path / "ledger")}
    seen["spans"] = "".join(span.to_json() for span in spans.get_finished_spans())

    assert len(seen) > 40
    assert "Of-" in "".join(text for place, text in seen.items() if place.startswith("journal"))
    assert seen["spans"].count("invoke_agent") > len(REPLIES)
    assert seen["table attempts"].count("Of-") >= len(REPLIES)
    assert {place: around(text) for place, text in seen.items() if any(canary in text for canary in CANARIES)} == {}


async def test_the_password_of_a_database_that_cannot_be_reached_is_nowhere(tmp_path, known, capsys):
    configure_logging(Settings(log_level="debug", log_format="json"), known_secrets(environment()))
    facts = {"ledger": "database", "ledger_file": tmp_path / "ledger" / "ledger.db", "debug": True}
    bots = "bots: [{bot_name: Poet, provider: demo, access_key_env: POE_ACCESS_KEY}]"
    admin = {"authorization": f"Bearer {ENVIRONMENT['ADMIN_KEY']}"}
    seen: dict[str, str] = {}

    async with serving(app_of(tmp_path, bots, **facts)) as address, httpx.AsyncClient(base_url=address) as client:
        access = {"authorization": f"Bearer {ENVIRONMENT['POE_ACCESS_KEY']}"}
        await client.post("/Poet", json=question(), headers=access)
        for path in ("/health", "/", "/usage", "/metrics"):
            seen[path] = told(await client.get(path, headers=admin))

    seen |= {"log": capsys.readouterr().err, **written_in(tmp_path / "ledger")}

    assert "503" in seen["/usage"]
    assert {place: around(text) for place, text in seen.items() if any(canary in text for canary in CANARIES)} == {}


COMMANDS = {
    ("list",): "sealed",
    ("list", "--json"): "userinfo",
    ("check",): "should hold no name and password",
    ("check", "--json"): "userinfo",
    ("models", "cloud", "--live"): "unauthorized (default)",
    ("test",): "cloud",
    ("usage",): "cannot be used",
    ("keys", "list"): "STORED_API_KEY",
    ("keys", "list-clients"): "",
    ("ledger", "status"): "cannot be used",
}
"""Commands, and what each of them says."""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_no_command_says_a_secret(command, tmp_path, known, monkeypatch):
    monkeypatch.setenv("PROVIDER_CONFIG", str(tmp_path / "providers.yaml"))
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path / "bots.yaml"))
    monkeypatch.setenv("LEDGER", "database")
    async with serving(hostile) as upstream:
        (tmp_path / "providers.yaml").write_text(providers(upstream))
        (tmp_path / "bots.yaml").write_text(BOTS)
        result = await asyncio.to_thread(CliRunner().invoke, commands, [*command])

    seen = f"{result.output} {result.stderr} {result.exception!r}"
    assert result.exit_code in {0, 1, 2}, seen
    assert COMMANDS[command] in " ".join(seen.split())
    assert not [canary for canary in CANARIES if canary in seen], around(seen)


def told(response: httpx.Response) -> str:
    return f"{response.status_code} {response.headers} {response.text}"


def written_in(folder: Path) -> dict[str, str]:
    """Everything in the files of a folder, as it lies there and as rows."""
    found = {f"file {path.name}": path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()}
    for path in folder.glob("*.db"):
        connection = sqlite3.connect(path)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found |= {f"table {name}": repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables}
        connection.close()
    return found


def around(text: str) -> str:
    """Where the first one stands, for whoever has to find out why."""
    place = min(text.find(canary) for canary in CANARIES if canary in text)
    return text[max(0, place - 120) : place + 60]
