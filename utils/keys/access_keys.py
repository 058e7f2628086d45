"""The keys by which a bot knows that it is Poe who calls."""

import re

from .keyring import Keyring


def access_key_names(bot_name: str, configured: str | None = None) -> tuple[str, ...]:
    """The names under which the bot's access key may stand, the first one set counts."""
    if configured:
        return (configured,)
    capitals = re.sub(r"[^A-Z0-9]+", "_", bot_name.upper()).strip("_")
    own = (f"POE_ACCESS_KEY_{capitals}",) if capitals else ()
    return (*own, "POE_ACCESS_KEY")


def find_access_key(names: tuple[str, ...], keyring: Keyring | None = None) -> str | None:
    """The access key under the first of these names that is set, in the environment or the store; or None."""
    keyring = keyring or Keyring()
    return next((key.secret for name in names if (key := keyring.find(name)) and key.secret), None)
