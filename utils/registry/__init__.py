"""YAML in, frozen specs out. Raw YAML exists in this room only; past it everything is checked and typed."""

from .bot_config import BotConfig
from .bot_config_registry import BotConfigRegistry
from .profile import PROFILE_NAMES, ModelProfile, Profile, ProfileName
from .provider_config import ModelConfig, ProviderConfig
from .provider_registry import ProviderRegistry

__all__ = [
    "PROFILE_NAMES",
    "BotConfig",
    "BotConfigRegistry",
    "ModelConfig",
    "ModelProfile",
    "Profile",
    "ProfileName",
    "ProviderConfig",
    "ProviderRegistry",
]
