"""A bot that is made of configuration: a provider's model with a character of its own."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any, ClassVar

import fastapi_poe as fp

from utils.chat import ChatProvider, Delta
from utils.keys import looks_secret
from utils.registry import BotConfig, ModelConfig, ProviderConfig
from utils.routing.rate_limit import TooManyQuestions

from .answering import Showing, Shown, added_to, event_of, fixed_replies, presented, thought_of_replies
from .base_bot import Answer, BaseBot
from .charging import Charging, FreeOfCharge, Till
from .closing import closing
from .controls import controls_of
from .house import House
from .pace import Pace
from .question import Question, Reader, sight_of
from .reading import last_words
from .settings_response import settings_response
from .words import Text, say

_INFO = "bot info"
_LATEST = 5


class MultiProviderBot(BaseBot):
    """The factory makes a subclass of this for every entry of bots.yaml.

    Override `get_response` to change what it says: `self.stream(request)` and `self.complete(request)` ask the
    configured model with the whole conversation, its files and the person's choices, and charge for the answer.
    Override `question` to change what the model is asked.
    """

    config: ClassVar[BotConfig]
    sends_own_controls: ClassVar[bool] = True
    """Whether the values of `parameter_controls` go to the model as parameters under their names. A class that makes
    something else of them (`question.own`) sets this to False."""

    def __init__(self, chat: ChatProvider, **fields: Any) -> None:
        super().__init__(**{"should_insert_attachment_messages": False, **fields})
        self.chat = chat
        """Who answers: a provider, or several that answer as one."""
        self.pace = Pace(flush=self.config.flush_ms / 1000, first_content=self.config.first_content_ms / 1000)
        self.till: Charging = FreeOfCharge()

    def connect(self, house: House) -> None:
        """Called once by the server, before the first request."""
        super().connect(house)
        self._limiter = house.routes.limiter(self.config)
        self._reader = Reader(self.config, self.chat, house, sends_own_controls=self.sends_own_controls)
        if self.config.charge is not None:
            price = self._model.price if self._model else None
            self.till = Till(self.config.charge, price, house.cost_api, bot_name=self.config.bot_name)

    async def get_response(self, request: fp.QueryRequest) -> Answer:
        """The model's answer to the conversation, as it comes."""
        async with aclosing(self._said(request)) as said:
            async for shown in said:
                yield event_of(shown)

    def get_response_with_context(self, request: fp.QueryRequest, context: fp.RequestContext) -> Answer:
        """The same; where nobody has made something else of it, without an event for each word."""
        if type(self).get_response is not MultiProviderBot.get_response:
            return self.get_response(request)
        return self._said(request)  # type: ignore[return-value]  # the door takes words as they are

    async def _said(self, request: fp.QueryRequest) -> AsyncGenerator[Shown, None]:
        if last_words(request).strip().lower() == _INFO:
            yield fp.MetaResponse(text="", content_type="text/plain", suggested_replies=False)
            yield fp.PartialResponse(text=json.dumps(self.facts(), indent=2, ensure_ascii=False))
            return
        replies = self.config.suggested_replies
        yield fp.MetaResponse(text="", content_type=self.config.content_type, suggested_replies=bool(replies))
        question = await self.question(request)
        said = ""
        showing = Showing(question.way, opening="".join(f"*{note}*\n\n" for note in question.notes))
        async with closing(self.stream(question)) as deltas:
            async for delta in deltas:
                for shown in showing.of(delta):
                    if isinstance(shown, str) or shown.attachment is None:
                        yield shown
                    else:
                        yield await self._kept(shown, request)
                    if replies == "auto":
                        said = added_to(said, shown)
        for shown in showing.end():
            yield shown
            said = added_to(said, shown)
        for reply in fixed_replies(await self._replies(question, said)):
            yield reply

    async def _kept(self, picture: fp.PartialResponse, request: fp.QueryRequest) -> Shown:
        kept = await self.house.files.kept(picture, request.access_key)
        return kept or f"*{say(Text.PICTURE_NOT_SHOWN, request.language_code)}*\n\n"

    async def _replies(self, question: Question, said: str) -> Sequence[str]:
        replies = self.config.suggested_replies
        return replies if replies != "auto" else await thought_of_replies(question.chat, question.request, said)

    async def question(self, request: fp.QueryRequest) -> Question:
        """What the model is asked: the conversation, its files, the person's choices."""
        return await self._reader.question(request)

    def stream(self, asked: fp.QueryRequest | Question) -> AsyncGenerator[Delta, None]:
        """The model's answer, piece by piece. It is charged for, if the bot charges."""
        return self._answer_to(asked) if isinstance(asked, Question) else self._read_and_answered(asked)

    async def complete(self, asked: fp.QueryRequest | Question) -> str:
        """The model's whole answer, without its thinking."""
        question = asked if isinstance(asked, Question) else await self.question(asked)
        async with aclosing(presented(self.stream(question), question.way.hiding())) as events:
            said = ""
            async for event in events:
                said = added_to(said, event)
            return said

    async def get_settings(self, setting: fp.SettingsRequest) -> fp.SettingsResponse:
        """Poe's settings for this bot."""
        return settings_response(
            self.config,
            sees=sight_of(self._provider, self._model).sees,
            controls=controls_of(self.config, self.providers.registry),
            rate_card=self.till.rate_card(),
            cost_label=self.till.cost_label(),
        )

    def facts(self) -> dict[str, Any]:
        """Who the bot is, and what it is made of."""
        config = self.config
        chosen = {"temperature": config.temperature, "max_tokens": config.max_tokens, "timeout": config.timeout}
        settings = {**{name: value for name, value in chosen.items() if value is not None}, **config.settings}
        return {
            **super().facts(),
            "provider": config.provider,
            "model": config.model or self._provider.model,
            "settings": {name: "***" if looks_secret(name) else value for name, value in settings.items()},
            **({"latest_answers": latest} if (latest := self._latest_answers()) else {}),
        }

    def _answer_to(self, question: Question) -> AsyncGenerator[Delta, None]:
        self._count(question.request.origin.user)
        answer = question.chat.stream(question.request)
        return self.till.paid_for(answer, question.query, question.request, question.price)

    async def _read_and_answered(self, query: fp.QueryRequest) -> AsyncGenerator[Delta, None]:
        async with aclosing(self._answer_to(await self.question(query))) as deltas:
            async for delta in deltas:
                yield delta

    def _latest_answers(self) -> list[list[dict[str, Any]]]:
        """Who was asked for the last answers of this bot, and what came of it; the newest first."""
        traces = self.house.routes.board.traces if hasattr(self, "house") else ()
        own = (trace for trace in reversed(traces) if trace.origin.bot == self.bot_name)
        return [[tried.told() for tried in trace.tried] for trace in islice(own, _LATEST)]

    async def aclose(self) -> None:
        """Everything that was said is paid for."""
        await self.till.aclose()

    def _count(self, person: str) -> None:
        """Let the person go on, or raise `TooManyQuestions`."""
        wait = None if self._limiter is None else self._limiter.check(person)
        if wait is not None:
            raise TooManyQuestions(wait)

    @property
    def _provider(self) -> ProviderConfig:
        return self.providers.registry[self.config.provider]

    @property
    def _model(self) -> ModelConfig | None:
        return self._provider.model_config_of(self.config.model or self._provider.model)
