"""What a failure means for what is done next: a table, so that it can be read at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass

from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.ledger.budgets import BudgetHeld, BudgetSpent, BudgetUnknown, ProviderBudgetSpent

from .gate import Busy
from .watch import OutOfTime


class Crashed(BrokenStream):
    """The provider's own code failed in a way that it does not know itself; a plugin's, say."""


@dataclass(frozen=True)
class Verdict:
    """Who may be asked after a failure."""

    same: bool = False
    """Asking the same again, after a pause, may help."""
    other_key: bool = False
    """Another key of the same provider may be accepted; it is not a question of the provider."""
    other_target: bool = True
    """Another model or provider may answer."""
    was_asked: bool = True
    """Whether a request has gone out, so that it counts as an attempt."""
    blames_target: bool = False
    """Whether it says something about the health of the target, and not about the question or our account."""


VERDICTS: Mapping[type[ProviderFailure], Verdict] = {
    RateLimited: Verdict(same=True, other_key=True),
    Overloaded: Verdict(same=True, blames_target=True),
    Busy: Verdict(other_key=True, was_asked=False),
    BudgetSpent: Verdict(other_target=False, was_asked=False),
    ProviderBudgetSpent: Verdict(was_asked=False),
    BudgetHeld: Verdict(was_asked=False),
    BudgetUnknown: Verdict(other_target=False, was_asked=False),
    Unreachable: Verdict(same=True, blames_target=True),
    # Who has been silent for so long is not asked a second time while a person waits.
    TimedOut: Verdict(blames_target=True),
    # An answer may take until then and its target be well; that nobody is asked any more is known to the plan.
    OutOfTime: Verdict(),
    BrokenStream: Verdict(same=True, blames_target=True),
    # The same question would meet the same mistake in its code.
    Crashed: Verdict(blames_target=True),
    KeyMissing: Verdict(other_key=True, was_asked=False),
    KeyRefused: Verdict(other_key=True),
    QuotaExhausted: Verdict(other_key=True),
    ModelNotFound: Verdict(),
    ContextTooLong: Verdict(),
    ContentRefused: Verdict(other_target=False),
    RequestRejected: Verdict(other_target=False),
    ProviderFailure: Verdict(same=True, blames_target=True),
}
"""By the class of the failure; a subclass that is not here is like the nearest one above it."""

_REFUSAL_MAY_DIFFER = Verdict()


def verdict_on(failure: ProviderFailure, *, refusal_falls_back: bool = False) -> Verdict:
    """What to do after this failure. Content that one model refuses is given to another only where that is wanted."""
    if refusal_falls_back and isinstance(failure, ContentRefused):
        return _REFUSAL_MAY_DIFFER
    return next(VERDICTS[cls] for cls in type(failure).__mro__ if cls in VERDICTS)
