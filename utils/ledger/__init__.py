"""What each answer has cost: records, prices, budgets and summaries. It holds no word of what was said."""

from .ledger import Forgetful, Ledger
from .record import UsageRecord

__all__ = ["Forgetful", "Ledger", "UsageRecord"]
