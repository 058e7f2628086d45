"""/chat: one question, one answer, for people with curl. The conversation is kept on this side."""

from .door import chat_door
from .keeping import Keeping

__all__ = ["Keeping", "chat_door"]
