"""Our server with two more things to be asked: how many attempts it has begun, and how many it has written down."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from utils.bot_factory import BotFactory
from utils.chat import Origin
from utils.keys import known_secrets
from utils.logs import configure_logging
from utils.routing import Board, Routes
from utils.routing.trace import Tried
from utils.settings import Settings, environment


@dataclass
class _Book:
    records: int = 0

    def write(self, origin: Origin, tried: Tried) -> None:
        self.records += 1


def soaked_app(provider_config: Path, bot_config: Path) -> FastAPI:
    """The app on these files, with `/soak`."""
    settings = Settings.model_validate(
        {"provider_config": provider_config, "bot_config": bot_config, "log_level": "error"}
    )
    configure_logging(settings, known_secrets(environment()))
    factory, book, board = BotFactory.from_files(settings), _Book(), Board()
    factory.house = replace(factory.house, routes=Routes(factory.pool, board, record=book.write))
    factory.add_configured_bots()
    app = factory.create_app()

    @app.get("/soak")
    async def counts() -> dict[str, int]:
        lanes = [state.health for state in board.states()]
        attempts, in_flight = sum(lane.attempts for lane in lanes), sum(lane.in_flight for lane in lanes)
        return {"attempts": attempts, "records": book.records, "in_flight": in_flight}

    return app


def main() -> None:
    """Serve until it is killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--provider-config", type=Path, required=True)
    parser.add_argument("--bot-config", type=Path, required=True)
    options = parser.parse_args()
    app = soaked_app(options.provider_config, options.bot_config)
    uvicorn.run(app, host="127.0.0.1", port=options.port, access_log=False, log_config=None)


if __name__ == "__main__":
    main()
