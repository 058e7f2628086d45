"""The providers of one file."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from utils.problems import Problem, did_you_mean, short_path

from .checking import check
from .provider_config import KINDS, ProviderConfig
from .yaml_file import Entry, read_entries


class ProviderRegistry(Mapping[str, ProviderConfig]):
    """The enabled providers by name. `problems` says what was left out and why."""

    def __init__(self, providers: Iterable[ProviderConfig] = ()) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._left_out: dict[str, str] = {}
        self.file = "providers.yaml"
        """The file that they stand in."""
        self.was_read = True
        """Whether anything could be read in it."""
        self._problems: list[Problem] = []

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str], kinds: Collection[str] = KINDS) -> "ProviderRegistry":
        """What the file holds. Never raises: a bad entry, or a bad file, is a problem, and the rest is served.

        `kinds` are those that can be served, with what plugins add.
        """
        registry = cls()
        entries, problems = read_entries(path, "providers")
        registry._problems += problems
        registry.file, registry.was_read = short_path(path), bool(entries)
        for entry in entries:
            registry._take(entry, environ, kinds)
        return registry

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the file."""
        return tuple(self._problems)

    def why_left_out(self, name: str) -> str | None:
        """The reason why a provider that stands in the file is not used, or None when it does not stand there."""
        return self._left_out.get(name)

    @property
    def names_in_file(self) -> tuple[str, ...]:
        """Every provider that stands in the file, whether it can be used or not."""
        return (*self._providers, *self._left_out)

    def _take(self, entry: Entry, environ: Mapping[str, str], kinds: Collection[str]) -> None:
        provider, found = check(entry, ProviderConfig, "provider", "name", environ)
        self._problems += found
        if provider is None:
            if name := entry.data.get("name"):
                self._left_out.setdefault(str(name), "its entry has a mistake")
        elif not provider.enabled:
            self._left_out.setdefault(provider.name, "it is switched off (`enabled: false`)")
        elif provider.kind not in kinds:
            self._left_out.setdefault(provider.name, "its `kind` is not known")
            hint = did_you_mean(provider.kind, kinds)
            message = f"provider `{provider.name}`: `kind` should be {_listing(kinds)}.{hint}"
            self._problems.append(entry.problem(message, "kind"))
        elif provider.name in self._providers:
            message = f"provider `{provider.name}` stands here twice; the first one is used."
            self._problems.append(entry.problem(message, "name"))
        else:
            self._providers[provider.name] = provider
            self._problems += _doubts(entry, provider)

    def __getitem__(self, name: str) -> ProviderConfig:
        return self._providers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._providers)

    def __len__(self) -> int:
        return len(self._providers)


def _listing(kinds: Collection[str]) -> str:
    *others, last = (f"'{kind}'" for kind in kinds)
    return f"{', '.join(others)} or {last}" if others else last


def _doubts(entry: Entry, provider: ProviderConfig) -> Iterator[Problem]:
    listed = {name for model in provider.models for name in (model.name, model.alias)}
    if provider.default_model and listed and provider.default_model not in listed:
        message = f"provider `{provider.name}`: its default_model `{provider.default_model}` is not among its models."
        yield entry.problem(message, "default_model", warning=True)
