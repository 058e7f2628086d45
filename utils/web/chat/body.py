"""What is sent to /chat."""

from typing import Annotated

from msgspec import Meta, Struct

_Name = Annotated[str, Meta(min_length=1, max_length=300)]


class ChatQuestion(Struct, forbid_unknown_fields=True):
    """One message, and who shall answer it how."""

    message: Annotated[str, Meta(min_length=1, max_length=10_000_000)]
    bot: _Name | None = None
    provider: _Name | None = None
    model: _Name | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    system: Annotated[str, Meta(max_length=1_000_000)] | None = None
    conversation_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Rename(Struct, forbid_unknown_fields=True):
    """Another title for a conversation."""

    title: Annotated[str, Meta(min_length=1, max_length=1000)]
