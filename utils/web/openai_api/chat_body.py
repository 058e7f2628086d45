"""The body of a chat completion, as OpenAI's clients send it: what may stand in it, and nothing else may."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

_Name = Annotated[str, Meta(min_length=1, max_length=300)]
_Word = Annotated[str, Meta(min_length=1, max_length=40)]
_Id = Annotated[str, Meta(max_length=256)]
_Penalty = Annotated[float, Meta(ge=-2, le=2)]
_LARGEST = 2**63 - 1


class ImageAddress(Struct):
    """A picture: an https address, or the picture itself as a `data:` address."""

    url: str
    detail: str | None = None


class TextPart(Struct, tag_field="type", tag="text"):
    """Words."""

    text: str


class RefusalPart(Struct, tag_field="type", tag="refusal"):
    """Words with which a model has declined."""

    refusal: str


class ImagePart(Struct, tag_field="type", tag="image_url"):
    """A picture."""

    image_url: ImageAddress | str


Part = TextPart | ImagePart | RefusalPart


class Called(Struct):
    """The function that was called."""

    name: _Name
    arguments: str = "{}"


class Call(Struct):
    """A call of a function in the history. Other fields of it are not looked at."""

    id: _Id
    function: Called
    type: Literal["function"] = "function"
    extra_content: dict[str, Any] | None = None
    """What the vendor that made the call wants to see again with it."""


class Message(Struct):
    """One turn. Clients send back what they were given, with fields that nobody here needs."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: _Id | None = None
    reasoning_content: str | None = None


class Offered(Struct, omit_defaults=True):
    """A function that may be called."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Struct):
    """A tool; all tools are functions here."""

    function: Offered
    type: Literal["function"] = "function"


class StreamOptions(Struct):
    """What comes along with a stream."""

    include_usage: bool | None = None


class ResponseFormat(Struct, omit_defaults=True):
    """The form of the answer; it is passed on as it is."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None


_OLD_FUNCTIONS = "this is the old form of `tools`, which go to every provider: send those."
_ONE_FORM = "answers are words here, and pictures where a model makes them."


class ChatBody(Struct, forbid_unknown_fields=True):
    """A chat completion that is asked for."""

    REFUSED: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "functions": _OLD_FUNCTIONS,
            "function_call": "this is the old form of `tool_choice`: send that.",
            "audio": _ONE_FORM,
            "modalities": _ONE_FORM,
            "n": "one answer is given to one question.",
            "logprobs": "no probabilities are given here; leave it out.",
            "top_logprobs": "no probabilities are given here; leave it out.",
            "service_tier": "only `auto` and `default`: what an answer costs is for the owner of the server to say.",
            "web_search_options": "no search is made here; offer one as a tool.",
            "moderation": "nothing is moderated here; the provider's own policy holds.",
        }
    )
    """Fields of OpenAI's, or other values of them, that are not for here, with a sentence on what is."""

    messages: Annotated[list[Message], Meta(min_length=1, max_length=10_000)]
    model: _Name | None = None
    provider: _Name | None = None
    """Whose model it is; an addition to OpenAI's own fields."""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=16)] | None = None
    tools: Annotated[list[Tool], Meta(max_length=512)] | None = None
    n: Annotated[int, Meta(ge=1, le=1)] | None = None
    logprobs: Literal[False] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=0)] | None = None
    user: _Id | None = None
    safety_identifier: _Id | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    service_tier: Literal["auto", "default"] | None = None
    modalities: Annotated[list[Literal["text"]], Meta(max_length=1)] | None = None
    prediction: dict[str, Any] | None = None
    prompt_cache_retention: _Word | None = None
    """Like the fields from `user` on it is taken, and changes nothing."""

    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: _Penalty | None = None
    presence_penalty: _Penalty | None = None
    seed: Annotated[int, Meta(ge=-_LARGEST, le=_LARGEST)] | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    reasoning_effort: _Word | None = None
    verbosity: _Word | None = None
    parallel_tool_calls: bool | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    response_format: ResponseFormat | None = None
    prompt_cache_key: _Id | None = None


PASSED_ON = ChatBody.__struct_fields__[ChatBody.__struct_fields__.index("top_p") :]
"""The parameters that go to the provider under their own names."""


def params_of(body: ChatBody) -> dict[str, Any]:
    """What goes to the provider as it is."""
    given = {name: getattr(body, name) for name in PASSED_ON}
    return {name: msgspec.to_builtins(value) for name, value in given.items() if value is not None}
