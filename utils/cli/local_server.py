"""The app under uvicorn on this machine."""

import asyncio
import errno
import ipaddress
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from utils.bot_factory import create_app
from utils.errors import ConfigError
from utils.garbage import look_seldom
from utils.keys import known_secrets
from utils.logs import configure_logging
from utils.settings import ROOT, Settings, environment, put_into_environment

from .console_process import console_beside

_GRACE_SECONDS = 5
_LOOK_AGAIN_SECONDS = 0.05
_BOT_KINDS = ("SERVE_CODE_BOTS", "SERVE_CONFIG_BOTS")


def serve(
    host: str,
    port: int,
    *,
    reload: bool = False,
    include_code_bots: bool = True,
    include_config_bots: bool = True,
    provider_config: Path | None = None,
    bot_config: Path | None = None,
    log_level: str | None = None,
    console_port: int | None = None,
    workers: int = 1,
) -> None:
    """Serve until Ctrl-C, in so many processes. Raises `ConfigError` when the port is taken."""
    settings = Settings.read().with_changes(
        provider_config=provider_config and provider_config.resolve(),
        bot_config=bot_config and bot_config.resolve(),
        log_level=log_level,
        # With `reload` the whole process starts anew.
        watch_config=True if not reload and "WATCH_CONFIG" not in environment() else None,
        allow_without_key=True if _is_loopback(host) and "ALLOW_WITHOUT_KEY" not in environment() else None,
    )
    # A process that reload starts reads everything from the environment.
    put_into_environment(settings.to_environment())
    put_into_environment(dict(zip(_BOT_KINDS, (str(include_code_bots), str(include_config_bots)), strict=True)))
    listener = listening_socket(host, port)
    config = uvicorn.Config(
        "utils.cli.local_server:app_of_environment",
        factory=True,
        host=host,
        port=port,
        reload=reload,
        reload_dirs=[str(ROOT / folder) for folder in ("bots", "utils", "config")] if reload else None,
        reload_includes=["*.py", "*.yaml"] if reload else None,
        log_config=None,
        access_log=settings.debug,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = LocalServer(config)
    address = f"http://{_in_address(host)}:{listener.getsockname()[1]}"
    with console_beside(address, console_port, is_private=_is_loopback(host)):
        if reload:
            from uvicorn.supervisors import ChangeReload

            ChangeReload(config, target=server.run, sockets=[listener]).run()
        elif workers > 1:
            from .workers import Workers

            configure_logging(settings, known_secrets(environment()))
            Workers(workers, listener, first=server.run, others=LocalServer(config, greets=False).run).run()
        else:
            server.run(sockets=[listener])


def app_of_environment() -> FastAPI:
    """The app that the environment describes, with its log."""
    settings = Settings.read()
    configure_logging(settings, known_secrets(environment()))
    code_bots, config_bots = (environment().get(name, "True") == "True" for name in _BOT_KINDS)
    return create_app(settings, include_code_bots=code_bots, include_config_bots=config_bots)


class LocalServer(uvicorn.Server):
    """uvicorn that greets when it is up, and ends open answers properly when it goes down."""

    _grace = 0.0

    def __init__(self, config: uvicorn.Config, *, greets: bool = True) -> None:
        super().__init__(config)
        self._greets = greets

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; when asked a second time, at once."""
        # Ctrl-C is a person who waits; a supervisor's SIGTERM leaves time for answers to come to their end.
        self._grace = _GRACE_SECONDS if sig == signal.SIGTERM and not self.should_exit else 0
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say what is served."""
        await super().startup(sockets)
        look_seldom()
        if self.started and self._greets:
            port = sockets[0].getsockname()[1] if sockets else self.config.port
            address = f"http://{_in_address(self.config.host)}:{port}"
            # It imports rich, which the first request should not have to wait for.
            self._greeting = asyncio.create_task(asyncio.to_thread(_greet, self._app(), address))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open answers come to their end, or say that the server stops; then stop."""
        open_answers = self._app().state.door.open_answers
        began = time.monotonic()
        # A second signal sets the grace to nothing. Its handler runs outside of the loop: there is no event to await.
        while open_answers and time.monotonic() - began < self._grace:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        await open_answers.end_all()
        await super().shutdown(sockets)

    def _app(self) -> FastAPI:
        app = self.config.loaded_app
        while not isinstance(app, FastAPI):  # uvicorn may have wrapped it
            app = app.app
        return app


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket at that address, not yet accepting. Raises `ConfigError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Without it every answer of several writes waits 40 ms for the other side; asyncio sets it on its own sockets only.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as exc:
        listener.close()
        if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
            raise ConfigError(f"port {port} is taken by another program; choose one with --port.") from exc
        raise ConfigError(f"cannot listen on {host}:{port}: {str(exc).rstrip('.')}.") from exc
    listener.set_inheritable(True)
    return listener


@contextmanager
def serving_in_background(app: FastAPI) -> Iterator[str]:
    """The app on a free port of this machine while the block runs; gives its address."""
    listener = listening_socket("127.0.0.1", 0)
    server = _BackgroundServer(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    server.is_up.wait(timeout=30)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)


class _BackgroundServer(uvicorn.Server):
    """uvicorn that can be waited for from another thread."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


def _greet(app: FastAPI, address: str) -> None:
    from .greeting import print_greeting

    print_greeting(app.state.overview(), address)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_address(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # only shown
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
