"""Whole apps for tests, described as an owner would: in YAML."""

from pathlib import Path

from fastapi import FastAPI

from utils.bot_factory import BotFactory
from utils.settings import Settings

DEMO_PROVIDER = "providers: [{name: demo, kind: demo, models: [demo]}]"


def app_of(
    folder: Path, bots: str, providers: str = DEMO_PROVIDER, *, code_bots: str | None = None, **settings: object
) -> FastAPI:
    """An app with these two files. Anybody may talk to its bots unless the settings say otherwise."""
    (folder / "providers.yaml").write_text(providers, encoding="utf-8")
    (folder / "bots.yaml").write_text(bots, encoding="utf-8")
    chosen = {
        "provider_config": folder / "providers.yaml",
        "bot_config": folder / "bots.yaml",
        "allow_without_key": True,
        **settings,
    }
    factory = BotFactory.from_files(Settings.model_validate(chosen))
    factory.add_configured_bots()
    if code_bots:
        factory.add_code_bots(code_bots)
    return factory.create_app()


def upstream_provider(address: str, **more: str) -> str:
    """A providers.yaml with one OpenAI-compatible provider, `upstream`, at that address."""
    lines = [f"  {name}: {value}" for name, value in more.items()]
    return "\n".join([f"providers:\n- name: upstream\n  api_base: {address}/v1\n  models: [demo]", *lines, ""])
