"""The keys by which a bot knows that it is Poe who calls."""

import re

from .environment import find_api_key


def access_key_names(bot_name: str, configured: str | None = None) -> tuple[str, ...]:
    """The variables in which the bot's access key may stand, the first one set counts."""
    if configured:
        return (configured,)
    capitals = re.sub(r"[^A-Z0-9]+", "_", bot_name.upper()).strip("_")
    own = (f"POE_ACCESS_KEY_{capitals}",) if capitals else ()
    return (*own, "POE_ACCESS_KEY")


def find_access_key(names: tuple[str, ...]) -> str | None:
    """The access key in the first of these variables that is set, or None."""
    return next((key for name in names if (key := find_api_key(name))), None)
