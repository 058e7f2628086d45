"""Reading values that anybody may have sent: clamped where that makes sense, refused in plain words where not."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from utils.errors import BotErrorNoRetry

from ..words import Text, say

LONGEST_TEXT = 20_000
_LONGEST_NUMBER = 64
_SWITCHES: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class WrongChoice(BotErrorNoRetry):
    """What was sent with a control is none of what it offers."""

    error_type = "user_caused_error"

    def __init__(self, text: Text, **values: object) -> None:
        super().__init__(say(text, **values))
        self.text_key = text
        vars(self).update(values)


def number(name: str, value: Any, low: float, high: float) -> float:
    """The number, or the nearest one in the range."""
    found = _parsed(value.strip()) if isinstance(value, str) else value
    # `math.isnan` has no room for the integers that JSON has room for.
    if isinstance(found, bool) or not isinstance(found, int | float) or not -math.inf <= found <= math.inf:
        raise WrongChoice(Text.NO_NUMBER, name=name, low=low, high=high)
    return min(max(found, low), high)


def switch(name: str, value: Any) -> bool:
    """Whether it is on."""
    word = value.strip().lower() if isinstance(value, str) else str(int(value)) if value in (0, 1) else ""
    if word not in _SWITCHES:
        raise WrongChoice(Text.NO_SWITCH, name=name)
    return _SWITCHES[word]


def text(name: str, value: Any) -> str:
    """The text, such that it can be written as UTF-8."""
    if not isinstance(value, str):
        raise WrongChoice(Text.NO_TEXT, name=name)
    if len(value) > LONGEST_TEXT:
        raise WrongChoice(Text.TEXT_TOO_LONG, name=name, longest=f"{LONGEST_TEXT:,}")
    return value.encode("utf-8", "replace").decode("utf-8")


def option(name: str, value: Any, offered: Collection[str]) -> str:
    """The value, which is one of those offered."""
    if isinstance(value, str) and value in offered:
        return value
    raise WrongChoice(Text.NO_SUCH_CHOICE, name=name, offered=", ".join(offered))


def _parsed(digits: str) -> float | None:
    try:
        return float(digits) if len(digits) <= _LONGEST_NUMBER else None
    except ValueError:
        return None
