"""Why an answer is not begun for reasons of money. None of it says anything of a provider or a key.

ProviderFailure
├── BudgetSpent              used up until a new period begins; nobody else may answer for the bot either
│   └── ProviderBudgetSpent  used up for this provider: another one may answer
├── BudgetHeld               answers that are under way may need what is left: in a moment it is known
└── BudgetUnknown            what was spent cannot be looked up, and the owner wants no answers then
"""

from utils.errors import BotErrorNoRetry, ProviderFailure


class BudgetSpent(ProviderFailure, BotErrorNoRetry):
    """Nothing is left until `begins`, such as `2026-12-01 00:00 UTC`."""

    def __init__(self, whose: str, begins: str, *, provider: str = "", wait: float | None = None) -> None:
        super().__init__(f"the budget of {whose} is used up until {begins}", provider=provider)
        self.begins = begins
        self.wait_seconds = wait
        """Until then, where it is known."""


class ProviderBudgetSpent(BudgetSpent):
    """Nothing is left for this provider."""


class BudgetHeld(ProviderFailure):
    """Ask again when those answers are over."""


class BudgetUnknown(ProviderFailure):
    """Ask again when the store is back."""
