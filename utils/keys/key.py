"""One key, with the name under which it may be spoken of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Key:
    """A secret and its label. Its `repr` shows no more than the label, so that it can stand in a traceback."""

    label: str
    """The name under which it was found; may be shown and logged."""
    secret: str = field(repr=False, default="")
    """The key itself; empty where none is needed, and where it has parts of which none is called `api_key`."""
    fields: Mapping[str, str] = field(repr=False, default_factory=dict)
    """The parts of a secret that is more than one word, such as an AWS access key with its region."""
    malformed: str | None = None
    """What is wrong with the value, as a short sentence without the value; None when nothing is."""

    @property
    def can_be_sent(self) -> bool:
        """Whether it holds only characters that a header can hold."""
        return all(part.isascii() and part.isprintable() for part in (self.secret, *self.fields.values()))


def key_of(label: str, value: str) -> Key:
    """The key that a value means. One that begins with `{` is a JSON object of texts: the parts of a secret."""
    if not value.startswith("{"):
        return Key(label, value)
    fields = fields_of(value)
    if not fields:
        return Key(label, malformed=f"{label} begins with a brace, but is no JSON object of texts")
    return Key(label, fields.get("api_key", ""), fields)


def fields_of(value: str) -> Mapping[str, str]:
    """The parts of a value that is a JSON object of texts; nothing when it is none."""
    try:
        parts = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parts, dict) or not all(isinstance(part, str) for part in parts.values()):
        return {}
    return {name: part.strip() for name, part in parts.items() if part.strip()}
