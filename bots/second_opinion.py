"""An example worth reading: a bot that asks two models at once and shows both answers.

It is served as it lies here, because it has a `bot_name`. It asks the first two providers whose keys are set; the
demo stands in where there are fewer, with a hint.
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
        asked = self._asked()
        question = ChatRequest(messages_of(request.query))
        language = request.language_code
        opinions = await asyncio.gather(*(self._opinion(name, question, language) for name in asked))
        for name, opinion in zip(asked, opinions, strict=True):
            yield fp.PartialResponse(text=f"### {name} · {self.providers.registry[name].model}\n\n{opinion}\n\n")
        if not all(self.providers.registry[name].api_key_env for name in asked):
            yield fp.PartialResponse(text="*For a second opinion, set the API key of one more provider.*")

    def _asked(self) -> list[str]:
        ready = {name: self.providers.registry[name] for name in self.providers.ready()}
        with_key = [name for name, provider in ready.items() if provider.api_key_env]
        demos = [name for name, provider in ready.items() if provider.kind == "demo"]
        return [*with_key, *demos][:2]

    async def _opinion(self, name: str, question: ChatRequest, language: str) -> str:
        try:
            async with aclosing(self.providers.get(name).stream(question)) as deltas:
                return "".join([delta.text async for delta in deltas])
        except ProviderFailure as failure:
            return f"*{sentence_for(failure, language)}*"
