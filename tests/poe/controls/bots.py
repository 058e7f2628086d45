"""Bots and providers of these tests, as the registries hand them over."""

from typing import Any

from utils.registry import BotConfig, ProviderConfig, ProviderRegistry

PROVIDERS = ProviderRegistry(
    [
        ProviderConfig.model_validate(
            {
                "name": "openai",
                "api_base": "https://api.openai.com/v1",
                "models": ["gpt-6-luna", {"name": "gpt-6.1-terra-2026-10", "alias": "terra"}, "org/own:8b"],
            }
        ),
        ProviderConfig.model_validate({"name": "bare", "api_base": "https://bare.example/v1"}),
    ]
)


def bot(**fields: Any) -> BotConfig:
    """A bot of `openai`, with these fields."""
    return BotConfig.model_validate({"bot_name": "Poet", "provider": "openai", **fields})


def slider(name: str = "size", **more: Any) -> dict[str, Any]:
    """A slider from 0 to 10."""
    whole = {"control": "slider", "label": "Size", "min_value": 0, "max_value": 10, "step": 1}
    return {**whole, "parameter_name": name, **more}


def drop_down(name: str = "style", *values: str, **more: Any) -> dict[str, Any]:
    """A drop-down with these values; `plain` and `rich` unless others are given."""
    options = [{"value": value, "name": value.title()} for value in values or ("plain", "rich")]
    return {"control": "drop_down", "label": "Style", "parameter_name": name, "options": options, **more}


def condition(*controls: Any, left: Any = None, comparator: str = "eq") -> dict[str, Any]:
    """These controls, shown while `style` is `rich` unless another left side is given."""
    asked = {"comparator": comparator, "left": left or {"parameter_name": "style"}, "right": {"literal": "rich"}}
    return {"control": "condition", "condition": asked, "controls": list(controls)}


def showing(*controls: Any) -> dict[str, Any]:
    """`parameter_controls` with one section that holds these."""
    return {"api_version": "2", "sections": [{"controls": list(controls)}]}
