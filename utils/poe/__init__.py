"""The Poe door. Whatever is particular to Poe's protocol stays behind this wall; bots are written against it."""

from .base_bot import BaseBot
from .multi_provider_bot import MultiProviderBot

__all__ = ["BaseBot", "MultiProviderBot"]
