"""The providers of one file."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from utils.problems import Problem, did_you_mean, short_path

from .checking import check
from .keeping import are_some_unnamed, is_unreadable, name_in, saying_that_it_stays
from .provider_config import KINDS, ProviderConfig
from .yaml_file import Entry, read_entries

_SWITCHED_OFF = "it is switched off (`enabled: false`)"
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)
_SHORTEST_SECRET = 16


class ProviderRegistry(Mapping[str, ProviderConfig]):
    """The enabled providers by name. `problems` says what was left out and why."""

    def __init__(self, providers: Iterable[ProviderConfig] = ()) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._left_out: dict[str, str] = {}
        self._places: dict[str, Entry] = {}
        self.file = "providers.yaml"
        """The file that they stand in."""
        self.was_read = True
        """Whether anything could be read in it."""
        self._problems: list[Problem] = []
        self._mistaken: dict[str, Entry] = {}
        """The entries that cannot be used as they are."""
        self._kept: set[str] = set()

    @classmethod
    def load(
        cls,
        path: Path,
        environ: Mapping[str, str],
        kinds: Collection[str] = KINDS,
        before: "ProviderRegistry | None" = None,
    ) -> "ProviderRegistry":
        """What the file holds. Never raises: a bad entry, or a bad file, is a problem, and the rest is served.

        `kinds` are those that can be served, with what plugins add. An entry that is bad now and was good `before`
        stays as it was; so does everything when the file cannot be read.
        """
        registry = cls()
        entries, problems = read_entries(path, "providers")
        if before and is_unreadable(entries, problems):
            return before._with_problems(saying_that_it_stays(problems))
        registry._problems += problems
        registry.file, registry.was_read = short_path(path), bool(entries)
        for entry in entries:
            registry._take(entry, environ, kinds, before or {})
        some_unnamed = are_some_unnamed(entries, problems, "name")
        for name in before or ():
            if before and registry._is_mistaken(name, some_unnamed=some_unnamed):
                registry.keep(name, before)
        return registry

    @property
    def kept(self) -> frozenset[str]:
        """Those that stay in force as they were, because what the file says of them now cannot be used."""
        return frozenset(self._kept)

    def keep(self, name: str, before: "ProviderRegistry") -> None:
        """Let the provider be as it was before."""
        self._providers[name] = before[name]
        self._left_out.pop(name, None)
        self._kept.add(name)
        if entry := self._mistaken.get(name) or before._places.get(name):
            self._places.setdefault(name, entry)

    def is_switched_off(self, name: str) -> bool:
        """Whether its owner wants it not to be used."""
        return self._left_out.get(name) == _SWITCHED_OFF

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the file."""
        return tuple(self._problems)

    def problem(self, name: str, message: str, *location: str | int) -> Problem:
        """A finding of a later room about this provider, with the line on which its cause stands."""
        place = self._places.get(name)
        message = f"provider `{name}`: {message}"
        return place.problem(message, *location) if place else Problem(message)

    def why_left_out(self, name: str) -> str | None:
        """The reason why a provider that stands in the file is not used, or None when it does not stand there."""
        return self._left_out.get(name)

    @property
    def names_in_file(self) -> tuple[str, ...]:
        """Every provider that stands in the file, whether it can be used or not."""
        return (*self._providers, *self._left_out)

    def _with_problems(self, problems: list[Problem]) -> "ProviderRegistry":
        """The same providers, with what is wrong with the file now."""
        same = ProviderRegistry(self.values())
        same._left_out, same._places, same._problems = self._left_out, self._places, problems
        same.file, same.was_read, same._kept = self.file, self.was_read, set(self)
        return same

    def _is_mistaken(self, name: str, *, some_unnamed: bool) -> bool:
        """Whether the provider is not gone, but its entry mistaken. One without a name may be anybody's."""
        if name in self or self.is_switched_off(name):
            return False
        return name in self._mistaken or some_unnamed

    def _take(self, entry: Entry, environ: Mapping[str, str], kinds: Collection[str], before: Collection[str]) -> None:
        provider, found = check(entry, ProviderConfig, "provider", "name", environ)
        if provider is None:
            self._leave_out(entry, found, "its entry has a mistake", before)
        elif not provider.enabled:
            self._left_out.setdefault(provider.name, _SWITCHED_OFF)
        elif provider.kind not in kinds:
            hint = did_you_mean(provider.kind, kinds)
            message = f"provider `{provider.name}`: `kind` should be {_listing(kinds)}.{hint}"
            self._leave_out(entry, [entry.problem(message, "kind")], "its `kind` is not known", before)
        elif provider.name in self._providers:
            message = f"provider `{provider.name}` stands here twice; the first one is used."
            self._problems.append(entry.problem(message, "name"))
        else:
            self._providers[provider.name] = provider
            self._places[provider.name] = entry
            self._problems += _doubts(entry, provider)

    def _leave_out(self, entry: Entry, found: list[Problem], why: str, before: Collection[str]) -> None:
        if name := name_in(entry, "name"):
            self._left_out.setdefault(name, why)
            self._mistaken.setdefault(name, entry)
        self._problems += saying_that_it_stays(found) if name in before and name not in self else found

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
    for number, model in enumerate(provider.models):
        if meant := _whom_else_it_means(provider, number):
            message = f"provider `{provider.name}`: the alias `{model.alias}` {meant}; give this model another."
            yield entry.problem(message, "models", number, "alias", warning=True)
    for name in provider.headers:
        if _is_secret_in_clear(entry, name):
            message = f"provider `{provider.name}`: `headers.{name}` stands here in clear"
            remedy = "write `${SOME_NAME}` and set that variable, so that no log shows it."
            yield entry.problem(f"{message}; {remedy}", "headers", name, warning=True)


def _is_secret_in_clear(entry: Entry, header: str) -> bool:
    """Whether something that looks like a key is written into the file, which others may read."""
    said = (entry.data.get("headers") or {}).get(header)
    is_written = isinstance(said, str) and "${" not in said and len(said) >= _SHORTEST_SECRET
    return is_written and _SECRET_HEADER.search(header) is not None


def _whom_else_it_means(provider: ProviderConfig, number: int) -> str | None:
    model = provider.models[number]
    others = [other for at, other in enumerate(provider.models) if at != number and other.name != model.name]
    if model.alias is None:
        return None
    if any(other.name == model.alias for other in others):
        return "is the name of another model, which is meant by it"
    first = next((other for other in provider.models[:number] if other.alias == model.alias), None)
    return f"already stands for `{first.name}`, which is meant by it" if first else None
