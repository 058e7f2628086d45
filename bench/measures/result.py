"""What a measure gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..field import Field

Advance = Callable[[], None]
"""Called at each step, for the bar that shows how far it is."""


@dataclass(frozen=True)
class Row:
    """One contender: a number for each column."""

    name: str
    columns: Mapping[str, float | None]


@dataclass(frozen=True)
class Result:
    """The figures that are held against the goals, and the rows that they come from."""

    title: str
    rows: Sequence[Row]
    figures: Mapping[str, float] = field(default_factory=dict)
    """By the names of the goals. Those that could not be measured are not there."""
    remark: str = ""


class Measure(Protocol):
    """One thing that is measured."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def steps(self) -> int:
        """How many times `run` advances."""
        ...

    def run(self, field: Field, advance: Advance) -> Result:
        """Measure it."""
        ...
