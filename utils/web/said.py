"""What has been said of an answer so far."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import Any

from utils.chat import Delta, Image, ToolCall, ToolCallDelta, Usage

_KNOWN_REASONS = frozenset(("stop", "length", "tool_calls", "content_filter", "function_call"))


@dataclass
class Said:
    """Takes in one delta after the other."""

    words: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    calls: dict[int, list[ToolCallDelta]] = field(default_factory=dict)
    usage: Usage | None = None
    finish_reason: str | None = None

    @classmethod
    async def all_of(cls, deltas: AsyncIterable[Delta]) -> "Said":
        """The whole answer."""
        said = cls()
        async for delta in deltas:
            said.add(delta)
        return said

    def add(self, delta: Delta) -> None:
        """What comes next; or in place of everything, where the answer begins anew."""
        if delta.restarts:
            self.words, self.thoughts, self.images, self.calls, self.usage = [], [], [], {}, None
        if delta.text:
            self.words.append(delta.text)
        if delta.reasoning:
            self.thoughts.append(delta.reasoning)
        self.images += delta.images
        for call in delta.tool_calls:
            self.calls.setdefault(call.index, []).append(call)
        self.usage = delta.usage or self.usage
        self.finish_reason = delta.finish_reason or self.finish_reason

    @property
    def text(self) -> str:
        """The words."""
        return "".join(self.words)

    @property
    def reasoning(self) -> str:
        """The thoughts."""
        return "".join(self.thoughts)

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls, in their order."""
        return [_joined(pieces) for _, pieces in sorted(self.calls.items())]

    @property
    def reason(self) -> str:
        """Why it ended, in a word of OpenAI's."""
        return known_reason(self.finish_reason)


def known_reason(reason: str | None) -> str:
    """The reason in a word that every client knows."""
    return reason if reason in _KNOWN_REASONS else "stop"


def _joined(pieces: list[ToolCallDelta]) -> ToolCall:
    def first(name: str) -> Any:
        return next((value for piece in pieces if (value := getattr(piece, name))), None)

    arguments = "".join(piece.arguments for piece in pieces)
    return ToolCall(first("id") or "", first("name") or "", arguments or "{}", first("signature"))


def usage_json(usage: Usage) -> dict[str, Any]:
    """The count of tokens, as OpenAI writes it."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        **({"cost": float(usage.cost)} if usage.cost is not None else {}),
    }
