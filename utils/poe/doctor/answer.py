"""One answer to a query, with all that was seen of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .event_stream import Event


@dataclass
class Answer:
    """What came back, in the order in which it came."""

    status: int
    content_type: str = ""
    events: list[Event] = field(default_factory=list)
    violations: Sequence[str] = ()
    """Where the bytes were no well-formed event stream."""
    seconds_to_first_event: float | None = None
    """None when no event came."""
    body: str = ""
    """The beginning of the body where it was no answer."""

    @property
    def names(self) -> list[str]:
        """The names of the events."""
        return [event.name for event in self.events]

    @property
    def text(self) -> str:
        """What the person reads."""
        said = ""
        for event in self.events:
            words = event.data.get("text")
            if event.name in ("text", "replace_response") and isinstance(words, str):
                said = said + words if event.name == "text" else words
        return said

    @property
    def errors(self) -> list[str]:
        """What its error events say, to the person and to Poe."""
        found = (event.data.get(name) for event in self.events if event.name == "error" for name in _SAID_IN_ERRORS)
        return [said for said in found if isinstance(said, str)]


_SAID_IN_ERRORS = ("text", "raw_response")
