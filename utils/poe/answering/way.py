"""How an answer is shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Reasoning = Literal["hide", "show", "status"]


def thinking_in_english(seconds: int) -> str:
    """What is shown of a model that has been thinking for so long."""
    return f"Thinking… {seconds} s" if seconds else "Thinking…"


@dataclass(frozen=True)
class Way:
    """What the person, or the program that asks, gets to see of an answer."""

    reasoning: Reasoning = "hide"
    """What becomes of thinking: `hide` drops it, `show` quotes it, `status` shows a line while it lasts."""
    with_tools: bool = False
    """Whether the caller offered tools, so that it can read tool calls."""
    thinking_line: Callable[[int], str] = thinking_in_english
    """The line of `status`, given the seconds since the thinking began."""

    def hiding(self) -> "Way":
        """The same way without any thinking."""
        return replace(self, reasoning="hide")
