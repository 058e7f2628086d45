"""Changes that say what an entry shall be as a whole: as data, or in its owner's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utils.errors import EditRefused

from .change import KINDS, NAME_KEYS, Data, Section, name_of, number_of
from .differences import differences, is_same
from .entries import with_entry, with_entry_replaced
from .splices import with_value, without_value


@dataclass(frozen=True)
class Revise:
    """The entry of this name says this and nothing else. What it said before already stays as it is written."""

    section: Section
    name: str
    data: Mapping[str, Any]

    def of_text(self, text: str, entries: Data) -> str:
        """The text with every value changed that differs, one by one."""
        number = number_of(entries, self)
        _refuse_taken(entries, self.section, self.data, other_than=number)
        for difference in differences(entries[number], dict(self.data)):
            place = (self.section, number, *difference.location)
            text = without_value(text, place) if difference.is_removal else with_value(text, place, difference.value)
        return text

    def of_data(self, entries: Data) -> Data:
        """The entries with this one as it shall be."""
        number = number_of(entries, self)
        return [*entries[:number], _kept(entries[number], dict(self.data)), *entries[number + 1 :]]


@dataclass(frozen=True)
class Write:
    """An entry as its owner has written it, with comments: one more, or in place of the one called `instead_of`."""

    section: Section
    text: str
    """Its lines, without the dash."""
    data: Mapping[str, Any]
    """What they say."""
    instead_of: str | None = None

    @property
    def name(self) -> str:
        """Which entry is written."""
        return self.instead_of if self.instead_of is not None else name_of(dict(self.data), self.section)

    def of_text(self, text: str, entries: Data) -> str:
        """The text with these lines in it."""
        number = None if self.instead_of is None else number_of(entries, self)
        _refuse_taken(entries, self.section, self.data, other_than=number)
        lines = self.text.replace("\r\n", "\n").strip("\n").split("\n")
        if number is None:
            return with_entry(text, self.section, dict(self.data), lines)
        return with_entry_replaced(text, self.section, number, dict(self.data), lines)

    def of_data(self, entries: Data) -> Data:
        """The entries with this one."""
        if self.instead_of is None:
            return [*entries, dict(self.data)]
        number = number_of(entries, self)
        return [*entries[:number], dict(self.data), *entries[number + 1 :]]


def _refuse_taken(entries: Data, section: Section, data: Mapping[str, Any], other_than: int | None) -> None:
    name = name_of(dict(data), section)
    if not name:
        raise EditRefused(f"`{NAME_KEYS[section]}` is missing.")
    if any(name_of(entry, section) == name for at, entry in enumerate(entries) if at != other_than):
        raise EditRefused(f"there is already a {KINDS[section]} `{name}`.", reason="exists")


def _kept(old: Any, new: Any) -> Any:
    """The new value, with what is the same in the old one as it is there: 60.0 does not become 60."""
    if is_same(old, new):
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _kept(old[key], value) if key in old else value for key, value in new.items()}
    return new
