"""Poe is told of the bots' settings, for it does not ask for them by itself when they change.

Only an owner starts this, never a server: at every cold start it would stand between Poe and its first word.

round      every bot once, and what became of it
document   a bot's settings as the JSON that is sent
endpoint   Poe's address for them, asked with patience
address    an address that does not show the key in it
echo       what Poe's reply says about what it has kept
memory     what was sent the last time
"""

from .endpoint import POE, Endpoint
from .memory import STATE, SyncedSettings
from .round import Outcome, sync_round

__all__ = ["POE", "STATE", "Endpoint", "Outcome", "SyncedSettings", "sync_round"]
