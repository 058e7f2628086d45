"""What an owner is told who names a bot that is not there."""

from collections.abc import Collection

from utils.errors import ConfigError
from utils.problems import did_you_mean


def no_such_bot(name: str, served: Collection[str]) -> ConfigError:
    """The error to raise, with the nearest name and all that are served."""
    known = ", ".join(served) or "none"
    return ConfigError(f"There is no bot `{name}`.{did_you_mean(name, served)} These are served: {known}.")
