"""Why an answer is not paid for.

    BotError
    └── NotPaid
        ├── CostApiUnavailable      Poe's cost API gave no result: asking again may work
        └── and, no retry:
            ├── InsufficientPoints  the person has too few points left
            └── NotChargeable       the request has nobody who could be charged

What their messages say of Poe's reply is for the log.
"""

from utils.errors import BotError, BotErrorNoRetry

from ..words import Text


class NotPaid(BotError):
    """The answer is not paid for."""

    text_key = Text.CANNOT_CHARGE


class CostApiUnavailable(NotPaid):
    """Poe's cost API gave no result, so nobody knows whether the answer is paid for."""


class InsufficientPoints(NotPaid, BotErrorNoRetry):
    """The person has too few points left."""

    text_key = Text.NOT_ENOUGH_POINTS
    error_type = "insufficient_fund"


class NotChargeable(NotPaid, BotErrorNoRetry):
    """The request was not made by a person on Poe, or the server has no access key to charge them with."""

    def __init__(self) -> None:
        super().__init__("the query has no bot_query_id, or the server has no access key")
