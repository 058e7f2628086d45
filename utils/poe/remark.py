"""What is said about an answer after it was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Remark:
    """A person's like or reaction, or an error that Poe had with an answer."""

    kind: Literal["feedback", "reaction", "error"]
    said: str
    """Which feedback or reaction it is, or the text of the error."""
    message_id: str = ""
    conversation_id: str = ""
    user_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What Poe adds to an error."""
