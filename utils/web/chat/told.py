"""What is told of answers and of messages that are kept."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import to_builtins

from utils.chat import Usage
from utils.ledger.chat_turns import Tried, Turn
from utils.ledger.chats import Conversation
from utils.ledger.record import UsageRecord


def usage_told(usage: Usage | None) -> dict[str, int] | None:
    """The count of tokens; None where nobody has counted."""
    return None if usage is None else {name: getattr(usage, name) for name in _COUNTS}


def money(cost: Decimal | None) -> str | None:
    """The amount in dollars, exactly."""
    return None if cost is None else format(cost.normalize(), "f")


def tried(record: UsageRecord) -> Tried:
    """The attempt of this record."""
    return Tried(record.provider, record.model or None, record.outcome, record.error or None, round(record.seconds, 3))


def attempts_told(turn: Turn) -> list[dict[str, Any]]:
    """All attempts at this answer."""
    return [to_builtins(each) for each in turn.attempts]


def turn_told(turn: Turn) -> dict[str, Any]:
    """A message that is kept, with what is known of it."""
    told: dict[str, Any] = {"role": turn.role, "text": turn.text, "at": turn.at}
    if turn.role == "assistant":
        told["attempts"] = attempts_told(turn)
        counted = turn.input_tokens is not None or turn.output_tokens is not None
        told |= {name: getattr(turn, name) for name in _AS_KEPT}
        usage = {name: getattr(turn, name) or 0 for name in _COUNTS} if counted else None
        told |= {"usage": usage, "cost": money(turn.cost)}
    if turn.reasoning:
        told["reasoning"] = turn.reasoning
    if turn.pictures:
        told |= {"images": list(turn.images), "images_not_kept": turn.pictures - len(turn.images)}
    return told


_COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
_AS_KEPT = ("provider", "model", "cost_source", "first_content", "seconds", "finish_reason", "reference")


def as_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """The conversation as a page to read."""
    return "\n\n".join([f"# {conversation.title}", *(part for turn in turns for part in _parts(turn))]) + "\n"


def _parts(turn: Turn) -> Iterator[str]:
    by = f"{turn.provider}:{turn.model or ''}".rstrip(":") if turn.provider else "Answer"
    yield "## You" if turn.role == "user" else f"## {by}"
    if turn.reasoning:
        yield "\n".join(f"> {line}".rstrip() for line in turn.reasoning.splitlines())
    for url in turn.images:
        yield "*(a picture)*" if url.startswith("data:") else f"![picture](<{url}>)"
    if missing := turn.pictures - len(turn.images):
        yield f"*({missing} of its pictures not kept)*"
    if turn.text:
        yield turn.text
