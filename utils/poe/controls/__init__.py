"""What a person may set beside the chat: the controls that Poe shows, and what was chosen with them."""

from .chosen import Chosen, chosen, parameters_of
from .grammar_check import wrong_controls
from .joined import controls_of, owners_controls, wrong_controls_of
from .model_offers import Offer, offers, wrong_model_offers
from .ready_made import ready_made

__all__ = [
    "Chosen",
    "Offer",
    "chosen",
    "controls_of",
    "offers",
    "owners_controls",
    "parameters_of",
    "ready_made",
    "wrong_controls",
    "wrong_controls_of",
    "wrong_model_offers",
]
