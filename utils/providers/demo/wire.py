"""The OpenAI format: bodies checked on the way in, JSON on the way out. No network here."""

import re
import time
from collections.abc import Sequence
from typing import Any, Literal
from uuid import uuid4

import msgspec

from utils.chat import ChatRequest, Delta, Usage

Json = dict[str, Any]

DONE = b"data: [DONE]\n\n"


class BadRequest(Exception):
    """The body cannot be answered; the message says why, `param` where."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class _Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class _Call(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Json] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


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
    tools: list[Json] | None = None

    @property
    def include_usage(self) -> bool:
        """Whether the stream shall end with a chunk of usage."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def as_request(self) -> ChatRequest:
        """The same in the words of this house."""
        return ChatRequest(
            tuple(_message(message) for message in self.messages),
            model=self.model,
            max_tokens=self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens,
            tools=tuple(self.tools or ()),
        )


class EmbeddingsBody(msgspec.Struct):
    """What is understood of a request for embeddings. Tokens may stand for text."""

    input: str | list[str | int | list[int]]
    model: str = "demo"
    dimensions: int = 8
    encoding_format: Literal["float", "base64"] = "float"

    @property
    def inputs(self) -> list[str]:
        """Every single text to embed."""
        if isinstance(self.input, str):
            return [self.input]
        if self.input and isinstance(self.input[0], int):
            return [str(self.input)]
        return [str(text) for text in self.input]


class Completion:
    """One answer on the wire: the chunks of its stream, and its whole. All bear the same id."""

    def __init__(self, model: str) -> None:
        self._head: Json = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": model}

    def opening(self) -> Json:
        """The first chunk of every stream, which only names the role."""
        return self.chunk({"role": "assistant", "content": ""})

    def chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        """One chunk of the stream."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def usage_chunk(self, usage: Usage) -> Json:
        """The chunk after the last one."""
        return {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(usage)}

    def whole(self, pieces: Sequence[Delta], finish_reason: str | None, usage: Usage) -> Json:
        """The answer in one piece."""
        message: Json = {"role": "assistant", "content": "".join(piece.text for piece in pieces)}
        if reasoning := "".join(piece.reasoning for piece in pieces):
            message["reasoning_content"] = reasoning
        if calls := _joined_calls(pieces):
            message |= {"content": message["content"] or None, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": _usage(usage)}


def chat_body(body: object) -> ChatBody:
    """The body of a chat request, checked. Raises `BadRequest`."""
    checked = _checked(body, ChatBody)
    if not checked.messages:
        raise BadRequest("`messages` must hold at least one message", "messages")
    return checked


def embeddings_body(body: object) -> EmbeddingsBody:
    """The body of a request for embeddings, checked. Raises `BadRequest`."""
    checked = _checked(body, EmbeddingsBody)
    if not 1 <= checked.dimensions <= 4096:
        raise BadRequest("`dimensions` must be between 1 and 4096", "dimensions")
    return checked


def decoded(raw: bytes) -> object:
    """The body as JSON. Raises `BadRequest`."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from error


def event(chunk: Json) -> bytes:
    """The chunk as one server-sent event."""
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def delta_json(piece: Delta) -> Json:
    """A piece of the answer as the `delta` of a chunk."""
    if piece.tool_calls:
        return {"tool_calls": [_call_json(call) for call in piece.tool_calls]}
    return {"reasoning_content": piece.reasoning} if piece.reasoning else {"content": piece.text}


def error_json(status: int, message: str, param: str | None = None) -> Json:
    """An error as OpenAI writes it."""
    kind, code = _ERRORS.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def models_json(names: Sequence[str]) -> Json:
    """The list of models."""
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "demo"} for name in names],
    }


def embeddings_json(body: EmbeddingsBody) -> Json:
    """Vectors of length one, which depend on nothing but the text."""
    vectors = [_vector(text, body.dimensions) for text in body.inputs]
    tokens = sum(len(text.split()) for text in body.inputs)
    return {
        "object": "list",
        "model": body.model,
        "data": [
            {"object": "embedding", "index": index, "embedding": _FORMATS[body.encoding_format](vector)}
            for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _checked[Body: (ChatBody, EmbeddingsBody)](body: object, kind: type[Body]) -> Body:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        place = re.search(r"\$\.([^`]+)`|field `([^`]+)`", message)
        raise BadRequest(message, place[1] or place[2] if place else None) from error
