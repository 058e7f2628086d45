"""What a model can be shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sight:
    """Whether and how the model sees pictures."""

    sees: bool
    """It sees pictures at all."""
    takes_urls: bool
    """It takes pictures by their https address; else their data goes inside the request."""
