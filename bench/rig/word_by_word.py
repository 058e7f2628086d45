"""A bot that somebody wrote in Python: it says every word by itself, however many have come at once."""

import re

import fastapi_poe as fp

from bots.llm_chat_bot import LLMChatBot
from utils.poe.base_bot import Answer

_WORD = re.compile(r"[^~]*~[^~ ]*")


class WordByWord(LLMChatBot):
    """Leaves the server nothing to join."""

    async def get_response(self, request: fp.QueryRequest) -> Answer:
        """One event for each token of the upstream."""
        async for delta in self.stream(request):
            for word in _WORD.findall(delta.text):
                yield fp.PartialResponse(text=word)
