"""The doors that are not Poe's: listings, the page for a browser, the API for programs, the operator's own."""

from .admission import Admission
from .api import create_api
from .api_door import ApiDoor
from .asking import Asking
from .catalogue import Catalogue, ServedBot
from .chat import Keeping, chat_door
from .config_editor import ConfigEditor
from .openai_api import openai_door
from .operator import OperatorDoor
from .operator_config import ConfigDesk
from .operator_desk import Desk
from .operator_poe import PoeDesk
from .operator_trials import TrialDesk
from .overview import BotCard, BotOffers, Overview, ProviderCard, TargetCard, target_card
from .pictures import PictureMissing

__all__ = [
    "Admission",
    "ApiDoor",
    "Asking",
    "BotCard",
    "BotOffers",
    "Catalogue",
    "ConfigDesk",
    "ConfigEditor",
    "Desk",
    "Keeping",
    "OperatorDoor",
    "Overview",
    "PictureMissing",
    "PoeDesk",
    "ProviderCard",
    "ServedBot",
    "TargetCard",
    "TrialDesk",
    "chat_door",
    "create_api",
    "openai_door",
    "target_card",
]
