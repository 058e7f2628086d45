"""The doors that are not Poe's: listings, the page for a browser, the API for programs, the operator's own."""

from .admission import Admission
from .api import create_api
from .api_door import ApiDoor
from .asking import Asking
from .catalogue import Catalogue, ServedBot
from .chat import Keeping, chat_door
from .openai_api import openai_door
from .operator import OperatorDoor
from .overview import BotCard, Overview, ProviderCard, TargetCard, target_card

__all__ = [
    "Admission",
    "ApiDoor",
    "Asking",
    "BotCard",
    "Catalogue",
    "Keeping",
    "OperatorDoor",
    "Overview",
    "ProviderCard",
    "ServedBot",
    "TargetCard",
    "chat_door",
    "create_api",
    "openai_door",
    "target_card",
]
