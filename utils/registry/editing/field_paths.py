"""What a person types for a field and its value, as data."""

from collections.abc import Mapping
from typing import Any

import yaml

from utils.errors import EditRefused

from ..bot_config import BotConfig
from ..provider_config import ProviderConfig
from ..yaml_file import Location, parse

_SPECS: Mapping[str, type[ProviderConfig] | type[BotConfig]] = {"providers": ProviderConfig, "bots": BotConfig}
_QUOTED = ("'", '"')
_BRACKETED = ("[", "{")


def field_path(written: str) -> Location:
    """`models.0.alias` as a way into an entry. Raises `EditRefused` where a step is empty."""
    steps = written.split(".")
    if not all(steps):
        raise EditRefused(f"`{written}` is no field; write one such as `temperature` or `poe.introduction_message`.")
    return tuple(int(step) if at and step.isdecimal() else step for at, step in enumerate(steps))


def value_of(written: str, section: str, field: Location) -> Any:
    """The value as YAML has it. What is no list, mapping, number or switch is text just as it stands."""
    try:
        value = plain(parse(written))
    except yaml.YAMLError as exc:
        if written.lstrip().startswith(_BRACKETED):
            raise EditRefused(f"the value of `{field[0]}` is no valid YAML: a bracket or a quote is missing.") from exc
        return written
    is_meant_as_yaml = written.lstrip().startswith((*_QUOTED, *_BRACKETED)) and isinstance(value, str | list | dict)
    if is_meant_as_yaml or value is None:
        return value
    if isinstance(value, str | list | dict) or (len(field) == 1 and _is_text(section, str(field[0]))):
        return written
    return value


def plain(value: Any) -> Any:
    """A copy of what was read, of ordinary dictionaries and lists."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def _is_text(section: str, field: str) -> bool:
    info = _SPECS[section].model_fields.get(field)
    return info is not None and info.annotation in (str, str | None)
