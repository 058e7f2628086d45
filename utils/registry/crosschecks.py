"""What a bot's entry says of providers and models, held against the providers that there are."""

from collections.abc import Iterable, Iterator

from utils.problems import Problem, did_you_mean

from .bot_config import BotConfig
from .model_names import Named, places_of, resolve
from .provider_config import ProviderConfig
from .provider_registry import ProviderRegistry
from .yaml_file import Entry, Location


def with_full_names(bot: BotConfig, providers: ProviderRegistry) -> BotConfig:
    """The bot with its provider named, and its models and fallbacks by the providers' own names for them."""
    own = _own(bot, providers)
    named = {"provider": own.provider, "model": own.model} if own else {}

    def full(text: str) -> str:
        return str(resolve(text, providers) or text)

    others = {
        "fallbacks": tuple(map(full, bot.fallbacks)),
        # A `split` calls them as they were written.
        "targets": tuple(
            each.model_copy(update={"target": full(each.target), "name": each.label}) for each in bot.targets
        ),
        "context_fallback": bot.context_fallback and full(bot.context_fallback),
    }
    return bot.model_copy(update={**named, **others})


def crosschecks(entry: Entry, bot: BotConfig, providers: ProviderRegistry) -> Iterator[Problem]:
    """What does not fit together, and what can be doubted."""
    label = f"bot `{bot.bot_name}`"
    own = _own(bot, providers)
    if own is None:
        # Where nothing but `targets` is named, the first of them is its own: what is wrong with it is said below.
        if bot.provider or bot.model or not bot.targets:
            yield from _without_provider(entry, label, bot, providers)
    elif not (own.model or providers[own.provider].model):
        message = f"{label} names no `model`, and provider `{own.provider}` has no default_model."
        yield entry.problem(message, "provider")
    else:
        yield from _doubtful_model(entry, label, own, bot, providers)
    yield from _said_twice(entry, label, bot)
    for text, says, location in _others(bot):
        yield from _other(entry, f"{label} {says}", text, location, providers)
    for number, text in enumerate(bot.models):
        if (offer := resolve(text, providers, own.provider if own else None)) and text not in providers:
            yield from _not_listed(entry, label, offer, ("models", number), providers)


def _said_twice(entry: Entry, label: str, bot: BotConfig) -> Iterator[Problem]:
    for key, value in (("provider", bot.provider), ("model", bot.model), ("fallbacks", bot.fallbacks)):
        if bot.targets and value:
            yield entry.problem(f"{label}: `targets` takes the place of `{key}`; keep one of them.", key)


def _others(bot: BotConfig) -> Iterator[tuple[str, str, Location]]:
    """Who else may answer: as it is written, what that means, and where it stands."""
    for number, text in enumerate(bot.fallbacks):
        yield text, "falls back to", ("fallbacks", number)
    for number, target in enumerate(bot.targets):
        yield target.target, "asks for", ("targets", number)
    if bot.context_fallback:
        yield bot.context_fallback, "falls back to", ("context_fallback",)


def _own(bot: BotConfig, providers: ProviderRegistry) -> Named | None:
    """The provider of the bot with the model that its entry names; None when there is no such provider."""
    if not bot.provider:
        if not bot.model and bot.targets:
            return resolve(bot.targets[0].target, providers)
        named = resolve(bot.model or "", providers)
        return named if named and named.model else None
    if bot.provider not in providers:
        return None
    named = resolve(bot.model, providers, bot.provider) if bot.model else None
    # `mistral:7b` at Ollama is no model of the provider `mistral`.
    return named if named and named.provider == bot.provider else Named(bot.provider, bot.model)


def _without_provider(entry: Entry, label: str, bot: BotConfig, providers: ProviderRegistry) -> Iterator[Problem]:
    model = (bot.model or "").strip()
    name, colon, _ = model.partition(":")
    if bot.provider:
        yield from _unusable(entry, f"{label} asks for", bot.provider, ("provider",), providers)
    elif colon and name not in providers:
        yield from _unusable(entry, f"{label} asks for", name, ("model",), providers)
    elif several := places_of(model, providers):
        message = f"{label}: `provider` is missing, and the model `{model}` is listed by {_listing(several)}."
        yield entry.problem(message, "model")
    else:
        yield entry.problem(f"{label}: `provider` is missing; or write `model: provider:model`.", "model")


def _doubtful_model(
    entry: Entry, label: str, own: Named, bot: BotConfig, providers: ProviderRegistry
) -> Iterator[Problem]:
    doubts = list(_not_listed(entry, label, own, ("model",), providers))
    other = (bot.model or "").partition(":")[0]
    if doubts and other in providers and own.model == bot.model:
        message = f"{label}: provider `{own.provider}` does not list the model `{own.model}`; it is asked all the same."
        hint = f" If a model of provider `{other}` is meant, remove `provider: {own.provider}`."
        doubts = [entry.problem(f"{message}{hint}", "model", warning=True)]
    yield from doubts


def _other(entry: Entry, who: str, text: str, location: Location, providers: ProviderRegistry) -> Iterator[Problem]:
    named = resolve(text, providers)
    label = who.rpartition("` ")[0] + "`"
    if named is None:
        yield from _nobody(entry, who, text.strip(), location, providers)
    elif not (named.model or providers[named.provider].model):
        message = f"{label}: provider `{named.provider}` has no default model; write `{named.provider}:model`."
        yield entry.problem(message, *location)
    else:
        yield from _not_listed(entry, label, named, location, providers)


def _nobody(entry: Entry, who: str, text: str, location: Location, providers: ProviderRegistry) -> Iterator[Problem]:
    if several := places_of(text, providers):
        message = f"{who} `{text}`, which is listed by {_listing(several)}; write `{several[0]}:{text}`."
        yield entry.problem(message, *location)
        return
    name, colon, _ = text.partition(":")
    aliases = () if colon else (model.alias for each in providers.values() for model in each.models if model.alias)
    yield from _unusable(entry, who, name, location, providers, others=aliases)


def _not_listed(
    entry: Entry, label: str, named: Named, location: Location, providers: ProviderRegistry
) -> Iterator[Problem]:
    provider = providers[named.provider]
    if named.model and not provider.knows_model(named.model):
        near = did_you_mean(named.model, _names(provider))
        doubt = (
            f"{label}: provider `{named.provider}` does not list the model `{named.model}`; it is asked all the same."
        )
        yield entry.problem(f"{doubt}{near}", *location, warning=True)


def _names(provider: ProviderConfig) -> Iterator[str]:
    for model in provider.models:
        yield from (name for name in (model.name, model.alias) if name)


def _listing(names: list[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


def _unusable(
    entry: Entry, who: str, name: str, location: Location, providers: ProviderRegistry, others: Iterable[str] = ()
) -> Iterator[Problem]:
    if name in providers:
        return
    if reason := providers.why_left_out(name):
        yield entry.problem(f"{who} provider `{name}`, which is not used: {reason}.", *location)
    elif not providers.was_read:
        yield entry.problem(f"{who} provider `{name}`, but no provider could be read from {providers.file}.", *location)
    else:
        near = did_you_mean(name, (*providers.names_in_file, *others))
        yield entry.problem(f"{who} provider `{name}`, which {providers.file} does not define.{near}", *location)
