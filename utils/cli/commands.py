"""The commands of config_manager.py. Each hands over to a module of its own, which is loaded only then."""

from pathlib import Path
from typing import Annotated

import typer

from .editing_commands import EDITING
from .keys_commands import keys
from .ledger_commands import ledger

commands = typer.Typer(
    help="Look after the bots of this server.", no_args_is_help=True, add_completion=False, rich_markup_mode="rich"
)

_ProviderFile = Annotated[
    Path | None, typer.Option("--provider-config", help="The providers; by default config/providers.yaml.")
]
_BotFile = Annotated[Path | None, typer.Option("--bot-config", help="The bots; by default config/bots.yaml.")]


commands.add_typer(keys, name="keys")
commands.add_typer(ledger, name="ledger")


@commands.callback()
def _every_command_has_a_name() -> None:
    """Look after the bots of this server."""


@commands.command()
def check(
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Say what is wrong with the configuration. Exits with 1 when something is, so that it can guard a deploy."""
    from .check import check_configuration

    raise typer.Exit(check_configuration(provider_config, bot_config, strict=strict, as_json=as_json))


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
    model: Annotated[
        str | None, typer.Option(help="Another model than the bot's own: `model`, an alias, or `provider:model`.")
    ] = None,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Chat with a bot in this terminal, through the same door as Poe."""
    from .chat import chat_with

    raise typer.Exit(
        chat_with(bot, message, url=url, key=key, model=model, provider_config=provider_config, bot_config=bot_config)
    )


@commands.command()
def models(
    provider: Annotated[str, typer.Argument(help="The name of the provider, such as groq.")],
    live: Annotated[bool, typer.Option("--live", help="Ask the provider for its own list, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    provider_config: _ProviderFile = None,
) -> None:
    """List the models of a provider, with what is known of them."""
    from .list_models import list_models

    raise typer.Exit(list_models(provider, live=live, as_json=as_json, provider_config=provider_config))


@commands.command("test")
def try_out(
    providers: Annotated[
        list[str] | None, typer.Argument(help="Their names, such as groq; all that have a key when none is named.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    provider_config: _ProviderFile = None,
) -> None:
    """Ask each provider one tiny question: how fast it is, what it costs, and what to do where it fails."""
    from .try_providers import try_providers

    raise typer.Exit(try_providers(providers or (), as_json=as_json, provider_config=provider_config))


@commands.command()
def sync(
    bots: Annotated[
        list[str] | None, typer.Argument(help="Their names, such as DemoBot; all when none is named.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Send also what has not changed since the last time.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="What was sent the last time; by default data/synced-settings.json.")
    ] = None,
    poe: Annotated[str, typer.Option("--poe", hidden=True)] = "https://api.poe.com/bot",
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Tell Poe of the settings of your bots that have changed: it does not ask for them by itself."""
    from .sync import sync_settings

    raise typer.Exit(
        sync_settings(
            bots or (),
            dry_run=dry_run,
            force=force,
            as_json=as_json,
            state=state,
            poe=poe,
            provider_config=provider_config,
            bot_config=bot_config,
        )
    )


@commands.command()
def doctor(
    url: Annotated[str, typer.Argument(help="The bot's address, such as https://you--poe-bots.modal.run/DemoBot.")],
    key: Annotated[
        str | None, typer.Option(help='Its access key, for example "$POE_ACCESS_KEY". It is sent to URL only.')
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only these checks, such as bad-json or 'answer*'; may be repeated.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="How long a check may take, in seconds.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Play Poe against a running bot and say which rules of the protocol it keeps. It asks some 25 questions."""
    from .doctor import examine_bot

    raise typer.Exit(examine_bot(url, key, only or (), timeout_seconds=timeout, as_json=as_json))


@commands.command()
def usage(
    by: Annotated[
        str, typer.Option("--by", help="day, bot, provider, model, user, variant or outcome.", metavar="WHAT")
    ] = "day",
    first: Annotated[
        str | None, typer.Option("--from", help="The first day, such as 2026-01-01; by default 30 days ago.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, in UTC as well; by default today.")] = None,
    bot: Annotated[str | None, typer.Option("--bot", help="Only this bot.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="Only this person, under the name in the ledger.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Say it as a table for a spreadsheet.")] = False,
    url: Annotated[
        str | None, typer.Option(help="A running server, such as https://you--poe-bots.modal.run; by default this one.")
    ] = None,
    admin_key_env: Annotated[
        str, typer.Option("--admin-key-env", help="The variable with that server's admin key.", metavar="NAME")
    ] = "ADMIN_KEY",
) -> None:
    """Show what the answers took and cost: requests, failures, tokens, money and times."""
    from .usage import show_usage

    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")

    words = {"by": by, "from": first, "to": last, "bot": bot, "user": user}
    form = "json" if as_json else "csv" if as_csv else "table"
    raise typer.Exit(show_usage(words, form=form, url=url, admin_key_env=admin_key_env))


for _name, _command in EDITING.items():
    commands.command(_name)(_command)
