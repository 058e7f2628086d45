"""What there is to be measured, each with its unit and with how a person reads it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from ..chat.numbers import dollars, seconds
from .sums import Sums


class Measure(NamedTuple):
    """Something that a group has more or less of."""

    title: str
    icon: str
    axis: str
    """What stands at the axis, with the unit."""
    format: str
    """How an axis writes a number, in the way of d3; `digits` are those behind the point, `cents` those of
    money, `fewer` those of percent."""
    exactly: str
    """The same for a single number."""
    of: Callable[[Sums], float | None]
    adds_up: bool
    """Whether the groups together are the whole."""
    in_words: Callable[[Sums], str]
    more_is: Literal["off", "inverse", "normal"] = "off"
    """How an increase is to be taken: `inverse` for bad news, `normal` for good news."""
    is_share: bool = False
    """Whether it is a part of a whole, of which a change is told in percentage points."""
    help: str = ""


def many(number: float) -> str:
    """A count that is short: 950, 12.3k, 4.1M."""
    for least, size, letter in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if number >= least:
            return f"{number / size:.1f}".removesuffix(".0") + letter
    return f"{number:,.0f}"


def percent(share: float) -> str:
    """A share of a hundred."""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share * 100:.1f}%" if 0 < share < 0.1 else f"{share * 100:.0f}%"


def _cost(sums: Sums) -> str:
    said = dollars(sums.cost)
    return f"{said} + ?" if sums.unknown_cost else said


def _first_word(sums: Sums) -> str:
    return "none" if sums.first_content_p50 is None else seconds(sums.first_content_p50)


def _errors(sums: Sums) -> str:
    return "none" if sums.error_rate is None else percent(sums.error_rate)


def _saved(sums: Sums) -> str:
    return "unknown" if sums.saved_cost is None else dollars(sums.saved_cost)


MONEY = Measure(
    *("Money", ":material/payments:", "US dollars a day", "$,.{cents}f", "$,.6~f"),
    of=lambda sums: float(sums.cost),
    adds_up=True,
    in_words=_cost,
    help="A `?` stands for attempts of which nobody knows what they cost: their model has no price.",
)
REQUESTS = Measure(
    *("Requests", ":material/forum:", "Requests a day", ",~s", ","),
    of=lambda sums: sums.requests,
    adds_up=True,
    in_words=lambda sums: many(sums.requests),
    help="Questions that were asked; further attempts at the same question do not count.",
)
TOKENS = Measure(
    *("Tokens", ":material/notes:", "Tokens a day", ",~s", ","),
    of=lambda sums: sums.tokens,
    adds_up=True,
    in_words=lambda sums: many(sums.tokens),
    help="Those sent and those answered.",
)
FIRST_WORD = Measure(
    *("First word", ":material/bolt:", "Seconds to the first word, median", ",.{digits}f", ",.3~f"),
    of=lambda sums: sums.first_content_p50,
    adds_up=False,
    in_words=_first_word,
    more_is="inverse",
    help="Half of the answers began sooner than this.",
)
ERRORS = Measure(
    *("Failed attempts", ":material/error:", "Attempts that failed", ".{fewer}%", ".1%"),
    of=lambda sums: sums.error_rate,
    adds_up=False,
    in_words=_errors,
    more_is="inverse",
    is_share=True,
    help="Attempts that failed, of those that came to an end. Another attempt may have saved the answer.",
)
SAVED = Measure(
    *("Cache savings", ":material/savings:", "US dollars saved a day", "$,.{cents}f", "$,.6~f"),
    of=lambda sums: None if sums.saved_cost is None else float(sums.saved_cost),
    adds_up=True,
    in_words=_saved,
    more_is="normal",
    help="What the answers out of the server's cache would have cost at the average price of a token.",
)
MEASURES = {each.title: each for each in (MONEY, REQUESTS, TOKENS, FIRST_WORD, ERRORS, SAVED)}
