"""What is sent to /chat."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

_Name = Annotated[str, Meta(min_length=1, max_length=300)]


class ChatQuestion(Struct, forbid_unknown_fields=True):
    """One message, and who shall answer it how."""

    message: Annotated[str, Meta(min_length=1, max_length=10_000_000)] | None = None
    images: Annotated[list[str], Meta(max_length=8)] = []
    """Pictures that belong to the message, as `data:` or https addresses."""
    regenerate: bool = False
    """In place of a message: drop the last answer of the conversation, and ask its question anew."""
    bot: _Name | None = None
    provider: _Name | None = None
    model: _Name | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    reasoning_effort: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    system: Annotated[str, Meta(max_length=1_000_000)] | None = None
    conversation_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    keep: bool = True
    """Without it nothing of the question and its answer becomes part of a conversation."""


class Said(Struct, forbid_unknown_fields=True):
    """A message of a conversation that was had elsewhere."""

    role: Literal["user", "assistant"]
    text: Annotated[str, Meta(min_length=1, max_length=10_000_000)]


class Begun(Struct, forbid_unknown_fields=True):
    """What was said so far, to be gone on with, and with whom."""

    messages: Annotated[list[Said], Meta(min_length=1, max_length=100)]
    bot: _Name | None = None
    provider: _Name | None = None
    model: _Name | None = None
    system: Annotated[str, Meta(max_length=1_000_000)] | None = None


class Rename(Struct, forbid_unknown_fields=True):
    """Another title for a conversation."""

    title: Annotated[str, Meta(min_length=1, max_length=1000)]
