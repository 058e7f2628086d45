"""Servers as the web room sees them: an overview made up for the test, and a browser to look at it."""

from typing import Any

import httpx
from fastapi import FastAPI

from utils.web import BotCard, Overview, ProviderCard, create_api


def bot(name: str = "DemoBot", **facts: Any) -> BotCard:
    """A bot that is ready, but for what is said of it."""
    plain: dict[str, Any] = {
        "description": "A demo",
        "provider": "demo",
        "model": "tiny",
        "path": f"/{name}",
        "why_not_ready": None,
        "access_key_names": (f"POE_ACCESS_KEY_{name.upper()}", "POE_ACCESS_KEY"),
    }
    return BotCard(name=name, **{**plain, **facts})


def provider(name: str = "demo", **facts: Any) -> ProviderCard:
    """A provider that is ready, but for what is said of it."""
    plain = {
        "api_base": "https://demo.example/v1",
        "default_model": "tiny",
        "models": ("tiny", "large"),
        "why_not_ready": None,
    }
    return ProviderCard(name=name, **{**plain, **facts})


def seen(*bots: BotCard, **facts: Any) -> Overview:
    """The overview of a server with these bots and nothing wrong, but for what is said of it."""
    plain: dict[str, Any] = {
        "version": "1.2.3",
        "providers": (provider(),),
        "problems": (),
        "has_errors": False,
        "environment": {"debug": False, "log_level": "info", "allow_without_key": True},
    }
    return Overview(bots=bots, **{**plain, **facts})


def api_of(overview: Overview) -> FastAPI:
    """The app that shows this overview."""
    return create_api(lambda: overview)


def browser(app: FastAPI) -> httpx.AsyncClient:
    """A client that gets what a person on the other side gets, also when the app raised."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://bots.example")
