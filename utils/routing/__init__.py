"""Several providers that answer as one. Knows nothing of Poe or of money."""

from .chain import Chain, Target

__all__ = ["Chain", "Target"]
