"""The commands of config_manager.py. Each hands over to a module of its own, which is loaded only then."""

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(
    help="Look after the bots of this server.", no_args_is_help=True, add_completion=False, rich_markup_mode="rich"
)

_ProviderFile = Annotated[
    Path | None, typer.Option("--provider-config", help="The providers; by default config/providers.yaml.")
]
_BotFile = Annotated[Path | None, typer.Option("--bot-config", help="The bots; by default config/bots.yaml.")]


@commands.callback()
def _every_command_has_a_name() -> None:
    """Look after the bots of this server."""


@commands.command()
def check(
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Say what is wrong with the configuration. Exits with 1 when something is, so that it can guard a deploy."""
    from .check import check_configuration

    raise typer.Exit(check_configuration(provider_config, bot_config, strict=strict))


@commands.command()
def chat(
    bot: Annotated[str, typer.Argument(help="The name of the bot, such as DemoBot.")],
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", help="Ask this one thing and print the answer, instead of chatting."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="A running server, such as https://you--poe-bots.modal.run; by default its own.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The bot's Poe access key; by default POE_ACCESS_KEY_<NAME> or POE_ACCESS_KEY.")
    ] = None,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Chat with a bot in this terminal, through the same door as Poe."""
    from .chat import chat_with

    raise typer.Exit(chat_with(bot, message, url=url, key=key, provider_config=provider_config, bot_config=bot_config))
