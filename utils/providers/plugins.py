"""Kinds of providers that other packages bring: entry points of the group `poe_bots.providers`.

The name of an entry point is the kind; its value is a `Kind`, or a function `make(config, parts)` that gives a
`ChatProvider`. Nothing is looked for before a kind is asked for that is not built in, and no plugin is imported
before its own is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from utils.chat import ChatProvider
from utils.errors import ProviderFailure
from utils.problems import Problem
from utils.registry import ProviderConfig

from .kinds import KINDS, Kind, Parts

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "poe_bots.providers"


class InstalledKinds(Mapping[str, Kind]):
    """The built-in kinds, and those that plugins add. A plugin that cannot be used is a kind that is never ready."""

    def __init__(self, built_in: Mapping[str, Kind] = KINDS) -> None:
        self._built_in = built_in
        self._loaded: dict[str, Kind] = {}
        self._problems: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the plugins that were looked at."""
        return tuple(self._problems)

    def __getitem__(self, name: str) -> Kind:
        if name in self._built_in:
            return self._built_in[name]
        if name not in self._loaded:
            self._loaded[name] = _kind_of(self._plugins[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._built_in or name in self._plugins

    def __iter__(self) -> Iterator[str]:
        return iter((*self._built_in, *self._plugins))

    def __len__(self) -> int:
        return len(self._built_in) + len(self._plugins)

    @cached_property
    def _plugins(self) -> "dict[str, EntryPoint]":
        from importlib.metadata import entry_points

        plugins: dict[str, EntryPoint] = {}
        for plugin in entry_points(group=GROUP):
            if plugin.name in self._built_in:
                self._say(plugin, "a kind that is built in; it keeps the built-in one")
            elif plugin.name in plugins:
                self._say(plugin, f"a kind that {_package(plugins[plugin.name])} brings too; that one is used")
            else:
                plugins[plugin.name] = plugin
        return plugins

    def _say(self, plugin: "EntryPoint", what: str) -> None:
        message = f"the package {_package(plugin)} brings `{plugin.name}`, {what}."
        self._problems.append(Problem(message, severity="warning"))


def _kind_of(plugin: "EntryPoint") -> Kind:
    try:
        found = plugin.load()
    except (Exception, SystemExit) as exc:  # the module is somebody else's code
        return _unusable(f"its plugin `{plugin.value}` cannot be imported: {type(exc).__name__}: {exc}".rstrip("."))
    if isinstance(found, Kind):
        return _guarded(found, plugin)
    if callable(found):
        return _guarded(Kind(found), plugin)
    return _unusable(f"its plugin `{plugin.value}` is neither a `Kind` nor a function that makes a provider")


def _unusable(sentence: str) -> Kind:
    def make(config: ProviderConfig, parts: Parts) -> ChatProvider:
        raise ProviderFailure(sentence, provider=config.name)

    return Kind(make, wrong_settings=lambda config: f"{sentence}.")


def _guarded(kind: Kind, plugin: "EntryPoint") -> Kind:
    """The same kind; a mistake in it is a sentence about this provider and touches no other."""

    def answering(question: Callable[[ProviderConfig], str | None]) -> Callable[[ProviderConfig], str | None]:
        @wraps(question)
        def answer(config: ProviderConfig) -> str | None:
            try:
                return question(config)
            except (Exception, SystemExit) as exc:
                return f"its plugin `{plugin.value}` fails: {type(exc).__name__}."

        return answer

    def make(config: ProviderConfig, parts: Parts) -> ChatProvider:
        try:
            provider = kind.make(config, parts)
        except ProviderFailure:
            raise
        except (Exception, SystemExit) as exc:
            message = f"the plugin `{plugin.value}` cannot make it: {type(exc).__name__}"
            raise ProviderFailure(message, provider=config.name) from exc
        if not callable(getattr(provider, "stream", None)):
            message = f"the plugin `{plugin.value}` makes no provider: a {type(provider).__name__} has no `stream`"
            raise ProviderFailure(message, provider=config.name)
        return provider

    return replace(
        kind,
        make=make,
        why_not_ready=answering(kind.why_not_ready),
        wrong_settings=answering(kind.wrong_settings),
    )


def _package(plugin: Any) -> str:
    return f"`{plugin.dist.name}`" if plugin.dist else f"of `{plugin.value}`"
