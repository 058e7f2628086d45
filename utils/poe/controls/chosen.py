"""What a person chose with the controls. Other bots and callers of Poe's API may send anything under these names."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import fastapi_poe as fp
from fastapi_poe import types

from utils.registry import BotConfig, ProviderRegistry

from ..words import Text
from .grammar_check import ratio
from .joined import owners_controls
from .model_offers import offer_of, offers, own_offer
from .outline import parts
from .ready_made import COOLEST, EFFORTS, HOTTEST, MODELS_OWN_EFFORT, most_tokens
from .values import WrongChoice, number, option, switch, text


@dataclass(frozen=True)
class Chosen:
    """None means: not chosen, so the bot's own configuration holds."""

    provider: str | None = None
    """With `model`: another one than the bot's own. Both are None while the bot's own answers."""
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None
    system_message: str | None = None
    """What is to be added to the bot's own instructions."""
    show_reasoning: bool | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    """The values of the owner's own controls, with their defaults where nothing was chosen."""


def parameters_of(request: fp.QueryRequest) -> Mapping[str, Any]:
    """What the person sent along with their last message."""
    last = next((message for message in reversed(request.query) if message.role == "user"), None)
    return last.parameters if last else {}


def chosen(parameters: Mapping[str, Any], config: BotConfig, registry: ProviderRegistry) -> Chosen:
    """What was chosen with the bot's controls; anything else that was sent has no effect.

    Raises `WrongChoice`, in words for the person, on a value that the control does not have.
    """
    sent = {name: value for name, value in parameters.items() if value is not None}
    picked: dict[str, Any] = {}
    for name in config.controls:
        if name in sent:
            picked.update(_READING[name](sent[name], config, registry))
    return Chosen(**picked, own=_owners_values(sent, owners_controls(config)))


_Picked = Mapping[str, Any]


def _model(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    offer = offer_of(value, config, registry) if isinstance(value, str) else None
    offered = offers(config, registry)
    if offer not in offered:
        raise WrongChoice(Text.NO_SUCH_MODEL, offered=", ".join(known.value for known in offered))
    return {} if offer == own_offer(config, registry) else {"provider": offer.provider, "model": offer.model}


def _temperature(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    return {"temperature": float(number("temperature", value, COOLEST, HOTTEST))}


def _max_tokens(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    return {"max_tokens": int(number("max_tokens", value, 1, most_tokens(config)))}


def _reasoning_effort(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    effort = option("reasoning_effort", value, EFFORTS)
    return {} if effort == MODELS_OWN_EFFORT else {"reasoning_effort": effort}


def _system_message(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    return {"system_message": text("system_message", value).strip() or None}


def _show_reasoning(value: Any, config: BotConfig, registry: ProviderRegistry) -> _Picked:
    return {"show_reasoning": switch("show_reasoning", value)}


_READING: Mapping[str, Callable[[Any, BotConfig, ProviderRegistry], _Picked]] = {
    "model": _model,
    "temperature": _temperature,
    "max_tokens": _max_tokens,
    "reasoning_effort": _reasoning_effort,
    "system_message": _system_message,
    "show_reasoning": _show_reasoning,
}


def _owners_values(sent: Mapping[str, Any], controls: Mapping[str, Any] | None) -> dict[str, Any]:
    declared: dict[str, list[Any]] = {}
    for part in parts(controls or {}):
        if part.parameter_name is not None and part.kind is not None:
            declared.setdefault(part.parameter_name, []).append(part.kind.model_validate(part.data))
    values = {name: _value(name, sent.get(name), same_name) for name, same_name in declared.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(name: str, value: Any, controls: list[Any]) -> Any:
    """What was sent, as the first of the controls that takes it reads it: a condition may show one or another."""
    if value is None:
        return controls[0].default_value
    *others, last = controls
    for control in others:
        with suppress(WrongChoice):
            return _READING_KIND[type(control)](name, value, control)
    return _READING_KIND[type(last)](name, value, last)


def _slider(name: str, value: Any, control: Any) -> float:
    found = number(name, value, control.min_value, control.max_value)
    is_whole = all(isinstance(each, int) for each in (control.min_value, control.max_value, control.step))
    return round(found) if is_whole else found


_READING_KIND: Mapping[type[Any], Callable[[str, Any, Any], Any]] = {
    types.TextField: lambda name, value, control: text(name, value),
    types.TextArea: lambda name, value, control: text(name, value),
    types.ToggleSwitch: lambda name, value, control: switch(name, value),
    types.Slider: _slider,
    types.DropDown: lambda name, value, control: option(name, value, [each.value for each in control.options]),
    types.AspectRatio: lambda name, value, control: option(name, value, [ratio(each) for each in control.options]),
}
