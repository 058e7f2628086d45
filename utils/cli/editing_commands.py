"""The commands that look into the two files and change them. Each hands over to a module of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

_ProviderFile = Annotated[
    Path | None, typer.Option("--provider-config", help="The providers; by default config/providers.yaml.")
]
_BotFile = Annotated[Path | None, typer.Option("--bot-config", help="The bots; by default config/bots.yaml.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change, as a diff.")]
_Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


_Type = Annotated[
    Literal["providers", "bots"] | None, typer.Option("--type", help="Only in the file of providers, or of bots.")
]


def add_provider(
    known: Annotated[str | None, typer.Argument(help="The name; a known one such as groq needs nothing more.")] = None,
    name: Annotated[str | None, typer.Option(help="The same as an option.")] = None,
    api_base: Annotated[str | None, typer.Option(help="Where its API is, such as https://api.deepseek.com/v1.")] = None,
    api_key_env: Annotated[
        list[str] | None, typer.Option(help="The *name* of the variable with its key; several make a pool.")
    ] = None,
    default_model: Annotated[str | None, typer.Option(help="The model of bots that name none.")] = None,
    models: Annotated[list[str] | None, typer.Option(help="Its models, with commas between, or repeated.")] = None,
    api_version: Annotated[str | None, typer.Option(help="For Azure: the dated version of its API.")] = None,
    headers: Annotated[list[str] | None, typer.Option(help='Sent along, as "Name: value"; may be repeated.')] = None,
    kind: Annotated[str | None, typer.Option(help="How it is spoken to: openai, azure, bedrock, …")] = None,
    timeout: Annotated[float | None, typer.Option(help="The longest silence, in seconds.")] = None,
    organization_id: Annotated[str | None, typer.Option(help="For OpenAI: who is billed.")] = None,
    profile: Annotated[str | None, typer.Option(help="Whose peculiarities it has.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the provider of that name.")] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Add a provider. Those that are known need their name only: `add-provider groq`."""
    from utils.errors import EditRefused

    from . import adding
    from .changing import Files, refuse

    try:
        sent = adding.headers_of(headers or ())
    except EditRefused as exc:
        raise typer.Exit(refuse(exc, as_json=as_json)) from exc
    given = {
        "kind": kind,
        "api_base": api_base,
        "api_key_env": _one_or_more(adding.listed(api_key_env)),
        "default_model": default_model,
        "models": adding.listed(models),
        "timeout": _whole(timeout),
        "headers": sent,
        "api_version": api_version,
        "organization_id": organization_id,
        "profile": profile,
    }
    files = Files.of(provider_config, bot_config)
    raise typer.Exit(
        adding.add_provider(_name(known, name), given, files, force=force, dry_run=dry_run, as_json=as_json)
    )


def add_bot(
    bot: Annotated[str | None, typer.Argument(help="The name, the same as on Poe.")] = None,
    name: Annotated[str | None, typer.Option(help="The same as an option.")] = None,
    provider: Annotated[str | None, typer.Option(help="Which provider answers.")] = None,
    model: Annotated[str | None, typer.Option(help="Which of its models; by default its default_model.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is good for, in a sentence.")] = None,
    temperature: Annotated[float | None, typer.Option(help="How freely it answers, from 0 to 2.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="The longest answer, in tokens.")] = None,
    system_message: Annotated[str | None, typer.Option(help="What the model is told first.")] = None,
    fallbacks: Annotated[list[str] | None, typer.Option(help="Who answers when the provider fails.")] = None,
    path: Annotated[str | None, typer.Option(help="Where it is served; by default /NAME.")] = None,
    bot_class: Annotated[str | None, typer.Option(help="The class that it is made of.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the bot of that name.")] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Add a bot."""
    from . import adding
    from .changing import Files

    if provider is None:
        raise typer.BadParameter("say which provider answers.", param_hint="--provider")
    given = {
        "provider": provider,
        "model": model,
        "bot_description": description,
        "temperature": _whole(temperature),
        "max_tokens": max_tokens,
        "system_message": system_message,
        "fallbacks": adding.listed(fallbacks),
        "path": path,
        "bot_class": bot_class,
    }
    files = Files.of(provider_config, bot_config)
    raise typer.Exit(adding.add_bot(_name(bot, name), given, files, force=force, dry_run=dry_run, as_json=as_json))


def list_entries(
    type_: _Type = None, as_json: _Json = False, provider_config: _ProviderFile = None, bot_config: _BotFile = None
) -> None:
    """Show the providers and the bots, and whether they are ready."""
    from . import listing
    from .changing import Files

    section = type_
    raise typer.Exit(listing.list_entries(section, Files.of(provider_config, bot_config), as_json=as_json))


def remove(
    name: Annotated[str, typer.Argument(help="The provider, or the bot.")],
    type_: _Type = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also a provider that bots need.")] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Take out a provider, or a bot."""
    from .changing import Files
    from .removing import remove_entry

    section, files = type_, Files.of(provider_config, bot_config)
    raise typer.Exit(remove_entry(name, section, files, sure=yes, force=force, dry_run=dry_run, as_json=as_json))


def set_field(
    entry: Annotated[str, typer.Argument(help="The provider, or the bot.")],
    field: Annotated[str, typer.Argument(help="The field, such as temperature or poe.introduction_message.")],
    value: Annotated[str | None, typer.Argument(help="Its value, as it would stand in the file.")] = None,
    type_: _Type = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take the field out.")] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Give one field of a provider, or of a bot, a value: `set GPTBot temperature 0.4`."""
    from . import setting
    from .changing import Files

    section, files = type_, Files.of(provider_config, bot_config)
    raise typer.Exit(
        setting.set_field(entry, field, value, section, files, unset=unset, dry_run=dry_run, as_json=as_json)
    )


def init(
    provider: Annotated[list[str] | None, typer.Option(help="A provider you have a key for; may be repeated.")] = None,
    bot_name: Annotated[str | None, typer.Option(help="The name of a first bot.")] = None,
    model: Annotated[str | None, typer.Option(help="Its model; by default the provider's.")] = None,
    write_env: Annotated[
        bool, typer.Option("--write-env", help="Add the keys' names to .env, without values.")
    ] = False,
    env_file: Annotated[Path | None, typer.Option(help="The file for keys; by default .env.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask anything.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace entries of the same name.")] = False,
    dry_run: _DryRun = False,
    provider_config: _ProviderFile = None,
    bot_config: _BotFile = None,
) -> None:
    """Ask which providers you have keys for and make a first bot. It adds to the files that are there."""
    from utils.settings import ROOT

    from .adding import listed
    from .changing import Files
    from .init import Wish
    from .init import init as run

    wish = Wish(tuple(listed(provider)), bot_name, model, writes_names=write_env)
    files = Files.of(provider_config, bot_config)
    raise typer.Exit(run(wish, files, env_file or ROOT / ".env", sure=yes, force=force, dry_run=dry_run))


EDITING: Mapping[str, Callable[..., Any]] = {
    "init": init,
    "add-provider": add_provider,
    "add-bot": add_bot,
    "list": list_entries,
    "set": set_field,
    "remove": remove,
}
"""The commands of this module by their names."""


def _name(argument: str | None, option: str | None) -> str:
    if argument and option and argument != option:
        raise typer.BadParameter("two names were given.", param_hint="--name")
    if name := argument or option:
        return name
    raise typer.BadParameter("say its name.", param_hint="--name")


def _one_or_more(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names


def _whole(number: float | None) -> float | None:
    """`60` rather than `60.0`, as a person would write it."""
    return int(number) if number is not None and number.is_integer() else number
