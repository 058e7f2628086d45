"""Servers as programs see them that ask by the API: with a model behind them that does as it is told."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette

from tests.apps import app_of
from tests.serving import serving
from utils.providers.demo.server import demo_app

BOTS = """
bots:
- {bot_name: Poet, provider: upstream, system_message: "You are {bot_name}.", max_tokens: 50, retries: 0}
- {bot_name: Steady, provider: upstream, fallbacks: [demo], retries: 1}
- {bot_name: Chooser, provider: upstream, models: ["demo:demo"], retries: 0}
"""


def providers_of(address: str) -> str:
    """The demo as a server of its own, and the one that is built in."""
    return f"""
providers:
- name: upstream
  api_base: {address}/v1
  models: [demo, demo-fail-503, {{name: demo-think-3, alias: thinker}}]
  embedding_model: demo
  profile_overrides: {{images: url, stream_usage: request}}
- {{name: demo, kind: demo, models: [demo]}}
"""


@dataclass
class Served:
    """One server and who is behind it."""

    address: str
    app: FastAPI
    model: Starlette
    client: httpx.AsyncClient

    @property
    def asked(self) -> list[Any]:
        """What the model was asked."""
        return [body for _, body in self.model.state.requests]


@contextlib.asynccontextmanager
async def server(folder: Path, bots: str = BOTS, *, key: str | None = None, **settings: Any) -> AsyncIterator[Served]:
    """The server on a free port. Without a key, anybody on this machine may ask."""
    model = demo_app()
    places = {"ledger": "sqlite", "ledger_file": folder / "ledger.db", "clients_file": folder / "clients.json"}
    async with serving(model) as upstream:
        app = app_of(folder, bots, providers_of(upstream), **{**places, **settings})
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with serving(app) as address, httpx.AsyncClient(base_url=address, headers=headers) as client:
            yield Served(address, app, model, client)


def question(words: str = "/echo hello", **more: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    return {"model": "Poet", "messages": [{"role": "user", "content": words}], **more}
