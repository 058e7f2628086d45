"""`config_manager.py add-provider` and `add-bot`: one more entry in one of the two files."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from utils.errors import EditRefused
from utils.keys import access_key_names, find_api_key
from utils.problems import did_you_mean
from utils.providers.catalogue import CATALOGUE, KnownProvider, known_provider
from utils.registry import ProviderConfig
from utils.registry.editing import Add

from .changing import Files, carry_out, refuse


def add_provider(
    name: str, given: Mapping[str, Any], files: Files, *, force: bool, dry_run: bool = False, as_json: bool = False
) -> int:
    """An entry for the provider is in the file. What is known of it need not be given."""
    data = provider_entry(name, given)
    try:
        _refuse_a_key(data)
    except EditRefused as exc:
        return refuse(exc, as_json=as_json)
    if not data.get("api_base") and data.get("kind", "openai") == "openai":
        hint = did_you_mean(name, CATALOGUE)
        message = f"`{name}` is none of the providers that are known by name: give its --api-base too.{hint}"
        return refuse(EditRefused(message), as_json=as_json)
    return carry_out(
        [Add("providers", data, replace=force)],
        files,
        said=f"Provider `{name}` stands in {files.providers}.",
        next_steps=steps_after_provider(name, data),
        dry_run=dry_run,
        as_json=as_json,
    )


def add_bot(
    name: str, given: Mapping[str, Any], files: Files, *, force: bool, dry_run: bool = False, as_json: bool = False
) -> int:
    """An entry for the bot is in the file."""
    data = {"bot_name": name, **_present(given)}
    return carry_out(
        [Add("bots", data, replace=force)],
        files,
        said=f"Bot `{name}` stands in {files.bots}.",
        next_steps=steps_after_bot(data),
        dry_run=dry_run,
        as_json=as_json,
    )


def provider_entry(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a provider: what is known of it, and over that what was given."""
    known = known_provider(name)
    entry = {"name": name, **(known.facts if known else {}), **_present(given)}
    if known and not given.get("api_key_env") and _is_elsewhere(known, entry.get("api_base")):
        entry.pop("api_key_env", None)  # the key of one host is none of another's business
    if "models" in given and given["models"] and "default_model" not in _present(given):
        entry.pop("default_model", None)  # it need not be among these
    return entry


def headers_of(lines: Sequence[str]) -> dict[str, str]:
    """`Name: value` lines as a mapping. Raises `EditRefused` where there is no colon."""
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise EditRefused('a header is written "Name: value" (one of those given is not; it is not shown here).')
        headers[name.strip()] = value.strip()
    return headers


def listed(values: Sequence[str] | None) -> list[str]:
    """Names that were given one by one, or with commas between."""
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]


def steps_after_provider(name: str, data: Mapping[str, Any]) -> list[str]:
    """What its owner does next."""
    known = known_provider(name)
    variables = data.get("api_key_env") or []
    names = [variables] if isinstance(variables, str) else list(variables)
    steps = []
    if known and known.api_key_env and not names:
        steps.append(f"its address is not that of {known.title}, and so it gets no key: --api-key-env names one for it")
    if names and not any(find_api_key(variable) for variable in names):
        where = f" (a key is had at {known.key_url})" if known and known.key_url else ""
        steps.append(f"set its key: python config_manager.py keys set {names[0]}, or a line in .env{where}")
    return [*steps, f"a bot on it: python config_manager.py add-bot MyBot --provider {shlex.quote(name)}"]


def steps_after_bot(data: Mapping[str, Any]) -> list[str]:
    """What its owner does next."""
    name = str(data["bot_name"])
    path = data.get("path") or f"/{name}"
    variable = access_key_names(name, data.get("access_key_env"))[0]
    return [
        f"talk to it: python config_manager.py chat {shlex.quote(name)}",
        f"put it online: make deploy; its Server URL on https://poe.com/create_bot?server=1 ends in {path}",
        f"the access key that Poe shows there goes into {variable} (.env here, the secret on Modal)",
    ]


def _is_elsewhere(known: KnownProvider, address: str | None) -> bool:
    """Whether the address is on another host than the provider's own; one that has a variable is its owner's to say."""
    if "${" in known.api_base or not known.api_base:
        return False
    return urlsplit(address or "").hostname != urlsplit(known.api_base).hostname


def _present(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}


def _refuse_a_key(data: Mapping[str, Any]) -> None:
    """Before anything is shown or written: a diff would repeat what may be a key."""
    try:
        ProviderConfig.model_validate({"name": "x", "enabled": False, "api_key_env": data.get("api_key_env")})
    except ValidationError as exc:
        message = str(exc.errors(include_input=False)[0]["ctx"]["error"])
        raise EditRefused(f"`api_key_env`: {message}.") from None
