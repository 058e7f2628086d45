"""`config_manager.py chat`: a conversation in the terminal. The bot is asked over HTTP, just as Poe asks it."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.markup import escape

from utils.bot_factory import BotFactory
from utils.errors import BotError, ConfigError
from utils.keys import access_key_names, find_access_key, known_secrets
from utils.logs import configure_logging
from utils.poe.client import PoeClient
from utils.poe.door import PoeDoor
from utils.settings import Settings, environment

from .local_server import serving_in_background
from .no_such_bot import no_such_bot
from .other_model import factory_with

_MODEL_FROM_AFAR = (
    "--model changes a bot that this command serves itself. On a running server (--url) a model can be chosen"
    " on Poe only, and only of a bot that has `model` among its `controls`."
)
_BYE = frozenset(("exit", "quit", "bye", "/exit", "/quit"))


def chat_with(
    bot: str,
    message: str | None,
    *,
    url: str | None = None,
    key: str | None = None,
    model: str | None = None,
    provider_config: Path | None = None,
    bot_config: Path | None = None,
) -> int:
    """Chat until the person leaves, or ask one `message`.

    Gives 0 when the last answer came whole, 1 when it did not, 2 when there is no such bot or server.
    """
    console = Console(highlight=False)
    try:
        if url is not None and model is not None:
            raise ConfigError(_MODEL_FROM_AFAR)
        with _server(url, provider_config, bot_config, (bot, model)) as (address, door):
            path = _path_of(bot, address)
            found = door.bots[path].access_key() if door else find_access_key(access_key_names(bot))
            client = PoeClient(address + quote(path), key or found)
            if message is not None:
                return 0 if _answer(client, [_turn("user", message)], console) is not None else 1
            return _converse(bot, client, console)
    except ConfigError as exc:
        Console(stderr=True, highlight=False).print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2


def _converse(bot: str, client: PoeClient, console: Console) -> int:
    console.print(f"You are talking to [bold]{escape(bot)}[/]. Leave with Ctrl-D or `exit`.\n")
    turns: list[dict[str, str]] = []
    went_well = True
    for question in _questions(console):
        turns.append(_turn("user", question))
        answer = _answer(client, turns, console)
        went_well = answer is not None
        if answer is None:
            turns.pop()
        else:
            turns.append(_turn("bot", answer))
    return 0 if went_well else 1


def _questions(console: Console) -> Iterator[str]:
    while True:
        try:
            question = console.input("[bold cyan]you>[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if question.lower() in _BYE:
            return
        if question:
            yield question


def _answer(client: PoeClient, turns: list[dict[str, str]], console: Console) -> str | None:
    """Show the answer while it comes. None when it did not come whole; the reason has been shown then."""
    try:
        with _display(console) as show:
            return asyncio.run(_read(client, turns, show))
    except BotError as exc:
        console.print(str(exc), style="red", markup=False, soft_wrap=True)
    except KeyboardInterrupt:
        console.print("(stopped)", style="dim")
    return None


async def _read(client: PoeClient, turns: list[dict[str, str]], show: Callable[[str], None]) -> str:
    said = ""
    async for name, data in client.ask(turns):
        if name == "text":
            said += data.get("text", "")
        elif name == "replace_response":
            said = data.get("text", "")
        elif name == "file":
            said += f"\n\n[{data.get('name')}]({data.get('url')})"
        show(said)
    return said


@contextmanager
def _display(console: Console) -> Iterator[Callable[[str], None]]:
    """Shows a growing text: rendered on a terminal, as it is elsewhere."""
    if console.is_terminal:
        with Live(console=console, vertical_overflow="visible", refresh_per_second=12) as live:
            yield lambda said: live.update(Markdown(said))
        return
    shown = ""

    def write(said: str) -> None:
        nonlocal shown
        sys.stdout.write(said[len(shown) :] if said.startswith(shown) else f"\n{said}")
        sys.stdout.flush()
        shown = said

    yield write
    sys.stdout.write("\n")


@contextmanager
def _server(
    url: str | None, provider_config: Path | None, bot_config: Path | None, other_model: tuple[str, str | None]
) -> Iterator[tuple[str, PoeDoor | None]]:
    """The address of the server to ask: the one that was named, or one that lives as long as the conversation."""
    if url is not None:
        yield url.rstrip("/"), None
        return
    settings = Settings.read().with_changes(
        provider_config=provider_config, bot_config=bot_config, allow_without_key=True, log_level="warning"
    )
    configure_logging(settings, known_secrets(environment()))
    bot, model = other_model
    factory = BotFactory.of_everything(settings) if model is None else factory_with(bot, model, settings)
    app = factory.create_app()
    with serving_in_background(app) as address:
        yield address, app.state.door


def _path_of(bot: str, address: str) -> str:
    try:
        listing = httpx.get(f"{address}/bots", timeout=10)
        bots = listing.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as exc:
        raise ConfigError(f"There is no bot server at {address}: {exc}") from exc
    if bot not in bots:
        raise no_such_bot(bot, bots)
    return str(bots[bot]["path"])


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
