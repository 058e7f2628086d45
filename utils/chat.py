"""The nouns that all rooms share: what is asked, what comes back, and who can answer.

Nothing here knows of Poe, of HTTP or of a vendor. A provider, a chain of providers and the demo all are
a `ChatProvider`: one seam, so that callers hold no `if`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

Role = Literal["system", "user", "assistant", "tool"]


class Image(msgspec.Struct, frozen=True):
    """A picture in a message: an https address, or the picture itself as a `data:` address."""

    url: str


class ToolCall(msgspec.Struct, frozen=True):
    """A function that the model wants called. `arguments` is JSON text."""

    id: str
    name: str
    arguments: str = "{}"
    signature: str | None = None
    """What the vendor that made the call wants to see again with it."""


class ChatMessage(msgspec.Struct, frozen=True):
    """One turn of the conversation."""

    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    """For role `tool`: which call this is the result of."""
    reasoning: str = ""
    """What the model thought before it said this, where that is known."""


class Origin(msgspec.Struct, frozen=True):
    """Where a question comes from. An empty field means: not known."""

    door: str = ""
    """The protocol that it came in by."""
    bot: str = ""
    user: str = ""
    conversation: str = ""
    message: str = ""
    reference: str = ""
    """What the person sees of an error, and the log has too."""
    client: str = ""
    """The client of the HTTP API, where it came in by that."""
    allowance: str = ""
    """What that client may spend, in the words of its budget; empty where nothing says how much."""


class ChatRequest(msgspec.Struct, frozen=True):
    """One question with everything that shapes its answer. None means: not set, so not sent."""

    messages: tuple[ChatMessage, ...]
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    params: Mapping[str, Any] = {}
    """Sent along under their own names; the fields above win."""
    timeout: float | None = None
    """The longest silence to bear, in seconds; None leaves it to the provider's configuration."""
    origin: Origin = Origin()
    """Who asks; it is never sent along."""
    fresh: bool = False
    """Whether to ask anew even when the answer is stored, and to store the new one in its place."""
    key: str | None = None
    """The label of the provider's key to use; None leaves the choice to the provider."""
    can_restart: bool = True
    """Whether the one who reads the answer can take back what was said of it, for `Delta.restarts`."""


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the provider counted them. Cached tokens, read or written, are part of the input."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0
    cost: Decimal | None = None
    """US dollars, where the provider itself says what the answer cost."""


class ToolCallDelta(msgspec.Struct, frozen=True):
    """A piece of a tool call; pieces with the same `index` belong together."""

    index: int = 0
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    signature: str | None = None
    """Goes back with the call when it stands in the history."""


class Delta(msgspec.Struct, frozen=True):
    """What one read from the provider brought. The last one of an answer carries the `finish_reason`."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    images: tuple[Image, ...] = ()
    """Pictures that the model has made."""
    cached: bool = False
    """Whether the answer comes from the cache, so that nothing is paid for its `usage`."""
    restarts: bool = False
    """Whether the answer begins anew with this: what was said before is void."""
    model: str | None = None
    """The model that answers, by its own word; said once."""

    @property
    def has_content(self) -> bool:
        """Whether something of the answer itself is in it, so that the answer has begun."""
        return bool(self.text or self.reasoning or self.tool_calls or self.images)


class ModelInfo(msgspec.Struct, frozen=True):
    """What is known of a model. None means unknown."""

    name: str
    """The provider's own name for it."""
    context: int | None = None
    """How many tokens it can read."""
    vision: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    """Whether it thinks before it answers."""


class Embeddings(msgspec.Struct, frozen=True):
    """Texts as vectors, in the order in which they were given."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    usage: Usage | None = None


class ChatProvider(Protocol):
    """Something that answers. Closing the generator stops the work behind it at once."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes. Raises a `ProviderFailure` when it does not come, or not whole."""
        ...


class ListsModels(Protocol):
    """A provider that can say which models it has."""

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models as the provider lists them now. Raises a `ProviderFailure` when it does not."""
        ...


class Embeds(Protocol):
    """A provider that makes vectors of texts."""

    async def embed(self, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The vectors; without a `model`, of the one that is configured. Raises a `ProviderFailure`."""
        ...
