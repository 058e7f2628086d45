"""The bots of one file, held against the providers."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from utils.problems import Problem

from .bot_config import BotConfig
from .checking import check
from .crosschecks import crosschecks, with_full_names
from .keeping import are_some_unnamed, is_unreadable, name_in, saying_that_it_stays
from .provider_registry import ProviderRegistry
from .yaml_file import Entry, read_entries

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
        self._mistaken: dict[str, Entry] = {}
        """The entries that cannot be used as they are."""
        self._switched_off: set[str] = set()
        self._kept: set[str] = set()

    @classmethod
    def load(
        cls,
        path: Path,
        environ: Mapping[str, str],
        providers: ProviderRegistry,
        before: "BotConfigRegistry | None" = None,
    ) -> "BotConfigRegistry":
        """What the file holds. Never raises: a bad entry, or a bad file, is a problem, and the rest is served.

        An entry that is bad now and was good `before` stays as it was; so does everything when the file cannot be
        read. A provider that its owner has switched off is used by nobody.
        """
        registry = cls()
        entries, problems = read_entries(path, "bots")
        if before and is_unreadable(entries, problems):
            registry._problems += saying_that_it_stays(problems)
            for name in before:
                registry.keep(name, before, providers)
            return registry
        registry._problems += problems
        for entry in entries:
            registry._take(entry, environ, providers, before)
        some_unnamed = are_some_unnamed(entries, problems, "bot_name")
        for name in before or ():
            if before and registry._is_mistaken(name, some_unnamed=some_unnamed):
                registry.keep(name, before, providers)
        registry._put_in_order(entries)
        return registry

    @property
    def kept(self) -> frozenset[str]:
        """Those that stay in force as they were, because what the file says of them now cannot be used."""
        return frozenset(self._kept)

    def keep(self, name: str, before: "BotConfigRegistry", providers: ProviderRegistry) -> None:
        """Let the bot be as it was before, where nobody has its path now and nobody it asks is switched off."""
        bot = before[name]
        if _may_stay(bot, providers) and not self._owner_of(bot.served_at, other_than=name):
            self._bots[name] = bot
            self._kept.add(name)
            if entry := self._mistaken.get(name) or before._places.get(name):
                self._places.setdefault(name, entry)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the file."""
        return tuple(self._problems)

    def problem(self, bot_name: str, message: str, *location: str | int) -> Problem:
        """A finding of a later room about this bot, with the line on which its cause stands."""
        place = self._places.get(bot_name)
        message = f"bot `{bot_name}`: {message}"
        return place.problem(message, *location) if place else Problem(message)

    def _is_mistaken(self, name: str, *, some_unnamed: bool) -> bool:
        """Whether the bot is not gone, but its entry mistaken. One without a name may be anybody's."""
        if name in self or name in self._switched_off:
            return False
        return name in self._mistaken or some_unnamed

    def _put_in_order(self, entries: Iterable[Entry]) -> None:
        """That of the file, also for those that were kept."""
        named = (name_in(entry, "bot_name") for entry in entries)
        ordered = [name for name in named if name is not None and name in self._bots]
        self._bots = {name: self._bots[name] for name in dict.fromkeys((*ordered, *self._bots))}

    def _take(
        self,
        entry: Entry,
        environ: Mapping[str, str],
        providers: ProviderRegistry,
        before: "BotConfigRegistry | None",
    ) -> None:
        bot, found = check(entry, BotConfig, "bot", "bot_name", environ)
        if bot is not None and not bot.enabled:
            self._switched_off.add(bot.bot_name)
            return
        findings = found if bot is None else [*self._clashes(entry, bot), *crosschecks(entry, bot, providers)]
        if bot is not None and not any(finding.severity == "error" for finding in findings):
            self._bots[bot.bot_name] = with_full_names(bot, providers)
            self._places[bot.bot_name] = entry
            self._problems += findings
            return
        name = name_in(entry, "bot_name")
        if name is not None:
            self._mistaken.setdefault(name, entry)
        last = before.get(name) if before is not None and name is not None and name not in self else None
        self._problems += saying_that_it_stays(findings) if last and _may_stay(last, providers) else findings

    def _clashes(self, entry: Entry, bot: BotConfig) -> Iterator[Problem]:
        if bot.bot_name in self._bots:
            yield entry.problem(f"bot `{bot.bot_name}` stands here twice; the first one is served.", "bot_name")
            return
        line = "path" if bot.path else "bot_name"
        if owner := self._owner_of(bot.served_at):
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

    def _owner_of(self, path: str, other_than: str | None = None) -> str | None:
        owners = (bot.bot_name for bot in self._bots.values() if bot.served_at == path)
        return next((name for name in owners if name != other_than), None)

    def __getitem__(self, name: str) -> BotConfig:
        return self._bots[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bots)

    def __len__(self) -> int:
        return len(self._bots)


def _may_stay(bot: BotConfig, providers: ProviderRegistry) -> bool:
    return not any(providers.is_switched_off(target.provider) for target in bot.all_targets)


def is_reserved(path: str) -> bool:
    """Whether the path is one of the server's own, or lies below one."""
    return path == "/" or f"/{path.split('/')[1]}" in RESERVED_PATHS
