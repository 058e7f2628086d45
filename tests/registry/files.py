"""The two files of a test, read as the server reads them."""

from collections.abc import Mapping
from pathlib import Path

from utils.registry import BotConfigRegistry, ProviderRegistry

PROVIDER = """\
providers:
  - name: openai
    api_base: https://api.openai.com/v1
"""
"""A provider to which a test adds its lines; the first of them is line 4."""

TWO_PROVIDERS = """\
providers:
  - {name: openai, api_base: https://api.openai.com/v1, models: [gpt-6-luna, gpt-6-sol]}
  - {name: bare, api_base: https://bare.example/v1}
"""

BOT = """\
bots:
  - bot_name: Poet
    provider: openai
"""
"""A bot to which a test adds its lines; the first of them is line 4."""


def providers_of(text: str | bytes, folder: Path, **environ: str) -> ProviderRegistry:
    """The registry of a providers.yaml with this text."""
    return ProviderRegistry.load(written(folder / "providers.yaml", text), environ)


def bots_of(
    text: str | bytes, folder: Path, providers: str = TWO_PROVIDERS, environ: Mapping[str, str] | None = None
) -> BotConfigRegistry:
    """The registry of a bots.yaml with this text, beside these providers."""
    environ = environ or {}
    known = ProviderRegistry.load(written(folder / "providers.yaml", providers), environ)
    return BotConfigRegistry.load(written(folder / "bots.yaml", text), environ, known)


def written(path: Path, text: str | bytes) -> Path:
    """The path, with the text in the file."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def messages(registry: ProviderRegistry | BotConfigRegistry) -> list[str]:
    """Its problems as the owner reads them."""
    return [str(problem) for problem in registry.problems]
