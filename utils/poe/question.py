"""A query of Poe's becomes a question: who is asked, what exactly, and how the answer is shown."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import fastapi_poe as fp
import structlog

from utils.chat import ChatProvider, ChatRequest, ModelInfo, Origin
from utils.logs import reference_of_this_request
from utils.providers.profiles import profile_of
from utils.registry import BotConfig, ModelConfig, ProviderConfig
from utils.registry.provider_config import Price

from .answering import Reasoning, Way
from .attachments import Seen, Sight
from .controls import Chosen, chosen, parameters_of
from .house import House
from .reading import fitted, messages_of, system_message, tool_calls_of, tool_results_of, tools_of, wishes_of
from .sentences import NothingAsked
from .words import Text, say

_log = structlog.get_logger(__name__)

_ROOM_FOR_AN_ANSWER = 1024


@dataclass(frozen=True)
class Question:
    """What is asked, ready to be answered."""

    query: fp.QueryRequest
    chat: ChatProvider
    """Who answers."""
    request: ChatRequest
    way: Way
    """How the answer is shown."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """The values of the owner's own controls."""
    price: Price | None = None
    notes: tuple[str, ...] = ()
    """What the person should know, such as that a file could not be read."""


class Reader:
    """Turns queries to one bot into questions, as its configuration and the controls say."""

    def __init__(self, config: BotConfig, chat: ChatProvider, house: House, *, sends_own_controls: bool) -> None:
        self._config = config
        self._sends_own_controls = sends_own_controls
        self._chat = chat
        self._house = house
        self._views: dict[tuple[str, str], _View] = {}

    async def question(self, query: fp.QueryRequest) -> Question:
        """The question behind the query. Raises a `BotErrorNoRetry` on a choice that cannot be followed."""
        registry = self._house.providers.registry
        choice = chosen(parameters_of(query), self._config, registry)
        provider = registry[choice.provider or self._config.provider]
        name = choice.model or self._config.model or provider.model
        view = self._view_of(provider, name or "")
        model = view.model
        seen = await self._house.attachments.read(query.query, view.sight, query.language_code)
        request = self._request(query, seen, choice, model)
        return Question(
            query=query,
            chat=self._house.routes.for_choice(self._config, provider.name, name) if choice.model else self._chat,
            request=request,
            way=self._way(query, choice, with_tools=bool(request.tools)),
            own=choice.own,
            price=model.price,
            notes=tuple(note for each in seen for note in each.notes),
        )

    def _view_of(self, provider: ProviderConfig, name: str) -> "_View":
        """The model as it is known now. It is put together anew only when something of it is news."""
        model = provider.model_config_of(name) or ModelConfig(name=name)
        known = self._house.providers.capabilities(provider.name, model.name)
        view = self._views.get((provider.name, name))
        if view is None or view.provider is not provider or view.known != known:
            model = model.model_copy(update={"context": known.context, "vision": known.vision})
            view = self._views[provider.name, name] = _View(provider, known, model, sight_of(provider, model))
        return view

    def _request(self, query: fp.QueryRequest, seen: list[Seen], choice: Chosen, model: ModelConfig) -> ChatRequest:
        config, wishes = self._config, wishes_of(query)
        max_tokens = choice.max_tokens or config.max_tokens
        told = messages_of(
            query.query,
            seen,
            system=self._system(query, choice),
            bot_name=config.bot_name,
            users=query.users,
            tool_calls=tool_calls_of(query),
            tool_results=tool_results_of(query),
        )
        if not any(message.role in ("user", "tool") for message in told):
            raise NothingAsked
        messages, dropped = fitted(told, model.context, max_tokens or _ROOM_FOR_AN_ANSWER)
        if dropped:
            _log.info("history.shortened", bot=config.bot_name, turns=dropped, conversation=query.conversation_id)
        tools = tools_of(query)
        return ChatRequest(
            messages=messages,
            model=config.model,
            temperature=_first(choice.temperature, config.temperature, wishes.temperature),
            max_tokens=max_tokens,
            stop=wishes.stop,
            tools=tools,
            params=self._params(choice, wishes.logit_bias),
            timeout=config.timeout,
            origin=_origin(query, config.bot_name),
            fresh=_is_set(parameters_of(query).get("fresh")),
            can_restart=not tools,  # a program may have passed on the words already
        )

    def _system(self, query: fp.QueryRequest, choice: Chosen) -> str | None:
        today = datetime.datetime.now(datetime.UTC).date()
        own = None if query.skip_system_prompt else self._config.system_message
        told = system_message(own, bot_name=self._config.bot_name, language=query.language_code, today=today)
        return "\n\n".join(part for part in (told, choice.system_message) if part) or None

    def _params(self, choice: Chosen, logit_bias: Mapping[str, float]) -> Mapping[str, Any]:
        effort = {"reasoning_effort": choice.reasoning_effort} if choice.reasoning_effort else {}
        bias = {"logit_bias": dict(logit_bias)} if logit_bias else {}
        own = choice.own if self._sends_own_controls else {}
        return {**bias, **self._config.additional_params, **own, **effort}

    def _way(self, query: fp.QueryRequest, choice: Chosen, *, with_tools: bool) -> Way:
        reasoning: Reasoning = self._config.reasoning
        if choice.show_reasoning is not None:
            reasoning = "show" if choice.show_reasoning else "hide" if reasoning == "show" else reasoning
        if with_tools and reasoning == "status":
            reasoning = "hide"  # a program would take the line for a part of the answer
        language = query.language_code
        return Way(reasoning, with_tools, lambda seconds: say(Text.THINKING, language, seconds=seconds))


@dataclass(frozen=True)
class _View:
    """A model of a provider, and what of it was known when this was put together."""

    provider: ProviderConfig
    known: ModelInfo
    model: ModelConfig
    sight: Sight


def sight_of(provider: ProviderConfig, model: ModelConfig | None) -> Sight:
    """What this model of this provider can be shown. A model of which nothing is known is taken not to see."""
    images = profile_of(provider, model.name if model else None).images
    sees = model is not None and bool(model.vision) and images != "none"
    return Sight(sees=sees, takes_urls=images == "url")


def _origin(query: fp.QueryRequest, bot: str) -> Origin:
    return Origin("poe", bot, query.user_id, query.conversation_id, query.message_id, reference_of_this_request())


def _is_set(switch: object) -> bool:
    return switch is True or str(switch).strip().lower() in {"true", "1", "yes"}


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)
