"""What clients send, checked once. Behind this door it is complete and typed."""

import re
from typing import Any, Literal, TypeVar

import msgspec

from utils.chat import ChatMessage, ChatRequest, Image, Role, ToolCall


class BadRequest(Exception):
    """The body cannot be answered; the message says why, `param` where."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class _ImageUrl(msgspec.Struct):
    url: str


class _Part(msgspec.Struct):
    type: str
    text: str = ""
    image_url: _ImageUrl | None = None


class _Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class _Call(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None

    def as_message(self) -> ChatMessage:
        role: Role = "system" if self.role == "developer" else self.role
        parts = [_Part("text", self.content)] if isinstance(self.content, str) else self.content or []
        return ChatMessage(
            role,
            "\n".join(part.text for part in parts if part.type == "text"),
            tuple(Image(part.image_url.url) for part in parts if part.image_url),
            tuple(ToolCall(call.id, call.function.name, call.function.arguments) for call in self.tool_calls or ()),
            self.tool_call_id,
        )


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = False


class ChatBody(msgspec.Struct):
    """What is understood of a chat request. Everything else in it is let pass."""

    messages: list[_Message]
    model: str = "demo"
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    tools: list[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        if not self.messages:
            raise ValueError("Expected at least one message - at `$.messages`")

    @property
    def includes_usage(self) -> bool:
        """Whether the stream shall end with a chunk of usage."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def as_request(self) -> ChatRequest:
        """The same in the words of this house."""
        return ChatRequest(
            tuple(message.as_message() for message in self.messages),
            model=self.model,
            max_tokens=self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens,
            tools=tuple(self.tools or ()),
        )


class EmbeddingsBody(msgspec.Struct):
    """What is understood of a request for embeddings. Tokens may stand for text."""

    input: str | list[str | int | list[int]]
    model: str = "demo"
    dimensions: int | None = None
    encoding_format: Literal["float", "base64"] = "float"

    def __post_init__(self) -> None:
        if self.dimensions is not None and not 1 <= self.dimensions <= 4096:
            raise ValueError("Expected a number from 1 to 4096 - at `$.dimensions`")

    @property
    def texts(self) -> list[str]:
        """Every single text to embed."""
        if isinstance(self.input, str):
            return [self.input]
        if any(isinstance(token, int) for token in self.input):
            return [str(self.input)]
        return [str(text) for text in self.input]


Body = TypeVar("Body", ChatBody, EmbeddingsBody)


def decoded(raw: bytes) -> object:
    """The body as JSON. Raises `BadRequest`."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}") from error


def checked(body: object, kind: type[Body]) -> Body:
    """The body as the given kind of request. Raises `BadRequest`, which names the parameter."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        raise BadRequest(str(error), (place[1] or place[2]) if place else None) from error


# So msgspec ends its messages: "… - at `$.messages[0].role`", "… missing required field `messages`".
_PLACE = re.compile(r"`\$\.([^`]+)`|required field `([^`]+)`")
