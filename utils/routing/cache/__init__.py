"""Whole answers, kept for a while and given again to who asks exactly the same in the same place.

`Cached` wraps a provider and is one. Only answers that came to their proper end are kept, in memory, in a bounded
`AnswerStore` that is handed in, so that it outlives a reload of the configuration. Knows nothing of money.
"""

from .cached import Cached
from .hit import Hit
from .rules import CacheRules, Scope, parse_ttl
from .store import AnswerStore, Counts

__all__ = ["AnswerStore", "CacheRules", "Cached", "Counts", "Hit", "Scope", "parse_ttl"]
