"""Serve the bots on this machine: `python run_local.py`, then talk to them as the lines that it prints say."""

import argparse
import gc
import sys
from pathlib import Path

_MOST_WORKERS = 64


def main() -> int:
    """Read the options and serve until Ctrl-C."""
    options = _options()
    # A quarter of the start would go into looking for garbage among new modules. The server switches it on again.
    gc.disable()
    from dotenv import load_dotenv

    from utils.cli.plain_imports import without

    # A tenth of the start: what structlog has for tracebacks in colours, and the command line of httpx.
    with without("rich", "httpx._main"):
        from utils.cli.local_server import serve
    from utils.errors import ConfigError
    from utils.settings import ROOT

    load_dotenv(ROOT / ".env")
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
            console_port=None if options.no_console else options.console_port,
            workers=options.workers,
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
    processes = parser.add_mutually_exclusive_group()
    processes.add_argument("--reload", action="store_true", help="start anew when code or configuration changes")
    processes.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="how many processes serve (default: %(default)s)"
    )
    parser.add_argument(
        "--provider-config", type=Path, metavar="FILE", help="the providers (default: config/providers.yaml)"
    )
    parser.add_argument("--bot-config", type=Path, metavar="FILE", help="the bots (default: config/bots.yaml)")
    parser.add_argument("--log-level", choices=["debug", "info", "warning", "error"], help="from which level on to log")
    parser.add_argument("--no-code-bots", action="store_true", help="leave out the bots written in Python")
    parser.add_argument("--no-config-bots", action="store_true", help="leave out the bots of the bot file")
    parser.add_argument("--no-console", action="store_true", help="leave out the console, which is for a browser")
    parser.add_argument(
        "--console-port", type=int, default=8501, help="port of the console (default: %(default)s, or else a free one)"
    )
    parser.add_argument("--multi-provider", action="store_true", help=argparse.SUPPRESS)  # on anyway; an old command
    return parser.parse_args()


def _workers(text: str) -> int:
    """How many. There is no use in more than the machine has cores."""
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"it should be a number from 1 to {_MOST_WORKERS}, and not {text!r}")
    return number


if __name__ == "__main__":
    sys.exit(main())
