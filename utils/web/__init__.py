"""The doors that are not Poe's: listings for owners and monitors, the page for a browser, the operator's own."""

from .api import create_api
from .operator import OperatorDoor
from .overview import BotCard, Overview, ProviderCard, TargetCard, target_card

__all__ = ["BotCard", "OperatorDoor", "Overview", "ProviderCard", "TargetCard", "create_api", "target_card"]
