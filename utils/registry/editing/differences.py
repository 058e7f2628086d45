"""What has to be changed in one value to make it another, as few and as small changes as there can be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..yaml_file import Location


@dataclass(frozen=True)
class Difference:
    """A place that gets a value, or, without one, is taken out."""

    location: Location
    value: Any = None
    is_removal: bool = False


def is_same(one: Any, other: Any) -> bool:
    """Whether both say the same. To a program in a browser 60.0 is 60; a switch is no number anywhere."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    is_alike = isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
    return is_alike or (one != one and other != other)  # a NaN is not itself


def differences(old: Any, new: Any, location: Location = ()) -> Iterator[Difference]:
    """The changes, to be made one after the other."""
    if is_same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_mappings(old, new, location)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, location)
    else:
        yield Difference(location, new)


def _of_mappings(old: dict[str, Any], new: dict[str, Any], location: Location) -> Iterator[Difference]:
    for key, value in new.items():
        yield from (
            differences(old[key], value, (*location, key)) if key in old else [Difference((*location, key), value)]
        )
    yield from (Difference((*location, key), is_removal=True) for key in old if key not in new)


def _of_lists(old: list[Any], new: list[Any], location: Location) -> Iterator[Difference]:
    first, last = _same_at_both_ends(old, new)
    more = len(new) - len(old)
    if not old or not new or (more > 0 and last):
        yield Difference(location, new)  # nothing can be put between two elements
        return
    both = min(len(old), len(new)) - first - last
    for at in range(first, first + both):
        yield from differences(old[at], new[at], (*location, at))
    yield from (Difference((*location, at), new[at]) for at in range(len(old), len(new)))
    yield from (Difference((*location, at), is_removal=True) for at in reversed(range(first + both, len(old) - last)))


def _same_at_both_ends(old: list[Any], new: list[Any]) -> tuple[int, int]:
    shorter, first, last = min(len(old), len(new)), 0, 0
    while first < shorter and is_same(old[first], new[first]):
        first += 1
    while last < shorter - first and is_same(old[-1 - last], new[-1 - last]):
        last += 1
    return first, last
