"""The ready-made controls and the owner's own, as the one set that Poe shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from utils.registry import BotConfig, ProviderRegistry

from .findings import Finding
from .grammar_check import wrong_controls
from .model_offers import wrong_model_offers
from .ready_made import ready_made


def controls_of(config: BotConfig, registry: ProviderRegistry) -> Mapping[str, Any] | None:
    """What Poe is told to show: the ready-made section and then the owner's, or None."""
    both = [ready_made(config, registry), owners_controls(config)]
    sections = [section for controls in both if controls for section in controls["sections"]]
    return {"api_version": "2", "sections": sections} if sections else None


def owners_controls(config: BotConfig) -> Mapping[str, Any] | None:
    """The controls that the owner wrote, under `parameter_controls:` or inside `poe:`."""
    return config.parameter_controls or config.poe.get("parameter_controls")


def wrong_controls_of(config: BotConfig, registry: ProviderRegistry) -> Iterator[Finding]:
    """What is wrong with all that the bot lets a person choose, each with its place in the bot's entry."""
    yield from wrong_model_offers(config, registry)
    if config.parameter_controls is not None:
        for sentence, place in wrong_controls(config.parameter_controls, before=ready_made(config, registry)):
            yield sentence, ("parameter_controls", *place)
    if config.poe.get("parameter_controls") is not None and (config.controls or config.parameter_controls is not None):
        sentence = (
            "`poe.parameter_controls` would hide `controls` and `parameter_controls`;"
            " move what it holds to `parameter_controls`."
        )
        yield sentence, ("poe", "parameter_controls")
