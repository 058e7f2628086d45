"""One key, with the name under which it may be spoken of."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Key:
    """A secret and its label. Its `repr` shows no more than the label, so that it can stand in a traceback."""

    label: str
    """The name under which it was found; may be shown and logged."""
    secret: str = field(repr=False, default="")
    """The key itself; empty where none is needed."""
    fields: Mapping[str, str] = field(repr=False, default_factory=dict)
    """The parts of a secret that is more than one word, such as an AWS access key with its region."""
