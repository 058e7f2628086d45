"""Whom clients of the HTTP API can ask: bots by their names, and models of providers as `provider:model`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Embeddings, Origin
from utils.errors import NotGranted
from utils.keys.clients_file import Client
from utils.problems import did_you_mean
from utils.providers.profiles import profile_of
from utils.registry import BotConfig, ProviderRegistry
from utils.registry.model_names import Named, resolve
from utils.registry.profile import Images
from utils.routing import Routes
from utils.routing.rate_limit import RateLimiter, TooManyQuestions

from .refusals import Refused, WrongField

_ROOM_FOR_AN_ANSWER = 1024
_MOST_UNLISTED_MODELS = 200

Fit = Callable[[tuple[ChatMessage, ...], int | None, int], tuple[tuple[ChatMessage, ...], int]]
"""The messages that fit into so many tokens, with room for an answer, and how many do not."""


class Providers(Protocol):
    """The providers that may be asked from here."""

    @property
    def registry(self) -> ProviderRegistry:
        """Their entries."""
        ...

    def why_not_ready(self, name: str) -> str | None:
        """What keeps the provider from answering."""
        ...

    async def embed(self, name: str, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The texts as vectors."""
        ...


@dataclass(frozen=True)
class ServedBot:
    """A bot of the bot file, asked without Poe."""

    config: BotConfig
    chat: ChatProvider
    providers: Providers
    """Those that were granted to it."""
    routes: Routes
    instructions: Callable[[], str | None]
    """What its model is told before every conversation, as of today."""
    limiter: RateLimiter | None = None


@dataclass(frozen=True)
class Wishes:
    """How the answer shall be. What is not set is for the bot or the provider to say."""

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    can_restart: bool = False


@dataclass(frozen=True)
class Asked:
    """Somebody who can be asked, as the client named them."""

    name: str
    provider: str
    model: str | None
    chat: ChatProvider
    images: Images
    """How pictures can be shown to it."""
    context: int | None
    """How many tokens it can read, where that is known."""
    bot: ServedBot | None = None
    fit: Fit | None = None

    @property
    def bot_name(self) -> str:
        """The bot that is asked; empty for a model itself."""
        return self.bot.config.bot_name if self.bot else ""

    def request(self, messages: tuple[ChatMessage, ...], wishes: Wishes, origin: Origin) -> ChatRequest:
        """The question, with what the bot's entry says of every one."""
        config = self.bot.config if self.bot else None
        instructions = self.bot.instructions() if self.bot else None
        told = (ChatMessage("system", instructions), *messages) if instructions else messages
        most = config.max_tokens if config else None
        return ChatRequest(
            messages=told,
            model=self.model,
            temperature=config.temperature if config and wishes.temperature is None else wishes.temperature,
            max_tokens=min(most, wishes.max_tokens) if most and wishes.max_tokens else wishes.max_tokens or most,
            stop=wishes.stop,
            tools=wishes.tools,
            params={**(config.additional_params if config else {}), **wishes.params},
            timeout=config.timeout if config else None,
            origin=origin,
            can_restart=wishes.can_restart,
        )

    def fitted(self, request: ChatRequest) -> tuple[ChatMessage, ...]:
        """The messages of the question without the oldest ones, where all are too many for the model."""
        if self.fit is None:
            return request.messages
        return self.fit(request.messages, self.context, request.max_tokens or _ROOM_FOR_AN_ANSWER)[0]

    def count(self, client: Client) -> None:
        """Let the client ask the bot once more, or raise `TooManyQuestions`."""
        limiter = self.bot.limiter if self.bot else None
        wait = None if limiter is None else limiter.check(f"api:{client.owner}")
        if wait is not None:
            raise TooManyQuestions(wait)


class Catalogue:
    """What can be asked at one time: the files may change, and then there is another one."""

    def __init__(
        self,
        bots: Sequence[ServedBot],
        providers: Providers,
        routes: Routes,
        *,
        default: str | None = None,
        fit: Fit | None = None,
    ) -> None:
        self.bots = {bot.config.bot_name: bot for bot in bots}
        self.providers = providers
        self._routes = routes
        self._default = default
        self._fit = fit
        self._unlisted: set[Named] = set()

    def asked(
        self, client: Client, model: str | None = None, *, bot: str | None = None, provider: str | None = None
    ) -> Asked:
        """Whom the client means. Raises `Refused` when that is nobody, or nobody that it may ask."""
        if bot is not None:
            return self._bot(client, bot, model, provider)
        if provider is not None:
            return self._direct(client, self._named(model, provider))
        name = model or self._default or self._first_ready(client)
        if name is None:
            raise Refused(503, "No bot and no provider is ready to answer.", code="nobody_ready")
        if name in self.bots:
            return self._bot(client, name, None, None, named_in="model")
        return self._direct(client, self._named(name, None))

    def names(self, client: Client) -> Iterator[tuple[str, str]]:
        """Everyone whom this client may ask and who is ready, with the provider of each; bots come first."""
        for name, bot in self.bots.items():
            if client.may_ask(name) and any(_can_answer(bot, target.provider) for target in bot.config.all_targets):
                yield name, bot.config.provider
        for provider, config in self.providers.registry.items():
            if self.providers.why_not_ready(provider) is None:
                for model in dict.fromkeys([*filter(None, [config.model]), *(each.name for each in config.models)]):
                    if client.may_ask(provider, f"{provider}:{model}"):
                        yield f"{provider}:{model}", provider

    def makers_of_vectors(self, client: Client) -> Iterator[tuple[str, str]]:
        """The models that make vectors for this client, with the provider of each."""
        for provider, config in self.providers.registry.items():
            name = f"{provider}:{config.embedding_model}"
            is_ready = config.embedding_model and self.providers.why_not_ready(provider) is None
            if is_ready and client.may_ask(provider, name):
                yield name, provider

    def embedder(self, client: Client, model: str | None, provider: str | None) -> Named:
        """Who makes vectors for the client. Raises `Refused` like `asked`."""
        makers = {name: config.embedding_model for name, config in self.providers.registry.items()}
        if provider is None and model is None:
            provider = self._first_maker(client)
        elif provider is None:
            provider = next((name for name, makes in makers.items() if makes == model), None)
        if provider is None and model in self.bots:
            raise _nobody(f"`{_short(model)}` is a bot, and bots make no vectors. Name a provider.", "model")
        named = self._named(model, provider)
        asked = Named(named.provider, named.model or makers[named.provider])
        _refuse_unless(client.may_ask(named.provider, str(asked)))
        if asked.model is None:
            raise _nobody(f"Provider `{named.provider}` makes no vectors: it has no `embedding_model`.", "model")
        return named

    def _first_maker(self, client: Client) -> str:
        for _, provider in self.makers_of_vectors(client):
            return provider
        is_any = any(config.embedding_model for config in self.providers.registry.values())
        why_not = "with an `embedding_model` is ready for you" if is_any else "has an `embedding_model`"
        raise WrongField(f"`model` is missing, and no provider here {why_not}.", "model")

    def _bot(
        self, client: Client, name: str, model: str | None, provider: str | None, *, named_in: str = "bot"
    ) -> Asked:
        bot = self.bots.get(name)
        if bot is None or not client.may_ask(name):
            known = [known for known in self.bots if client.may_ask(known)]
            raise _nobody(f"There is no bot `{name}` that you may ask.{did_you_mean(name, known)}", named_in)
        config, registry = bot.config, bot.providers.registry
        if model is None and provider is None:
            return self._asked(name, Named(config.provider, config.model), registry, bot.chat, bot)
        named = resolve(model, registry, provider or config.provider) if model else Named(provider or "", None)
        if named is None or named.provider not in registry or (provider and named.provider != provider):
            raise _nobody(f"Bot `{name}` has no such model or provider.", "model" if model else "provider")
        _refuse_unless(_offers(config, named, registry), "This bot does not offer that model.")
        chat = bot.routes.for_choice(config, named.provider, named.model)
        return self._asked(name, named, registry, chat, bot)

    def _direct(self, client: Client, named: Named) -> Asked:
        config = self.providers.registry[named.provider]
        model = named.model or config.model
        _refuse_unless(client.may_ask(named.provider, f"{named.provider}:{model}"))
        self._keep_count(named)
        plain = BotConfig(bot_name="api", provider=named.provider)
        chat = self._routes.for_choice(plain, named.provider, model)
        return self._asked(str(Named(named.provider, model)), named, self.providers.registry, chat)

    def _asked(
        self, name: str, named: Named, registry: ProviderRegistry, chat: ChatProvider, bot: ServedBot | None = None
    ) -> Asked:
        config = registry.get(named.provider)
        if config is None:
            raise NotGranted(f"provider `{named.provider}` is not granted")
        model = named.model or config.model
        known = config.model_config_of(model)
        images, context = profile_of(config, model).images, known.context if known else None
        return Asked(name, config.name, model, chat, images, context, bot, self._fit)

    def _named(self, model: str | None, provider: str | None) -> Named:
        registry = self.providers.registry
        if provider is not None and provider not in registry:
            raise _nobody(f"There is no provider `{provider}`.{did_you_mean(provider, registry)}", "provider")
        named = resolve(model, registry, provider) if model else Named(provider or "", None)
        if named is None or (provider and named.provider != provider):
            known = [*self.bots, *registry, *_models_in(registry)]
            raise _nobody(f"There is no model `{_short(model)}` here.{did_you_mean(_short(model), known)}", "model")
        config = registry[named.provider]
        if named.model and not config.knows_model(named.model) and named.model != config.embedding_model:
            hint = did_you_mean(named.model, (each.name for each in config.models))
            raise _nobody(f"Provider `{named.provider}` has no model `{_short(named.model)}` here.{hint}", "model")
        return named

    def _keep_count(self, named: Named) -> None:
        """Of everyone who is asked something is remembered: names that nobody has listed must not go on for ever."""
        if named.model and not self.providers.registry[named.provider].lists_model(named.model):
            if len(self._unlisted) >= _MOST_UNLISTED_MODELS and named not in self._unlisted:
                raise _nobody("Too many models were asked that stand in no entry. Name them in its `models`.", "model")
            self._unlisted.add(named)

    def _first_ready(self, client: Client) -> str | None:
        return next((name for name, _ in self.names(client)), None)


def _offers(config: BotConfig, named: Named, registry: ProviderRegistry) -> bool:
    """Whether the bot's entry lets people choose this model: its own, or one of its `models`."""
    own = registry.get(config.provider)
    wanted = Named(named.provider, named.model or registry[named.provider].model)
    offered = [resolve(entry, registry, config.provider) for entry in config.models]
    return wanted in (Named(config.provider, config.model or (own.model if own else None)), *offered)


def _models_in(registry: ProviderRegistry) -> Iterator[str]:
    for name, config in registry.items():
        yield from (f"{name}:{model.name}" for model in config.models)


def _short(name: str | None) -> str:
    return (name or "")[:100]


def _nobody(message: str, param: str) -> Refused:
    return Refused(404, message, param=param, code="model_not_found")


def _refuse_unless(is_allowed: bool, message: str = "Your key does not allow to ask this.") -> None:
    if not is_allowed:
        raise Refused(403, message, param="model", code="not_allowed")


def _can_answer(bot: ServedBot, provider: str) -> bool:
    return provider in bot.providers.registry and bot.providers.why_not_ready(provider) is None
