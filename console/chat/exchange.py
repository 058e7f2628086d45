"""A question, its answer, and what is known of how the answer came about."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Attempt:
    """One try to get the answer, and what came of it."""

    provider: str
    model: str
    outcome: str
    error: str
    seconds: float | None

    @property
    def was_made(self) -> bool:
        """Whether anybody was asked: who has no budget left, for one, is refused before that."""
        return self.outcome != "refused"

    @property
    def has_failed(self) -> bool:
        """Whether it came to nothing, and not because another one was quicker or the person had enough."""
        return self.outcome in ("failed", "broken")


@dataclass(frozen=True)
class Details:
    """What stands below an answer. None where the server does not know."""

    bot: str | None = None
    """Who was asked, where it is not known who has answered for it."""
    provider: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    first_content: float | None = None
    seconds: float | None = None
    finish_reason: str | None = None
    reference: str | None = None
    is_cached: bool = False
    attempts: tuple[Attempt, ...] = ()


@dataclass
class Answer:
    """What has been said so far; it grows while the answer comes."""

    text: str = ""
    reasoning: str = ""
    images: list[str] = field(default_factory=list)
    details: Details | None = None
    suggestions: list[str] = field(default_factory=list)
    problem: str = ""
    """Why it broke off, as a sentence."""
    what_to_do: str = ""
    was_stopped: bool = False


@dataclass
class Exchange:
    """A question and its answer."""

    question: str
    answer: Answer = field(default_factory=Answer)
    pictures: tuple[bytes, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Names and texts of files that came with the question."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """What was set in the bot's controls on Poe."""


def details_of(said: dict[str, Any]) -> Details:
    """From the end of an answer, or from a message that the server has kept."""
    usage = said.get("usage") or said
    return Details(
        provider=said.get("provider"),
        model=said.get("model"),
        input_tokens=_first(usage, "input_tokens", "prompt_tokens"),
        output_tokens=_first(usage, "output_tokens", "completion_tokens"),
        cost=_money(said.get("cost", usage.get("cost"))),
        first_content=said.get("first_content"),
        seconds=said.get("seconds"),
        finish_reason=said.get("finish_reason"),
        reference=said.get("reference"),
        is_cached=bool(said.get("cached")),
        attempts=tuple(_attempt(each) for each in said.get("attempts") or ()),
    )


def exchanges_of(messages: Iterable[dict[str, Any]]) -> list[Exchange]:
    """A conversation that the server has kept, as questions and their answers."""
    exchanges: list[Exchange] = []
    for message in messages:
        if message.get("role") == "user" or not exchanges:
            pictures = filter(None, map(picture_in, message.get("images") or ()))
            exchanges.append(Exchange(message.get("text") or "", pictures=tuple(pictures)))
        else:
            answer = exchanges[-1].answer
            answer.text = message.get("text") or ""
            answer.reasoning = message.get("reasoning") or ""
            answer.images = list(message.get("images") or ())
            answer.details = details_of(message)
            answer.was_stopped = message.get("finish_reason") == "cut"
    return exchanges


def picture_in(address: str) -> bytes | None:
    """The picture that the address itself holds; None where it lies elsewhere, or is none."""
    try:
        is_here = address.startswith("data:image/")
        return base64.b64decode(address.partition(",")[2], validate=True) if is_here else None
    except (binascii.Error, ValueError):
        return None


def _attempt(said: dict[str, Any]) -> Attempt:
    return Attempt(
        said.get("provider") or "",
        said.get("model") or "",
        said.get("outcome") or "",
        said.get("error") or "",
        said.get("seconds"),
    )


def _first(said: dict[str, Any], *names: str) -> int | None:
    return next((said[name] for name in names if isinstance(said.get(name), int)), None)


def _money(said: Any) -> Decimal | None:
    try:
        return None if said is None else Decimal(str(said))
    except InvalidOperation:
        return None
