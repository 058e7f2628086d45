"""Several providers that answer as one. Knows nothing of Poe or of money."""

from .chain import Chain, Target
from .targets import answering_for, provider_and_model

__all__ = ["Chain", "Target", "answering_for", "provider_and_model"]
