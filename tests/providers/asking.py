"""Questions, and answers put together again."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta


def question(text: str = "Hi", **fields: Any) -> ChatRequest:
    return ChatRequest((ChatMessage("user", text),), **fields)


async def deltas(provider: ChatProvider, request: ChatRequest) -> list[Delta]:
    async with aclosing(provider.stream(request)) as stream:
        return [delta async for delta in stream]


async def drained(stream: AsyncIterator[Delta]) -> None:
    async for _ in stream:
        pass


async def answer(provider: ChatProvider, text: str = "Hi", **fields: Any) -> str:
    return "".join(delta.text for delta in await deltas(provider, question(text, **fields)))
