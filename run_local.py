"""Serve the bots on this machine: `python run_local.py`, then talk to them as the lines that it prints say."""

import argparse
import sys
from pathlib import Path

from dotenv import load_dotenv

from utils.cli.local_server import serve
from utils.errors import ConfigError
from utils.settings import ROOT


def main() -> int:
    """Read the options and serve until Ctrl-C."""
    load_dotenv(ROOT / ".env")
    options = _options()
    try:
        serve(
            options.host,
            options.port,
            reload=options.reload,
            include_code_bots=not options.no_code_bots,
            include_config_bots=not options.no_config_bots,
            provider_config=options.provider_config,
            bot_config=options.bot_config,
            log_level=options.log_level,
        )
    except ConfigError as exc:
        print(f"run_local.py: {exc}", file=sys.stderr)  # noqa: T201  # a terminal is where this speaks
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the bots on this machine. Ctrl-C stops.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s, only this machine)"
    )
    parser.add_argument("--port", type=int, default=8000, help="port (default: %(default)s; 0 is any free one)")
    parser.add_argument("--reload", action="store_true", help="start anew when code or configuration changes")
    parser.add_argument(
        "--provider-config", type=Path, metavar="FILE", help="the providers (default: config/providers.yaml)"
    )
    parser.add_argument("--bot-config", type=Path, metavar="FILE", help="the bots (default: config/bots.yaml)")
    parser.add_argument("--log-level", choices=["debug", "info", "warning", "error"], help="from which level on to log")
    parser.add_argument("--no-code-bots", action="store_true", help="leave out the bots written in Python")
    parser.add_argument("--no-config-bots", action="store_true", help="leave out the bots of the bot file")
    parser.add_argument("--multi-provider", action="store_true", help=argparse.SUPPRESS)  # on anyway; an old command
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
