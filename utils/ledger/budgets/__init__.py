"""How much may be spent, and what was: money is reserved before an answer and settled after it."""

from .budgeted import Budgeted, expected_of_texts
from .budgets import Budgets, Limit
from .in_database import InDatabase
from .purse import Amount, Period, Purse, PurseState
from .refusals import BudgetHeld, BudgetSpent, BudgetUnknown, ProviderBudgetSpent
from .store import BudgetStore, InMemory
from .till import Till

__all__ = [
    "Amount",
    "BudgetHeld",
    "BudgetSpent",
    "BudgetStore",
    "BudgetUnknown",
    "Budgeted",
    "Budgets",
    "InDatabase",
    "InMemory",
    "Limit",
    "Period",
    "ProviderBudgetSpent",
    "Purse",
    "PurseState",
    "Till",
    "expected_of_texts",
]
