"""`config_manager.py keys …`: the commands for keys. Each hands over to a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

keys = typer.Typer(
    help="Keep API keys and access keys encrypted, see which are missing, and say who may use which.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_ProviderFile = Annotated[
    Path | None, typer.Option("--provider-config", help="The providers; by default config/providers.yaml.")
]
_BotFile = Annotated[Path | None, typer.Option("--bot-config", help="The bots; by default config/bots.yaml.")]
_Name = Annotated[str, typer.Argument(help="The name of the key, such as OPENAI_API_KEY.")]
_Stdin = Annotated[bool, typer.Option("--stdin", help="Read it from standard input instead of asking for it.")]


@keys.command("set")
def set_key(
    name: _Name,
    stdin: _Stdin = False,
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="For a secret with parts: the name of one, such as access_key_id; may be repeated. With --stdin there "
            "is a line for each."
        ),
    ] = None,
) -> None:
    """Keep a key in the encrypted store. You are asked for its value, which is never shown."""
    from .keys_changes import set_in_store

    raise typer.Exit(set_in_store(name, field or (), from_stdin=stdin))


@keys.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Show which keys the configuration uses, where each stands, and which are missing. No value is shown."""
    from .keys_listing import list_all

    raise typer.Exit(list_all(as_json=as_json, provider_config=provider_config, bot_config=bot_config))


@keys.command()
def delete(name: _Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Take a key out of the encrypted store. Exits with 1 when it is not there."""
    from .keys_changes import delete_from_store

    raise typer.Exit(delete_from_store(name, sure=yes))


@keys.command()
def rotate(
    to: Annotated[
        Path | None,
        typer.Option(help="Where KEYS_MASTER_KEY is set: make a new master key, and write it into this new file."),
    ] = None,
    stdin: _Stdin = False,
) -> None:
    """Encrypt every key anew with another master key. The old one is valid until all is done."""
    from .keys_changes import rotate_store

    raise typer.Exit(rotate_store(to, from_stdin=stdin))


@keys.command()
def grant(
    provider: Annotated[str, typer.Argument(help="The name of the provider, such as openai.")],
    caller: Annotated[str, typer.Argument(help="The name of a bot, or the dotted name of a bot class or module.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change, as a diff.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Add a bot, a class or a module to those that may use a provider: to its `allow` in the provider file."""
    from .keys_grant import grant_provider

    raise typer.Exit(
        grant_provider(
            provider,
            caller,
            provider_config=provider_config,
            bot_config=bot_config,
            dry_run=dry_run,
            as_json=as_json,
        )
    )


@keys.command("export-modal")
def export_modal(
    to: Annotated[
        Path | None,
        typer.Option(help="Write the values into this new file, which only you can read, and name it in the command."),
    ] = None,
    secret: Annotated[str, typer.Option(help="The name of the secret on Modal.")] = "poe-bots",  # noqa: S107
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Print the command that puts every key in use into a secret on Modal. It names them; no value is shown."""
    from .keys_export import export

    raise typer.Exit(export(to, secret, provider_config=provider_config, bot_config=bot_config))


@keys.command("create-client")
def create_client(
    name: Annotated[str, typer.Argument(help="A name for the client, such as my-app.")],
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A bot, a provider or provider:model that it may ask; may be repeated. By default all."),
    ] = None,
    rate_limit: Annotated[str | None, typer.Option(help="How often it may ask, such as 20/minute.")] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            help="What its answers may cost, such as '5 usd per day' or '100000 tokens per month'; repeatable."
        ),
    ] = None,
) -> None:
    """Make a key for a program that asks by the API, /v1 and /chat. It is shown once; only its hash is kept."""
    from .keys_clients import create

    raise typer.Exit(create(name, allow or (), rate_limit, budget or ()))


@keys.command("list-clients")
def list_clients(as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False) -> None:
    """Show who may ask by the API, and what. No key is shown: nobody has them but the clients."""
    from .keys_clients import list_all

    raise typer.Exit(list_all(as_json=as_json))


@keys.command("revoke-client")
def revoke_client(name: Annotated[str, typer.Argument(help="The name of the client.")]) -> None:
    """Let a client in no more. It is in force at once."""
    from .keys_clients import revoke

    raise typer.Exit(revoke(name))
