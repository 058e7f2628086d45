"""`python -m utils.providers.demo`: the demo as an OpenAI-compatible server on this machine."""

import argparse
import socket
import sys
from collections.abc import Callable

import uvicorn

from .pace import Pace
from .server import demo_app


def main() -> None:
    """Serves until Ctrl-C."""
    options = _options()
    listener = _listener(options.host, options.port)
    host, port = listener.getsockname()[:2]
    app = demo_app(Pace(options.first_token_ms, options.token_ms), options.tokens)
    sys.stdout.write(f"The demo listens at http://{host}:{port}/v1 (Ctrl-C stops it)\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m utils.providers.demo",
        description="An OpenAI-compatible server that needs no key. Ask it for `help` to learn what it obeys.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=_number_up_to(65535), default=9000, help="0 takes a free one (default: 9000)")
    parser.add_argument(
        "--first-token-ms", type=_number_up_to(3_600_000), default=0, metavar="N", help="wait before the first token"
    )
    parser.add_argument(
        "--token-ms", type=_number_up_to(3_600_000), default=0, metavar="N", help="wait between two tokens"
    )
    parser.add_argument(
        "--tokens", type=_number_up_to(100_000), metavar="N", help="length of an answer (default: as long as the talk)"
    )
    return parser.parse_args()


def _number_up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not 0 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between 0 and {most}")
        return int(text)

    return number


def _listener(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=2048)
        # asyncio sets it on its own sockets only; without it a token may wait 40 ms for the other side.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        sys.exit(f"Cannot listen at {host}:{port}: {error.strerror or error}. Choose another one with --port.")


if __name__ == "__main__":
    main()
