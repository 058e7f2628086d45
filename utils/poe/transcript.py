"""Poe's view of a conversation becomes the model's."""

import fastapi_poe as fp

from utils.chat import ChatMessage, ChatRequest, Role
from utils.registry import BotConfig

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "bot": "assistant"}


def chat_request(request: fp.QueryRequest, config: BotConfig) -> ChatRequest:
    """The bot's system message and then every turn, in order, with what the bot's configuration sets."""
    return ChatRequest(
        messages=messages(request, config.system_message),
        model=config.model,
        temperature=config.temperature,
        max_tokens=config.max_tokens,
        params=config.additional_params,
        timeout=config.timeout,
    )


def messages(request: fp.QueryRequest, system_message: str | None = None) -> tuple[ChatMessage, ...]:
    """The turns of the conversation. Empty ones are left out, for providers refuse them."""
    turns = [
        ChatMessage(_ROLES[message.role], text)
        for message in request.query
        if message.role in _ROLES and (text := _text(message)).strip()
    ]
    opening = [ChatMessage("system", system_message)] if system_message else []
    return tuple(opening + turns)


def last_words(request: fp.QueryRequest) -> str:
    """What the person said last."""
    return request.query[-1].content if request.query else ""


def _text(message: fp.ProtocolMessage) -> str:
    """What was said, behind the text of the files that came with it."""
    files = [
        f"Below is the content of {attachment.name}:\n\n{attachment.parsed_content}"
        for attachment in message.attachments
        if attachment.parsed_content
    ]
    return "\n\n".join([*files, message.content])
