"""The doors that are not Poe's: listings for owners and monitors, and the page for a browser."""

from .api import create_api
from .overview import BotCard, Overview, ProviderCard

__all__ = ["BotCard", "Overview", "ProviderCard", "create_api"]
