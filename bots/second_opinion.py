"""An example worth reading: a bot that asks two models at once and shows both answers.

It is served as it lies here, because it has a `bot_name`. It asks the first two providers that are ready;
with a key for just one there is one answer, and a hint.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import ClassVar

import fastapi_poe as fp

from utils.chat import ChatRequest
from utils.errors import ProviderFailure
from utils.poe import BaseBot
from utils.poe.base_bot import Answer
from utils.poe.reading import messages_of
from utils.poe.sentences import sentence_for


class SecondOpinion(BaseBot):
    """Two answers are better than one."""

    bot_name = "SecondOpinion"
    bot_description = "Asks two models the same question and shows both answers."
    poe_settings: ClassVar[Mapping[str, str]] = {"introduction_message": "Ask me anything: two models will answer."}

    async def get_response(self, request: fp.QueryRequest) -> Answer:
        """Both answers, each under the name of who gave it, in a fixed order."""
        asked = self.providers.ready()[:2]
        question = ChatRequest(messages_of(request.query))
        opinions = await asyncio.gather(*(self._opinion(name, question) for name in asked))
        for name, opinion in zip(asked, opinions, strict=True):
            yield fp.PartialResponse(text=f"### {name} · {self.providers.registry[name].model}\n\n{opinion}\n\n")
        if len(asked) < 2:
            yield fp.PartialResponse(text="*For a second opinion, set the API key of one more provider.*")

    async def _opinion(self, name: str, question: ChatRequest) -> str:
        try:
            async with aclosing(self.providers.get(name).stream(question)) as deltas:
                return "".join([delta.text async for delta in deltas])
        except ProviderFailure as failure:
            return f"*{sentence_for(failure)}*"
