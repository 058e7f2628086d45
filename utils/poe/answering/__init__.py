"""What lies between a model's deltas and the events of an answer: thinking, tool calls, suggested replies.

Knows nothing of providers or of the frames on the wire.
"""

from .presentation import presented
from .suggested_replies import fixed_replies, thought_of_replies
from .way import Reasoning, Way

__all__ = ["Reasoning", "Way", "fixed_replies", "presented", "thought_of_replies"]
