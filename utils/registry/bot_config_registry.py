"""The bots of one file, held against the providers."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from utils.problems import Problem, did_you_mean

from .bot_config import BotConfig
from .checking import check
from .provider_registry import ProviderRegistry
from .yaml_file import Entry, Location, read_entries

RESERVED_PATHS = frozenset(
    ("/", "/health", "/bots", "/providers", "/v1", "/chat", "/usage", "/metrics", "/admin", "/docs", "/openapi.json")
)
"""The server's own routes; nothing below them can be a bot's either."""


class BotConfigRegistry(Mapping[str, BotConfig]):
    """The enabled bots by name. `problems` says what was left out and why."""

    def __init__(self, bots: Iterable[BotConfig] = ()) -> None:
        self._bots = {bot.bot_name: bot for bot in bots}
        self._places: dict[str, Entry] = {}
        self._problems: list[Problem] = []

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str], providers: ProviderRegistry) -> "BotConfigRegistry":
        """What the file holds. Never raises: a bad entry, or a bad file, is a problem, and the rest is served."""
        registry = cls()
        entries, problems = read_entries(path, "bots")
        registry._problems += problems
        for entry in entries:
            registry._take(entry, environ, providers)
        return registry

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the file."""
        return tuple(self._problems)

    def problem(self, bot_name: str, message: str, *location: str | int) -> Problem:
        """A finding of a later room about this bot, with the line on which its cause stands."""
        place = self._places.get(bot_name)
        message = f"bot `{bot_name}`: {message}"
        return place.problem(message, *location) if place else Problem(message)

    def _take(self, entry: Entry, environ: Mapping[str, str], providers: ProviderRegistry) -> None:
        bot, found = check(entry, BotConfig, "bot", "bot_name", environ)
        self._problems += found
        if bot is None or not bot.enabled:
            return
        findings = [*self._clashes(entry, bot), *_crosschecks(entry, bot, providers)]
        self._problems += findings
        if not any(finding.severity == "error" for finding in findings):
            self._bots[bot.bot_name] = bot
            self._places[bot.bot_name] = entry

    def _clashes(self, entry: Entry, bot: BotConfig) -> Iterator[Problem]:
        if bot.bot_name in self._bots:
            yield entry.problem(f"bot `{bot.bot_name}` stands here twice; the first one is served.", "bot_name")
            return
        line = "path" if bot.path else "bot_name"
        owner = next((other.bot_name for other in self._bots.values() if other.served_at == bot.served_at), None)
        if owner:
            yield entry.problem(
                f"bot `{bot.bot_name}`: the path {bot.served_at} is already that of bot `{owner}`; give it another"
                " `path`.",
                line,
            )
        if is_reserved(bot.served_at):
            yield entry.problem(
                f"bot `{bot.bot_name}`: the path {bot.served_at} belongs to the server itself; give it another `path`.",
                line,
            )

    def __getitem__(self, name: str) -> BotConfig:
        return self._bots[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bots)

    def __len__(self) -> int:
        return len(self._bots)


def is_reserved(path: str) -> bool:
    """Whether the path is one of the server's own, or lies below one."""
    return path == "/" or f"/{path.split('/')[1]}" in RESERVED_PATHS


def _crosschecks(entry: Entry, bot: BotConfig, providers: ProviderRegistry) -> Iterator[Problem]:
    label = f"bot `{bot.bot_name}`"
    yield from _unusable(entry, f"{label} asks for", "provider", bot.provider, providers)
    for number, (name, model) in enumerate(bot.fallback_targets):
        yield from _unusable(entry, f"{label} falls back to", "fallbacks", name, providers, number)
        if name in providers and not model and not providers[name].model:
            yield entry.problem(
                f"{label}: provider `{name}` has no default model; write `{name}:model`.", "fallbacks", number
            )
    provider = providers.get(bot.provider)
    if provider is not None and not (bot.model or provider.model):
        message = f"{label} names no `model`, and provider `{provider.name}` has no default_model."
        yield entry.problem(message, "provider")
    yield from _doubts(entry, label, bot, providers)


def _doubts(entry: Entry, label: str, bot: BotConfig, providers: ProviderRegistry) -> Iterator[Problem]:
    targets: list[tuple[str, str | None, Location]] = [(bot.provider, bot.model, ("model",))]
    for number, (name, fallback_model) in enumerate(bot.fallback_targets):
        targets.append((name, fallback_model, ("fallbacks", number)))
    for name, model, location in targets:
        if name in providers and model and not providers[name].knows_model(model):
            near = did_you_mean(model, (known.name for known in providers[name].models))
            doubt = f"{label}: provider `{name}` does not list the model `{model}`; it is asked all the same."
            yield entry.problem(f"{doubt}{near}", *location, warning=True)


def _unusable(
    entry: Entry, who: str, key: str, name: str, providers: ProviderRegistry, *location: int
) -> Iterator[Problem]:
    if name in providers:
        return
    if reason := providers.why_left_out(name):
        yield entry.problem(f"{who} provider `{name}`, which is not used: {reason}.", key, *location)
    elif not providers.was_read:
        message = f"{who} provider `{name}`, but no provider could be read from {providers.file}."
        yield entry.problem(message, key, *location)
    else:
        near = did_you_mean(name, providers.names_in_file)
        yield entry.problem(f"{who} provider `{name}`, which {providers.file} does not define.{near}", key, *location)
