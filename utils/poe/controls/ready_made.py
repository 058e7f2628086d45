"""The controls that `controls:` of bots.yaml asks for by name, in Poe's grammar."""

from collections.abc import Callable, Mapping
from typing import Any

from utils.registry import BotConfig, ProviderRegistry

from .model_offers import offers

COOLEST, HOTTEST = 0, 2
USUAL_TEMPERATURE = 1
MOST_TOKENS = 16_384
"""The longest answer that may be chosen where the bot itself sets no limit."""
MODELS_OWN_EFFORT = "default"
EFFORTS: Mapping[str, str] = {
    MODELS_OWN_EFFORT: "The model's own",
    "low": "Low",
    "medium": "Medium",
    "high": "High",
}


def ready_made(config: BotConfig, registry: ProviderRegistry) -> Mapping[str, Any] | None:
    """One section with the controls that the bot asks for, or None when it asks for none."""
    made = (_MAKING[name](config, registry) for name in dict.fromkeys(config.controls))
    controls = [control for control in made if control is not None]
    return {"api_version": "2", "sections": [{"name": "Options", "controls": controls}]} if controls else None


def most_tokens(config: BotConfig) -> int:
    """The most that may be chosen: what the bot is configured with is the limit that its owner set."""
    return config.max_tokens or MOST_TOKENS


def _model(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any] | None:
    options = [{"value": offer.value, "name": name} for offer, name in offers(config, registry).items()]
    if not options:
        return None
    return {
        "control": "drop_down",
        "label": "Model",
        "description": "Which model answers.",
        "parameter_name": "model",
        "default_value": options[0]["value"],
        "options": options,
    }


def _temperature(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any]:
    return {
        "control": "slider",
        "label": "Temperature",
        "description": "Low is steady and exact, high is varied and inventive.",
        "parameter_name": "temperature",
        "default_value": USUAL_TEMPERATURE if config.temperature is None else config.temperature,
        "min_value": COOLEST,
        "max_value": HOTTEST,
        "step": 0.1,
    }


def _max_tokens(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any]:
    slider = {
        "control": "slider",
        "label": "Longest answer",
        "description": "In tokens: about four letters of English each.",
        "parameter_name": "max_tokens",
        "min_value": 1,
        "max_value": max(2, most_tokens(config)),  # Poe needs a range, even where there is nothing to choose
        "step": 1,
    }
    return slider if config.max_tokens is None else {**slider, "default_value": config.max_tokens}


def _reasoning_effort(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any]:
    return {
        "control": "drop_down",
        "label": "Reasoning effort",
        "description": "How long the model thinks before it answers.",
        "parameter_name": "reasoning_effort",
        "default_value": MODELS_OWN_EFFORT,
        "options": [{"value": value, "name": name} for value, name in EFFORTS.items()],
    }


def _system_message(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any]:
    # The bot's own instructions are its owner's, and are not shown.
    return {
        "control": "text_area",
        "label": "Your instructions",
        "description": "Added to the bot's own instructions.",
        "parameter_name": "system_message",
        "placeholder": "For example: answer in short sentences.",
    }


def _show_reasoning(config: BotConfig, registry: ProviderRegistry) -> dict[str, Any]:
    return {
        "control": "toggle_switch",
        "label": "Show reasoning",
        "description": "Show what the model thinks before it answers.",
        "parameter_name": "show_reasoning",
        "default_value": config.reasoning == "show",
    }


_MAKING: Mapping[str, Callable[[BotConfig, ProviderRegistry], dict[str, Any] | None]] = {
    "model": _model,
    "temperature": _temperature,
    "max_tokens": _max_tokens,
    "reasoning_effort": _reasoning_effort,
    "system_message": _system_message,
    "show_reasoning": _show_reasoning,
}
