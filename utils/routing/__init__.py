"""Several providers that answer as one. Knows nothing of Poe or of money."""

from .chain import Chain, Target
from .targets import answering_for

__all__ = ["Chain", "Target", "answering_for"]
