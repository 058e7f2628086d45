"""The changes that there are: of each, what it does to the text, and what the data must be afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from utils.errors import EditRefused
from utils.problems import did_you_mean

from ..yaml_file import Location
from .entries import with_entry, with_entry_replaced, without_entry
from .splices import with_value, without_value

Section = Literal["providers", "bots"]
Data = list[dict[str, Any]]
"""The entries of a file."""

NAME_KEYS: Mapping[str, str] = {"providers": "name", "bots": "bot_name"}
KINDS: Mapping[str, str] = {"providers": "provider", "bots": "bot"}


class Change(Protocol):
    """One change of one file."""

    @property
    def section(self) -> Section:
        """Which list it changes."""
        ...

    @property
    def name(self) -> str:
        """Which entry it changes."""
        ...

    def of_text(self, text: str, entries: Data) -> str:
        """The changed text. Raises `EditRefused` when it cannot be made."""
        ...

    def of_data(self, entries: Data) -> Data:
        """The changed entries; what the changed text has to be read as."""
        ...


@dataclass(frozen=True)
class Add:
    """One more entry; with `replace`, in place of the one that has its name."""

    section: Section
    data: Mapping[str, Any]
    replace: bool = False

    @property
    def name(self) -> str:
        """The name of the new entry."""
        return str(self.data[NAME_KEYS[self.section]])

    def of_text(self, text: str, entries: Data) -> str:
        """The text with the entry at the end, or in place of the old one."""
        number = _number(entries, self)
        if number is None:
            return with_entry(text, self.section, dict(self.data))
        if not self.replace:
            raise EditRefused(f"there is already a {KINDS[self.section]} `{self.name}`.", reason="exists")
        return with_entry_replaced(text, self.section, number, dict(self.data))

    def of_data(self, entries: Data) -> Data:
        """The entries with this one."""
        number = _number(entries, self)
        if number is None:
            return [*entries, dict(self.data)]
        return [*entries[:number], dict(self.data), *entries[number + 1 :]]


@dataclass(frozen=True)
class Remove:
    """An entry less. With `force`, also one that bots need."""

    section: Section
    name: str
    force: bool = False

    def of_text(self, text: str, entries: Data) -> str:
        """The text without the entry and its comment."""
        return without_entry(text, self.section, number_of(entries, self))

    def of_data(self, entries: Data) -> Data:
        """The entries without this one."""
        number = number_of(entries, self)
        return entries[:number] + entries[number + 1 :]


@dataclass(frozen=True)
class SetField:
    """A field, however deep, has this value."""

    section: Section
    name: str
    field: Location
    value: Any

    def of_text(self, text: str, entries: Data) -> str:
        """The text with the value; what leads to it is made where it is missing."""
        return with_value(text, (self.section, number_of(entries, self), *self.field), self.value)

    def of_data(self, entries: Data) -> Data:
        """The entries with the value."""
        number = number_of(entries, self)
        return [*entries[:number], _with(entries[number], self.field, self.value), *entries[number + 1 :]]


@dataclass(frozen=True)
class UnsetField:
    """A field, or an element of a list, is there no more."""

    section: Section
    name: str
    field: Location

    def of_text(self, text: str, entries: Data) -> str:
        """The text without the field."""
        return without_value(text, (self.section, number_of(entries, self), *self.field))

    def of_data(self, entries: Data) -> Data:
        """The entries without the field."""
        number = number_of(entries, self)
        return [*entries[:number], _without(entries[number], self.field), *entries[number + 1 :]]


def number_of(entries: Data, change: Change) -> int:
    """Which entry has the name. Raises `EditRefused` where there is none."""
    number = _number(entries, change)
    if number is None:
        known = [name_of(entry, change.section) for entry in entries]
        kind = KINDS[change.section]
        raise EditRefused(f"there is no {kind} `{change.name}`.{did_you_mean(change.name, known)}", reason="missing")
    return number


def name_of(entry: Any, section: Section) -> str:
    """The name of an entry; empty where it has none."""
    return str(entry.get(NAME_KEYS[section], "")) if isinstance(entry, dict) else ""


def _number(entries: Data, change: Change) -> int | None:
    numbers = [at for at, entry in enumerate(entries) if name_of(entry, change.section) == change.name]
    if len(numbers) > 1:
        kind = KINDS[change.section]
        raise EditRefused(f"{kind} `{change.name}` stands in the file twice; remove one of them by hand.")
    return numbers[0] if numbers else None


def _with(place: Any, field: Location, value: Any) -> Any:
    if not field:
        return value
    step, *rest = field
    if isinstance(step, int) and (isinstance(place, list) or place is None):
        elements = list(place or [])
        inner = _with(elements[step] if step < len(elements) else None, tuple(rest), value)
        return [*elements[:step], inner, *elements[step + 1 :]]
    known = place if isinstance(place, dict) else {}
    return {**known, str(step): _with(known.get(str(step)), tuple(rest), value)}


def _without(place: Any, field: Location) -> Any:
    step, *rest = field
    if rest:
        return _with(place, (step,), _without(place[step if isinstance(place, list) else str(step)], tuple(rest)))
    if isinstance(place, list):
        return [*place[: int(step)], *place[int(step) + 1 :]]
    return {key: inner for key, inner in place.items() if key != str(step)}
