"""A bot that is made of configuration: a provider's model with a character of its own."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar

import fastapi_poe as fp

from utils.chat import ChatProvider, ChatRequest, Delta
from utils.keys import looks_secret
from utils.registry import BotConfig

from .base_bot import Answer, BaseBot
from .transcript import chat_request, last_words

_INFO = "bot info"


class MultiProviderBot(BaseBot):
    """The factory makes a subclass of this for every entry of bots.yaml.

    Override `get_response` to change what it says; `self.stream(request)` and `self.complete(request)` ask the
    configured model with the whole conversation.
    """

    config: ClassVar[BotConfig]

    def __init__(self, chat: ChatProvider, **fields: Any) -> None:
        super().__init__(**{"should_insert_attachment_messages": False, **fields})
        self.chat = chat
        """Who answers: a provider, or several that answer as one."""

    async def get_response(self, request: fp.QueryRequest) -> Answer:
        """The model's answer to the conversation, as it comes."""
        if last_words(request).strip().lower() == _INFO:
            yield fp.MetaResponse(text="", content_type="text/plain", suggested_replies=False)
            yield fp.PartialResponse(text=json.dumps(self.facts(), indent=2, ensure_ascii=False))
            return
        yield fp.MetaResponse(text="", content_type="text/markdown", suggested_replies=False)
        async with aclosing(self.stream(request)) as deltas:
            async for delta in deltas:
                if delta.text:
                    yield fp.PartialResponse(text=delta.text)

    def stream(self, request: fp.QueryRequest) -> AsyncGenerator[Delta, None]:
        """The model's answer, piece by piece."""
        return self.chat.stream(self.chat_request(request))

    async def complete(self, request: fp.QueryRequest) -> str:
        """The model's whole answer."""
        async with aclosing(self.stream(request)) as deltas:
            return "".join([delta.text async for delta in deltas])

    def chat_request(self, request: fp.QueryRequest) -> ChatRequest:
        """What the model is asked. Override it to add to the question or to take from it."""
        return chat_request(request, self.config)

    def facts(self) -> dict[str, Any]:
        """Who the bot is, and what it is made of."""
        config = self.config
        chosen = {"temperature": config.temperature, "max_tokens": config.max_tokens, "timeout": config.timeout}
        settings = {**{name: value for name, value in chosen.items() if value is not None}, **config.settings}
        return {
            **super().facts(),
            "provider": config.provider,
            "model": config.model or (self.providers.registry[config.provider].model),
            "settings": {name: "***" if looks_secret(name) else value for name, value in settings.items()},
        }
