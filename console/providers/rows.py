"""The providers of the file and those that are in force, put side by side."""

from dataclasses import dataclass

from ..entries.doors import Entry, File
from ..entries.faring import why_shut
from ..entries.listing import State
from ..server.cards import Provider, Target


@dataclass(frozen=True)
class Row:
    """One provider. One that is switched off or has a mistake is not in force."""

    name: str
    entry: Entry | None
    provider: Provider | None
    targets: tuple[Target, ...]

    @property
    def address(self) -> str:
        """Where it is asked, or its kind. Without `https://` it is words, and no link."""
        said = self.entry.data if self.entry else {}
        address = str((self.provider and self.provider.address) or said.get("api_base") or "")
        return address.partition("://")[2] or str(said.get("kind") or "")

    @property
    def models(self) -> str:
        """How many of them are listed, in words."""
        count = len(self.provider.models) if self.provider else 0
        return "" if not count else f"{count} model{'s' if count > 1 else ''}"

    @property
    def is_out(self) -> bool:
        """Whether its owner has taken all of it out."""
        return bool(self.targets) and all(target.is_out for target in self.targets)

    @property
    def is_shut(self) -> bool:
        """Whether anything of it is not asked now."""
        return any(target.state != "closed" for target in self.targets)

    @property
    def errors(self) -> list[str]:
        """Why its entry is not in force as it is."""
        return self.entry.errors if self.entry else []

    @property
    def state(self) -> State:
        """How it is."""
        if self.errors:
            word = "its last good version is in force" if self.provider else "has a mistake"
            return State("red", word, self.errors[0])
        if self.provider is None:
            return State("gray", "switched off")
        if self.is_out:
            return State("red", "taken out", why_shut(self.targets[0]))
        if self.provider.why_not_ready:
            return State("orange", "not ready", self.provider.why_not_ready)
        if self.is_shut:
            return State("orange", "not asked for now", why_shut(self.targets[0]) if len(self.targets) == 1 else "")
        return State("green", "ready")


def rows_of(providers: list[Provider], file: File | None, targets: list[Target]) -> list[Row]:
    """Those of the file, in its order."""
    known = {provider.name: provider for provider in providers}
    entries = {entry.name: entry for entry in file.entries} if file else {}
    return [
        Row(name, entries.get(name), known.get(name), tuple(each for each in targets if each.provider == name))
        for name in dict.fromkeys([*entries, *known])
    ]
