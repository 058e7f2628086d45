"""What lies between a model's deltas and the events of an answer: thinking, tool calls, suggested replies.

Knows nothing of providers or of the frames on the wire.
"""

from .presentation import Showing, Shown, added_to, event_of, presented
from .suggested_replies import fixed_replies, thought_of_replies
from .way import Reasoning, Way

__all__ = [
    "Reasoning",
    "Showing",
    "Shown",
    "Way",
    "added_to",
    "event_of",
    "fixed_replies",
    "presented",
    "thought_of_replies",
]
