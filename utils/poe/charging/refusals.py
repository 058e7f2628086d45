"""Why an answer is not paid for.

BotError
└── NotPaid
    ├── CostApiUnavailable      Poe's cost API gave no result: asking again may work
    └── and, no retry:
        ├── InsufficientPoints  the person has too few points left
        └── NotChargeable       the request has nobody who could be charged
"""

from typing import ClassVar

import fastapi_poe as fp

from utils.errors import BotError, BotErrorNoRetry


class NotPaid(BotError):
    """The answer is not paid for."""

    sentence: ClassVar[str] = "This answer is not paid for."

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.sentence)
        self.detail = detail


class CostApiUnavailable(NotPaid):
    """Poe's cost API gave no result, so nobody knows whether the answer is paid for."""

    sentence = "This bot's answers cannot be charged right now, so it does not answer. Please try again in a moment."


class InsufficientPoints(NotPaid, BotErrorNoRetry, fp.InsufficientFundError):
    """The person has too few points left. Poe is told so in its own words, for it is fastapi_poe's error as well."""

    sentence = "You do not have enough points for an answer of this bot."


class NotChargeable(NotPaid, BotErrorNoRetry):
    """The request was not made by a person on Poe, or the server has no access key to charge them with."""

    sentence = "This bot is paid for with points, so it answers only in a chat on Poe."
