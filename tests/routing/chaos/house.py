"""A whole app between chaotic providers and a person, and all that it knows of its attempts."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from structlog.testing import capture_logs

from tests.serving import serving
from utils.bot_factory import BotFactory
from utils.chat import Origin
from utils.providers.demo.server import demo_app
from utils.routing import Board, Routes
from utils.routing.patience import Patience
from utils.routing.trace import Tried
from utils.settings import Settings

SECRET = "sk-chaos-0123456789abcdef"
"""The key that the providers are asked with."""

Entry = Mapping[str, Any]


@dataclass
class House:
    """The app, what it asks, and what it wrote down."""

    address: str
    upstream: Starlette
    upstream_address: str
    board: Board
    records: list[tuple[Origin, Tried]] = field(default_factory=list)

    def tried_by(self, bot: str) -> list[Tried]:
        """Every attempt that was written down for this bot, in their order."""
        return [tried for origin, tried in self.records if origin.bot == bot]

    async def at_rest(self) -> None:
        """Return when nothing is open any more. Raises a TimeoutError when that does not come to be."""
        async with asyncio.timeout(20):
            while self.upstream.state.open_streams or any(each.health.in_flight for each in self.board.states()):
                await asyncio.sleep(0.005)


@asynccontextmanager
async def chaos(
    folder: Path, monkeypatch: Any, bots: Iterable[Entry], providers: Iterable[Entry] = (), **provider: Any
) -> AsyncIterator[House]:
    """An app with these bots. The provider `upstream` is the demo server, of which every model has its own trouble."""
    monkeypatch.setenv("CHAOS_API_KEY", SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    upstream, board = demo_app(), Board()
    async with serving(upstream) as address:
        entry = {"name": "upstream", "api_base": f"{address}/v1", "api_key_env": "CHAOS_API_KEY", **provider}
        house = House("", upstream, address, board)
        _write(folder / "providers.yaml", "providers", [entry, *providers])
        _write(folder / "bots.yaml", "bots", [*bots])
        factory = BotFactory.from_files(
            Settings.model_validate(
                {
                    "provider_config": folder / "providers.yaml",
                    "bot_config": folder / "bots.yaml",
                    "allow_without_key": True,
                }
            )
        )
        routes = Routes(
            factory.pool,
            board,
            record=lambda origin, tried: house.records.append((origin, tried)),
            patience=Patience(first=0.0),
        )
        factory.house = replace(factory.house, routes=routes)
        factory.add_configured_bots()
        assert not factory.problems, [str(problem) for problem in factory.problems]
        with capture_logs() as logs:
            async with serving(factory.create_app()) as house.address:
                yield house
        assert SECRET not in str(logs)


def _write(file: Path, kind: str, entries: list[Any]) -> None:
    # JSON is YAML too.
    file.write_text(json.dumps({kind: entries}), encoding="utf-8")
