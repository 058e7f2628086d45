"""Several providers that answer as one. Knows nothing of Poe or of money."""

from .board import Board
from .chain import Chain
from .lane import Lane, Target
from .policy import Policy
from .probes import Probes
from .routes import Routes

__all__ = ["Board", "Chain", "Lane", "Policy", "Probes", "Routes", "Target"]
